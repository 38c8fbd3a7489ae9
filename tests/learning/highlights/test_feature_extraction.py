from __future__ import annotations

import multiprocessing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.errors import Cancelled, CorpusError, ModelError, StoreError, UsageError
from core.learning.highlights.feature_extraction import extract_features, find_videos
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.feature_workers import LEARNED_FROM
from core.learning.highlights.labelled_video import LabelledVideo
from core.time import Grid
from tests.synthetic import make_video

PICTURE_TRACKS = {"motion", "visual-features", "shots"}


class FlatBackbone:
    """Describes a picture by its mean colour; the processes make their own."""

    name = version = "flat"
    dimension = 3

    def features(self, pictures: np.ndarray) -> np.ndarray:
        return pictures.mean(axis=(1, 2)).astype(np.float32)


def extract(folder: Path, out: Path, **options: object) -> FeatureStore:
    return extract_features(folder, out, backbone=FlatBackbone, **options)  # type: ignore[arg-type]


def same_rows(store: FeatureStore, folder: Path, scratch: Path) -> None:
    """Asserts that the features are what an analysis of each video alone gives."""
    for name in store.videos:
        path = folder / store.video(name).file
        alone = analyse(path, store=Store(scratch), backbone=FlatBackbone(), grid=Grid(store.step))
        tracks = store.tracks(name)
        assert set(tracks) == set(alone.tracks) & set(LEARNED_FROM)
        for track, rows in tracks.items():
            np.testing.assert_allclose(rows, alone.tracks[track], atol=1e-3, err_msg=track)


