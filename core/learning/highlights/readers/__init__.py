"""Readers of corpora of highlights: one list of labelled videos, whatever the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.errors import CorpusError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers import aihub616, benchmark, corrections, h5, table
from core.learning.highlights.readers.aihub616 import Moment, read_aihub616, read_moments
from core.learning.highlights.readers.benchmark import read_benchmark
from core.learning.highlights.readers.corrections import read_corrections
from core.learning.highlights.readers.given import given_features, given_shape
from core.learning.highlights.readers.h5 import read_h5, read_splits, with_split
from core.learning.highlights.readers.table import read_highlight_table

__all__ = [
    "READERS",
    "Moment",
    "fitting_readers",
    "given_features",
    "given_shape",
    "guess_reader",
    "read_aihub616",
    "read_benchmark",
    "read_corrections",
    "read_h5",
    "read_highlight_table",
    "read_moments",
    "read_splits",
    "read_videos",
    "with_split",
]

READERS: Mapping[str, Callable[..., list[LabelledVideo]]] = {
    "aihub616": read_aihub616,
    "benchmark": read_benchmark,
    "h5": read_h5,
    "corrections": read_corrections,
    "table": read_highlight_table,
}
"""By the name that ``--corpus NAME=PATH`` uses; each takes a path, a report and its own options."""

_LAYOUTS: Mapping[str, Callable[[Path], bool]] = {
    "aihub616": aihub616.recognises,
    "benchmark": benchmark.recognises,
    "h5": h5.recognises,
    "corrections": corrections.recognises,
    "table": table.recognises,
}


def read_videos(
    name: str, path: Path, report: Report = refuse, **options: Any
) -> list[LabelledVideo]:
    """The videos of one corpus, in an order that the file system does not change.

    Args:
        name: One of READERS.
        path: File or folder.
        report: Takes the problems of single videos, annotators or lines, which are then left out;
            by default the first of them is raised.
        options: Of this reader, as ``strict=False`` for AI Hub 616.

    Raises:
        CorpusError: The name is not known, or the corpus cannot be read.
    """
    if name not in READERS:
        raise CorpusError(
            f"there is no reader for the highlights {name!r}",
            remedy=f"Choose out of {', '.join(READERS)}.",
        )
    return sorted(READERS[name](path, report, **options), key=lambda video: video.key)


def fitting_readers(path: Path) -> list[str]:
    """The readers whose layout a file or folder has."""
    return [name for name, recognises in _LAYOUTS.items() if recognises(path)]


def guess_reader(path: Path) -> str:
    """The reader whose layout a file or folder has.

    Raises:
        CorpusError: There is nothing at the path, or not exactly one layout fits.
    """
    if not path.exists():
        raise CorpusError("there is no such file or folder", path=path)
    fitting = fitting_readers(path)
    if len(fitting) == 1:
        return fitting[0]
    raise CorpusError(
        f"this could be {' or '.join(fitting)}" if fitting else "this looks like no known corpus",
        path=path,
        remedy=f"Name a reader: --reader {', '.join(READERS)}.",
    )
