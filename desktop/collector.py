"""Keeps what the editor decides in the library of corrections, if the user agrees."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.learning.library.seen import SeenTracker
from core.project.session import ProjectSession
from desktop.editor import Editor
from desktop.jobs.job_line import JobLine
from desktop.jobs.learning_work import Collected, Decided, collect
from desktop.player.player import Player
from desktop.settings import SettingsStore
from desktop.widgets import single_timer

PAUSE = 2000
"""Milliseconds after the last edit; what was decided in one go is collected once."""


class Collector(QObject):
    """Collects the corrections of the open project some seconds after they were made.

    Args:
        editor: The project.
        player: Tells what is watched.
        settings: Say whether corrections are collected.
        parent: Owner.

    Signals:
        collected: How many corrections are new, changed or gone; also if none is.
        failed: A message and its report; the same one is told once.
    """

    collected = Signal(int)
    failed = Signal(str, str)

    def __init__(
        self, editor: Editor, player: Player, settings: SettingsStore, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._player = player
        self._settings = settings
        self._line = JobLine(self)
        self._line.failed.connect(self._complain)
        self._soon = single_timer(self, PAUSE)
        self._soon.timeout.connect(self.collect)
        self._session: ProjectSession | None = None
        self._seen = SeenTracker()
        self._decided: Decided | None = None
        self._pending = False
        self._said = ""
        editor.project_changed.connect(self.collect_soon)
        player.moved.connect(self._moved)
        player.playing_changed.connect(self._playing_changed)
        settings.changed.connect(self._settings_changed)

    @property
    def idle(self) -> bool:
        """Whether nothing is being collected, and nothing waits to be."""
        return self._line.idle and not self._soon.isActive()

    def collect_soon(self) -> None:
        """Something was decided, or is known of the videos: it is collected in a moment."""
        if self._editor.session is not self._session:
            self._leave()
        self._decided = self._decisions()
        if self._decided is not None and self._wanted:
            self._pending = True
            self._soon.start()

    def collect(self, then: Callable[[], None] = lambda: None) -> None:
        """Collects now what is not collected yet.

        Args:
            then: Called when that is done, also where there is nothing.
        """
        self._soon.stop()
        if self._pending and self._decided is not None and self._wanted:
            self._pending = False
            decided = replace(self._decided, seen=self._seen.seen())
            self._line.do(collect(decided), lambda outcome: self._done(outcome, then))
        else:
            then()

    def close(self) -> None:
        """Collects what is not collected yet, and waits for it."""
        self._seen.pause()
        self.collect()
        self._line.close()

    @property
    def _wanted(self) -> bool:
        return self._settings.current.collect_corrections

    def _decisions(self) -> Decided | None:
        editor, session = self._editor, self._editor.session
        if session is None or session.read_only:
            return None
        durations = {name: info.duration for name, info in editor.infos.items()}
        whole = {name: one for name, one in editor.analyses.items() if one.complete}
        return Decided(editor.project, session.path, durations, whole)

    def _leave(self) -> None:
        """Collects what is left of the project before."""
        self._seen.pause()
        self.collect()
        self._session = self._editor.session
        self._seen = SeenTracker()
        self._pending = False

    def _moved(self, seconds: float) -> None:
        if not self._player.playing or not self._wanted:
            return
        shown = self._player.info
        infos = self._editor.infos
        video = next((name for name, info in infos.items() if info == shown), "")
        if video:
            self._seen.add(video, seconds, time.monotonic(), self._player.rate)
            self._pending = True

    def _playing_changed(self, playing: bool) -> None:
        if not playing:
            self._seen.pause()
            if self._pending:
                self.collect_soon()

    def _settings_changed(self, fields: frozenset[str]) -> None:
        if "collect_corrections" not in fields:
            return
        if self._wanted:
            self.collect_soon()
        else:
            self._soon.stop()
            self._pending = False
            self._seen = SeenTracker()

    def _done(self, outcome: object, then: Callable[[], None]) -> None:
        assert isinstance(outcome, Collected)
        if outcome.problem:
            self._complain(outcome.problem, "")
        else:
            self._said = ""
            self.collected.emit(outcome.changed)
        then()

    def _complain(self, message: str, report: str) -> None:
        if message != self._said:
            self._said = message
            self.failed.emit(message, report)
