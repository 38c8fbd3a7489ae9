"""What all lanes share: a strip of the timeline with time from left to right."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from core.analysis.analysis import Analysis
from desktop import theme

_LEAST_SPAN = 1e-6


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
        if self.size == 1:
            return shown
        groups = shown.reshape(self.count, self.size, *shown.shape[1:])
        known = np.isfinite(groups)
        counts = known.sum(axis=1)
        sums = np.where(known, groups, 0.0).sum(axis=1)
        return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def cells_between(low: float, high: float, pixels: float, step: float, known: int) -> VisibleCells:
    """Which of the known cells lie in a stretch of time that is drawn that wide."""
    size = max(1, int((high - low) / step / max(2.0, pixels)))
    first = max(0, int(low / step) - size)
    first -= first % size
    count = max(0, min(known, int(high / step) + 2 * size) - first) // size
    middles = (first + (np.arange(count) + 0.5) * size) * step
    return VisibleCells(first, count, size, middles)


@dataclass(frozen=True)
class Sight:
    """What a lane shows at the moment: a stretch of time in a rectangle of pixels.

    Attributes:
        low: Seconds at the left edge.
        high: Seconds at the right edge.
        width: Pixels.
        height: Pixels.
    """

    low: float
    high: float
    width: float
    height: float

    @property
    def pixel(self) -> float:
        """Seconds per pixel."""
        return (self.high - self.low) / max(1.0, self.width)

    def x(self, seconds: Any) -> Any:
        """The pixel of a time, or the pixels of an array of times."""
        return (seconds - self.low) / max(self.pixel, _LEAST_SPAN / 1000)

    def columns(self) -> NDArray[np.float64]:
        """Begins of the columns of pixels and the end of the last, in seconds.

        They lie on multiples of a pixel's time, so that what is drawn keeps its shape while it is
        panned.
        """
        first = np.floor(self.low / self.pixel)
        return (first + np.arange(int(self.width) + 1)) * self.pixel


class _Canvas(QGraphicsItem):
    """Draws a lane in pixels, beneath the items that other lanes place by time."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self._lane = lane
        self.setZValue(-5)
        # The playhead runs over the lanes without drawing them anew.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._lane.width(), self._lane.height())

    def resize(self) -> None:
        self.prepareGeometryChange()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        sight = self._lane.sight()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        begin = max(0.0, sight.x(self._lane.known))
        if begin < sight.width:
            hatch = QBrush(QColor(theme.palette().hairline), Qt.BrushStyle.BDiagPattern)
            # The pattern goes with the video, not with the window.
            painter.setBrushOrigin(int(-sight.low / sight.pixel) % 8, 0)
            painter.fillRect(QRectF(begin, 0, sight.width - begin, sight.height), hatch)
        self._lane.draw(painter, sight)


class Lane(pg.ViewBox):
    """A strip of the timeline: a click names a moment, a drag on empty space pans.

    Subclasses take an analysis in ``show_analysis`` and either draw in pixels (:meth:`draw`) or
    place items by time; the stretch that is not known yet is hatched.

    Args:
        name: What it shows, for the header.
        height: Pixels that it has by default.
        low: Value at the lower edge.
        high: Value at the upper edge.
        tip: What it shows, in a sentence.

    Attributes:
        key: Its name in the settings; the timeline gives it.
        known: Seconds behind which nothing is known yet.

    Signals:
        clicked: The seconds under the pointer.
        panned: The pointer was dragged by that many seconds.
    """

    clicked = Signal(float)
    panned = Signal(float)

    track = ""
    """The signal that says how far this lane is known; empty for the highlight curve."""

    def __init__(self, name: str, height: int, low: float, high: float, tip: str = "") -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(x=False, y=False)
        self.disableAutoRange()
        self.key = ""
        self.title = name
        self.tip = tip
        self.height_wanted = height
        self.low, self.high = low, high
        self.duration = 0.0
        self.known = inf
        self._canvas = _Canvas(self)
        self.setYRange(low, high, padding=0)
        self.sigXRangeChanged.connect(self.redraw)
        self.sigResized.connect(self._canvas.resize)

    def mouseClickEvent(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Names the moment under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.clicked.emit(self.mapSceneToView(event.scenePos()).x())

    def mouseDragEvent(
        self, event: pg.GraphicsScene.mouseEvents.MouseDragEvent, axis: int | None = None
    ) -> None:
        """Pans."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            before, now = (self.mapSceneToView(p) for p in (event.lastScenePos(), event.scenePos()))
            self.panned.emit(now.x() - before.x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys belong to the window."""
        event.ignore()

    def sight(self) -> Sight:
        """What is shown at the moment."""
        low, high = self.state["viewRange"][0]
        return Sight(low, max(high, low + _LEAST_SPAN), self.width(), self.height())

    def open(self, duration: float) -> None:
        """A video of this length is open and nothing of it is known; 0 for none."""
        self.duration = duration
        self.set_range(0.0, max(duration, _LEAST_SPAN))
        self.set_known(0.0 if duration else inf)

    def set_range(self, low: float, high: float) -> None:
        """Shows a stretch, in seconds."""
        self.setXRange(low, high, padding=0)

    def set_known(self, seconds: float) -> None:
        """Everything behind this time is not known yet."""
        if seconds != self.known:
            self.known = seconds
            self.redraw()

    def set_playhead(self, seconds: float) -> None:
        """The playhead moved; its line is drawn over all lanes at once."""

    def redraw(self) -> None:
        """What is drawn in pixels changed."""
        self._canvas.update()

    def show_analysis(self, analysis: Analysis) -> None:
        """Draws what is known."""
        raise NotImplementedError

    def known_until(self, analysis: Analysis) -> float:
        """Seconds behind which an analysis knows nothing for this lane."""
        rows = analysis.tracks.get(self.track, ()) if self.track else analysis.highlight.score
        whole = analysis.complete and self.track not in analysis.tracks and bool(self.track)
        if whole or len(rows) >= analysis.cells:
            return inf
        return min(len(rows) * float(analysis.grid.step), self.duration)

    def draw(self, painter: QPainter, sight: Sight) -> None:
        """Draws in pixels, from the upper left corner."""

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        """What this lane says about a moment, in words; empty if nothing."""
        return ""
