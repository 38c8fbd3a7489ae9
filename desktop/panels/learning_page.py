"""The learning in place of the player: what is known, what was learned from it, and undoing it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs import learning_work
from desktop.librarian import Librarian
from desktop.panels.key_keeper import KeyKeeper
from desktop.panels.learning_corrections import CorrectionsPart
from desktop.panels.learning_profiles import ProfileRow
from desktop.panels.learning_teaching import TeachingPart
from desktop.panels.learning_versions import VersionsPart
from desktop.panels.wheel_keeper import WheelKeeper
from desktop.settings import SettingsStore
from desktop.teacher import Teacher
from desktop.widgets import icon_button, label

WATCHER = "page"
"""The part of the window that looks at the profile of the page."""

_OURS = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
_WIDEST = 960


class LearningPage(QWidget):
    """Profiles, the training, its versions, and the library of corrections.

    Args:
        editor: The document; its wishes name the profile of the project.
        settings: Say whether corrections are collected.
        librarian: Knows what is known.
        teacher: Trains.
        keys: Gives the keys of a command as the user sees them.

    Signals:
        closed: The user is done.
        training_wanted: A new version of the profile of this name.
        told: What was done.
    """

    closed = Signal()
    training_wanted = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        editor: Editor,
        settings: SettingsStore,
        librarian: Librarian,
        teacher: Teacher,
        keys: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Learning"))
        self._editor = editor
        self._settings = settings
        self._librarian = librarian
        self._teacher = teacher
        self.profile = ""
        self.profiles = ProfileRow()
        self.teaching = TeachingPart()
        self.versions = VersionsPart()
        self.corrections = CorrectionsPart()
        self.tabs = QTabWidget()
        self.close_button = icon_button("close", tr("Back to the player"), keys("cancel"), "flat")
        self._compose()
        self._connect()
        self.setFocusProxy(self.profiles.choice)
        self.teaching.show_busy(teacher.busy)
        self._settings_changed()
        self._show()

    def look_at(self, profile: str) -> None:
        """Shows another profile; empty for the usual one."""
        self.profile = profile
        self._librarian.watch(WATCHER, profile)
        self._show()

    def event(self, event: QEvent) -> bool:
        # What is typed here must not play or change the short, which is not to be seen.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.modifiers() in _OURS
            and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_at(self._editor.project.wishes.profile)
        self._librarian.look()

    def _compose(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.versions, tr("Versions"))
        self.tabs.addTab(self.corrections, tr("Corrections"))
        self.tabs.tabBar().setAccessibleName(tr("Parts of the learning"))
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setExpanding(False)
        KeyKeeper(
            self.tabs.tabBar(),
            (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
        )
        top = QHBoxLayout()
        top.addWidget(label(tr("LEARNING"), "heading"))
        top.addStretch(1)
        top.addWidget(self.close_button)
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST)
        parts = QVBoxLayout(inside)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(theme.SPACING + 4)
        parts.addWidget(self.profiles)
        parts.addWidget(self.teaching)
        parts.addWidget(self.tabs, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        WheelKeeper(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [theme.SPACING + 4]))
        column.setSpacing(theme.SPACING)
        column.addLayout(top)
        column.addWidget(area, 1)

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.closed)
        self._editor.project_changed.connect(self._show_profiles)
        self._settings.changed.connect(self._settings_changed)
        self._librarian.changed.connect(self._show)
        self._connect_profiles()
        self._connect_teaching()
        self._connect_versions()
        self._connect_corrections()

    def _connect_profiles(self) -> None:
        row, do = self.profiles, self._librarian.do
        row.chosen.connect(self.look_at)
        row.wanted.connect(lambda: self._editor.set_profile(self.profile))
        row.made.connect(
            lambda name: do(learning_work.make_profile(name), lambda made: self.look_at(name))
        )
        row.renamed.connect(self._rename)
        row.deleted.connect(self._delete)

    def _connect_teaching(self) -> None:
        teaching, teacher = self.teaching, self._teacher
        teaching.collecting_wanted.connect(lambda on: self._settings.change(collect_corrections=on))
        teaching.training_wanted.connect(lambda: self.training_wanted.emit(self.profile))
        teaching.cancel_wanted.connect(teacher.cancel)
        teaching.offer_declined.connect(self._librarian.end_offer)
        teacher.began.connect(lambda profile: teaching.show_busy(True))
        teacher.progressed.connect(teaching.show_progress)
        teacher.ended.connect(self._taught)

    def _connect_versions(self) -> None:
        versions, do = self.versions, self._librarian.do
        versions.use_wanted.connect(
            lambda number: do(learning_work.use_version(self.profile, number))
        )
        versions.back_wanted.connect(lambda: do(learning_work.back_to_before(self.profile)))

    def _connect_corrections(self) -> None:
        part, do = self.corrections, self._librarian.do
        part.delete_wanted.connect(lambda chosen: do(learning_work.forget_corrections(chosen)))
        part.forget_wanted.connect(lambda video: do(learning_work.forget_video(video)))
        part.leave_out_wanted.connect(
            lambda video, out: do(learning_work.leave_out(video, out=out))
        )
        part.forget_all_wanted.connect(lambda: do(learning_work.forget_everything()))
        part.export_wanted.connect(
            lambda folder: do(
                learning_work.export_to(folder, self.profile),
                lambda place: self.told.emit(tr("The library is in {path}.", path=place)),
            )
        )
        part.import_wanted.connect(
            lambda folder: do(learning_work.import_from(folder), self._imported)
        )

    def _rename(self, name: str) -> None:
        before = self.profile

        def renamed(result: object) -> None:
            self.look_at(name)
            if self._editor.project.wishes.profile == before:
                self._editor.set_profile(name)

        self._librarian.do(learning_work.rename_profile(before, name), renamed)

    def _delete(self) -> None:
        gone = self.profile

        def deleted(result: object) -> None:
            self.look_at("")
            if self._editor.project.wishes.profile == gone:
                self._editor.set_profile("")

        self._librarian.do(learning_work.delete_profile(gone), deleted)

    def _imported(self, count: object) -> None:
        if count == 1:
            self.told.emit(tr("One correction was read."))
        else:
            self.told.emit(tr("{count} corrections were read.", count=count))

    def _taught(self) -> None:
        self.teaching.show_busy(False)
        self._show()

    def _settings_changed(self) -> None:
        self.teaching.show_collecting(self._settings.current.collect_corrections)

    def _show_profiles(self) -> None:
        state = self._librarian.state
        own = state.of(self._editor.project.wishes.profile)
        self.profiles.show_profiles(state.profiles, state.of(self.profile).profile, own.profile)

    def _show(self) -> None:
        state = self._librarian.state.of(self.profile)
        self._show_profiles()
        self.teaching.show_state(state, offered=self._librarian.offers(self.profile))
        if self.isVisible():  # while it is not, the editor is being worked in
            self.versions.show_state(state)
            self.corrections.show_state(state)
