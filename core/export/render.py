"""Renders cuts of a video into a finished short."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error

from core.errors import Cancelled, ExportError, MediaError, UsageError
from core.export.ffmpeg import (
    Command,
    export_error,
    os_export_error,
    require_space,
    run_ffmpeg,
)
from core.export.framing import ASPECTS, Aspect, Framing, frame_picture
from core.export.graph import (
    SAMPLE_RATE,
    colour_matrix,
    part_inputs,
    picture_filters,
    seconds_word,
    sound_filters,
    video_codec,
)
from core.export.plan import Plan, plan_short
from core.export.titles import render_title
from core.media.probe import MediaInfo, open_media
from core.time import Span

SUFFIXES = (".mp4", ".m4v", ".mov")
"""Kinds of files that can be written."""

_BYTES_PER_SAMPLE = 4
_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower")


@dataclass(frozen=True)
class ExportSettings:
    """How a short looks and is written.

    Attributes:
        aspect: Shape of the picture; all but ``source`` show its middle.
        title: Text that is shown over the begin, or nothing.
        title_seconds: How long the title is shown, in seconds.
        height: Height of the picture in pixels instead of the usual one for the aspect.
        crf: Constant rate factor of x264: 0 is lossless, 51 the worst.
        preset: Speed of x264, ``ultrafast`` to ``slower``.
        overwrite: Whether an existing file may be replaced.

    Raises:
        UsageError: A value is not possible.
    """

    aspect: Aspect = "source"
    title: str = ""
    title_seconds: float = 3.0
    height: int | None = None
    crf: int = 20
    preset: str = "veryfast"
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.aspect not in ASPECTS:
            raise UsageError(
                f"'{self.aspect}' is not a shape of the picture",
                remedy=f"Choose one of {', '.join(ASPECTS)}.",
            )
        if not 0 <= self.crf <= 51:
            raise UsageError(f"a rate factor of {self.crf} is not possible", remedy="Use 0 to 51.")
        if self.preset not in _PRESETS:
            raise UsageError(
                f"'{self.preset}' is not a preset", remedy=f"Choose one of {', '.join(_PRESETS)}."
            )
        if not 0.5 <= self.title_seconds <= 60:
            raise UsageError(
                f"a title of {self.title_seconds:g} s is not possible", remedy="Use 0.5 to 60 s."
            )


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
    """

    path: Path
    duration: Fraction
    width: int
    height: int
    frame_rate: Fraction
    frames: int
    size_bytes: int


