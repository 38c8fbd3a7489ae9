"""All edits by name; a click goes back or forth to one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QUndoView,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.glyphs import paint_glyph
from desktop.panels.key_keeper import LIST_KEYS, KeyKeeper

_ROW = 30


class HistoryPanel(QWidget):
    """What was done, the oldest first; what was undone is dim and can be done again."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = editor.undo_stack
        self.view = QUndoView()
        self.view.setStack(self._stack)
        self.view.setItemDelegate(_EditDelegate(self.view, editor))
        self.view.setAccessibleName(tr("History"))
        KeyKeeper(self.view, LIST_KEYS)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACING, theme.SPACING, theme.SPACING, theme.SPACING)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self._stack.indexChanged.connect(self._show)
        self._stack.cleanChanged.connect(self._show)
        self._show()

    def _show(self) -> None:
        empty = self._stack.count() == 0
        self.view.setEmptyLabel(tr("Nothing edited yet") if empty else tr("Start"))
        self.view.viewport().update()


class _EditDelegate(QStyledItemDelegate):
    def __init__(self, view: QUndoView, editor: Editor) -> None:
        super().__init__(view)
        self._stack = editor.undo_stack
        colours = theme.palette()
        self._text = QColor(colours.text)
        self._dim = QColor(colours.disabled)
        self._secondary = QColor(colours.secondary)
        self._raised = QColor(colours.raised)
        self._accent = QColor(colours.accent)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, _ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row = QRect(option.rect)
        font = QFont(option.font)
        font.setItalic(False)
        present = self._stack.index()
        empty = self._stack.count() == 0
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if index.row() == present and not empty:
            painter.setBrush(self._raised)
            painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), 4, 4)
            painter.setBrush(self._accent)
            painter.drawRoundedRect(
                QRectF(row.left() + 1, row.top() + 3, 3, row.height() - 6), 1, 1
            )
        elif option.state & QStyle.StateFlag.State_MouseOver and not empty:
            painter.setBrush(self._raised)
            painter.setOpacity(0.5)
            painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), 4, 4)
            painter.setOpacity(1.0)
        place = row.adjusted(14, 0, -10, 0)
        painter.setFont(font)
        if index.row() == self._stack.cleanIndex() and index.row() > 0:
            place.setRight(self._paint_saved(painter, place, font))
        colour = self._dim if index.row() > present else self._text
        painter.setPen(self._secondary if index.row() == 0 and index.row() <= present else colour)
        metrics = QFontMetrics(font)
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()

    def _paint_saved(self, painter: QPainter, place: QRect, font: QFont) -> int:
        """Paints the word for the saved state at the right; gives where it begins."""
        text = tr("saved")
        width = QFontMetrics(font).horizontalAdvance(text)
        left = place.right() - width
        painter.setPen(self._secondary)
        painter.drawText(
            QRect(left, place.top(), width + 1, place.height()),
            Qt.AlignmentFlag.AlignVCenter,
            text,
        )
        mark = QRectF(left - 18, place.center().y() - 6, 12, 12)
        paint_glyph(painter, "check", mark, self._secondary)
        return left - 24
