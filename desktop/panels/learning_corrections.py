"""The library of corrections: all that it holds, and taking any of it out again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.learning.library.records import CutCorrection, LibraryVideo, StoredCorrection
from desktop import theme
from desktop.i18n import tr
from desktop.jobs.learning_state import ProfileState
from desktop.panels.key_keeper import LIST_KEYS, KeyKeeper
from desktop.panels.learning_words import (
    correction_text,
    counts_text,
    room_text,
    seen_text,
    suggested_text,
)
from desktop.panels.question import Question
from desktop.widgets import label, push_button

_VIDEO = Qt.ItemDataRole.UserRole
_CORRECTION = Qt.ItemDataRole.UserRole + 1
_NUMBERS = range(2, 5)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CorrectionsPart(QWidget):
    """The videos, the corrections of each below it, and what can be done with them.

    Signals:
        delete_wanted: These :class:`.StoredCorrection` shall go.
        forget_wanted: All that is known of the video with this fingerprint shall go.
        leave_out_wanted: Whether nothing shall be learned from a video: its fingerprint, and so.
        forget_all_wanted: The whole library shall be empty.
        export_wanted: The folder that the library shall be written to.
        import_wanted: The folder that corrections shall be read from.
    """

    delete_wanted = Signal(object)
    forget_wanted = Signal(str)
    leave_out_wanted = Signal(str, bool)
    forget_all_wanted = Signal()
    export_wanted = Signal(object)
    import_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._videos: dict[str, LibraryVideo] = {}
        self._corrections: Mapping[str, list[StoredCorrection]] = {}
        self._suggested: Mapping[str, int] = {}
        self._profile = ""
        self.list = QTreeWidget()
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName(tr("Corrections by video"))
        self.list.setHeaderLabels(
            [tr("Video"), tr("Corrections"), tr("Emotions"), tr("Seen"), tr("Takes")]
        )
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, *_NUMBERS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in _NUMBERS:
            self.list.headerItem().setTextAlignment(column, _RIGHT)
        KeyKeeper(self.list, (*LIST_KEYS, Qt.Key.Key_Left, Qt.Key.Key_Right))
        self.empty = label(
            tr("Nothing is known yet. Keep, change and reject cuts: it is collected here."),
            "secondary",
            wrap=True,
        )
        self.delete = push_button(
            tr("Delete…"), tr("Takes the corrections that are selected out of the library")
        )
        self.forget = push_button(
            tr("Forget this video…"), tr("All that the library knows of the video goes")
        )
        self.leave_out = QCheckBox(tr("Do not learn from this video"))
        self.export = push_button(
            tr("Export…"), tr("Writes what this profile learns from into a folder")
        )
        self.import_ = push_button(tr("Import…"), tr("Reads corrections from such a folder"))
        self.forget_all = push_button(
            tr("Forget everything…"), tr("Empties the library, for all profiles")
        )
        self.question = Question()
        self._compose()
        self._connect()
        self._choose()

    def show_state(self, state: ProfileState) -> None:
        """Lists what the library holds for a profile; what is open and chosen stays so."""
        if state.profile != self._profile:
            self._profile = state.profile
            self.question.take_back()
        opened = {self._video_of(item) for item in self._rows() if item.isExpanded()}
        selected = self.list.selectedItems()
        chosen = {self._key(item) for item in selected}
        filled = opened.union(map(self._video_of, selected))
        present = self.list.currentItem()
        current = None if present is None else self._key(present)
        self._videos = {one.video: one for one in state.videos}
        self._suggested = state.models
        by_video: defaultdict[str, list[StoredCorrection]] = defaultdict(list)
        for stored in state.corrections:
            by_video[stored.video].append(stored)
        self._corrections = by_video
        with QSignalBlocker(self.list):
            self.list.clear()
            for video in state.videos:
                row = self._add_video(video)
                if video.video in filled:
                    self._fill(row)
                row.setExpanded(video.video in opened)
            for item in self._all():
                key = self._key(item)
                if key == current:
                    self.list.setCurrentItem(item)
                item.setSelected(key in chosen)
        self.empty.setVisible(not state.videos)
        self.list.setVisible(bool(state.videos))
        self._choose()

    @property
    def selected(self) -> list[StoredCorrection]:
        """The corrections that are selected; those of a video where it is."""
        found: dict[int, StoredCorrection] = {}
        for item in self.list.selectedItems():
            stored = item.data(0, _CORRECTION)
            whole = self._corrections.get(self._video_of(item), [])
            for one in whole if stored is None else [stored]:
                found[id(one)] = one
        return list(found.values())

    @property
    def video(self) -> LibraryVideo | None:
        """The video that is chosen, or that of the correction that is."""
        item = self.list.currentItem()
        return None if item is None else self._videos.get(self._video_of(item))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.delete.isEnabled():
            self._ask_to_delete()
        else:
            super().keyPressEvent(event)

    def _compose(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(theme.SPACING)
        for part in (self.delete, self.forget, self.leave_out):
            first.addWidget(part)
        first.addStretch(1)
        second = QHBoxLayout()
        second.setSpacing(theme.SPACING)
        for part in (self.export, self.import_):
            second.addWidget(part)
        second.addStretch(1)
        second.addWidget(self.forget_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addLayout(second)
        column.addLayout(first)
        column.addWidget(self.question)
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addStretch(0)

    def _connect(self) -> None:
        self.list.itemSelectionChanged.connect(self._choose)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemExpanded.connect(self._fill)
        self.delete.clicked.connect(self._ask_to_delete)
        self.forget.clicked.connect(self._ask_to_forget)
        self.leave_out.clicked.connect(self._leave_out)
        self.forget_all.clicked.connect(self._ask_to_forget_all)
        self.export.clicked.connect(self._export)
        self.import_.clicked.connect(self._import)

    def _add_video(self, video: LibraryVideo) -> QTreeWidgetItem:
        name = _name(video)
        row = QTreeWidgetItem(
            self.list,
            [
                tr("{name} · left out", name=name) if video.left_out else name,
                counts_text(video.counts),
                str(video.emotions or ""),
                seen_text(video.seen) if video.seen else "",
                room_text(video.stored),
            ],
        )
        row.setToolTip(0, str(video.path))
        row.setToolTip(1, row.text(1))
        row.setData(0, _VIDEO, video.video)
        numbers = theme.tabular(self.font())
        for column in _NUMBERS:
            row.setTextAlignment(column, _RIGHT)
            row.setFont(column, numbers)
        if self._corrections.get(video.video):
            row.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return row

    def _fill(self, row: QTreeWidgetItem) -> None:
        """Lists the corrections of a video, once it is opened: a library may hold thousands."""
        if not row.childCount():
            for stored in self._corrections.get(self._video_of(row), []):
                self._add_correction(row, stored)

    def _add_correction(self, row: QTreeWidgetItem, stored: StoredCorrection) -> None:
        correction = stored.correction
        told = [str(correction.span), correction_text(correction)]
        if isinstance(correction, CutCorrection):
            told.append(suggested_text(correction.suggestion, self._suggested))
        below = QTreeWidgetItem(row, [" · ".join(told)])
        below.setFirstColumnSpanned(True)
        below.setFont(0, theme.tabular(self.font()))
        below.setData(0, _VIDEO, stored.video)
        below.setData(0, _CORRECTION, stored)
        below.setToolTip(0, stored.project)

    def _rows(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _all(self) -> list[QTreeWidgetItem]:
        return [item for row in self._rows() for item in _with_children(row)]

    def _video_of(self, item: QTreeWidgetItem) -> str:
        return str(item.data(0, _VIDEO))

    def _key(self, item: QTreeWidgetItem) -> object:
        """What a row is known by when the list is made anew."""
        stored = item.data(0, _CORRECTION)
        if stored is None:
            return self._video_of(item)
        correction = stored.correction
        which = correction.identifier if isinstance(correction, CutCorrection) else correction.span
        return stored.project, stored.video, which

    def _choose(self) -> None:
        video = self.video
        self.delete.setEnabled(bool(self.selected))
        for part in (self.forget, self.leave_out):
            part.setEnabled(video is not None)
        self.leave_out.setChecked(video is not None and video.left_out)
        self.export.setEnabled(bool(self._videos))

    def _ask_to_delete(self) -> None:
        chosen = self.selected
        text = (
            tr("Delete this correction? It is not collected again from its project.")
            if len(chosen) == 1
            else tr(
                "Delete these {count} corrections? They are not collected again from their "
                "projects.",
                count=len(chosen),
            )
        )
        self._ask(text, tr("Delete it"), lambda: self.delete_wanted.emit(chosen))

    def _ask_to_forget(self) -> None:
        video = self.video
        if video is None:
            return
        self._ask(
            tr(
                "Forget all that was corrected in {name}, and what was measured of it? Nothing is "
                "learned from it any more; the project keeps its cuts.",
                name=_name(video),
            ),
            tr("Forget it"),
            lambda: self.forget_wanted.emit(video.video),
        )

    def _ask_to_forget_all(self) -> None:
        self._ask(
            tr(
                "Forget the corrections of all videos and all profiles? The versions that were "
                "learned from them stay. This cannot be undone."
            ),
            tr("Forget everything"),
            self.forget_all_wanted.emit,
        )

    def _ask(self, text: str, answer: str, act: Callable[[], object]) -> None:
        """Asks; the focus is on the list after a yes, not on a button of what is gone."""

        def confirmed() -> None:
            self.list.setFocus()
            act()

        self.question.ask(text, answer, confirmed)

    def _leave_out(self, out: bool) -> None:
        video = self.video
        if video is not None:
            self.leave_out_wanted.emit(video.video, out)

    def _export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for the library"))
        if folder:
            self.export_wanted.emit(Path(folder))

    def _import(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder of an exported library"))
        if folder:
            self.import_wanted.emit(Path(folder))


def _with_children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = (item.child(row) for row in range(item.childCount()))
    return [item, *(child for child in children if child is not None)]


def _name(video: LibraryVideo) -> str:
    """Of one that was forgotten, only the fingerprint is known."""
    return video.path.name or tr("Forgotten video {number}", number=video.video[:8])
