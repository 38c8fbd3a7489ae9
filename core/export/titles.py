"""The title of a short: a layer with alpha that moviepy composes and ffmpeg overlays."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.errors import Cancelled, ExportError
from core.export.ffmpeg import export_error

if TYPE_CHECKING:
    from moviepy import VideoClip

FONT = Path(__file__).resolve().parents[2] / "resources" / "fonts" / "NanumGothic-Bold.ttf"
"""The bundled font, with Latin and Hangul."""

_FADE = 0.3
_WIDEST = 0.82
_MOST_LINES = 3
_LONGEST = 200
_BOX_COLOUR = (0, 0, 0, 150)


@dataclass(frozen=True)
class TitleLayer:
    """A rendered title.

    Attributes:
        path: A lossless clip with alpha, only as large as the title itself.
        x: Left edge of the clip in the short, in pixels.
        y: Upper edge of the clip in the short, in pixels.
        frames: Number of frames.
    """

    path: Path
    x: int
    y: int
    frames: int


def render_title(
    text: str,
    path: Path,
    *,
    size: tuple[int, int],
    frames: int,
    frame_rate: Fraction,
    cancelled: Callable[[], bool] = lambda: False,
) -> TitleLayer | None:
    """Renders a title that fades in, stays, and fades out.

    Long titles are wrapped and set smaller until they fit; what is still too long ends in an
    ellipsis. Signs that the font does not have (emoji) are left out.

    Args:
        text: The title.
        path: The clip to write, a ``.mov`` file.
        size: Width and height of the short in pixels.
        frames: Number of frames that the title is shown.
        frame_rate: Frames per second of the short.
        cancelled: Asked for every frame.

    Returns:
        The layer, or None if nothing of the text can be shown.

    Raises:
        ExportError: The font is missing or the clip cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    shown = drawable(text)
    if not shown:
        return None
    lines, font_size = fit(shown, size)
    clip = _compose("\n".join(lines), font_size, frames / frame_rate)
    try:
        _write(clip, path, frames, frame_rate, cancelled)
        width = clip.size[0]
    finally:
        clip.close()
    x = (size[0] - width) // 4 * 2
    return TitleLayer(path=path, x=x, y=round(0.09 * size[1]) // 2 * 2, frames=frames)


def drawable(text: str) -> str:
    """The text without what the font cannot draw, on one line, at most 200 characters long."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    kept = "".join(sign for sign in composed if sign == " " or _has_glyph(sign))
    kept = " ".join(kept.split())
    return kept if len(kept) <= _LONGEST else f"{kept[: _LONGEST - 1].rstrip()}…"


def fit(text: str, size: tuple[int, int]) -> tuple[list[str], int]:
    """Wraps a text and chooses its size for a picture.

    Args:
        text: One line of text.
        size: Width and height of the picture in pixels.

    Returns:
        The lines, and the font size in pixels.
    """
    width = int(size[0] * _WIDEST)
    largest = max(10, round(min(size) * 0.072))
    smallest = max(8, largest // 2)
    for font_size in range(largest, smallest - 1, -max(1, largest // 20)):
        lines = _wrap(text, _font(font_size), width)
        if len(lines) <= _MOST_LINES:
            return lines, font_size
    lines = _wrap(text, _font(smallest), width)
    if len(lines) > _MOST_LINES:
        last = lines[_MOST_LINES - 1]
        while last and _font(smallest).getlength(f"{last}…") > width:
            last = last[:-1]
        lines = [*lines[: _MOST_LINES - 1], f"{last.rstrip()}…"]
    return lines, smallest


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Breaks at spaces, inside a word only where it alone is wider than a line."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for sign in word:
            if lines[-1] and font.getlength(lines[-1] + sign) > width:
                lines.append("")
            lines[-1] += sign
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(str(FONT), size)
    except OSError as error:
        raise ExportError(
            "the font of the titles is missing", path=FONT, remedy="Install the application again."
        ) from error


@cache
def _has_glyph(sign: str) -> bool:
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"):
        return False
    font = _font(32)
    return bytes(font.getmask(sign)) != bytes(font.getmask("\U0010fffe"))


def _compose(text: str, font_size: int, duration: Fraction) -> VideoClip:
    """The title in white on a soft dark box, as a moviepy clip with alpha."""
    from moviepy import CompositeVideoClip, ImageClip, TextClip
    from moviepy.video.fx import CrossFadeIn, CrossFadeOut

    padding = round(font_size * 0.55)
    letters = TextClip(
        font=str(FONT),
        text=text,
        font_size=font_size,
        color="white",
        margin=(padding, round(padding * 0.7)),
        text_align="center",
        interline=round(font_size * 0.25),
    )
    width, height = (length + length % 2 for length in letters.size)
    box = ImageClip(_soft_box(width, height, round(font_size * 0.4)), transparent=True)
    seconds = float(duration)
    fade = min(_FADE, seconds / 3)
    return CompositeVideoClip(
        [box.with_duration(seconds), letters.with_duration(seconds).with_position("center")],
        size=(width, height),
        bg_color=None,
    ).with_effects([CrossFadeIn(fade), CrossFadeOut(fade)])


def _soft_box(width: int, height: int, radius: int) -> NDArray[np.uint8]:
    """A dark box with round corners, (height, width, 4) uint8, drawn large for smooth edges."""
    scale = 4
    large = Image.new("RGBA", (width * scale, height * scale), (0, 0, 0, 0))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, width * scale - 1, height * scale - 1), radius * scale, fill=_BOX_COLOUR
    )
    return np.asarray(large.resize((width, height), Image.Resampling.LANCZOS))


def _write(
    clip: VideoClip,
    path: Path,
    frames: int,
    frame_rate: Fraction,
    cancelled: Callable[[], bool],
) -> None:
    """Encodes the clip frame by frame: moviepy's own loop can be neither stopped nor silenced."""
    from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter

    writer = FFMPEG_VideoWriter(
        str(path), clip.size, float(frame_rate), codec="qtrle", with_mask=True
    )
    still: NDArray[np.uint8] | None = None
    try:
        for index in range(frames):
            if cancelled():
                raise Cancelled
            seconds = float((index + Fraction(1, 2)) / frame_rate)
            if not _FADE < seconds < clip.duration - _FADE:
                still = None
                writer.write_frame(_with_alpha(clip, seconds))
                continue
            if still is None:
                still = _with_alpha(clip, seconds)
            writer.write_frame(still)
        writer.close()
    except (OSError, subprocess.SubprocessError) as error:
        raise export_error(str(error), path) from error
    finally:
        if writer.proc is not None:
            writer.proc.kill()
            writer.close()


def _with_alpha(clip: VideoClip, seconds: float) -> NDArray[np.uint8]:
    picture = clip.get_frame(seconds)
    alpha = clip.mask.get_frame(seconds) * 255 + 0.5
    return np.dstack([picture, alpha.astype(np.uint8)])
