"""Keeps the edit of each video in the user's data folder, so that closing loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import ProjectError
from core.places import data_folder
from core.project.cuts_file import cut_from_json, cut_to_json, read_json, write_json
from core.project.document import Edit, EditedCut

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
    }
    write_json(session_path(fingerprint), data)


def load_session(fingerprint: str) -> Edit | None:
    """The edit of a video as it was left, if it was edited before.

    Raises:
        ProjectError: It cannot be read; the file is left as it is.
    """
    path = session_path(fingerprint)
    if not path.exists():
        return None
    data = read_json(path)
    if data.get("format") != _FORMAT:
        raise ProjectError(
            "this session was made by another version",
            path=path,
            remedy="Start the version that made it, or remove the file.",
        )
    cuts = []
    for item in data.get("cuts", []):
        cut = cut_from_json(item, path)
        cuts.append(EditedCut(cut, bool(item.get("touched")), str(item.get("identifier"))))
    rejected = tuple(cut_from_json(item, path).span for item in data.get("rejected", []))
    return Edit(tuple(cuts), rejected)
