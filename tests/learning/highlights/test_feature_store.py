from __future__ import annotations

import unicodedata
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import CorpusError, StoreError
from core.learning.highlights.feature_index import StoredTrack, StoredVideo, video_name, write_index
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.labelled_video import LabelledVideo

NAN = float("nan")


def ramp(cells: int, begin: float = 0) -> NDArray[np.float32]:
    """Loudness whose level is the second that it belongs to."""
    level = begin + np.arange(cells, dtype=np.float32)
    return np.stack((level, -level), axis=1)


def put(
    root: Path,
    name: str,
    step: float = 1,
    version: str = "1",
    **tracks: NDArray[np.generic],
) -> StoredVideo:
    """Writes tracks by hand; ``visual_features`` is written as ``visual-features``."""
    stored = {}
    cells = 0
    for key, rows in tracks.items():
        track, cells = key.replace("_", "-"), len(rows)
        folder = Path("tracks", name.replace("/", "-"), track)
        (root / folder).mkdir(parents=True)
        np.save(root / folder / "track.npy", rows)
        columns = ("level", "fall") if track == "loudness" else ()
        stored[track] = StoredTrack(
            version, columns, rows.shape[1:], rows.dtype.name, folder.as_posix()
        )
    exact_step = Fraction(str(step))
    return StoredVideo(name, f"{name}.mp4", "f" * 32, cells * exact_step, cells, exact_step, stored)


def write(root: Path, *videos: StoredVideo) -> FeatureStore:
    write_index(root, {video.name: video for video in videos}, [])
    return FeatureStore(root)


def labels(
    name: str, cells: int, step: float = 1, *, corpus: str = "ours", file: Path | None = None
) -> LabelledVideo:
    return LabelledVideo(
        corpus,
        name,
        corpus,
        name,
        Fraction(str(step)),
        np.zeros((cells, 1), np.float32),
        ("anna",),
        file=file,
    )


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return write(
        tmp_path,
        put(tmp_path, "one", loudness=ramp(5)),
        put(tmp_path, "two", loudness=ramp(4, 100)),
        put(tmp_path, "deep/three", loudness=ramp(3, 200)),
    )


def test_rows_are_joined_by_video_and_second_whatever_the_order(store: FeatureStore) -> None:
    videos = [labels("two", 4), labels("deep/three", 3), labels("one", 5)]
    for order in (videos, videos[::-1]):
        assert store.match(order) == {video.key: video.name for video in videos}
        rows = {video.name: store.cells(video, "loudness")[:, 0].tolist() for video in order}
        assert rows["one"] == [0, 1, 2, 3, 4]
        assert rows["two"] == [100, 101, 102, 103]
        assert rows["deep/three"] == [200, 201, 202]


def test_labels_that_are_longer_get_the_mean_of_the_cells_inside(store: FeatureStore) -> None:
    rows = store.cells(labels("one", 3, step=2), "loudness")
    assert rows.dtype == np.float32
    assert rows.tolist() == [[0.5, -0.5], [2.5, -2.5], [4, -4]]


def test_what_is_not_known_does_not_count_in_the_mean(tmp_path: Path) -> None:
    claims = np.array([[1, NAN], [NAN, NAN], [3, 1], [5, NAN]], np.float32)
    store = write(tmp_path, put(tmp_path, "one", speech_emotion=claims))
    rows = store.cells(labels("one", 2, step=2), "speech-emotion")
    np.testing.assert_array_equal(rows, [[1, NAN], [4, 1]])


def test_labels_after_the_end_of_the_video_get_nothing(store: FeatureStore) -> None:
    rows = store.cells(labels("two", 6), "loudness")[:, 0]
    np.testing.assert_array_equal(rows, [100, 101, 102, 103, NAN, NAN])
    assert store.cells(labels("two", 2), "loudness")[:, 0].tolist() == [100, 101]


def test_features_of_half_seconds_fit_labels_of_one_and_a_half(tmp_path: Path) -> None:
    store = write(tmp_path, put(tmp_path, "one", step=0.5, loudness=ramp(6)))
    assert store.step == Fraction(1, 2)
    assert store.cells(labels("one", 2, step=1.5), "loudness")[:, 0].tolist() == [1, 4]


@pytest.mark.parametrize("step", [0.5, 1.5])
def test_labels_between_the_cells_are_refused_with_the_step_that_fits(
    store: FeatureStore, step: float
) -> None:
    with pytest.raises(CorpusError, match=rf"features DIR --out .* --step {step:g}"):
        store.cells(labels("one", 2, step=step), "loudness")


def test_a_video_without_a_track_gets_rows_of_nothing(tmp_path: Path) -> None:
    store = write(
        tmp_path,
        put(tmp_path, "loud", loudness=ramp(2), motion=ramp(2)),
        put(tmp_path, "mute", motion=ramp(2)),
    )
    assert store.signals == ("loudness", "motion")
    assert set(store.tracks("mute")) == {"motion"}
    rows = store.cells(labels("mute", 2), "loudness")
    assert rows.shape == (2, 2)
    assert np.isnan(rows).all()
    with pytest.raises(CorpusError, match=r"no video has the track smell.*loudness, motion"):
        store.cells(labels("mute", 2), "smell")


