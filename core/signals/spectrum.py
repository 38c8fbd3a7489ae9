"""Pitch and the shape of the spectrum, by librosa."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.media.probe import MediaInfo
from core.media.sound import SPEECH_RATE, SoundCell
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid

LOWEST_PITCH, HIGHEST_PITCH = 65.0, 500.0
"""Hz; the range of speaking and shouting voices."""

_FRAME, _HOP = 1024, 1024
_SILENT = 1e-3


class Spectrum(Signal[SoundCell]):
    """Six columns per cell, zero where it is silent.

    ``pitch`` (Hz, median; YIN, de Cheveigné and Kawahara 2002), ``pitch_range`` (Hz, between the
    10th and the 90th percentile), ``centroid`` and ``rolloff`` (Hz, means), ``flatness`` (0…1) and
    ``flux`` (mean rise of the magnitude spectrum from frame to frame, relative to its sum).
    """

    name = "spectrum"
    version = "1"
    stream = "sound"
    starts_slowly = True
    columns = ("pitch", "pitch_range", "centroid", "rolloff", "flatness", "flux")

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((len(self.columns),), "float32")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        return _Analyser(first_cell)


class _Analyser(Extractor[SoundCell]):
    def __init__(self, first_cell: int) -> None:
        self._first = first_cell

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        if piece.index < self._first:
            return []
        samples = piece.speech
        if len(samples) < 2 * _FRAME or float(np.abs(samples).max(initial=0.0)) < _SILENT:
            return [np.zeros(len(Spectrum.columns), np.float32)]
        import librosa

        pitch = librosa.yin(
            samples,
            fmin=LOWEST_PITCH,
            fmax=HIGHEST_PITCH,
            sr=SPEECH_RATE,
            frame_length=_FRAME,
            hop_length=_HOP,
        )
        magnitude = np.abs(librosa.stft(samples, n_fft=_FRAME, hop_length=_HOP))
        rise = np.maximum(np.diff(magnitude, axis=1), 0).sum(axis=0)
        low, median, high = np.percentile(pitch, (10, 50, 90))
        feature = librosa.feature
        row = (
            median,
            high - low,
            feature.spectral_centroid(S=magnitude, sr=SPEECH_RATE).mean(),
            feature.spectral_rolloff(S=magnitude, sr=SPEECH_RATE).mean(),
            feature.spectral_flatness(S=magnitude).mean(),
            (rise / np.maximum(magnitude[:, 1:].sum(axis=0), 1e-6)).mean(),
        )
        return [np.array(row, np.float32)]

    def finish(self) -> Sequence[Row]:
        return []
