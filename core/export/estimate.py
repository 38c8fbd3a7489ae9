"""How large a short becomes and how long it takes to write, before it is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction

from core.export.encoding import Encoding

_BITS_PER_PIXEL = 0.066
"""Of a picture at 30 per second with rate factor 20 and ``veryfast``; 0.023 to 0.17 in single
videos."""
_RATE_HALVES_EVERY = 6.0
_USUAL_RATE = 30
_HEVC_SHARE = 0.83
_SPREAD = 3.3
_SPREAD_WHEN_MEASURED = 1.35
_PREVIEW_BITS = {".gif": 1.9, ".webp": 0.2}
_PREVIEW_SPREAD = 5.0
_PREVIEW_PIXELS_PER_SECOND = 7e6
_OVERHEAD = 6_000
_BYTES_PER_FRAME = 16
_BYTES_PER_SECOND_OF_SOUND = 470
_SPEEDS = {
    "ultrafast": (2.5, 58e6),
    "superfast": (1.6, 40e6),
    "veryfast": (1.0, 32e6),
    "faster": (1.17, 21e6),
    "fast": (1.13, 17.5e6),
    "medium": (1.12, 14.5e6),
    "slow": (1.08, 11e6),
    "slower": (1.05, 5.5e6),
}
"""Size against ``veryfast``, and pixels per second of a core, all else that an export does
included."""
_HEVC_SLOWER = 3.0
_HARDWARE_FASTER = 3.0


@dataclass(frozen=True)
class Measured:
    """What parts of a short that are already written say about the rest.

    Attributes:
        frames: Number of frames in them.
        bytes: Their size, pictures only.
        seconds: How long they took.
    """

    frames: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """What an export is likely to need.

    Attributes:
        bytes: Size of the file.
        fewest_bytes: Size below which it hardly is.
        most_bytes: Size above which it hardly is.
        seconds: Time that writing takes.
    """

    bytes: int
    fewest_bytes: int
    most_bytes: int
    seconds: float


def usual_bits(encoding: Encoding, frame_rate: Fraction, size: tuple[int, int]) -> int:
    """Bits per second of the pictures that usual videos get at a rate factor.

    Args:
        encoding: How the short is written.
        frame_rate: Frames per second.
        size: Width and height in pixels.
    """
    per_pixel = _BITS_PER_PIXEL * _SPEEDS[encoding.speed][0]
    per_pixel *= 2 ** ((20 - encoding.crf) / _RATE_HALVES_EVERY)
    if encoding.codec == "hevc":
        per_pixel *= _HEVC_SHARE
    # Pictures that follow each other faster differ less.
    paced = (float(frame_rate) * _USUAL_RATE) ** 0.5
    return _limited(per_pixel * size[0] * size[1] * paced, encoding)


def estimate(
    duration: Fraction,
    size: tuple[int, int],
    frame_rate: Fraction,
    encoding: Encoding,
    measured: Measured | None = None,
) -> Estimate:
    """Size of the film and time of writing it.

    The size depends on how busy the pictures are, which nobody knows before. Of 42 encodings of six
    sample videos (films, talks, nature, screens; rate factors 19 to 28, both codecs) 35 came within
    half and twice the middle, and all within the range; the time came within half and three times.
    Once a part is written, its own size says the rest within a third. Cuts that are copied without
    encoding keep the size that they have.

    Args:
        duration: Length of the short in seconds.
        size: Width and height in pixels.
        frame_rate: Frames per second.
        encoding: How it is written.
        measured: What finished parts of it needed.
    """
    frames = duration * frame_rate
    if measured is not None and measured.frames > 0:
        bits = 8 * measured.bytes / measured.frames * float(frame_rate)
        spread = _SPREAD_WHEN_MEASURED
        seconds = measured.seconds / measured.frames * float(frames)
    else:
        bits = usual_bits(encoding, frame_rate, size)
        spread = _SPREAD
        seconds = float(frames) * size[0] * size[1] / _pixels_per_second(encoding)

    def file_bytes(pictures: float) -> int:
        rates = Fraction(_limited(pictures, encoding) + encoding.sound_bits, 8)
        tables = _BYTES_PER_FRAME * frame_rate + _BYTES_PER_SECOND_OF_SOUND
        return round(duration * (rates + tables)) + _OVERHEAD

    return Estimate(file_bytes(bits), file_bytes(bits / spread), file_bytes(bits * spread), seconds)


def estimate_preview(
    duration: Fraction, size: tuple[int, int], frame_rate: Fraction, suffix: str
) -> Estimate:
    """The same for a GIF or an animated WebP that is made of a finished short.

    Pictures that stand still need next to nothing: the sizes of the six sample videos lay within a
    factor of five.

    Args:
        duration: Length of the short in seconds.
        size: Width and height of the preview in pixels.
        frame_rate: Frames per second of the preview.
        suffix: ``.gif`` or ``.webp``.
    """
    pixels = float(duration * frame_rate) * size[0] * size[1]
    middle = pixels * _PREVIEW_BITS[suffix.lower()] / 8
    return Estimate(
        bytes=round(middle),
        fewest_bytes=round(middle / _PREVIEW_SPREAD),
        most_bytes=round(middle * _PREVIEW_SPREAD),
        seconds=pixels / _PREVIEW_PIXELS_PER_SECOND,
    )


def _limited(bits: float, encoding: Encoding) -> int:
    return round(bits if encoding.most_bits is None else min(bits, encoding.most_bits))


def _pixels_per_second(encoding: Encoding) -> float:
    speed = _SPEEDS[encoding.speed][1] * (os.cpu_count() or 1)
    if encoding.hardware:
        return speed * _HARDWARE_FASTER
    return speed / (_HEVC_SLOWER if encoding.codec == "hevc" else 1)
