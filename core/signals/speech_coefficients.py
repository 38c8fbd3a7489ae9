"""The MFCC sequence of each cell, kept so that emotion can be told again without decoding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.media.probe import MediaInfo
from core.media.sound import SoundCell
from core.signals import mfcc
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid


class SpeechCoefficients(Signal[SoundCell]):
    """MFCC every 20 ms: rows ``(50 · step, 32) float16``.

    Frames that a partial last cell does not have are NaN.
    """

    name = "speech-coefficients"
    version = str(mfcc.feature_contract()["version"])
    stream = "sound"
    starts_slowly = True

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((int(mfcc.FRAMES_PER_SECOND * grid.step), mfcc.DIMENSION), "float16")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        return _Coefficients(int(mfcc.FRAMES_PER_SECOND * grid.step), first_cell)


class _Coefficients(Extractor[SoundCell]):
    def __init__(self, frames: int, first_cell: int) -> None:
        self._frames = frames
        self._first = first_cell

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        if piece.index < self._first:
            return []
        row = np.full((self._frames, mfcc.DIMENSION), np.nan, np.float16)
        if len(piece.speech):
            found = mfcc.mfcc_cell(piece.speech)[: self._frames]
            row[: len(found)] = found
        return [row]

    def finish(self) -> Sequence[Row]:
        return []
