"""What jobs do for exports: the queue on disk, the short that is its turn, and what to expect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from core.analysis.analysis import Analysis
from core.errors import Cancelled, EmotionShortFormError, ProjectError, UsageError
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.estimate import Estimate, estimate, estimate_preview
from core.export.framing import frame_pictures
from core.export.interchange.writing import HandOff
from core.export.limits import check_plan
from core.export.look import Look
from core.export.plan import Plan, plan_short
from core.export.presets import PRESETS, Preset
from core.export.render import Export
from core.export.target import PREVIEW_SUFFIXES, already_exists
from core.export.ways import pick_way
from core.media.probe import MediaInfo
from core.project.document import Project
from core.project.export_queue import ExportQueue, RunningExport
from core.project.queued_export import ExportState, QueuedExport
from core.project.short import clips_of
from core.time import format_timecode
from desktop.jobs.job import JobControls, Work, unexpected
from desktop.jobs.warm_up import load_libraries

_COPIED_SECONDS = 2.0


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
        duration: Length of the short in seconds.
        guess: Size and time; None if it cannot be written.
        way: In which way its pictures would be written; empty if it cannot be written.
        warnings: Where it goes beyond what is accepted, a sentence each.
        refusal: Why it cannot be written; empty if it can.
    """

    output: Path
    free: Path
    duration: Fraction
    guess: Estimate | None
    way: str
    warnings: tuple[str, ...]
    refusal: str


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
    free = free_name(output, kind, wanted.taken)
    look = preset.settings(wanted.project.wishes.look).look
    plan = _planned(clips, look, encoding, controls.cancelled)
    videos = [media.video for media in dict.fromkeys(clip.info for clip in clips)]
    [framing, *_] = frame_pictures(videos, look.aspect, encoding.height, look.layout)
    size = framing.width, framing.height
    warnings = check_plan(
        preset.limits,
        duration=plan.duration,
        size=size,
        frame_rate=plan.frame_rate,
        encoding=encoding,
        suffix=preset.suffix,
    )
    try:
        way = pick_way(clips, look, encoding).name
    except UsageError as error:
        return Foreseen(output, free, plan.duration, None, "", tuple(warnings), str(error))
    guess = estimate(plan.duration, size, plan.frame_rate, encoding)
    if preset.suffix in PREVIEW_SUFFIXES:
        made_of_it = estimate_preview(plan.duration, size, plan.frame_rate, preset.suffix)
        guess = Estimate(
            made_of_it.bytes,
            made_of_it.fewest_bytes,
            made_of_it.most_bytes,
            guess.seconds + made_of_it.seconds,
        )
    elif way == "lossless":
        guess = _copied(clips)
    return Foreseen(output, free, plan.duration, guess, way, tuple(warnings), "")


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


def _planned(
    clips: Sequence[Clip], look: Look, encoding: Encoding, cancelled: Callable[[], bool]
) -> Plan:
    seconds = Fraction(look.card_seconds)
    return plan_short(
        clips,
        cancelled,
        highest=encoding.frame_rate,
        opening=seconds if look.opening_card.strip() else Fraction(0),
        closing=seconds if look.end_card.strip() else Fraction(0),
    )


def _copied(clips: Sequence[Clip]) -> Estimate:
    """What is copied keeps the size that it has in its video."""
    try:
        size = sum(
            clip.info.path.stat().st_size * float(clip.span.duration / clip.info.duration)
            for clip in clips
        )
    except OSError as error:
        raise ProjectError("a video of the short is missing") from error
    return Estimate(round(size), round(size / 2), round(size * 2), _COPIED_SECONDS)


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
