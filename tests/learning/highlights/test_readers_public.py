"""TVSum, YouTube Highlights and SumMe in their public layouts."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import CorpusError, UsageError
from core.learning.highlights.readers import (
    given_features,
    guess_reader,
    read_benchmark,
    read_h5,
    read_splits,
    read_videos,
    with_split,
)
from tests.learning.highlights.made import COLUMNS, h5_video, make_benchmark, make_h5

HIGHLIGHTS = Path(__file__).resolve().parents[4] / "shared" / "data" / "highlights"


def test_a_clip_that_lies_between_is_not_positive(tmp_path: Path) -> None:
    make_benchmark(tmp_path, {"a": [-1, 0, 1, 1]}, domains={"a": "surfing"})
    (video,) = read_benchmark(tmp_path)
    assert (video.corpus, video.name, video.domain) == ("youtube-highlights", "a", "surfing")
    assert video.relevance().tolist() == [0, 0.5, 1, 1]
    assert video.relevance("majority").tolist() == [0, 0, 1, 1]
    assert video.step == Fraction(5, 3)
    assert not video.graded


def test_grades_are_measured_at_the_median_of_their_annotator(tmp_path: Path) -> None:
    make_benchmark(tmp_path, {"a": [[1, 5], [2, 4], [3, 4], [5, 4]]})
    (video,) = read_benchmark(tmp_path)
    assert (video.corpus, video.step, video.annotators) == ("tvsum", 2, ("1", "2"))
    assert video.ratings[:, 0].tolist() == [0, 0.25, 0.5, 1]
    assert video.positives().T.tolist() == [[False, False, True, True], [True] + [False] * 3]
    assert video.relevance("mean").tolist() == [0.5, 0.5, 0.625, 0.875]
    assert video.relevance("union").tolist() == [1, 0, 1, 1]
    assert video.relevance("2").tolist() == [1, 0.75, 0.75, 0.75]


def test_the_published_split_is_kept(tmp_path: Path) -> None:
    split = {"dog": {"train": ["a"], "val": ["b"]}}
    make_benchmark(tmp_path, {name: [1, -1] for name in "abc"}, split=split)
    assert [video.split for video in read_videos("benchmark", tmp_path)] == ["train", "test", ""]
    (tmp_path / "splits.json").unlink()
    assert [video.split for video in read_videos("benchmark", tmp_path)] == ["", "", ""]


def test_a_video_on_both_sides_of_the_split_is_refused(tmp_path: Path) -> None:
    split = {"dog": {"train": ["a"]}, "surfing": {"val": ["a"]}}
    make_benchmark(tmp_path, {"a": [1, -1]}, split=split)
    with pytest.raises(CorpusError, match="both sides"):
        read_benchmark(tmp_path)


def test_features_come_by_the_name_of_the_video_not_by_the_order_of_the_labels(
    tmp_path: Path,
) -> None:
    labels = {"a": [1, -1, 0], "b": [-1, 1], "c": [1, 1, 1, -1]}
    made = {
        name: {kind: np.full((len(clips), n), ord(name), np.float32) for kind, n in COLUMNS.items()}
        for name, clips in labels.items()
    }
    first = make_benchmark(tmp_path / "1", labels, features=made)
    second = make_benchmark(tmp_path / "2", labels, features=made, order="cab")
    for left, right in zip(read_benchmark(first), read_benchmark(second), strict=True):
        assert left.key == right.key
        np.testing.assert_array_equal(left.ratings, right.ratings)
        rows = given_features(right)
        assert {kind: found.shape for kind, found in rows.items()} == {
            kind: (right.cells, columns) for kind, columns in COLUMNS.items()
        }
        assert all((found == ord(right.name)).all() for found in rows.values())
    assert list(given_features(left, ["audio"])) == ["audio"]
    with pytest.raises(UsageError, match="smell"):
        given_features(left, ["smell"])


def test_videos_whose_features_do_not_fit_are_reported_not_believed(tmp_path: Path) -> None:
    labels = {name: [1, -1, 0] for name in ("good", "long", "absent", "text", "pickled")}
    make_benchmark(tmp_path, labels)
    np.save(tmp_path / "video_features" / "long_opt.npy", np.zeros((4, 5), np.float32))
    (tmp_path / "audio_features" / "absent.npy").unlink()
    (tmp_path / "video_features" / "text_rgb.npy").write_text("no numbers")
    objects = np.array([{}, {}, {}], object)
    np.save(tmp_path / "video_features" / "pickled_rgb.npy", objects, allow_pickle=True)
    problems: list[CorpusError] = []
    videos = read_benchmark(tmp_path, problems.append)
    assert [video.name for video in videos] == ["good"]
    for part in ("long_opt.npy", "absent.npy", "text_rgb.npy", "pickled_rgb.npy"):
        assert len([problem for problem in problems if part in str(problem)]) == 1, part
    assert any("3 labels, but its flow features are of shape (4, 5)" in str(p) for p in problems)


@pytest.mark.parametrize(
    "labels", [[2, 1], [[1, 2], [3]], [[0, 1], [1, 1]], [], ["a", "b"], [[1, 2], 1], None]
)
def test_labels_that_are_none_are_refused(tmp_path: Path, labels: object) -> None:
    make_benchmark(tmp_path, {"a": [1, -1]})
    (tmp_path / "labels.json").write_text(json.dumps({"a": {"domain": "dog", "labels": labels}}))
    with pytest.raises(CorpusError, match="labels") as caught:
        read_benchmark(tmp_path)
    assert caught.value.path == tmp_path / "labels.json"


def test_what_annotators_kept_of_an_h5_video_is_a_share_of_the_frames_of_a_cell(
    tmp_path: Path,
) -> None:
    made = h5_video(frames=40, step=15, users=2)
    kept = np.zeros((2, 40), np.float32)
    kept[0, 10:25] = 1
    kept[1, 35:] = 1
    file = make_h5(tmp_path / "summe.h5", {"video_1": {**made, "user_summary": kept}})
    (video,) = read_h5(file)
    assert video.key == ("summe", "video_1")
    np.testing.assert_allclose(video.ratings.T, [[5 / 15, 10 / 15, 0], [0, 0, 5 / 10]], atol=1e-6)
    assert (video.step, video.graded) == (Fraction(1, 2), False)
    np.testing.assert_array_equal(given_features(video)["rgb"], made["features"])


def test_the_frame_rate_comes_from_the_file_or_the_user(tmp_path: Path) -> None:
    videos = {"video_1": {**h5_video(), "fps": 25.0}, "video_2": h5_video()}
    file = make_h5(tmp_path / "summe.h5", videos)
    assert [video.step for video in read_h5(file)] == [Fraction(3, 5), Fraction(1, 2)]
    other = read_h5(file, frame_rate=Fraction(15))
    assert [video.step for video in other] == [Fraction(3, 5), 1]


def test_gtscore_stands_in_where_there_are_no_summaries(tmp_path: Path) -> None:
    made = h5_video()
    score = made["gtscore"]
    del made["user_summary"]
    (video,) = read_h5(make_h5(tmp_path / "scored.h5", {"video_1": made}))
    assert video.graded
    np.testing.assert_allclose(video.relevance(), score)


@pytest.fixture
def rated(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """An h5 file of two videos of equal length beside TVSum's table, and the grades of one."""
    random = np.random.default_rng(3)
    videos, lines = {}, []
    for number, name in enumerate(("first", "second", "third")):
        shots = random.integers(1, 6, (4, 4))
        grades = np.repeat(shots, 60, axis=1)
        lines += [f"{name}\tVU\t{','.join(map(str, row))}" for row in grades]
        if number:
            made = h5_video(frames=240, users=4, seed=number)
            made["gtscore"] = grades.mean(axis=0)[made["picks"]] / 5
            videos[f"video_{number}"] = made
    (tmp_path / "ydata-tvsum50-anno.tsv").write_text("\n".join(lines) + "\n")
    return make_h5(tmp_path / "tvsum.h5", videos), grades


