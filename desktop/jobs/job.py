"""One background thread around one core function, with progress, results and cancelling."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal

from core.errors import Cancelled, EmotionShortFormError

Work = Callable[["JobControls"], Any]


def unexpected(error: Exception) -> str:
    """What to say of an error that is a bug."""
    return (
        f"Something went wrong that should not have ({type(error).__name__}: {error}). "
        "Your cuts are kept; please report this."
    )


class JobControls:
    """What the work sees of its job: where to report to, and whether to stop."""

    def __init__(self, tell: Callable[[str, object], None]) -> None:
        self._tell = tell
        self._cancelled = threading.Event()

    def progress(self, fraction: float, message: str) -> None:
        """Reports the fraction that is done, 0…1."""
        self._tell("progressed", (fraction, message))

    def update(self, value: object) -> None:
        """Hands out an intermediate result."""
        self._tell("updated", (value,))

    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Stops the work if it should.

        Raises:
            Cancelled: It should.
        """
        if self._cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Asks the work to stop."""
        self._cancelled.set()


class Job(QThread):
    """Runs a function in a thread of its own; all signals are emitted in the GUI thread.

    Exactly one of ``succeeded``, ``failed`` and ``stopped`` is emitted, unless the job was
    abandoned: then nothing more is heard of it, not even what was already on its way.
    """

    progressed = Signal(float, str)
    updated = Signal(object)
    succeeded = Signal(object)
    failed = Signal(str, str)
    stopped = Signal()

    _told = Signal(str, object)

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work
        self._abandoned = False
        self._controls = JobControls(lambda name, values: self._told.emit(name, values))
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Asks the work to stop; ``stopped`` follows."""
        self._controls.cancel()

    def abandon(self) -> None:
        """Asks the work to stop and hears no more of it."""
        self._abandoned = True
        self._controls.cancel()

    def run(self) -> None:
        """Does the work; called by Qt in the new thread."""
        try:
            result = self._work(self._controls)
        except Cancelled:
            self._told.emit("stopped", ())
        except EmotionShortFormError as error:
            self._told.emit("failed", (str(error), ""))
        except Exception as error:  # a bug: the user gets a sentence, the report its details
            self._told.emit("failed", (unexpected(error), traceback.format_exc()))
        else:
            self._told.emit("succeeded", (result,))

    def _pass_on(self, name: str, values: tuple[object, ...]) -> None:
        if not self._abandoned:
            getattr(self, name).emit(*values)


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
        # The thread may still be telling others that it is finished: what it tells would be lost
        # with the job. It has nothing else left to do.
        job.wait()
        # Left to Python's collector, a thread's object may be destroyed by another thread.
        job.deleteLater()
        if job is self._job:
            self._job = None
        if job in self._leaving:
            self._leaving.remove(job)
