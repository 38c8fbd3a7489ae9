"""The queue of exports of this user: it survives restarts, and several windows may share it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ProjectError, UsageError
from core.export.target import forget_work
from core.places import data_folder
from core.project.queued_export import (
    ExportState,
    QueuedExport,
    only_the_short,
    read_queued,
    write_queued,
)

MOST_WAITING = 500
"""Exports that wait or run."""

MOST_OVER = 50
"""Exports that are over and stay in the list; older ones are forgotten."""

_ENDING = ".export"
_NEXT = timedelta(microseconds=1)
_PATIENCE = 10.0
_BETWEEN_TRIES = 0.02
_GLANCE = 0.5
"""Seconds; another process that looks whether an export runs holds its lock for less."""


class RunningExport:
    """An export that this process has taken on, until it says how it ended.

    If the process ends in any way before, the export waits again.

    Attributes:
        export: What is to be written.
    """

    def __init__(self, queue: ExportQueue, export: QueuedExport, lock: FileLock) -> None:
        self.export = export
        self._queue = queue
        self._lock = lock

    def cancel_wished(self) -> bool:
        """Whether somebody wants it to stop, perhaps in another window; cheap to ask."""
        return self._queue._wish(self.export.identifier).exists()

    def end(self, state: ExportState, message: str = "") -> None:
        """Says how it ended, and lets go of it; waiting puts it back into its place.

        Args:
            state: Any state but running.
            message: Why it failed, or what was written.

        Raises:
            UsageError: An export cannot end by running.
            ProjectError: It cannot be kept; it is let go of all the same, and waits again.
        """
        if state is ExportState.RUNNING:
            raise UsageError("an export cannot end by running")
        try:
            self._queue._ended(self.export.identifier, state, message)
        finally:
            self._lock.release()


class ExportQueue:
    """Exports in files of their own, the first that was put in first.

    Args:
        folder: Where they are kept; None for the folder of this user.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = data_folder() / "exports" if folder is None else folder
        self._read: dict[Path, tuple[tuple[int, int, int], QueuedExport]] = {}

    def exports(self) -> list[QueuedExport]:
        """All exports in the order of the queue; damaged ones are left out.

        One that was running when its process died waits again. Files that have not changed since
        the last call are not read again.
        """
        found: dict[Path, tuple[tuple[int, int, int], QueuedExport]] = {}
        for file in self.folder.glob(f"*{_ENDING}"):
            with contextlib.suppress(OSError, ProjectError):
                status = file.stat()
                seen = (status.st_ino, status.st_size, status.st_mtime_ns)
                known = self._read.get(file)
                if known is None or known[0] != seen:
                    known = seen, read_queued(file)
                if file == self._beside(known[1].identifier, _ENDING):
                    found[file] = known
        self._read = found
        exports = (self._living(export) for _, export in found.values())
        return sorted(exports, key=lambda one: (one.when, one.identifier))

    def add(self, *exports: QueuedExport) -> None:
        """Puts exports behind those that are there, in the order of their time.

        Of their projects, only the short is kept.

        Raises:
            UsageError: There are too many, or one has nothing to write.
            ProjectError: They cannot be kept.
        """
        for export in exports:
            if not export.project.short:
                raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
        with self._changing():
            known = self.exports()
            if sum(not one.state.over for one in known) + len(exports) > MOST_WAITING:
                raise UsageError(
                    f"at most {MOST_WAITING} exports can wait", remedy="Let some finish first."
                )
            last = known[-1].when if known else None
            for export in sorted(exports, key=lambda one: one.when):
                # A clock that was put back, or is too coarse, must not change the order.
                last = export.when if last is None else max(export.when, last + _NEXT)
                kept = only_the_short(export.project)
                self._write(
                    replace(export, project=kept, output=export.output.absolute(), when=last)
                )

    def take(self, wanted: Collection[str] | None = None) -> RunningExport | None:
        """Takes on the first export that waits and that no other process has, or None.

        Args:
            wanted: Identifiers of those that come into question; None for all.

        Raises:
            ProjectError: The queue cannot be kept.
        """
        with self._changing():
            for export in self.exports() if wanted is None else self._chosen(wanted):
                waits = export.state is ExportState.WAITING
                lock = self._taken(export.identifier, _GLANCE) if waits else None
                if lock is None:
                    continue
                try:
                    self._wish(export.identifier).unlink(missing_ok=True)
                    running = replace(export, state=ExportState.RUNNING, message="")
                    self._write(running)
                except BaseException:
                    lock.release()
                    raise
                return RunningExport(self, running, lock)
        return None

    def cancel(self, identifiers: Collection[str]) -> None:
        """Lets exports not be written: those that wait at once, running ones as soon as they hear.

        What one that was killed has left beside its file goes as well.

        Raises:
            ProjectError: The queue cannot be kept.
        """
        given_up: list[Path] = []
        with self._changing():
            for export in self._chosen(identifiers):
                if export.state is ExportState.WAITING:
                    self._write(replace(export, state=ExportState.CANCELLED))
                    given_up.append(export.output)
                elif export.state is ExportState.RUNNING:
                    with _kept(self.folder):
                        self._wish(export.identifier).touch()
        for output in given_up:
            forget_work(output)

    def again(self, identifiers: Collection[str]) -> None:
        """Lets exports that are over wait once more, in their old place.

        Raises:
            ProjectError: The queue cannot be kept.
        """
        with self._changing():
            for export in self._chosen(identifiers):
                if export.state.over:
                    self._write(replace(export, state=ExportState.WAITING, message=""))

    def remove(self, identifiers: Collection[str]) -> None:
        """Forgets exports that do not run.

        Raises:
            ProjectError: The queue cannot be kept.
        """
        with self._changing():
            for export in self._chosen(identifiers):
                if export.state is not ExportState.RUNNING:
                    self._forget(export)

    def _ended(self, identifier: str, state: ExportState, message: str) -> None:
        with self._changing():
            for export in self._chosen([identifier]):
                self._write(replace(export, state=state, message=message[:1000]))
            with contextlib.suppress(OSError):
                self._wish(identifier).unlink(missing_ok=True)
            over = [one for one in self.exports() if one.state.over]
            # One that was asked for again may be the oldest, and has only just ended.
            others = [one for one in over if one.identifier != identifier]
            for old in others[: max(0, len(over) - MOST_OVER)]:
                self._forget(old)

    def _chosen(self, identifiers: Collection[str]) -> list[QueuedExport]:
        return [one for one in self.exports() if one.identifier in identifiers]

    def _living(self, export: QueuedExport) -> QueuedExport:
        """An export as it is: one that nobody runs any more waits."""
        if export.state is not ExportState.RUNNING:
            return export
        try:
            lock = self._taken(export.identifier)
        except ProjectError:
            lock = None
        if lock is None:
            return export
        lock.release()
        return replace(export, state=ExportState.WAITING)

    def _taken(self, identifier: str, patience: float = 0.0) -> FileLock | None:
        """The right to run an export, which the system takes back when this process ends."""
        lock = FileLock(self._beside(identifier, ".lock"), thread_local=False)
        try:
            with _kept(self.folder):
                lock.acquire(timeout=patience, poll_interval=_BETWEEN_TRIES)
        except Timeout:
            return None
        return lock

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Nobody else changes the queue meanwhile."""
        with _kept(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "lock", thread_local=False)
            try:
                lock.acquire(timeout=_PATIENCE, poll_interval=_BETWEEN_TRIES)
            except Timeout as error:
                raise ProjectError(
                    "another window is busy with the queue of exports",
                    path=self.folder,
                    remedy="Try again.",
                ) from error
        try:
            yield
        finally:
            lock.release()

    def _write(self, export: QueuedExport) -> None:
        write_queued(self._beside(export.identifier, _ENDING), export)

    def _forget(self, export: QueuedExport) -> None:
        with _kept(self.folder):
            for ending in (_ENDING, ".cancel", ".lock"):
                self._beside(export.identifier, ending).unlink(missing_ok=True)

    def _wish(self, identifier: str) -> Path:
        return self._beside(identifier, ".cancel")

    def _beside(self, identifier: str, ending: str) -> Path:
        return self.folder / f"{identifier}{ending}"


@contextlib.contextmanager
def _kept(folder: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        raise ProjectError(
            f"the queue of exports cannot be kept ({error.strerror or error})",
            path=folder,
            remedy="Make sure that you may write to this folder, and that its disk has room.",
        ) from error
