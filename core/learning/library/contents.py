"""What is in the library: its videos, its corrections, and a digest of what teaches."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.learning.coverage import merged
from core.learning.library.records import Kind, LibraryVideo, StoredCorrection
from core.learning.library.rows import (
    CUT,
    EMOTION,
    cut_from_row,
    emotion_from_row,
    rows_of,
    span_from_texts,
    time_from_text,
    time_to_text,
)
from core.learning.library.taking import left_out_videos
from core.time import Span

_OF_PROFILE = "(:profile IS NULL OR project.profile = :profile)"
_OF_VIDEO = "(:video IS NULL OR video = :video)"


def videos(connection: sqlite3.Connection, profile: str | None) -> list[LibraryVideo]:
    """The videos of a profile, or all that anything is known of; by path."""
    chosen = {"profile": profile}
    paths: dict[str, tuple[str, str]] = {}
    durations: dict[str, Fraction] = {}
    for video, path, duration, collected in rows_of(
        connection,
        "SELECT video, mention.path, duration, collected FROM mention"
        f" JOIN project ON project.id = project WHERE {_OF_PROFILE}",
        chosen,
    ):
        paths[video] = max(paths.get(video, ("", "")), (collected, path))
        durations[video] = max(durations.get(video, Fraction(0)), time_from_text(duration))
    counts: defaultdict[str, dict[Kind, int]] = defaultdict(dict)
    for video, kind, count in rows_of(
        connection,
        "SELECT video, kind, count(*) FROM cut JOIN project ON project.id = project"
        f" WHERE {_OF_PROFILE} GROUP BY video, kind",
        chosen,
    ):
        counts[video][Kind(kind)] = count
    emotions: dict[str, int] = dict(
        rows_of(
            connection,
            "SELECT video, count(*) FROM emotion JOIN project ON project.id = project"
            f" WHERE {_OF_PROFILE} GROUP BY video",
            chosen,
        )
    )
    stored: dict[str, int] = dict(
        rows_of(connection, "SELECT video, sum(stored) FROM track GROUP BY video")
    )
    left_out = left_out_videos(connection)
    watched = _watched(connection, chosen)
    known = paths.keys() if profile is not None else paths.keys() | stored.keys() | left_out
    found = [
        LibraryVideo(
            video=video,
            path=Path(paths.get(video, ("", ""))[1]),
            duration=durations.get(video, Fraction(0)),
            counts=counts.get(video, {}),
            emotions=emotions.get(video, 0),
            seen=watched.get(video, 0.0),
            features=video in stored,
            stored=stored.get(video, 0),
            left_out=video in left_out,
        )
        for video in known
    ]
    return sorted(found, key=lambda one: (str(one.path), one.video))


def corrections(
    connection: sqlite3.Connection, profile: str | None, video: str | None
) -> list[StoredCorrection]:
    """The corrections by project, video and time, cuts before what is heard."""
    chosen = {"profile": profile, "video": video}
    condition = f"{_OF_PROFILE} AND {_OF_VIDEO}"
    owner = "project.path, project.profile, video, collected"
    found = [
        (*row[:4], cut_from_row(row[4], row[5:]))
        for row in rows_of(
            connection,
            f"SELECT {owner}, identifier, kind, start, end, suggested_start, suggested_end, model"
            f" FROM cut JOIN project ON project.id = project WHERE {condition}",
            chosen,
        )
    ]
    heard = [
        (*row[:4], emotion_from_row(row[4:]))
        for row in rows_of(
            connection,
            f"SELECT {owner}, start, end, emotion, arousal, valence FROM emotion"
            f" JOIN project ON project.id = project WHERE {condition}",
            chosen,
        )
    ]
    return [
        StoredCorrection(project, of, fingerprint, datetime.fromisoformat(collected), one)
        for rows in (found, heard)
        for project, of, fingerprint, collected, one in sorted(rows, key=_place)
    ]


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    project, _, video, _, correction = row
    # Numbers are compared much faster than fractions; what they round to the same is told apart.
    span = correction.span
    return project, video, float(span.start), span, getattr(correction, "identifier", "")


def seen(
    connection: sqlite3.Connection, profile: str | None, video: str, project: str | None
) -> tuple[Span, ...]:
    """What was watched of a video in the projects of a profile, or in one of them."""
    rows = rows_of(
        connection,
        "SELECT start, end FROM seen JOIN project ON project.id = project"
        f" WHERE {_OF_PROFILE} AND {_OF_VIDEO} AND (:path IS NULL OR project.path = :path)",
        {"profile": profile, "video": video, "path": project},
    )
    return merged(span_from_texts(start, end) for start, end in rows)


def profiles(connection: sqlite3.Connection) -> list[str]:
    """Names of the profiles that there are corrections for, in order."""
    return [
        profile
        for (profile,) in rows_of(
            connection, "SELECT DISTINCT profile FROM project ORDER BY profile"
        )
    ]


def state(connection: sqlite3.Connection, profile: str) -> str:
    """A digest of what teaches a profile; see :meth:`.Library.state`."""
    chosen = {"profile": profile}
    ours = f"JOIN project ON project.id = project WHERE {_OF_PROFILE}"
    ours += " AND video NOT IN (SELECT video FROM left_out)"
    by_project: defaultdict[int, list[str]] = defaultdict(list)
    durations: dict[str, Fraction] = {}
    watched: defaultdict[str, list[Span]] = defaultdict(list)
    for columns in (
        f"'cut', {CUT.columns} FROM cut",
        f"'heard', {EMOTION.columns} FROM emotion",
    ):
        for row in rows_of(connection, f"SELECT project, {columns} {ours}", chosen):
            by_project[row[0]].append(repr(row[1:]))
    for video, duration in rows_of(
        connection, f"SELECT video, duration FROM mention {ours}", chosen
    ):
        durations[video] = max(durations.get(video, Fraction(0)), time_from_text(duration))
    for video, start, end in rows_of(
        connection, f"SELECT video, start, end FROM seen {ours}", chosen
    ):
        watched[video].append(span_from_texts(start, end))
    tracks = rows_of(
        connection, "SELECT video, name, version, step, dtype, shape, checksum FROM track"
    )
    return _digest(
        [
            *(_digest(lines) for lines in by_project.values()),
            *(f"lasts {video} {time_to_text(duration)}" for video, duration in durations.items()),
            *(f"seen {video} {_texts(merged(spans))}" for video, spans in watched.items()),
            *(repr(row) for row in tracks if row[0] in durations),
        ]
    )


def _texts(spans: Iterable[Span]) -> str:
    return " ".join(f"{time_to_text(span.start)}-{time_to_text(span.end)}" for span in spans)


def _digest(lines: Iterable[str]) -> str:
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _watched(connection: sqlite3.Connection, chosen: dict[str, str | None]) -> dict[str, float]:
    """Seconds that were watched, by video."""
    # Numbers of a whole library would take too long as fractions, and need not be exact here.
    start, end = (
        f"CAST({time} AS REAL) / CAST(substr({time}, instr({time}, '/') + 1) AS REAL)"
        for time in ("start", "end")
    )
    stretches: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for video, *pair in rows_of(
        connection,
        f"SELECT video, {start}, {end} FROM seen JOIN project ON project.id = project"
        f" WHERE {_OF_PROFILE}",
        chosen,
    ):
        stretches[video].append((pair[0], pair[1]))
    watched = {}
    for video, pairs in stretches.items():
        total = reached = 0.0
        for begin, until in sorted(pairs):
            total += max(0.0, until - max(begin, reached))
            reached = max(reached, until)
        watched[video] = total
    return watched