def written(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in out.rglob("track.npy")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video with sound, one without, one that is none, and files that are not meant."""
    folder = tmp_path_factory.mktemp("videos")
    (folder / "talks").mkdir()
    make_video(folder / "talks" / "first.mp4", seconds=5.5, fps=10, shots=[2.5], beeps=[3])
    make_video(folder / "mute.mkv", seconds=3, fps=10, audio=None)
    (folder / "broken.mp4").write_bytes(b"no video at all")
    (folder / ".trash.mp4").write_bytes(b"hidden")
    (folder / "notes.txt").write_text("not a video")
    return folder


@pytest.fixture(scope="module")
def store(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    return extract(folder, tmp_path_factory.mktemp("features"), workers=2)


def test_the_rows_are_those_that_an_analysis_alone_gives(
    store: FeatureStore, folder: Path, tmp_path: Path
) -> None:
    assert store.videos == ("mute", "talks/first")
    assert store.video("talks/first").cells == 6
    assert set(store.tracks("talks/first")) == set(LEARNED_FROM)
    same_rows(store, folder, tmp_path)


def test_a_video_without_sound_has_the_tracks_of_its_pictures(store: FeatureStore) -> None:
    assert set(store.tracks("mute")) == PICTURE_TRACKS


def test_what_is_no_video_is_named_and_the_others_go_on(store: FeatureStore) -> None:
    assert len(store.problems) == 1
    assert "broken.mp4" in store.problems[0]


def test_the_index_says_how_every_track_was_made(store: FeatureStore) -> None:
    assert store.step == 1
    assert store.versions("visual-features") == "flat"
    assert store.columns("motion") == ("motion", "change", "brightness", "saturation")
    assert store.columns("speech-emotion")[-1] == "confidence"
    tracks = store.video("talks/first").tracks
    assert tracks["speech-activity"].shape == (50,)
    assert all((store.root / track.folder).is_dir() for track in tracks.values())


def test_the_sound_and_the_cut_of_a_second_are_in_its_row(store: FeatureStore) -> None:
    ratings = np.zeros((6, 1), np.float32)
    video = LabelledVideo(
        "ours", "talks/first", "ours", "first", Fraction(1), ratings, ("anna",)
    )  # fmt: skip
    assert store.cells(video, "loudness")[:, 3].argmax() == 3
    assert store.cells(video, "shots")[:, 0].tolist() == [0, 0, 1, 0, 0, 0]


def test_a_second_run_computes_nothing(folder: Path, store: FeatureStore, tmp_path: Path) -> None:
    before, index = written(store.root), (store.root / "videos.json").read_bytes()
    extract(folder, store.root, workers=1)
    assert written(store.root) == before
    assert (store.root / "videos.json").read_bytes() == index


def test_names_join_whatever_order_the_files_have(
    folder: Path, store: FeatureStore, tmp_path: Path
) -> None:
    shuffled = tmp_path / "videos"
    shuffled.mkdir()
    (shuffled / "a.mkv").write_bytes((folder / "mute.mkv").read_bytes())
    (shuffled / "z.mp4").write_bytes((folder / "talks" / "first.mp4").read_bytes())
    other = extract(shuffled, tmp_path / "features")
    for mine, theirs in (("mute", "a"), ("talks/first", "z")):
        for track, rows in store.tracks(mine).items():
            np.testing.assert_array_equal(rows, other.tracks(theirs)[track])


def test_a_video_that_left_the_folder_leaves_the_index_and_that_is_said_once(
    folder: Path, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in ("a.mkv", "b.mkv"):
        (videos / name).write_bytes((folder / "mute.mkv").read_bytes())
    assert extract(videos, tmp_path / "features").videos == ("a", "b")
    (videos / "a.mkv").unlink()
    left = extract(videos, tmp_path / "features")
    assert left.videos == ("b",)
    assert len(left.problems) == 1
    assert "(a) are no longer in this folder" in left.problems[0]
    (videos / "b.mkv").write_bytes(b"damaged meanwhile")
    damaged = extract(videos, tmp_path / "features")
    assert damaged.videos == ()
    assert len(damaged.problems) == 1
    assert "b.mkv" in damaged.problems[0]


@pytest.fixture(scope="module")
def long_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    for number in (1, 2, 3):
        make_video(folder / f"{number}.mp4", seconds=10 + number, fps=10, audio=None)
    return folder


def test_a_killed_process_costs_its_own_video_only(long_videos: Path, tmp_path: Path) -> None:
    killed: list[int] = []

    def progress(fraction: float, message: str) -> None:
        for process in multiprocessing.active_children()[: 1 - len(killed)]:
            if ";" in message:
                process.kill()
                killed.append(process.pid or 0)

    store = extract(long_videos, tmp_path / "features", workers=1, progress=progress)
    assert len(store.videos) == 2
    assert len(store.problems) == 1
    assert "signal 9" in store.problems[0]
    assert ".mp4" in store.problems[0]
    again = extract(long_videos, tmp_path / "features", workers=2)
    assert again.videos == ("1", "2", "3")
    assert again.problems == ()
    same_rows(again, long_videos, tmp_path / "alone")


@pytest.mark.parametrize(("share", "most"), [(0.0, 0), (0.42, 2)])
def test_a_cancelled_run_keeps_what_it_has_and_goes_on(
    long_videos: Path, tmp_path: Path, share: float, most: int
) -> None:
    out = tmp_path / "features"
    reached = [0.0]

    def cancelled() -> bool:
        return reached[-1] > share

    with pytest.raises(Cancelled):
        extract(
            long_videos,
            out,
            workers=1,
            progress=lambda fraction, message: reached.append(fraction),
            cancelled=cancelled,
        )
    assert not multiprocessing.active_children()
    assert list(out.rglob("*.npy"))
    assert (out / "videos.json").exists() == bool(most)
    assert not most or 0 < len(FeatureStore(out).videos) <= most
    before = written(out)
    store = extract(long_videos, out, workers=1)
    assert store.videos == ("1", "2", "3")
    assert before.items() <= written(out).items()
    same_rows(store, long_videos, tmp_path / "alone")


def test_the_progress_of_all_videos_only_grows(long_videos: Path, tmp_path: Path) -> None:
    fractions: list[float] = []
    extract(
        long_videos,
        tmp_path,
        workers=2,
        progress=lambda fraction, message: fractions.append(fraction),
    )
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1


def test_a_new_step_replaces_the_features_and_keeps_the_old_tracks(
    folder: Path, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    (videos / "mute.mkv").write_bytes((folder / "mute.mkv").read_bytes())
    assert extract(videos, tmp_path / "features").video("mute").cells == 3
    halves = extract(videos, tmp_path / "features", grid=Grid(Fraction(1, 2)))
    assert halves.video("mute").cells == 6
    before = written(tmp_path / "features")
    assert extract(videos, tmp_path / "features").video("mute").cells == 3
    assert written(tmp_path / "features") == before


def test_videos_are_found_in_every_folder_by_their_endings(tmp_path: Path) -> None:
    for name in ("b/c.MP4", "a.webm", ".hidden/x.mp4", "b/._c.mp4", "b/c.txt", "d.mp4/e.mov"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert {name: file.as_posix() for name, file in find_videos(tmp_path).items()} == {
        "a": "a.webm",
        "b/c": "b/c.MP4",
        "d.mp4/e": "d.mp4/e.mov",
    }


def test_two_videos_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    (tmp_path / "clip.mov").touch()
    with pytest.raises(CorpusError, match=r"clip\.mov and clip\.mp4 would have one name"):
        extract(tmp_path, tmp_path / "features")


def test_a_wrong_request_is_refused_before_anything_is_written(
    folder: Path, store: FeatureStore, tmp_path: Path
) -> None:
    out = tmp_path / "features"
    with pytest.raises(CorpusError, match="no such folder"):
        extract(tmp_path / "nothing", out)
    with pytest.raises(CorpusError, match="no video in this folder"):
        extract(tmp_path, out)
    with pytest.raises(UsageError, match="0 workers"):
        extract(folder, out, workers=0)
    with pytest.raises(ModelError):
        extract(folder, out, emotion_weights=tmp_path / "no weights")
    (tmp_path / "other.mp4").touch()
    with pytest.raises(StoreError, match="features of another folder, with mute"):
        extract(tmp_path, store.root)
    assert not out.exists()
    assert FeatureStore(store.root).videos == store.videos


def test_a_damaged_index_is_made_anew(folder: Path, tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    (videos / "mute.mkv").write_bytes((folder / "mute.mkv").read_bytes())
    index = tmp_path / "features" / "videos.json"
    extract(videos, index.parent)
    whole, before = index.read_bytes(), written(index.parent)
    index.write_bytes(whole[:100])
    extract(videos, index.parent)
    assert index.read_bytes() == whole
    assert written(index.parent) == before
