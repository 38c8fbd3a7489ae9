"""The ruler: times along the upper edge, and the place to scrub."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from core.media.frame_index import FrameIndex
from core.time import format_timecode
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.lane import Sight

RULER_HEIGHT = 26
"""Pixels of the ruler above the lanes."""

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_LEAST_PIXELS = 90
_FRAME_STEPS = (1, 2, 5, 10, 20, 50)
_FRAME_LABEL_PIXELS = 120
_LEAST_FRAME_PIXELS = 5
_HANDLE = 6


class Ruler(QWidget):
    """Times in minutes and seconds, and frames where each has room; a press moves the playhead.

    Signals:
        scrubbed: The seconds that the pointer is pressed on; outside of the view where the
            pointer was dragged out of it.
    """

    scrubbed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(RULER_HEIGHT)
        self.setAccessibleName(tr("Ruler"))
        self.setToolTip(tr("Press or drag to move the playhead"))
        font = QFont(self.font())
        font.setPixelSize(11)
        self._font = theme.tabular(font)
        self._range = (0.0, 1.0)
        self._playhead = 0.0
        self._frames: FrameIndex | None = None
        self._duration = 0.0
        self.scrubbing = False

    def open(self, duration: float) -> None:
        """A video of this length is open; 0 for none."""
        self._duration = duration
        self._playhead = 0.0
        self.setEnabled(duration > 0)
        self.update()

    def set_frames(self, frames: FrameIndex | None) -> None:
        """Takes the begins of the frames."""
        self._frames = frames
        self.update()

    def set_range(self, low: float, high: float) -> None:
        """Shows a stretch, in seconds."""
        self._range = (low, high)
        self.update()

    def set_playhead(self, seconds: float) -> None:
        """Moves the handle of the playhead."""
        x = [self.sight().x(t) for t in (self._playhead, seconds)]
        self._playhead = seconds
        for place in x:
            self.update(int(place) - _HANDLE - 1, 0, 2 * _HANDLE + 3, self.height())

    def sight(self) -> Sight:
        """What is shown at the moment."""
        return Sight(*self._range, self.width(), self.height())

    def shows_frames(self) -> bool:
        """Whether there is room for a tick per frame."""
        count = self._count_frames()
        return 0 < count <= self.width() / _LEAST_FRAME_PIXELS

    def frame_ticks(self) -> list[float]:
        """Begins of the frames in view, in seconds."""
        if self._frames is None or not self.shows_frames():
            return []
        low, high = self._range
        first, last = self._frames.number(max(0.0, low)), self._frames.number(high)
        return [float(self._frames.time(number)) for number in range(first, last + 1)]

    def labels(self) -> Iterator[tuple[float, str]]:
        """Times with what is written there."""
        low, high = self._range
        if self._frames is not None and self.shows_frames():
            yield from self._frame_labels(self._frames)
            return
        step = self._step()
        for index in range(ceil(low / step), int(high / step) + 1):
            text = format_timecode(index * step)
            yield index * step, text if step < 1 else text[:-3]

    def _frame_labels(self, frames: FrameIndex) -> Iterator[tuple[float, str]]:
        low, high = self._range
        first, last = frames.number(max(0.0, low)), frames.number(high)
        wanted = (last - first + 1) * _FRAME_LABEL_PIXELS / max(1, self.width())
        step = next((s for s in _FRAME_STEPS if s >= wanted), _FRAME_STEPS[-1])
        for number in range(first - first % step, last + 1, step):
            begin = float(frames.time(number))
            if begin >= low:
                yield begin, f"{format_timecode(begin)}  #{number}"

    def _count_frames(self) -> int:
        if self._frames is None:
            return 0
        low, high = self._range
        return self._frames.number(high) - self._frames.number(max(0.0, low)) + 1

    def _step(self) -> float:
        wanted = self.sight().pixel * _LEAST_PIXELS
        return next((step for step in _STEPS if step >= wanted), _STEPS[-1])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.palette()
        painter.fillRect(event.rect(), QColor(colours.background))
        if not self._duration:
            return
        sight, bottom = self.sight(), self.height() - 1
        painter.setPen(QColor(colours.hairline))
        painter.drawLine(0, bottom, self.width(), bottom)
        ticks = self.frame_ticks()
        if not ticks:
            low, high = self._range
            step = self._step() / 5
            ticks = [n * step for n in range(ceil(low / step), int(high / step) + 1)]
        painter.setPen(QColor(colours.disabled))
        for seconds in ticks:
            x = int(sight.x(seconds))
            painter.drawLine(x, bottom - 4, x, bottom)
        painter.setFont(self._font)
        painter.setPen(QColor(colours.secondary))
        metrics = painter.fontMetrics()
        for seconds, text in self.labels():
            x = int(sight.x(seconds))
            painter.drawLine(x, bottom - 9, x, bottom)
            if x + 4 + metrics.horizontalAdvance(text) <= self.width():
                painter.drawText(
                    QRectF(x + 4, 0, 200, bottom - 4), Qt.AlignmentFlag.AlignVCenter, text
                )
        self._draw_handle(painter, int(sight.x(self._playhead)), bottom)

    def _draw_handle(self, painter: QPainter, x: int, bottom: int) -> None:
        if not -_HANDLE <= x <= self.width() + _HANDLE:
            return
        colour = QColor(theme.palette().text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        top = bottom - 12
        places = ((-_HANDLE, 0), (_HANDLE, 0), (_HANDLE, 5), (0, 12), (-_HANDLE, 5))
        painter.drawPolygon(QPolygonF([QPointF(x + 0.5 + dx, top + dy) for dx, dy in places]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jumps, and begins to scrub."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.scrubbing = True
            self._scrub(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrubs."""
        if self.scrubbing:
            self._scrub(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends scrubbing."""
        self.scrubbing = False

    def _scrub(self, event: QMouseEvent) -> None:
        low, _ = self._range
        self.scrubbed.emit(low + event.position().x() * self.sight().pixel)