def export_short(
    media: MediaInfo,
    cuts: Sequence[Span],
    output: Path,
    settings: ExportSettings | None = None,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Export:
    """Writes the cuts, one after the other, as one H.264 file with AAC sound.

    Each cut is rendered by a child process of its own into a hidden folder beside the output, so
    that memory and open files do not grow with the number of cuts. Pictures and sound of a cut get
    exactly the same length; what lies between two cuts in the sound is faded for 8 ms against
    clicks. A source without sound gives a short with a silent sound track, which platforms expect.
    Cuts that begin before the first picture show it earlier; cuts that reach over the end of the
    video are shortened.

    Args:
        media: The source.
        cuts: Stretches of the media time axis in playing order, in seconds.
        output: The file to write, mp4, m4v or mov.
        settings: How it looks.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked about every 50 ms; true stops the export and removes all its traces.

    Raises:
        UsageError: There are no cuts, one lies outside the video, or a setting is not possible.
        MediaError: The source is not there or not readable any more.
        ExportError: The short cannot be rendered or saved.
        Cancelled: ``cancelled()`` returned true.
    """
    settings = settings or ExportSettings()
    output = Path(output)
    framing = frame_picture(media.video, settings.aspect, settings.height)
    if not cuts:
        raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
    check_output(output, media.path, settings.overwrite)
    source = _identity(media.path)
    progress(0.0, "Reading the cuts")
    plan = plan_short(media, cuts, cancelled)
    require_space(output.parent, _least_bytes(plan, framing))
    with _work_folder(output) as folder:
        try:
            finished = _render(media, plan, framing, folder, output, settings, progress, cancelled)
        except ExportError as error:
            if _identity(media.path) != source:
                raise ExportError(
                    "the video disappeared or was changed during the export",
                    path=media.path,
                    remedy="Connect its disk again, or open the video anew.",
                ) from error
            raise
        size = finished.stat().st_size
        if cancelled():
            raise Cancelled
        if output.exists() and not settings.overwrite:
            raise _exists(output)
        os.replace(finished, output)
    progress(1.0, "Done")
    return Export(
        path=output,
        duration=plan.duration,
        width=framing.width,
        height=framing.height,
        frame_rate=plan.frame_rate,
        frames=plan.frames,
        size_bytes=size,
    )


def check_output(output: Path, source: Path, overwrite: bool) -> None:
    """Refuses a file that cannot or must not be written.

    Raises:
        UsageError: Its name ends in something else than mp4, m4v or mov.
        ExportError: The folder is missing, or the file exists, or is the source itself.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"shorts are not written as '{output.suffix}'",
            path=output,
            remedy=f"Choose a name that ends in {', '.join(SUFFIXES)}.",
        )
    if not output.parent.is_dir():
        raise ExportError(
            "the folder does not exist",
            path=output.parent,
            remedy="Create it or choose another one.",
        )
    if not output.exists():
        return
    if output.is_dir():
        raise ExportError("this is a folder", path=output, remedy="Choose another name.")
    if source.exists() and output.samefile(source):
        raise ExportError(
            "the short would replace its own source", path=output, remedy="Choose another name."
        )
    if not overwrite:
        raise _exists(output)


def _exists(output: Path) -> ExportError:
    return ExportError(
        "there is already a file of this name",
        path=output,
        remedy="Choose another name, or allow it to be replaced.",
    )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _least_bytes(plan: Plan, framing: Framing) -> int:
    """Bytes that even a quiet picture needs, twice: as parts and as the finished file."""
    pictures = plan.frames * framing.width * framing.height // 400
    return 2 * pictures + int(plan.duration * SAMPLE_RATE) * _BYTES_PER_SAMPLE + 4_000_000


@contextmanager
def _work_folder(output: Path) -> Iterator[Path]:
    """A hidden folder on the output's own disk; it goes away with everything in it."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".emotionshortform-", dir=output.parent.absolute()))
    except OSError as error:
        raise os_export_error(error, output) from error
    try:
        yield folder
    except OSError as error:
        raise os_export_error(error, output) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _render(
    media: MediaInfo,
    plan: Plan,
    framing: Framing,
    folder: Path,
    output: Path,
    settings: ExportSettings,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Path:
    title = None
    if settings.title.strip():
        progress(0.0, "Drawing the title")
        frames = min(plan.frames, round(Fraction(settings.title_seconds) * plan.frame_rate))
        title = render_title(
            settings.title,
            folder / "title.mov",
            size=(framing.width, framing.height),
            frames=frames,
            frame_rate=plan.frame_rate,
            cancelled=cancelled,
        )
    matrix = colour_matrix(media)
    commands = []
    first_frame = 0
    for number, part in enumerate(plan.parts):
        over = title if title and first_frame < title.frames else None
        pictures = picture_filters(media, part, plan.frame_rate, framing, matrix, over, first_frame)
        graph = f"{pictures};{sound_filters(media.audio, part, plan.frame_rate)}"
        commands.append(
            Command(
                arguments=[
                    *part_inputs(media, part, over),
                    *("-filter_complex", graph),
                    *("-map", "[v]", *video_codec(settings.crf, settings.preset, plan.frame_rate)),
                    *("-f", "mp4", _part_name(number)),
                    *("-map", "[a]", "-c:a", "pcm_s16le", "-f", "s16le", _sound_name(number)),
                ],
                folder=folder,
                frames=part.frames,
                target=output,
                message=f"Rendering cut {number + 1} of {len(plan.parts)}",
            )
        )
        first_frame += part.frames
    written = run_ffmpeg(
        commands,
        progress=lambda fraction, message: progress(0.95 * fraction, message),
        cancelled=cancelled,
        at_once=_children_at_once(),
    )
    for part, frames in zip(plan.parts, written, strict=True):
        if frames != part.frames:
            raise ExportError(
                f"the video cannot be read to the end of the cut {part.span}",
                path=media.path,
                remedy="It is damaged or incomplete; shorten this cut, or copy the video again.",
            )
    finished = _join(plan, folder, output, settings, progress, cancelled)
    _verify(finished, plan, output)
    return finished


def _children_at_once() -> int:
    """Two children keep two cores busy while one of them starts or ends; more serve more cores."""
    return max(2, min(4, (os.cpu_count() or 1) // 4))


def _part_name(number: int) -> str:
    return f"part-{number:04d}.mp4"


def _sound_name(number: int) -> str:
    return f"part-{number:04d}.pcm"


def _join(
    plan: Plan,
    folder: Path,
    output: Path,
    settings: ExportSettings,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Path:
    """Strings the parts together without encoding the pictures again."""
    lines = ["ffconcat version 1.0"]
    frames = written = 0
    with (folder / "sound.pcm").open("wb") as sound:
        for number, part in enumerate(plan.parts):
            seconds = seconds_word(part.frames / plan.frame_rate)
            lines += [f"file {_part_name(number)}", f"duration {seconds}"]
            frames += part.frames
            # The seams of the sound follow the sum of the frames, so that roundings never add up.
            due = round(frames / plan.frame_rate * SAMPLE_RATE) * _BYTES_PER_SAMPLE - written
            piece = (folder / _sound_name(number)).read_bytes()[:due]
            sound.write(piece.ljust(due, b"\0"))
            written += due
    (folder / "parts.txt").write_text("\n".join(lines), encoding="utf-8")
    name = f"short{output.suffix.lower()}"
    run_ffmpeg(
        [
            Command(
                arguments=[
                    *("-f", "concat", "-safe", "0", "-i", "parts.txt"),
                    *("-f", "s16le", "-ar", str(SAMPLE_RATE), "-ch_layout", "stereo"),
                    *("-i", "sound.pcm", "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
                    *("-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart"),
                    *("-metadata", f"title={_one_line(settings.title)}", name),
                ],
                folder=folder,
                frames=plan.frames,
                target=output,
                message="Joining the cuts",
            )
        ],
        progress=lambda fraction, message: progress(0.95 + 0.05 * fraction, message),
        cancelled=cancelled,
    )
    return folder / name


def _verify(finished: Path, plan: Plan, output: Path) -> None:
    """Makes sure that what is handed over is whole."""
    try:
        with open_media(finished) as container:
            stream = container.streams.video[0]
            frames = sum(1 for packet in container.demux(stream) if packet.pts is not None)
    except (MediaError, av.error.FFmpegError, IndexError) as error:
        raise export_error(str(error), output) from error
    if frames != plan.frames:
        raise ExportError(
            f"the short has {frames} frames instead of {plan.frames}",
            path=output,
            remedy="Try again; if it fails again, please report this message.",
        )


def _one_line(text: str) -> str:
    """A text that can be an argument of a program: no line breaks, nothing unprintable."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
