"""Writes the open project to its file, and brings earlier versions back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import ProjectError
from core.project.backups import Backup, backups
from core.project.document import Project
from core.project.session import ProjectSession
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs.job import JobSlot
from desktop.jobs.work import (
    EarlierVersion,
    look_at_file,
    read_version,
    reload_project,
    save_project,
)
from desktop.settings import SettingsStore


class Saver(QObject):
    """Saves in the background.

    Signals:
        state_changed: The name, or whether something is unsaved, may have changed.
        failed: A message and its report.
        told: A message, the words of a button, and what the button does.
    """

    state_changed = Signal()
    failed = Signal(str, str)
    told = Signal(str, str, object)

    def __init__(self, editor: Editor, settings: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._settings = settings
        self._saving = JobSlot(self)
        self._looking = JobSlot(self)
        self._again = False
        editor.project_changed.connect(self.state_changed)
        editor.undo_stack.cleanChanged.connect(self._clean_changed)

    @property
    def name(self) -> str:
        """What the project is called: its file, or its first video."""
        session = self._editor.session
        if session is not None and session.named:
            return session.path.stem
        media = self._editor.project.media
        return media[0].path.name if media else ""

    @property
    def unsaved(self) -> bool:
        """Whether a project that the user gave a name has edits that are not in its file."""
        session = self._editor.session
        return session is not None and session.named and session.unsaved() > 0

    def save(self, *, anyway: bool = False) -> None:
        """Writes the project to its file.

        Args:
            anyway: Also if another program changed the file since.
        """
        session, project = self._editor.session, self._editor.project
        if session is None:
            return
        if self._saving.busy:
            self._again = True
            return
        work = save_project(session, project, session.edits, anyway=anyway)
        job = self._saving.start(work)
        job.succeeded.connect(lambda refused: self._saved(session, project, refused))
        job.failed.connect(self.failed)
        job.finished.connect(self._save_again)
        job.start()

    def save_as(self, path: Path) -> None:
        """Writes the project to a file of another name, and goes on with that one."""
        session = self._editor.session
        if session is None:
            return
        self._saving.close()
        try:
            self._editor.session = session.save_as(path, self._editor.project)
        except ProjectError as error:
            self.failed.emit(str(error), "")
            return
        self._editor.undo_stack.setClean()
        self._settings.add_recent(self._editor.session.path)
        self.state_changed.emit()

    def look_at_file(self) -> None:
        """Says so if another program changed the file of the project."""
        session = self._editor.session
        if session is None or not session.named or self._looking.busy or self._saving.busy:
            return
        job = self._looking.start(look_at_file(session))
        job.succeeded.connect(lambda changed: self._looked(session, changed))
        job.start()

    def earlier(self) -> list[Backup]:
        """Earlier versions of the open project, the latest first."""
        session = self._editor.session
        return [] if session is None else backups(session.path)

    def go_back_to(self, path: Path) -> None:
        """Puts a version that was saved in force, as an edit that can be undone."""
        session = self._editor.session
        if session is None:
            return
        job = self._looking.start(read_version(path, session.path))
        job.succeeded.connect(lambda version: self._bring_back(session, version))
        job.failed.connect(self.failed)
        job.start()

    def finish(self) -> None:
        """Waits for what is being saved, before the project is closed."""
        self._again = False
        self._saving.close()
        self._looking.close()

    def _clean_changed(self, clean: bool) -> None:
        self.state_changed.emit()

    def _saved(self, session: ProjectSession, project: Project, refused: str) -> None:
        if refused:
            again = self._while(session, lambda: self.save(anyway=True))
            self.told.emit(refused, tr("Save anyway"), again)
        elif self._editor.project is project:
            self._editor.undo_stack.setClean()
        self.state_changed.emit()

    def _save_again(self) -> None:
        if self._again:
            self._again = False
            self.save()

    def _looked(self, session: ProjectSession, changed: bool) -> None:
        if changed and session is self._editor.session:
            self.told.emit(
                tr("Another program changed the file of this project."),
                tr("Load its version"),
                self._while(session, lambda: self._reload(session)),
            )

    def _reload(self, session: ProjectSession) -> None:
        job = self._looking.start(reload_project(session))
        job.succeeded.connect(lambda version: self._bring_back(session, version))
        job.failed.connect(self.failed)
        job.start()

    def _bring_back(self, session: ProjectSession, version: EarlierVersion) -> None:
        if session is self._editor.session:
            self._editor.go_back(version.project, version.infos)

    def _while(self, session: ProjectSession, act: Callable[[], None]) -> Callable[[], None]:
        """An act that only counts for the project that it was offered for."""

        def guarded() -> None:
            if session is self._editor.session:
                act()

        return guarded
