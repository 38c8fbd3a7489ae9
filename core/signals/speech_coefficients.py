"""The speech frames of each cell, kept so that emotion can be told again without decoding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.media.probe import MediaInfo
from core.media.sound import SoundCell
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.signals.framing import FRAMES_PER_SECOND
from core.signals.speech_frames import DIMENSION, feature_contract, speech_frames
from core.time import Grid


class SpeechCoefficients(Signal[SoundCell]):
    """Coefficients and voice quality every 20 ms: rows ``(50 · step, 41) float16``.

    Frames that a partial last cell does not have are NaN.
    """

    name = "speech-coefficients"
    version = str(feature_contract()["version"])
    stream = "sound"
    starts_slowly = True

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((int(FRAMES_PER_SECOND * grid.step), DIMENSION), "float16")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        return _Coefficients(int(FRAMES_PER_SECOND * grid.step), first_cell)


class _Coefficients(Extractor[SoundCell]):
    def __init__(self, frames: int, first_cell: int) -> None:
        self._frames = frames
        self._first = first_cell

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        if piece.index < self._first:
            return []
        row = np.full((self._frames, DIMENSION), np.nan, np.float16)
        if len(piece.speech):
            found = speech_frames(piece.speech[np.newaxis])[0, : self._frames]
            row[: len(found)] = found
        return [row]

    def finish(self) -> Sequence[Row]:
        return []
