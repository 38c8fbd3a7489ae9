"""The list of cuts in playing order, each with its picture and its reasons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.project.document import EditedCut
from desktop import theme
from desktop.editor import Editor
from desktop.widgets import icon_button, label

_PICTURE = QSize(80, 45)


class CutsList(QWidget):
    """What the short keeps.

    Args:
        editor: The document.
        thumbnail: Gives the small picture at a time in seconds.

    Signals:
        activated: A cut was double-clicked or entered: its identifier.
    """

    activated = Signal(str)

    def __init__(
        self,
        editor: Editor,
        thumbnail: Callable[[float], QPixmap],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor = editor
        self._thumbnail = thumbnail
        self._target = 30.0
        heading = label("THE SHORT", "heading")
        self._length = QLabel()
        self._length.setFont(theme.tabular(self.font()))
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addStretch()
        top.addWidget(self._length)
        self.list = QListWidget()
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Cuts of the short")
        self.list.setSpacing(2)
        self.list.viewport().installEventFilter(self)
        self._empty = label(role="secondary", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            theme.SPACING + 4, theme.SPACING + 4, theme.SPACING, theme.SPACING
        )
        column.setSpacing(theme.SPACING)
        column.addLayout(top)
        column.addWidget(self._empty, 1)
        column.addWidget(self.list, 1)
        self._source = label(role="secondary", wrap=True)
        column.addWidget(self._source)
        self.setMinimumWidth(300)
        self.list.currentItemChanged.connect(self._row_selected)
        self.list.itemDoubleClicked.connect(
            lambda item: self.activated.emit(item.data(Qt.ItemDataRole.UserRole))
        )
        editor.edit_changed.connect(self._show)
        editor.analysis_changed.connect(self._show_source)
        editor.media_changed.connect(self._show_source)
        editor.selection_changed.connect(self._select)
        self._shown: tuple[EditedCut, ...] | None = None
        self._show()

    def set_target(self, seconds: float) -> None:
        """The length that the short should have."""
        self._target = seconds
        self._show_length()

    def _show_source(self) -> None:
        analysis = self._editor.analysis
        self._source.setText(analysis.notices[-1] if analysis is not None else "")

    def _show(self) -> None:
        if self._editor.edit.cuts == self._shown:
            self._show_length()
            return
        self._shown = self._editor.edit.cuts
        self.list.blockSignals(True)
        self.list.clear()
        for edited in self._editor.edit.cuts:
            item = QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, edited.identifier)
            row = _Row(edited, self._thumbnail(float(edited.span.middle)))
            row.removed.connect(self._editor.delete_cut)
            item.setSizeHint(row.size_for(self.list.viewport().width()))
            self.list.setItemWidget(item, row)
        self.list.blockSignals(False)
        self._select(self._editor.selected)
        self._show_length()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The list gets its width only when it is shown, which may be after its rows were made.
        if watched is self.list.viewport() and event.type() == QEvent.Type.Resize:
            for number in range(self.list.count()):
                item = self.list.item(number)
                row = self.list.itemWidget(item)
                if isinstance(row, _Row):
                    item.setSizeHint(row.size_for(self.list.viewport().width()))
        return super().eventFilter(watched, event)

    def _show_length(self) -> None:
        cuts = self._editor.edit.cuts
        total = float(self._editor.edit.duration)
        colour = theme.palette().danger if total > self._target + 0.05 else theme.palette().text
        self._length.setText(
            f'<span style="color:{colour}">{total:.1f} s</span> of {self._target:g} s'
        )
        self._length.setVisible(bool(cuts))
        self._empty.setVisible(not cuts)
        self.list.setVisible(bool(cuts))
        analysis = self._editor.analysis
        if self._editor.info is None:
            self._empty.setText("Cuts appear here.")
        elif analysis is None:
            self._empty.setText("Analyse the video to get suggestions, or add a cut yourself (C).")
        else:
            self._empty.setText("No cuts yet. Add one at the playhead (C).")

    def _row_selected(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._editor.select(item.data(Qt.ItemDataRole.UserRole))

    def _select(self, identifier: str) -> None:
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1)
        for number in range(self.list.count()):
            if self.list.item(number).data(Qt.ItemDataRole.UserRole) == identifier:
                self.list.setCurrentRow(number)
        self.list.blockSignals(False)


class _Row(QWidget):
    """Picture, times and reasons of one cut."""

    removed = Signal(str)

    def __init__(self, edited: EditedCut, picture: QPixmap) -> None:
        super().__init__()
        frame = QLabel()
        frame.setFixedSize(_PICTURE)
        frame.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if not picture.isNull():
            frame.setPixmap(
                picture.scaled(
                    _PICTURE,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        times = QLabel(f"{edited.span}")
        times.setFont(theme.tabular(self.font()))
        length = label(f"{float(edited.span.duration):.1f} s", "secondary")
        length.setFont(theme.tabular(self.font()))
        words = ", ".join(reason.text for reason in edited.cut.reasons) or "your cut"
        reasons = label(words, "secondary", wrap=True)
        reasons.setToolTip("\n".join(reason.text for reason in edited.cut.reasons))
        remove = icon_button("close", "Delete cut", "Del", "flat")
        remove.setIconSize(QSize(10, 10))
        remove.clicked.connect(lambda: self.removed.emit(edited.identifier))
        head = QHBoxLayout()
        head.addWidget(times)
        head.addStretch()
        head.addWidget(length)
        head.addWidget(remove)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addLayout(head)
        text.addWidget(reasons)
        text.addWidget(_Contributions(edited))
        text.addStretch()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 6, 6, 6)
        self._row.setSpacing(theme.SPACING + 2)
        self._row.addWidget(frame, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(text, 1)

    def size_for(self, width: int) -> QSize:
        """What the row needs when it is that wide and its text wraps."""
        room = width - 4
        return QSize(room, self._row.heightForWidth(room))


class _Contributions(QWidget):
    """A thin bar: what the score of a cut is made of."""

    def __init__(self, edited: EditedCut) -> None:
        super().__init__()
        self.setFixedHeight(4)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        parts = edited.cut.contributions
        for name, colour in theme.CONTRIBUTION_COLOURS.items():
            share = parts.get(name, 0.0)
            if share > 0:
                bar = QWidget()
                bar.setStyleSheet(f"background: {colour}; border-radius: 1px;")
                bar.setToolTip(f"{name} {share:.2f}")
                row.addWidget(bar, max(1, round(1000 * share)))
        row.addStretch(max(1, round(1000 * (1 - sum(parts.values())))))
