from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.analysis.store import Store, TrackStore
from core.errors import StoreError
from core.signals.base import RowFormat
from core.time import Grid

LAYOUT = RowFormat((3,), "float32")


@pytest.fixture
def place(tmp_path: Path) -> TrackStore:
    return Store(tmp_path).track("abc", Grid(), "loudness", "1", 10, LAYOUT)


def rows(first: int, last: int) -> np.ndarray:
    return np.repeat(np.arange(first, last, dtype=np.float32)[:, None], 3, axis=1)


def test_pieces_are_found_again_in_order(place: TrackStore) -> None:
    place.append(4, rows(4, 7))
    place.append(0, rows(0, 4))
    assert np.array_equal(place.load(), rows(0, 7))


def test_a_whole_track_replaces_its_pieces(place: TrackStore, tmp_path: Path) -> None:
    place.append(0, rows(0, 4))
    place.complete(rows(0, 10))
    assert np.array_equal(place.load(), rows(0, 10))
    assert [path.name for path in tmp_path.rglob("*.npy")] == ["track.npy"]


def test_a_gap_ends_what_is_known(place: TrackStore) -> None:
    place.append(0, rows(0, 4))
    place.append(6, rows(6, 8))
    assert len(place.load()) == 4


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY garbage", b"x" * 500, b"PK\x03\x04zip"])
def test_a_damaged_piece_is_not_believed(place: TrackStore, tmp_path: Path, damage: bytes) -> None:
    place.append(0, rows(0, 4))
    place.append(4, rows(4, 8))
    next(tmp_path.rglob("000000004.npy")).write_bytes(damage)
    assert np.array_equal(place.load(), rows(0, 4))


def test_pickled_pieces_are_not_loaded(place: TrackStore, tmp_path: Path) -> None:
    place.append(0, rows(0, 4))
    np.save(
        next(tmp_path.rglob("000000000.npy")), np.array([[{}, 1, 2]], object), allow_pickle=True
    )
    assert len(place.load()) == 0


def test_another_version_knows_nothing(place: TrackStore, tmp_path: Path) -> None:
    place.complete(rows(0, 10))
    other = Store(tmp_path).track("abc", Grid(), "loudness", "2", 10, LAYOUT)
    assert len(other.load()) == 0


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    place = Store(blocked).track("abc", Grid(), "loudness", "1", 10, LAYOUT)
    with pytest.raises(StoreError, match="cannot be kept"):
        place.append(0, rows(0, 4))
