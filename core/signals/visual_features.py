"""What is seen in each cell: the features that a vision network gives its first picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Picture
from core.media.probe import MediaInfo
from core.networks.vision import INPUT_SIZE, Backbone
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid

_BATCH = 4


class VisualFeatures(Signal[Picture]):
    """Rows ``(dimension,) float16``, from the picture squeezed to 224 × 224 RGB."""

    name = "visual-features"
    stream = "pictures"

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone
        self.version = backbone.version

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((self._backbone.dimension,), "float16")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[Picture]:
        return _Batches(self._backbone, grid, first_cell, grid.count(info.duration))


class _Batches(Extractor[Picture]):
    """Collects one picture per cell; a cell without one shows that of the cell before."""

    def __init__(self, backbone: Backbone, grid: Grid, first_cell: int, count: int) -> None:
        self._backbone = backbone
        self._grid = grid
        self._next = first_cell
        self._count = count
        self._latest: NDArray[np.uint8] | None = None
        self._waiting: list[NDArray[np.uint8]] = []

    def feed(self, piece: Picture) -> Sequence[Row]:
        cell = min(self._grid.index(piece.seconds), self._count - 1)
        if cell < self._next:
            if self._latest is None:
                self._latest = _input(piece)
            return []
        picture = _input(piece)
        held = picture if self._latest is None else self._latest
        self._waiting.extend([held] * (cell - self._next))
        self._waiting.append(picture)
        self._latest = picture
        self._next = cell + 1
        return self._run(_BATCH)

    def finish(self) -> Sequence[Row]:
        if self._latest is None:
            self._latest = np.zeros((INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
        self._waiting.extend([self._latest] * (self._count - self._next))
        self._next = self._count
        return self._run(1)

    def _run(self, least: int) -> list[Row]:
        rows: list[Row] = []
        while len(self._waiting) >= least and self._waiting:
            batch = self._waiting[:_BATCH]
            del self._waiting[:_BATCH]
            rows.extend(self._backbone.features(np.stack(batch)).astype(np.float16))
        return rows


def _input(picture: Picture) -> NDArray[np.uint8]:
    return picture.rgb(INPUT_SIZE, INPUT_SIZE)
