"""The highlight curve, stacked from its contributions."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS
from desktop import theme
from desktop.timeline.lane import Lane


class HighlightLane(Lane):
    """One area per contribution; their sum is the score."""

    def __init__(self) -> None:
        super().__init__("Highlight", 76, 0.0, 1.0)
        self._borders = [pg.PlotCurveItem(pen=None) for _ in range(len(CONTRIBUTIONS) + 1)]
        for name, lower, upper in zip(
            CONTRIBUTIONS, self._borders, self._borders[1:], strict=False
        ):
            colour = QColor(theme.CONTRIBUTION_COLOURS[name])
            colour.setAlpha(170)
            self.addItem(pg.FillBetweenItem(lower, upper, brush=colour), ignoreBounds=True)
        self._score = pg.PlotCurveItem(pen=pg.mkPen(theme.TEXT, width=1.2), antialias=True)
        self.addItem(self._score, ignoreBounds=True)

    def open(self, duration: float) -> None:
        super().open(duration)
        self._score.clear()
        for border in self._borders:
            border.setData(np.zeros(1), np.zeros(1))

    def show_analysis(self, analysis: Analysis) -> None:
        score = analysis.highlight.score
        if score.size == 0:
            return
        middles = (np.arange(len(score)) + 0.5) * float(analysis.grid.step)
        level = np.zeros(len(score), np.float32)
        self._borders[0].setData(middles, level)
        for index in range(len(CONTRIBUTIONS)):
            level = level + analysis.highlight.contributions[:, index]
            self._borders[index + 1].setData(middles, level)
        self._score.setData(middles, score)
        self.setYRange(0.0, max(0.2, float(score.max()) * 1.05), padding=0)

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        score = analysis.highlight.score
        index = analysis.grid.index(seconds)
        return f"highlight {score[index]:.2f}" if index < len(score) else ""
