"""Arousal and valence as curves."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from core.analysis.analysis import Analysis
from desktop import theme
from desktop.timeline.lane import Lane

AROUSAL_COLOUR = "#ff8f5e"
VALENCE_COLOUR = "#7fd1c7"


class AffectLane(Lane):
    """Arousal solid, valence dashed, a line at zero; gaps where nobody speaks."""

    def __init__(self) -> None:
        super().__init__("Arousal\nValence", 52, -1.0, 1.0)
        self.addItem(pg.InfiniteLine(0, angle=0, pen=pg.mkPen(theme.HAIRLINE)), ignoreBounds=True)
        self._arousal = self._curve(pg.mkPen(AROUSAL_COLOUR, width=1.5))
        self._valence = self._curve(pg.mkPen(VALENCE_COLOUR, width=1.5, style=Qt.PenStyle.DashLine))

    def _curve(self, pen: object) -> pg.PlotDataItem:
        curve = pg.PlotDataItem(pen=pen, connect="finite", antialias=True)
        curve.setClipToView(True)
        curve.setDownsampling(auto=True, method="subsample")
        self.addItem(curve, ignoreBounds=True)
        return curve

    def open(self, duration: float) -> None:
        super().open(duration)
        self._arousal.clear()
        self._valence.clear()

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get("speech-emotion")
        if rows is None or len(rows) == 0:
            return
        middles = (np.arange(len(rows)) + 0.5) * float(analysis.grid.step)
        self._arousal.setData(middles, rows[:, 7])
        self._valence.setData(middles, rows[:, 8])

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        rows = analysis.tracks.get("speech-emotion")
        index = analysis.grid.index(seconds)
        if rows is None or index >= len(rows) or not np.isfinite(rows[index, 7]):
            return ""
        return f"arousal {rows[index, 7]:+.2f}, valence {rows[index, 8]:+.2f}"
