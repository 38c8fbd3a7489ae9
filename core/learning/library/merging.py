"""Takes an exported library into one that has something already."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from core.learning.coverage import merged
from core.learning.library import schema, tracks
from core.learning.library.exchange_json import ExportedLibrary, ExportedProject, ExportedVideo
from core.learning.library.records import VideoFeatures
from core.learning.library.rows import (
    CUT,
    EMOTION,
    MENTION,
    SEEN,
    Row,
    Table,
    cut_to_row,
    digests,
    emotion_to_row,
    moment_to_text,
    plain,
    read_table,
    rows_of,
    span_from_texts,
    time_to_text,
    write_rows,
)
from core.learning.library.taking import left_out_videos, seen_rows
from core.project.emotion_corrections import EmotionCorrection


def merge(
    connection: sqlite3.Connection,
    path: Path,
    exported: ExportedLibrary,
    features: Callable[[str], VideoFeatures],
) -> int:
    """Takes all of an export in, in one transaction.

    Args:
        connection: Not in a transaction.
        path: File of the library.
        exported: What is to be taken in.
        features: Reads those of a video.

    Returns:
        How many corrections are new or changed.

    Raises:
        LibraryError: The library cannot be written.
    """
    with schema.writing(connection, path):
        left_out = left_out_videos(connection)
        changes = 0
        for project in exported.projects:
            videos = [one for one in project.videos if one.said and one.video not in left_out]
            if videos:
                number = _project(connection, project)
                for video in videos:
                    changes += _merge_video(connection, number, plain(project.project), video)
        for name in exported.features:
            spoken = connection.execute("SELECT 1 FROM mention WHERE video = ?", (name,)).fetchone()
            if spoken is not None and not tracks.versions_of(connection, name):
                found = features(name)
                tracks.keep(connection, name, found, tracks.pack(found))
    return changes


def _project(connection: sqlite3.Connection, project: ExportedProject) -> int:
    """Number of a project; one that is there keeps its profile."""
    path = plain(project.project)
    connection.execute(
        "INSERT OR IGNORE INTO project (path, profile) VALUES (?, ?)",
        (path, plain(project.profile)),
    )
    found = connection.execute("SELECT id FROM project WHERE path = ?", (path,)).fetchone()
    return int(found[0])


def _merge_video(
    connection: sqlite3.Connection, project: int, path: str, given: ExportedVideo
) -> int:
    video = plain(given.video)
    mention = {(video,): (plain(str(given.path)), time_to_text(given.duration))}
    newest = moment_to_text(max(collected for _, collected in given.said))
    if (video,) not in read_table(connection, MENTION, project):
        write_rows(connection, MENTION, project, mention, newest)
    dated = _dated(connection, project, video)
    heard = [span_from_texts(*key[1:]) for table, key in dated if table is EMOTION]
    changes = 0
    for correction, collected in given.said:
        table, row = (
            (EMOTION, emotion_to_row(correction))
            if isinstance(correction, EmotionCorrection)
            else (CUT, cut_to_row(correction))
        )
        key, values = (video, *row[0]), row[1]
        known, before = dated.get((table, key), (None, ""))
        over_another = (
            table is EMOTION
            and known is None
            and any(span.overlaps(correction.span) for span in heard)
        )
        moment = moment_to_text(collected)
        if known == values or moment <= before or over_another:
            continue
        write_rows(connection, table, project, {key: values}, moment)
        mark, _ = digests(table, path, key, values)
        connection.execute("DELETE FROM forgotten WHERE key = ?", (mark,))
        changes += 1
    rows = read_table(connection, SEEN, project)
    before_seen = {key: row for key, row in rows.items() if key[0] == video}
    watched = merged(
        [*given.seen, *(span_from_texts(key[1], row[0]) for key, row in before_seen.items())]
    )
    after = seen_rows(video, watched)
    if after != before_seen:
        connection.execute("DELETE FROM seen WHERE project = ? AND video = ?", (project, video))
        write_rows(connection, SEEN, project, after, newest)
    return changes


def _dated(
    connection: sqlite3.Connection, project: int, video: str
) -> dict[tuple[Table, Row], tuple[Row, str]]:
    """Values of the corrections of a video, and when each was last changed."""
    found: dict[tuple[Table, Row], tuple[Row, str]] = {}
    for table in (CUT, EMOTION):
        width = len(table.key)
        for *row, collected in rows_of(
            connection,
            f"SELECT {table.columns}, collected FROM {table.name} WHERE project = ? AND video = ?",
            (project, video),
        ):
            found[table, tuple(row[:width])] = (tuple(row[width:]), str(collected))
    return found