def test_grades_of_the_table_of_ratings_find_their_video(
    rated: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    file, grades = rated
    second, third = read_h5(file)
    assert [video.group for video in (second, third)] == ["second", "third"]
    assert [video.name for video in (second, third)] == ["video_1", "video_2"]
    assert (third.domain, third.graded) == ("VU", True)
    np.testing.assert_allclose(third.ratings, (grades[:, ::15].T - 1) / 4)
    table = tmp_path / "elsewhere.tsv"
    (tmp_path / "ydata-tvsum50-anno.tsv").rename(table)
    assert not read_h5(file)[0].graded
    assert read_h5(file, ratings=table)[0].graded


def test_a_video_that_the_table_of_ratings_does_not_know_is_not_mixed_in(
    rated: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    file, _ = rated
    table = tmp_path / "ydata-tvsum50-anno.tsv"
    lines = [line for line in table.read_text().splitlines() if not line.startswith("third")]
    table.write_text("\n".join(lines))
    problems: list[CorpusError] = []
    assert [video.group for video in read_h5(file, problems.append)] == ["second"]
    assert "does not know video_2" in str(problems[0])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"picks": np.array([0, 10, 30])}, "evenly spaced"),
        ({"picks": np.array([5, 20, 35])}, "evenly spaced"),
        ({"n_frames": 80}, "evenly spaced"),
        ({"n_frames": 120}, "120 frames"),
        ({"user_summary": np.full((3, 100), 2.0)}, "user_summary"),
        ({"features": np.zeros((3, 8), np.float32)}, "7 picks, but features of shape"),
        ({"picks": None}, "lacks picks"),
    ],
)
def test_h5_videos_that_do_not_fit_are_reported(
    tmp_path: Path, change: dict[str, object], what: str
) -> None:
    bad = {name: values for name, values in {**h5_video(), **change}.items() if values is not None}
    file = make_h5(tmp_path / "summe.h5", {"video_1": h5_video(), "video_2": bad})
    problems: list[CorpusError] = []
    assert [video.name for video in read_h5(file, problems.append)] == ["video_1"]
    (problem,) = problems
    assert what in str(problem)
    assert str(file) in str(problem)


