"""Keeps the edit of each video in the user's data folder, so that closing loses nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from core.errors import ProjectError
from core.places import data_folder
from core.project.cuts_file import cut_from_json, cut_to_json, read_json, write_json
from core.project.document import Edit, EditedCut
from core.project.emotion_corrections import correction_from_json, correction_to_json

_FORMAT = 1


def session_path(fingerprint: str) -> Path:
    """Where the edit of a video is kept."""
    return data_folder() / "sessions" / f"{fingerprint}.json"


def save_session(fingerprint: str, edit: Edit, video: Path) -> None:
    """Keeps an edit.

    Raises:
        ProjectError: It cannot be written.
    """
    data: dict[str, Any] = {
        "format": _FORMAT,
        "video": str(video),
        "cuts": [
            {**cut_to_json(c.cut), "touched": c.touched, "identifier": c.identifier}
            for c in edit.cuts
        ],
        "rejected": [
            {"start_exact": str(span.start), "end_exact": str(span.end)} for span in edit.rejected
        ],
        "emotion_corrections": [correction_to_json(c) for c in edit.emotion_corrections],
    }
    write_json(session_path(fingerprint), data)


def load_session(fingerprint: str) -> Edit | None:
    """The edit of a video as it was left, if it was edited before.

    Raises:
        ProjectError: It cannot be read; the file is set aside under another name.
    """
    path = session_path(fingerprint)
    if not path.exists():
        return None
    try:
        return _read(path)
    except ProjectError as error:
        aside = path.with_suffix(f".{time.strftime('%Y%m%d-%H%M%S')}.unread.json")
        try:
            os.replace(path, aside)
        except OSError:
            aside = path
        raise ProjectError(
            f"the cuts of this video as you left them cannot be read ({error.happened})",
            path=aside,
            remedy="The file is kept; the video starts without cuts.",
        ) from error


def _read(path: Path) -> Edit:
    data = read_json(path)
    if data.get("format") != _FORMAT:
        raise ProjectError("it was made by another version", path=path)
    cuts, rejected = data.get("cuts"), data.get("rejected")
    corrections = data.get("emotion_corrections", [])
    if not (
        isinstance(cuts, list) and isinstance(rejected, list) and isinstance(corrections, list)
    ):
        raise ProjectError("it is damaged", path=path)
    edited = []
    for item in cuts:
        cut = cut_from_json(item, path)
        edited.append(EditedCut(cut, bool(item.get("touched")), str(item.get("identifier"))))
    edit = Edit(tuple(edited), tuple(cut_from_json(item, path).span for item in rejected))
    for item in corrections:
        edit = edit.with_emotion(correction_from_json(item, path))
    return edit
