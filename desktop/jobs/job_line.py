"""Background work that is done one after the other, each to its end."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.errors import EmotionShortFormError
from desktop.jobs.job import Job, JobControls, JobSlot, Work

Then = Callable[[object], None]


class JobLine(QObject):
    """Does short work in the order in which it was asked for; none takes the place of another.

    Signals:
        failed: A message and its report.
    """

    failed = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._slot = JobSlot(self)
        self._waiting: deque[tuple[Work, Then]] = deque()
        self._present: Job | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being done and nothing waits."""
        return self._present is None and not self._waiting

    def do(self, work: Work, then: Then = lambda result: None) -> None:
        """Puts work behind what waits.

        Args:
            work: What is done in the background.
            then: Called in the GUI thread with its result, when it is over.
        """
        self._waiting.append((work, then))
        if self._present is None:
            self._next()

    def close(self) -> None:
        """Waits for what is being done, and does what waits at once: nothing asked for is lost."""
        self._present = None
        self._slot.close()
        while self._waiting:
            work, _ = self._waiting.popleft()
            with contextlib.suppress(EmotionShortFormError):
                work(JobControls(lambda name, values: None))

    def _next(self) -> None:
        work, then = self._waiting.popleft()
        job = self._present = self._slot.start(work)
        # Not by its thread's end: what is connected there last may never hear of it, as the slot
        # lets go of the job before.
        job.succeeded.connect(lambda result: self._over(job, lambda: then(result)))
        job.failed.connect(lambda *told: self._over(job, lambda: self.failed.emit(*told)))
        job.stopped.connect(lambda: self._over(job, lambda: None))
        job.start()

    def _over(self, job: Job, tell: Callable[[], None]) -> None:
        if job is not self._present:
            return
        self._present = None
        tell()
        if self._waiting and self._present is None:
            self._next()
