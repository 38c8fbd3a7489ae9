"""Visual energy measured from pixels: how much moves and changes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Picture
from core.media.probe import MediaInfo
from core.signals.base import CellExtractor, Extractor, Row, RowFormat, Signal
from core.time import Grid

_SPACING, _JITTER = 0.1, 0.01
_LARGEST_STEP = 40.0
_BINS = 16


class Motion(Signal[Picture]):
    """Four columns per cell.

    ``motion`` is the mean absolute difference of luma between pictures 0.1 s apart (0…255; at most
    40 counts for one pair, so that a cut is not motion), ``change`` the distance of the colour
    histograms at the begin and the end of the cell (0…1), ``brightness`` the mean luma (0…255),
    ``saturation`` the mean distance of the chroma from grey (0…128).
    """

    name = "motion"
    version = "1"
    stream = "pictures"
    columns = ("motion", "change", "brightness", "saturation")
    warm_up = Fraction(1)

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((len(self.columns),), "float32")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[Picture]:
        return _Energy(info, grid, first_cell)


class _Energy(CellExtractor):
    def __init__(self, info: MediaInfo, grid: Grid, first_cell: int) -> None:
        super().__init__(info, grid, first_cell)
        self._reference: NDArray[np.float32] | None = None
        self._seconds = 0.0
        self._before: NDArray[np.float64] | None = None
        self._steps: list[float] = []

    def add(self, picture: Picture) -> None:
        gap = picture.seconds - self._seconds
        if self._reference is not None and gap < _SPACING - _JITTER:
            return
        small = picture.small()
        if self._reference is not None:
            step = float(np.abs(small[0] - self._reference[0]).mean())
            self._steps.append(min(step * _SPACING / gap, _LARGEST_STEP))
        self._reference, self._seconds = small, picture.seconds

    def close(self) -> Row:
        if self._reference is None:
            return np.zeros(len(Motion.columns), np.float32)
        histogram = colour_histogram(self._reference)
        before = histogram if self._before is None else self._before
        row = (
            float(np.mean(self._steps)) if self._steps else 0.0,
            histogram_distance(histogram, before),
            float(self._reference[0].mean()),
            float(np.abs(self._reference[1:] - 128).mean()),
        )
        self._before, self._steps = histogram, []
        return np.array(row, np.float32)


def colour_histogram(small: NDArray[np.float32]) -> NDArray[np.float64]:
    """Shares of the pixels in 16 bins per channel, ``(3, 16)``, each row summing to 1."""
    pixels = small.reshape(3, -1)
    bins = (pixels * (_BINS / 256)).astype(np.intp) + np.arange(3)[:, None] * _BINS
    counts = np.bincount(bins.ravel(), minlength=3 * _BINS)
    return counts.reshape(3, _BINS) / pixels.shape[1]


def histogram_distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Share of the pixels that would have to change their bins, 0…1."""
    return 0.5 * float(np.abs(one - other).sum()) / 3
