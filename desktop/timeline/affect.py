"""Arousal and valence as curves."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from core.analysis.analysis import Analysis
from desktop import theme
from desktop.timeline.lane import Lane, visible_cells

AROUSAL_COLOUR = "#ff8f5e"
VALENCE_COLOUR = "#7fd1c7"


class AffectLane(Lane):
    """Arousal solid, valence dashed, a line at zero; gaps where nobody speaks."""

    def __init__(self) -> None:
        super().__init__("Arousal\nValence", 52, -1.0, 1.0)
        self.addItem(
            pg.InfiniteLine(0, angle=0, pen=pg.mkPen(theme.palette().hairline)), ignoreBounds=True
        )
        self._analysis: Analysis | None = None
        self._arousal = self._curve(pg.mkPen(AROUSAL_COLOUR, width=1))
        self._valence = self._curve(pg.mkPen(VALENCE_COLOUR, width=1, style=Qt.PenStyle.DashLine))
        self.box.sigXRangeChanged.connect(self._draw)
        self.box.sigResized.connect(self._draw)

    def _curve(self, pen: object) -> pg.PlotCurveItem:
        curve = pg.PlotCurveItem(pen=pen, connect="finite")
        self.addItem(curve, ignoreBounds=True)
        return curve

    def open(self, duration: float) -> None:
        self._analysis = None
        super().open(duration)
        self._draw()

    def show_analysis(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._draw()

    def _draw(self) -> None:
        rows = None if self._analysis is None else self._analysis.tracks.get("speech-emotion")
        if self._analysis is None or rows is None or len(rows) == 0:
            self._arousal.clear()
            self._valence.clear()
            return
        cells = visible_cells(self.box, float(self._analysis.grid.step), len(rows))
        if cells.count == 0:
            return
        values = cells.means(rows[:, 7:9])
        self._arousal.setData(cells.middles, values[:, 0])
        self._valence.setData(cells.middles, values[:, 1])

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        rows = analysis.tracks.get("speech-emotion")
        index = analysis.grid.index(seconds)
        if rows is None or index >= len(rows):
            return ""
        named = zip(("arousal", "valence"), rows[index, 7:9], strict=True)
        return ", ".join(f"{name} {value:+.2f}" for name, value in named if np.isfinite(value))
