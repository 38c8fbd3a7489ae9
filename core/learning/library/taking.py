"""Takes what a project says into the library, in place of what it said before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from core.learning.coverage import merged, without
from core.learning.library.records import ProjectCorrections, VideoCorrections
from core.learning.library.rows import (
    CUT,
    EMOTION,
    MENTION,
    SEEN,
    TABLES,
    Row,
    Table,
    cut_to_row,
    delete_rows,
    digests,
    emotion_to_row,
    moment_to_text,
    plain,
    read_table,
    rows_of,
    time_to_text,
    write_rows,
)
from core.time import Span

Rows = dict[str, dict[Row, Row]]
"""What a project says: values by key, by the name of the table."""


def collect(connection: sqlite3.Connection, given: ProjectCorrections) -> int:
    """Takes a project in the open transaction; rows that stay the same are not touched.

    Returns:
        How many corrections are new, changed or gone.
    """
    path, profile = plain(given.project), plain(given.profile)
    left_out = left_out_videos(connection)
    known = connection.execute("SELECT id, profile FROM project WHERE path = ?", (path,)).fetchone()
    project, former = known or (None, profile)
    before = {table.name: read_table(connection, table, project) for table in TABLES}
    videos = [one for one in given.videos if plain(one.video) not in left_out]
    after = _said(connection, path, videos)
    for name, rows in before.items():
        # Of a left-out video stays what there is, until the user takes it in again or deletes it.
        after[name].update((key, values) for key, values in rows.items() if key[0] in left_out)
    if project is None:
        if not after[MENTION.name]:
            return 0
        project = connection.execute(
            "INSERT INTO project (path, profile) VALUES (?, ?)", (path, profile)
        ).lastrowid
        assert project is not None
    elif former != profile:
        connection.execute("UPDATE project SET profile = ? WHERE id = ?", (profile, project))
    collected = moment_to_text(given.collected)
    changes = 0
    for table in TABLES:
        old, new = before[table.name], after[table.name]
        changed = {
            key: values
            for key, values in new.items()
            if former != profile or old.get(key) != values
        }
        gone = old.keys() - new.keys()
        delete_rows(connection, table, project, gone)
        write_rows(connection, table, project, changed, collected)
        if table in (CUT, EMOTION):
            changes += len(changed) + len(gone)
    drop_empty(connection, before[MENTION.name].keys() - after[MENTION.name].keys())
    return changes


def left_out_videos(connection: sqlite3.Connection) -> frozenset[str]:
    """Fingerprints of the videos that nothing may be learned from."""
    return frozenset(video for (video,) in rows_of(connection, "SELECT video FROM left_out"))


def drop_empty(connection: sqlite3.Connection, videos: Iterable[Row]) -> None:
    """Removes projects without videos, and the features of videos that no project speaks of.

    Args:
        connection: In a transaction.
        videos: Keys of those that a project does not speak of any more.
    """
    connection.execute("DELETE FROM project WHERE id NOT IN (SELECT project FROM mention)")
    for video in videos:
        if connection.execute("SELECT 1 FROM mention WHERE video = ?", video).fetchone() is None:
            drop_tracks(connection, video[0])


def drop_tracks(connection: sqlite3.Connection, video: str) -> None:
    """Removes the features of a video."""
    connection.execute(
        "DELETE FROM track_rows WHERE track IN (SELECT id FROM track WHERE video = ?)", (video,)
    )
    connection.execute("DELETE FROM track WHERE video = ?", (video,))


def seen_rows(video: str, spans: Iterable[Span]) -> dict[Row, Row]:
    """Rows of what was watched of a video."""
    return {(video, time_to_text(span.start)): (time_to_text(span.end),) for span in merged(spans)}


def _said(connection: sqlite3.Connection, project: str, videos: Iterable[VideoCorrections]) -> Rows:
    """What a project says now, without what was forgotten; that has not been seen either."""
    said: Rows = {table.name: {} for table in TABLES}
    for one in videos:
        video = plain(one.video)
        cuts, emotions = (
            {(video, *key): values for key, values in rows}
            for rows in (map(cut_to_row, one.cuts), map(emotion_to_row, one.emotions))
        )
        still_forgotten = _forgotten(connection, CUT, project, cuts)
        hidden = [cut.span for cut in one.cuts if (video, plain(cut.identifier)) in still_forgotten]
        for key in still_forgotten:
            del cuts[key]
        for key in _forgotten(connection, EMOTION, project, emotions):
            del emotions[key]
        if cuts or emotions:  # that something was watched teaches nothing by itself
            said[CUT.name] |= cuts
            said[EMOTION.name] |= emotions
            said[SEEN.name] |= seen_rows(video, without(one.seen, hidden))
            said[MENTION.name][(video,)] = (plain(str(one.path)), time_to_text(one.duration))
    return said


def _forgotten(
    connection: sqlite3.Connection, table: Table, project: str, rows: dict[Row, Row]
) -> set[Row]:
    """Keys of the rows that are as they were when they were forgotten; the others are released."""
    same = set()
    for key, values in rows.items():
        mark, content = digests(table, project, key, values)
        found = connection.execute(
            "SELECT content FROM forgotten WHERE key = ?", (mark,)
        ).fetchone()
        if found == (content,):
            same.add(key)
        elif found is not None:
            connection.execute("DELETE FROM forgotten WHERE key = ?", (mark,))
    return same
