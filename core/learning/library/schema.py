"""The file of the library: its tables, how it is opened, and what is said when that fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import EmotionShortFormError, LibraryError

APPLICATION = 0x45534C43
"""SQLite's mark of whose file it is: "ESLC"."""
VERSION = 1

_MAGIC = b"SQLite format 3\0"
_PATIENCE = 10.0
"""Seconds to wait for another window that is writing."""

RESTORE = (
    "Move it to another place, so that a new library is begun, and import your last export "
    "into that."
)

_TABLES = """
CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL
);
CREATE TABLE mention (
    project INTEGER NOT NULL REFERENCES project DEFERRABLE INITIALLY DEFERRED,
    video TEXT NOT NULL,
    path TEXT NOT NULL,
    duration TEXT NOT NULL,
    collected TEXT NOT NULL,
    PRIMARY KEY (project, video)
) WITHOUT ROWID;
CREATE TABLE cut (
    project INTEGER NOT NULL,
    video TEXT NOT NULL,
    identifier TEXT NOT NULL,
    kind TEXT NOT NULL,
    start TEXT NOT NULL,
    end TEXT NOT NULL,
    suggested_start TEXT,
    suggested_end TEXT,
    model TEXT,
    collected TEXT NOT NULL,
    PRIMARY KEY (project, video, identifier),
    FOREIGN KEY (project, video) REFERENCES mention DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;
CREATE TABLE emotion (
    project INTEGER NOT NULL,
    video TEXT NOT NULL,
    start TEXT NOT NULL,
    end TEXT NOT NULL,
    emotion TEXT,
    arousal REAL,
    valence REAL,
    collected TEXT NOT NULL,
    PRIMARY KEY (project, video, start, end),
    FOREIGN KEY (project, video) REFERENCES mention DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;
CREATE TABLE seen (
    project INTEGER NOT NULL,
    video TEXT NOT NULL,
    start TEXT NOT NULL,
    end TEXT NOT NULL,
    collected TEXT NOT NULL,
    PRIMARY KEY (project, video, start),
    FOREIGN KEY (project, video) REFERENCES mention DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;
CREATE TABLE track (
    id INTEGER PRIMARY KEY,
    video TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    step TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,
    checksum TEXT NOT NULL,
    stored INTEGER NOT NULL,
    UNIQUE (video, name)
);
CREATE TABLE track_rows (
    track INTEGER PRIMARY KEY REFERENCES track DEFERRABLE INITIALLY DEFERRED,
    data BLOB NOT NULL
);
CREATE TABLE left_out (video TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE forgotten (key BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Opens the file of a library, and makes it if it is not there.

    Writes are on the disk when they return (``synchronous=FULL``): corrections come seldom, and
    what the editor did is not lost with the power.

    Args:
        path: The file.

    Returns:
        A connection for this thread alone; it begins no transactions by itself.

    Raises:
        LibraryError: The file cannot be opened, is no library, is damaged, or was made by a later
            version of the application. It is left as it is.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            with path.open("rb") as file:
                begin = file.read(len(_MAGIC))
            if begin and begin != _MAGIC:
                raise LibraryError(
                    "this is not a library of corrections", path=path, remedy=RESTORE
                )
    except OSError as error:
        raise LibraryError(
            f"the library of corrections cannot be opened ({error.strerror or error})",
            path=path,
            remedy="Check the folder and its permissions.",
        ) from error
    with translated(path):
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        with translated(path):
            _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    with reading(connection, path):  # another window may be making it
        version = _version(connection, path)
    if version is None:
        # Freed pages are given back to the disk; it can only be chosen before the first table.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = ON")
    if version is None:
        with writing(connection, path):
            if _version(connection, path) is None:
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection, path: Path) -> int | None:
    """The version of the tables; None where there are none yet.

    Raises:
        LibraryError: They are of something else, or of a later version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == APPLICATION:
        if version > VERSION:
            raise LibraryError(
                "this library of corrections was made by a later version of the application "
                f"(format {version})",
                path=path,
                remedy="Update the application to use it.",
            )
        if version == VERSION:
            return VERSION
        raise LibraryError(
            "this library of corrections does not say its version", path=path, remedy=RESTORE
        )
    if application or version or connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise LibraryError("this is the database of another application", path=path, remedy=RESTORE)
    return None


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction that waits for other writers, and is done wholly or not at all.

    Raises:
        LibraryError: The file cannot be written, or is damaged.
    """
    with translated(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except (ValueError, ArithmeticError) as error:
            connection.execute("ROLLBACK")
            raise damaged(path) from error
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def reading(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """A view of the file that no writer changes meanwhile.

    Raises:
        LibraryError: The file cannot be read, or something in it cannot be understood.
    """
    with translated(path):
        connection.execute("BEGIN")
        try:
            yield connection
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise damaged(path) from error
        except LibraryError:
            raise
        except EmotionShortFormError as error:
            raise damaged(path) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def damaged(path: Path) -> LibraryError:
    """The error about a library that cannot be understood."""
    return LibraryError("the library of corrections is damaged", path=path, remedy=RESTORE)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Says in the user's words what SQLite cannot do.

    Raises:
        LibraryError: In place of any error of SQLite, but those of a wrong use of it.
    """
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except UnicodeDecodeError as error:  # of a damaged text, even in a message of SQLite
        raise damaged(path) from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LibraryError(
                "another window is writing to the library of corrections",
                path=path,
                remedy="Try again in a moment.",
            ) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
            raise LibraryError(
                f"the library of corrections cannot be opened for writing ({error})",
                path=path,
                remedy="Check the folder and its permissions.",
            ) from error
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_TOOBIG):
            raise LibraryError(
                f"the library of corrections cannot be read or written ({error})",
                path=path,
                remedy="Is the disk full, or was it taken away?",
            ) from error
        raise damaged(path) from error
