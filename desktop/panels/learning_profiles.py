"""Which profile learns: one for each kind of video, each apart from the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.project.document import LONGEST_PROFILE
from desktop import theme
from desktop.i18n import tr
from desktop.panels.learning_words import profile_name
from desktop.panels.question import Question
from desktop.widgets import label, push_button


class ProfileChoice(QComboBox):
    """The usual profile and those that have a name.

    Signals:
        chosen: Another one: its name, empty for the usual one.
    """

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.activated.connect(lambda row: self.chosen.emit(self.itemData(row)))
        self.show_profiles((), "")

    def show_profiles(self, profiles: Sequence[str], current: str) -> None:
        """Lists profiles; the present one is there even if nobody else knows it."""
        names = dict.fromkeys(("", *profiles, current))
        with QSignalBlocker(self):
            self.clear()
            for name in names:
                self.addItem(profile_name(name), name)
            self.setCurrentIndex(self.findData(current))


class ProfileRow(QWidget):
    """Chooses, makes, renames and deletes profiles.

    Signals:
        chosen: Another one is looked at.
        made: A new one: its name.
        renamed: The one that is looked at has another name.
        deleted: The one that is looked at shall go, with all that it learned from.
        wanted: The open project shall learn with the one that is looked at.
    """

    chosen = Signal(str)
    made = Signal(str)
    renamed = Signal(str)
    deleted = Signal()
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profiles: tuple[str, ...] = ()
        self._profile = ""
        self._renaming = False
        self.choice = ProfileChoice(tr("Profile"))
        self.use = push_button(
            tr("Use this profile"), tr("Lets it suggest in the open project, and learn from it")
        )
        self.other = label(role="secondary", wrap=True)
        self.new = push_button(
            tr("New profile…"), tr("For another kind of videos, which learns apart")
        )
        self.rename = push_button(tr("Rename…"), tr("Give the profile another name"))
        self.delete = push_button(tr("Delete…"), tr("Delete the profile and what it learned from"))
        self.name = QLineEdit(placeholderText=tr("Name of the profile"))
        self.name.setAccessibleName(tr("Name of the profile"))
        self.name.setMaxLength(LONGEST_PROFILE)
        self.take = push_button(tr("Take the name"))
        self.leave = push_button(tr("Cancel"), tr("Change nothing"))
        self.problem = label(role="problem", wrap=True)
        self.question = Question()
        self._compose()
        self._connect()
        self._show_form(False)

    def show_profiles(self, profiles: Sequence[str], profile: str, of_project: str) -> None:
        """Shows which profiles there are.

        Args:
            profiles: Those with a name.
            profile: The one that is looked at; empty for the usual one.
            of_project: The one of the open project.
        """
        if profile != self._profile:
            self._show_form(False)
            self.question.take_back()
        self._profiles, self._profile = tuple(profiles), profile
        self.choice.show_profiles(profiles, profile)
        self.rename.setEnabled(bool(profile))
        self.delete.setEnabled(bool(profile))
        self.other.setText(
            tr("The open project learns with: {name}", name=profile_name(of_project))
        )
        self.apart.setVisible(profile != of_project)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.form.isVisible():
            self._show_form(False)
        else:
            super().keyPressEvent(event)

    def _compose(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        row.addWidget(label(tr("Profile")))
        row.addWidget(self.choice, 1)
        for button in (self.new, self.rename, self.delete):
            row.addWidget(button)
        self.apart = QWidget()
        project = QHBoxLayout(self.apart)
        project.setContentsMargins(0, 0, 0, 0)
        project.setSpacing(theme.SPACING)
        project.addWidget(self.other, 1)
        project.addWidget(self.use)
        self.form = QWidget()
        fields = QHBoxLayout(self.form)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(theme.SPACING)
        fields.addWidget(self.name, 1)
        fields.addWidget(self.take)
        fields.addWidget(self.leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addLayout(row)
        column.addWidget(self.apart)
        column.addWidget(self.form)
        column.addWidget(self.problem)
        column.addWidget(self.question)

    def _connect(self) -> None:
        self.choice.chosen.connect(self.chosen)
        self.use.clicked.connect(self.wanted)
        self.new.clicked.connect(lambda: self._ask_for_name(renaming=False))
        self.rename.clicked.connect(lambda: self._ask_for_name(renaming=True))
        self.delete.clicked.connect(self._ask_to_delete)
        self.name.returnPressed.connect(self._named)
        self.take.clicked.connect(self._named)
        self.leave.clicked.connect(lambda: self._show_form(False))

    def _ask_for_name(self, *, renaming: bool) -> None:
        self._renaming = renaming
        self.question.take_back()
        self.name.setText(self._profile if renaming else "")
        self.name.selectAll()
        self._show_form(True)
        self.name.setFocus()

    def _named(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            self._say(tr("The profile needs a name."))
        elif name in self._profiles and not (self._renaming and name == self._profile):
            self._say(tr("There is a profile {name} already.", name=name))
        else:
            self._show_form(False)
            (self.renamed if self._renaming else self.made).emit(name)

    def _ask_to_delete(self) -> None:
        self._show_form(False)
        self.question.ask(
            tr(
                "Delete the profile {name}, its versions and the corrections that it learned "
                "from? Projects keep their cuts. This cannot be undone.",
                name=self._profile,
            ),
            tr("Delete the profile"),
            self.deleted.emit,
        )

    def _show_form(self, shown: bool) -> None:
        self.form.setVisible(shown)
        self._say("")
        if not shown and self.form.isAncestorOf(self.focusWidget()):
            self.choice.setFocus()

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
