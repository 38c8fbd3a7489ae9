"""A signal on its way through a video: what the store had, what is new, what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.analysis.store import Store
from core.media.probe import MediaInfo
from core.signals.base import Extractor, Row, Signal
from core.time import Grid


class Channel:
    """The growing track of one signal.

    Attributes:
        signal: What is measured.
        known: How many cells are known.
    """

    def __init__(
        self, signal: Signal[Any], info: MediaInfo, fingerprint: str, grid: Grid, store: Store
    ) -> None:
        self.signal = signal
        self._info = info
        self._grid = grid
        self._cells = grid.count(info.duration)
        layout = signal.row_format(info, grid)
        self._place = store.track(
            fingerprint, grid, signal.name, signal.version, self._cells, layout
        )
        found = self._place.load()
        self.known = self._kept = self._found = len(found)
        self._rows = found
        if self.known < self._cells:
            self._rows = np.zeros((self._cells, *layout.shape), layout.dtype)
            self._rows[: self.known] = found

    @property
    def new(self) -> int:
        """How many cells came in this run."""
        return self.known - self._found

    @property
    def whole(self) -> bool:
        return self.known == self._cells

    @property
    def rows(self) -> np.ndarray[Any, np.dtype[Any]]:
        """The known rows, ``(known, …)``; a view that later rows do not change."""
        return self._rows[: self.known]

    def start(self) -> Extractor[Any]:
        """Begins a pass at the first unknown cell."""
        return self.signal.start(self._info, self._grid, self.known)

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows[: self._cells - self.known]:
            self._rows[self.known] = row
            self.known += 1

    def keep(self) -> None:
        """Writes to the store what has come since the last time.

        Raises:
            StoreError: The store cannot be written.
        """
        if self.known == self._kept:
            return
        if self.whole:
            self._place.complete(self._rows)
        else:
            self._place.append(self._kept, self._rows[self._kept : self.known])
        self._kept = self.known
