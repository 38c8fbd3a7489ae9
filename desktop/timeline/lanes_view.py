"""Where the lanes are drawn, and the gestures that mean the same on all of them."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from desktop import theme

_WHEEL_STEP = 120.0
_PAN_PER_STEP = 90.0
_ZOOM_PER_STEP = 0.8
_SCROLL_PER_STEP = 40.0


class LanesView(pg.GraphicsView):
    """A scene of lanes in pixels.

    The wheel pans, with Ctrl it zooms at the pointer, with Shift it scrolls the lanes; the middle
    button pans; Shift and a drag mark a stretch.

    Signals:
        panned: What is shown should move by that many pixels to the right.
        zoomed: Pixel that stays where it is, and the factor of the time shown.
        marked: Pixels between which a stretch is marked.
        scrolled: The lanes should move down by that many pixels.
        hovered: The pointer is here with no button down.
        left: The pointer went, or a button was pressed.
        resized: The view has another size.
    """

    panned = Signal(float)
    zoomed = Signal(float, float)
    marked = Signal(float, float)
    scrolled = Signal(float)
    hovered = Signal(QPointF)
    left = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=QColor(theme.palette().background))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAntialiasing(False)
        self.setContentsMargins(0, 0, 0, 0)
        self.viewport().installEventFilter(self)
        self._gesture = Qt.MouseButton.NoButton
        self._from = 0.0
        self._held_back: QMouseEvent | None = None
        self.pressed = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed = True
        self.left.emit()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        marks = event.button() == Qt.MouseButton.LeftButton and shift
        if marks or event.button() == Qt.MouseButton.MiddleButton:
            self._gesture = event.button()
            self._from = event.position().x()
            # A click with Shift is for the lane; only a drag marks.
            self._held_back = event.clone() if marks else None
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._gesture == Qt.MouseButton.MiddleButton:
            self.panned.emit(x - self._from)
            self._from = x
        elif self._gesture == Qt.MouseButton.LeftButton:
            if abs(x - self._from) >= QApplication.startDragDistance():
                self._held_back = None
            if self._held_back is None:
                self.marked.emit(self._from, x)
        else:
            super().mouseMoveEvent(event)
            if event.buttons() == Qt.MouseButton.NoButton:
                self.hovered.emit(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pressed = event.buttons() != Qt.MouseButton.NoButton
        if event.button() != self._gesture:
            super().mouseReleaseEvent(event)
            return
        self._gesture = Qt.MouseButton.NoButton
        event.accept()
        if self._held_back is not None:
            pressed, self._held_back = self._held_back, None
            super().mousePressEvent(pressed)
            super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Pans or zooms; with Shift the lanes scroll up and down."""
        event.accept()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            angle = event.angleDelta()
            self.scrolled.emit((angle.y() or angle.x()) / _WHEEL_STEP * _SCROLL_PER_STEP)
            return
        pixels, factor = wheel_meaning(event)
        if pixels:
            self.panned.emit(pixels)
        if factor != 1.0:
            self.zoomed.emit(event.position().x(), factor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Looks at what only the viewport is told."""
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoomed.emit(event.position().x(), 1.0 / max(0.2, 1.0 + event.value()))
            return True
        return bool(super().eventFilter(watched, event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys belong to the window."""
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


def wheel_meaning(event: QWheelEvent) -> tuple[float, float]:
    """Pixels by which the wheel pans to the right, and the factor by which it zooms."""
    angle = event.angleDelta()
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return 0.0, _ZOOM_PER_STEP ** (angle.y() / _WHEEL_STEP)
    pixels = event.pixelDelta()
    if not pixels.isNull():
        return float(pixels.x() or pixels.y()), 1.0
    return (angle.x() or angle.y()) / _WHEEL_STEP * _PAN_PER_STEP, 1.0
