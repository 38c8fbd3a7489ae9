"""One's own labels: tables, and the cuts that were kept and rejected in the application."""

from __future__ import annotations

import sqlite3
import unicodedata
from contextlib import closing
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.cutting.cut import Cut
from core.errors import CorpusError
from core.learning.highlights.readers import (
    guess_reader,
    read_corrections,
    read_highlight_table,
    read_videos,
)
from core.learning.library.collecting import collect_project
from core.learning.library.library import Library
from core.media.fingerprint import fingerprint
from core.project.document import Decision, EditedCut, Medium, Project, Suggestion, Wishes
from core.time import Span
from tests.synthetic import make_video


def table(folder: Path, *lines: str, header: str = "video,start,end,label") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mine.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 4.6 s: five seconds, the last of which lasts 0.6 s."""
    return make_video(tmp_path_factory.mktemp("media") / "휴가.mp4", seconds=4.6, fps=10)


def test_without_the_video_the_seconds_run_to_the_last_label(tmp_path: Path) -> None:
    file = table(tmp_path, "a.mp4,1,3,1", "a.mp4,4,5.5,0", "b.mp4,0:01,0:02.5,")
    a, b = read_videos("table", file)
    assert (a.key, a.file, a.domain, a.group) == (("mine", "a.mp4"), None, "mine", "a.mp4")
    assert a.relevance().tolist() == [0, 1, 1, 0, 0, 0]
    assert b.relevance().tolist() == [0, 1, 1], "an empty label is 1, and half a second is half"


def test_the_video_tells_how_many_seconds_there_are(video: Path) -> None:
    file = table(video.parent, "휴가.mp4,4.3,5,0.5", "휴가.mp4,1,2,0.25")
    (read,) = read_highlight_table(file)
    assert read.file == video
    assert read.relevance().tolist() == [0, 0.25, 0, 0, 0.5], "0.3 s is half of the tail"
    decomposed = unicodedata.normalize("NFD", "휴가.mp4")
    (read,) = read_highlight_table(table(video.parent, f"./{decomposed},4.31,4.6,1"))
    assert (read.name, read.file) == ("휴가.mp4", video)
    assert read.relevance().tolist() == [0] * 5, "0.29 s is less than half of the tail"


def test_a_second_has_the_label_of_what_covers_half_of_it(tmp_path: Path) -> None:
    thirds = "a,1,1.3,0.5", "a,1.3,1.5,1", "a,3,3.2,1", "a,3.1,3.4,1", "a,4,4.7,0.2", "a,4.4,5,1"
    (read,) = read_highlight_table(table(tmp_path, *thirds))
    np.testing.assert_allclose(read.relevance(), [0, 0.5, 0, 0, 1])


def test_what_an_annotator_leaves_unlabelled_is_no_highlight(tmp_path: Path) -> None:
    lines = "a,0,2,1,kim,dance,park", "a,1,4,1,lee,dance,", "b,0,2,0,lee,,"
    file = table(tmp_path, *lines, header="video,start,end,label,annotator,domain,group")
    a, b = read_highlight_table(file)
    assert a.annotators == ("kim", "lee")
    assert a.ratings.T.tolist() == [[1, 1, 0, 0], [0, 1, 1, 1]]
    assert a.relevance("majority").tolist() == [0, 1, 0, 0]
    assert a.relevance("union").tolist() == [1, 1, 1, 1]
    assert a.relevance("mean").tolist() == [0.5, 1, 0.5, 0.5]
    assert a.relevance("kim").tolist() == [1, 1, 0, 0]
    assert (a.domain, a.group) == ("dance", "park")
    assert b.annotators == ("lee",), "kim has said nothing of b"
    assert b.relevance().tolist() == [0, 0]


def test_the_order_of_the_lines_changes_nothing(tmp_path: Path) -> None:
    lines = ["a,1,3,1", "b,0,2,0.5", "a,2.5,4,0.5", "b,4,5,1", "a,0,0.4,1", "a,0.3,0.6,0.1"]
    first = read_videos("table", table(tmp_path / "1", *lines))
    second = read_videos("table", table(tmp_path / "2", *reversed(lines)))
    for left, right in zip(first, second, strict=True):
        assert left.key == right.key
        np.testing.assert_array_equal(left.ratings, right.ratings)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("a,x,3,1", "'x' is not a time"),
        ("a,3,3,1", "ends before it starts"),
        ("a,-1,3,1", "not a time"),
        ("a,1,2,2", "not between 0 and 1"),
        ("a,1,2,yes", "not a number"),
        (",1,2,1", "names no video"),
        ("a,1", "too short"),
        ("a,1,99999999,1", "no video lasts"),
    ],
)
def test_bad_lines_are_reported_and_left_out(tmp_path: Path, line: str, what: str) -> None:
    file = table(tmp_path, "a,0,2,1", line)
    problems: list[CorpusError] = []
    (read,) = read_highlight_table(file, problems.append)
    assert read.relevance().tolist() == [1, 1]
    (problem,) = problems
    assert "line 3" in str(problem)
    assert what in str(problem)
    assert problem.path == file


def test_highlights_after_the_end_of_the_video_are_mistakes(video: Path) -> None:
    file = table(video.parent, "휴가.mp4,1,2,1", "휴가.mp4,3,6,1", "휴가.mp4,5,5.2,1")
    problems: list[CorpusError] = []
    (read,) = read_highlight_table(file, problems.append)
    assert read.relevance().tolist() == [0, 1, 0, 0, 0]
    assert ["line 3" in str(p) or "line 4" in str(p) for p in problems] == [True, True]


def test_a_video_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    file = table(tmp_path, "a.mp4,0,2,1", "b.mp4,0,2,1")
    (tmp_path / "a.mp4").write_text("no video")
    problems: list[CorpusError] = []
    assert [v.name for v in read_highlight_table(file, problems.append)] == ["b.mp4"]
    assert [problem.path for problem in problems] == [tmp_path / "a.mp4"]


def test_lines_that_contradict_each_other_are_not_believed(tmp_path: Path) -> None:
    header = "video,start,end,domain"
    file = table(tmp_path, "a,0,2,dance", "a,3,4,song", header=header)
    with pytest.raises(CorpusError, match=r"more than one domain \(dance, song\)"):
        read_highlight_table(file)


def test_a_table_is_recognised_by_its_header(tmp_path: Path) -> None:
    assert guess_reader(table(tmp_path, "a,0,2,1")) == "table"
    with pytest.raises(CorpusError, match="no known corpus"):
        guess_reader(table(tmp_path, "a,kim", header="file,speaker"))
    with pytest.raises(CorpusError, match="columns are missing"):
        read_highlight_table(table(tmp_path, "a,kim", header="file,speaker"))
    with pytest.raises(CorpusError, match="no highlights"):
        read_highlight_table(table(tmp_path))


def collect(
    *cuts: tuple[float, float, Decision],
    name: str = "one",
    medium: str = "a" * 32,
    video: Path = Path("/gone.mp4"),
    seconds: float = 10,
    hours: int = 0,
    profile: str = "",
) -> Path:
    """Takes what an editor decided about one video in one project into the library."""
    made = (
        EditedCut(Cut(Span(Fraction(start), Fraction(end))), medium, decision)
        for start, end, decision in cuts
    )
    project = Project((Medium(medium, video),), tuple(made), Wishes(profile=profile))
    with Library.open() as library:
        collect_project(
            library,
            project,
            name,
            durations={medium: Fraction(seconds)},
            seen={medium: (Span(Fraction(0), Fraction(seconds)),)},
            collected=datetime(2024, 5, 1, hours, tzinfo=UTC),
        )
        return library.path


OPEN, KEPT, MAYBE, REJECTED = Decision.OPEN, Decision.KEPT, Decision.MAYBE, Decision.REJECTED


def test_kept_cuts_are_positive_rejected_ones_negative_and_the_rest_unsaid() -> None:
    collect((1, 3, REJECTED), (4, 6, MAYBE), (6, 7.5, KEPT), (8, 10, OPEN))
    (read,) = read_corrections()
    nan = float("nan")
    np.testing.assert_array_equal(
        read.relevance(), np.float32([nan, 0, 0, nan, nan, nan, 1, 1, nan, nan])
    )
    assert (read.key, read.annotators, read.file) == (("corrections", "a" * 32), ("editor",), None)


def test_what_was_trimmed_off_a_suggestion_is_negative() -> None:
    trimmed = EditedCut(
        Cut(Span(Fraction(2), Fraction(4))), "a", KEPT, touched=True,
        suggestion=Suggestion(Span(Fraction(1), Fraction(6))),
    )  # fmt: skip
    project = Project((Medium("a", Path("/gone.mp4")),), (trimmed,))
    with Library.open() as library:
        collect_project(library, project, "p", durations={"a": Fraction(8)}, seen={})
    (read,) = read_corrections()
    nan = float("nan")
    np.testing.assert_array_equal(read.relevance(), np.float32([nan, 0, 1, 1, 0, 0, nan, nan]))


def test_what_is_only_perhaps_wanted_makes_no_labelled_video() -> None:
    collect((1, 3, MAYBE))
    assert read_corrections() == []
    collect((1, 3, MAYBE), (4, 6, KEPT))
    assert len(read_corrections()) == 1


def test_each_video_of_the_library_is_as_long_as_it_lasts() -> None:
    collect((1, 3, KEPT), medium="b", name="b", seconds=4.6)
    collect((0, 2, REJECTED), medium="a", name="a", seconds=3)
    assert [(v.name, v.cells) for v in read_corrections()] == [("a", 3), ("b", 5)]


def test_of_a_video_in_several_projects_the_last_collected_one_counts() -> None:
    collect((1, 3, KEPT), name="b", hours=9)
    collect((0, 5, REJECTED), name="c", hours=8)
    (read,) = read_corrections()
    np.testing.assert_array_equal(read.relevance()[:5], [0, 1, 1, 0, 0])


def test_the_video_is_at_hand_while_it_is_the_same(video: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(video.read_bytes())
    name = fingerprint(copy)
    collect((1, 2, KEPT), medium=name, video=copy)
    (read,) = read_corrections()
    assert (read.name, read.file) == (name, copy)
    copy.write_bytes(b"another video")
    (read,) = read_corrections()
    assert read.file is None


def test_left_out_videos_are_no_labels_and_profiles_can_be_told_apart() -> None:
    collect((1, 3, KEPT), medium="a", name="a")
    collect((1, 3, KEPT), medium="b", name="b", profile="cooking")
    collect((1, 3, KEPT), medium="c", name="c")
    with Library.open() as library:
        library.leave_out("c", True)
    assert [video.name for video in read_corrections()] == ["a", "b"]
    assert [video.name for video in read_corrections(profile="cooking")] == ["b"]


def test_a_library_is_recognised_by_its_content_even_while_it_is_open(tmp_path: Path) -> None:
    file = collect((1, 3, KEPT))
    other = tmp_path / "other.db"
    other.write_bytes(file.read_bytes())
    assert guess_reader(other) == "corrections"
    assert [video.name for video in read_videos("corrections", other)] == ["a" * 32]
    with Library.open(tmp_path / "new.sqlite"):
        assert guess_reader(tmp_path / "new.sqlite") == "corrections"
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite")) as foreign:
        foreign.execute("CREATE TABLE cut (start)")
    for strange in (tmp_path / "foreign.sqlite", tmp_path / "text.sqlite"):
        with strange.open("ab") as text:
            text.write(b"no library")
        with pytest.raises(CorpusError, match="no known corpus"):
            guess_reader(strange)


def test_what_is_no_library_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there are no corrections"):
        read_corrections()
    with pytest.raises(CorpusError, match="there are no corrections"):
        read_corrections(tmp_path)
    strange = tmp_path / "strange.sqlite"
    strange.write_bytes(b"something else" * 100)
    with pytest.raises(CorpusError, match="not a library"):
        read_corrections(strange)
    assert strange.read_bytes() == b"something else" * 100


def test_a_video_that_cannot_be_that_long_is_reported() -> None:
    collect((1, 3, KEPT), medium="a", name="a")
    file = collect((1, 3, KEPT), medium="b", name="b")
    with closing(sqlite3.connect(file)) as hostile, hostile:
        hostile.execute("UPDATE mention SET duration = '10000000/1' WHERE video = 'b'")
    problems: list[CorpusError] = []
    read = read_videos("corrections", file, problems.append)
    assert [video.name for video in read] == ["a"]
    assert "cannot last" in str(problems[0])
