"""How long the short is and how long it should be, with a handle to pull."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QHBoxLayout, QToolTip, QVBoxLayout, QWidget

from core.project.document import Decision, EditedCut
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.cuts_model import cut_text
from desktop.panels.key_keeper import KeyKeeper
from desktop.widgets import label

LEAST_LENGTH, MOST_LENGTH = 1.0, 180.0
"""Seconds that the handle reaches; more can be typed."""

_TOLERANCE = 0.05
_SCALES = (30.0, 60.0, 90.0, 180.0)
_ROOM = 1.25
_MARGIN = 8
_GRIP = 9
_STEPS = {
    Qt.Key.Key_Left: -1.0,
    Qt.Key.Key_Down: -1.0,
    Qt.Key.Key_Right: 1.0,
    Qt.Key.Key_Up: 1.0,
    Qt.Key.Key_PageDown: -5.0,
    Qt.Key.Key_PageUp: 5.0,
}


class LengthBar(QWidget):
    """The heading of the short with its length in words and as a bar."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.words = label()
        self.words.setFont(theme.tabular(self.font()))
        self.over = label()
        self.over.setFont(theme.tabular(self.font()))
        self.over.setStyleSheet(f"color: {theme.palette().danger};")
        self.track = LengthTrack(editor)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACING)
        top.addWidget(label(tr("THE SHORT"), "heading"))
        top.addStretch()
        top.addWidget(self.over)
        top.addWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.track)
        editor.project_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        project = self._editor.project
        total, target = float(project.duration), project.wishes.length
        self.words.setText(
            tr("{total} s of {target} s", total=f"{total:.1f}", target=f"{target:g}")
        )
        excess = total - target
        over = excess > _TOLERANCE
        self.over.setText(tr("{seconds} s too long", seconds=f"{excess:.1f}") if over else "")
        self.over.setVisible(over)
        said = [self.words.text(), *([self.over.text()] if over else [])]
        self.track.setAccessibleDescription(", ".join(said))


