"""Writes the short of the open project in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import ProjectError
from core.export.look import Look
from core.export.render import Export, ExportSettings
from core.project.short import clips_of
from desktop.editor import Editor
from desktop.jobs.job import JobSlot
from desktop.jobs.work import export_clips


class Exporter(QObject):
    """One export at a time.

    Signals:
        began: An export began.
        progressed: The fraction that is done, and what is being done.
        exported: What was written, as :class:`core.export.render.Export`.
        failed: A message and its report.
        ended: No export is going on any more.
    """

    began = Signal()
    progressed = Signal(float, str)
    exported = Signal(object)
    failed = Signal(str, str)
    ended = Signal()

    def __init__(self, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._exporting = JobSlot(self)

    @property
    def busy(self) -> bool:
        """Whether an export is going on."""
        return self._exporting.busy

    def proposal(self) -> Path | None:
        """Where the short would go; None if there is nothing to export."""
        project, infos = self._editor.project, self._editor.infos
        first = next((c.medium for c in project.short if c.medium in infos), None)
        if first is None:
            return None
        path = infos[first].path
        return path.with_name(f"{path.stem}-short.mp4")

    def export(self, output: Path, *, overwrite: bool) -> None:
        """Writes the short to a file."""
        project, infos = self._editor.project, self._editor.infos
        if self.busy or not project.short:
            return
        try:
            clips = clips_of(project, infos)
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        look = Look(
            aspect=project.wishes.aspect,  # type: ignore[arg-type]
            title=project.wishes.title,
        )
        settings = ExportSettings(look, overwrite=overwrite)
        job = self._exporting.start(export_clips(clips, output, settings))
        job.progressed.connect(self.progressed)
        job.succeeded.connect(self._exported)
        job.failed.connect(self.failed)
        job.finished.connect(self.ended)
        self.began.emit()
        job.start()

    def cancel(self) -> None:
        """Stops the export; nothing of it is left."""
        self._exporting.cancel()

    def close(self) -> None:
        """Stops the export and waits for its end."""
        self._exporting.close()

    def _exported(self, made: Export) -> None:
        self.exported.emit(made)