def test_shots_are_counted_with_the_strength_of_the_strongest(tmp_path: Path) -> None:
    rows = np.full((3, 8, 4), NAN)
    rows[0, 0] = (0.5, 0.5, 30, 0.5)
    rows[0, 1] = (0.8, 0.9, 12, 0.9)
    rows[2, 0] = (2.1, 2.1, 50, 2.1)
    store = write(tmp_path, put(tmp_path, "one", shots=rows))
    assert store.columns("shots") == ("changes", "strength")
    assert store.cells(labels("one", 3), "shots").tolist() == [[2, 30], [0, 0], [1, 50]]
    assert store.tracks("one")["shots"].shape == (3, 8, 4)


def test_tracks_come_as_the_signals_gave_them_without_being_copied(tmp_path: Path) -> None:
    seen = np.arange(12, dtype=np.float16).reshape(3, 4)
    store = write(tmp_path, put(tmp_path, "one", version="eyes-2", visual_features=seen))
    rows = store.tracks("one")["visual-features"]
    assert isinstance(rows, np.memmap)
    np.testing.assert_array_equal(rows, seen, strict=True)
    assert store.versions("visual-features") == "eyes-2"
    assert store.columns("visual-features")[3] == "visual-features 3"


def test_videos_are_found_by_name_with_ending_or_by_their_file(tmp_path: Path) -> None:
    korean = video_name(unicodedata.normalize("NFD", "영상.mp4"))
    store = write(
        tmp_path,
        put(tmp_path, "talks/v1.2", loudness=ramp(2)),
        put(tmp_path, "v1", loudness=ramp(2, 10)),
        put(tmp_path, korean, loudness=ramp(2, 20)),
    )
    found = {
        "talks/v1.2": labels("talks/v1.2", 2),
        "v1": labels("v1.MOV", 2),
        "영상": labels(unicodedata.normalize("NFD", "영상"), 2),
    }
    assert store.match(list(found.values())) == {v.key: name for name, v in found.items()}
    by_file = labels("7", 2, file=Path("anywhere/talks/v1.2.mp4"))
    unknown = labels("v3", 2, file=Path("anywhere/v3.mp4"))
    assert store.match([by_file, unknown]) == {by_file.key: "talks/v1.2"}
    assert store.missing([by_file, unknown]) == (unknown,)
    assert store.cells(by_file, "loudness")[:, 0].tolist() == [0, 1]
    with pytest.raises(CorpusError, match="no features of v3"):
        store.cells(unknown, "loudness")


def test_one_name_in_two_corpora_is_two_labelled_videos(store: FeatureStore) -> None:
    videos = [labels("one", 2), labels("one", 5, corpus="theirs")]
    assert store.match(videos) == {("ours", "one"): "one", ("theirs", "one"): "one"}


def test_labels_of_other_videos_are_refused_with_an_example_of_both(store: FeatureStore) -> None:
    with pytest.raises(CorpusError, match=r"labels name strange, the features deep/three"):
        store.match([labels("strange", 2)])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "2"}, r"the loudness is 1 \(one\) and 2 \(two\)"),
        ({"step": 2}, r"the grid is 1 s \(one\) and 2 s \(two\)"),
    ],
)
def test_features_made_in_two_ways_are_refused_with_the_command_that_repairs_them(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    one = put(tmp_path, "one", loudness=ramp(3))
    two = put(tmp_path, "two", loudness=ramp(3), **changes)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=message) as caught:
        write(tmp_path, two, one)
    assert f"emotion-shortform features DIR --out {tmp_path}" in caught.value.remedy


def test_a_folder_without_features_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no features here.*emotion-shortform features DIR"):
        FeatureStore(tmp_path)
    empty = write(tmp_path)
    assert empty.videos == ()
    with pytest.raises(StoreError, match="no video has features"):
        assert empty.step


@pytest.mark.parametrize("text", ["", "[]", '{"layout": 2}', '{"layout": 1, "videos": {"a": 3}}'])
def test_a_damaged_list_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "videos.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"cannot be read.*videos\.json"):
        FeatureStore(tmp_path)


@pytest.mark.parametrize(
    "rows",
    [b"", b"\x93NUMPY\x01\x00", ramp(2), ramp(5).astype(np.float64), np.array([{}] * 5), None],
    ids=["empty", "cut off", "too short", "other numbers", "pickle", "gone"],
)
def test_a_damaged_track_is_named(store: FeatureStore, rows: object) -> None:
    path = store.root / store.video("one").tracks["loudness"].folder / "track.npy"
    path.unlink()
    if isinstance(rows, bytes):
        path.write_bytes(rows)
    elif rows is not None:
        np.save(path, np.asarray(rows), allow_pickle=True)
    with pytest.raises(StoreError, match=r"the loudness of one .*track\.npy"):
        store.tracks("one")
    assert store.cells(labels("two", 1), "loudness").tolist() == [[100, -100]]
