"""The whole video at a glance, and which part of it the timeline shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from core.analysis.analysis import Analysis
from core.project.document import EditedCut
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.lane import Sight, cells_between

MINIMAP_HEIGHT = 26
"""Pixels of the mini-map above the ruler."""

_LEAST_SCORE = 0.2
_STRIP = 5
_EDGE = 6


class MiniMap(QWidget):
    """The highlight curve of the whole video with the cuts.

    The window over it can be dragged by its middle and by its edges; a press beside it brings it
    there.

    Signals:
        window_moved: The stretch that the timeline should show, in seconds.
    """

    window_moved = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(MINIMAP_HEIGHT)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Mini-map"))
        self.setToolTip(tr("The whole video: drag the window to look elsewhere"))
        self._duration = 0.0
        self._window = (0.0, 0.0)
        self._playhead = 0.0
        self._analysis: Analysis | None = None
        self._cuts: tuple[EditedCut, ...] = ()
        self._picture = QPixmap()
        self._grip: tuple[str, float, tuple[float, float]] | None = None

    def open(self, duration: float) -> None:
        """A video of this length is open; 0 for none."""
        self._duration = duration
        self._analysis = None
        self._cuts = ()
        self._playhead = 0.0
        self._redraw()

    def show_analysis(self, analysis: Analysis) -> None:
        """Takes a new curve."""
        self._analysis = analysis
        self._redraw()

    def show_cuts(self, cuts: Sequence[EditedCut]) -> None:
        """Draws the cuts as a strip."""
        if tuple(cuts) != self._cuts:
            self._cuts = tuple(cuts)
            self._redraw()

    def show_window(self, low: float, high: float) -> None:
        """Shows which part the timeline shows."""
        self._window = (low, high)
        self.update()

    def set_playhead(self, seconds: float) -> None:
        """Moves the playhead."""
        places = [int(self._sight().x(t)) for t in (self._playhead, seconds)]
        self._playhead = seconds
        if places[0] != places[1]:
            for x in places:
                self.update(x - 1, 0, 3, self.height())

    def _sight(self) -> Sight:
        return Sight(0.0, max(self._duration, 1e-6), self.width(), self.height())

    def _redraw(self) -> None:
        self._picture = QPixmap()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture.isNull():
            self._picture = self._drawn()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if not self._duration:
            return
        colours, sight = theme.palette(), self._sight()
        left, right = (int(sight.x(t)) for t in self._window)
        shade = QColor(colours.background)
        shade.setAlpha(150)
        painter.fillRect(QRectF(0, 0, left, self.height()), shade)
        painter.fillRect(QRectF(right, 0, self.width() - right, self.height()), shade)
        painter.setPen(QColor(colours.secondary))
        painter.drawRect(left, 0, max(2, right - left - 1), self.height() - 1)
        x = int(sight.x(self._playhead))
        painter.setPen(QColor(colours.text))
        painter.drawLine(x, 0, x, self.height())

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        colours, sight = theme.palette(), self._sight()
        picture.fill(QColor(colours.panel if self._duration else colours.background))
        painter = QPainter(picture)
        painter.setPen(Qt.PenStyle.NoPen)
        analysis = self._analysis
        if analysis is not None and analysis.highlight.score.size:
            score, step = analysis.highlight.score, float(analysis.grid.step)
            cells = cells_between(0.0, sight.high, sight.width, step, len(score))
            heights = cells.means(score) / max(float(score.max()), _LEAST_SCORE)
            x = sight.x(cells.middles)
            y = sight.height - heights * (sight.height - _STRIP - 2)
            corners = [QPointF(*point) for point in np.stack((x, y), axis=1)]
            if corners:
                corners += [QPointF(x[-1], sight.height), QPointF(x[0], sight.height)]
            colour = QColor(colours.secondary)
            colour.setAlpha(120)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(corners))
        for edited in self._cuts:
            left, right = (sight.x(float(t)) for t in (edited.span.start, edited.span.end))
            colour = QColor(colours.accent if edited.in_short else colours.disabled)
            painter.fillRect(QRectF(left, 0, max(2.0, right - left), _STRIP), colour)
        painter.end()
        return picture

    def _part_at(self, x: float) -> str:
        left, right = (self._sight().x(t) for t in self._window)
        if right - left > 3 * _EDGE:
            if abs(x - left) <= _EDGE:
                return "left"
            if abs(x - right) <= _EDGE:
                return "right"
        return "middle" if left - _EDGE <= x <= right + _EDGE else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes the window, or brings it here."""
        if event.button() != Qt.MouseButton.LeftButton or not self._duration:
            return
        x = event.position().x()
        part = self._part_at(x)
        if not part:
            half = (self._window[1] - self._window[0]) / 2
            middle = x * self._sight().pixel
            self.window_moved.emit(middle - half, middle + half)
            part = "middle"
        self._grip = (part, x, self._window)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves the window or one of its edges."""
        x = event.position().x()
        if self._grip is None:
            edge = self._duration and self._part_at(x) in ("left", "right")
            shape = Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        part, begin, (low, high) = self._grip
        by = (x - begin) * self._sight().pixel
        if part == "left":
            self.window_moved.emit(min(low + by, high), high)
        elif part == "right":
            self.window_moved.emit(low, max(high + by, low))
        else:
            self.window_moved.emit(low + by, high + by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets the window go."""
        self._grip = None
