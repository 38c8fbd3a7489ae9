"""Looks whether the library is sound."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.errors import LibraryError
from core.learning.library import contents, schema, tracks


def problems_of(connection: sqlite3.Connection, path: Path) -> list[str]:
    """What is damaged in a library, a sentence each; it takes as long as reading all of it.

    Args:
        connection: Not in a transaction.
        path: The file.
    """
    try:
        with schema.reading(connection, path):
            found = [
                f"The file is damaged: {line}."
                for (line,) in connection.execute("PRAGMA integrity_check").fetchall()
                if line != "ok"
            ]
            lost = connection.execute("PRAGMA foreign_key_check").fetchall()
            found += [f"A row of the table {row[0]} belongs to nothing." for row in lost]
            contents.corrections(connection, None, None)
            videos = [video.video for video in contents.videos(connection, None)]
            for video in videos:
                contents.seen(connection, None, video, None)
    except LibraryError as error:
        return [f"{error}"]
    for video in videos:
        try:
            with schema.reading(connection, path):
                tracks.read(connection, video)
        except LibraryError:
            found.append(f"The features of the video {video} are damaged.")
    return found
