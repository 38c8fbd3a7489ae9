"""Exact media time, spans of it, and the grid on which videos are analysed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from core.errors import UsageError

GRID_UNIT = Fraction(1, 10)
"""Grid steps are multiples of this, so that a cell holds whole feature frames."""

_ROUNDING = 1e-9
_NUMBER = re.compile(r"-?\d{1,24}(\.\d{1,12})?(/\d{1,24})?")
_TIMECODE = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)")


def exact(seconds: Fraction | float | str) -> Fraction:
    """Seconds as a fraction; floats are taken to the nearest microsecond.

    Raises:
        ValueError: A text is not a number of sane size, or a float is not finite.
        ZeroDivisionError: A text divides by zero.
    """
    if isinstance(seconds, float):
        if not math.isfinite(seconds):
            raise ValueError(seconds)
        return Fraction(round(seconds * 1_000_000), 1_000_000)
    if isinstance(seconds, str) and not _NUMBER.fullmatch(seconds.strip()):
        raise ValueError(seconds)
    return Fraction(seconds)


def format_timecode(seconds: Fraction | float) -> str:
    """Time for people: ``02:13.07``, with hours only where there are any."""
    hundredths = max(0, round(seconds * 100))
    minutes, hundredths = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{minutes:02d}:{hundredths // 100:02d}.{hundredths % 100:02d}"
    return f"{hours}:{tail}" if hours else tail


def parse_timecode(text: str) -> Fraction:
    """Seconds from ``75.5``, ``1:15.5`` or ``0:01:15.5``.

    Raises:
        UsageError: The text is not a time.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"'{text}' is not a time", remedy="Write seconds (75.5) or minutes (1:15.5)."
        )
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)


@dataclass(frozen=True, order=True)
class Span:
    """A half-open stretch of media time ``[start, end)`` in exact seconds."""

    start: Fraction
    end: Fraction

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise UsageError(
                f"a span must end after it starts ({float(self.start):.3f} s to "
                f"{float(self.end):.3f} s)"
            )

    @property
    def duration(self) -> Fraction:
        return self.end - self.start

    @property
    def middle(self) -> Fraction:
        return (self.start + self.end) / 2

    def __contains__(self, seconds: Fraction | float) -> bool:
        return self.start <= seconds < self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{format_timecode(self.start)} – {format_timecode(self.end)}"


@dataclass(frozen=True)
class Grid:
    """The analysis grid: cell ``i`` covers ``[i · step, (i + 1) · step)`` of the media time.

    Args:
        step: Length of a cell in seconds, 0.5 to 2, a multiple of 0.1.

    Raises:
        UsageError: The step is outside of these limits.
    """

    step: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if not Fraction(1, 2) <= self.step <= 2 or self.step % GRID_UNIT != 0:
            raise UsageError(
                f"a grid of {float(self.step):g} s is not possible",
                remedy="Choose 0.5 to 2 seconds in steps of 0.1.",
            )

    def count(self, duration: Fraction) -> int:
        """Number of cells that a medium of this duration touches; the last may be partial."""
        return max(1, math.ceil(duration / self.step))

    def index(self, seconds: Fraction | float) -> int:
        """The cell that a time falls into; a float a rounding error short of a border is on it."""
        if isinstance(seconds, float):
            return max(0, math.floor(seconds / self.step + _ROUNDING))
        return max(0, math.floor(seconds / self.step))

    def start(self, index: int) -> Fraction:
        return index * self.step

    def span(self, index: int) -> Span:
        return Span(index * self.step, (index + 1) * self.step)

    def cells(self, span: Span, count: int) -> slice:
        """The cells whose middle lies in a span, at least the one at its middle."""
        first = math.ceil(span.start / self.step - Fraction(1, 2))
        last = math.ceil(span.end / self.step - Fraction(1, 2))
        if last <= first:
            first = self.index(span.middle)
            last = first + 1
        return slice(max(0, min(first, count - 1)), max(1, min(last, count)))


def total_duration(spans: Iterable[Span]) -> Fraction:
    """Sum of the durations in exact seconds."""
    return sum((span.duration for span in spans), Fraction(0))
