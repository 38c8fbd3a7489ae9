"""Who made the suggestions and how good they have become, on two lines above the cuts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr, tr_message
from desktop.librarian import Librarian
from desktop.panels.elided_label import ElidedLabel
from desktop.panels.learning_profiles import ProfileChoice
from desktop.panels.learning_words import (
    gain_meaning,
    gain_on_videos_text,
    profile_name,
    version_name,
)
from desktop.panels.wheel_keeper import WheelKeeper
from desktop.widgets import push_button

WATCHER = "short"
"""The part of the window that looks at the profile of the project."""

_WIDEST = 10_000


class LearningLine(QWidget):
    """The version that suggests, what it has learned, and the profile of the project.

    Args:
        editor: The document.
        librarian: Knows what is known.

    Signals:
        page_wanted: The page of the learning shall be shown.
        training_wanted: The training that is offered: the name of the profile.
    """

    page_wanted = Signal()
    training_wanted = Signal(str)

    def __init__(self, editor: Editor, librarian: Librarian, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._librarian = librarian
        self.who = push_button("", tr("Show what was learned, and from what"), "flat")
        self.who.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.who.setStyleSheet("QPushButton { text-align: left; padding-left: 0; }")
        self.profile = ProfileChoice(tr("Profile of this project"))
        self.profile.setToolTip(tr("Which profile suggests in this project, and learns from it"))
        self.profile.setMinimumContentsLength(9)
        self.news = ElidedLabel(
            "secondary", least=40, most=_WIDEST, elide=Qt.TextElideMode.ElideRight
        )
        self.news.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.learn = push_button(tr("Learn now"), tr("Makes a new version from your corrections"))
        first = QHBoxLayout()
        first.setSpacing(theme.SPACING)
        first.addWidget(self.who, 1)
        first.addWidget(self.profile)
        second = QHBoxLayout()
        second.setSpacing(theme.SPACING)
        second.addWidget(self.news, 1)
        second.addWidget(self.learn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)
        WheelKeeper(self)
        self.who.clicked.connect(self.page_wanted)
        self.learn.clicked.connect(lambda: self.training_wanted.emit(editor.project.wishes.profile))
        self.profile.chosen.connect(editor.set_profile)
        librarian.changed.connect(self._show)
        editor.project_changed.connect(self._project_changed)
        self._project_changed()

    def _project_changed(self) -> None:
        profile = self._editor.project.wishes.profile
        self._librarian.watch(WATCHER, profile)
        self._show()

    def _show(self) -> None:
        profile = self._editor.project.wishes.profile
        known = self._librarian.state.of(profile)
        self.profile.show_profiles(self._librarian.state.profiles, known.profile)
        version = version_name(known.current).lower()
        self.who.setText(
            tr("Suggested by {version}", version=version)
            if known.current
            else tr("Suggested as shipped")
        )
        self.who.setAccessibleName(
            tr("Suggested by {name}, {version}", name=profile_name(known.profile), version=version)
            if known.current
            else self.who.text()
        )
        used = known.version(known.current)
        parts = [] if used is None else [gain_on_videos_text(used.trial), tr_message(known.learnt)]
        offered = self._librarian.offers(profile)
        if offered:
            parts = [tr("Your corrections can improve the suggestions.")]
        text = " · ".join(filter(None, parts))
        meaning = "" if used is None or offered else gain_meaning(used.trial)
        self.news.set_text(text, "\n".join(filter(None, [text, meaning])))
        self.news.setVisible(bool(text))
        self.learn.setVisible(offered)
