"""The captions of the video on show: read, corrected in place, split, merged and deleted."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from core.export.captions.caption import Caption
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.panels.caption_rows import CaptionDelegate, CaptionsModel
from desktop.panels.key_keeper import LIST_KEYS, KeyKeeper
from desktop.widgets import label, push_button

_NEW_SECONDS = Fraction(2)
_KEYS = (*LIST_KEYS, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)


class CaptionsView(QListView):
    """The rows; Enter edits the current one, Delete removes those that are selected.

    Signals:
        delete_wanted: The selected captions shall go.
    """

    delete_wanted = Signal()

    def __init__(self, model: CaptionsModel, delegate: CaptionDelegate) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setAccessibleName(tr("Captions"))
        KeyKeeper(self, _KEYS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() is QAbstractItemView.State.EditingState
        if event.key() == Qt.Key.Key_Delete and not editing:
            self.delete_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class CaptionsPanel(QWidget):
    """All captions of the video on show, with their times.

    Args:
        editor: The document.
        parent: Owner.

    Signals:
        seek_wanted: The player shall go to a time of the video on show, in seconds.
        import_wanted: Captions shall be read from a file.
        export_wanted: The captions shall be written to a file.
        hear_wanted: What is said shall be written down: in the whole video, or only in the cuts of
            the short.
    """

    seek_wanted = Signal(object)
    import_wanted = Signal()
    export_wanted = Signal()
    hear_wanted = Signal(bool)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor = editor
        self._now = Fraction(0)
        self._medium = ""
        self._showing = False
        self._hearing = False
        self.drawn = QCheckBox(tr("Draw captions"))
        self.drawn.setToolTip(tr("Into the picture of the short"))
        self.drawn.setAccessibleDescription(self.drawn.toolTip())
        self.model = CaptionsModel(editor.edit_caption, self)
        delegate = CaptionDelegate(self)
        self.view = CaptionsView(self.model, delegate)
        self._empty = label(
            tr("No captions yet. Import a file, write down what is said, or add them by hand."),
            "secondary",
            wrap=True,
        )
        self.add = push_button(tr("Add"), tr("A caption at the playhead"))
        self.split = push_button(tr("Split"), tr("Splits the caption at the playhead"))
        self.merge = push_button(tr("Merge"), tr("Makes one caption of neighbours"))
        self.delete = push_button(tr("Delete"), tr("Removes the selected captions"))
        self.bring = push_button(tr("Import"), tr("Reads captions from a file"))
        self.write = push_button(tr("Export"), tr("Writes the captions to a file"))
        self.hear = push_button(
            tr("Write down what is said"), tr("A network listens to the video; you correct it")
        )
        menu = QMenu(self.hear)
        self.hear_cuts = menu.addAction(tr("In the cuts of the short"))
        self.hear_all = menu.addAction(tr("In the whole video"))
        self.hear.setMenu(menu)
        self._compose()
        self.setFocusProxy(self.view)
        delegate.split_wanted.connect(self._split_text)
        self.view.delete_wanted.connect(self._delete)
        self.view.selectionModel().currentChanged.connect(self._moved)
        self.view.selectionModel().selectionChanged.connect(self._show_buttons)
        self.view.clicked.connect(self._seek)
        self.add.clicked.connect(self._add)
        self.split.clicked.connect(self._split)
        self.merge.clicked.connect(self._merge)
        self.delete.clicked.connect(self._delete)
        self.bring.clicked.connect(self.import_wanted)
        self.write.clicked.connect(self.export_wanted)
        self.hear_cuts.triggered.connect(lambda: self.hear_wanted.emit(False))
        self.hear_all.triggered.connect(lambda: self.hear_wanted.emit(True))
        self.drawn.toggled.connect(lambda on: editor.set_look(self.drawn.text(), captions=on))
        for signal in (editor.project_changed, editor.media_changed):
            signal.connect(self._show)
        self._show()

    @property
    def chosen(self) -> list[int]:
        """The numbers of the selected captions."""
        chosen = self.view.selectionModel().selection()
        ranges = [chosen.at(number) for number in range(chosen.size())]
        return sorted({row for one in ranges for row in range(one.top(), one.bottom() + 1)})

    def follow(self, seconds: Fraction | float) -> None:
        """Marks the caption that is said at the time of the player."""
        self._now = Fraction(seconds)
        row = bisect_right(self.model.captions, self._now, key=lambda one: one.span.start) - 1
        said = row >= 0 and self._now in self.model.captions[row].span
        if (row if said else -1) != self.model.said:
            self.model.show_said(row if said else -1)

    def show_hearing(self, hearing: bool) -> None:
        """Whether what is said is being written down: it is not begun once more meanwhile."""
        self._hearing = hearing
        self._show_buttons()

    def _compose(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACING, theme.SPACING, theme.SPACING, theme.SPACING)
        column.setSpacing(theme.SPACING)
        column.addWidget(self.drawn)
        column.addWidget(self._empty)
        column.addWidget(self.view, 1)
        for buttons in ((self.add, self.split, self.merge, self.delete), (self.bring, self.write)):
            row = QHBoxLayout()
            row.setSpacing(theme.SPACING)
            for button in buttons:
                row.addWidget(button)
            column.addLayout(row)
        column.addWidget(self.hear)

    def _show(self) -> None:
        captions = self._editor.captions
        if captions is not self.model.captions:
            current = self.view.currentIndex().row()
            self._showing = True
            # A field that is open must not go on with the captions of another video.
            self.model.show_captions(captions, anew=self._editor.medium != self._medium)
            self._medium = self._editor.medium
            if self.view.currentIndex().row() != current and captions:
                self._select(min(current, len(captions) - 1))
            self._showing = False
            self.follow(self._now)
        self._empty.setVisible(not captions)
        with QSignalBlocker(self.drawn):
            self.drawn.setChecked(self._editor.project.wishes.look.captions)
        self._show_buttons()

    def _show_buttons(self) -> None:
        there = bool(self.chosen)
        for button in (self.split, self.merge, self.delete):
            button.setEnabled(there)
        self.add.setEnabled(self._editor.info is not None)
        self.bring.setEnabled(self._editor.info is not None)
        self.write.setEnabled(bool(self.model.captions))
        self.hear.setEnabled(self._editor.info is not None and not self._hearing)
        medium = self._editor.medium
        self.hear_cuts.setEnabled(any(c.medium == medium for c in self._editor.project.short))

    def _select(self, row: int) -> None:
        index = self.model.index(row)
        self.view.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.view.scrollTo(index)

    def _moved(self) -> None:
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:  # a click says so itself
            self._seek()

    def _seek(self) -> None:
        row = self.view.currentIndex().row()
        if not self._showing and 0 <= row < len(self.model.captions):
            self.seek_wanted.emit(self.model.captions[row].span.start)

    def _add(self) -> None:
        info = self._editor.info
        if info is None:
            return
        start = max(Fraction(0), min(self._now, info.duration - _NEW_SECONDS))
        later = (one.span.start for one in self.model.captions if one.span.start > start)
        end = min(info.duration, start + _NEW_SECONDS, *later)
        row = self._editor.add_caption(Caption(Span(start, end), tr("New caption")))
        if row >= 0:
            self._select(row)
            self.view.edit(self.model.index(row))

    def _split(self) -> None:
        row = self.view.currentIndex().row()
        if row in self.chosen:
            span = self.model.captions[row].span
            self._editor.split_caption(row, seconds=self._now if self._now in span else None)

    def _split_text(self, row: int, text: str, place: int) -> None:
        if 0 <= row < len(self.model.captions):
            self._editor.split_caption(row, place=place, text=text)

    def _merge(self) -> None:
        self._editor.merge_captions(self.chosen)

    def _delete(self) -> None:
        if self.chosen:
            self._editor.delete_captions(self.chosen)
