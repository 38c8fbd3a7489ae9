"""Loudness as people hear it: ITU-R BS.1770-5 and EBU R 128."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.media.probe import MediaInfo
from core.media.sound import FULL_RATE, SoundCell, channel_names
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid

SILENCE = -70.0
"""LUFS; the absolute gate of BS.1770, and what silence counts as."""

_BLOCK = FULL_RATE // 10
_MOMENTARY, _SHORT_TERM = 4, 30
# The K-weighting: BS.1770's high shelf and high pass in one filter.
_NUMERATOR = np.convolve([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -2.0, 1.0])
_DENOMINATOR = np.convolve(
    [1.0, -1.69065929318241, 0.73248077421585], [1.0, -1.99004745483398, 0.99007225036621]
)
_SURROUND = {"SL", "SR", "BL", "BR"}


class Loudness(Signal[SoundCell]):
    """Four columns per cell, all in LUFS but the last (dBFS).

    ``level`` is the loudness of the cell itself, ``momentary`` the loudest 400 ms that end in it,
    ``short_term`` the 3 s that end with it, ``peak`` the highest sample.
    """

    name = "loudness"
    version = "1"
    stream = "sound"
    columns = ("level", "momentary", "short_term", "peak")
    warm_up = Fraction(4)

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((len(self.columns),), "float32")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        assert info.audio is not None
        weights = [
            0.0 if name == "LFE" else 1.41 if name in _SURROUND else 1.0
            for name in channel_names(info.audio)
        ]
        return _Meter(np.array(weights, np.float64), first_cell)


class _Meter(Extractor[SoundCell]):
    def __init__(self, weights: NDArray[np.float64], first_cell: int) -> None:
        self._weights = weights
        self._first = first_cell
        self._state = np.zeros((len(weights), len(_DENOMINATOR) - 1))
        self._blocks: deque[float] = deque(maxlen=_SHORT_TERM)

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        from scipy.signal import lfilter

        exact = piece.full.astype(np.float64)
        weighted, self._state = lfilter(_NUMERATOR, _DENOMINATOR, exact, axis=1, zi=self._state)
        energy = self._weights @ np.square(weighted)
        momentary = 0.0
        for begin in range(0, len(energy), _BLOCK):
            self._blocks.append(float(energy[begin : begin + _BLOCK].mean()))
            recent = list(self._blocks)[-_MOMENTARY:]
            momentary = max(momentary, sum(recent) / _MOMENTARY)
        if piece.index < self._first:
            return []
        short_term = sum(self._blocks) / len(self._blocks)
        peak = 20 * np.log10(max(float(np.abs(piece.full).max(initial=0.0)), 1e-6))
        row = [_lufs(float(energy.mean())), _lufs(momentary), _lufs(short_term), peak]
        return [np.array(row, np.float32)]

    def finish(self) -> Sequence[Row]:
        return []


def _lufs(mean_square: float) -> float:
    return max(SILENCE, -0.691 + 10 * np.log10(max(mean_square, 1e-12)))
