"""Earlier states of project files, kept in the user's data folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.errors import ProjectError
from core.files import replace_file
from core.places import data_folder
from core.project.project_file import ENDING, parse_project, read_project

_LAST = 10
_DAYS = 7
_JOURNALS = 3
_COUNTED = re.compile(r" (\d+) cuts$")


@dataclass(frozen=True)
class Backup:
    """An earlier state of a project, to be read as any project file.

    Attributes:
        path: The file.
        time: When this state was saved, in local time.
        cuts: Number of cuts in it.
    """

    path: Path
    time: datetime
    cuts: int


def path_key(path: Path) -> str:
    """What the user's data folder calls the things that belong to a project's file."""
    resolved = os.path.normcase(os.path.realpath(path))
    return hashlib.blake2b(os.fsencode(resolved), digest_size=16).hexdigest()


def backups_folder(path: Path) -> Path:
    """Where the earlier states of a project's file are."""
    return data_folder() / "backups" / path_key(path)


def backups(path: Path) -> list[Backup]:
    """The earlier states of a project's file, newest first, but for damaged ones.

    The name of each says how many cuts are in it; only one that somebody put there is read.
    """
    found = []
    for file, time in _by_time(backups_folder(path), ENDING):
        counted = _COUNTED.search(file.stem)
        with contextlib.suppress(ProjectError):
            cuts = int(counted[1]) if counted else len(read_project(file).cuts)
            found.append(Backup(file, time, cuts))
    return found


def keep_backup(path: Path) -> None:
    """Copies a project's file as it is, before it is replaced, if it is there.

    The last ten states stay, and of each of the last seven days the last one.

    Raises:
        ProjectError: It cannot be copied.
    """
    try:
        data, saved = path.read_bytes(), path.stat().st_mtime_ns
    except FileNotFoundError:
        return
    except OSError as error:
        raise _cannot(error, path) from error
    store_backup(path, data, saved)


def store_backup(path: Path, data: bytes, saved: int) -> None:
    """Keeps the content of a project's file as a backup of it.

    Args:
        path: The project's file.
        data: A content of it.
        saved: When it was saved, nanoseconds since 1970.

    Raises:
        ProjectError: It cannot be written.
    """
    folder = backups_folder(path)
    try:
        count = f" {len(parse_project(data, path).cuts)} cuts"
    except ProjectError:
        count = ""
    backup = folder / f"{_stamp(saved)}{count}{ENDING}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(backup, data)
        os.utime(backup, ns=(saved, saved))
    except OSError as error:
        raise _cannot(error, folder) from error
    _forget_old(folder)


def move_journal(path: Path, journal: Path) -> None:
    """Puts a journal of a project's file among its backups.

    Raises:
        ProjectError: It cannot be moved.
    """
    folder = backups_folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.replace(journal, folder / f"{_stamp(journal.stat().st_mtime_ns)}{journal.suffix}")
    except OSError as error:
        raise ProjectError(
            f"the journal cannot be put aside ({error.strerror or error})",
            path=journal,
            remedy="Make room on the disk.",
        ) from error
    for old, _ in list(_by_time(folder, journal.suffix))[_JOURNALS:]:
        with contextlib.suppress(OSError):
            old.unlink()


def _cannot(error: OSError, path: Path) -> ProjectError:
    return ProjectError(
        f"the state before cannot be kept as a backup ({error.strerror or error})",
        path=path,
        remedy="Make room on the disk, and see that you may write to the folder.",
    )


def _forget_old(folder: Path) -> None:
    files = list(_by_time(folder, ENDING))
    first_day = datetime.now().astimezone().date() - timedelta(days=_DAYS - 1)
    days = set()
    for number, (file, time) in enumerate(files):
        last_of_day = time.date() >= first_day and time.date() not in days
        days.add(time.date())
        if number >= _LAST and not last_of_day:
            with contextlib.suppress(OSError):
                file.unlink()


def _by_time(folder: Path, ending: str) -> Iterator[tuple[Path, datetime]]:
    """Files and when they were written, newest first."""
    times = {}
    for file in folder.glob(f"*{ending}"):
        with contextlib.suppress(OSError):
            if not file.name.startswith("."):
                times[file] = file.stat().st_mtime_ns
    for file in sorted(times, key=lambda one: (times[one], one.name), reverse=True):
        yield file, datetime.fromtimestamp(times[file] / 1e9).astimezone()


def _stamp(nanoseconds: int) -> str:
    time = datetime.fromtimestamp(nanoseconds // 1_000_000_000)
    return f"{time:%Y%m%d-%H%M%S}-{nanoseconds % 1_000_000_000:09d}"
