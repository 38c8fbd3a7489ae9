"""Renders cuts of one or several videos into a finished short."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from core import __version__
from core.errors import Cancelled, ExportError, MediaError, UsageError
from core.export.captions.caption import Captions
from core.export.clip import Clip
from core.export.encoders import EncoderChoice, chosen_encoder, is_hardware_failure
from core.export.encoding import Encoding
from core.export.ffmpeg import ffmpeg_program, require_space
from core.export.film import Film, copy_film, render_film
from core.export.finish import join
from core.export.framing import Framing, frame_pictures
from core.export.look import Look
from core.export.plan import Plan, plan_export
from core.export.preview import write_preview
from core.export.shortfalls import (
    encoder_shortfalls,
    lettering_shortfalls,
    sound_shortfalls,
)
from core.export.sound.music import music_source
from core.export.stage import prepare_stage
from core.export.target import PREVIEW_SUFFIXES, already_exists, check_output, work_folder
from core.export.ways import Way, pick_way
from core.media.fingerprint import fingerprint
from core.media.probe import MediaInfo

_PREPARED, _PREVIEW_FILMED, _FILMED, _JOINING = 0.05, 0.85, 0.97, 0.03


@dataclass(frozen=True)
class ExportSettings:
    """What is written.

    Attributes:
        look: How the short looks and sounds.
        encoding: How the file is written.
        overwrite: Whether an existing file may be replaced.
    """

    look: Look = field(default_factory=Look)
    encoding: Encoding = field(default_factory=Encoding)
    overwrite: bool = False


@dataclass(frozen=True)
class Export:
    """A finished short.

    Attributes:
        path: The file.
        duration: Length of its pictures and its sound in seconds.
        width: Width in pixels.
        height: Height in pixels.
        frame_rate: Frames per second, constant.
        frames: Number of frames.
        size_bytes: Size of the file.
        way: In which way its pictures were written, and why.
        notices: What was changed that somebody may want to know, a sentence each.
        loudness: Integrated loudness of its sound in LUFS; None if there is none, it is silent
            or shorter than 0.4 s, or no loudness was asked for.
        peak: True peak of its sound in dBTP; None likewise.
        captions: What is said in it, in its own time, whether it was drawn or not.
    """

    path: Path
    duration: Fraction
    width: int
    height: int
    frame_rate: Fraction
    frames: int
    size_bytes: int
    way: Way
    notices: tuple[str, ...] = ()
    loudness: float | None = None
    peak: float | None = None
    captions: Captions = ()


def export_short(
    clips: Sequence[Clip],
    output: Path,
    settings: ExportSettings | None = None,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Export:
    """Writes clips of any videos, one after the other, as one film or preview.

    The pictures of each clip are rendered by a child process of its own into a hidden folder beside
    the output, so that memory and open files do not grow with the number of clips. Those that
    continue one another become one. Pictures and sound of a clip get exactly the same length. Where
    a source has no sound, the short is silent; it always has a sound track, which platforms expect,
    unless it is a preview (GIF, WebP). Clips that begin before the first picture show it earlier;
    clips that reach over the end of their video are shortened.

    The short has the constant frame rate that most of its length has: most of what is seen moves
    exactly as it was recorded. Clips of another rate keep their pace; their frames are repeated or
    left out evenly. Every source keeps its own proportions and colours; what is brighter than
    BT.709 can be is mapped to it.

    Args:
        clips: Stretches of videos in playing order; one video may come any number of times.
        output: The file to write, mp4, m4v, mov, gif or webp.
        settings: How it looks and is written.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked about every 50 ms; true stops the export and removes all its traces.

    Raises:
        UsageError: There are no clips, one lies outside its video, a setting is not possible, or
            the short cannot be written in the way that is asked for.
        MediaError: A source is not there or not readable any more.
        ExportError: The short cannot be rendered or saved.
        Cancelled: ``cancelled()`` returned true.
    """
    settings = settings or ExportSettings()
    output = Path(output)
    if not clips:
        raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
    encoder = chosen_encoder(settings.encoding)
    try:
        return _export(clips, output, settings, encoder, progress, cancelled)
    except ExportError as error:
        if not encoder.hardware or not is_hardware_failure(error):
            raise
    encoding = replace(settings.encoding, hardware=False)
    settings = replace(settings, encoding=encoding)
    made = _export(clips, output, settings, chosen_encoder(encoding), progress, cancelled)
    failed = f"The encoder {encoder.name} of this machine failed; the software encoder was used."
    return replace(made, notices=(*made.notices, failed))


def _export(
    clips: Sequence[Clip],
    output: Path,
    settings: ExportSettings,
    encoder: EncoderChoice,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Export:
    look, encoding = settings.look, settings.encoding
    sources = list(dict.fromkeys(clip.info for clip in clips))
    framings = dict(
        zip(
            sources,
            frame_pictures(
                [media.video for media in sources], look.aspect, encoding.height, look.layout
            ),
            strict=True,
        )
    )
    check_output(output, [media.path for media in sources], settings.overwrite)
    watched = [media.path for media in sources] + ([look.music] if look.music else [])
    identities = {path: _identity(path) for path in watched}
    progress(0.0, "Reading the cuts")
    if look.music is not None:
        music_source(look.music)
    way = pick_way(clips, look, encoding)
    # What is copied keeps its own frames, and looking at all of them would take longer than that.
    plan = None if way.name == "lossless" else plan_export(clips, look, encoding, cancelled)
    require_space(
        output.parent,
        _least_copied(clips) if plan is None else _least_bytes(plan, framings[sources[0]]),
    )
    contents = [fingerprint(path) for path in dict.fromkeys(watched)]
    key = repr((_writer(), list(clips), look, encoding, encoder.name, contents))
    with work_folder(output, key) as folder:
        try:
            work = _Export(
                clips, plan, way, framings, settings, folder, output, progress, cancelled
            )
            finished, export = work.run()
        except (ExportError, MediaError) as error:
            for path, identity in identities.items():
                if _identity(path) != identity:
                    raise ExportError(
                        "the video disappeared or was changed during the export",
                        path=path,
                        remedy="Connect its disk again, or open the video anew.",
                    ) from error
            raise
        if cancelled():
            raise Cancelled
        if output.exists() and not settings.overwrite:
            raise already_exists(output)
        os.replace(finished, output)
    progress(1.0, "Done")
    return export


def _writer() -> tuple[object, ...]:
    """What writes the parts: those of another one do not fit to its own."""
    program = Path(ffmpeg_program())
    return __version__, program, _identity(program)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _least_bytes(plan: Plan, framing: Framing) -> int:
    """Bytes that even a quiet picture needs, twice: as parts and as the finished file."""
    pictures = plan.frames * framing.width * framing.height // 400
    return 2 * pictures + int(plan.duration * 2 * 16_000) + 4_000_000


def _least_copied(clips: Sequence[Clip]) -> int:
    """Bytes of two copies, were the clips half as large as their videos are on the whole."""
    shares = (
        min(Fraction(1), clip.span.duration / clip.info.duration) * _size(clip.info.path)
        for clip in clips
    )
    return int(sum(shares)) + 4_000_000


def _size(path: Path) -> int:
    identity = _identity(path)
    return identity[0] if identity else 0


@dataclass(frozen=True)
class _Export:
    """One export, from its plan to the file that is handed over."""

    clips: Sequence[Clip]
    plan: Plan | None
    way: Way
    framings: Mapping[MediaInfo, Framing]
    settings: ExportSettings
    folder: Path
    output: Path
    progress: Callable[[float, str], None]
    cancelled: Callable[[], bool]

    def run(self) -> tuple[Path, Export]:
        """The finished file in the work folder, and what there is to say of it."""
        preview = self.output.suffix.lower() in PREVIEW_SUFFIXES
        joined = _PREVIEW_FILMED if preview else _FILMED
        film = self._film(not preview, _share(self.progress, 0.0, joined))
        sound = film.sound
        finished = join(
            film.pictures,
            sound.path if sound else None,
            f"short{'.mp4' if preview else self.output.suffix.lower()}",
            title=self.settings.look.title,
            hevc=self._is_hevc(),
            frames=film.frames,
            target=self.output,
            progress=_share(self.progress, joined, joined + _JOINING),
            cancelled=self.cancelled,
        )
        if preview:
            film_file, finished = finished, self.folder / f"preview{self.output.suffix.lower()}"
            write_preview(
                film_file,
                finished,
                target=self.output,
                progress=_share(self.progress, joined + _JOINING, 1.0),
                cancelled=self.cancelled,
            )
        first = self.clips[0].info
        framing = self.framings[first]
        shown = first.video if self.way.name == "lossless" else framing
        return finished, Export(
            path=self.output,
            duration=film.duration,
            width=shown.width,
            height=shown.height,
            frame_rate=film.frame_rate,
            frames=film.frames,
            size_bytes=finished.stat().st_size,
            way=self.way,
            notices=tuple(self._shortfalls(film)),
            loudness=sound.loudness if sound else None,
            peak=sound.peak if sound else None,
            captions=film.captions,
        )

    def _shortfalls(self, film: Film) -> Iterator[str]:
        """What was changed, or asked for and not to be had."""
        look, encoding = self.settings.look, self.settings.encoding
        if self.way.name != "lossless":
            yield from _notices(self.framings)
            yield from encoder_shortfalls(encoding)
            yield from lettering_shortfalls(look, film.captions)
        yield from sound_shortfalls(encoding, film.sound)

    def _film(self, sounds: bool, progress: Callable[[float, str], None]) -> Film:
        look, encoding = self.settings.look, self.settings.encoding
        if self.plan is None:
            return copy_film(
                self.clips,
                look,
                encoding,
                self.folder,
                self.output,
                sounds=sounds,
                progress=progress,
                cancelled=self.cancelled,
            )
        stage = prepare_stage(
            self.plan,
            look,
            encoding,
            self.framings,
            self.folder,
            progress=_share(progress, 0.0, _PREPARED),
            cancelled=self.cancelled,
        )
        return render_film(
            self.plan,
            stage,
            self.folder,
            self.output,
            sounds=sounds,
            progress=_share(progress, _PREPARED, 1.0),
            cancelled=self.cancelled,
        )

    def _is_hevc(self) -> bool:
        if self.way.name == "lossless":
            return self.clips[0].info.video.codec == "hevc"
        return self.settings.encoding.codec == "hevc"


def _share(
    progress: Callable[[float, str], None], begin: float, end: float
) -> Callable[[float, str], None]:
    return lambda done, message: progress(begin + (end - begin) * done, message)


def _notices(sources: Iterable[MediaInfo]) -> Iterator[str]:
    """What was changed in the pictures that their owner may want to know."""
    for media in sources:
        if media.video.is_hdr:
            yield (
                f"{media.path.name} has a high dynamic range; it was brought to the standard range."
            )
        if media.video.interlaced:
            yield f"{media.path.name} is interlaced; each picture was made whole from its fields."
