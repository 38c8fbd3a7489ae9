"""The features that training needs, as checked and compressed rows in the library."""

from __future__ import annotations

import math
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.library.records import VideoFeatures
from core.learning.library.rows import plain, time_from_text, time_to_text
from core.learning.library.taking import drop_tracks
from core.time import Grid

_DTYPES = {"float16": "<f2", "float32": "<f4", "float64": "<f8"}
_LARGEST_TRACK = 512 << 20
"""Bytes; a whole day of the widest signal has less."""
_MOST_AXES = 4
_LONGEST_NAME = 1000
_MARGIN = bytes(4096)
"""Stands before the rows of each track. SQLite wipes the pages that hold the rest of a long value,
but it may leave a copy of the begin of one behind where it rearranges pages."""
_COLUMNS = "id, name, version, step, dtype, shape, checksum"


@dataclass(frozen=True)
class PackedTrack:
    """A track as it is kept.

    Attributes:
        version: Of the signal.
        dtype: Name of a float type.
        shape: Of the rows, the cells first.
        checksum: Of all of it.
        data: Margin and compressed rows.
    """

    version: str
    dtype: str
    shape: tuple[int, ...]
    checksum: str
    data: bytes


def check(features: VideoFeatures) -> None:
    """Refuses features that cannot be kept.

    Raises:
        UsageError: The tracks have not all the same cells, one is not made of numbers with a point,
            has no version, or is too large; or there is no such grid.
    """
    Grid(features.step)
    if features.tracks.keys() != features.versions.keys():
        raise UsageError("each track of features needs a version, and each version a track")
    for name, rows in features.tracks.items():
        flaw = flaw_of(str(rows.dtype), rows.shape)
        if not 0 < len(name) <= _LONGEST_NAME or len(features.versions[name]) > _LONGEST_NAME:
            flaw = "has no sane name or version"
        if flaw:
            raise UsageError(f"the track '{name[:80]}' {flaw}")
    if len({len(rows) for rows in features.tracks.values()}) > 1:
        raise UsageError("the tracks of features have not all the same cells")


def pack(features: VideoFeatures) -> dict[str, PackedTrack]:
    """Checks and compresses features; takes longest of all, so it is done before a transaction.

    Args:
        features: Of one video.

    Raises:
        UsageError: As :func:`check`.
    """
    check(features)
    packed = {}
    for name, rows in features.tracks.items():
        dtype = str(rows.dtype)
        raw = np.ascontiguousarray(rows, _DTYPES[dtype]).tobytes()
        packed[plain(name)] = PackedTrack(
            version=plain(features.versions[name]),
            dtype=dtype,
            shape=rows.shape,
            checksum=_checksum(dtype, rows.shape, raw),
            data=_MARGIN + zlib.compress(raw, 1),
        )
    return packed


def flaw_of(dtype: str, shape: tuple[int, ...]) -> str:
    """Why rows cannot be a track; empty if they can."""
    if dtype not in _DTYPES:
        return f"is made of {dtype}, not of numbers with a point"
    if not 1 <= len(shape) <= _MOST_AXES or min(shape) < 1:
        return f"has the shape {shape}"
    if math.prod(shape) * np.dtype(dtype).itemsize > _LARGEST_TRACK:
        return f"is too large: {shape} {dtype}"
    return ""


def keep(
    connection: sqlite3.Connection, video: str, features: VideoFeatures,
    packed: Mapping[str, PackedTrack],
) -> None:  # fmt: skip
    """Puts features in the place of those that the video had; the same ones change nothing."""
    step = time_to_text(features.step)
    known = {
        name: (version, kept_step, checksum)
        for _, name, version, kept_step, _, _, checksum in _tracks(connection, video)
    }
    if known == {name: (one.version, step, one.checksum) for name, one in packed.items()}:
        return
    drop_tracks(connection, video)
    for name, one in sorted(packed.items()):
        shape = " ".join(map(str, one.shape))
        number = connection.execute(
            "INSERT INTO track (video, name, version, step, dtype, shape, checksum, stored)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (video, name, one.version, step, one.dtype, shape, one.checksum, len(one.data)),
        ).lastrowid
        connection.execute("INSERT INTO track_rows VALUES (?, ?)", (number, one.data))


def read(connection: sqlite3.Connection, video: str) -> VideoFeatures | None:
    """The features of a video; None if there are none.

    Raises:
        ValueError: They are damaged.
    """
    tracks: dict[str, NDArray[np.floating]] = {}
    versions, steps = {}, set()
    for number, name, version, step, dtype, shape, checksum in _tracks(connection, video):
        found = connection.execute(
            "SELECT data FROM track_rows WHERE track = ?", (number,)
        ).fetchone()
        if found is None:
            raise ValueError(name)
        tracks[name] = _unpack(found[0], dtype, tuple(map(int, shape.split())), checksum)
        versions[name] = version
        steps.add(step)
    if not tracks:
        return None
    if len(steps) > 1 or len({len(rows) for rows in tracks.values()}) > 1:
        raise ValueError(video)
    return VideoFeatures(Grid(time_from_text(steps.pop())).step, tracks, versions)


def versions_of(connection: sqlite3.Connection, video: str) -> dict[str, str]:
    """Versions of the tracks of a video by their names."""
    return {name: version for _, name, version, *_ in _tracks(connection, video)}


def _tracks(connection: sqlite3.Connection, video: str) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"SELECT {_COLUMNS} FROM track WHERE video = ? ORDER BY name", (video,)
    ).fetchall()


def _unpack(data: bytes, dtype: str, shape: tuple[int, ...], checksum: str) -> NDArray[np.floating]:
    flaw = flaw_of(dtype, shape)
    if flaw:
        raise ValueError(flaw)
    size = math.prod(shape) * np.dtype(dtype).itemsize
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(memoryview(data)[len(_MARGIN) :], size + 1)
    except zlib.error as error:
        raise ValueError("rows") from error
    if len(raw) != size or not unpacker.eof or _checksum(dtype, shape, raw) != checksum:
        raise ValueError("rows")
    return np.frombuffer(raw, _DTYPES[dtype]).astype(dtype).reshape(shape)


def _checksum(dtype: str, shape: tuple[int, ...], raw: bytes) -> str:
    digest = blake2b(repr((dtype, tuple(shape))).encode(), digest_size=16)
    digest.update(raw)
    return digest.hexdigest()
