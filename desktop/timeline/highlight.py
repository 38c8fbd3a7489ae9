"""The highlight curve, stacked from its contributions."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS
from desktop import theme
from desktop.timeline.lane import Lane, visible_cells

_LEAST_SHOWN = 0.005
"""What is smaller would read as 0.00."""


class HighlightLane(Lane):
    """One area per contribution; their sum is the score.

    A contribution below zero, as some networks give them, has no area: the line of the score then
    runs below the upper edge.
    """

    def __init__(self) -> None:
        super().__init__("Highlight", 76, 0.0, 1.0)
        self._analysis: Analysis | None = None
        self._areas = []
        for layer, name in enumerate(CONTRIBUTIONS):
            colour = QColor(theme.CONTRIBUTION_COLOURS[name]).darker(150)
            area = pg.PlotCurveItem(pen=None, fillLevel=0.0, brush=colour)
            # Each area reaches down to zero; the lower ones are drawn over the higher ones.
            area.setZValue(len(CONTRIBUTIONS) - layer)
            self._areas.append(area)
            self.addItem(area, ignoreBounds=True)
        self._score = pg.PlotCurveItem(pen=pg.mkPen(theme.palette().text, width=1))
        self._score.setZValue(len(CONTRIBUTIONS) + 1)
        self.addItem(self._score, ignoreBounds=True)
        self.box.sigXRangeChanged.connect(self._draw)
        self.box.sigResized.connect(self._draw)

    def open(self, duration: float) -> None:
        self._analysis = None
        super().open(duration)
        self._draw()

    def show_analysis(self, analysis: Analysis) -> None:
        self._analysis = analysis
        score = analysis.highlight.score
        if score.size:
            self.setYRange(0.0, max(0.2, float(score.max()) * 1.05), padding=0)
        self._draw()

    def _draw(self) -> None:
        if self._analysis is None or self._analysis.highlight.score.size == 0:
            for curve in (self._score, *self._areas):
                curve.clear()
            return
        curve = self._analysis.highlight
        cells = visible_cells(self.box, float(self._analysis.grid.step), len(curve.score))
        if cells.count == 0:
            return
        parts = np.maximum(cells.means(curve.contributions), 0.0)
        levels = np.cumsum(parts, axis=1)
        for index, area in enumerate(self._areas):
            area.setData(cells.middles, levels[:, index])
        self._score.setData(cells.middles, cells.means(curve.score))

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        curve = analysis.highlight
        index = analysis.grid.index(seconds)
        if index >= len(curve.score):
            return ""
        named = zip(CONTRIBUTIONS, curve.contributions[index], strict=True)
        parts = ", ".join(f"{name} {part:.2f}" for name, part in named if abs(part) >= _LEAST_SHOWN)
        return f"highlight {curve.score[index]:.2f}" + (f" ({parts})" if parts else "")
