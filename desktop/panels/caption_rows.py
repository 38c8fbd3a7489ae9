"""Captions as rows of a list: their model, how they are painted, and the field to edit them in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QTextOption
from PySide6.QtWidgets import (
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.export.captions.caption import Captions
from core.project.caption_parts import LONGEST_TEXT
from core.time import format_timecode
from desktop import theme
from desktop.i18n import tr

_ROW = 44
_LINES = 2
_FIELD_HEIGHT = 68
_TIME_WIDTH = 72
_MARGIN = 10
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

Index = QModelIndex | QPersistentModelIndex


class CaptionsModel(QAbstractListModel):
    """The captions of the video on show.

    Args:
        change: Changes the text of a caption, and says whether it did.
        parent: Owner.
    """

    def __init__(self, change: Callable[[int, str], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._change = change
        self.captions: Captions = ()
        self.said = -1

    def show_captions(self, captions: Captions, *, anew: bool = False) -> None:
        """Shows other captions; where as many are left, only the rows that differ change.

        Args:
            captions: In order.
            anew: They are those of another video: no row is what it was.
        """
        before, now = self.captions, captions
        if anew or len(before) != len(now):
            self.beginResetModel()
            self.captions, self.said = now, -1
            self.endResetModel()
            return
        self.captions = now
        for row, (one, other) in enumerate(zip(before, now, strict=True)):
            if one is not other:
                self.dataChanged.emit(self.index(row), self.index(row))

    def show_said(self, row: int) -> None:
        """Marks the caption that is being said; -1 for none."""
        before, self.said = self.said, row
        for changed in {before, row} - {-1}:
            self.dataChanged.emit(self.index(changed), self.index(changed))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.captions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.captions):
            return None
        caption = self.captions[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return caption.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{caption.span}\n{caption.text}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{format_timecode(caption.span.start)}: {caption.text}"
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        return self._change(index.row(), str(value))

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable


class CaptionField(QPlainTextEdit):
    """Edits the text of a caption: Enter takes it, Shift+Enter breaks the line.

    Signals:
        taken: The text is finished.
        split_wanted: The caption shall be split at the cursor: how many characters come before it.
    """

    taken = Signal()
    split_wanted = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Text of the caption"))
        self.setToolTip(tr("Enter: done · Shift+Enter: new line · Ctrl+Enter: split here"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _ENTER:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.split_wanted.emit(self.textCursor().position())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        else:
            self.taken.emit()


class CaptionDelegate(QStyledItemDelegate):
    """Paints a caption: its time at the left, its text beside it.

    Signals:
        split_wanted: A row, its text as it is in the field, and the place of the cursor.
    """

    split_wanted = Signal(int, str, int)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        field = CaptionField(parent)
        row = index.row()
        field.taken.connect(lambda: self._finish(field))
        field.split_wanted.connect(lambda place: self._split(field, row, place))
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, CaptionField)
        editor.setPlainText(str(index.data(Qt.ItemDataRole.EditRole)))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, CaptionField)
        text = editor.toPlainText()[:LONGEST_TEXT]
        if text != index.data(Qt.ItemDataRole.EditRole):
            model.setData(index, text)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        place = QRect(option.rect.adjusted(_TIME_WIDTH, 1, -2, -1))
        place.setHeight(_FIELD_HEIGHT)
        rows = editor.parentWidget()
        if rows is not None:
            place.translate(0, -max(0, place.bottom() - rows.height() + 2))
        editor.setGeometry(place)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        entered = isinstance(event, QKeyEvent) and event.key() in _ENTER
        if entered and event.type() == QEvent.Type.KeyPress:
            return False  # the field itself knows what to do
        return super().eventFilter(editor, event)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, colours = index.model(), theme.palette()
        assert isinstance(model, CaptionsModel)
        row = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setOpacity(1.0 if chosen else 0.5)
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), 4, 4)
            painter.setOpacity(1.0)
        if index.row() == model.said:
            painter.setBrush(QColor(colours.accent))
            mark = QRectF(row.left() + 1, row.top() + 4, 3, row.height() - 8)
            painter.drawRoundedRect(mark, 1, 1)
        caption = model.captions[index.row()]
        painter.setFont(theme.tabular(option.font))
        painter.setPen(QColor(colours.secondary))
        time = row.adjusted(_MARGIN, 5, 0, -5)
        top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.drawText(time, top, format_timecode(caption.span.start))
        painter.setFont(option.font)
        painter.setPen(QColor(colours.text))
        place = row.adjusted(_TIME_WIDTH + _MARGIN, 5, -_MARGIN, 0)
        place.setHeight(_LINES * option.fontMetrics.lineSpacing())
        painter.drawText(place, top | Qt.TextFlag.TextWordWrap, caption.text)
        painter.restore()

    def _finish(self, field: CaptionField) -> None:
        self.commitData.emit(field)
        self.closeEditor.emit(field)

    def _split(self, field: CaptionField, row: int, place: int) -> None:
        text = field.toPlainText()
        self.closeEditor.emit(field)
        self.split_wanted.emit(row, text, place)
