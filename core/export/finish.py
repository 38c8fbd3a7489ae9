"""From the pictures and the sound of a short to one finished and checked file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.error

from core.errors import ExportError, MediaError
from core.export.ffmpeg import Command, as_input, export_error, run_ffmpeg
from core.export.graph import seconds_word
from core.export.pictures import WrittenPictures
from core.media.probe import open_media


def list_pictures(pictures: Sequence[WrittenPictures], frame_rate: Fraction, folder: Path) -> Path:
    """Writes the list by which ffmpeg reads several files as one.

    Args:
        pictures: The files in playing order.
        frame_rate: Frames per second of the short.
        folder: Where they are, and where the list is written.
    """
    lines = ["ffconcat version 1.0"]
    for written in pictures:
        lines += [f"file {written.name}", f"duration {seconds_word(written.frames / frame_rate)}"]
    script = folder / "pictures.ffconcat"
    script.write_text("\n".join(lines), encoding="utf-8")
    return script


def join(
    pictures: Path,
    sound: Path | None,
    name: str,
    *,
    title: str,
    hevc: bool,
    frames: int,
    target: Path,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Path:
    """Puts pictures and sound into one file without encoding either again.

    Args:
        pictures: A film, or a list of films that follow one another (``.ffconcat``).
        sound: The sound; None for none.
        name: Name of the file to write, in the folder of the pictures.
        title: What the file says that it is called; "" for nothing.
        hevc: The pictures are HEVC, else H.264.
        frames: Number of frames.
        target: The file that the user would name when it fails.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked every 50 ms.

    Raises:
        ExportError: The file cannot be written, or is not whole.
        Cancelled: ``cancelled()`` returned true.
    """
    folder = pictures.parent
    listed = ("-f", "concat", "-safe", "0") if pictures.suffix == ".ffconcat" else ()
    words = [*listed, "-i", pictures.name]
    if sound is not None:
        words += ["-i", as_input(sound), "-map", "0:v", "-map", "1:a"]
    # Players of Apple's know HEVC by this name only.
    words += ["-c", "copy", *(("-tag:v", "hvc1") if hevc else ()), "-movflags", "+faststart"]
    words += ["-metadata", f"title={_one_line(title)}", name]
    run_ffmpeg(
        [Command(words, folder, frames, target, message="Joining the cuts")],
        progress=progress,
        cancelled=cancelled,
    )
    _verify(folder / name, frames, target)
    return folder / name


def _verify(finished: Path, frames: int, target: Path) -> None:
    """Makes sure that what is handed over is whole."""
    try:
        with open_media(finished) as container:
            stream = container.streams.video[0]
            found = sum(1 for packet in container.demux(stream) if packet.pts is not None)
    except (MediaError, av.error.FFmpegError, IndexError) as error:
        raise export_error(str(error), target) from error
    if found != frames:
        raise ExportError(
            f"the short has {found} frames instead of {frames}",
            path=target,
            remedy="Try again; if it fails again, please report this message.",
        )


def _one_line(text: str) -> str:
    """A text that can be an argument of a program: no line breaks, nothing unprintable."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
