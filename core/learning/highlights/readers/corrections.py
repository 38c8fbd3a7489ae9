"""What the editor of this machine kept and rejected: labels that the application's use leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CorpusError, EmotionShortFormError, MediaError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.sources import (
    LONGEST,
    collect,
    covered,
    json_files,
    some_json_has,
)
from core.media.fingerprint import fingerprint
from core.media.probe import probe
from core.places import data_folder
from core.project.cuts_file import cut_from_json, read_json
from core.time import Span

NAME = "corrections"
EDITOR = "editor"
STEP = Fraction(1)

_FORMAT = 1
_SET_ASIDE = ".unread"
"""Last part of the stem of a session that the application could not read, and has said so."""


@dataclass(frozen=True)
class _Session:
    """What the editor did to one video."""

    file: Path
    video: Path
    kept: tuple[Span, ...]
    rejected: tuple[Span, ...]
    acted: bool


def sessions_folder() -> Path:
    """Where the application keeps the edits of this user."""
    return data_folder() / "sessions"


def recognises(path: Path) -> bool:
    """Whether a JSON file in the folder has cuts and rejected stretches of a video."""
    return path.is_dir() and some_json_has(json_files(path), "video", "cuts", "rejected")


def read_corrections(path: Path | None = None, report: Report = refuse) -> list[LabelledVideo]:
    """The editor's own cuts as labels.

    A video counts once its editor has made or changed a cut, or rejected one: cuts that nobody
    has looked at say nothing. Then a second is 1 if its cuts, which the editor has left in place
    or made so, cover at least half of it, 0 if rejected stretches do, and NaN anywhere else:
    what was never suggested was perhaps never seen.

    The name of a video is the fingerprint of its content. It is at hand if what lies where it was
    last opened still has this fingerprint.

    Args:
        path: Folder of the sessions; None for that of this user.
        report: Takes the problems of single sessions.

    Raises:
        CorpusError: There is no such folder.
    """
    folder = sessions_folder() if path is None else path
    if not folder.is_dir():
        raise CorpusError(
            "there are no edits", path=folder,
            remedy="Edit the cuts of a video in the application first.",
        )  # fmt: skip
    files = sorted(file for file in json_files(folder) if Path(file.stem).suffix != _SET_ASIDE)
    sessions = [session for session in collect(files, _session, report) if session.acted]
    return collect(sessions, _video, report)


def _session(file: Path) -> _Session:
    try:
        data = read_json(file)
        cuts, rejected = data.get("cuts"), data.get("rejected")
        if not (
            data.get("format") == _FORMAT
            and isinstance(data.get("video"), str)
            and isinstance(cuts, list)
            and isinstance(rejected, list)
        ):
            raise CorpusError("this is no edit of a video, or one by another version", path=file)
        kept, gone = (_spans(items, file) for items in (cuts, rejected))
    except EmotionShortFormError as error:
        raise CorpusError(error.happened, path=file, remedy=error.remedy) from error
    acted = bool(gone) or any(bool(item.get("touched")) for item in cuts)
    return _Session(file, Path(data["video"]), kept, gone, acted)


def _spans(items: list[Any], file: Path) -> tuple[Span, ...]:
    return tuple(cut_from_json(item, file).span for item in items)


def _video(session: _Session) -> LabelledVideo:
    name = session.file.stem
    spans = [*session.kept, *session.rejected]
    duration = max(span.end for span in spans)
    if duration > LONGEST:
        raise CorpusError(f"no video lasts {float(duration):g} s", path=session.file)
    video = session.video if _is(session.video, name) else None
    if video is not None:
        try:
            duration = probe(video).duration
        except MediaError as error:
            raise CorpusError(error.happened, path=video, remedy=error.remedy) from error
    values = np.full(math.ceil(duration / STEP), np.nan, np.float32)
    for label, stretches in ((0.0, session.rejected), (1.0, session.kept)):
        pairs = [(span.start, span.end) for span in stretches]
        values[covered(pairs, len(values), STEP, duration)] = label
    return LabelledVideo(
        corpus=NAME,
        name=name,
        domain=NAME,
        group=name,
        step=STEP,
        ratings=values[:, None],
        annotators=(EDITOR,),
        file=video,
    )


def _is(file: Path, name: str) -> bool:
    """Whether the content of a file has this fingerprint."""
    try:
        return file.is_file() and fingerprint(file) == name
    except (OSError, ValueError, MediaError):
        return False
