"""The outline of the sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from core.analysis.analysis import Analysis
from core.signals.waveform import PEAKS_PER_SECOND
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight

_COLOUR = "#6f87a8"
_COARSE = 50


class WaveformLane(Lane):
    """Lowest and highest sample per pixel, as far as the view shows."""

    track = "waveform"

    def __init__(self) -> None:
        super().__init__(tr("Sound"), 44, -1.0, 1.0, tr("Lowest and highest sample of the sound"))
        self._fine: NDArray[np.float16] = np.zeros((0, 2), np.float16)
        self._coarse: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self._grouped = 0
        self._colour = QColor(_COLOUR).rgba()

    def open(self, duration: float) -> None:
        self._forget()
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get("waveform")
        if rows is None or len(rows) == 0:
            return
        peaks = rows.reshape(-1, 2)
        if len(peaks) < len(self._fine) or not np.may_share_memory(peaks, self._fine):
            self._forget()
        if len(peaks) == len(self._fine):
            return
        self._fine = peaks
        self._group(analysis.cells * rows.shape[1] // _COARSE)
        self.redraw()

    def _forget(self) -> None:
        self._fine = self._fine[:0]
        self._grouped = 0

    def _group(self, most: int) -> None:
        """Takes what is new into the coarse outline; what was there stays."""
        if len(self._coarse) < most or not self._grouped:
            self._coarse = np.zeros((most, 2), np.float32)
            self._grouped = 0
        whole = min(len(self._fine) // _COARSE, most)
        new = self._fine[self._grouped * _COARSE : whole * _COARSE].astype(np.float32)
        groups = new.reshape(-1, _COARSE, 2)
        self._coarse[self._grouped : whole, 0] = groups[:, :, 0].min(axis=1)
        self._coarse[self._grouped : whole, 1] = groups[:, :, 1].max(axis=1)
        self._grouped = whole

    def draw(self, painter: QPainter, sight: Sight) -> None:
        peaks: NDArray[np.floating] = self._fine
        rate = float(PEAKS_PER_SECOND)
        if sight.pixel * rate >= _COARSE:
            peaks, rate = self._coarse[: self._grouped], rate / _COARSE
        places = (sight.columns() * rate).astype(np.int64)
        places = places[: int(np.searchsorted(places, len(peaks)))]
        if len(places) < 2:
            return
        first, last = int(places[0]), min(len(peaks), int(places[-1]) + 1)
        shown = peaks[first:last].astype(np.float32)
        height = max(1, int(sight.height))
        lowest = np.minimum.reduceat(shown[:, 0], places - first)
        highest = np.maximum.reduceat(shown[:, 1], places - first)
        top = np.rint((1 - highest) / 2 * (height - 1))
        bottom = np.maximum(np.rint((1 - lowest) / 2 * (height - 1)), top)
        lines = np.arange(height)[:, None]
        inside = (lines >= top) & (lines <= bottom)
        picture = np.where(inside, np.uint32(self._colour), np.uint32(0))
        image = QImage(
            picture.data, len(places), height, 4 * len(places), QImage.Format.Format_ARGB32
        )
        painter.drawImage(QRectF(0, 0, len(places), sight.height), image)
