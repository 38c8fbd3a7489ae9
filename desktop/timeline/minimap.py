"""The whole video at a glance, and which part of it the timeline shows."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor

from core.analysis.analysis import Analysis
from core.project.document import Cuts
from desktop import theme
from desktop.timeline.lane import Lane, visible_cells


class MiniMap(Lane):
    """The highlight curve of the whole video with the cuts; the window over it can be dragged."""

    window_moved = Signal(float, float)

    def __init__(self) -> None:
        super().__init__("", 26, 0.0, 1.0)
        self.box.setMouseEnabled(x=False, y=False)
        colour = QColor(theme.palette().secondary)
        colour.setAlpha(110)
        self._curve = pg.PlotCurveItem(pen=None, fillLevel=0, brush=colour)
        self.addItem(self._curve, ignoreBounds=True)
        self._cuts = pg.BarGraphItem(
            x0=np.zeros(0),
            x1=np.zeros(0),
            y0=0,
            height=np.zeros(0),
            pen=None,
            brush=theme.palette().accent,
        )
        self.addItem(self._cuts, ignoreBounds=True)
        window = QColor(255, 255, 255, 22)
        self._window = pg.LinearRegionItem(
            (0, 1),
            brush=window,
            hoverBrush=window,
            pen=pg.mkPen(theme.palette().secondary),
            swapMode="block",
        )
        self.addItem(self._window, ignoreBounds=True)
        self._window.sigRegionChanged.connect(
            lambda: self.window_moved.emit(*self._window.getRegion())
        )

    def open(self, duration: float) -> None:
        super().open(duration)
        self._curve.clear()
        self._window.setBounds((0, duration))
        self.show_window(0, duration)
        self.show_cuts(())

    def show_analysis(self, analysis: Analysis) -> None:
        score = analysis.highlight.score
        if score.size:
            cells = visible_cells(self.box, float(analysis.grid.step), len(score))
            self._curve.setData(cells.middles, cells.means(score) / max(float(score.max()), 0.2))

    def show_cuts(self, cuts: Cuts) -> None:
        """Draws the cuts as a strip."""
        self._cuts.setOpts(
            x0=np.array([float(c.span.start) for c in cuts]),
            x1=np.array([float(c.span.end) for c in cuts]),
            height=np.full(len(cuts), 0.18),
        )

    def show_window(self, low: float, high: float) -> None:
        """Shows which part the timeline shows."""
        self._window.blockSignals(True)
        self._window.setRegion((low, high))
        self._window.blockSignals(False)
