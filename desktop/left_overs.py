"""What can be gone on with: projects that were open lately, and those that broke off."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.jobs.job import JobSlot
from desktop.jobs.work import discard_edits, find_left_over
from desktop.settings import SettingsStore


class LeftOvers(QObject):
    """Looks for them in the background.

    Signals:
        found: What there is, as :class:`desktop.jobs.work.LeftOver`.
        failed: A message and its report.
    """

    found = Signal(object)
    failed = Signal(str, str)

    def __init__(self, settings: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._listing = JobSlot(self)

    def look(self) -> None:
        """Looks anew."""
        job = self._listing.start(find_left_over(self._settings.current.recent))
        job.succeeded.connect(self.found)
        job.failed.connect(self.failed)
        job.start()

    def forget(self, path: str) -> None:
        """Takes a file off the list of what was open lately."""
        recent = tuple(name for name in self._settings.current.recent if name != path)
        self._settings.change(recent=recent)
        self.look()

    def discard(self, path: str) -> None:
        """Gives up edits that were never saved; they stay among the backups."""
        job = self._listing.start(discard_edits(Path(path)))
        job.failed.connect(self.failed)
        job.finished.connect(self.look)
        job.start()

    def close(self) -> None:
        """Ends what is going on in the background."""
        self._listing.close()
