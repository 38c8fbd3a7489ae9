"""Renders cuts of one or several videos into a finished short."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.error

from core.errors import Cancelled, ExportError, MediaError, UsageError
from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.ffmpeg import Command, export_error, require_space, run_ffmpeg
from core.export.framing import Framing, frame_pictures
from core.export.graph import (
    SAMPLE_RATE,
    colour_matrix,
    part_inputs,
    picture_filters,
    seconds_word,
    sound_filters,
    video_codec,
)
from core.export.look import Look
from core.export.plan import Plan, plan_short
from core.export.target import already_exists, check_output, work_folder
from core.export.titles import render_title
from core.media.probe import MediaInfo, open_media

_BYTES_PER_SAMPLE = 4


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
    """

    path: Path
    duration: Fraction
    width: int
    height: int
    frame_rate: Fraction
    frames: int
    size_bytes: int


def export_short(
    clips: Sequence[Clip],
    output: Path,
    settings: ExportSettings | None = None,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Export:
    """Writes clips of any videos, one after the other, as one H.264 file with AAC sound.

    Each clip is rendered by a child process of its own into a hidden folder beside the output, so
    that memory and open files do not grow with the number of clips. Those that continue one another
    become one. Pictures and sound of a clip get exactly the same length; its sound is faded for
    8 ms at both ends against clicks. Where a source has no sound, the short is silent; it always
    has a sound track, which platforms expect. Clips that begin before the first picture show it
    earlier; clips that reach over the end of their video are shortened.

    The short has the constant frame rate that most of its length has, 60 at most: most of what is
    seen moves exactly as it was recorded. Clips of another rate keep their pace; their frames are
    repeated or left out evenly. Every source keeps its own proportions, colours and loudness.

    Args:
        clips: Stretches of videos in playing order; one video may come any number of times.
        output: The file to write, mp4, m4v or mov.
        settings: How it looks and is written.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked about every 50 ms; true stops the export and removes all its traces.

    Raises:
        UsageError: There are no clips, one lies outside its video, or a setting is not possible.
        MediaError: A source is not there or not readable any more.
        ExportError: The short cannot be rendered or saved.
        Cancelled: ``cancelled()`` returned true.
    """
    settings = settings or ExportSettings()
    output = Path(output)
    if not clips:
        raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
    sources = list(dict.fromkeys(clip.info for clip in clips))
    framings = dict(
        zip(
            sources,
            frame_pictures(
                [media.video for media in sources], settings.look.aspect, settings.encoding.height
            ),
            strict=True,
        )
    )
    check_output(output, [media.path for media in sources], settings.overwrite)
    identities = {media.path: _identity(media.path) for media in sources}
    progress(0.0, "Reading the cuts")
    plan = plan_short(clips, cancelled)
    framing = framings[sources[0]]
    require_space(output.parent, _least_bytes(plan, framing))
    with work_folder(output) as folder:
        try:
            finished = _render(plan, framings, folder, output, settings, progress, cancelled)
        except (ExportError, MediaError) as error:
            for path, identity in identities.items():
                if _identity(path) != identity:
                    raise ExportError(
                        "the video disappeared or was changed during the export",
                        path=path,
                        remedy="Connect its disk again, or open the video anew.",
                    ) from error
            raise
        size = finished.stat().st_size
        if cancelled():
            raise Cancelled
        if output.exists() and not settings.overwrite:
            raise already_exists(output)
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


def _render(
    plan: Plan,
    framings: Mapping[MediaInfo, Framing],
    folder: Path,
    output: Path,
    settings: ExportSettings,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Path:
    title = None
    size = framings[plan.parts[0].media]
    if settings.look.title.strip():
        progress(0.0, "Drawing the title")
        frames = min(plan.frames, round(Fraction(settings.look.title_seconds) * plan.frame_rate))
        title = render_title(
            settings.look.title,
            folder / "title.mov",
            size=(size.width, size.height),
            frames=frames,
            frame_rate=plan.frame_rate,
            cancelled=cancelled,
        )
    encoding = settings.encoding
    encoder = video_codec(encoding.crf, encoding.speed, plan.frame_rate)
    matrices = {media: colour_matrix(media) for media in framings}
    commands = []
    first_frame = 0
    for number, part in enumerate(plan.parts):
        over = title if title and first_frame < title.frames else None
        framing, matrix = framings[part.media], matrices[part.media]
        pictures = picture_filters(part, plan.frame_rate, framing, matrix, over, first_frame)
        graph = f"{pictures};{sound_filters(part, plan.frame_rate)}"
        commands.append(
            Command(
                arguments=[
                    *part_inputs(part, over),
                    *("-filter_complex", graph),
                    *("-map", "[v]", *encoder),
                    *("-f", "mp4", _part_name(number)),
                    *("-map", "[a]", "-c:a", "pcm_s16le", "-f", "s16le", _sound_name(number)),
                ],
                folder=folder,
                frames=part.frames,
                target=output,
                source=part.media.path,
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
                path=part.media.path,
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
                    *("-metadata", f"title={_one_line(settings.look.title)}", name),
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
