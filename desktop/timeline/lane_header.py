"""The name of a lane: drag it to reorder, its lower edge to resize; keys and a menu do the same."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from desktop import theme
from desktop.i18n import tr

HEADER_WIDTH = 80
"""Pixels left of the lanes."""

_EDGE = 5
_KEY_STEP = 8


class LaneHeader(QWidget):
    """Stands left of a lane.

    Signals:
        dragged: The pointer was dragged to this height in the column of headers, to reorder.
        moved: Up (−1) or down (1) by the keyboard.
        resized: The wanted height in pixels.
        default_wanted: The lane should be as high as by default.
        menu_wanted: A menu is wanted at a place on the screen.
        settled: A drag ended.
    """

    dragged = Signal(int)
    moved = Signal(int)
    resized = Signal(int)
    default_wanted = Signal()
    menu_wanted = Signal(QPoint)
    settled = Signal()

    def __init__(self, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        name = title.replace("\n", ", ")
        self.setAccessibleName(tr("Lane: {name}", name=name))
        how = tr("Drag to reorder, drag the lower edge to resize, right-click for more.")
        self.setToolTip(f"{tip}\n{how}" if tip else f"{name}\n{how}")
        self.setAccessibleDescription(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        font = QFont(self.font())
        font.setPixelSize(11)
        self._font = font
        self._pressed: QPoint | None = None
        self._resizing = False
        self._dragging = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.palette()
        under = self.underMouse() or self._dragging
        if under:
            painter.fillRect(self.rect(), QColor(colours.panel))
            painter.setPen(QColor(colours.hairline))
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.setFont(self._font)
        painter.setPen(QColor(colours.text if under else colours.secondary))
        place = QRect(4, 0, self.width() - 12, self.height())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, right, self._shown_title(place.height()))
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _shown_title(self, height: int) -> str:
        lines = self._title.split("\n")
        return self._title if height >= 14 * len(lines) else " / ".join(n[:7] for n in lines)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes the lane, or its lower edge."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self._resizing = self._on_edge(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Resizes or reorders."""
        if self._pressed is None:
            shape = Qt.CursorShape.SizeVerCursor if self._on_edge(event) else None
            self.setCursor(shape or Qt.CursorShape.ArrowCursor)
            return
        here = event.position().toPoint()
        if self._resizing:
            self.resized.emit(here.y())
            return
        if abs(here.y() - self._pressed.y()) >= QApplication.startDragDistance():
            self._dragging = True
        if self._dragging:
            self.dragged.emit(self.mapToParent(here).y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        if self._pressed is not None and (self._resizing or self._dragging):
            self.settled.emit()
        self._pressed = None
        self._resizing = self._dragging = False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Gives the lane its default height."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.default_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt and an arrow reorder, Shift and an arrow resize, the menu key tells all of it."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self.moved.emit(step)
        elif step and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.resized.emit(self.height() + step * _KEY_STEP)
            self.settled.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.menu_wanted.emit(self.mapToGlobal(self.rect().center()))
        else:
            event.ignore()

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()

    def _on_edge(self, event: QMouseEvent) -> bool:
        return event.position().y() >= self.height() - _EDGE
