"""What the parts of the window have to say, as messages at its lower end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.export.interchange.writing import HandOff
from core.export.render import Export
from core.project.document import Medium
from core.time import format_timecode
from desktop.dialogs import show_in_folder
from desktop.i18n import tr, tr_message
from desktop.jobs.job import Job
from desktop.panels.error_details import ErrorDetails
from desktop.panels.export_queue import earlier_text
from desktop.panels.export_words import loudness_text, size_text, written_text

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
        window.exporter.left_over.connect(self._left_over)
        window.export_page.handed_over.connect(self._handed_over)
        for teller in (window.desk, window.saver, window.captioner):
            teller.told.connect(self._tell)
        window.captioner.lacking.connect(self._lack)
        window.desk.missing.connect(self._miss)
        window.desk.waits.connect(self._wait)
        for part in (
            window.desk, window.saver, window.left_overs, window.analyst, window.exporter,
            window.reframer, window.captioner, window.export_page,
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

    def _lack(self, message: str, action: str, act: Callable[[], None]) -> None:
        self._notices.error(message, action=action, act=act)

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
        parts = [
            format_timecode(made.duration),
            f"{made.width} × {made.height}",
            size_text(made.size_bytes),
        ]
        if made.loudness is not None:
            parts.append(loudness_text(round(made.loudness, 1)))
        parts.append(written_text(made.way.name))
        told = [tr("The short is {path} ({what}).", path=made.path, what=", ".join(parts))]
        told += [tr_message(notice) for notice in made.notices]
        self._notices.inform(
            " ".join(told), action=tr("Show in folder"), act=lambda: show_in_folder(made.path)
        )

    def _handed_over(self, made: HandOff) -> None:
        told = [tr("The timeline is {path}.", path=made.path), *map(tr_message, made.notices)]
        self._notices.inform(
            " ".join(told), action=tr("Show in folder"), act=lambda: show_in_folder(made.path)
        )

    def _left_over(self, count: int) -> None:
        if not self._window.exporting:
            self._notices.inform(
                earlier_text(count), action=tr("Look at them"), act=self._window.show_export
            )
