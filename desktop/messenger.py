"""What the parts of the window have to say, as messages at its lower end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.export.render import Export
from core.project.document import Medium
from core.time import format_timecode
from desktop.i18n import tr
from desktop.jobs.job import Job
from desktop.panels.error_details import ErrorDetails

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


class Messenger(QObject):
    """Passes on what is told, and offers what can be done about it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._notices = window.notices
        window.editor.problem.connect(self._notices.inform)
        window.editor.failed.connect(self._error)
        window.settings.problem.connect(self._error)
        window.player.failed.connect(self._error)
        window.analyst.told.connect(self._notices.inform)
        window.exporter.exported.connect(self._exported)
        for teller in (window.desk, window.saver):
            teller.told.connect(self._tell)
        window.desk.missing.connect(self._miss)
        window.desk.waits.connect(self._wait)
        for part in (
            window.desk, window.saver, window.left_overs, window.analyst, window.exporter,
        ):  # fmt: skip
            part.failed.connect(self.fail)

    def fail(self, message: str, report: str) -> None:
        """Says what went wrong; a report can be looked at and copied."""
        if not report:
            self._notices.error(message)
            return
        window = self._window
        self._notices.error(
            message,
            report,
            action=tr("Details"),
            act=lambda: window.float_over_player(ErrorDetails(message, report)),
        )

    def _error(self, message: str) -> None:
        self._notices.error(message)

    def _tell(self, message: str, action: str, act: Callable[[], None] | None) -> None:
        self._notices.inform(message, action=action, act=act)

    def _miss(self, medium: Medium) -> None:
        self._notices.error(
            tr("{path} is not there any more.", path=medium.path),
            action=tr("Find it…"),
            act=lambda: self._window.dialogs.ask_for_medium(medium.identifier),
        )

    def _wait(self, job: Job, title: str) -> None:
        shown = self._notices.progress(title)
        shown.cancel_wanted.connect(job.cancel)
        job.progressed.connect(shown.show_progress)
        job.finished.connect(shown.finish)

    def _exported(self, made: Export) -> None:
        self._notices.inform(
            tr(
                "The short is {path} ({time}, {width} × {height}, {size} MB).",
                path=made.path,
                time=format_timecode(made.duration),
                width=made.width,
                height=made.height,
                size=f"{made.size_bytes / 1e6:.1f}",
            )
        )
