"""AI Hub 616: every rule of its format, and labels by second."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from core.errors import CorpusError
from core.learning.highlights.readers import guess_reader, read_moments, read_videos
from core.learning.highlights.readers.aihub616 import read_aihub616
from tests.learning.highlights.made import make_annotation, timeline


def positive(values: np.ndarray) -> list[int]:
    return np.flatnonzero(values > 0).tolist()


def problems_of(folder: Path, **options: bool) -> tuple[list[str], list[str]]:
    """Names of the videos that are read, and the problems."""
    problems: list[CorpusError] = []
    videos = read_videos("aihub616", folder, problems.append, **options)
    return [video.name for video in videos], [str(problem) for problem in problems]


def test_the_end_of_a_timeline_belongs_to_it(tmp_path: Path) -> None:
    make_annotation(tmp_path, "trip", "kim", [(10, 14), (30, 30)])
    (video,) = read_aihub616(tmp_path)
    assert positive(video.relevance()) == [10, 11, 12, 13, 14, 30]
    assert (video.step, video.domain, video.group) == (1, "class 3", "trip")
    assert not video.graded


@pytest.mark.parametrize(("length", "cells"), [(20.0, 20), (20.01, 21), (19.3, 20)])
def test_the_tail_second_has_a_label_of_its_own(tmp_path: Path, length: float, cells: int) -> None:
    make_annotation(tmp_path, "trip", "kim", [(cells - 3, cells - 1)], length=length)
    (video,) = read_aihub616(tmp_path)
    assert video.cells == cells
    assert positive(video.relevance()) == [cells - 3, cells - 2, cells - 1]


def test_annotators_are_combined_as_the_user_chooses(tmp_path: Path) -> None:
    make_annotation(tmp_path, "trip", "kim", [(10, 19)])
    make_annotation(tmp_path, "trip", "lee", [(15, 24)])
    make_annotation(tmp_path, "trip", "park", [(18, 29)])
    (video,) = read_aihub616(tmp_path)
    assert video.annotators == ("kim", "lee", "park")
    assert positive(video.relevance("union")) == list(range(10, 30))
    assert positive(video.relevance("majority")) == list(range(15, 25))
    assert video.relevance("mean")[[10, 15, 18, 25, 40]] == pytest.approx(
        [1 / 3, 2 / 3, 1, 1 / 3, 0]
    )
    assert positive(video.relevance("lee")) == list(range(15, 25))


def test_a_video_with_one_annotator_reads(tmp_path: Path) -> None:
    make_annotation(tmp_path, "trip", "kim", [(10, 19)])
    (video,) = read_aihub616(tmp_path)
    for combination in ("mean", "majority", "union", "kim"):
        assert positive(video.relevance(combination)) == list(range(10, 20))


def test_names_are_split_at_the_last_underscore_and_may_be_korean(tmp_path: Path) -> None:
    make_annotation(tmp_path / "라벨" / "1", "제주_여행_1", "가", [(0, 9)], encoding="cp949",
                    title="봄나들이")  # fmt: skip
    decomposed = unicodedata.normalize("NFD", "제주_여행_1")
    make_annotation(tmp_path / "라벨" / "2", decomposed, "나", [(5, 14)], encoding="utf-8-sig",
                    title="봄나들이", file_name="제주_여행_1.mp4")  # fmt: skip
    (video,) = read_aihub616(tmp_path)
    assert (video.name, video.annotators) == ("제주_여행_1", ("가", "나"))
    assert positive(video.relevance("majority")) == [5, 6, 7, 8, 9]


def test_where_the_files_lie_and_in_which_order_changes_nothing(tmp_path: Path) -> None:
    for folder, names in (("a", ["x", "y", "z"]), ("b", ["z", "x", "y"])):
        for number, name in enumerate(names):
            below = tmp_path / folder / str(number)
            make_annotation(below, name, "kim", [(ord(name) - 110, ord(name) - 100)])
            make_annotation(below, name, "lee", [(20, 29)])
    first, second = (read_videos("aihub616", tmp_path / folder) for folder in "ab")
    assert [video.name for video in first] == ["x", "y", "z"]
    for left, right in zip(first, second, strict=True):
        assert left.key == right.key
        assert left.annotators == right.annotators
        np.testing.assert_array_equal(left.ratings, right.ratings)


@pytest.mark.parametrize(
    ("spans", "what"),
    [
        ([(-1, 9)], "timeline 1 lasts from -1"),
        ([(20, 10)], "timeline 1 lasts from 20 to 10"),
        ([(90, 100)], "not within the 100 s"),
        ([(0, 3)], "4.0% of the video are highlighted"),
        ([(0, 25)], "26.0% of the video are highlighted"),
        ([], "0.0% of the video are highlighted"),
    ],
)
def test_a_broken_rule_leaves_the_file_out(
    tmp_path: Path, spans: list[tuple[int, int]], what: str
) -> None:
    make_annotation(tmp_path, "good", "kim", [(0, 9)])
    bad = make_annotation(tmp_path, "bad", "kim", spans)
    names, problems = problems_of(tmp_path)
    assert names == ["good"]
    (problem,) = problems
    assert what in problem
    assert str(bad) in problem


@pytest.mark.parametrize("spans", [[(0, 4)], [(0, 24)], [(0, 10), (5, 24)]])
def test_the_limits_of_what_is_highlighted_are_allowed(
    tmp_path: Path, spans: list[tuple[int, int]]
) -> None:
    make_annotation(tmp_path, "good", "kim", spans)
    assert problems_of(tmp_path) == (["good"], [])


@pytest.mark.parametrize(
    ("length", "needed"), [(59.0, 0), (119.9, 0), (180.0, 2), (240.0, 2), (600.0, 5)]
)
def test_a_long_video_needs_several_timelines(tmp_path: Path, length: float, needed: int) -> None:
    total = int(length // 10)
    for count in {max(1, needed), max(1, needed - 1)}:
        spans = [(i, i) for i in range(count - 1)] + [(count, count + total)]
        make_annotation(tmp_path, f"video{count}", "kim", spans, length=length)
    names, problems = problems_of(tmp_path)
    assert names == [f"video{max(1, needed)}"]
    assert all("timelines are fewer" in problem for problem in problems)
    assert len(problems) == (needed > 1)


def test_rules_of_amount_can_be_waived_and_damage_cannot(tmp_path: Path) -> None:
    make_annotation(tmp_path, "eager", "kim", [(0, 89)])
    make_annotation(tmp_path, "sparse", "kim", [(0, 49)], length=600.0)
    make_annotation(tmp_path, "broken", "kim", [(50, 200)])
    assert problems_of(tmp_path)[0] == []
    names, problems = problems_of(tmp_path, strict=False)
    assert names == ["eager", "sparse"]
    assert len(problems) == 1


def test_timeline_ids_are_unique(tmp_path: Path) -> None:
    twice = [timeline("a", 0, 4), timeline("a", 10, 14)]
    make_annotation(tmp_path, "bad", "kim", timelines=twice)
    with pytest.raises(CorpusError, match="timeline id a is there twice"):
        read_aihub616(tmp_path)


def test_annotators_whose_metadata_differ_are_not_believed(tmp_path: Path) -> None:
    make_annotation(tmp_path, "good", "kim", [(0, 9)])
    make_annotation(tmp_path, "good", "lee", [(0, 9)])
    make_annotation(tmp_path, "bad", "kim", [(0, 9)])
    make_annotation(tmp_path, "bad", "lee", [(0, 9)], length=101.0)
    names, problems = problems_of(tmp_path)
    assert names == ["good"]
    (problem,) = problems
    assert "the length of bad differs" in problem
    assert "bad_lee.json" in problem
    assert "bad_kim.json" in problem


def test_one_bad_annotator_does_not_take_the_video_away(tmp_path: Path) -> None:
    make_annotation(tmp_path, "trip", "kim", [(0, 9)])
    make_annotation(tmp_path, "trip", "lee", [(0, 99)])
    problems: list[CorpusError] = []
    (video,) = read_aihub616(tmp_path, problems.append)
    assert video.annotators == ("kim",)
    assert len(problems) == 1


def test_a_file_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    make_annotation(tmp_path / "1", "trip", "kim", [(0, 9)])
    again = make_annotation(tmp_path / "2", "trip", "kim", [(20, 29)])
    problems: list[CorpusError] = []
    (video,) = read_aihub616(tmp_path, problems.append)
    assert positive(video.relevance()) == list(range(10))
    assert [problem.path for problem in problems] == [again]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda data: data.pop("metadata"), "lacks its metadata"),
        (lambda data: data.update(timelines={}), "lacks its metadata or its timelines"),
        (lambda data: data["metadata"].pop("length"), "length in seconds"),
        (lambda data: data["metadata"].update(length="long"), "length in seconds"),
        (lambda data: data["metadata"].update(length=-1), "not possible"),
        (lambda data: data["metadata"].update(length=1e12), "not possible"),
        (lambda data: data["metadata"].update(class_code=9), "class_code 9 is not between 1 and 8"),
        (lambda data: data["metadata"].pop("file_name"), "file_name"),
        (lambda data: data["timelines"][0].pop("id"), "timeline 1 has no id"),
        (lambda data: data["timelines"][0].update(start=0.5), "start is not a whole number"),
        (lambda data: data["timelines"][0].update(end=None), "end is not a whole number"),
        (lambda data: data["timelines"][0].pop("attributes"), "no attributes"),
        (lambda data: data["timelines"][0]["attributes"].pop("place"), "place is not"),
        (lambda data: data["timelines"][0]["attributes"].update(place=22), "between 1 and 21"),
        (lambda data: data["timelines"][0]["attributes"].update(action=66), "between 1 and 65"),
        (lambda data: data["timelines"][0]["attributes"].update(emotion=0), "between 1 and 7"),
        (lambda data: data["timelines"][0]["attributes"].update(relationship=13), "1 and 12"),
    ],
)
def test_damage_is_named(tmp_path: Path, change: object, what: str) -> None:
    file = make_annotation(tmp_path, "trip", "kim", [(0, 9)])
    data = json.loads(file.read_text())
    change(data)  # type: ignore[operator]
    file.write_text(json.dumps(data))
    names, problems = problems_of(tmp_path)
    assert names == []
    (problem,) = problems
    assert what in problem
    assert str(file) in problem


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("trip_kim.json", b"{", "not JSON"),
        ("trip_kim.json", b"[]", "no object"),
        ("trip_kim.json", b'{"a": "\xff\xff"}', "neither in"),
        ("trip.json", b"{}", "<video>_<annotator>"),
    ],
)
def test_files_that_are_none_are_named(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "._trip_kim.json").write_bytes(b"left by an archive")
    names, problems = problems_of(tmp_path)
    assert names == []
    (problem,) = problems
    assert what in problem


def test_moments_keep_their_description(tmp_path: Path) -> None:
    described = [
        timeline(7, 20, 24, place=21, action=65, emotion=7, relationship=12),
        timeline(8, 0, 4, place=2, action=3, emotion=4, relationship=5),
    ]
    make_annotation(tmp_path, "trip", "kim", timelines=described)
    early, late = read_moments(tmp_path)
    assert (early.video, early.annotator, early.start, early.end) == ("trip", "kim", 0, 4)
    assert (early.place, early.action, early.emotion, early.relationship) == (2, 3, 4, 5)
    assert (late.place, late.action, late.emotion, late.relationship) == (21, 65, 7, 12)


@pytest.mark.parametrize("place", ["corpus/videos/trip.mp4", "beside/trip.mp4", "trip.mp4"])
def test_a_video_below_or_beside_the_labels_is_found(tmp_path: Path, place: str) -> None:
    make_annotation(tmp_path / "corpus" / "labels", "trip", "kim", [(0, 9)])
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    (video,) = read_aihub616(tmp_path / "corpus")
    assert video.file == file


def test_the_layout_is_recognised(tmp_path: Path) -> None:
    make_annotation(tmp_path / "labels", "trip", "kim", [(0, 9)])
    assert guess_reader(tmp_path) == "aihub616"
    with pytest.raises(CorpusError, match="there is no AI Hub 616"):
        read_aihub616(tmp_path / "absent")
