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
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Picture
from core.media.probe import MediaInfo
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.signals.motion import colour_histogram, histogram_distance
from core.time import Grid

COLUMNS = ("ends", "begins", "strength", "not_before")

MOST_PER_CELL = 8
"""Shot changes that one row has room for; the strongest ones are kept."""

_BEFORE, _AFTER = 6, 3
_LEAST_DIFFERENCE = 9.0
_LEAST_RATIO = 3.0
_LEAST_LEAD = 1.7
_LEAST_HISTOGRAM_DISTANCE = 0.12
_UNMISTAKABLE = 25.0
_FLASH_RETURN = 0.5
_GRADUAL_REACH, _GRADUAL_SPACING, _JITTER = 0.5, 0.1, 0.01
_LEAST_GRADUAL_CHANGE = 12.0
_MOST_NONLINEARITY = 0.22
_LAG = 1.5


class Shots(Signal[Picture]):
    """Shot changes of each cell: rows ``(8, 4) float64``, NaN where there are fewer.

    Columns: ``ends`` (s, when the old shot ends), ``begins`` (s, when the new one begins: the same
    for a hard cut, the first whole picture of the new shot for a gradual one), ``strength`` (mean
    absolute difference of the pictures, 0…255), ``not_before`` (s, earlier than ``begins`` where
    frames were left out in between, of which one may be the first of the new shot; a key frame is
    taken for the first, for encoders put them there). A change belongs to the cell that ``begins``
    is in.
    """

    name = "shots"
    version = "1"
    stream = "pictures"
    columns = COLUMNS
    warm_up = Fraction(4)

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((MOST_PER_CELL, len(self.columns)), "float64")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[Picture]:
        return _Detector(info, grid, first_cell)


@dataclass(frozen=True)
class _Step:
    """A frame, and how it differs from the one before it."""

    seconds: float
    small: NDArray[np.float32]
    difference: float
    is_key: bool


class _Detector(Extractor[Picture]):
    def __init__(self, info: MediaInfo, grid: Grid, first_cell: int) -> None:
        self._grid = grid
        self._count = grid.count(info.duration)
        self._next = first_cell
        self._steps: deque[_Step] = deque(maxlen=_BEFORE + 1 + _AFTER)
        self._gradual = _GradualDetector()
        self._frame = float(1 / info.video.frame_rate)
        self._found: list[tuple[float, float, float, float]] = []
        self._cuts: deque[float] = deque(maxlen=32)

    def feed(self, piece: Picture) -> Sequence[Row]:
        small = piece.small()
        difference = _difference(small, self._steps[-1].small) if self._steps else 0.0
        self._steps.append(_Step(piece.seconds, small, difference, piece.is_key))
        self._judge()
        for ends, begins, strength in self._gradual.feed(piece):
            if not any(ends < cut <= begins for cut in self._cuts):
                self._found.append((ends, begins, strength, begins))
        done = self._grid.index(max(0.0, piece.seconds - _LAG))
        return self._rows_until(min(done, self._count))

    def finish(self) -> Sequence[Row]:
        for _ in range(_AFTER):
            if self._steps:
                last = self._steps[-1]
                self._steps.append(_Step(last.seconds, last.small, 0.0, False))
                self._judge()
        return self._rows_until(self._count)

    def _judge(self) -> None:
        """Decides on the latest frame whose surroundings are known."""
        middle = len(self._steps) - 1 - _AFTER
        if middle <= 0 or self._steps[middle].difference < _LEAST_DIFFERENCE:
            return
        steps = list(self._steps)
        step = steps[middle]
        # One more cut nearby must not hide this one: the largest of the others does not count.
        others = sorted(s.difference for i, s in enumerate(steps) if i > 0 and i != middle)[:-1]
        usual = float(np.mean(others)) if others else 0.0
        if step.difference < _LEAST_RATIO * (usual + 1.0):
            return
        if others and step.difference < _LEAST_LEAD * others[-1]:
            return
        after = steps[middle + _AFTER].small
        for before in (steps[middle - 1].small, steps[max(0, middle - 3)].small):
            if _difference(before, after) < _FLASH_RETURN * step.difference:
                return
        if step.difference < _UNMISTAKABLE and (
            histogram_distance(
                colour_histogram(step.small), colour_histogram(steps[middle - 1].small)
            )
            < _LEAST_HISTOGRAM_DISTANCE
        ):
            return
        earlier = steps[middle - 1].seconds
        hidden = not step.is_key and step.seconds - earlier > 1.5 * self._frame
        self._found.append(
            (step.seconds, step.seconds, step.difference, earlier if hidden else step.seconds)
        )
        self._cuts.append(step.seconds)

    def _rows_until(self, cell: int) -> list[Row]:
        rows = []
        while self._next < cell:
            span = self._grid.span(self._next)
            mine = [change for change in self._found if change[1] in span]
            self._found = [change for change in self._found if change[1] >= span.end]
            row = np.full((MOST_PER_CELL, len(COLUMNS)), np.nan)
            strongest = sorted(mine, key=lambda change: -change[2])[:MOST_PER_CELL]
            for slot, change in enumerate(sorted(strongest)):
                row[slot] = change
            rows.append(row)
            self._next += 1
        return rows


class _GradualDetector:
    """Finds the stretch in which one picture turns linearly into another."""

    def __init__(self) -> None:
        self._reach = round(_GRADUAL_REACH / _GRADUAL_SPACING)
        self._full = 2 * self._reach + 1
        self._ring: deque[tuple[float, NDArray[np.float32]]] = deque(maxlen=self._full)
        self._best: tuple[float, float, float] | None = None

    def feed(self, picture: Picture) -> list[tuple[float, float, float]]:
        """Takes the next picture; returns the transitions that are now certain."""
        now = picture.seconds
        if self._ring and now - self._ring[-1][0] < _GRADUAL_SPACING - _JITTER:
            return []
        self._ring.append((now, picture.small()))
        change = self._change()
        if change > 0 and (self._best is None or change > self._best[2]):
            self._best = (self._ring[0][0], now, change)
        if self._best is not None and now - self._best[1] > _GRADUAL_REACH:
            found = [self._best]
            self._best = None
            return found
        return []

    def _change(self) -> float:
        """How much changes across the ring if it changes linearly, else 0."""
        ring = list(self._ring)
        if len(ring) < self._full or ring[-1][0] - ring[0][0] > 3 * _GRADUAL_REACH:
            return 0.0
        first, middle, last = ring[0][1], ring[self._reach][1], ring[-1][1]
        change = _difference(first, last)
        if change < _LEAST_GRADUAL_CHANGE:
            return 0.0
        if _difference(middle, (first + last) * np.float32(0.5)) > _MOST_NONLINEARITY * change:
            return 0.0
        steps = [_difference(one, other) for (_, one), (_, other) in pairwise(ring)]
        return 0.0 if max(steps) > 0.5 * change else change


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Mean absolute difference of two tiny pictures over all channels, luma counting double."""
    difference = np.abs(one - other).reshape(3, -1)
    sums = difference @ _ones(difference.shape[1])
    return float(2 * sums[0] + sums[1] + sums[2]) / (2 * difference.shape[1])


@lru_cache(maxsize=4)
def _ones(count: int) -> NDArray[np.float32]:
    """A product with ones adds up several times faster than numpy's sum."""
    return np.ones(count, np.float32)
