"""Keeps what the window shows of the learning, and changes the library and the profiles."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.jobs.job import JobSlot, Work
from desktop.jobs.job_line import JobLine
from desktop.jobs.learning_look import look_at
from desktop.jobs.learning_state import LearningState

MANY_FRESH = 5
"""Corrected videos from which on a training is offered."""


class Librarian(QObject):
    """Looks at the library in the background, and does what is asked for one after the other.

    Args:
        parent: Owner.

    Signals:
        changed: Another state is known.
        failed: A message and its report; why nothing can be known is told once.
    """

    changed = Signal()
    failed = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._changing = JobLine(self)
        self._changing.failed.connect(self._refused)
        self._looking = JobSlot(self)
        self._watched: dict[str, str] = {}
        self._outdated = False
        self._said = ""
        self._offered = False
        self.state = LearningState()

    @property
    def idle(self) -> bool:
        """Whether nothing is being done, and what is known is what is there."""
        return self._changing.idle and not self._outdated

    def watch(self, who: str, profile: str) -> None:
        """Looks at a profile from now on, in place of the one that the same part looked at.

        Args:
            who: Name of a part of the window.
            profile: Empty for the usual one.
        """
        if self._watched.get(who) != profile:
            self._watched[who] = profile
            self.look()

    def look(self) -> None:
        """Finds out what is known now; ``changed`` follows."""
        self._outdated = True
        job = self._looking.start(look_at(tuple(dict.fromkeys(self._watched.values()))))
        job.succeeded.connect(self._take)
        job.failed.connect(self._not_looked)
        job.start()

    def do(self, work: Work, then: Callable[[object], None] = lambda result: None) -> None:
        """Changes something, then looks at what has become of it.

        Args:
            work: The change; runs in a job.
            then: Called with its result.
        """
        self._changing.do(work, lambda result: self._done(then, result))

    def offers(self, profile: str) -> bool:
        """Whether so much is new that a training is worth offering, once a session."""
        known = self.state.of(profile)
        return not self._offered and known.can_train and known.fresh >= MANY_FRESH

    def end_offer(self) -> None:
        """The offer was taken or declined: it is not made again."""
        if not self._offered:
            self._offered = True
            self.changed.emit()

    def close(self) -> None:
        """Does what was asked for, and ends."""
        self._looking.close()
        self._changing.close()

    def _take(self, state: LearningState) -> None:
        self._outdated = False
        self._said = ""
        self.state = state
        self.changed.emit()

    def _not_looked(self, message: str, report: str) -> None:
        self._outdated = False
        if message != self._said:
            self._said = message
            self.failed.emit(message, report)

    def _done(self, then: Callable[[object], None], result: object) -> None:
        then(result)
        self.look()

    def _refused(self, message: str, report: str) -> None:
        self.failed.emit(message, report)
        self.look()
