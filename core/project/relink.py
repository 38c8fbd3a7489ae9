"""Finds the videos of a project again after they were moved or renamed."""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import Cancelled, MediaError, ProjectError
from core.media.fingerprint import fingerprint
from core.project.document import Medium, Project

_DEPTH = 2
"""Levels of sub-folders of the project's folder that are searched."""
_MOST_FILES = 5_000
"""Entries of one folder and its sub-folders that are looked at by name."""
_MOST_RENAMED = 40
"""Files of which the content is looked at although they have another name."""


def is_content(file: Path, identifier: str) -> bool:
    """Whether a file is there and its content has this fingerprint."""
    try:
        return file.is_file() and fingerprint(file) == identifier
    except (OSError, ValueError, MediaError):
        return False


def find_media(
    project: Project,
    project_path: Path,
    *,
    searched: Sequence[Path] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Project, list[Medium]]:
    """The project with its videos where they are now.

    A video that is not where it was last seen is looked for by its name in the folder of the
    project and two levels below it, in the folders of the videos that were found, and in others
    that are given; then, in the same folders, among some files with the same ending. Only a file
    with the same content counts. Each video costs a few MiB of reading.

    Args:
        project: The project.
        project_path: Its file.
        searched: More folders to search, without their sub-folders.
        cancelled: Asked before each file that is looked at.

    Returns:
        The project, and those of its videos that were not found, to ask the user for.

    Raises:
        Cancelled: ``cancelled()`` was true.
    """
    missing = []
    for medium in project.media:
        _check(cancelled)
        if not is_content(medium.path, medium.identifier):
            missing.append(medium)
    found = [medium.path.parent for medium in project.media if medium not in missing]
    files: dict[Path, None] = {}
    if missing:
        files = dict.fromkeys(_files(project_path.parent, _DEPTH, cancelled))
    folders = dict.fromkeys((*found, *searched))
    contents: dict[Path, str] = {}
    while missing:
        for folder in folders:
            files.update(dict.fromkeys(_files(folder, 0, cancelled)))
        places = {m.identifier: _search(m, list(files), contents, cancelled) for m in missing}
        folders = {}
        for medium in missing:
            if (place := places[medium.identifier]) is not None:
                project = project.with_medium(replace(medium, path=place))
                folders[place.parent] = None
        missing = [medium for medium in missing if places[medium.identifier] is None]
        if not folders:
            break
    return project, missing


def relinked(
    project: Project,
    medium: Medium,
    path: Path,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Project:
    """The project with one of its videos at a place that the user names.

    Args:
        project: The project.
        medium: Its video.
        path: The place.
        cancelled: Asked before the file is looked at.

    Raises:
        ProjectError: The file there cannot be read, or has another content.
        Cancelled: ``cancelled()`` was true.
    """
    _check(cancelled)
    try:
        same = fingerprint(path) == medium.identifier
    except (MediaError, ValueError) as error:
        raise ProjectError(
            "this file cannot be read", path=path, remedy="Choose another one."
        ) from error
    if not same:
        raise ProjectError(
            f"this is another video than '{medium.path.name}', or it was changed since",
            path=path,
            remedy="Choose the file that the project was made with.",
        )
    known = project.medium(medium.identifier) or medium
    return project.with_medium(replace(known, path=path.absolute()))


def _search(
    medium: Medium,
    files: Sequence[Path],
    contents: dict[Path, str],
    cancelled: Callable[[], bool],
) -> Path | None:
    name, ending = _folded(medium.path.name), medium.path.suffix.casefold()
    named = [file for file in files if _folded(file.name) == name]
    others = [file for file in files if file.suffix.casefold() == ending and file not in named]
    for file in (*named, *others[:_MOST_RENAMED]):
        if file not in contents:
            _check(cancelled)
            contents[file] = _content(file)
        if contents[file] == medium.identifier:
            return file
    return None


def _check(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def _content(file: Path) -> str:
    """The fingerprint of a file; empty if it cannot be read."""
    try:
        return fingerprint(file)
    except (MediaError, ValueError):
        return ""


def _folded(name: str) -> str:
    """A name as it is compared: systems write the same Hangul in different ways."""
    return unicodedata.normalize("NFC", name).casefold()


def _files(folder: Path, depth: int, cancelled: Callable[[], bool]) -> Iterator[Path]:
    """The files of a folder and of so many levels below it, nearest first, links not followed."""
    level = [folder]
    left = _MOST_FILES
    for _ in range(depth + 1):
        below: list[Path] = []
        for place in level:
            for entry in _entries(place, left):
                _check(cancelled)
                left -= 1
                if entry.name.startswith("."):
                    continue
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        below.append(Path(entry.path))
                    elif entry.is_file():
                        yield Path(entry.path)
        level = below


def _entries(folder: Path, most: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder.absolute()) as entries:
            first = [entry for entry, _ in zip(entries, range(most), strict=False)]
    except OSError:
        return []
    return sorted(first, key=lambda entry: entry.name)
