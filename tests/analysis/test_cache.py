from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.analysis import cache
from core.analysis.store import Store
from core.errors import Cancelled, StoreError
from core.signals.base import RowFormat
from core.time import Grid

LAYOUT = RowFormat((100,), "float32")
OLD, MIDDLE, NEW = ("a" * 32, "b" * 32, "c" * 32)


def keep_analysis(root: Path, fingerprint: str, *, used: float, cells: int = 50) -> int:
    """Keeps a whole and a growing track as the store does; its size in bytes."""
    store = Store(root)
    rows = np.ones((cells, 100), np.float32)
    store.track(fingerprint, Grid(), "loudness", "1", cells, LAYOUT).complete(rows)
    store.track(fingerprint, Grid(), "motion", "2 beta", cells, LAYOUT).append(0, rows)
    size = 0
    for path in (root / fingerprint).rglob("*"):
        if path.is_file():
            size += path.stat().st_size
            os.utime(path, (used, used))
    os.utime(root / fingerprint, (used, used))
    return size


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for used, fingerprint in enumerate((OLD, MIDDLE, NEW), 1_000_000):
        keep_analysis(tmp_path / "analysis", fingerprint, used=used)
    return tmp_path / "analysis"


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user who may not write wherever root may."""
    if sys.platform == "win32":
        pytest.skip("folders cannot be made read-only here")
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        if root:
            os.chmod(name, 0o777)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
            for folder, _, _ in os.walk(name):
                Path(folder).chmod(0o755)


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def test_the_size_is_that_of_all_tracks(tmp_path: Path) -> None:
    first = keep_analysis(tmp_path, OLD, used=1, cells=10)
    second = keep_analysis(tmp_path, NEW, used=2, cells=70)
    assert cache.cache_size(tmp_path) == first + second


def test_a_store_that_was_never_made_is_empty(tmp_path: Path) -> None:
    assert cache.cache_size(tmp_path / "none") == 0
    assert cache.evict(tmp_path / "none", 0) == []
    assert cache.clear(tmp_path / "none") == []


def test_nothing_goes_while_the_limit_holds(root: Path) -> None:
    assert cache.evict(root, cache.cache_size(root)) == []
    assert names(root) == [OLD, MIDDLE, NEW]


def test_the_least_recently_used_goes_first_and_no_more_than_needed(root: Path) -> None:
    assert cache.evict(root, cache.cache_size(root) - 1) == [OLD]
    assert names(root) == [MIDDLE, NEW]
    assert cache.evict(root, 0) == [MIDDLE, NEW]
    assert names(root) == []


def test_an_analysis_that_was_used_again_goes_last(root: Path) -> None:
    cache.mark_used(root, OLD)
    assert cache.evict(root, 0) == [MIDDLE, NEW, OLD]


def test_an_analysis_whose_tracks_were_read_again_goes_last(root: Path) -> None:
    os.utime(next((root / OLD).rglob("track.npy")), (2_000_000, 1_000_000))
    assert cache.evict(root, 0) == [MIDDLE, NEW, OLD]


def test_marking_what_is_not_there_does_nothing(root: Path) -> None:
    cache.mark_used(root, "d" * 32)
    assert names(root) == [OLD, MIDDLE, NEW]


def test_what_is_kept_counts_but_stays(root: Path) -> None:
    one = cache.cache_size(root) // 3
    assert cache.evict(root, one, keep={OLD}) == [MIDDLE, NEW]
    assert names(root) == [OLD]
    assert cache.clear(root, keep=[OLD]) == []
    assert cache.cache_size(root) == one


def test_a_cleared_analysis_knows_nothing_and_can_be_made_again(root: Path) -> None:
    assert sorted(cache.clear(root)) == [OLD, MIDDLE, NEW]
    place = Store(root).track(OLD, Grid(), "loudness", "1", 50, LAYOUT)
    assert len(place.load()) == 0
    place.complete(np.ones((50, 100), np.float32))
    assert len(place.load()) == 50


def test_what_is_not_an_analysis_is_neither_counted_nor_removed(root: Path) -> None:
    size = cache.cache_size(root)
    strange = [
        root / "holiday.npy",
        root / "photos" / "1s" / "beach" / "track.npy",
        root / OLD / "notes.txt",
        root / OLD / "thesis" / "loudness-1" / "track.npy",
        root / OLD / "1s" / "loudness-1" / "track.npy.bak",
        root / ("A" * 32) / "1s" / "loudness-1" / "track.npy",
    ]
    for path in strange:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"mine")
    assert cache.cache_size(root) == size
    cache.clear(root)
    assert all(path.read_bytes() == b"mine" for path in strange)
    assert cache.cache_size(root) == 0


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    keep_analysis(elsewhere, "d" * 32, used=1)
    (root / ("d" * 32)).symlink_to(elsewhere / ("d" * 32), target_is_directory=True)
    (root / NEW / "2s").symlink_to(elsewhere / ("d" * 32) / "1s", target_is_directory=True)
    there = cache.cache_size(elsewhere)
    cache.clear(root)
    assert cache.cache_size(elsewhere) == there > 0


def test_a_track_that_is_being_written_is_left_alone_but_not_an_abandoned_one(root: Path) -> None:
    track = root / OLD / "1s" / "loudness-1"
    (track / "now.part").write_bytes(b"half")
    (track / "long-ago.part").write_bytes(b"half")
    os.utime(track / "long-ago.part", (1_000_000, 1_000_000))
    cache.clear(root)
    assert names(track) == ["now.part"]


def test_an_analysis_that_vanishes_meanwhile_is_no_problem(root: Path) -> None:
    def another_instance() -> bool:
        for path in sorted(root.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        return False

    cache.clear(root, cancelled=another_instance)
    assert names(root) == []


def test_a_cancelled_clearing_stops(root: Path) -> None:
    asked = iter([False, False, False, False, True])
    with pytest.raises(Cancelled):
        cache.clear(root, cancelled=lambda: next(asked))
    assert len(names(root)) == 2


def test_a_read_only_analysis_is_named_and_the_others_go(unprivileged: Path) -> None:
    root = unprivileged / "analysis"
    for used, fingerprint in enumerate((OLD, MIDDLE, NEW), 1_000_000):
        keep_analysis(root, fingerprint, used=used)
    (root / OLD / "1s" / "loudness-1").chmod(0o555)
    with pytest.raises(StoreError, match=r"cannot be removed.*a{32}.*Allow writing"):
        cache.clear(root)
    assert names(root) == [OLD]


def test_an_unreadable_store_says_so(unprivileged: Path) -> None:
    root = unprivileged / "analysis"
    keep_analysis(root, OLD, used=1)
    (root / OLD).chmod(0)
    with pytest.raises(StoreError, match=r"cannot be looked through.*Allow reading"):
        cache.cache_size(root)
