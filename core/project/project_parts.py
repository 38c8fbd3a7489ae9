"""Videos, cuts and wishes of a project as plain data, and back."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.cutting.suggest import check_target
from core.errors import ProjectError, UsageError
from core.export.captions.caption import Caption
from core.export.clip import Join
from core.project.caption_parts import (
    caption_flaw,
    caption_from_json,
    caption_to_json,
    captions_flaw,
)
from core.project.cuts_file import (
    cut_from_json,
    cut_to_json,
    finite,
    span_from_json,
    span_to_json,
)
from core.project.document import (
    LONGEST_PROFILE,
    Decision,
    EditedCut,
    Medium,
    Suggestion,
    Wishes,
)
from core.project.emotion_corrections import (
    Corrections,
    correction_from_json,
    correction_to_json,
)
from core.project.join_and_camera import (
    camera_flaw,
    camera_from_json,
    camera_to_json,
    join_flaw,
    join_from_json,
    join_to_json,
)
from core.project.look_parts import look_flaw, look_from_json, look_to_json
from core.project.plain_data import (
    beside,
    damage_in,
    flag,
    inside,
    name,
    refuse,
    relative_path,
    text,
)
from core.project.relink import is_content

_WISHES = "what the short should be like"
_LONGEST_MODEL = 200


def medium_to_json(medium: Medium, folder: Path | None = None) -> dict[str, Any]:
    """Plain data of a video; ``folder`` as for :func:`project_to_json`."""
    captions = [caption_to_json(one) for one in medium.captions]
    return {**medium_head_to_json(medium, folder), "captions": captions}


def medium_head_to_json(medium: Medium, folder: Path | None = None) -> dict[str, Any]:
    """Plain data of a video without its captions, which can be long."""
    data: dict[str, Any] = {"identifier": medium.identifier, "path": str(medium.path)}
    relative = None if folder is None else relative_path(medium.path, folder)
    if relative is not None:
        data["relative_path"] = relative
    corrections = [correction_to_json(one) for one in medium.emotion_corrections]
    return {**data, "emotion_corrections": corrections}


def edited_cut_to_json(edited: EditedCut) -> dict[str, Any]:
    """Plain data of a cut in the editor's hands; its reasons keep all digits of their values.

    A hard cut and a window that nobody moved are not mentioned.
    """
    data = {
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
    if edited.suggestion is not None:
        data["suggestion"] = {
            **span_to_json(edited.suggestion.span),
            "model": edited.suggestion.model,
        }
    if edited.join != Join():
        data["join"] = join_to_json(edited.join)
    if edited.camera:
        data["camera"] = camera_to_json(edited.camera)
    return data


def wishes_to_json(wishes: Wishes, folder: Path | None = None) -> dict[str, Any]:
    """Plain data of what the short should be like; ``folder`` as for :func:`project_to_json`."""
    return {
        "length": wishes.length,
        "look": look_to_json(wishes.look, folder),
        "threshold": wishes.threshold,
        "profile": wishes.profile,
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
    with damage_in(thing, path):
        identifier, recorded = name(data["identifier"]), Path(name(data["path"]))
        relative = data.get("relative_path")
        corrections = tuple(
            sorted(
                (correction_from_json(item, path) for item in data.get("emotion_corrections", ())),
                key=lambda one: one.span,
            )
        )
        _sane(corrections)
        captions = tuple(
            sorted(map(caption_from_json, data.get("captions", ())), key=lambda one: one.span.start)
        )
        place = _place(
            recorded, path.parent, None if relative is None else name(relative), identifier
        )
        medium = Medium(identifier, place, corrections, captions)
    for one in captions:
        check_caption(one, path)
    check_captions(medium, path)
    return medium


def edited_cut_from_json(data: Any, thing: str, path: Path) -> EditedCut:
    """A cut in the editor's hands from plain data.

    Args:
        data: As :func:`edited_cut_to_json` makes it; only its times, its video and its identifier
            are needed.
        thing: What it is called in errors: "cut 2".
        path: The file that it comes from.

    Raises:
        ProjectError: Something is missing or damaged.
    """
    with damage_in(thing, path):
        edited = EditedCut(
            cut_from_json(data, path),
            name(data["medium"]),
            Decision(data.get("decision", Decision.OPEN)),
            flag(data, "touched"),
            flag(data, "locked"),
            _suggestion(data.get("suggestion")),
            name(data["identifier"]),
            join_from_json(data.get("join", {})),
            camera_from_json(data.get("camera", [])),
        )
    check_finish(edited, thing, path)
    return edited


def wishes_from_json(data: Any, path: Path) -> Wishes:
    """What the short should be like from plain data; what is missing is as in a new project.

    Raises:
        ProjectError: Something is damaged.
    """
    with damage_in(_WISHES, path):
        usual = Wishes()
        length, threshold = finite(data.get("length", usual.length)), data.get("threshold")
        look = look_from_json(data.get("look", {}), usual.look, path.parent)
        return Wishes(
            length,
            look,
            None if threshold is None else finite(threshold),
            text(data.get("profile", usual.profile), LONGEST_PROFILE),
        )


def check_wishes(wishes: Wishes, path: Path) -> None:
    """Refuses wishes that nothing could be made of.

    Raises:
        ProjectError: The length, the look or the threshold is not possible.
    """
    try:
        check_target(wishes.length)
    except UsageError as error:
        raise ProjectError(error.happened, path=path, remedy=error.remedy) from error
    refuse(look_flaw(wishes.look), path)
    with damage_in(_WISHES, path):
        if not math.isfinite(wishes.threshold or 0.0):
            raise ValueError(wishes.threshold)
        text(wishes.profile, LONGEST_PROFILE)


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
    with damage_in(thing, path):
        if edited.medium not in media:
            raise ProjectError("it is of a video that is not in the project", path=path)
        spans = [edited.span, *([edited.suggestion.span] if edited.suggestion else [])]
        if not all(map(inside, spans)):
            raise ValueError(spans)


def check_finish(edited: EditedCut, thing: str, path: Path) -> None:
    """Refuses a cut whose join or camera could not be kept.

    Args:
        edited: The cut.
        thing: What it is called in errors: "cut 2".
        path: The file of the project.

    Raises:
        ProjectError: A number is out of its range, or keyframes are not in order of time.
    """
    flaw = join_flaw(edited.join) or camera_flaw(edited.camera)
    refuse(flaw and f"{thing}: {flaw}", path)


def check_caption(caption: Caption, path: Path) -> None:
    """Refuses a caption that could not be kept.

    Raises:
        ProjectError: It is empty, endless, or at a time that no video has.
    """
    refuse(caption_flaw(caption), path)


def check_captions(medium: Medium, path: Path) -> None:
    """Refuses captions that, taken together, could not be kept.

    Raises:
        ProjectError: There are too many, or they are not in order.
    """
    refuse(captions_flaw(medium.captions), path)


def _suggestion(data: Any) -> Suggestion | None:
    """What was suggested, from plain data; None stays none."""
    return (
        None
        if data is None
        else Suggestion(span_from_json(data), text(data["model"], _LONGEST_MODEL))
    )


def _sane(corrections: Corrections) -> None:
    """Refuses corrections that are not in a video, or over one another."""
    if not all(inside(one.span) for one in corrections):
        raise ValueError(corrections)
    if any(a.span.end > b.span.start for a, b in pairwise(corrections)):
        raise ValueError(corrections)


def _place(recorded: Path, folder: Path, relative: str | None, identifier: str) -> Path:
    """Where a video is, as far as its project's file can tell."""
    if relative is None:
        return recorded if recorded.is_absolute() else folder / recorded
    try:
        near = beside(folder, relative)
        if not recorded.is_absolute():
            return near
        if not near.is_file() or (recorded.exists() and near.samefile(recorded)):
            return recorded
    except (OSError, ValueError, RuntimeError):
        return recorded
    return near if is_content(near, identifier) else recorded
