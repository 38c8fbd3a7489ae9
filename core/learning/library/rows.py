"""Corrections as rows of the library's tables, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from core.errors import UsageError
from core.learning.library.records import (
    CutCorrection,
    Kind,
    ProjectCorrections,
    VideoCorrections,
)
from core.project.document import LONGEST_PROFILE, Suggestion
from core.project.emotion_corrections import EmotionCorrection
from core.project.plain_data import is_moment, name, text
from core.time import Span

Row = tuple[Any, ...]

LONGEST_MODEL = 1000
"""Characters of the name of what made a suggestion."""
_LONGEST_TIME = 60
"""Characters of a time's text; a library that somebody made up could hold endless ones."""


@dataclass(frozen=True)
class Table:
    """A table of what a project says of a video.

    Attributes:
        name: Of the table.
        key: Columns that tell its rows apart within a project, the video first.
        values: All other columns, but when the row was last changed.
    """

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def columns(self) -> str:
        """Key and values, as SQL lists them."""
        return ", ".join((*self.key, *self.values))


MENTION = Table("mention", ("video",), ("path", "duration"))
CUT = Table(
    "cut",
    ("video", "identifier"),
    ("kind", "start", "end", "suggested_start", "suggested_end", "model"),
)
EMOTION = Table("emotion", ("video", "start", "end"), ("emotion", "arousal", "valence"))
SEEN = Table("seen", ("video", "start"), ("end",))
TABLES = (MENTION, CUT, EMOTION, SEEN)


def plain(words: str) -> str:
    """A text as the library keeps it: what no UTF-8 can hold becomes an escape."""
    return words.encode(errors="backslashreplace").decode()


def time_to_text(seconds: Fraction) -> str:
    """An exact time."""
    return f"{seconds.numerator}/{seconds.denominator}"


def time_from_text(written: str) -> Fraction:
    """The time that :func:`time_to_text` wrote.

    Raises:
        ValueError: It is none.
        ZeroDivisionError: It divides by zero.
    """
    if len(written) > _LONGEST_TIME:
        raise ValueError(written)
    above, below = written.split("/")
    return Fraction(int(above), int(below))


def span_from_texts(start: str, end: str) -> Span:
    """A span out of its two times.

    Raises:
        ValueError: One is no time, or it ends before it starts.
        ZeroDivisionError: A time divides by zero.
    """
    times = time_from_text(start), time_from_text(end)
    if times[1] <= times[0]:
        raise ValueError(times)
    return Span(*times)


