"""The title of a short: fades in, stays, and fades out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Cancelled
from core.export.layers.layer import Layer, TimedPicture
from core.export.layers.lettering import drawable
from core.export.layers.painting import fit, letters, picture_at, soft_box, write_png

if TYPE_CHECKING:
    from moviepy import VideoClip

_FADE = 0.3
_WIDEST = 0.82
_FROM_THE_TOP = 0.09
_MOST_LINES = 3
_BOX_COLOUR = (0, 0, 0, 150)


def render_title(
    text: str,
    folder: Path,
    *,
    size: tuple[int, int],
    frames: int,
    frame_rate: Fraction,
    cancelled: Callable[[], bool] = lambda: False,
) -> Layer | None:
    """Draws a title that fades in, stays, and fades out.

    Long titles are wrapped and set smaller until they fit; what is still too long ends in an
    ellipsis. Signs that the font does not have (emoji) are left out.

    Args:
        text: The title.
        folder: The folder for its pictures, ``title-*.png``.
        size: Width and height of the short in pixels.
        frames: Number of frames that the title is shown, from the first of the short.
        frame_rate: Frames per second of the short.
        cancelled: Asked before every picture.

    Returns:
        The layer, or None if nothing of the text can be shown.

    Raises:
        ExportError: The font is missing or a picture cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    shown = drawable(text)
    if not shown or frames < 1:
        return None
    lines, font_size = fit_title(shown, size)
    seconds = float(frames / frame_rate)
    fade = min(_FADE, seconds / 3)
    clip = _compose(lines, font_size, seconds, fade)
    try:
        pictures = _draw(clip, folder, frames, frame_rate, fade, cancelled)
        width, height = clip.size
    finally:
        clip.close()
    return Layer(
        x=(size[0] - width) // 4 * 2,
        y=round(_FROM_THE_TOP * size[1]) // 2 * 2,
        width=width,
        height=height,
        pictures=tuple(pictures),
    )


def fit_title(text: str, size: tuple[int, int]) -> tuple[list[str], int]:
    """Lines of a title, and its font size in pixels, in a picture of a size in pixels."""
    largest = max(10, round(min(size) * 0.072))
    return fit(
        text,
        int(size[0] * _WIDEST),
        largest=largest,
        smallest=max(8, largest // 2),
        most_lines=_MOST_LINES,
    )


def _compose(lines: list[str], font_size: int, seconds: float, fade: float) -> VideoClip:
    """The title in white on a soft dark box, as a moviepy clip with alpha."""
    from moviepy import CompositeVideoClip, ImageClip
    from moviepy.video.fx import CrossFadeIn, CrossFadeOut

    padding = round(font_size * 0.55)
    text = letters(lines, font_size)
    width, height = (round(length + padding * 1.4) // 2 * 2 for length in text.size)
    box = soft_box(width, height, round(font_size * 0.4), _BOX_COLOUR)
    return CompositeVideoClip(
        [
            ImageClip(box, transparent=True).with_duration(seconds),
            text.with_duration(seconds).with_position("center"),
        ],
        size=(width, height),
        bg_color=None,
    ).with_effects([CrossFadeIn(fade), CrossFadeOut(fade)])


def _draw(
    clip: VideoClip,
    folder: Path,
    frames: int,
    frame_rate: Fraction,
    fade: float,
    cancelled: Callable[[], bool],
) -> list[TimedPicture]:
    """A picture for every frame that fades, one for all between them."""
    pictures: list[TimedPicture] = []
    standing: TimedPicture | None = None
    for index in range(frames):
        if cancelled():
            raise Cancelled
        seconds = float((index + Fraction(1, 2)) / frame_rate)
        stands = fade < seconds < clip.duration - fade
        if standing is not None and stands:
            standing = TimedPicture(standing.path, standing.first_frame, standing.frames + 1)
            pictures[-1] = standing
            continue
        path = write_png(picture_at(clip, seconds), folder / f"title-{index:05d}.png")
        pictures.append(TimedPicture(path, index, 1))
        standing = pictures[-1] if stands else None
    return pictures
