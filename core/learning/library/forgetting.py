"""Removes corrections so that nothing of them stays in the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from core.learning.coverage import without
from core.learning.library import schema
from core.learning.library.rows import (
    CUT,
    EMOTION,
    MENTION,
    SEEN,
    TABLES,
    Row,
    Table,
    delete_rows,
    digests,
    read_table,
    span_from_texts,
    time_to_text,
    write_rows,
)
from core.learning.library.taking import drop_empty, drop_tracks, seen_rows
from core.time import Span

_SMALL = ("project", *(table.name for table in TABLES), "track")
"""Tables with the words of the user."""


def forgetting(
    connection: sqlite3.Connection, path: Path, forget: Callable[[sqlite3.Connection], None]
) -> None:
    """Forgets something in a transaction, and leaves no trace of it in the file.

    SQLite wipes what it deletes, but not the copies that it left where it rearranged the rows of a
    page. So what remains of the small tables is written anew, onto wiped pages, in the same
    transaction; the features have nothing in such places (see :mod:`.tracks`). The write-ahead log
    is emptied after it.

    Args:
        connection: Not in a transaction.
        path: The file, for messages.
        forget: Deletes what is to be forgotten.

    Raises:
        LibraryError: The file cannot be written, or is damaged.
    """
    with schema.translated(path):
        # A table is wiped page by page only where no key of another table has to be looked at.
        connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with schema.writing(connection, path):
            forget(connection)
            for table in _SMALL:
                _write_anew(connection, table)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise schema.damaged(path)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
    with schema.translated(path):
        connection.executescript("PRAGMA incremental_vacuum")  # execute would give back one page
        # While another window reads, the log stays; the next one to close the file empties it.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def forget_rows(
    connection: sqlite3.Connection,
    project: str,
    table: Table,
    chosen: Callable[[Row], bool],
) -> None:
    """Forgets corrections of one project; they have not been seen either.

    Args:
        connection: In a transaction.
        project: Path of the project.
        table: Of cuts, or of what is heard.
        chosen: Whether the row with this key is to be forgotten.
    """
    found = connection.execute("SELECT id FROM project WHERE path = ?", (project,)).fetchone()
    if found is None:
        return
    number: int = found[0]
    rows = {k: v for k, v in read_table(connection, table, number).items() if chosen(k)}
    marks = [digests(table, project, key, values) for key, values in rows.items()]
    connection.executemany("INSERT OR REPLACE INTO forgotten VALUES (?, ?)", marks)
    delete_rows(connection, table, number, rows)
    if table is CUT:
        for video in {key[0] for key in rows}:
            spans = [span_from_texts(*row[1:3]) for key, row in rows.items() if key[0] == video]
            _unsee(connection, number, video, spans)
    _drop_silent(connection, number, {key[0] for key in rows})


def forget_video(connection: sqlite3.Connection, video: str) -> None:
    """Removes all that is known of a video, and leaves it out from now on."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table.name} WHERE video = ?", (video,))
    drop_tracks(connection, video)
    drop_empty(connection, ())
    connection.execute("INSERT OR IGNORE INTO left_out VALUES (?)", (video,))


def forget_projects(connection: sqlite3.Connection, profile: str | None) -> None:
    """Removes all that the projects of a profile, or all projects, said."""
    projects = connection.execute(
        "SELECT id, path FROM project WHERE ? IS NULL OR profile = ?", (profile, profile)
    ).fetchall()
    videos: set[Row] = set()
    for number, path in projects:
        for table in (CUT, EMOTION):
            rows = read_table(connection, table, number)
            marks = [digests(table, path, key, values) for key, values in rows.items()]
            connection.executemany("INSERT OR REPLACE INTO forgotten VALUES (?, ?)", marks)
        videos |= read_table(connection, MENTION, number).keys()
        for table in TABLES:
            connection.execute(f"DELETE FROM {table.name} WHERE project = ?", (number,))
    drop_empty(connection, videos)
    if profile is None:
        connection.execute("DELETE FROM track_rows")
        connection.execute("DELETE FROM track")


def _unsee(connection: sqlite3.Connection, project: int, video: str, spans: Iterable[Span]) -> None:
    """Takes stretches out of what was watched, which would count as left untouched."""
    before = {k: v for k, v in read_table(connection, SEEN, project).items() if k[0] == video}
    left = without((span_from_texts(key[1], row[0]) for key, row in before.items()), spans)
    after = seen_rows(video, left)
    if after == before:
        return
    (collected,) = connection.execute(
        "SELECT collected FROM mention WHERE project = ? AND video = ?", (project, video)
    ).fetchone()
    delete_rows(connection, SEEN, project, before)
    write_rows(connection, SEEN, project, after, collected)


def _drop_silent(connection: sqlite3.Connection, project: int, videos: Iterable[str]) -> None:
    """Removes videos of which a project says nothing any more, with what was watched of them."""
    silent = [
        (video,)
        for video in videos
        if not any(
            connection.execute(
                f"SELECT 1 FROM {table.name} WHERE project = ? AND video = ?", (project, video)
            ).fetchone()
            for table in (CUT, EMOTION)
        )
    ]
    delete_rows(connection, MENTION, project, silent)
    connection.executemany(
        "DELETE FROM seen WHERE project = ? AND video = ?", [(project, *key) for key in silent]
    )
    drop_empty(connection, silent)


def _write_anew(connection: sqlite3.Connection, table: str) -> None:
    rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    connection.execute(f"DELETE FROM {table}")
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def emotion_key(video: str, span: Span) -> Row:
    """Key of what is heard in a stretch."""
    return video, time_to_text(span.start), time_to_text(span.end)