def moment_to_text(moment: datetime) -> str:
    """A date and time so that texts are ordered as the moments are."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def cut_to_row(cut: CutCorrection) -> tuple[Row, Row]:
    """Key, without the video, and values of a cut."""
    given = cut.suggestion
    suggested: Row = (None, None, None)
    if given is not None:
        times = time_to_text(given.span.start), time_to_text(given.span.end)
        suggested = (*times, plain(given.model))
    times = time_to_text(cut.span.start), time_to_text(cut.span.end)
    return (plain(cut.identifier),), (str(cut.kind), *times, *suggested)


def cut_from_row(identifier: str, values: Row) -> CutCorrection:
    """The cut of a row.

    Raises:
        ValueError: Something in it cannot be understood.
    """
    kind, start, end, suggested_start, suggested_end, model = values
    suggestion = None
    if suggested_start is not None:
        suggestion = Suggestion(span_from_texts(suggested_start, suggested_end), model)
    return CutCorrection(identifier, Kind(kind), span_from_texts(start, end), suggestion)


def emotion_to_row(correction: EmotionCorrection) -> tuple[Row, Row]:
    """Key, without the video, and values of what is heard."""
    numbers = (
        None if value is None else float(value)
        for value in (correction.arousal, correction.valence)
    )
    span = correction.span
    return (time_to_text(span.start), time_to_text(span.end)), (correction.emotion, *numbers)


def emotion_from_row(values: Row) -> EmotionCorrection:
    """What is heard, out of a row of start, end, emotion, arousal and valence.

    Raises:
        ValueError: Something in it cannot be understood.
        UsageError: It is not possible.
    """
    start, end, emotion, arousal, valence = values
    return EmotionCorrection(span_from_texts(start, end), emotion, arousal, valence)


def digests(table: Table, project: str, key: Row, values: Row) -> tuple[bytes, bytes]:
    """What stays of a forgotten correction: which one it was, and what it said, both unreadable."""
    return _digest((table.name, project, *key)), _digest(values)


def _digest(parts: Iterable[Any]) -> bytes:
    return blake2b(repr(tuple(parts)).encode(), digest_size=16).digest()


def rows_of(
    connection: sqlite3.Connection, query: str, values: Row | dict[str, Any] = ()
) -> list[Row]:
    """The answer to a query, all of it at once.

    A query that is left in the middle, by an error that somebody keeps, would go on reading, and
    the file could not be tidied up.
    """
    return connection.execute(query, values).fetchall()


def read_table(connection: sqlite3.Connection, table: Table, project: int | None) -> dict[Row, Row]:
    """The rows of a project in a table: values by key."""
    width = len(table.key)
    rows = rows_of(
        connection, f"SELECT {table.columns} FROM {table.name} WHERE project = ?", (project,)
    )
    return {row[:width]: row[width:] for row in rows}


def write_rows(
    connection: sqlite3.Connection, table: Table, project: int, rows: dict[Row, Row], collected: str
) -> None:
    """Adds rows, or puts them in the place of those with the same keys."""
    marks = ", ".join("?" * (len(table.key) + len(table.values) + 2))
    connection.executemany(
        f"INSERT OR REPLACE INTO {table.name} (project, {table.columns}, collected)"
        f" VALUES ({marks})",
        [(project, *key, *values, collected) for key, values in rows.items()],
    )


def delete_rows(
    connection: sqlite3.Connection, table: Table, project: int, keys: Iterable[Row]
) -> None:
    """Removes rows by their keys."""
    named = " AND ".join(f"{column} = ?" for column in table.key)
    connection.executemany(
        f"DELETE FROM {table.name} WHERE project = ? AND {named}",
        [(project, *key) for key in keys],
    )


def check_given(corrections: ProjectCorrections) -> None:
    """Refuses corrections that no project can have, and that could not be exported and read again.

    Raises:
        UsageError: The moment has no time zone; a video, or a cut of one, is there twice; a name is
            empty or endless; or a time is too fine or not in a video.
    """
    if corrections.collected.tzinfo is None:
        raise UsageError("corrections need a date with a time zone")
    videos = [one.video for one in corrections.videos]
    if len(set(videos)) < len(videos):
        raise UsageError(f"the project {corrections.project} has a video twice")
    try:
        name(corrections.project)
        text(corrections.profile, LONGEST_PROFILE)
        for one in corrections.videos:
            _check_video(one)
    except (TypeError, ValueError):
        raise UsageError(
            f"the corrections of the project {corrections.project} cannot be kept: "
            "a name or a time in them is not possible"
        ) from None


def _check_video(given: VideoCorrections) -> None:
    name(given.video)
    if len({cut.identifier for cut in given.cuts}) < len(given.cuts):
        raise UsageError(f"the video {given.video} has a cut twice")
    for cut in given.cuts:
        name(cut.identifier)
        text(cut.suggestion.model if cut.suggestion else "", LONGEST_MODEL)
    spans = [
        *(cut.span for cut in given.cuts),
        *(cut.suggestion.span for cut in given.cuts if cut.suggestion),
        *(heard.span for heard in given.emotions),
        *given.seen,
    ]
    times = [given.duration, *(time for span in spans for time in (span.start, span.end))]
    if not all(map(is_moment, times)):
        raise ValueError(given.video)
