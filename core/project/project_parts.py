"""Videos, cuts and wishes of a project as plain data, and back."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.cutting.suggest import check_target
from core.errors import EmotionShortFormError, ProjectError, UsageError
from core.export.framing import ASPECTS
from core.project.cuts_file import cut_from_json, cut_to_json, finite
from core.project.document import Decision, EditedCut, Medium, Wishes
from core.project.emotion_corrections import (
    Corrections,
    correction_from_json,
    correction_to_json,
)
from core.project.relink import is_content
from core.time import Span

REMEDY = "Correct the file, or open one of its backups."
"""What to do about a project's file with a mistake in it."""

_LONGEST_VIDEO = 1_000_000
"""Seconds; what lies later is a mistake."""
_LONGEST_NAME = 32_768


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
        "suggested": edited.suggested,
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


def medium_from_json(data: Any, thing: str, path: Path) -> Medium:
    """A video from plain data, where its relative path leads or where it was last seen.

    Args:
        data: As :func:`medium_to_json` makes it.
        thing: What it is called in errors: "video 2".
        path: The file that it comes from.

    Raises:
        ProjectError: Something is missing or damaged.
    """
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


def edited_cut_from_json(data: Any, thing: str, path: Path) -> EditedCut:
    """A cut in the editor's hands from plain data.

    Args:
        data: As :func:`edited_cut_to_json` makes it; only its times, its video and its identifier
            are needed. Of files that do not say so, a cut that was not touched was suggested.
        thing: What it is called in errors: "cut 2".
        path: The file that it comes from.

    Raises:
        ProjectError: Something is missing or damaged.
    """
    with _damage_in(thing, path):
        touched = _flag(data, "touched")
        return EditedCut(
            cut_from_json(data, path),
            _name(data["medium"]),
            Decision(data.get("decision", Decision.OPEN)),
            touched,
            _flag(data, "locked"),
            _flag(data, "suggested", not touched),
            _name(data["identifier"]),
        )


def wishes_from_json(data: Any, path: Path) -> Wishes:
    """What the short should be like from plain data; what is missing is as in a new project.

    Raises:
        ProjectError: Something is damaged.
    """
    with _damage_in("what the short should be like", path):
        usual = Wishes()
        length = finite(data.get("length", usual.length))
        aspect, title = data.get("aspect", usual.aspect), data.get("title", usual.title)
        threshold = data.get("threshold")
        if not isinstance(aspect, str) or not isinstance(title, str):
            raise TypeError(data)
        return Wishes(length, aspect, title, None if threshold is None else finite(threshold))


def check_wishes(wishes: Wishes, path: Path) -> None:
    """Refuses wishes that nothing could be made of.

    Raises:
        ProjectError: The length, the shape or the threshold is not possible.
    """
    try:
        check_target(wishes.length)
    except UsageError as error:
        raise ProjectError(error.happened, path=path, remedy=error.remedy) from error
    if wishes.aspect not in ASPECTS or not math.isfinite(wishes.threshold or 0.0):
        raise damaged("what the short should be like", path)


def check_cut(edited: EditedCut, thing: str, media: Collection[str], path: Path) -> None:
    """Refuses a cut that cannot be in a project.

    Args:
        edited: The cut.
        thing: What it is called in errors: "cut 2".
        media: Identifiers of the videos of the project.
        path: The file of the project.

    Raises:
        ProjectError: It is of a video that is not among them, or not inside of any.
    """
    with _damage_in(thing, path):
        if edited.medium not in media:
            raise ProjectError("it is of a video that is not in the project", path=path)
        if not _inside(edited.span):
            raise ValueError(edited.span)


def damaged(thing: str, path: Path) -> ProjectError:
    """The error about a thing that cannot be understood."""
    return ProjectError(f"{thing} is damaged", path=path, remedy=REMEDY)


@contextmanager
def _damage_in(thing: str, path: Path) -> Iterator[None]:
    """Says which thing of a project cannot be understood."""
    try:
        yield
    except EmotionShortFormError as error:
        raise ProjectError(f"{thing}: {error.happened}", path=path, remedy=REMEDY) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise damaged(thing, path) from None


def _sane(corrections: Corrections) -> None:
    """Refuses corrections that are not in a video, or over one another."""
    if not all(_inside(one.span) for one in corrections):
        raise ValueError(corrections)
    if any(a.span.end > b.span.start for a, b in pairwise(corrections)):
        raise ValueError(corrections)


def _inside(span: Span) -> bool:
    """Whether a span can be of a video: from its begin on, up to some days."""
    return span.start >= 0 and span.end <= _LONGEST_VIDEO


def _flag(data: dict[str, Any], name: str, usual: bool = False) -> bool:
    value = data.get(name, usual)
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
