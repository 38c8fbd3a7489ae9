"""Keeps the store of analyses small: how large it is, what goes first, and what never goes.

Only files that :mod:`core.analysis.store` would have written, in folders that it would have made,
count as an analysis; whatever else lies beside them is neither counted nor removed.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import Cancelled, StoreError

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_GRID = re.compile(r"\d(\.\d)?s")
_TRACK = re.compile(r"(track|\d{9})\.npy")
_BEING_WRITTEN = ".part"
_ABANDONED_SECONDS = 3600.0
"""A file that is still unfinished after that belongs to nobody any more."""

Cancel = Callable[[], bool]


@dataclass(frozen=True)
class _StoredAnalysis:
    """What is kept of one video."""

    folder: Path
    files: tuple[Path, ...]
    size: int
    used: float


def cache_size(folder: Path, *, cancelled: Cancel = lambda: False) -> int:
    """Bytes of all analyses.

    Args:
        folder: The root of the store; it need not exist.
        cancelled: Asked once per analysis.

    Raises:
        StoreError: The folder cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    return sum(analysis.size for analysis in _analyses(folder, cancelled))


def mark_used(folder: Path, fingerprint: str) -> None:
    """Remembers that an analysis was used now, so that it goes last.

    The time is that of the analysis' folder; where it cannot be set nothing happens.
    """
    with suppress(OSError):
        os.utime(folder / fingerprint)


def evict(
    folder: Path,
    limit_bytes: int,
    *,
    keep: Collection[str] = (),
    cancelled: Cancel = lambda: False,
) -> list[str]:
    """Removes whole analyses, the least recently used first, until the rest is small enough.

    An analysis was used when it was marked as such, and when one of its files was last read or
    written as far as the file system tells.

    Args:
        folder: The root of the store; it need not exist.
        limit_bytes: What may stay.
        keep: Fingerprints of analyses that stay in any case; they count as well.
        cancelled: Asked once per analysis.

    Returns:
        The fingerprints of what was removed, in that order.

    Raises:
        StoreError: The folder cannot be read, or an analysis cannot be removed; all others that
            had to go are gone.
        Cancelled: ``cancelled()`` returned true; what was removed by then is gone.
    """
    analyses = sorted(_analyses(folder, cancelled), key=lambda analysis: analysis.used)
    total = sum(analysis.size for analysis in analyses)
    removed: list[str] = []
    problem: StoreError | None = None
    for analysis in analyses:
        if total <= limit_bytes:
            break
        if analysis.folder.name in keep:
            continue
        if cancelled():
            raise Cancelled
        try:
            _remove(analysis)
        except StoreError as error:
            problem = problem or error
        else:
            removed.append(analysis.folder.name)
            total -= analysis.size
    if problem is not None:
        raise problem
    return removed


def clear(
    folder: Path, *, keep: Collection[str] = (), cancelled: Cancel = lambda: False
) -> list[str]:
    """Removes all analyses.

    Args:
        folder: The root of the store; it need not exist.
        keep: Fingerprints of analyses that stay.
        cancelled: Asked once per analysis.

    Returns:
        The fingerprints of what was removed.

    Raises:
        StoreError: The folder cannot be read, or an analysis cannot be removed; all others are
            gone.
        Cancelled: ``cancelled()`` returned true; what was removed by then is gone.
    """
    return evict(folder, -1, keep=keep, cancelled=cancelled)


def _analyses(folder: Path, cancelled: Cancel) -> Iterator[_StoredAnalysis]:
    with _reading(folder):
        for place in _folders(folder, _FINGERPRINT):
            if cancelled():
                raise Cancelled
            found = _look_at(place)
            if found.files:
                yield found


def _look_at(place: Path) -> _StoredAnalysis:
    files: list[Path] = []
    size = 0
    used = 0.0
    with suppress(FileNotFoundError):
        used = place.stat().st_mtime
    for grid in _folders(place, _GRID):
        for track in _folders(grid, None):
            for path, found in _files(track):
                files.append(path)
                size += found.st_size
                used = max(used, found.st_mtime, found.st_atime)
    return _StoredAnalysis(place, tuple(files), size, used)


def _folders(folder: Path, name: re.Pattern[str] | None) -> Iterator[Path]:
    """Real folders in a folder, no links to others."""
    for entry in _entries(folder):
        if (name is None or name.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The files of a track."""
    for entry in _entries(folder):
        with suppress(FileNotFoundError):
            found = entry.stat(follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                continue
            abandoned = time.time() - found.st_mtime > _ABANDONED_SECONDS
            if _TRACK.fullmatch(entry.name) or (entry.name.endswith(_BEING_WRITTEN) and abandoned):
                yield Path(entry.path), found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _remove(analysis: _StoredAnalysis) -> None:
    """Removes the files, then the folders that are empty without them."""
    try:
        for path in analysis.files:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"an analysis cannot be removed ({error.strerror or error})",
            path=analysis.folder,
            remedy="Allow writing to this folder, or remove it yourself.",
        ) from error
    tracks = {path.parent for path in analysis.files}
    for place in (*tracks, *{track.parent for track in tracks}, analysis.folder):
        with suppress(OSError):
            place.rmdir()


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the analyses cannot be looked through ({error.strerror or error})",
            path=error.filename or folder,
            remedy="Allow reading this folder, or choose another one for the analyses.",
        ) from error
