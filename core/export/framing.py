"""Which part of the source picture a short shows, and at what size; nothing is ever distorted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from core.errors import UsageError
from core.media.probe import VideoStream

Aspect = Literal["source", "16:9", "9:16", "1:1", "4:5"]
ASPECTS: tuple[str, ...] = get_args(Aspect)

_RATIOS: dict[str, Fraction] = {
    "16:9": Fraction(16, 9),
    "9:16": Fraction(9, 16),
    "1:1": Fraction(1),
    "4:5": Fraction(4, 5),
}
_PLATFORM_HEIGHTS = {"9:16": 1920, "1:1": 1080, "4:5": 1350}
_LOWEST, _HIGHEST = 64, 4320


@dataclass(frozen=True)
class Framing:
    """A centred window of the upright source picture and the size it is shown at.

    Attributes:
        x: Left edge of the window in source pixels.
        y: Upper edge of the window in source pixels.
        crop_width: Width of the window in source pixels.
        crop_height: Height of the window in source pixels.
        width: Width of the short in square pixels, even.
        height: Height of the short in square pixels, even.
    """

    x: int
    y: int
    crop_width: int
    crop_height: int
    width: int
    height: int

    def filters(self, in_matrix: str) -> str:
        """The ffmpeg filters that cut out the window and bring it to size, as BT.709 video.

        Args:
            in_matrix: Colour matrix of the source as the scale filter names it.
        """
        return (
            f"crop={self.crop_width}:{self.crop_height}:{self.x}:{self.y}:exact=1,"
            f"scale={self.width}:{self.height}:flags=bicubic+accurate_rnd"
            f":in_color_matrix={in_matrix}:out_color_matrix=bt709:out_range=limited,"
            "format=yuv420p,setsar=1"
        )


def frame_picture(video: VideoStream, aspect: str, height: int | None = None) -> Framing:
    """The centred window for an aspect ratio.

    ``source`` and ``16:9`` keep the size of the source; the vertical and square ones have the size
    that platforms show (1080 wide).

    Args:
        video: The picture stream.
        aspect: ``source``, ``16:9``, ``9:16``, ``1:1`` or ``4:5``.
        height: Height of the short in pixels instead of the usual one.

    Raises:
        UsageError: The aspect ratio is unknown or the height not possible.
    """
    shown = Fraction(video.width, video.height)
    if aspect == "source":
        ratio = shown
    elif aspect in _RATIOS:
        ratio = _RATIOS[aspect]
    else:
        raise UsageError(
            f"'{aspect}' is not an aspect ratio", remedy=f"Choose source, {', '.join(_RATIOS)}."
        )
    if height is not None and not _LOWEST <= height <= _HIGHEST:
        raise UsageError(
            f"a height of {height} pixels is not possible",
            remedy=f"Choose {_LOWEST} to {_HIGHEST}.",
        )
    if height is None:
        largest = min(Fraction(video.height), video.width / ratio)
        height = _PLATFORM_HEIGHTS.get(aspect) or round(largest)
    out_height = max(2, height // 2 * 2)
    if aspect == "source" and out_height == video.height // 2 * 2:
        out_width = max(2, video.width // 2 * 2)
    else:
        out_width = max(2, round(out_height * ratio / 2) * 2)

    turned = video.rotation in (90, 270)
    coded_width = video.coded_height if turned else video.coded_width
    coded_height = video.coded_width if turned else video.coded_height
    final = Fraction(out_width, out_height)
    window_width = min(Fraction(video.width), video.height * final)
    window_height = min(Fraction(video.height), video.width / final)
    crop_width = _even(window_width * coded_width / video.width)
    crop_height = _even(window_height * coded_height / video.height)
    crop_width, crop_height = min(crop_width, coded_width), min(crop_height, coded_height)
    return Framing(
        x=(coded_width - crop_width) // 4 * 2,
        y=(coded_height - crop_height) // 4 * 2,
        crop_width=crop_width,
        crop_height=crop_height,
        width=out_width,
        height=out_height,
    )


def _even(size: Fraction) -> int:
    """The nearest even number: colour is stored for pairs of pixels."""
    return max(2, round(size / 2) * 2)
