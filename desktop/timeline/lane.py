"""What all lanes share: a strip of the timeline with time from left to right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsRectItem

from core.analysis.analysis import Analysis
from desktop import theme

RULER_HEIGHT = 26
"""Pixels of the ruler above the first lane."""

_UNKNOWN = QColor(255, 255, 255, 9)


class TimeBox(pg.ViewBox):
    """A view of time: a click names a moment, a drag pans, the wheel zooms."""

    clicked = Signal(float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseEnabled(x=True, y=False)
        self.setDefaultPadding(0)

    def mouseClickEvent(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Names the moment under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.clicked.emit(self.mapSceneToView(event.scenePos()).x())


@dataclass(frozen=True)
class VisibleCells:
    """The cells that a view shows, in groups of which each has a pixel or more.

    Attributes:
        first: The first cell.
        count: How many groups there are.
        size: Cells per group.
        middles: ``(count,)`` seconds.
    """

    first: int
    count: int
    size: int
    middles: NDArray[np.floating]

    def means(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Mean of the known values of each group, ``(count, …)``; NaN where there are none."""
        shown = values[self.first : self.first + self.count * self.size].astype(np.float64)
        groups = shown.reshape(self.count, self.size, *shown.shape[1:])
        known = np.isfinite(groups)
        counts = known.sum(axis=1)
        sums = np.where(known, groups, 0.0).sum(axis=1)
        return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def visible_cells(box: pg.ViewBox, step: float, known: int) -> VisibleCells:
    """Which of the known cells a view shows, with one more on either side.

    Args:
        box: The view.
        step: Seconds per cell.
        known: How many cells there are.
    """
    (low, high), _ = box.viewRange()
    pixels = max(2.0, box.width())
    size = max(1, int((high - low) / step / pixels))
    first = max(0, int(low / step) - size)
    first -= first % size
    count = max(0, min(known, int(high / step) + 2 * size) - first) // size
    middles = (first + (np.arange(count) + 0.5) * size) * step
    return VisibleCells(first, count, size, middles)


class Lane(pg.PlotItem):
    """A strip of the timeline.

    Subclasses draw an analysis in ``show_analysis``; the stretch that is not known yet is shaded.

    Args:
        name: What it shows, for the gutter.
        height: Pixels.
        low: Value at the lower edge.
        high: Value at the upper edge.
        axis: Axis of its own, where it has one.
    """

    def __init__(
        self, name: str, height: int, low: float, high: float, axis: pg.AxisItem | None = None
    ) -> None:
        axes = {"top": axis} if axis is not None else {}
        super().__init__(viewBox=TimeBox(), enableMenu=False, axisItems=axes)
        self.name = name
        self.low, self.high = low, high
        self.duration = 0.0
        self.hideButtons()
        for side in ("left", "bottom", "right", "top"):
            self.showAxis(side, side == "top" and axis is not None)
        self.setContentsMargins(0, 0, 0, 0)
        self.height_wanted = height + (RULER_HEIGHT if axis is not None else 0)
        self.setFixedHeight(self.height_wanted)
        self.setYRange(low, high, padding=0)
        self._unknown = QGraphicsRectItem()
        self._unknown.setBrush(_UNKNOWN)
        self._unknown.setPen(Qt.PenStyle.NoPen)
        self._unknown.setZValue(-5)
        self.addItem(self._unknown, ignoreBounds=True)
        self.playhead = pg.InfiniteLine(0, angle=90, pen=pg.mkPen(theme.palette().text, width=1))
        self.playhead.setZValue(50)
        self.addItem(self.playhead, ignoreBounds=True)

    @property
    def box(self) -> TimeBox:
        """The view of this lane."""
        return self.getViewBox()

    def open(self, duration: float) -> None:
        """A video of this length is open and nothing of it is known."""
        self.duration = duration
        self.box.setLimits(xMin=0, xMax=duration, minXRange=min(0.2, duration), maxXRange=duration)
        self.setXRange(0, duration, padding=0)
        self.set_known(0.0)

    def set_known(self, seconds: float) -> None:
        """Everything behind this time is not known yet."""
        self._unknown.setRect(
            QRectF(seconds, self.low, max(0.0, self.duration - seconds), self.high - self.low)
        )

    def show_analysis(self, analysis: Analysis) -> None:
        """Draws what is known."""
        raise NotImplementedError

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        """What this lane says about a moment, in words; empty if nothing."""
        return ""
