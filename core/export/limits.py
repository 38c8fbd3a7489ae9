"""What a platform accepts, and where a short goes beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.export.encoding import Encoding
from core.export.estimate import estimate, estimate_preview
from core.export.target import PREVIEW_SUFFIXES

_TOLERANCE = Fraction(1, 100)


@dataclass(frozen=True)
class Limits:
    """What is accepted; None where there is no limit that is known.

    Attributes:
        shortest: Seconds at least.
        longest: Seconds at most.
        most_bytes: Size of the file at most.
        shortest_side: Pixels of the shorter side at least.
        widest: Pixels of the width at most.
        tallest: Pixels of the height at most.
        slowest: Frames per second at least.
        fastest: Frames per second at most.
        widest_shape: Width divided by height at most.
        stated: Who says so, and when it was looked up; empty if the numbers are our own advice.
    """

    shortest: Fraction | None = None
    longest: Fraction | None = None
    most_bytes: int | None = None
    shortest_side: int | None = None
    widest: int | None = None
    tallest: int | None = None
    slowest: Fraction | None = None
    fastest: Fraction | None = None
    widest_shape: Fraction | None = None
    stated: str = ""


def check_plan(
    limits: Limits,
    *,
    duration: Fraction,
    size: tuple[int, int],
    frame_rate: Fraction,
    encoding: Encoding,
    suffix: str = ".mp4",
) -> list[str]:
    """Where a short would go beyond the limits, before it is written.

    Args:
        limits: What is accepted.
        duration: Length in seconds.
        size: Width and height in pixels.
        frame_rate: Frames per second.
        encoding: How it is going to be written.
        suffix: How the name of its file ends.

    Returns:
        One sentence for each; none if all is well.
    """
    found = _shape(limits, duration, size, frame_rate)
    most = limits.most_bytes
    if most is not None:
        if suffix.lower() in PREVIEW_SUFFIXES:
            guess = estimate_preview(duration, size, frame_rate, suffix)
        else:
            guess = estimate(duration, size, frame_rate, encoding)
        if guess.fewest_bytes > most:
            found.append(
                f"The file will have about {_megabytes(guess.bytes)}; "
                f"{_megabytes(most)} are accepted. Shorten it or choose a lower quality."
            )
        elif guess.most_bytes > most:
            found.append(
                f"The file may become larger than the {_megabytes(most)} that are accepted: "
                f"{_megabytes(guess.fewest_bytes)} to {_megabytes(guess.most_bytes)}."
            )
    return found


def check_file(
    limits: Limits,
    *,
    duration: Fraction,
    size: tuple[int, int],
    frame_rate: Fraction,
    size_bytes: int,
) -> list[str]:
    """Where a finished short goes beyond the limits.

    Args:
        limits: What is accepted.
        duration: Length in seconds.
        size: Width and height in pixels.
        frame_rate: Frames per second.
        size_bytes: Size of the file.

    Returns:
        One sentence for each; none if all is well.
    """
    found = _shape(limits, duration, size, frame_rate)
    if limits.most_bytes is not None and size_bytes > limits.most_bytes:
        found.append(
            f"The file has {_megabytes(size_bytes)}; {_megabytes(limits.most_bytes)} are "
            "accepted. Shorten it or choose a lower quality."
        )
    return found


def _shape(
    limits: Limits, duration: Fraction, size: tuple[int, int], frame_rate: Fraction
) -> list[str]:
    width, height = size
    found = []
    if limits.shortest is not None and duration < limits.shortest:
        found.append(
            f"The short is {_seconds(duration)} long; at least {_seconds(limits.shortest)} are "
            "needed. Add a cut or lengthen one."
        )
    if limits.longest is not None and duration > limits.longest:
        found.append(
            f"The short is {_seconds(duration)} long; at most {_seconds(limits.longest)} are "
            "accepted. Remove a cut or shorten one."
        )
    if limits.shortest_side is not None and min(size) < limits.shortest_side:
        found.append(
            f"The picture is {width}x{height}; its shorter side needs at least "
            f"{limits.shortest_side} pixels. Choose a larger height."
        )
    if width > (limits.widest or width) or height > (limits.tallest or height):
        most = f"{limits.widest or width}x{limits.tallest or height}"
        found.append(
            f"The picture is {width}x{height}; at most {most} is accepted. Choose a smaller height."
        )
    if limits.widest_shape is not None and Fraction(width, height) > limits.widest_shape * (
        1 + _TOLERANCE
    ):
        found.append(
            f"The picture is {width}x{height}; a wider one than "
            f"{limits.widest_shape.numerator}:{limits.widest_shape.denominator} is not accepted "
            "there. Choose another shape."
        )
    if limits.slowest is not None and frame_rate < limits.slowest:
        found.append(
            f"The short has {float(frame_rate):.4g} frames per second; at least "
            f"{float(limits.slowest):.4g} are needed. Use a video with more."
        )
    if limits.fastest is not None and frame_rate > limits.fastest * (1 + _TOLERANCE / 10):
        found.append(
            f"The short has {float(frame_rate):.4g} frames per second; at most "
            f"{float(limits.fastest):.4g} are accepted. Choose a lower frame rate."
        )
    return found


def _seconds(time: Fraction) -> str:
    # A short that is too long by a little must not read as if it were not.
    return f"{float(time):.2f}".rstrip("0").rstrip(".") + " s"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}".removesuffix(".0") + " MB"
