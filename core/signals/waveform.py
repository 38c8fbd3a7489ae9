"""The outline of the sound, for drawing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.media.probe import MediaInfo
from core.media.sound import SPEECH_RATE, SoundCell
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid

PEAKS_PER_SECOND = 50


class Waveform(Signal[SoundCell]):
    """Lowest and highest sample of every 20 ms: rows ``(50 · step, 2) float16`` in −1…1."""

    name = "waveform"
    version = "1"
    stream = "sound"
    columns = ("lowest", "highest")

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((int(PEAKS_PER_SECOND * grid.step), 2), "float16")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        return _Outline(int(PEAKS_PER_SECOND * grid.step), first_cell)


class _Outline(Extractor[SoundCell]):
    def __init__(self, peaks: int, first_cell: int) -> None:
        self._peaks = peaks
        self._first = first_cell

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        if piece.index < self._first:
            return []
        width = SPEECH_RATE // PEAKS_PER_SECOND
        samples = piece.speech[: self._peaks * width]
        padded = np.pad(samples, (0, self._peaks * width - len(samples))).reshape(-1, width)
        return [np.stack((padded.min(axis=1), padded.max(axis=1)), axis=1).astype(np.float16)]

    def finish(self) -> Sequence[Row]:
        return []
