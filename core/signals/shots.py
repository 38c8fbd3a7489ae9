"""Where one shot ends and the next begins: hard cuts to the frame, and gradual transitions.

Hard cuts: the content difference of neighbouring frames against its surroundings (adaptive
threshold, as in PySceneDetect's adaptive detector). Gradual ones: in a dissolve or a fade the
middle picture is the mean of those before and after it, which motion does not bring about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Picture
from core.media.probe import MediaInfo
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.signals.motion import colour_histogram
from core.time import Grid

MOST_PER_CELL = 8
"""Shot changes that one row has room for; the strongest ones are kept."""

_NEIGHBOURS = 6
_LEAST_DIFFERENCE = 9.0
_LEAST_RATIO = 3.0
_LEAST_HISTOGRAM_DISTANCE = 0.12
_FLASH_RETURN = 0.5
_GRADUAL_REACH = Fraction(1, 2)
_GRADUAL_SPACING = Fraction(1, 10)
_LEAST_GRADUAL_CHANGE = 12.0
_MOST_NONLINEARITY = 0.22
_LAG = Fraction(3, 2)


class Shots(Signal[Picture]):
    """Shot changes of each cell: rows ``(8, 3) float64``, NaN where there are fewer.

    Columns: ``ends`` (s, when the old shot ends), ``begins`` (s, when the new one begins: the same
    for a hard cut, the first whole picture of the new shot for a gradual one), ``strength`` (mean
    absolute difference of the pictures, 0…255). A change belongs to the cell that ``begins`` is in.
    """

    name = "shots"
    version = "1"
    stream = "pictures"
    columns = ("ends", "begins", "strength")
    warm_up = Fraction(4)

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((MOST_PER_CELL, len(self.columns)), "float64")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[Picture]:
        return _Detector(info, grid, first_cell)


@dataclass(frozen=True)
class _Step:
    """A frame, and how it differs from the one before it."""

    time: Fraction
    small: NDArray[np.int16]
    difference: float
    histogram_distance: float


class _Detector(Extractor[Picture]):
    def __init__(self, info: MediaInfo, grid: Grid, first_cell: int) -> None:
        self._grid = grid
        self._count = grid.count(info.duration)
        self._next = first_cell
        self._steps: deque[_Step] = deque(maxlen=2 * _NEIGHBOURS + 1)
        self._histogram: NDArray[np.float64] | None = None
        self._gradual = _GradualDetector()
        self._found: list[tuple[float, float, float]] = []
        self._cut_times: deque[Fraction] = deque(maxlen=32)

    def feed(self, piece: Picture) -> Sequence[Row]:
        self._add(piece)
        self._judge()
        for ends, begins, strength in self._gradual.feed(piece):
            if not any(ends < cut <= begins for cut in self._cut_times):
                self._found.append((float(ends), float(begins), strength))
        done = self._grid.index(max(Fraction(0), piece.time - _LAG))
        return self._rows_until(min(done, self._count))

    def finish(self) -> Sequence[Row]:
        for _ in range(_NEIGHBOURS):
            if self._steps:
                last = self._steps[-1]
                self._steps.append(_Step(last.time, last.small, 0.0, 0.0))
                self._judge()
        return self._rows_until(self._count)

    def _add(self, picture: Picture) -> None:
        small = picture.small().astype(np.int16)
        histogram = colour_histogram(small)
        if self._steps and self._histogram is not None:
            difference = _difference(small, self._steps[-1].small)
            distance = 0.5 * float(np.abs(histogram - self._histogram).sum()) / 3
        else:
            difference = distance = 0.0
        self._histogram = histogram
        self._steps.append(_Step(picture.time, small, difference, distance))

    def _judge(self) -> None:
        """Decides on the frame that has as many known frames after it as before it."""
        if len(self._steps) <= _NEIGHBOURS:
            return
        steps = list(self._steps)
        middle = len(steps) - 1 - _NEIGHBOURS
        step = steps[middle]
        if middle == 0 or step.difference < _LEAST_DIFFERENCE:
            return
        others = [other.difference for i, other in enumerate(steps) if i != middle and i > 0]
        if step.difference < _LEAST_RATIO * (float(np.mean(others)) + 1.0):
            second = sorted(others)[-2] if len(others) > 1 else 0.0
            if step.difference < _LEAST_RATIO * (second + 1.0):
                return
        if step.histogram_distance < _LEAST_HISTOGRAM_DISTANCE and step.difference < 25.0:
            return
        after = steps[min(middle + 3, len(steps) - 1)].small
        for before in (steps[middle - 1].small, steps[max(0, middle - 3)].small):
            if _difference(before, after) < _FLASH_RETURN * step.difference:
                return
        seconds = float(step.time)
        self._found.append((seconds, seconds, step.difference))
        self._cut_times.append(step.time)

    def _rows_until(self, cell: int) -> list[Row]:
        rows = []
        while self._next < cell:
            span = self._grid.span(self._next)
            mine = [change for change in self._found if change[1] in span]
            self._found = [change for change in self._found if change[1] >= span.end]
            row = np.full((MOST_PER_CELL, 3), np.nan)
            strongest = sorted(mine, key=lambda change: -change[2])[:MOST_PER_CELL]
            for slot, change in enumerate(sorted(strongest)):
                row[slot] = change
            rows.append(row)
            self._next += 1
        return rows


class _GradualDetector:
    """Finds the stretch in which one picture turns linearly into another."""

    def __init__(self) -> None:
        reach = int(_GRADUAL_REACH / _GRADUAL_SPACING)
        self._reach = reach
        self._full = 2 * reach + 1
        self._ring: deque[tuple[Fraction, NDArray[np.int16]]] = deque(maxlen=self._full)
        self._best: tuple[float, Fraction, Fraction] | None = None

    def feed(self, picture: Picture) -> list[tuple[Fraction, Fraction, float]]:
        if self._ring and picture.time - self._ring[-1][0] < _GRADUAL_SPACING:
            return []
        self._ring.append((picture.time, picture.small().astype(np.int16)))
        found: list[tuple[Fraction, Fraction, float]] = []
        change = self._change()
        if change > 0 and (self._best is None or change > self._best[0]):
            self._best = (change, self._ring[0][0], self._ring[-1][0])
        if self._best is not None and picture.time - self._best[2] > _GRADUAL_REACH:
            strength, ends, begins = self._best
            found.append((ends, begins, strength))
            self._best = None
        return found

    def _change(self) -> float:
        """How much changes across the ring if it changes linearly, else 0."""
        if len(self._ring) < self._full or (
            self._ring[-1][0] - self._ring[0][0] > 3 * _GRADUAL_REACH
        ):
            return 0.0
        first, middle, last = self._ring[0][1], self._ring[self._reach][1], self._ring[-1][1]
        change = _difference(first, last)
        if change < _LEAST_GRADUAL_CHANGE:
            return 0.0
        nonlinearity = float(np.abs(2 * middle - first - last).mean()) / 2
        steps = [
            _difference(a[1], b[1]) for a, b in zip(self._ring, list(self._ring)[1:], strict=False)
        ]
        if nonlinearity > _MOST_NONLINEARITY * change or max(steps) > 0.5 * change:
            return 0.0
        return change


def _difference(a: NDArray[np.int16], b: NDArray[np.int16]) -> float:
    """Mean absolute difference of two tiny pictures over all channels, luma counting double."""
    by_channel = np.abs(a - b).mean(axis=(0, 1))
    return float((2 * by_channel[0] + by_channel[1] + by_channel[2]) / 2)
