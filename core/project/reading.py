"""Reads what is on disk of a project: its file, and the edits that the file does not have."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import LaterVersion, ProjectError
from core.project.backups import backups, backups_folder, move_journal
from core.project.document import Project
from core.project.journal import read_journal
from core.project.journal_file import Journalled
from core.project.journal_place import journal_file
from core.project.project_file import ENDING, parse_project, project_bytes, read_bytes, write_bytes
from core.project.seen_file import SeenFile

UNREAD = ".unread"
"""Last part of the stem of a working project that could not be read, and was put aside."""


@dataclass(frozen=True)
class OnDisk:
    """What is on disk of a project.

    Attributes:
        project: As it was saved last.
        seen: The file that this was read from.
        found: The journal to go on with; None to start anew.
        recovered: The state after the last edit, if the file does not have this edit.
        edits: How many edits the file does not have.
        problems: What the user should be told, as sentences.
    """

    project: Project
    seen: SeenFile
    found: Journalled | None = None
    recovered: Project | None = None
    edits: int = 0
    problems: tuple[str, ...] = ()


def read_saved(path: Path) -> tuple[Project, SeenFile]:
    """The project of a file, and the file as it was read.

    Raises:
        ProjectError: It cannot be read, is no project, or is damaged.
    """
    data = read_bytes(path)
    return parse_project(data, path), SeenFile(path, data)


def read_project_and_edits(path: Path, empty: Project | None, *, read_only: bool) -> OnDisk:
    """Reads a project's file and its journal.

    Args:
        path: The file.
        empty: What a working project starts with that has no file yet; None for a file that the
            user chose, which must be there unless edits of it were kept.
        read_only: Leave everything as it is, and the journal to the window that writes it.

    Raises:
        LaterVersion: The file or the journal was made by a later version of the application.
        ProjectError: The file cannot be read; a working project then could not be put aside.
    """
    problems: list[str] = []
    found = None if read_only else _found(path, problems)
    project, seen = None, SeenFile(path)
    if path.exists() or (empty is None and (found is None or found.state is None)):
        try:
            project, seen = read_saved(path)
        except LaterVersion:
            raise
        except ProjectError as error:
            if empty is None:
                raise _with_backups_named(error, path) from error
            problems.append(str(error) if read_only else _put_aside(path, error))
    if project is None and empty is None and found is not None and "" not in found.saved:
        problems.append("The project's file is not there any more; its last edits are.")
    if project is None:
        project = empty or Project()
        if empty is not None and not read_only and not path.exists():
            data = project_bytes(project, path)
            write_bytes(path, data)
            seen = SeenFile(path, data)
    edits = 0 if found is None else found.since(seen.digest)
    if found is None or not edits or found.state == project:
        return OnDisk(project, seen, problems=tuple(problems))
    if seen.digest and seen.digest not in found.saved and not problems:
        problems.append("The project was changed by something else after its last edits here.")
    return OnDisk(project, seen, found, found.state, edits, tuple(problems))


def _found(path: Path, problems: list[str]) -> Journalled | None:
    try:
        return read_journal(path)
    except LaterVersion:
        raise
    except ProjectError as error:
        problems.append(str(error))
        with contextlib.suppress(ProjectError):
            move_journal(path, journal_file(path))
        return None


def _with_backups_named(error: ProjectError, path: Path) -> ProjectError:
    if not backups(path):
        return error
    return ProjectError(
        error.happened,
        path=path,
        remedy=f"Earlier states of it are in {backups_folder(path)}.",
    )


def _put_aside(path: Path, error: ProjectError) -> str:
    """What to say of a working project that cannot be read, after its file was put aside.

    Raises:
        ProjectError: It cannot be put aside.
    """
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
