"""The versions of a profile: what was learned when, from how much, and how good it is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.learning.personal.trial import Verdict
from core.learning.personal.versions import Version
from desktop import theme
from desktop.i18n import tr
from desktop.jobs.learning_state import ProfileState
from desktop.panels.glyphs import glyph_icon
from desktop.panels.key_keeper import LIST_KEYS, KeyKeeper
from desktop.panels.learning_trial import TrialPart
from desktop.panels.learning_words import (
    VERDICT_GLYPHS,
    gain_meaning,
    gain_on_videos_text,
    gain_text,
    source_text,
    verdict_text,
    version_name,
    videos_text,
)
from desktop.panels.recent import day
from desktop.widgets import push_button

_NUMBER = Qt.ItemDataRole.UserRole
_COLUMNS = range(5)
_MARK = 14


class VersionsPart(QWidget):
    """A list of the versions with what can be done with them, and the trial of the chosen one.

    Signals:
        use_wanted: The version of this number shall suggest; 0 is what came with the application.
        back_wanted: The version that suggested before shall do so again.
    """

    use_wanted = Signal(int)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ProfileState()
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setIconSize(QSize(_MARK, _MARK))
        self.list.setAccessibleName(tr("Versions"))
        self.list.setHeaderLabels(
            [tr("Version"), tr("Made"), tr("On your own videos"), tr("Learned from"), tr("Verdict")]
        )
        header = self.list.header()
        header.setStretchLastSection(False)
        for column in _COLUMNS:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        KeyKeeper(self.list, LIST_KEYS)
        self.use = push_button(tr("Use this version"), tr("Lets it make the suggestions"))
        self.back = push_button(
            tr("Back to the one before"), tr("Lets the version suggest that did so before")
        )
        self.reset = push_button(
            tr("Reset to as shipped"),
            tr("Lets what came with the application suggest; the versions stay"),
        )
        self.trial = TrialPart()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACING)
        for button in (self.use, self.back, self.reset):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, theme.SPACING, 0, 0)
        column_.setSpacing(theme.SPACING)
        column_.addLayout(buttons)
        column_.addWidget(self.list, 1)
        column_.addWidget(self.trial)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemActivated.connect(lambda item: self._use())
        self.use.clicked.connect(self._use)
        self.back.clicked.connect(self.back_wanted)
        self.reset.clicked.connect(lambda: self.use_wanted.emit(0))
        for button in (self.use, self.back, self.reset):
            button.clicked.connect(lambda: self.list.setFocus())

    @property
    def chosen(self) -> int | None:
        """Number of the version that is chosen; 0 is what came with the application."""
        item = self.list.currentItem()
        return None if item is None else int(item.data(0, _NUMBER))

    def choose(self, number: int) -> None:
        """Shows the trial of a version."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, _NUMBER) == number:
                self.list.setCurrentItem(item)

    def show_state(self, state: ProfileState) -> None:
        """Lists the versions of a profile; a version that is new is chosen."""
        known, chosen = self._state, self.chosen or 0
        self._state = state
        newest, newest_known = (
            one.versions[0].number if one.versions else 0 for one in (state, known)
        )
        gone = self.chosen is None or (chosen and state.version(chosen) is None)
        if gone or state.profile != known.profile:
            chosen = state.current
        elif newest > newest_known:
            chosen = newest
        self.list.clear()
        for version in state.versions:
            self._add(version)
        self._add(None)
        self.choose(chosen)
        self._choose()

    def _add(self, version: Version | None) -> None:
        number = 0 if version is None else version.number
        in_use = number == self._state.current
        name = version_name(number)
        texts = [tr("{version} · in use", version=name) if in_use else name, "", "", "", ""]
        if version is not None:
            texts[1] = day(version.made.astimezone().date())
            texts[2] = gain_text(version.trial) or "–"
            texts[3] = videos_text(len(version.videos))
            texts[4] = verdict_text(version.trial.verdict)
        item = QTreeWidgetItem(self.list, texts)
        item.setData(0, _NUMBER, number)
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, texts)))
        if version is not None:
            verdict = version.trial.verdict
            item.setIcon(4, _mark(verdict))
            when = f"{version.made.astimezone():%Y-%m-%d %H:%M}"
            item.setToolTip(1, when)
            told = gain_on_videos_text(version.trial), gain_meaning(version.trial)
            item.setToolTip(2, "\n".join(filter(None, told)))
            item.setToolTip(3, source_text(version))
        if in_use:
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
        for column in _COLUMNS:
            item.setFont(column, theme.tabular(item.font(column)))

    def _choose(self) -> None:
        chosen = self.chosen
        self.use.setEnabled(chosen is not None and chosen != self._state.current)
        self.back.setEnabled(self._state.before is not None)
        self.reset.setEnabled(self._state.current != 0)
        self.trial.show_version(self._state.version(chosen or 0))

    def _use(self) -> None:
        chosen = self.chosen
        if chosen is not None and chosen != self._state.current:
            self.use_wanted.emit(chosen)


def _mark(verdict: Verdict) -> QIcon:
    """The mark of a verdict, to be seen on a row that is selected too."""
    colours = theme.palette()
    colour = {
        Verdict.ADOPTED: colours.accent,
        Verdict.CANDIDATE: colours.secondary,
        Verdict.REFUSED: colours.danger,
    }[verdict]
    name = VERDICT_GLYPHS[verdict]
    made = glyph_icon(name, colour)
    selected = glyph_icon(name, colours.on_accent).pixmap(QSize(_MARK, _MARK))
    made.addPixmap(selected, QIcon.Mode.Selected)
    return made
