"""Works on one project file: keeps each edit, saves, and lets nobody else write meanwhile."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from core.errors import ProjectChanged, ProjectError
from core.places import data_folder
from core.project.backups import backups, backups_folder, keep_backup, move_journal
from core.project.document import Medium, Project
from core.project.journal import (
    Journal,
    Journalled,
    journal_file,
    journal_folder,
    lock_journal,
    read_journal,
    set_aside,
)
from core.project.project_file import (
    ENDING,
    parse_project,
    project_bytes,
    read_bytes,
    write_bytes,
)
from core.project.seen_file import SeenFile

UNREAD = ".unread"
"""Last part of the stem of a working project that could not be read, and was put aside."""


@dataclass(frozen=True)
class Opened:
    """A project that was opened.

    Attributes:
        session: Takes its edits.
        project: As it was saved last.
        recovered: As it was after the last edit, if the file does not have this edit because the
            application ended before it was saved. The window goes on with it, or calls
            :meth:`ProjectSession.forget_recovered`.
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
        self._seen = SeenFile(path)
        self._journal = Journal(path, "")

    @staticmethod
    def open(path: Path) -> Opened:
        """Opens a project's file.

        If the file is gone but edits of it were kept, they are recovered.

        Raises:
            ProjectError: It cannot be read; it is left as it is.
        """
        return _opened(path.absolute(), None)

    @staticmethod
    def working(fingerprint: str, video: Path) -> Opened:
        """Opens the project that keeps a video's edits without being saved by the user.

        Args:
            fingerprint: Of the content of the video.
            video: Where it is now.

        Raises:
            ProjectError: The data folder cannot be written to, or an unreadable file in it cannot
                be put aside.
        """
        medium = Medium(fingerprint, video.absolute())
        opened = _opened(working_path(fingerprint), Project((medium,)))
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

    def unsaved(self) -> int:
        """How many edits were made since the project was saved last."""
        return self._journal.unsaved

    def changed_on_disk(self) -> bool:
        """Whether the file is not the one any more that was read or saved last, or is gone."""
        return self._seen.changed()

    def save(self, project: Project, *, anyway: bool = False) -> None:
        """Saves the project; the state before becomes a backup, and the journal starts anew.

        A job may do this while edits go on: those that come meanwhile stay unsaved.

        Args:
            project: The state to save.
            anyway: Also if something else has changed the file; its content becomes a backup.

        Raises:
            ProjectChanged: Something else has changed the file.
            ProjectError: It cannot be saved; the file is as before, and the edits stay kept.
        """
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
        written = SeenFile(self.path, data)
        edits = self._journal.saving(written.digest)
        if not self.named:
            _make_projects_folder()
        write_bytes(self.path, data)
        self._seen = written
        self._journal.saved(written.digest, edits)

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
        if not self.read_only:
            self._journal.saved(self._seen.digest, self._journal.saving(self._seen.digest))
        self.close()
        return session

    def forget_recovered(self) -> None:
        """Puts the edits that the file does not have among the backups: the user declined them.

        Raises:
            ProjectError: They cannot be put there.
        """
        self._refuse_reader()
        set_aside(self.path)
        self._journal = Journal(self.path, self._seen.digest)

    def close(self, project: Project | None = None) -> None:
        """Ends the session, so that others can write the project.

        Args:
            project: Is saved if there are unsaved edits; None leaves them in the journal, where
                :func:`core.project.recovery.discard` takes them from.

        Raises:
            ProjectError: It cannot be saved. The session is over all the same, and the edits are
                in the journal, to be recovered at the next start.
        """
        if self._lock is None:
            return
        try:
            if project is not None and self.unsaved():
                self._save_at_last(project)
        finally:
            if not self.path.exists() and not journal_file(self.path).exists():
                with contextlib.suppress(OSError):
                    (journal_folder(self.path) / "lock").unlink()
                    journal_folder(self.path).rmdir()
            self._lock.release()
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

    def _start(self, seen: SeenFile, found: Journalled | None) -> None:
        self._seen = seen
        self._journal = Journal(self.path, seen.digest, found)


def _opened(path: Path, empty: Project | None) -> Opened:
    """Opens a project's file; a working project starts with ``empty`` if there is none."""
    if empty is not None:
        _make_projects_folder()
    session = ProjectSession(path, lock_journal(path))
    try:
        return _read(session, empty)
    except BaseException:
        session.close()
        raise


def _read(session: ProjectSession, empty: Project | None) -> Opened:
    path = session.path
    problems: list[str] = []
    found = None
    if not session.read_only:
        try:
            found = read_journal(path)
        except ProjectError as error:
            problems.append(str(error))
            with contextlib.suppress(ProjectError):
                move_journal(path, journal_file(path))
    project, seen = None, SeenFile(path)
    if path.exists() or (empty is None and (found is None or found.state is None)):
        try:
            data = read_bytes(path)
            project, seen = parse_project(data, path), SeenFile(path, data)
        except ProjectError as error:
            problems.append(_set_unreadable_aside(session, error, empty))
    if project is None and empty is None and found is not None and "" not in found.saved:
        problems.append("The project's file is not there any more; its last edits are.")
    if project is None:
        project = empty or Project()
        if empty is not None and not session.read_only and not path.exists():
            data = project_bytes(project, path)
            write_bytes(path, data)
            seen = SeenFile(path, data)
    edits = 0 if found is None else found.since(seen.digest)
    if found is None or not edits or found.state == project:
        session._start(seen, None)
        return Opened(session, project, problem=" ".join(problems))
    if seen.digest and seen.digest not in found.saved and not problems:
        problems.append("The project was changed by something else after its last edits here.")
    session._start(seen, found)
    return Opened(session, project, found.state, edits, " ".join(problems))


def _set_unreadable_aside(
    session: ProjectSession, error: ProjectError, empty: Project | None
) -> str:
    """What to say of a working project that cannot be read, after its file was put aside.

    Raises:
        ProjectError: It is not a working project, or cannot be put aside.
    """
    path = session.path
    if empty is None:
        if not backups(path):
            raise error
        raise ProjectError(
            error.happened,
            path=path,
            remedy=f"Earlier states of it are in {backups_folder(path)}.",
        ) from error
    if session.read_only:
        return str(error)
    aside = path.with_name(f"{path.stem}.{time.strftime('%Y%m%d-%H%M%S')}{UNREAD}{ENDING}")
    try:
        os.replace(path, aside)
    except OSError:
        raise error from None
    what = ProjectError(
        f"the cuts of this video as you left them cannot be read ({error.happened})",
        path=aside,
        remedy="The file is kept; the video starts without cuts.",
    )
    return str(what)


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
