"""Works on one project file: keeps each edit, saves, and lets nobody else write meanwhile."""

from __future__ import annotations

import contextlib
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from core.errors import ProjectChanged, ProjectError
from core.places import data_folder
from core.project.backups import keep_backup
from core.project.document import Medium, Project
from core.project.journal import Journal, set_aside
from core.project.journal_place import PATIENCE, journal_file, journal_folder, lock_journal
from core.project.project_file import ENDING, project_bytes, write_bytes
from core.project.reading import read_project_and_edits, read_saved
from core.project.seen_file import SeenFile


@dataclass(frozen=True)
class Opened:
    """A project that was opened.

    Attributes:
        session: Takes its edits.
        project: As it was saved last.
        recovered: As it was after the last edit, if the file does not have this edit because the
            application ended before it was saved. The window goes on with it.
        edits: How many edits the file does not have.
        problem: What the user should be told; empty if all is well.
    """

    session: ProjectSession
    project: Project
    recovered: Project | None = None
    edits: int = 0
    problem: str = ""


def projects_folder() -> Path:
    """Where the working projects of this user are, which were never given a name."""
    return data_folder() / "projects"


class ProjectSession:
    """One project file in the hands of one window; made by :meth:`open` and its siblings.

    Its methods may be called in several threads; edits are recorded while a save goes on.

    Attributes:
        path: The project's file.
        read_only: Another window writes it; here it can only be looked at and saved elsewhere.
        named: The user chose the file; otherwise it is a working project in the data folder.
    """

    def __init__(self, path: Path, lock: FileLock | None) -> None:
        self.path = path
        self.read_only = lock is None
        self.named = os.path.realpath(path.parent) != os.path.realpath(projects_folder())
        self._lock = lock
        self._expected: tuple[SeenFile, ...] = (SeenFile(path),)
        self._journal = Journal(path, "")
        self._saving = threading.RLock()

    @staticmethod
    def open(path: Path, *, cancelled: Callable[[], bool] = lambda: False) -> Opened:
        """Opens a project's file.

        If the file is gone but edits of it were kept, they are recovered. If another window has
        it, this is certain after a second.

        Args:
            path: The file.
            cancelled: Asked several times a second.

        Raises:
            ProjectError: It cannot be read; it is left as it is.
            Cancelled: ``cancelled()`` was true.
        """
        return _opened(path.absolute(), None, cancelled)

    @staticmethod
    def working(
        fingerprint: str, video: Path, *, cancelled: Callable[[], bool] = lambda: False
    ) -> Opened:
        """Opens the project that keeps a video's edits without being saved by the user.

        Args:
            fingerprint: Of the content of the video.
            video: Where it is now.
            cancelled: Asked several times a second.

        Raises:
            LaterVersion: A later version of the application keeps them.
            ProjectError: The data folder cannot be written to, or an unreadable file in it cannot
                be put aside.
            Cancelled: ``cancelled()`` was true.
        """
        medium = Medium(fingerprint, video.absolute())
        opened = _opened(working_path(fingerprint), Project((medium,)), cancelled)
        recovered = opened.recovered
        return replace(
            opened,
            project=_with_place(opened.project, medium),
            recovered=None if recovered is None else _with_place(recovered, medium),
        )

    @staticmethod
    def new() -> Opened:
        """Opens an empty working project, whose file is made when it is saved first.

        Raises:
            ProjectError: The data folder cannot be written to.
        """
        path = working_path(f"untitled-{uuid.uuid4().hex}")
        return Opened(ProjectSession(path, lock_journal(path)), Project())

    def record(self, text: str, project: Project) -> None:
        """Keeps an edit, before the next one starts; see :meth:`.Journal.append`.

        Args:
            text: Name of the edit.
            project: The state after it.

        Raises:
            ProjectError: It cannot be kept. It still counts as unsaved.
        """
        self._refuse_reader()
        self._journal.append(text, project)

    @property
    def edits(self) -> int:
        """How many edits were recorded so far; belongs to the project of the same moment."""
        return self._journal.edits

    def unsaved(self) -> int:
        """How many edits were made since the project was saved last."""
        return self._journal.unsaved

    def changed_on_disk(self) -> bool:
        """Whether the file is not the one any more that was read or saved last, or is gone."""
        while True:
            expected = self._expected
            if not all(seen.changed() for seen in expected):
                return False
            if expected is self._expected:  # and so no save came in between
                return True

    def save(self, project: Project, *, edits: int | None = None, anyway: bool = False) -> None:
        """Saves the project; the state before becomes a backup, and the journal starts anew.

        A job may do this while edits go on: those that come meanwhile stay unsaved, and in the
        journal. Of saves at the same time, one waits for the other, and one of a state that is
        older than what was saved last does nothing.

        Args:
            project: The state to save.
            edits: :attr:`edits` at the moment of this state; None if it is that of now.
            anyway: Also if something else has changed the file; its content becomes a backup.

        Raises:
            ProjectChanged: Something else has changed the file.
            ProjectError: It cannot be saved; the file is as before, and the edits stay kept.
        """
        edits = self._journal.edits if edits is None else edits
        with self._saving:
            if edits >= self._journal.edits_in_file:
                self._save(project, edits, anyway)

    def _save(self, project: Project, edits: int, anyway: bool) -> None:
        self._refuse_reader()
        data = project_bytes(project, self.path)
        changed = self.changed_on_disk()
        if changed and not anyway:
            raise ProjectChanged(
                "the project was changed, moved or removed by something else since it was opened",
                path=self.path,
                remedy="Save it under another name, or replace the file.",
            )
        try:
            keep_backup(self.path)
        except ProjectError:
            if changed:  # somebody else's work must not be lost; saving one's own matters more
                raise
        before, written = self._expected, SeenFile(self.path, data)
        self._journal.saving(written.digest, edits)
        self._expected = (*before, written)
        try:
            if not self.named:
                _make_projects_folder()
            write_bytes(self.path, data)
        except ProjectError:
            self._expected = before
            raise
        self._expected = (written,)
        self._journal.saved(written.digest, edits)

    def reload(self) -> Project:
        """Reads the file as it is now, which something else has changed, and goes on from it.

        The edits that it does not have become a backup.

        Raises:
            ProjectError: It cannot be read, or the edits cannot be kept; nothing has changed.
        """
        with self._saving:
            project, seen = read_saved(self.path)
            if not self.read_only:
                self._journal.give_up(seen.digest)
            self._expected = (seen,)
            return project

    def save_as(self, path: Path, project: Project) -> ProjectSession:
        """Saves the project as another file and goes on with it; this session is then closed.

        Args:
            path: The file; it gets the ending of projects if it has another one. One that is
                there already becomes a backup.
            project: The state to save.

        Returns:
            The session of the other file.

        Raises:
            ProjectError: It cannot be saved, or another window has that file; this session goes on.
        """
        path = path.absolute()
        if path.suffix.casefold() != ENDING:
            path = path.with_name(path.name + ENDING)
        if os.path.realpath(path) == os.path.realpath(self.path):
            self.save(project, anyway=True)
            return self
        lock = lock_journal(path)
        if lock is None:
            raise ProjectError(
                "this project is open in another window",
                path=path,
                remedy="Close it there, or choose another name.",
            )
        session = ProjectSession(path, lock)
        try:
            set_aside(path)
            session.save(project, anyway=True)
        except ProjectError:
            session.close()
            raise
        with self._saving:
            if not self.read_only:
                self._journal.saved(self._expected[0].digest, self._journal.edits)
            self.close()
        return session

    def close(self, project: Project | None = None) -> None:
        """Ends the session, so that others can write the project.

        Args:
            project: Is saved if there are unsaved edits; None leaves them in the journal, where
                :func:`core.project.recovery.discard` takes them from.

        Raises:
            ProjectError: It cannot be saved. The session is over all the same, and the edits are
                in the journal, to be recovered at the next start.
        """
        with self._saving:
            if self._lock is None:
                return
            try:
                if project is not None and self.unsaved():
                    self._save_at_last(project)
            finally:
                self._let_go(self._lock)

    def _let_go(self, lock: FileLock) -> None:
        if not self.path.exists() and not journal_file(self.path).exists():
            with contextlib.suppress(OSError):
                (journal_folder(self.path) / "lock").unlink()
                journal_folder(self.path).rmdir()
        lock.release()
        self._lock = None
        self.read_only = True

    def _save_at_last(self, project: Project) -> None:
        try:
            self.save(project)
        except ProjectError:
            with contextlib.suppress(ProjectError):
                self.record("Close", project)
            raise

    def _refuse_reader(self) -> None:
        if self.read_only:
            raise ProjectError(
                "this project is open in another window, and can only be looked at here",
                path=self.path,
                remedy="Save it under another name.",
            )

    def _read(self, empty: Project | None) -> Opened:
        disk = read_project_and_edits(self.path, empty, read_only=self.read_only)
        self._expected = (disk.seen,)
        self._journal = Journal(self.path, disk.seen.digest, disk.found)
        return Opened(self, disk.project, disk.recovered, disk.edits, " ".join(disk.problems))


def _opened(path: Path, empty: Project | None, cancelled: Callable[[], bool]) -> Opened:
    """Opens a project's file; a working project starts with ``empty`` if there is none."""
    if empty is not None:
        _make_projects_folder()
    session = ProjectSession(path, lock_journal(path, patience=PATIENCE, cancelled=cancelled))
    try:
        return session._read(empty)
    except BaseException:
        session.close()
        raise


def _with_place(state: Project, medium: Medium) -> Project:
    """A state with a video where it is now."""
    known = state.medium(medium.identifier)
    return state.with_medium(medium if known is None else replace(known, path=medium.path))


def working_path(name: str) -> Path:
    """The file of a working project; its name is the fingerprint of its first video."""
    return projects_folder().absolute() / f"{name}{ENDING}"


def _make_projects_folder() -> None:
    folder = projects_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"the folder of the projects cannot be made ({error.strerror or error})",
            path=folder,
            remedy="Make sure that you may write there.",
        ) from error
