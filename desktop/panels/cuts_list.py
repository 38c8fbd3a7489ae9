"""The list of all cuts in playing order, each with its picture and its reasons."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from core.project.document import Decision, EditedCut
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr, tr_message
from desktop.panels.cut_delegate import CutDelegate, RowButton, button_name
from desktop.panels.cuts_model import CutsModel
from desktop.panels.cuts_view import CutsView
from desktop.panels.elided_label import ElidedLabel
from desktop.widgets import label, with_keys

_COMMANDS = {
    RowButton.KEEP: "cut.keep",
    RowButton.ASIDE: "cut.maybe",
    RowButton.REJECT: "cut.reject",
    RowButton.LOCK: "cut.lock",
}
_DECISIONS = {
    RowButton.KEEP: Decision.KEPT,
    RowButton.ASIDE: Decision.MAYBE,
    RowButton.REJECT: Decision.REJECTED,
}


def no_keys(command: str) -> str:
    """The keys of a command where nobody bound any."""
    return ""


class CutsList(QWidget):
    """All cuts; what is done to one that is selected is done to all selected ones.

    Args:
        editor: The document.
        thumbnail: Gives the small picture of a video at a time in seconds, a null one if there is
            none yet.
        keys: Gives the keys of a command of :mod:`desktop.shortcuts` as the user sees them.
        parent: Owner.

    Signals:
        activated: A cut was double-clicked or entered: its identifier.
        split_wanted: The selected cut shall be split at the playhead.
    """

    activated = Signal(str)
    split_wanted = Signal()

    def __init__(
        self,
        editor: Editor,
        thumbnail: Callable[[str, float], QPixmap],
        keys: Callable[[str], str] = no_keys,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor = editor
        self._keys = keys
        self._rejected_shown = False
        self._selecting = False
        self.model = CutsModel(self)
        delegate = CutDelegate(thumbnail, self._medium_name, self)
        self.view = CutsView(self.model, delegate, self._tip)
        self._empty = label(role="secondary", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(theme.SPACING + 4, theme.SPACING, theme.SPACING, 0)
        self._source = ElidedLabel("secondary", least=100, most=2000)
        below = QHBoxLayout()
        below.setContentsMargins(theme.SPACING + 4, 0, theme.SPACING, 0)
        below.addWidget(self._source)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.SPACING)
        column.setSpacing(theme.SPACING)
        column.addWidget(self._empty, 1)
        column.addWidget(self.view, 1)
        column.addLayout(below)
        self.setMinimumWidth(300)
        self.setFocusProxy(self.view)
        self.view.entered_cut.connect(self.activated)
        self.view.button_pressed.connect(self._act)
        self.view.menu_wanted.connect(self._show_menu)
        self.view.dropped.connect(editor.reorder)
        self.view.fold_toggled.connect(self._toggle_rejected)
        selection = self.view.selectionModel()
        selection.selectionChanged.connect(self._tell_selection)
        selection.currentChanged.connect(self._tell_selection)
        editor.project_changed.connect(self._show)
        editor.analysis_changed.connect(self._show_analysis)
        editor.media_changed.connect(self._show_analysis)
        editor.selection_changed.connect(self._show_selection)
        self._show()
        self._show_analysis()

    def menu_for(self, identifier: str) -> QMenu:
        """What can be done to a cut, or to all selected ones if it is one of them."""
        menu = QMenu(self)
        edited = self._editor.project.find(identifier)
        if edited is None:
            return menu
        chosen = self._chosen(identifier)
        for button in _COMMANDS:
            if button is RowButton.LOCK:
                menu.addSeparator()
            self._add(
                menu,
                button_name(button, edited),
                _COMMANDS[button],
                partial(self._act, identifier, button),
            )
        menu.addSeparator()
        self._add(
            menu, tr("Duplicate"), "cut.duplicate", lambda: self._editor.duplicate(chosen)
        ).setEnabled(edited.in_short)
        merge = tr("Merge with next") if len(chosen) == 1 else tr("Merge")
        self._add(menu, merge, "cut.merge", lambda: self._editor.merge(chosen)).setEnabled(
            edited.in_short
        )
        self._add(
            menu, tr("Split at playhead"), "cut.split", lambda: self._split(identifier)
        ).setEnabled(edited.in_short)
        menu.addSeparator()
        self._add(menu, tr("Delete"), "cut.delete", lambda: self._editor.delete(chosen)).setEnabled(
            edited.decision is not Decision.REJECTED
        )
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.view.currentIndex()
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.view.indexAt(self.view.viewport().mapFromGlobal(place))
        elif index.isValid():
            place = self.view.viewport().mapToGlobal(self.view.visualRect(index).center())
        edited = self.model.cut(index)
        if edited is not None:
            self._show_menu(edited.identifier, place)

    def _add(self, menu: QMenu, text: str, command: str, act: Callable[[], object]) -> QAction:
        keys = self._keys(command)
        action = menu.addAction(f"{text}\t{keys}" if keys else text)
        action.triggered.connect(lambda: act())
        return action

    def _show_menu(self, identifier: str, place: QPoint) -> None:
        menu = self.menu_for(identifier)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _chosen(self, identifier: str) -> tuple[str, ...]:
        return self._editor.selection if identifier in self._editor.selection else (identifier,)

    def _act(self, identifier: str, button: str) -> None:
        edited = self._editor.project.find(identifier)
        if edited is None:
            return
        chosen = self._chosen(identifier)
        wanted = _DECISIONS.get(RowButton(button))
        if wanted is None:
            self._editor.lock(chosen, not edited.locked)
        elif edited.decision is not wanted:
            self._editor.decide(chosen, wanted)
        elif wanted is Decision.REJECTED:
            # Undecided it could be swept away by the next suggestions.
            self._editor.decide(chosen, Decision.KEPT)
        else:
            self._editor.decide(chosen, Decision.OPEN)

    def _split(self, identifier: str) -> None:
        self._editor.set_selection([identifier])
        self.split_wanted.emit()

    def _toggle_rejected(self) -> None:
        self._rejected_shown = not self._rejected_shown
        self._show()

    def _tip(self, button: RowButton, identifier: str) -> str:
        edited = self._editor.project.find(identifier)
        if edited is None:
            return ""
        keys = self._keys(_COMMANDS[button]) if button in _COMMANDS else ""
        name = button_name(button, edited)
        return with_keys(name, keys)

    def _medium_name(self, identifier: str) -> str:
        project = self._editor.project
        medium = project.medium(identifier)
        return medium.path.stem if medium is not None and len(project.media) > 1 else ""

    def _show(self) -> None:
        project = self._editor.project
        current: EditedCut | None = self.model.cut(self.view.currentIndex())
        places = self.view.places()
        self._selecting = True
        try:
            moved = self.model.sync(project.cuts, rejected_shown=self._rejected_shown)
        finally:
            self._selecting = False
        self.view.hold(places, moved)
        if current is not None and current.identifier in moved:
            self.view.scrollTo(self.view.currentIndex())
        self.view.viewport().update()
        self._show_selection()
        self._show_emptiness()

    def _show_analysis(self) -> None:
        analysis = self._editor.analysis
        said = "" if analysis is None else analysis.highlight.notice
        self._source.set_text(tr_message(said))
        self._source.setVisible(bool(said))
        self.view.viewport().update()
        self._show_emptiness()

    def _show_emptiness(self) -> None:
        empty = not self._editor.project.cuts
        self._empty.setVisible(empty)
        self.view.setVisible(not empty)
        if self._editor.info is None:
            self._empty.setText(tr("Cuts appear here."))
        elif self._editor.analysis is None:
            self._empty.setText(tr("Analyse the video to get suggestions, or add a cut yourself."))
        else:
            self._empty.setText(tr("No cuts yet. Add one at the playhead."))

    def _tell_selection(self) -> None:
        if self._selecting:
            return
        rows = self.view.selectionModel().selectedRows()
        cuts = (self.model.cut(index) for index in sorted(rows, key=lambda i: i.row()))
        chosen = [c.identifier for c in cuts if c is not None]
        order = [i for i in self._editor.selection if i in chosen]
        order += [i for i in chosen if i not in order]
        current = self.model.cut(self.view.currentIndex())
        if current is not None and current.identifier in order:
            order = [*(i for i in order if i != current.identifier), current.identifier]
        self._selecting = True
        try:
            self._editor.set_selection(order)
        finally:
            self._selecting = False

    def _show_selection(self) -> None:
        if self._selecting:
            return
        rows = [self.model.row(i) for i in self._editor.selection]
        rows = [row for row in rows if row >= 0]
        selection = self.view.selectionModel()
        wanted = QItemSelection()
        for row in rows:
            wanted.select(self.model.index(row), self.model.index(row))
        self._selecting = True
        try:
            if {i.row() for i in selection.selectedRows()} != set(rows):
                selection.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            if rows and self.view.currentIndex().row() not in rows:
                selection.setCurrentIndex(
                    self.model.index(rows[-1]), QItemSelectionModel.SelectionFlag.NoUpdate
                )
        finally:
            self._selecting = False
