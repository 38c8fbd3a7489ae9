"""What titles, captions and cards are painted with: boxes, letters, and clips as pictures."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.export.ffmpeg import os_export_error
from core.export.layers.lettering import font, width_of
from core.export.layers.wrapping import break_lines

if TYPE_CHECKING:
    from moviepy import VideoClip

_SMOOTHING = 4
_LINE = 1.28
_MIDDLE = 0.35
"""Height of the middle of a letter over the baseline, as a fraction of the font size."""


def soft_box(
    width: int, height: int, radius: int, colour: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """A box with round corners, (height, width, 4) uint8, drawn large for smooth edges."""
    large = Image.new("RGBA", (width * _SMOOTHING, height * _SMOOTHING), (*colour[:3], 0))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, width * _SMOOTHING - 1, height * _SMOOTHING - 1), radius * _SMOOTHING, fill=colour
    )
    return np.asarray(large.resize((width, height), Image.Resampling.LANCZOS))


def fit(
    text: str, width: int, *, largest: int, smallest: int, most_lines: int
) -> tuple[list[str], int]:
    """Wraps a text and chooses its size.

    What is still too long at the smallest size ends in an ellipsis.

    Args:
        text: One line of text.
        width: Width of the lines in pixels at most.
        largest: Size of the font in pixels that is tried first.
        smallest: Size of the font in pixels that is tried last.
        most_lines: Number of lines at most.

    Returns:
        The lines, and the font size in pixels.
    """
    for size in range(largest, smallest - 1, -max(1, largest // 20)):
        lines = break_lines(text, size, width, most_lines)
        if lines is not None:
            return [text[slice(*line)] for line in lines], size
    kept = text
    while (lines := break_lines(f"{kept}…", smallest, width, most_lines)) is None:
        kept = kept[: min(len(kept) - 1, len(kept) * 19 // 20)].rstrip()
    return [f"{kept}…"[slice(*line)] for line in lines], smallest


def line_height(font_size: int) -> int:
    """Pixels from one line of text to the next."""
    return round(font_size * _LINE)


def coverage(
    lines: Sequence[str], font_size: int, size: tuple[int, int], stroke: int
) -> Image.Image:
    """How far centred lines of text, made thicker by a stroke, cover each pixel of a picture.

    Args:
        lines: The text.
        font_size: Size of the font in pixels.
        size: Width and height of the picture in pixels; the text is in the middle of it.
        stroke: Pixels that are added around every letter.

    Returns:
        A picture of mode L, 255 where it is covered.
    """
    picture = Image.new("L", size, 0)
    pen = ImageDraw.Draw(picture)
    step = line_height(font_size)
    baseline = (size[1] - step * len(lines)) / 2 + step / 2 + font_size * _MIDDLE
    for number, line in enumerate(lines):
        left = (size[0] - width_of(line, font_size)) / 2
        pen.text(
            (round(left), round(baseline + number * step)),
            line,
            fill=255,
            font=font(font_size),
            anchor="ls",
            stroke_width=stroke,
        )
    return picture


def letters(lines: Sequence[str], font_size: int) -> VideoClip:
    """White lines of text as a transparent clip, only as large as they are.

    moviepy's own TextClip cuts the lower part of the last line off.
    """
    from moviepy import ImageClip

    width = max(width_of(line, font_size) for line in lines) + font_size / 4
    size = (round(width), line_height(font_size) * len(lines))
    white = Image.new("RGBA", size, "white")
    white.putalpha(coverage(lines, font_size, size, 0))
    return ImageClip(np.asarray(white), transparent=True)


def picture_at(clip: VideoClip, seconds: float) -> Image.Image:
    """What a clip with alpha shows at a time, as an RGBA picture."""
    alpha = clip.mask.get_frame(seconds) * 255 + 0.5
    return Image.fromarray(np.dstack([clip.get_frame(seconds), alpha.astype(np.uint8)]))


def write_png(picture: Image.Image, path: Path) -> Path:
    """Writes a picture; its size on the disk matters less than its speed.

    Raises:
        ExportError: It cannot be written.
    """
    try:
        picture.save(path, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    except OSError as error:
        raise os_export_error(error, path) from error
    return path
