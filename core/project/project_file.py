"""The project file: a whole project as one JSON file that people can read too."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.errors import LaterVersion, ProjectError
from core.files import replace_file
from core.project.document import Project
from core.project.plain_data import REMEDY, damaged
from core.project.project_parts import (
    check_cut,
    check_wishes,
    edited_cut_from_json,
    edited_cut_to_json,
    medium_from_json,
    medium_to_json,
    wishes_from_json,
    wishes_to_json,
)

ENDING = ".emotionshort"
"""Last part of the name of a project file."""

FORMAT = "emotion-shortform project"
VERSION = 2

_LARGEST_FILE = 32 << 20


def project_to_json(project: Project, folder: Path | None) -> dict[str, Any]:
    """Plain data of a project.

    Args:
        project: The project.
        folder: Where the file will lie, so that videos are found if both are moved; None leaves
            their relative paths out.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "media": [medium_to_json(medium, folder) for medium in project.media],
        "cuts": [edited_cut_to_json(edited) for edited in project.cuts],
        "wishes": wishes_to_json(project.wishes, folder),
    }


def project_from_json(data: Any, path: Path) -> Project:
    """A project from plain data.

    A video is taken to be where its relative path leads if a file with its content lies there,
    and otherwise where it was last seen; whether it is still there is for
    :func:`core.project.relink.find_media` to say.

    Args:
        data: As :func:`project_to_json` makes it. Of a cut, only its times, its video and its
            identifier are needed; wishes that are missing are as in a new project.
        path: The file that it comes from.

    Raises:
        LaterVersion: It was made by a later version of the application.
        ProjectError: It is no project, or something in it is damaged.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProjectError(
            "this is not a project of this application",
            path=path,
            remedy=f"Open a file that ends in {ENDING}.",
        )
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise LaterVersion(
            f"this project was made by a later version of the application (format {version})",
            path=path,
            remedy="Update the application to open it.",
        )
    if version == 1 and not isinstance(version, bool):
        raise ProjectError(
            "this project was made before shorts had a look (format 1), and cannot be read any "
            "more",
            path=path,
            remedy="Start a new one with its videos.",
        )
    if isinstance(version, bool) or version != VERSION:
        raise ProjectError("this project does not say its version", path=path, remedy=REMEDY)
    try:
        project = Project(
            tuple(
                medium_from_json(item, f"video {number}", path)
                for number, item in enumerate(_items(data, "media", "the list of videos", path), 1)
            ),
            tuple(
                edited_cut_from_json(item, f"cut {number}", path)
                for number, item in enumerate(_items(data, "cuts", "the list of cuts", path), 1)
            ),
            wishes_from_json(data.get("wishes", {}), path),
        )
    except RecursionError:
        raise damaged("this project", path) from None
    check_project(project, path)
    return project


def check_project(project: Project, path: Path) -> None:
    """Refuses what a project's file could be written with, but not be read again.

    Args:
        project: The project; its parts are sane for themselves.
        path: Its file.

    Raises:
        ProjectError: Two parts have one identifier, a cut is of a video that is not in the project
            or outside of any, or what is wished is not possible.
    """
    _unique((medium.identifier for medium in project.media), "video", path)
    media = {medium.identifier for medium in project.media}
    for number, edited in enumerate(project.cuts, 1):
        check_cut(edited, f"cut {number}", media, path)
    _unique((edited.identifier for edited in project.cuts), "cut", path)
    check_wishes(project.wishes, path)


def project_bytes(project: Project, path: Path) -> bytes:
    """What a project file at a path holds.

    Raises:
        ProjectError: It could not be read again.
    """
    text = json.dumps(project_to_json(project, path.parent), indent=2, ensure_ascii=False) + "\n"
    data = text.encode(errors="backslashreplace")  # lone surrogates become escapes of JSON
    parse_project(data, path)
    return data


def parse_project(data: bytes, path: Path) -> Project:
    """The project of a file's content.

    Raises:
        ProjectError: It is no project, or a damaged one.
    """
    if len(data) > _LARGEST_FILE:
        raise ProjectError("this file is too large to be a project", path=path, remedy=REMEDY)
    try:
        plain = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ProjectError(
            "this is not a project, or a damaged one", path=path, remedy=REMEDY
        ) from None
    return project_from_json(plain, path)


def read_bytes(path: Path) -> bytes:
    """The content of a file that can be a project.

    Raises:
        ProjectError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"the project cannot be read ({getattr(error, 'strerror', None) or error})",
            path=path,
            remedy="Check the name and the folder.",
        ) from error


def read_project(path: Path) -> Project:
    """The project of a file.

    Raises:
        ProjectError: It cannot be read, is no project, or is damaged.
    """
    return parse_project(read_bytes(path), path)


def write_project(path: Path, project: Project) -> None:
    """Saves a project so that the file is never half written.

    Raises:
        ProjectError: It cannot be written; what was there before is unchanged.
    """
    write_bytes(path, project_bytes(project, path))


def write_bytes(path: Path, data: bytes) -> None:
    """Saves the content of a project file so that it is never half written.

    Raises:
        ProjectError: It cannot be written; what was there before is unchanged.
    """
    try:
        replace_file(path.resolve(), data)  # a link stays one
    except (OSError, RuntimeError) as error:
        raise ProjectError(
            f"the project cannot be saved ({getattr(error, 'strerror', None) or error})",
            path=path,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error


def _items(data: dict[str, Any], name: str, thing: str, path: Path) -> list[Any]:
    items = data.get(name, [])
    if not isinstance(items, list):
        raise damaged(thing, path)
    return items


def _unique(identifiers: Iterable[str], kind: str, path: Path) -> None:
    seen: set[str] = set()
    for number, identifier in enumerate(identifiers, 1):
        if identifier in seen:
            raise ProjectError(
                f"{kind} {number} has the identifier of another one", path=path, remedy=REMEDY
            )
        seen.add(identifier)