def test_a_file_that_is_no_h5_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.h5").write_text("no h5")
    with pytest.raises(CorpusError, match=r"broken\.h5"):
        read_h5(tmp_path)
    with pytest.raises(CorpusError, match="no h5 file"):
        read_h5(tmp_path / "absent")


def test_splits_name_videos_without_their_file(tmp_path: Path) -> None:
    file = tmp_path / "splits.json"
    file.write_text(json.dumps([
        {"train_keys": ["data/tvsum.h5/video_1", "video_2"], "test_keys": ["video_3"]},
        {"train_keys": ["video_3"], "test_keys": ["video_1"]},
    ]))  # fmt: skip
    assert read_splits(file) == [
        (["video_1", "video_2"], ["video_3"]),
        (["video_3"], ["video_1"]),
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[", "cannot be read"),
        ('[{"train_keys": ["a"]}]', "split 1 lacks"),
        ("[3]", "split 1 lacks"),
        ('{"train_keys": ["x/a", "b"], "test_keys": ["y/a"]}', "a stands on both sides"),
    ],
)
def test_splits_that_leak_or_are_none_are_refused(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "splits.json").write_text(text)
    with pytest.raises(CorpusError, match=what):
        read_splits(tmp_path / "splits.json")


def test_layouts_are_recognised(tmp_path: Path) -> None:
    assert guess_reader(make_benchmark(tmp_path / "b", {"a": [1]})) == "benchmark"
    (tmp_path / "h").mkdir()
    file = make_h5(tmp_path / "h" / "summe.h5", {"video_1": h5_video()})
    assert guess_reader(file) == guess_reader(tmp_path / "h") == "h5"
    with pytest.raises(CorpusError, match="no known corpus"):
        guess_reader(tmp_path)
    with pytest.raises(CorpusError, match="no such"):
        guess_reader(tmp_path / "absent")
    with pytest.raises(CorpusError, match="no reader"):
        read_videos("qvhighlights", tmp_path)


def test_the_real_benchmarks_read(tmp_path: Path) -> None:
    if not (HIGHLIGHTS / "unpack.py").is_file():
        pytest.skip("the highlight benchmarks are not beside this checkout")
    subprocess.run(
        [sys.executable, HIGHLIGHTS / "unpack.py", tmp_path], check=True, capture_output=True
    )
    tvsum = read_videos("benchmark", tmp_path / "tvsum")
    assert (len(tvsum), sum(video.cells for video in tvsum)) == (50, 6266)
    assert {len(video.annotators) for video in tvsum} == {20}
    assert len({video.domain for video in tvsum}) == 10
    assert sum(video.split == "test" for video in tvsum) == 10
    youtube = read_videos("benchmark", tmp_path / "youtube")
    assert (len(youtube), sum(video.cells for video in youtube)) == (420, 23283)
    assert len({video.domain for video in youtube}) == 6
    known = next(video for video in youtube if video.name == "AZDkqJaOgJU")
    assert known.relevance()[-3:].tolist() == [0.5, 1, 0.5]
    assert {name: rows.shape for name, rows in given_features(known).items()} == {
        "rgb": (11, 1024),
        "flow": (11, 1024),
        "audio": (11, 2048),
    }


def test_a_split_of_a_file_decides_who_is_tested(tmp_path: Path) -> None:
    file = make_h5(tmp_path / "made.h5", {"video_1": h5_video(), "video_2": h5_video()})
    splits = tmp_path / "splits.json"
    splits.write_text(json.dumps([{"train_keys": ["video_2"], "test_keys": ["video_1"]}]))
    videos = with_split(read_h5(file), splits)
    assert {video.name: video.split for video in videos} == {"video_1": "test", "video_2": "train"}
    with pytest.raises(CorpusError, match="no split 2"):
        with_split(videos, splits, 2)
