"""What the editor of this machine kept and rejected: labels that the application's use leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.errors import CorpusError, MediaError, ProjectError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.sources import collect, covered
from core.media.probe import probe
from core.project.document import Decision, Medium
from core.project.project_file import ENDING, read_project
from core.project.reading import UNREAD
from core.project.relink import is_content
from core.project.session import projects_folder
from core.time import Span

NAME = "corrections"
EDITOR = "editor"
STEP = Fraction(1)

_LOOKED_AT = 20
"""Files of a folder that are opened to guess what it holds."""


@dataclass(frozen=True)
class _Decided:
    """What the editor decided about one video, in one project."""

    file: Path
    medium: Medium
    kept: tuple[Span, ...]
    rejected: tuple[Span, ...]


def recognises(path: Path) -> bool:
    """Whether one of the first project files of a folder can be read."""
    return path.is_dir() and any(_readable(file) for file in _project_files(path)[:_LOOKED_AT])


def read_corrections(path: Path | None = None, report: Report = refuse) -> list[LabelledVideo]:
    """The editor's own cuts as labels.

    A video counts once its editor has settled one of its cuts: made, changed, locked, kept, put
    aside or rejected it. Cuts that nobody has looked at say nothing. Then a second is 1 if the
    cuts in the short, which the editor has left in place or made so, cover at least half of it, 0
    if rejected ones do, and NaN anywhere else: what was never suggested was perhaps never seen, and
    of what is perhaps wanted the editor does not know yet. Of a video in several projects, the
    file that was saved last counts.

    The name of a video is the fingerprint of its content. It is at hand if what lies where it was
    last opened still has this fingerprint.

    Args:
        path: Folder of project files; None for the working projects of this user.
        report: Takes the problems of single files and videos.

    Raises:
        CorpusError: There is no such folder.
    """
    folder = projects_folder() if path is None else path
    if not folder.is_dir():
        raise CorpusError(
            "there are no edits", path=folder,
            remedy="Edit the cuts of a video in the application first.",
        )  # fmt: skip
    decided: dict[str, _Decided] = {}
    for videos in collect(_project_files(folder), _decided, report):
        for one in videos:
            decided[one.medium.identifier] = one
    return collect(sorted(decided.values(), key=lambda d: d.medium.identifier), _video, report)


def _project_files(folder: Path) -> list[Path]:
    """The project files of a folder, in the order in which they were saved."""
    files = [
        file
        for file in folder.glob(f"*{ENDING}")
        if file.is_file() and not file.name.startswith(".") and Path(file.stem).suffix != UNREAD
    ]
    return sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _readable(file: Path) -> bool:
    try:
        read_project(file)
    except ProjectError:
        return False
    return True


def _decided(file: Path) -> list[_Decided]:
    try:
        project = read_project(file)
    except ProjectError as error:
        raise CorpusError(error.happened, path=file, remedy=error.remedy) from error
    result = []
    for medium in project.media:
        cuts = list(project.cuts_of(medium.identifier))
        kept = tuple(c.span for c in cuts if c.in_short)
        rejected = tuple(c.span for c in cuts if c.decision is Decision.REJECTED)
        if any(c.settled for c in cuts) and (kept or rejected):
            result.append(_Decided(file, medium, kept, rejected))
    return result


def _video(decided: _Decided) -> LabelledVideo:
    medium = decided.medium
    duration = max(span.end for span in (*decided.kept, *decided.rejected))
    video = medium.path if is_content(medium.path, medium.identifier) else None
    if video is not None:
        try:
            duration = probe(video).duration
        except MediaError as error:
            raise CorpusError(error.happened, path=video, remedy=error.remedy) from error
    values = np.full(math.ceil(duration / STEP), np.nan, np.float32)
    for label, stretches in ((0.0, decided.rejected), (1.0, decided.kept)):
        pairs = [(span.start, span.end) for span in stretches]
        values[covered(pairs, len(values), STEP, duration)] = label
    return LabelledVideo(
        corpus=NAME,
        name=medium.identifier,
        domain=NAME,
        group=medium.identifier,
        step=STEP,
        ratings=values[:, None],
        annotators=(EDITOR,),
        file=video,
    )
