"""Which cells of a video its labels reach: those that stretches cover at least half of."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.time import Span


def covered(
    spans: Iterable[tuple[Fraction, Fraction]], cells: int, step: Fraction, duration: Fraction
) -> NDArray[np.bool_]:
    """Which cells the spans together cover at least half of.

    Args:
        spans: Starts and ends in seconds; they may overlap.
        cells: Number of cells.
        step: Seconds per cell.
        duration: Seconds that the video lasts: the last cell is as long as the video.

    Returns:
        ``(T,) bool``.
    """
    result = np.zeros(cells, bool)
    partial: defaultdict[int, Fraction] = defaultdict(Fraction)
    for start, end in _merged(spans):
        first, last = max(0, math.floor(start / step)), min(cells, math.ceil(end / step))
        result[first + 1 : max(first + 1, last - 1)] = True
        for cell in {first, last - 1} if first < last else ():
            partial[cell] += min(end, (cell + 1) * step) - max(start, cell * step)
    for cell, part in partial.items():
        length = min(step, duration - cell * step)
        result[cell] = part > 0 and 2 * part >= length
    return result


def touched(spans: Iterable[Span], cells: int, step: Fraction) -> NDArray[np.bool_]:
    """Which cells the spans reach into at all, ``(T,) bool``."""
    result = np.zeros(cells, bool)
    for span in spans:
        result[max(0, math.floor(span.start / step)) : max(0, math.ceil(span.end / step))] = True
    return result


def merged(spans: Iterable[Span], gap: Fraction = Fraction(0)) -> tuple[Span, ...]:
    """Spans in order, those in one that overlap or lie no farther apart than a gap.

    Args:
        spans: In any order.
        gap: Seconds.
    """
    pairs = _merged(((span.start, span.end) for span in spans), gap)
    return tuple(Span(start, end) for start, end in pairs)


def without(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of spans outside of others, in order.

    Args:
        spans: In any order.
        others: In any order.
    """
    left: list[Span] = list(merged(spans))
    for other in merged(others):
        left = [
            Span(start, end)
            for span in left
            for start, end in (
                (span.start, min(span.end, other.start)),
                (max(span.start, other.end), span.end),
            )
            if start < end
        ]
    return tuple(left)


def _merged(
    spans: Iterable[tuple[Fraction, Fraction]], gap: Fraction = Fraction(0)
) -> list[tuple[Fraction, Fraction]]:
    result: list[tuple[Fraction, Fraction]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + gap:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
