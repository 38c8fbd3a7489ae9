"""Writes shorts in the background: those of the queue, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal

from core.places import SAMPLE_VIDEO
from core.project.export_queue import ExportQueue
from core.project.queued_export import ExportState, QueuedExport
from desktop.editor import Editor
from desktop.jobs.export_work import Written, change_queue, write_next
from desktop.jobs.job import JobSlot
from desktop.jobs.job_line import JobLine


class Exporter(QObject):
    """Keeps the queue of exports going; only what was asked for in this window is written.

    Args:
        editor: The project.
        blocked: Whether something else needs the machine: exports then wait until :meth:`resume`.
        parent: Owner.

    Signals:
        began: An export began.
        progressed: The fraction that is done, and what is being done.
        exported: What was written, as :class:`core.export.render.Export`.
        failed: A message and its report.
        ended: No export is going on any more.
        changed: The queue changed.
        left_over: So many exports of an earlier session wait, and nobody asked for them yet.
    """

    began = Signal()
    progressed = Signal(float, str)
    exported = Signal(object)
    failed = Signal(str, str)
    ended = Signal()
    changed = Signal()
    left_over = Signal(int)

    def __init__(self, editor: Editor, blocked: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._blocked = blocked
        self._exporting = JobSlot(self)
        self._line = JobLine(self)
        self._line.failed.connect(self._refused)
        self._own: set[str] = set()
        self._known: set[str] = set()
        self._running = False
        self._told_busy = False
        self._current = ""
        self.exports: Sequence[QueuedExport] = ()

    @property
    def busy(self) -> bool:
        """Whether exports are going on, or about to."""
        return self._running or (bool(self._own) and not self._blocked())

    @property
    def current(self) -> str:
        """Identifier of the export that is being written; empty if none is."""
        return self._current

    @property
    def held_up(self) -> bool:
        """Whether exports wait for something else that is going on."""
        return bool(self._own) and not self._running and self._blocked()

    @property
    def waiting_from_before(self) -> list[str]:
        """Exports that wait although nobody asked for them in this window."""
        if any(self._runs_elsewhere(one) for one in self.exports):
            return []
        return [
            one.identifier
            for one in self.exports
            if one.state is ExportState.WAITING and one.identifier not in self._known
        ]

    def proposal(self) -> Path | None:
        """Where shorts would go, without an ending; None if there is nothing to export.

        That is beside the first video, or among the user's own where nothing belongs beside it.
        """
        project, infos = self._editor.project, self._editor.infos
        first = next((c.medium for c in project.short if c.medium in infos), None)
        if first is None:
            return None
        path = infos[first].path
        folder = path.parent
        if folder == SAMPLE_VIDEO.parent or not os.access(folder, os.W_OK):
            films = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
            folder = Path(films) if Path(films).is_dir() else Path.home()
        return folder / path.stem

    def look(self) -> None:
        """Looks what the queue holds, and says so if something of an earlier session waits."""

        def tell(result: object) -> None:
            self._listed(result)
            if self.waiting_from_before:
                self.left_over.emit(len(self.waiting_from_before))

        self._line.do(change_queue(lambda queue: None), tell)

    def add(self, *exports: QueuedExport) -> None:
        """Puts exports into the queue; they begin as soon as those before are done."""
        self._ask_for(
            [one.identifier for one in exports],
            lambda queue: queue.add(*exports),
        )

    def again(self, identifiers: Collection[str]) -> None:
        """Writes exports that failed or were cancelled after all."""
        self._ask_for(identifiers, lambda queue: queue.again(identifiers))

    def go_on(self) -> None:
        """Writes what waits from before."""
        self._ask_for(self.waiting_from_before, lambda queue: None)

    def discard(self) -> None:
        """Does not write what waits from before; it stays in the list, cancelled."""
        self.cancel_those(self.waiting_from_before)

    def cancel_those(self, identifiers: Collection[str]) -> None:
        """Stops exports; nothing of them is left."""
        wanted = tuple(identifiers)
        self._own -= set(wanted) - {self._current}
        self._change(lambda queue: queue.cancel(wanted))

    def remove(self, identifiers: Collection[str]) -> None:
        """Takes exports that are over out of the list; their files stay."""
        wanted = tuple(identifiers)
        self._change(lambda queue: queue.remove(wanted))

    def resume(self) -> None:
        """Goes on with what had to wait for something else."""
        self._go()

    def cancel(self) -> None:
        """Stops the export that is going on; nothing of it is left."""
        if self._current:
            self.cancel_those([self._current])

    def close(self) -> None:
        """Stops what is going on and waits for its end; what is not done waits in the queue."""
        self._own.clear()
        self._running = False
        self._current = ""
        self._line.close()
        self._exporting.close()

    def _ask_for(self, identifiers: Collection[str], change: Callable[[ExportQueue], None]) -> None:
        wanted = set(identifiers)
        if not wanted:
            return
        self._own |= wanted
        self._known |= wanted
        self._told_busy = self._told_busy or self.busy
        self._change(change)

    def _change(self, change: Callable[[ExportQueue], None]) -> None:
        self._line.do(change_queue(change), self._listed)

    def _listed(self, result: object) -> None:
        assert isinstance(result, list)
        self.exports = result
        self._forget_gone()
        self.changed.emit()
        self._go()

    def _refused(self, message: str, report: str) -> None:
        """The queue could not be changed: what was asked for may not be in it."""
        self._forget_gone()
        self.failed.emit(message, report)
        self._go()

    def _forget_gone(self) -> None:
        # What was asked for meanwhile is not in the list yet.
        if self._line.idle:
            over = {one.identifier for one in self.exports if one.state.over}
            self._own -= over - {self._current}

    def _go(self) -> None:
        """Begins with the next export, or says that there is none any more."""
        if self._running or not self._line.idle:
            return
        if not self.busy:
            if self._told_busy:
                self._told_busy = False
                self.ended.emit()
            return
        self._running = self._told_busy = True
        job = self._exporting.start(write_next(frozenset(self._own)))
        job.updated.connect(self._began)
        job.progressed.connect(self.progressed)
        job.succeeded.connect(self._written)
        job.failed.connect(self.failed)
        for end in (job.succeeded, job.failed, job.stopped):
            end.connect(lambda *told: self._over())
        job.start()

    def _began(self, export: QueuedExport) -> None:
        self._current = export.identifier
        self.began.emit()
        self._change(lambda queue: None)

    def _written(self, written: Written | None) -> None:
        if written is None:
            # Another window has taken them on.
            self._own.clear()
        else:
            self.exported.emit(written.made)

    def _over(self) -> None:
        if not self._running:
            return
        self._own.discard(self._current)
        self._current = ""
        self._running = False
        self._change(lambda queue: None)

    def _runs_elsewhere(self, export: QueuedExport) -> bool:
        return export.state is ExportState.RUNNING and export.identifier not in self._known
