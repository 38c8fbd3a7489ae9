"""What jobs do for exports: the queue on disk, the short that is its turn, and what to expect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.analysis.analysis import Analysis
from core.errors import Cancelled, EmotionShortFormError, UsageError
from core.export import foresight
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.foresight import Foresight
from core.export.interchange.writing import HandOff
from core.export.presets import PRESETS, Preset
from core.export.render import Export
from core.export.target import PREVIEW_SUFFIXES, already_exists
from core.media.probe import MediaInfo
from core.project.document import Project
from core.project.export_queue import ExportQueue, RunningExport
from core.project.queued_export import ExportState, QueuedExport
from core.project.short import clips_of
from core.time import format_timecode
from desktop.jobs.job import JobControls, Work, unexpected
from desktop.jobs.warm_up import load_libraries


def caption_file(output: Path, kind: str) -> Path:
    """Where the captions of a short go."""
    return output.with_suffix(f".{kind}")


def change_queue(change: Callable[[ExportQueue], None]) -> Work:
    """Changes the queue; the result is what is in it afterwards."""

    def work(controls: JobControls) -> list[QueuedExport]:
        queue = ExportQueue()
        change(queue)
        return queue.exports()

    return work


@dataclass(frozen=True)
class Written:
    """An export of the queue that is done; ``made`` is what was written."""

    export: QueuedExport
    made: Export


def write_next(wanted: Collection[str]) -> Work:
    """Writes the first of some exports that waits; the result is None if none of them does.

    The only update is the export that was taken on. If the work is stopped without somebody having
    cancelled that export, it waits again.

    Args:
        wanted: Identifiers of exports.
    """

    def work(controls: JobControls) -> Written | None:
        load_libraries(controls)
        running = ExportQueue().take(wanted)
        if running is None:
            return None
        controls.update(running.export)
        try:
            made = _write(running, controls)
        except Cancelled:
            cancelled = running.cancel_wished()
            running.end(ExportState.CANCELLED if cancelled else ExportState.WAITING)
            raise
        except EmotionShortFormError as error:
            running.end(ExportState.FAILED, str(error))
            raise
        except Exception as error:
            running.end(ExportState.FAILED, unexpected(error))
            raise
        size = f"{made.size_bytes / 1e6:.1f} MB"
        picture = f"{made.width} × {made.height}"
        length = format_timecode(made.duration)
        running.end(ExportState.DONE, f"{length} · {picture} · {size}")
        return Written(running.export, made)

    return work


def _write(running: RunningExport, controls: JobControls) -> Export:
    from core.export.captions.files import write_captions
    from core.export.render import export_short

    export = running.export

    def cancelled() -> bool:
        return controls.cancelled() or running.cancel_wished()

    beside = caption_file(export.output, export.sidecar) if export.sidecar else None
    if beside is not None and beside.exists() and not export.overwrite:
        raise already_exists(beside)
    made = export_short(
        export.clips(cancelled=cancelled),
        export.output,
        export.settings,
        progress=controls.progress,
        cancelled=cancelled,
    )
    if beside is not None:
        write_captions(made.captions, beside)
    return made


@dataclass(frozen=True)
class Wanted:
    """What is chosen on the page of the export.

    Attributes:
        project: The project.
        infos: Its videos that are at hand, by identifier.
        encodings: How each chosen preset is written, by its name.
        folder: Where the files go.
        stem: How their names begin.
        captions: Kind of the caption file beside them; empty for none.
        taken: Files that exports of the queue are going to write.
    """

    project: Project
    infos: Mapping[str, MediaInfo]
    encodings: Mapping[str, Encoding]
    folder: Path
    stem: str
    captions: str = ""
    taken: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class Foreseen:
    """What is to be expected of one preset.

    Attributes:
        output: The file that would be written.
        free: The same name, or with a number where that one is taken.
        expected: What it would be like.
    """

    output: Path
    free: Path
    expected: Foresight


def foresee(wanted: Wanted) -> Work:
    """Finds out what is to be expected of the chosen presets; the result has their names."""

    def work(controls: JobControls) -> dict[str, Foreseen]:
        if not wanted.folder.is_dir():
            raise UsageError(
                "the folder does not exist", path=wanted.folder, remedy="Choose another one."
            )
        clips = clips_of(wanted.project, wanted.infos)
        return {
            name: _foreseen(PRESETS[name], clips, encoding, wanted, controls)
            for name, encoding in wanted.encodings.items()
        }

    return work


def _foreseen(
    preset: Preset,
    clips: Sequence[Clip],
    encoding: Encoding,
    wanted: Wanted,
    controls: JobControls,
) -> Foreseen:
    output = wanted.folder / f"{wanted.stem}-{preset.name}{preset.suffix}"
    kind = "" if preset.suffix in PREVIEW_SUFFIXES else wanted.captions
    look = preset.settings(wanted.project.wishes.look).look
    expected = foresight.foresee(
        clips, look, encoding, preset.suffix, preset.limits, controls.cancelled
    )
    return Foreseen(output, free_name(output, kind, wanted.taken), expected)


def free_name(output: Path, captions: str, taken: Collection[Path]) -> Path:
    """A name that nothing has yet, with a number if need be.

    Args:
        output: The name that is wanted.
        captions: Kind of the caption file beside it, whose name has to be free as well; or empty.
        taken: Names that are going to be used.
    """

    def is_taken(path: Path) -> bool:
        beside = caption_file(path, captions) if captions else path
        return path in taken or path.exists() or beside.exists()

    free, number = output, 2
    while is_taken(free):
        free = output.with_name(f"{output.stem}-{number}{output.suffix}")
        number += 1
    return free


def find_encoder(codec: str) -> Work:
    """Looks for an encoder of this machine's own, by trying it."""

    def work(controls: JobControls) -> object:
        from core.export.encoders import chosen_encoder

        return chosen_encoder(Encoding(codec="hevc" if codec == "hevc" else "h264", hardware=True))

    return work


def hand_over(
    project: Project,
    infos: Mapping[str, MediaInfo],
    analyses: Mapping[str, Analysis],
    path: Path,
    ending: str,
) -> Work:
    """Writes the short for another editor, under a name that is free.

    Args:
        project: The project.
        infos: Its videos that are at hand, by identifier.
        analyses: What was measured of them.
        path: The file, without its ending.
        ending: One of :data:`core.export.interchange.writing.KINDS`.
    """

    def work(controls: JobControls) -> HandOff:
        from core.export.interchange.writing import write_timeline
        from core.project.hand_off import hand_off_project

        timeline = hand_off_project(path.name, project, infos, analyses, controls.cancelled)
        file, number = path.with_name(path.name + ending), 2
        while file.exists():
            file = path.with_name(f"{path.name}-{number}{ending}")
            number += 1
        return write_timeline(timeline, file)

    return work
