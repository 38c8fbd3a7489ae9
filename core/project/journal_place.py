"""Where the journal of a project is, and the lock of whoever writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import Cancelled, ProjectError
from core.places import data_folder
from core.project.backups import path_key

PATIENCE = 1.0
"""Seconds that opening waits for a lock: a look at what broke off holds it for a moment."""

_BETWEEN_TRIES = 0.02


def journals_folder() -> Path:
    """Where the journals of this user are, each in a folder of its own."""
    return data_folder() / "journals"


def journal_folder(path: Path) -> Path:
    """Where the journal of a project's file is, and the lock of whoever writes it."""
    return journals_folder() / path_key(path)


def journal_file(path: Path) -> Path:
    """The journal of a project's file."""
    return journal_folder(path) / "edits.journal"


def lock_journal(
    path: Path, *, patience: float = 0.0, cancelled: Callable[[], bool] = lambda: False
) -> FileLock | None:
    """Takes the right to write a project and its journal.

    The operating system gives it back if this process ends in any way.

    Args:
        path: The project's file.
        patience: Seconds to wait while somebody else has it.
        cancelled: Asked several times a second meanwhile.

    Returns:
        The lock, to be released; None if another process has it, or another part of this one.

    Raises:
        ProjectError: The folder of the journals cannot be written to.
        Cancelled: ``cancelled()`` was true.
    """
    folder = journal_folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock", thread_local=False)
        lock.acquire(timeout=patience, poll_interval=_BETWEEN_TRIES, cancel_check=cancelled)
    except Timeout:
        if cancelled():
            raise Cancelled from None
        return None
    except OSError as error:
        raise ProjectError(
            f"edits cannot be kept for the case of a crash ({error.strerror or error})",
            path=folder,
            remedy="Make sure that you may write to this folder, and that its disk has room.",
        ) from error
    return lock
