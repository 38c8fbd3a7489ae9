"""Finds projects with edits that a crash kept from being saved."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.errors import ProjectError
from core.project.journal import set_aside
from core.project.journal_file import read_journal_file
from core.project.journal_place import journal_file, journals_folder, lock_journal
from core.project.project_file import parse_project, read_bytes
from core.project.seen_file import digest_of


@dataclass(frozen=True)
class Recoverable:
    """A project with edits that its file does not have; opening it brings them.

    Attributes:
        path: The project's file; perhaps it is not there any more, or was never made.
        name: For people: the name of its first video, or that of the file if it has none.
        edits: How many edits the file does not have.
        when: The last of them, in local time.
    """

    path: Path
    name: str
    edits: int
    when: datetime


def recoverable() -> list[Recoverable]:
    """The projects with edits that were not saved and that no window works on, newest first."""
    found = []
    for journal in journals_folder().glob(f"*/{journal_file(Path()).name}"):
        with contextlib.suppress(ProjectError, OSError):
            one = _recoverable(journal)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda one: one.when, reverse=True)


def discard(path: Path) -> None:
    """Puts the edits that a project's file does not have among its backups.

    Raises:
        ProjectError: A window works on the project, or they cannot be moved.
    """
    lock = lock_journal(path)
    if lock is None:
        raise ProjectError(
            "this project is open in another window", path=path, remedy="Close it there first."
        )
    try:
        set_aside(path)
    finally:
        lock.release()


def _recoverable(journal: Path) -> Recoverable | None:
    """What a journal holds that no window works on; all is read before the lock is touched."""
    written = journal.stat()
    held = read_journal_file(journal)
    if held is None or held.project_path is None or held.state is None:
        return None
    path = held.project_path
    if journal_file(path) != journal:
        return None
    saved, data = None, None
    if path.exists():
        data = read_bytes(path)
        with contextlib.suppress(ProjectError):
            saved = parse_project(data, path)
    edits = held.since(digest_of(data))
    if not edits or held.state == saved or not _is_left_alone(path, written.st_mtime_ns):
        return None
    name = held.state.media[0].path.name if held.state.media else path.stem
    when = datetime.fromtimestamp(written.st_mtime).astimezone()
    return Recoverable(path, name, edits, when)


def _is_left_alone(path: Path, written: int) -> bool:
    """Whether no window has a project, nor had it since its journal was written, in ns."""
    lock = lock_journal(path)
    if lock is None:
        return False
    try:
        return journal_file(path).stat().st_mtime_ns == written
    finally:
        lock.release()
