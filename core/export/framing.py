"""Which part of its sources' pictures a short shows, and how large; nothing is ever distorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from core.errors import UsageError
from core.media.probe import VideoStream

Aspect = Literal["source", "16:9", "9:16", "1:1", "4:5"]
ASPECT_RATIOS: dict[str, Fraction | None] = {
    "9:16": Fraction(9, 16),
    "16:9": Fraction(16, 9),
    "1:1": Fraction(1),
    "4:5": Fraction(4, 5),
    "source": None,
}
"""Width by height of every shape, in the order in which they are offered; None is as filmed."""

ASPECTS: tuple[str, ...] = tuple(ASPECT_RATIOS)

_PLATFORM_HEIGHTS = {"9:16": 1920, "1:1": 1080, "4:5": 1350}
LOWEST, HIGHEST = 64, 4320
"""Height of a short in pixels, at least and at most."""

_THINNEST_BARS = Fraction(1, 100)


@dataclass(frozen=True)
class Framing:
    """The largest window of the upright source picture, in its middle, and where it is shown.

    It is shown in the middle of the short; what it does not cover is black, or what the layout puts
    there. Where the layout is split, it is each of two windows, one shown over the other.

    Attributes:
        source_width: Width of the upright picture in source pixels.
        source_height: Height of the upright picture in source pixels.
        x: Left edge of the window in source pixels.
        y: Upper edge of the window in source pixels.
        crop_width: Width of the window in source pixels.
        crop_height: Height of the window in source pixels.
        picture_width: Width at which the window is shown, in square pixels, even.
        picture_height: Height at which the window is shown, in square pixels, even.
        width: Width of the short in square pixels, even.
        height: Height of the short in square pixels, even.
    """

    source_width: int
    source_height: int
    x: int
    y: int
    crop_width: int
    crop_height: int
    picture_width: int
    picture_height: int
    width: int
    height: int


def frame_pictures(
    videos: Sequence[VideoStream],
    aspect: str,
    height: int | None = None,
    layout: str = "fill",
) -> list[Framing]:
    """What is shown of each source of a short, all in the same size.

    The vertical and square shapes have the size that platforms show (1080 wide). ``16:9`` and
    ``source`` are as large as the largest window of that shape that lies inside one of the sources:
    none is made smaller than it must be, and no more pixels are written than one of them fills.

    Where the layout is ``fill``, ``source`` has the shape of the first source, and others are shown
    whole, between black bars where their shape is another; all other shapes are filled with a
    window of each source. ``whole`` and ``blur`` show every source whole in every shape. ``split``
    shows two windows of each, one over the other.

    Args:
        videos: The picture streams, that of the first clip first; at least one.
        aspect: ``source``, ``16:9``, ``9:16``, ``1:1`` or ``4:5``.
        height: Height of the short in pixels instead of the usual one.
        layout: ``fill``, ``whole``, ``blur`` or ``split``.

    Returns:
        One framing for each of the videos.

    Raises:
        UsageError: The aspect ratio or the layout is unknown or the height not possible.
    """
    size = _size(videos, aspect, height)
    match layout:
        case "whole" | "blur":
            frame = _whole
        case "split":
            frame = _half
        case "fill":
            frame = _whole if aspect == "source" else _filling
        case _:
            raise UsageError(
                f"'{layout}' is not a layout", remedy="Choose fill, whole, blur or split."
            )
    return [frame(video, size) for video in videos]


def _size(videos: Sequence[VideoStream], aspect: str, height: int | None) -> tuple[int, int]:
    """Width and height of the short, even."""
    first = videos[0]
    if aspect not in ASPECT_RATIOS:
        raise UsageError(
            f"'{aspect}' is not an aspect ratio", remedy=f"Choose one of {', '.join(ASPECTS)}."
        )
    ratio = ASPECT_RATIOS[aspect] or Fraction(first.width, first.height)
    if height is not None and not LOWEST <= height <= HIGHEST:
        raise UsageError(
            f"a height of {height} pixels is not possible",
            remedy=f"Choose {LOWEST} to {HIGHEST}.",
        )
    if height is None:
        largest = max(min(Fraction(video.height), video.width / ratio) for video in videos)
        height = _PLATFORM_HEIGHTS.get(aspect) or round(largest)
    out_height = max(2, height // 2 * 2)
    if aspect == "source" and out_height == first.height // 2 * 2:
        return max(2, first.width // 2 * 2), out_height
    return max(2, round(out_height * ratio / 2) * 2), out_height


def _filling(video: VideoStream, size: tuple[int, int]) -> Framing:
    """The largest window that has the shape of the short."""
    coded_width, coded_height = _upright_size(video)
    final = Fraction(*size)
    window_width = min(Fraction(video.width), video.height * final)
    window_height = min(Fraction(video.height), video.width / final)
    crop_width = _even(window_width * coded_width / video.width)
    crop_height = _even(window_height * coded_height / video.height)
    crop_width, crop_height = min(crop_width, coded_width), min(crop_height, coded_height)
    return Framing(
        source_width=coded_width,
        source_height=coded_height,
        x=(coded_width - crop_width) // 4 * 2,
        y=(coded_height - crop_height) // 4 * 2,
        crop_width=crop_width,
        crop_height=crop_height,
        picture_width=size[0],
        picture_height=size[1],
        width=size[0],
        height=size[1],
    )


def _half(video: VideoStream, size: tuple[int, int]) -> Framing:
    """The largest window that has the shape of the upper half of the short."""
    width, height = size
    return replace(_filling(video, (width, (height + 2) // 4 * 2)), height=height)


def _whole(video: VideoStream, size: tuple[int, int]) -> Framing:
    """The whole picture between bars, unless they would be so thin that they look like an error."""
    width, height = size
    shape = Fraction(video.width, video.height)
    picture_width = min(width, _even(height * shape))
    picture_height = min(height, _even(width / shape))
    if _hardly_less(picture_width, width) and _hardly_less(picture_height, height):
        return _filling(video, size)
    coded_width, coded_height = _upright_size(video)
    return Framing(
        source_width=coded_width,
        source_height=coded_height,
        x=0,
        y=0,
        crop_width=coded_width,
        crop_height=coded_height,
        picture_width=picture_width,
        picture_height=picture_height,
        width=width,
        height=height,
    )


def _hardly_less(length: int, whole: int) -> bool:
    return whole - length <= max(Fraction(2), _THINNEST_BARS * whole)


def _upright_size(video: VideoStream) -> tuple[int, int]:
    """Width and height of the coded picture after it was turned."""
    if video.rotation in (90, 270):
        return video.coded_height, video.coded_width
    return video.coded_width, video.coded_height


def _even(size: Fraction) -> int:
    """The nearest even number: colour is stored for pairs of pixels."""
    return max(2, round(size / 2) * 2)
