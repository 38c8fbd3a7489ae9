"""The view of the cuts: buttons in rows, dragging rows to another place."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QToolTip, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.panels.cut_delegate import CutDelegate, RowButton
from desktop.panels.cuts_model import CutsModel, dragged_identifiers
from desktop.panels.key_keeper import LIST_KEYS, KeyKeeper

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KEYS = (*LIST_KEYS, *_ENTER)


class CutsView(QListView):
    """Shows a :class:`CutsModel`; says what is wanted and changes nothing itself.

    Args:
        model: The rows.
        delegate: Paints them.
        tip: Gives the tooltip of a button: what it does, and the keys for it.
        parent: Owner.

    Signals:
        entered_cut: A cut was double-clicked or entered: its identifier.
        button_pressed: A button of a row: the cut's identifier and the :class:`RowButton`.
        menu_wanted: A menu for a cut at a place of the screen.
        dropped: Cuts were dropped: their identifiers, and the cut that shall follow, or "".
        fold_toggled: The line above the rejected cuts was clicked or entered.
    """

    entered_cut = Signal(str)
    button_pressed = Signal(str, str)
    menu_wanted = Signal(str, QPoint)
    dropped = Signal(list, str)
    fold_toggled = Signal()

    def __init__(
        self,
        model: CutsModel,
        delegate: CutDelegate,
        tip: Callable[[RowButton, str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._painter = delegate
        self._tip = tip
        self._pressed: tuple[str, RowButton] | None = None
        self._drop_row: int | None = None
        self._accent = QColor(theme.palette().accent)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setAccessibleName(tr("Cuts of the short"))
        # The row with the focus is framed; a frame around all of them would say it twice.
        self.setStyleSheet(f"QListView:focus {{ border-color: {theme.palette().panel}; }}")
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.verticalScrollBar().setSingleStep(24)
        KeyKeeper(self, _KEYS)

    # Keeping the place

    def places(self) -> list[tuple[str, int]]:
        """The cuts that are on show with the height at which each begins, in pixels."""
        found = []
        index = self.indexAt(QPoint(4, 1))
        while index.isValid():
            place = self.visualRect(index)
            if place.top() > self.viewport().height():
                break
            edited = self._rows.cut(index)
            if edited is not None:
                found.append((edited.identifier, place.top()))
            index = self._rows.index(index.row() + 1)
        return found

    def hold(self, places: list[tuple[str, int]], moved: Collection[str]) -> None:
        """Scrolls so that what was on show stays where it was.

        Args:
            places: What :meth:`places` said before rows changed.
            moved: Cuts that changed places since.
        """
        self.executeDelayedItemsLayout()
        for identifier, top in places:
            row = self._rows.row(identifier)
            if row >= 0 and identifier not in moved:
                bar = self.verticalScrollBar()
                bar.setValue(bar.value() + self.visualRect(self._rows.index(row)).top() - top)
                return

    # Mouse and keys

    def _button_at(self, place: QPoint) -> tuple[str, RowButton] | None:
        index = self.indexAt(place)
        edited = self._rows.cut(index)
        if edited is None:
            return None
        button = self._painter.button_at(self.visualRect(index), place)
        return None if button is None else (edited.identifier, button)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._button_at(place)
            if self._pressed is not None:
                event.accept()
                return
            if self._rows.is_fold(self.indexAt(place)):
                self.fold_toggled.emit()
                event.accept()
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            return
        hovered = self._button_at(event.position().toPoint())
        if hovered != self._painter.hovered:
            self._painter.hovered = hovered
            self.viewport().update()
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
            return
        if self._button_at(event.position().toPoint()) != pressed:
            return
        identifier, button = pressed
        if button is RowButton.MENU:
            row = self.visualRect(self._rows.index(self._rows.row(identifier)))
            corner = self._painter.button_rect(row, button).bottomLeft()
            self.menu_wanted.emit(identifier, self.viewport().mapToGlobal(corner))
        else:
            self.button_pressed.emit(identifier, button.value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        index = self.indexAt(place)
        edited = self._rows.cut(index)
        if self._button_at(place) is not None or self._rows.is_fold(index):
            self.mousePressEvent(event)
        elif edited is not None and event.button() == Qt.MouseButton.LeftButton:
            self.entered_cut.emit(edited.identifier)

    def leaveEvent(self, event: QEvent) -> None:
        self._painter.hovered = None
        self.viewport().update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        edited = self._rows.cut(index)
        if event.key() in _ENTER and edited is not None:
            self.entered_cut.emit(edited.identifier)
        elif event.key() in (*_ENTER, Qt.Key.Key_Space) and self._rows.is_fold(index):
            self.fold_toggled.emit()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._button_at(event.pos())
            if found is not None:
                identifier, button = found
                QToolTip.showText(event.globalPos(), self._tip(button, identifier), self)
                return True
        return super().viewportEvent(event)

    # Dragging

    def startDrag(self, supported: Qt.DropAction) -> None:
        chosen = [
            index
            for index in self.selectedIndexes()
            if self._rows.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
        ]
        if not chosen:
            return
        drag = QDrag(self)
        drag.setMimeData(self._rows.mimeData(chosen))
        drag.setPixmap(self._carried(chosen))
        drag.setHotSpot(QPoint(16, 16))
        # The rows move when the project has changed, not as the source of the drag would do it.
        drag.exec(Qt.DropAction.MoveAction)

    def _carried(self, chosen: list[QModelIndex]) -> QPixmap:
        first = min(chosen, key=QModelIndex.row)
        shown = self.viewport().grab(self.visualRect(first))
        if len(chosen) > 1:
            painter = QPainter(shown)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(self._accent)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(18, 18), 12, 12)
            painter.setPen(QColor(theme.palette().on_accent))
            painter.drawText(6, 6, 24, 24, Qt.AlignmentFlag.AlignCenter, str(len(chosen)))
            painter.end()
        return shown

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._consider(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        # The base class scrolls while the pointer is near an edge.
        super().dragMoveEvent(event)
        self._consider(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._show_drop(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self._consider(event)
        row = self._drop_row
        self._show_drop(None)
        self.setState(QAbstractItemView.State.NoState)
        carried = self._carried_here(event)
        if row is None or not carried:
            return
        order = self._rows.order()
        following = next((i for i in order[row:] if i not in carried), "")
        rest = [i for i in order if i not in carried]
        place = rest.index(following) if following else len(rest)
        if [*rest[:place], *(i for i in order if i in carried), *rest[place:]] != order:
            self.dropped.emit(carried, following)

    def _carried_here(self, event: QDropEvent) -> list[str]:
        order = set(self._rows.order())
        return [i for i in dragged_identifiers(event.mimeData()) if i in order]

    def _consider(self, event: QDropEvent) -> None:
        if not self._carried_here(event):
            self._show_drop(None)
            event.ignore()
            return
        self._show_drop(self._row_for(event.position().toPoint()))
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()

    def _row_for(self, place: QPoint) -> int:
        """The row in front of which a drop at this place goes."""
        last = len(self._rows.order())
        index = self.indexAt(place)
        if not index.isValid():
            return last
        below = place.y() > self.visualRect(index).center().y()
        return min(last, index.row() + below)

    def _show_drop(self, row: int | None) -> None:
        if row != self._drop_row:
            self._drop_row = row
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_row is None or not self._rows.order():
            return
        last = len(self._rows.order()) - 1
        row = self.visualRect(self._rows.index(min(self._drop_row, last)))
        height = row.top() if self._drop_row <= last else row.bottom()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._accent, 2))
        height = max(4, min(self.viewport().height() - 4, height))
        painter.drawLine(row.left() + 10, height, row.right() - 4, height)
        painter.drawEllipse(QPoint(row.left() + 6, height), 3, 3)
        painter.end()
