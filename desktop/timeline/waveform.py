"""The outline of the sound."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.signals.waveform import PEAKS_PER_SECOND
from desktop.timeline.lane import Lane

_COLOUR = "#6f87a8"


class WaveformLane(Lane):
    """Lowest and highest sample per pixel, as far as the view shows."""

    def __init__(self) -> None:
        super().__init__("Sound", 44, -1.0, 1.0)
        self._peaks: NDArray[np.float16] = np.zeros((0, 2), np.float16)
        self._curve = pg.PlotCurveItem(pen=pg.mkPen(_COLOUR, width=1), connect="pairs")
        self.addItem(self._curve, ignoreBounds=True)
        self.box.sigXRangeChanged.connect(self._draw)
        self.box.sigResized.connect(self._draw)

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get("waveform")
        peaks = np.zeros((0, 2), np.float16) if rows is None else rows.reshape(-1, 2)
        if len(peaks) != len(self._peaks):
            self._peaks = peaks
            self._draw()

    def open(self, duration: float) -> None:
        self._peaks = np.zeros((0, 2), np.float16)
        super().open(duration)
        self._draw()

    def _draw(self) -> None:
        (low, high), _ = self.box.viewRange()
        first = max(0, int(low * PEAKS_PER_SECOND))
        last = min(len(self._peaks), int(high * PEAKS_PER_SECOND) + 1)
        if last <= first:
            self._curve.clear()
            return
        per_pixel = max(1, (last - first) // max(1, int(self.box.width())))
        first -= first % per_pixel
        count = (last - first) // per_pixel
        shown = self._peaks[first : first + count * per_pixel].astype(np.float32)
        grouped = shown.reshape(count, per_pixel, 2)
        values = np.empty(2 * count, np.float32)
        values[0::2] = grouped[:, :, 0].min(axis=1)
        values[1::2] = np.maximum(grouped[:, :, 1].max(axis=1), values[0::2] + 0.02)
        times = (first + (np.arange(count) + 0.5) * per_pixel) / PEAKS_PER_SECOND
        self._curve.setData(np.repeat(times, 2), values)
