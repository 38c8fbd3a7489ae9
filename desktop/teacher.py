"""Makes new versions of the suggestions from the user's corrections, in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.learning.personal.trial import Verdict
from core.learning.personal.versions import Version
from core.project.session import ProjectSession
from desktop.editor import Editor
from desktop.i18n import tr, tr_message
from desktop.jobs.job import JobSlot
from desktop.jobs.learning_work import retrain_profile
from desktop.librarian import Librarian
from desktop.panels.learning_words import version_name

_MOST_TOLD = 2
"""Sentences about videos that teach nothing; the page counts them all."""


class Teacher(QObject):
    """Trains one profile at a time, and says when others suggest than before.

    Args:
        editor: The project.
        librarian: Knows which version suggests.
        parent: Owner.

    Signals:
        began: A training began: the name of its profile.
        progressed: The fraction that is done, and what is being done.
        ended: No training goes on any more.
        told: What came of it.
        failed: A message and its report.
        changed: Another version or another profile suggests in the open project.
    """

    began = Signal(str)
    progressed = Signal(float, str)
    ended = Signal()
    told = Signal(str)
    failed = Signal(str, str)
    changed = Signal()

    def __init__(self, editor: Editor, librarian: Librarian, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._librarian = librarian
        self._training = JobSlot(self)
        self._profile: str | None = None
        self._useless: list[str] = []
        self._session: ProjectSession | None = None
        self._suggests: tuple[str, int] | None = None
        librarian.changed.connect(self._look)
        editor.project_changed.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a training goes on."""
        return self._profile is not None

    @property
    def profile(self) -> str | None:
        """The profile that is being trained; None while none is."""
        return self._profile

    def teach(self, profile: str) -> None:
        """Trains a profile, unless a training goes on; empty for the usual one."""
        if self.busy:
            return
        self._profile = profile
        self._useless.clear()
        job = self._training.start(retrain_profile(profile))
        job.progressed.connect(self.progressed)
        job.updated.connect(self._useless.append)
        job.succeeded.connect(self._taught)
        job.failed.connect(self.failed)
        for end in (job.succeeded, job.failed, job.stopped):
            end.connect(self._ended)
        self.began.emit(profile)
        job.start()

    def cancel(self) -> None:
        """Stops the training; what it had done is gone on with by the next one."""
        self._training.cancel()

    def close(self) -> None:
        """Ends the training and waits for it."""
        self._training.close()
        self._profile = None

    def _taught(self, version: Version) -> None:
        name, reason = version_name(version.number), tr_message(version.trial.reason)
        if version.trial.verdict is Verdict.ADOPTED:
            self.told.emit(tr("{version} suggests now. {reason}", version=name, reason=reason))
        else:
            self.told.emit(tr("{version} is made. {reason}", version=name, reason=reason))
        for useless in list(dict.fromkeys(self._useless))[:_MOST_TOLD]:
            self.told.emit(useless)

    def _ended(self) -> None:
        self._profile = None
        self._librarian.look()
        self.ended.emit()

    def _look(self) -> None:
        """Finds out whether the suggestions of the open project are outdated."""
        profile = self._editor.project.wishes.profile
        known = self._librarian.state.known.get(profile)
        if known is None:
            return
        before, self._suggests = self._suggests, (profile, known.current)
        same, self._session = self._editor.session is self._session, self._editor.session
        if same and before is not None and before != self._suggests:
            self.changed.emit()
