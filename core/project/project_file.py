"""The project file: a whole project as one JSON file that people can read too."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.errors import EmotionShortFormError, ProjectError
from core.export.framing import ASPECTS
from core.files import replace_file
from core.project.cuts_file import cut_from_json, cut_to_json, finite
from core.project.document import Decision, EditedCut, Medium, Project, Wishes
from core.project.emotion_corrections import (
    Corrections,
    correction_from_json,
    correction_to_json,
)
from core.project.relink import is_content
from core.time import Span

ENDING = ".emotionshort"
"""Last part of the name of a project file."""

FORMAT = "emotion-shortform project"
VERSION = 1

_LARGEST_FILE = 32 << 20
_LONGEST_VIDEO = 1_000_000
"""Seconds; what lies later is a mistake."""
_LONGEST_NAME = 32_768
_REMEDY = "Correct the file, or open one of its backups."


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
        "wishes": wishes_to_json(project.wishes),
    }


def medium_to_json(medium: Medium, folder: Path | None = None) -> dict[str, Any]:
    """Plain data of a video; ``folder`` as for :func:`project_to_json`."""
    data: dict[str, Any] = {"identifier": medium.identifier, "path": str(medium.path)}
    relative = None if folder is None else _relative(medium.path, folder)
    if relative is not None:
        data["relative_path"] = relative
    corrections = [correction_to_json(one) for one in medium.emotion_corrections]
    return {**data, "emotion_corrections": corrections}


def edited_cut_to_json(edited: EditedCut) -> dict[str, Any]:
    """Plain data of a cut in the editor's hands; its reasons keep all digits of their values."""
    return {
        **cut_to_json(edited.cut),
        "reasons": [
            {"kind": reason.kind, "value": reason.value, "text": reason.text}
            for reason in edited.cut.reasons
        ],
        "medium": edited.medium,
        "decision": edited.decision.value,
        "touched": edited.touched,
        "locked": edited.locked,
        "identifier": edited.identifier,
    }


def wishes_to_json(wishes: Wishes) -> dict[str, Any]:
    """Plain data of what the short should be like."""
    return {
        "length": wishes.length,
        "aspect": wishes.aspect,
        "title": wishes.title,
        "threshold": wishes.threshold,
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
        ProjectError: It is no project or one of a later version, or something in it is damaged.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProjectError(
            "this is not a project of this application",
            path=path,
            remedy=f"Open a file that ends in {ENDING}.",
        )
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ProjectError(
            f"this project was made by a later version of the application (format {version})",
            path=path,
            remedy="Update the application to open it.",
        )
    if isinstance(version, bool) or version != VERSION:
        raise ProjectError("this project does not say its version", path=path, remedy=_REMEDY)
    try:
        media = tuple(
            _medium(item, f"video {number}", path)
            for number, item in enumerate(_items(data, "media", "the list of videos", path), 1)
        )
        _unique((medium.identifier for medium in media), "video", path)
        known = {medium.identifier for medium in media}
        cuts = tuple(
            _edited_cut(item, f"cut {number}", known, path)
            for number, item in enumerate(_items(data, "cuts", "the list of cuts", path), 1)
        )
        _unique((edited.identifier for edited in cuts), "cut", path)
        return Project(media, cuts, _wishes(data.get("wishes", {}), path))
    except RecursionError:
        raise _damaged("this project", path) from None


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
        raise ProjectError("this file is too large to be a project", path=path, remedy=_REMEDY)
    try:
        plain = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ProjectError(
            "this is not a project, or a damaged one", path=path, remedy=_REMEDY
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


@contextmanager
def _damage_in(thing: str, path: Path) -> Iterator[None]:
    """Says which thing of a project cannot be understood."""
    try:
        yield
    except EmotionShortFormError as error:
        raise ProjectError(f"{thing}: {error.happened}", path=path, remedy=_REMEDY) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise _damaged(thing, path) from None


def _damaged(thing: str, path: Path) -> ProjectError:
    return ProjectError(f"{thing} is damaged", path=path, remedy=_REMEDY)


def _items(data: dict[str, Any], name: str, thing: str, path: Path) -> list[Any]:
    items = data.get(name, [])
    if not isinstance(items, list):
        raise _damaged(thing, path)
    return items


def _unique(identifiers: Iterable[str], kind: str, path: Path) -> None:
    seen: set[str] = set()
    for number, identifier in enumerate(identifiers, 1):
        if identifier in seen:
            raise ProjectError(
                f"{kind} {number} has the identifier of another one", path=path, remedy=_REMEDY
            )
        seen.add(identifier)


def _medium(data: Any, thing: str, path: Path) -> Medium:
    with _damage_in(thing, path):
        identifier, recorded = _name(data["identifier"]), Path(_name(data["path"]))
        relative = data.get("relative_path")
        corrections = tuple(
            sorted(
                (correction_from_json(item, path) for item in data.get("emotion_corrections", ())),
                key=lambda one: one.span,
            )
        )
        _sane(corrections)
        place = _place(
            recorded, path.parent, None if relative is None else _name(relative), identifier
        )
        return Medium(identifier, place, corrections)


def _sane(corrections: Corrections) -> None:
    """Refuses corrections that are not in a video, or over one another."""
    for one in corrections:
        _inside(one.span)
    if any(a.span.end > b.span.start for a, b in pairwise(corrections)):
        raise ValueError(corrections)


def _inside(span: Span) -> None:
    if span.start < 0 or span.end > _LONGEST_VIDEO:
        raise ValueError(span)


def _edited_cut(data: Any, thing: str, media: set[str], path: Path) -> EditedCut:
    with _damage_in(thing, path):
        cut = cut_from_json(data, path)
        _inside(cut.span)
        medium = _name(data["medium"])
        if medium not in media:
            raise ProjectError("it is of a video that is not in the project", path=path)
        return EditedCut(
            cut,
            medium,
            Decision(data.get("decision", Decision.OPEN)),
            _flag(data, "touched"),
            _flag(data, "locked"),
            _name(data["identifier"]),
        )


def _wishes(data: Any, path: Path) -> Wishes:
    with _damage_in("what the short should be like", path):
        usual = Wishes()
        length = finite(data.get("length", usual.length))
        aspect, title = data.get("aspect", usual.aspect), data.get("title", usual.title)
        threshold = data.get("threshold")
        if not 0 < length <= _LONGEST_VIDEO or aspect not in ASPECTS or not isinstance(title, str):
            raise ValueError(data)
        return Wishes(length, aspect, title, None if threshold is None else finite(threshold))


def _flag(data: dict[str, Any], name: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise TypeError(name)
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    if not 0 < len(value) <= _LONGEST_NAME or "\0" in value:
        raise ValueError(value)
    return value


def _relative(file: Path, folder: Path) -> str | None:
    """The way from a folder to a file, with slashes; None on another drive.

    Links among the folders are followed, since ``..`` would lead elsewhere otherwise; the file
    itself may be a link that is moved together with the project.
    """
    try:
        whole = file.parent.resolve() / file.name
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    except (OSError, ValueError, RuntimeError):
        return None


def _place(recorded: Path, folder: Path, relative: str | None, identifier: str) -> Path:
    """Where a video is, as far as its project's file can tell."""
    if relative is None:
        return recorded if recorded.is_absolute() else folder / recorded
    try:
        beside = Path(os.path.normpath(folder.resolve() / relative))
        if not recorded.is_absolute():
            return beside
        if not beside.is_file() or (recorded.exists() and beside.samefile(recorded)):
            return recorded
    except (OSError, ValueError, RuntimeError):
        return recorded
    return beside if is_content(beside, identifier) else recorded
