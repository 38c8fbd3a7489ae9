"""The protocol that every signal follows: pieces of a stream go in, one row per cell comes out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.media.frames import Picture
from core.media.probe import MediaInfo
from core.media.sound import SoundCell
from core.time import Grid

Row = NDArray[Any]
Piece = TypeVar("Piece", Picture, SoundCell)


@dataclass(frozen=True)
class RowFormat:
    """Shape and dtype of the row that a signal gives for each cell."""

    shape: tuple[int, ...]
    dtype: str


class Extractor(ABC, Generic[Piece]):
    """A signal at work on one stream; keeps what it must remember from piece to piece."""

    @abstractmethod
    def feed(self, piece: Piece) -> Sequence[Row]:
        """Takes the next piece; returns the rows of the cells that are now finished, in order."""

    @abstractmethod
    def finish(self) -> Sequence[Row]:
        """The rows of all cells that are still open, after the last piece."""


class Signal(ABC, Generic[Piece]):
    """Something measured in every cell of the analysis grid.

    Attributes:
        name: Name of its track, unique.
        version: Changes whenever the same video would give other rows.
        stream: Which stream it looks at.
        columns: Names of the row's last axis, where the columns mean different things.
        warm_up: Seconds of the stream before the first wanted cell that it must see as well.
        starts_slowly: Its first piece makes a large library load.
    """

    name: ClassVar[str]
    version: str
    stream: ClassVar[Literal["pictures", "sound"]]
    columns: ClassVar[tuple[str, ...]] = ()
    warm_up: ClassVar[Fraction] = Fraction(0)
    starts_slowly: ClassVar[bool] = False

    @abstractmethod
    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        """Shape and dtype of this signal's rows for a video."""

    @abstractmethod
    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[Piece]:
        """Begins a pass; pieces will start ``warm_up`` before ``first_cell``."""


class CellExtractor(Extractor[Picture]):
    """Base for picture signals that sum up the pictures of each cell.

    Subclasses say what to do with a picture and how to close a cell; cells without a picture of
    their own are closed too.
    """

    def __init__(self, info: MediaInfo, grid: Grid, first_cell: int) -> None:
        self._grid = grid
        self._first = first_cell
        self._count = grid.count(info.duration)
        self._open: int | None = None

    @abstractmethod
    def add(self, picture: Picture) -> None:
        """Takes a picture of the open cell."""

    @abstractmethod
    def close(self) -> Row:
        """The row of the open cell; the next one begins."""

    def feed(self, piece: Picture) -> Sequence[Row]:
        cell = min(self._grid.index(piece.seconds), self._count - 1)
        if self._open is None:
            self._open = min(cell, self._first)
        rows = self._close_until(cell)
        self.add(piece)
        return rows

    def finish(self) -> Sequence[Row]:
        if self._open is None:
            self._open = self._first
        return self._close_until(self._count)

    def _close_until(self, cell: int) -> list[Row]:
        assert self._open is not None
        rows = []
        for index in range(self._open, cell):
            row = self.close()
            if index >= self._first:
                rows.append(row)
        self._open = max(self._open, cell)
        return rows


def run(
    signal: Signal[Piece],
    stream: Iterable[Piece],
    info: MediaInfo,
    grid: Grid,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> NDArray[Any]:
    """Runs one signal over a whole stream.

    Returns:
        The track, ``(T, …)``: one row per cell of the grid.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    count = grid.count(info.duration)
    extractor = signal.start(info, grid, 0)
    rows: list[Row] = []
    for piece in stream:
        if cancelled():
            raise Cancelled
        new = extractor.feed(piece)
        if new:
            rows.extend(new)
            progress(len(rows) / count, signal.name)
    rows.extend(extractor.finish())
    layout = signal.row_format(info, grid)
    return np.array(rows, dtype=layout.dtype).reshape(-1, *layout.shape)
