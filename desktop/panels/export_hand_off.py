"""The short as a timeline for another editor."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs.export_work import hand_over
from desktop.jobs.job import JobSlot
from desktop.panels.export_more import choice
from desktop.widgets import label, push_button


class HandOffFields(QWidget):
    """Which editor, and a button; the cuts travel with markers that say why they are there.

    Args:
        editor: The document.

    Signals:
        handed_over: What was written, as :class:`core.export.interchange.writing.HandOff`.
        failed: A message and its report.
    """

    handed_over = Signal(object)
    failed = Signal(str, str)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._path: Path | None = None
        self._busy = False
        self._writing = JobSlot(self)
        self.kind = choice(
            tr("For which editor"),
            {
                ".otio": tr("Resolve, Avid, Kdenlive (.otio)"),
                ".fcpxml": tr("Final Cut, Resolve (.fcpxml)"),
                ".edl": tr("Any editor, cuts only (.edl)"),
                ".mlt": tr("Shotcut, Kdenlive (.mlt)"),
                ".csv": tr("A table (.csv)"),
                ".chapters.txt": tr("YouTube chapters (.txt)"),
                ".ffmetadata": tr("FFmpeg chapters (.ffmetadata)"),
            },
        )
        self.write = push_button(
            tr("Write timeline"), tr("Into the folder above; the videos stay where they are")
        )
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        row.addWidget(self.kind, 1)
        row.addWidget(self.write)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(
            label(
                tr(
                    "Cuts with markers that carry the emotion and the reasons; nothing is rendered."
                ),
                "secondary",
                wrap=True,
            )
        )
        self.write.clicked.connect(self._write)
        self.set_target(None)

    def set_target(self, path: Path | None) -> None:
        """Says where the file goes, without its ending; None while it cannot be written."""
        self._path = path
        self.write.setEnabled(path is not None and not self._busy)

    def close_jobs(self) -> None:
        """Ends what goes on in the background."""
        self._writing.close()

    def _write(self) -> None:
        editor = self._editor
        if self._path is None:
            return
        job = self._writing.start(
            hand_over(
                editor.project,
                editor.infos,
                editor.analyses,
                self._path,
                self.kind.currentData(),
            )
        )
        job.succeeded.connect(self.handed_over)
        job.failed.connect(self.failed)
        for end in (job.succeeded, job.failed, job.stopped):
            end.connect(lambda *told: self._set_busy(False))
        self._set_busy(True)
        job.start()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.set_target(self._path)
