"""Brings the learning into the window: its page, its line above the cuts, and who does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from desktop.collector import Collector
from desktop.librarian import Librarian
from desktop.panels.learning_line import LearningLine
from desktop.panels.learning_page import LearningPage
from desktop.teacher import Teacher

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


class LearningDesk(QObject):
    """Makes the parts of the learning and connects them with the window.

    Attributes:
        librarian: Knows what was learned from what.
        collector: Keeps what is decided.
        teacher: Trains.
        page: Shows it all.
        line: Shows who suggests.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        editor, settings = window.editor, window.settings
        self.librarian = Librarian(self)
        self.collector = Collector(editor, window.player, settings, self)
        self.teacher = Teacher(editor, self.librarian, self)
        self.page = LearningPage(
            editor, settings, self.librarian, self.teacher, window.shortcuts.shown_keys
        )
        self.line = LearningLine(editor, self.librarian)
        window.side.short.set_learning(self.line)
        self.collector.collected.connect(self._collected)
        self.line.page_wanted.connect(window.show_learning)
        for asking in (self.line, self.page):
            asking.training_wanted.connect(self.learn)

    def connect_work(self, window: MainWindow) -> None:
        """Connects with what else works in the window, and with its messages."""
        # Queued: an analysis that was abandoned ends while its project is still being left.
        window.analyst.ended.connect(
            self.collector.collect_soon, Qt.ConnectionType.QueuedConnection
        )
        self.teacher.changed.connect(lambda: _analyse_anew(window))
        for told in (self.teacher.told, self.page.told):
            told.connect(window.notices.inform)
        for part in (self.librarian, self.collector, self.teacher):
            part.failed.connect(window.messenger.fail)

    def learn(self, profile: str) -> None:
        """Collects what is not collected yet, then trains a profile; empty for the usual one."""
        self.librarian.end_offer()
        self.collector.collect(lambda: self.teacher.teach(profile))

    def close(self) -> None:
        """Ends the training, and keeps what was decided."""
        self.teacher.close()
        self.collector.close()
        self.librarian.close()

    def _collected(self, count: int) -> None:
        if count:
            self.librarian.look()


def _analyse_anew(window: MainWindow) -> None:
    """Lets the weights that are in use now judge what has been analysed."""
    if window.editor.analyses:
        window.analyst.outdate()
        window.analyse()
