"""The line below which nothing is suggested; it can be dragged up and down."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsObject,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QMenu,
    QStyleOptionGraphicsItem,
    QWidget,
)

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.timeline.drag_keys import DragKeys
from desktop.timeline.lane import Lane

_REACH = 5.0
_LABEL_HEIGHT = 18.0
_DIGITS = 3


class ThresholdLine(QGraphicsObject):
    """A horizontal line of a lane: dashed where the curve decides, solid where the editor has.

    Args:
        editor: Its wishes have the threshold.
        lane: The lane that it lies on; values go from 0 at its lower edge to ``top``.
    """

    def __init__(self, editor: Editor, lane: Lane) -> None:
        super().__init__(lane)
        self._editor = editor
        self._lane = lane
        self._top = 1.0
        self._usual: float | None = None
        self._gesture = ""
        self._before: float | None = None
        self._hovered = False
        self._font = QFont()
        self._font.setPixelSize(11)
        self._font = theme.tabular(self._font)
        self.menu: QMenu | None = None
        self._keys = DragKeys(self)
        self._keys.cancelled.connect(self._cancel)
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setToolTip(
            tr("Nothing below this line is suggested. A double click lets the curve decide.")
        )
        self.setVisible(False)
        lane.sigResized.connect(self.settle)

    @property
    def value(self) -> float | None:
        """Score at which the line is; None without a curve."""
        wished = self._editor.project.wishes.threshold
        return self._usual if wished is None else wished

    def set_curve(self, usual: float | None, top: float) -> None:
        """Takes the place of the line if nobody sets it, and the value at the upper edge."""
        self._usual, self._top = usual, top
        self.settle()

    def settle(self) -> None:
        """Puts the line where it belongs."""
        self.prepareGeometryChange()
        value = self.value
        self.setVisible(self._usual is not None)
        if value is not None:
            share = min(max(value / self._top, 0.0), 1.0)
            self.setPos(0.0, (1 - share) * self._lane.height())
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, -_LABEL_HEIGHT - 2, self._lane.width(), 2 * _LABEL_HEIGHT + 4)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(QRectF(0, -_REACH, self._lane.width(), 2 * _REACH))
        return path

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        value, width = self.value, self._lane.width()
        if value is None:
            return
        colours = theme.palette()
        solid = self._editor.project.wishes.threshold is not None
        style = Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DashLine
        colour = QColor(colours.accent if solid or self._gesture else colours.secondary)
        painter.setPen(QPen(colour, 2 if self._hovered or self._gesture else 1, style))
        painter.drawLine(QPointF(0, 0), QPointF(width, 0))
        if not self._gesture:
            return
        text = tr("Threshold {value}", value=f"{value:.2f}")
        painter.setFont(self._font)
        box = QRectF(0, 0, QFontMetricsF(self._font).horizontalAdvance(text) + 10, _LABEL_HEIGHT)
        above = self.pos().y() > _LABEL_HEIGHT + 2
        box.moveTopLeft(QPointF((width - box.width()) / 2, -_LABEL_HEIGHT - 2 if above else 2))
        painter.setPen(QColor(colours.hairline))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = True
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = False
        self.update()

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._editor.read_only or event.button() == Qt.MouseButton.MiddleButton:
            event.ignore()
            return
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = self._editor.new_gesture()
            self._before = self._editor.project.wishes.threshold
            self._keys.start()
            self.update()

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        height = self._lane.height()
        y = self._lane.mapFromScene(event.scenePos()).y()
        moved = abs(event.scenePos().y() - event.buttonDownScenePos(Qt.MouseButton.LeftButton).y())
        if self._gesture and height > 0 and moved >= 1:
            value = self._top * min(max(1 - y / height, 0.0), 1.0)
            self._wish(round(value, _DIGITS))

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._open_menu(event)
        else:
            self._end()

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        event.accept()
        self._end()
        self._reset()

    def _wish(self, value: float | None) -> None:
        if value != self._editor.project.wishes.threshold:
            self._editor.set_wish(tr("Threshold"), gesture=self._gesture, threshold=value)

    def _reset(self) -> None:
        if self._editor.project.wishes.threshold is not None:
            self._editor.set_wish(tr("Threshold"), threshold=None)

    def _cancel(self) -> None:
        if self._gesture:
            self._wish(self._before)
        self._end()

    def _end(self) -> None:
        self._keys.stop()
        self._gesture = ""
        self.update()

    def _open_menu(self, event: QGraphicsSceneMouseEvent) -> None:
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self._lane.getViewWidget())
        self.menu.setAccessibleName(tr("Threshold"))
        action = self.menu.addAction(tr("Let the curve decide"))
        action.setEnabled(self._editor.project.wishes.threshold is not None)
        action.triggered.connect(self._reset)
        self.menu.popup(event.screenPos())
