from __future__ import annotations

import os
import random
import sqlite3
import zlib
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.learning.library.library import Library
from core.learning.library.schema import VERSION
from tests.learning.library import made
from tests.learning.library.made import cut, project, video


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library that was closed."""
    file = tmp_path / "library.sqlite"
    with Library.open(file) as library:
        for number in range(20):
            library.collect(project(f"p{number}", video(f"v{number}", map(cut, "abcdef"))))
        library.keep_features("v1", made.features())
    return file


def _refused(path: Path, words: str) -> None:
    """Opening says so, names the file, says what to do, and leaves it as it is."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LibraryError, match=words) as caught:
        Library.open(path)
    assert caught.value.path == path
    assert caught.value.remedy
    assert before is None or path.read_bytes() == before


def test_a_library_of_a_later_version_asks_for_an_update(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    _refused(path, "later version.*Update")


def test_another_file_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)
    _refused(path, "not a library")


def test_another_database_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE project (id INTEGER)")
    connection.close()
    _refused(path, "another application")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path, "cannot be opened")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    _refused(tmp_path / "file" / "library.sqlite", "cannot be opened")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs permissions as on Linux")
def test_a_read_only_library_says_so(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with pytest.raises(LibraryError, match=r"writing|opened"), Library.open(path) as library:
            library.leave_out("v", True)
    finally:
        path.parent.chmod(0o755)


def test_an_empty_file_becomes_a_library(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    path.touch()
    with Library.open(path) as library:
        assert library.videos() == []


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.9, 0.99])
def test_a_truncated_library_is_found_out(path: Path, part: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    told = []
    try:
        with Library.open(path) as library:
            told = library.problems()
    except LibraryError as error:
        told = [str(error)]
    assert told
    assert path.stat().st_size <= len(data)


def test_flipped_bits_never_end_in_anything_but_a_clear_error(path: Path) -> None:
    data = path.read_bytes()
    chance = random.Random(1)
    refused = []
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(3):
            damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            with Library.open(path) as library:
                library.problems()
                library.videos()
                library.corrections()
                library.state("")
                library.features("v1")
                library.collect(project("p1", video("v1", [cut("new")])))
                library.forget_video("v2")
        except LibraryError as error:
            refused.append(error)
    assert refused
    assert all(error.path == path and error.remedy for error in refused)


def _read_all(library: Library) -> None:
    library.videos()
    library.corrections()


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE cut SET kind = 'adored' WHERE video = 'v1'",
        "UPDATE cut SET start = '1' WHERE video = 'v1'",
        "UPDATE cut SET end = '1/0' WHERE video = 'v1'",
        "UPDATE cut SET start = '9999/1' WHERE video = 'v1'",
        "UPDATE cut SET collected = 'yesterday' WHERE video = 'v1'",
        f"UPDATE mention SET duration = '{'9' * 5000}/1' WHERE video = 'v1'",
        "INSERT INTO emotion VALUES (1, 'v0', '1/1', '2/1', 'bored', NULL, NULL, '2025-01-01')",
        "INSERT INTO emotion VALUES (1, 'v0', '1/1', '2/1', NULL, 7, NULL, '2025-01-01')",
        "DROP TABLE seen",
    ],
)
def test_rows_that_make_no_sense_are_found_out(path: Path, spoil: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(spoil)
    connection.commit()
    connection.close()
    with Library.open(path) as library:
        assert library.problems()
        with pytest.raises(LibraryError, match="damaged"):
            _read_all(library)


BOMB = bytes(4096) + zlib.compress(bytes(30_000_000))


@pytest.mark.parametrize(
    ("shape", "dtype", "data"),
    [
        ("50 3", "float32", b""),
        ("50 3", "float32", b"rubbish"),
        ("50 3", "float32", bytes(4096) + zlib.compress(bytes(600))),
        ("50 3", "float32", BOMB),
        ("50 -3", "float32", None),
        ("999999999 999999999", "float32", None),
        ("1 1 1 1 1 1 1 150", "float32", None),
        ("x", "float32", None),
        ("", "float32", None),
        ("50 3", "object", None),
        ("50 3", "float16", None),
        ("3 50", "float32", None),
    ],
)
def test_hostile_features_are_refused(
    path: Path, shape: str, dtype: str, data: bytes | None
) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "UPDATE track SET shape = ?, dtype = ? WHERE name = 'motion'", (shape, dtype)
    )
    if data is not None:
        connection.execute(
            "UPDATE track_rows SET data = ? WHERE track ="
            " (SELECT id FROM track WHERE name = 'motion')",
            (data,),
        )
    connection.commit()
    connection.close()
    with Library.open(path) as library:
        with pytest.raises(LibraryError, match="damaged"):
            library.features("v1")
        assert any("v1" in problem for problem in library.problems())
