"""The menu of the slim bar: files, projects, earlier versions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from desktop.i18n import tr

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


class FileMenu(QMenu):
    """What is done with files; the lists in it are made when they are opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._recent = QMenu(tr("Open recent"), self)
        self._earlier = QMenu(tr("Earlier versions"), self)
        self._recent.aboutToShow.connect(self._list_recent)
        self._earlier.aboutToShow.connect(self._list_earlier)
        for entry in (
            "project.new", "project.open", self._recent, None, "project.add-video", None,
            "project.save", "project.save-as", self._earlier, None, "export", None, "undo", "redo",
            None, "learning", "preferences", "shortcuts", None, "quit",
        ):  # fmt: skip
            if entry is None:
                self.addSeparator()
            elif isinstance(entry, QMenu):
                self.addMenu(entry)
            else:
                self.addAction(window.shortcuts.action(entry))

    def _list_recent(self) -> None:
        self._recent.clear()
        for name in self._window.settings.current.recent:
            path = Path(name)
            action = self._recent.addAction(path.name)
            action.setToolTip(name)
            action.triggered.connect(
                lambda checked=False, p=path: self._window.open(p, analyse=True)
            )
        if self._recent.isEmpty():
            self._recent.addAction(tr("Nothing was open yet")).setEnabled(False)

    def _list_earlier(self) -> None:
        self._earlier.clear()
        for backup in self._window.saver.earlier():
            action = self._earlier.addAction(
                tr("{when}, {count} cuts", when=f"{backup.time:%Y-%m-%d %H:%M}", count=backup.cuts)
            )
            action.triggered.connect(
                lambda checked=False, p=backup.path: self._window.saver.go_back_to(p)
            )
        if self._earlier.isEmpty():
            self._earlier.addAction(tr("No earlier version was saved")).setEnabled(False)
