"""Where a short is written: what must not be replaced, and a folder that leaves no trace."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ExportError, UsageError
from core.export.ffmpeg import os_export_error

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov")
"""Kinds of films that can be written."""
PREVIEW_SUFFIXES = (".gif", ".webp")
"""Kinds of moving pictures without sound that can be written."""
SUFFIXES = VIDEO_SUFFIXES + PREVIEW_SUFFIXES
"""Kinds of files that can be written."""

_PREFIX = ".emotionshortform-"
_TRIES = 20


def check_output(output: Path, sources: Sequence[Path], overwrite: bool) -> None:
    """Refuses a file that cannot or must not be written.

    Args:
        output: The file to write.
        sources: The videos that it is made of.
        overwrite: Whether an existing file may be replaced.

    Raises:
        UsageError: Its name ends in something else than those of ``SUFFIXES``.
        ExportError: The folder is missing, or the file exists, or is a source itself.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"shorts are not written as '{output.suffix}'",
            path=output,
            remedy=f"Choose a name that ends in {', '.join(SUFFIXES)}.",
        )
    check_place(output, sources, overwrite)


def check_place(output: Path, sources: Sequence[Path], overwrite: bool) -> None:
    """Refuses a file, of whatever kind, in whose place nothing must be put.

    Args:
        output: The file to write.
        sources: The videos that it is made of.
        overwrite: Whether an existing file may be replaced.

    Raises:
        ExportError: The folder is missing, or the file exists, or is a source itself.
    """
    try:
        if not output.parent.is_dir():
            raise _no_folder(output.parent)
        if not output.exists():
            return
        if output.is_dir():
            raise ExportError("this is a folder", path=output, remedy="Choose another name.")
        if any(source.exists() and output.samefile(source) for source in sources):
            raise ExportError(
                "the file would replace one of the videos",
                path=output,
                remedy="Choose another name.",
            )
    except OSError as error:
        raise os_export_error(error, output) from error
    if not overwrite:
        raise already_exists(output)


def _no_folder(folder: Path) -> ExportError:
    return ExportError(
        "the folder does not exist", path=folder, remedy="Create it or choose another one."
    )


def already_exists(output: Path) -> ExportError:
    """The error for a file that would have to be replaced without leave."""
    return ExportError(
        "there is already a file of this name",
        path=output,
        remedy="Choose another name, or allow it to be replaced.",
    )


@contextmanager
def work_folder(output: Path, key: str = "") -> Iterator[Path]:
    """A hidden folder on the output's own disk; it goes away with everything in it.

    Nobody else has it at the same time. If an export is killed, the folder stays; the next export
    of that file gets it with everything that is in it if the key is the same (commands with
    ``results`` are then not run again), and removes it otherwise.

    Args:
        output: The file that is going to be written.
        key: Says what is rendered, and how: exports of equal keys write equal parts. Any text.

    Raises:
        ExportError: Another export writes the same file, or the folder cannot be made, or what is
            done in it fails for want of space or rights.
    """
    parent = output.parent.absolute()
    if not parent.is_dir():
        raise _no_folder(parent)
    name = _hidden_name(output)
    folder = parent / f"{name}-{_digest(key)}"
    try:
        lock = _locked(parent / f"{name}.lock", output)
        try:
            for stale in parent.glob(f"{name}-*"):
                if stale != folder:
                    shutil.rmtree(stale, ignore_errors=True)
            folder.mkdir(exist_ok=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            _unlocked(lock)
    except OSError as error:
        raise os_export_error(error, output) from error


def forget_work(output: Path) -> None:
    """Removes what an export that was killed has left beside its file, unless one is writing it.

    Args:
        output: The file that was going to be written; its folder may be gone.
    """
    parent, name = output.parent.absolute(), _hidden_name(output)
    with suppress(OSError, ExportError):
        left = list(parent.glob(f"{name}-*"))
        if not left:
            return
        lock = _locked(parent / f"{name}.lock", output)
        try:
            for stale in left:
                shutil.rmtree(stale, ignore_errors=True)
        finally:
            _unlocked(lock)


def _hidden_name(output: Path) -> str:
    return _PREFIX + _digest(unicodedata.normalize("NFC", output.name).casefold())


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _locked(path: Path, output: Path) -> FileLock:
    """The lock of an output; the operating system gives it back if this process is killed."""
    for _ in range(_TRIES):
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            break
        # Whoever had it before may have removed its file in between: that lock guards nothing.
        if path.exists():
            return lock
        lock.release()
    raise ExportError(
        "another export is writing this file",
        path=output,
        remedy="Wait until it has finished, or choose another name.",
    )


def _unlocked(lock: FileLock) -> None:
    """Gives a lock back and takes its file away, in the order that the system allows."""
    path = Path(lock.lock_file)
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        # Windows removes no file that is open.
        lock.release()
        path.unlink(missing_ok=True)
    else:
        lock.release()
