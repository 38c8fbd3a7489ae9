"""A layer over the short, and how ffmpeg is told to read it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from core.export.ffmpeg import os_export_error
from core.files import replace_file

_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class TimedPicture:
    """A picture that stands for some frames of the short.

    Attributes:
        path: A PNG with alpha.
        first_frame: Number of the first frame of the short that shows it.
        frames: Number of frames that show it.
    """

    path: Path
    first_frame: int
    frames: int

    @property
    def last_frame(self) -> int:
        """Number of the first frame that does not show it any more."""
        return self.first_frame + self.frames


@dataclass(frozen=True)
class Layer:
    """Pictures of one size at one place of the short, one after the other.

    Attributes:
        x: Left edge in the short, in pixels, even.
        y: Upper edge in the short, in pixels, even.
        width: Width of every picture in pixels, even.
        height: Height of every picture in pixels, even.
        pictures: In the order of their frames, none at the same time as another; where there is
            none, nothing is shown.
    """

    x: int
    y: int
    width: int
    height: int
    pictures: tuple[TimedPicture, ...]


def layer_input(
    layer: Layer, first_frame: int, frames: int, frame_rate: Fraction, script: Path
) -> list[str]:
    """Writes the list of a layer's pictures for a stretch of the short.

    What ffmpeg then reads has one frame per picture, frame n of the stretch at the time n / rate,
    and stands still between them, a transparent picture where there is none. So
    ``[base][layer]overlay=x:y``, whose base has its frames at n / rate, shows every picture exactly
    in its frames.

    Args:
        layer: What is laid over the short.
        first_frame: Number of the first frame of the stretch in the short.
        frames: Number of frames of the stretch.
        frame_rate: Frames per second of the short.
        script: The ffconcat file to write; a transparent picture may be written beside it.

    Returns:
        The words of the input for an ffmpeg that runs in the folder of the list; none if nothing of
        the layer is seen in the stretch.

    Raises:
        ExportError: The list cannot be written.
    """
    stretch_end = first_frame + frames
    shown = [
        picture
        for picture in layer.pictures
        if picture.first_frame < stretch_end and picture.last_frame > first_frame
    ]
    if not shown:
        return []
    try:
        states = _states(layer, shown, first_frame, stretch_end, script.parent)
        replace_file(script, _concat(states, frame_rate, script.parent).encode())
    except OSError as error:
        raise os_export_error(error, script) from error
    return ["-f", "concat", "-safe", "0", "-i", script.name]


def _states(
    layer: Layer, shown: list[TimedPicture], first_frame: int, stretch_end: int, folder: Path
) -> list[tuple[Path, int]]:
    """What is seen one after the other, and for how many frames, without gaps."""
    states: list[tuple[Path, int]] = []
    reached = first_frame
    for picture in shown:
        if picture.first_frame > reached:
            states.append((_blank(layer, folder), picture.first_frame - reached))
            reached = picture.first_frame
        end = min(picture.last_frame, stretch_end)
        states.append((picture.path, end - reached))
        reached = end
    if reached < stretch_end:
        states.append((_blank(layer, folder), stretch_end - reached))
    last, count = states[-1]
    # Told to pass at the end, the overlay would show the last picture for one frame only.
    return states if count == 1 else [*states[:-1], (last, count - 1), (last, 1)]


def _concat(states: list[tuple[Path, int]], frame_rate: Fraction, folder: Path) -> str:
    lines = ["ffconcat version 1.0"]
    reached = 0
    for path, count in states:
        lines += [
            # From the list's own folder, whose name may have signs that no line can hold.
            f"file {_quoted(Path(os.path.relpath(path, folder)).as_posix())}",
            # The time base of the list is that of its pictures; 1/25 would move the states.
            f"option framerate {frame_rate.numerator}/{frame_rate.denominator}",
            # A per cent sign or a star in a folder's name is no pattern.
            "option pattern_type none",
            f"duration {_between(reached, reached + count, frame_rate)}",
        ]
        reached += count
    return "\n".join([*lines, ""])


def _between(first: int, last: int, frame_rate: Fraction) -> str:
    """Seconds between two frames, so that roundings never add up."""
    begin, end = (round(frame / frame_rate * _MICROSECONDS) for frame in (first, last))
    seconds, rest = divmod(end - begin, _MICROSECONDS)
    return f"{seconds}.{rest:06d}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _blank(layer: Layer, folder: Path) -> Path:
    """A transparent picture of the layer's size, written once per folder."""
    path = folder / f"blank-{layer.width}x{layer.height}.png"
    if not path.exists():
        draft = folder / f".{path.name}.{os.getpid()}"
        Image.new("RGBA", (layer.width, layer.height)).save(draft, "PNG")
        os.replace(draft, path)
    return path
