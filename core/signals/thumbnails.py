"""A small picture per cell, for the timeline and the list of cuts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Picture
from core.media.probe import MediaInfo
from core.signals.base import CellExtractor, Extractor, Row, RowFormat, Signal
from core.time import Grid

HEIGHT = 45


class Thumbnails(Signal[Picture]):
    """The first picture of each cell, upright: rows ``(45, width, 3) uint8`` RGB."""

    name = "thumbnails"
    version = "1"
    stream = "pictures"

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((HEIGHT, _width(info), 3), "uint8")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[Picture]:
        return _Filmstrip(info, grid, first_cell)


def _width(info: MediaInfo) -> int:
    return int(np.clip(round(HEIGHT * info.video.width / info.video.height), 16, 120))


class _Filmstrip(CellExtractor):
    def __init__(self, info: MediaInfo, grid: Grid, first_cell: int) -> None:
        super().__init__(info, grid, first_cell)
        self._width = _width(info)
        self._latest: NDArray[np.uint8] = np.zeros((HEIGHT, self._width, 3), np.uint8)
        self._fresh = True

    def add(self, picture: Picture) -> None:
        if self._fresh:
            self._latest = picture.rgb(self._width, HEIGHT)
            self._fresh = False

    def close(self) -> Row:
        self._fresh = True
        return self._latest