class LengthTrack(QAbstractSlider):
    """The bar: a piece per cut, and the handle at the target length.

    Its value, which screen readers say and set, is the target in whole seconds.
    """

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._gesture = ""
        self._grip: float | None = None
        self._scale = _SCALES[0]
        self._showing = False
        colours = theme.palette()
        self._ground = QColor(colours.raised)
        self._panel = QColor(colours.panel)
        self._text = QColor(colours.text)
        self._accent = QColor(colours.accent)
        self._danger = QColor(colours.danger)
        self._open = _between(colours.panel, colours.accent, 0.55)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(30)
        self.setAccessibleName(tr("Target length"))
        KeyKeeper(self, _STEPS)
        self.valueChanged.connect(self._value_set)
        editor.project_changed.connect(self._show)
        editor.selection_changed.connect(self.update)
        self._show()

    def place_of(self, seconds: float) -> float:
        """The pixel of a length, from the left edge."""
        return _MARGIN + seconds / self._scale * (self.width() - 2 * _MARGIN)

    def cut_at(self, place: QPoint) -> EditedCut | None:
        """The cut whose piece is under a point."""
        start = 0.0
        for edited in self._editor.project.short:
            end = start + float(edited.span.duration)
            if self.place_of(start) <= place.x() < self.place_of(end):
                return edited
            start = end
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        x = event.position().x()
        handle = self.place_of(self._editor.project.wishes.length)
        found = self.cut_at(event.position().toPoint())
        if abs(x - handle) <= _GRIP:
            self._grip = x - handle
            self._gesture = self._editor.new_gesture()
        elif found is not None:
            self._editor.select(found.identifier)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._grip is None:
            near = abs(x - self.place_of(self._editor.project.wishes.length)) <= _GRIP
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)
            return
        share = (x - self._grip - _MARGIN) / max(1, self.width() - 2 * _MARGIN)
        most = max(MOST_LENGTH, self._scale)
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._wish(round(max(LEAST_LENGTH, min(most, share * self._scale)), 1 if fine else 0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _STEPS:
            event.ignore()
            return
        if not self._gesture:
            self._gesture = self._editor.new_gesture()
        step = _STEPS[Qt.Key(event.key())]
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        target = self._editor.project.wishes.length
        wanted = round(target + step / 10, 1) if fine else round(target + step)
        self._wish(max(LEAST_LENGTH, min(max(MOST_LENGTH, target), wanted)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._gesture = ""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._gesture = ""
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self.cut_at(event.pos())
            handle = self.place_of(self._editor.project.wishes.length)
            if found is not None and abs(event.pos().x() - handle) > _GRIP:
                QToolTip.showText(event.globalPos(), cut_text(found), self)
            else:
                QToolTip.showText(
                    event.globalPos(),
                    tr("Target length: drag, or use the arrow keys; Shift for tenths"),
                    self,
                )
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        project = self._editor.project
        target = project.wishes.length
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(_MARGIN, 9, self.width() - 2 * _MARGIN, 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground)
        painter.drawRoundedRect(groove, 4, 4)
        shape = QPainterPath()
        shape.addRoundedRect(groove, 4, 4)
        painter.setClipPath(shape)
        start = 0.0
        for edited in project.short:
            end = start + float(edited.span.duration)
            self._paint_piece(painter, groove, start, end, edited)
            start = end
        if start > target + _TOLERANCE:
            left = self.place_of(target)
            painter.fillRect(
                QRectF(left, groove.bottom() - 4, self.place_of(start) - left, 4), self._danger
            )
        painter.setClipping(False)
        self._paint_handle(painter, self.place_of(target))
        painter.end()

    def _paint_piece(
        self, painter: QPainter, groove: QRectF, start: float, end: float, edited: EditedCut
    ) -> None:
        left, right = self.place_of(start), self.place_of(end)
        piece = QRectF(left, groove.top(), max(1.0, right - left - 1), groove.height())
        painter.fillRect(piece, self._accent if edited.decision is Decision.KEPT else self._open)
        beyond = self.place_of(self._editor.project.wishes.length + _TOLERANCE)
        if right > beyond:
            piece.setLeft(max(left, beyond))
            painter.fillRect(piece, self._danger)
        if edited.identifier in self._editor.selection:
            painter.setPen(QPen(self._text, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(left + 1, groove.top() + 1, right - left - 3, 10))
            painter.setPen(Qt.PenStyle.NoPen)

    def _paint_handle(self, painter: QPainter, x: float) -> None:
        x = min(x, self.width() - _MARGIN)
        painter.setBrush(self._text)
        painter.setPen(QPen(self._panel, 1))
        painter.drawRoundedRect(QRectF(x - 2.5, 3, 5, 24), 2, 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._accent, 2))
            painter.drawRoundedRect(QRectF(x - 4.5, 1, 9, 28), 4, 4)

    def _wish(self, seconds: float) -> None:
        if seconds != self._editor.project.wishes.length:
            self._editor.set_wish(tr("Target length"), gesture=self._gesture, length=float(seconds))

    def _value_set(self, value: int) -> None:
        if not self._showing:
            self._wish(float(value))

    def _show(self) -> None:
        project = self._editor.project
        target = project.wishes.length
        if self._grip is None:
            wanted = _ROOM * max(target, float(project.duration))
            self._scale = next((scale for scale in _SCALES if scale >= wanted), wanted)
        self._showing = True
        self.setRange(round(LEAST_LENGTH), round(max(MOST_LENGTH, target)))
        self.setValue(round(target))
        self._showing = False
        self.update()


def _between(first: str, second: str, share: float) -> QColor:
    """A colour between two, nearer to the second the larger the share."""
    a, b = QColor(first), QColor(second)
    parts = zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(x + (y - x) * share) for x, y in parts))
