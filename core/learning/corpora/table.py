"""Anyone's own labels, in a table."""

from __future__ import annotations

import csv
from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, number, read_each, refuse, rows
from core.learning.corpora.utterance import AROUSAL_VALENCE, Utterance, dimensions, one_hot
from core.networks.emotion_classes import EMOTIONS

COLUMNS = ("file", "speaker")
"""What a table must have; the others are optional."""
LONGEST = 1e7
"""Seconds; a start or end beyond them is a mistake."""


def recognises(path: Path) -> bool:
    """Whether it is a CSV file whose header names a file and a speaker."""
    if not path.is_file() or path.suffix.lower() != ".csv":
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return set(COLUMNS) <= set(next(csv.reader(lines), ()))
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def read_table(file: Path, report: Report = refuse) -> list[Utterance]:
    """CSV ``file,speaker,emotion,arousal,valence``, optional ``session,start,end``.

    Files are relative to the table. An empty cell is an unknown; arousal and valence are -1 to 1,
    and each of them follows from the emotion where it is not given.

    Args:
        file: The table.
        report: Takes the problems of single lines.

    Raises:
        CorpusError: The table cannot be read, lacks a column or has no rows.
    """
    lines = list(rows(file, COLUMNS, report))
    if not lines:
        raise CorpusError("the table has no utterances", path=file)
    return read_each(lines, lambda item: _utterance(file, *item), report)


PUBLIC = ("crema-d", "emodb", "kemdy20", "nemo", "rated", "ravdess")
"""Names that other readers give to what they read."""


def _utterance(table: Path, line: int, row: dict[str, str]) -> Utterance:
    # A table that is named like a public corpus is none of it, and has not its licence.
    corpus = f"table-{table.stem}" if table.stem in PUBLIC else table.stem
    where = f"line {line}"
    sound = table.parent / row["file"]
    if not sound.is_file():
        raise CorpusError(f"{where}: there is no {row['file']}", path=table)
    emotion = (row.get("emotion") or "").strip() or None
    if emotion is not None and emotion not in AROUSAL_VALENCE:
        raise CorpusError(
            f"{where}: {emotion!r} is no emotion", path=table,
            remedy=f"Choose out of {', '.join(AROUSAL_VALENCE)}.",
        )  # fmt: skip
    arousal, valence, rated = dimensions(
        (
            number(row.get("arousal"), -1.0, 1.0, table, where),
            number(row.get("valence"), -1.0, 1.0, table, where),
        ),
        None if emotion is None else AROUSAL_VALENCE[emotion],
    )
    start = number(row.get("start"), 0.0, LONGEST, table, where) or 0.0
    end = number(row.get("end"), 0.0, LONGEST, table, where)
    if end is not None and end <= start:
        raise CorpusError(f"{where}: the utterance ends before it starts", path=table)
    speaker = f"{corpus}-{row['speaker'].strip()}"
    session = (row.get("session") or "").strip()
    return Utterance(
        corpus, f"{row['file']}@{start:g}", sound, start, end, speaker,
        f"{corpus}-{session}" if session else speaker, emotion,
        one_hot(emotion) if emotion in EMOTIONS else None, arousal, valence, rated, "unknown",
    )  # fmt: skip
