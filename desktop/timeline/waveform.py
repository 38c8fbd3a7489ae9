"""The outline of the sound."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.signals.waveform import PEAKS_PER_SECOND
from desktop.timeline.lane import Lane

_COLOUR = "#6f87a8"
_COARSE = 50


class WaveformLane(Lane):
    """Lowest and highest sample per pixel, as far as the view shows."""

    def __init__(self) -> None:
        super().__init__("Sound", 44, -1.0, 1.0)
        self._fine: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self._coarse: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self._curve = pg.PlotCurveItem(pen=pg.mkPen(_COLOUR, width=1), connect="pairs")
        self.addItem(self._curve, ignoreBounds=True)
        self.box.sigXRangeChanged.connect(self._draw)
        self.box.sigResized.connect(self._draw)

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get("waveform")
        known = 0 if rows is None else len(rows) * rows.shape[1]
        if rows is None or known == len(self._fine):
            return
        new = rows.reshape(-1, 2)[len(self._fine) :].astype(np.float32)
        self._fine = np.concatenate((self._fine, new))
        whole = len(self._fine) // _COARSE * _COARSE
        groups = self._fine[:whole].reshape(-1, _COARSE, 2)
        self._coarse = np.stack((groups[:, :, 0].min(axis=1), groups[:, :, 1].max(axis=1)), axis=1)
        self._draw()

    def open(self, duration: float) -> None:
        self._fine = self._coarse = np.zeros((0, 2), np.float32)
        super().open(duration)
        self._draw()

    def _draw(self) -> None:
        (low, high), _ = self.box.viewRange()
        per_pixel = (high - low) * PEAKS_PER_SECOND / max(1.0, self.box.width())
        peaks, rate = self._fine, float(PEAKS_PER_SECOND)
        if per_pixel >= _COARSE:
            peaks, rate, per_pixel = self._coarse, rate / _COARSE, per_pixel / _COARSE
        size = max(1, int(per_pixel))
        first = max(0, int(low * rate))
        first -= first % size
        count = (min(len(peaks), int(high * rate) + 1) - first) // size
        if count <= 0:
            self._curve.clear()
            return
        grouped = peaks[first : first + count * size].reshape(count, size, 2)
        values = np.empty(2 * count, np.float32)
        values[0::2] = grouped[:, :, 0].min(axis=1)
        values[1::2] = np.maximum(grouped[:, :, 1].max(axis=1), values[0::2] + 0.02)
        times = (first + (np.arange(count) + 0.5) * size) / rate
        self._curve.setData(np.repeat(times, 2), values)
