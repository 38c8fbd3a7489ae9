"""What the editor of this machine kept and rejected: labels that the application's use leaves."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from core.errors import CorpusError, LibraryError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.sources import LONGEST, collect
from core.learning.library.decided_cells import UNWANTED, WANTED, decided_cells
from core.learning.library.library import Library, library_file
from core.learning.library.records import LibraryVideo, StoredCorrection
from core.learning.library.schema import APPLICATION
from core.project.relink import is_content
from core.time import Grid

NAME = "corrections"
EDITOR = "editor"
STEP = Fraction(1)


def recognises(path: Path) -> bool:
    """Whether it is the file of a library of corrections."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            found: tuple[int] = file.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error:
        return False
    return found[0] == APPLICATION


def read_corrections(
    path: Path | None = None, report: Report = refuse, *, profile: str | None = None
) -> list[LabelledVideo]:
    """The editor's own decisions as labels.

    A second is 1 if cuts that are in the short, left in place or made so, cover at least half of
    it; 0 if rejected ones do, or what the editor took out of a suggested one; and NaN anywhere
    else: what was never suggested was perhaps never seen, and of what is perhaps wanted the editor
    does not know yet. Of a video in several projects, the one that was collected last counts,
    second by second.

    The name of a video is the fingerprint of its content. It is at hand if what lies where it was
    last opened still has this fingerprint.

    Args:
        path: File of a library of corrections; None for that of this user.
        report: Takes the problems of single videos.
        profile: Name of the profile whose corrections are read; None for all of them.

    Raises:
        CorpusError: There is no such library, or it cannot be read.
    """
    file = library_file() if path is None else path
    if not file.is_file():
        raise CorpusError(
            "there are no corrections",
            path=file,
            remedy="Keep and reject cuts of a video in the application first, and name the file "
            f"of its library ({library_file().name}).",
        )
    try:
        with Library.open(file) as library:
            videos = [video for video in library.videos(profile) if not video.left_out]
            corrections = library.corrections(profile)
    except LibraryError as error:
        raise CorpusError(error.happened, path=file, remedy=error.remedy) from error
    by_video: defaultdict[str, list[StoredCorrection]] = defaultdict(list)
    for one in corrections:
        by_video[one.video].append(one)
    decided = sorted((video for video in videos if video.counts), key=lambda one: one.video)
    read = collect(decided, partial(_video, by_video), report)
    return [video for video in read if np.isfinite(video.ratings).any()]


def _video(
    corrections: Mapping[str, Sequence[StoredCorrection]], video: LibraryVideo
) -> LabelledVideo:
    if not 0 < video.duration <= LONGEST:
        raise CorpusError(
            f"a video cannot last {float(video.duration):g} s",
            path=video.path,
            remedy="Delete its corrections.",
        )
    cells = Grid(STEP).count(video.duration)
    said = decided_cells(corrections[video.video], cells, STEP, video.duration)
    values = np.full(cells, np.nan, np.float32)
    values[np.isin(said, UNWANTED)] = 0.0
    values[np.isin(said, WANTED)] = 1.0
    return LabelledVideo(
        corpus=NAME,
        name=video.video,
        domain=NAME,
        group=video.video,
        step=STEP,
        ratings=values[:, None],
        annotators=(EDITOR,),
        file=video.path if is_content(video.path, video.video) else None,
    )
