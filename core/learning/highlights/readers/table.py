"""Anyone's own highlights, in a table."""

from __future__ import annotations

import csv
import math
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError, MediaError, UsageError
from core.learning.corpora.tables import Report, number, refuse, rows
from core.learning.coverage import covered
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.sources import LONGEST, collect, normal
from core.media.probe import probe
from core.time import parse_timecode

COLUMNS = ("video", "start", "end")
STEP = Fraction(1)
TOLERANCE = Fraction(1)
"""Seconds that a highlight may end after its video: people round up."""
ONLY_ANNOTATOR = "1"
"""Name of the annotator where the table names none."""
PUBLIC = ("aihub616", "corrections", "tvsum", "youtube-highlights")
"""Names that other readers give to what they read."""


@dataclass(frozen=True)
class _Label:
    """One line: what an annotator says of a stretch of a video."""

    line: int
    video: str
    span: tuple[Fraction, Fraction]
    value: float
    annotator: str
    domain: str
    group: str


def recognises(path: Path) -> bool:
    """Whether it is a CSV file whose header names a video, a start and an end."""
    if not path.is_file() or path.suffix.lower() != ".csv":
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return set(COLUMNS) <= set(next(csv.reader(lines), ()))
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def read_highlight_table(file: Path, report: Report = refuse) -> list[LabelledVideo]:
    """CSV ``video,start,end,label``, optional ``annotator,domain,group``.

    Videos are relative to the table; times are seconds (75.5) or minutes (1:15.5). A label is a
    share from 0 to 1, and 1 where it is empty. A second has the label of what covers at least half
    of it, the highest such label where they overlap. What an annotator leaves unlabelled of a
    video that he labels is 0; a line with label 0 says that he found nothing. Without the video
    itself, its last second is the last that anyone has labelled.

    Args:
        file: The table.
        report: Takes the problems of single lines and videos.

    Raises:
        CorpusError: The table cannot be read, lacks a column or has no rows.
    """
    lines = list(rows(file, COLUMNS, report))
    if not lines:
        raise CorpusError("the table has no highlights", path=file)
    by_video: defaultdict[str, list[_Label]] = defaultdict(list)
    for label in collect(lines, lambda item: _label(file, *item), report):
        by_video[label.video].append(label)
    return collect(
        sorted(by_video.items()), lambda item: _video(file, *item, report), report
    )  # fmt: skip


def _label(table: Path, line: int, row: dict[str, str]) -> _Label:
    where = f"line {line}"
    if not row["video"].strip():
        raise CorpusError(f"{where} names no video", path=table)
    try:
        span = parse_timecode(row["start"]), parse_timecode(row["end"])
    except UsageError as error:
        raise CorpusError(f"{where}: {error.happened}", path=table, remedy=error.remedy) from error
    if span[1] <= span[0]:
        raise CorpusError(f"{where}: the highlight ends before it starts", path=table)
    if span[1] > LONGEST:
        raise CorpusError(f"{where}: no video lasts {float(span[1]):g} s", path=table)
    value = number(row.get("label"), 0.0, 1.0, table, where)

    def optional(column: str) -> str:
        return normal((row.get(column) or "").strip())

    return _Label(
        line,
        normal(Path(os.path.normpath(row["video"].strip())).as_posix()),
        span,
        1.0 if value is None else value,
        optional("annotator") or ONLY_ANNOTATOR,
        optional("domain"),
        optional("group"),
    )


def _video(table: Path, name: str, labels: list[_Label], report: Report) -> LabelledVideo:
    # A table that is named like a public corpus is none of it.
    corpus = f"table-{table.stem}" if table.stem in PUBLIC else table.stem
    file = _find(table, name)
    if file is None:
        duration = max(label.span[1] for label in labels)
    else:
        try:
            duration = probe(file).duration
        except MediaError as error:
            raise CorpusError(error.happened, path=file, remedy=error.remedy) from error
    good = collect(labels, lambda label: _within(table, label, duration), report)
    if not good:
        raise CorpusError(f"no label of {name} can be used", path=table)
    annotators = sorted({label.annotator for label in good})
    columns = [
        _cells((label for label in good if label.annotator == each), duration)
        for each in annotators
    ]
    return LabelledVideo(
        corpus=corpus,
        name=name,
        domain=_agreed(table, good, "domain") or corpus,
        group=_agreed(table, good, "group") or name,
        step=STEP,
        ratings=np.stack(columns, axis=1),
        annotators=tuple(annotators),
        file=file,
    )


def _find(table: Path, name: str) -> Path | None:
    """The video, however the file system writes its name."""
    file = table.parent / name
    if file.is_file():
        return file
    folder = file.parent
    if not folder.is_dir():
        return None
    return next((f for f in sorted(folder.iterdir()) if normal(f.name) == file.name), None)


def _within(table: Path, label: _Label, duration: Fraction) -> _Label:
    start, end = label.span
    if start >= duration or end > duration + TOLERANCE:
        raise CorpusError(
            f"line {label.line}: {label.video} lasts {float(duration):.3f} s, but the highlight "
            f"is from {float(start):g} to {float(end):g} s",
            path=table,
        )
    return label


def _cells(labels: Iterable[_Label], duration: Fraction) -> NDArray[np.float32]:
    """What one annotator says of each second, ``(T,) float32``."""
    spoken = list(labels)
    values = np.zeros(math.ceil(duration / STEP), np.float32)
    for value in sorted({label.value for label in spoken}):
        spans = [label.span for label in spoken if label.value >= value]
        values[covered(spans, len(values), STEP, duration)] = value
    return values


def _agreed(table: Path, labels: list[_Label], column: str) -> str:
    """What the lines of a video say of it, if they agree."""
    named = {value for label in labels if (value := getattr(label, column))}
    if len(named) > 1:
        raise CorpusError(
            f"{labels[0].video} has more than one {column} ({', '.join(sorted(named))})",
            path=table,
        )
    return next(iter(named), "")
