"""One background thread around one core function, with progress, results and cancelling."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from core.errors import Cancelled, EmotionShortFormError

Work = Callable[["JobControls"], Any]


class JobControls:
    """What the work sees of its job: where to report to, and whether to stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._cancelled = threading.Event()

    def progress(self, fraction: float, message: str) -> None:
        """Reports the fraction that is done, 0…1."""
        self._job.progressed.emit(fraction, message)

    def update(self, value: object) -> None:
        """Hands out an intermediate result."""
        self._job.updated.emit(value)

    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Asks the work to stop."""
        self._cancelled.set()


class Job(QThread):
    """Runs a function in a thread of its own; all signals arrive in the GUI thread.

    Exactly one of ``succeeded``, ``failed`` and ``stopped`` is emitted, unless the job was
    abandoned: then nothing more is heard of it.
    """

    progressed = Signal(float, str)
    updated = Signal(object)
    succeeded = Signal(object)
    failed = Signal(str, str)
    stopped = Signal()

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._controls = JobControls(self)

    def cancel(self) -> None:
        """Asks the work to stop; ``stopped`` follows."""
        self._controls.cancel()

    def abandon(self) -> None:
        """Asks the work to stop and hears no more of it."""
        self.blockSignals(True)
        self._controls.cancel()

    def run(self) -> None:
        """Does the work; called by Qt in the new thread."""
        try:
            result = self._work(self._controls)
        except Cancelled:
            self.stopped.emit()
        except EmotionShortFormError as error:
            self.failed.emit(str(error), "")
        except Exception as error:  # a bug: the user gets a sentence, the report its details
            self.failed.emit(
                f"Something went wrong that should not have ({type(error).__name__}: {error}). "
                "Your cuts are kept; please report this.",
                traceback.format_exc(),
            )
        else:
            self.succeeded.emit(result)


class JobSlot(QObject):
    """At most one job of a kind: a new one takes the place of the one before."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._leaving: list[Job] = []

    @property
    def busy(self) -> bool:
        return self._job is not None and self._job.isRunning()

    def start(self, work: Work) -> Job:
        """Prepares a job for connecting; call its ``start()`` afterwards."""
        self.abandon()
        job = Job(work)
        job.finished.connect(lambda: self._forget(job))
        self._job = job
        return job

    def cancel(self) -> None:
        """Asks the present job to stop."""
        if self._job is not None:
            self._job.cancel()

    def abandon(self) -> None:
        """Lets go of the present job; it ends by itself, unheard."""
        if self._job is not None:
            self._job.abandon()
            self._leaving.append(self._job)
            self._job = None

    def close(self) -> None:
        """Ends all jobs and waits for their threads."""
        self.abandon()
        for job in self._leaving:
            job.wait()
        self._leaving.clear()

    def _forget(self, job: Job) -> None:
        if job is self._job:
            self._job = None
        if job in self._leaving:
            self._leaving.remove(job)
