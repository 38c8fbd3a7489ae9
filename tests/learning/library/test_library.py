from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.learning.library.library import Library, library_file
from core.learning.library.records import Kind, ProjectCorrections, VideoFeatures
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from tests.learning.library import made
from tests.learning.library.made import DAY, cut, project, span, video

HAPPY = EmotionCorrection(span(1, 2), "happy", 0.1, None)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as opened:
        yield opened


def test_the_library_of_the_user_is_made_when_it_is_opened_first() -> None:
    assert not library_file().exists()
    with Library.open() as library:
        assert library.videos() == []
        assert library.corrections() == []
        assert library.profiles() == []
        assert library.problems() == []
    assert library_file().is_file()


@settings(max_examples=50)
@given(made.projects)
def test_what_was_collected_is_read_back_exactly(given_project: ProjectCorrections) -> None:
    with Library.open(Path(":memory:")) as library:
        library.collect(given_project)
        for one in given_project.videos:
            stored = library.corrections("" if not given_project.profile else None, one.video)
            assert {(s.project, s.profile, s.collected) for s in stored} <= {
                (given_project.project, given_project.profile, given_project.collected)
            }
            said = [s.correction for s in stored]
            assert set(said) == {*one.cuts, *one.emotions}
            assert len(said) == len(one.cuts) + len(one.emotions)
            assert library.seen(None, one.video) == (one.seen if said else ())
            listed = {found.video: found for found in library.videos()}
            if said:
                assert listed[one.video].path == one.path
                assert listed[one.video].duration == one.duration
                assert sum(listed[one.video].counts.values()) == len(one.cuts)
                assert listed[one.video].emotions == len(one.emotions)
                assert listed[one.video].seen == pytest.approx(
                    float(sum((stretch.duration for stretch in one.seen), Fraction(0)))
                )
            else:
                assert one.video not in listed


def test_collecting_replaces_what_the_project_said_and_counts_what_changed(
    library: Library,
) -> None:
    first = project("p", video("v", [cut("a"), cut("b"), cut("c")], (HAPPY,)))
    assert library.collect(first) == 4
    later = project("p", video("v", [cut("a"), cut("b", 7), cut("d")], (HAPPY,)), day=1)
    assert library.collect(later) == 3
    dated = {
        one.correction.identifier: one.collected
        for one in library.corrections()
        if not isinstance(one.correction, EmotionCorrection)
    }
    assert dated == {"a": DAY, "b": later.collected, "d": later.collected}


def test_the_same_content_changes_nothing_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    said = (video("v", [cut("a")], (HAPPY,), (span(0, 9),)), video("w", [cut("b")]))
    with Library.open(path) as library:
        library.collect(project("p", *said))
        library.keep_features("v", made.features())
    before = path.read_bytes()
    with Library.open(path) as library:
        assert library.collect(project("p", *said, day=1)) == 0
        library.keep_features("v", made.features())
        assert library.corrections()[0].collected == DAY
    assert path.read_bytes() == before


def test_projects_do_not_touch_each_other(library: Library) -> None:
    library.collect(project("p", video("v", [cut("a")], seen=(span(0, 4),))))
    library.collect(project("q", video("v", [cut("a", 5)], seen=(span(3, 6), span(8, 9)))))
    assert [one.project for one in library.corrections(video="v")] == ["p", "q"]
    assert library.seen("", "v") == (span(0, 6), span(8, 9))
    assert library.seen("", "v", project="p") == (span(0, 4),)
    (listed,) = library.videos()
    assert listed.counts == {Kind.KEPT: 2}
    assert listed.seen == 7.0


def test_a_project_that_changes_its_profile_takes_its_corrections_along(library: Library) -> None:
    library.collect(project("p", video("v", [cut("a")]), profile="games"))
    assert library.collect(project("p", video("v", [cut("a")]), profile="cooking")) == 1
    assert library.profiles() == ["cooking"]
    assert library.videos("games") == []
    assert len(library.videos("cooking")) == 1


def test_a_project_without_decisions_is_not_kept(library: Library) -> None:
    library.collect(project("p", video("v", seen=(span(0, 4),))))
    assert library.videos() == library.profiles() == []


def test_a_video_that_no_project_speaks_of_any_more_goes_with_its_features(
    library: Library,
) -> None:
    library.collect(project("p", video("v", [cut("a")]), video("w", [cut("b")])))
    library.keep_features("v", made.features())
    library.collect(project("p", video("w", [cut("b")])))
    assert library.features("v") is None
    assert [one.video for one in library.videos()] == ["w"]


@settings(max_examples=30)
@given(
    st.sampled_from(["float16", "float32", "float64"]),
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
)
def test_features_are_read_back_bit_by_bit(dtype: str, shape: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).random(shape).astype(dtype)
    kept = VideoFeatures(Fraction(3, 2), {"소리": rows}, {"소리": "2 'x'"})
    with Library.open(Path(":memory:")) as library:
        library.collect(project("p", video("v", [cut("a")])))
        library.keep_features("v", made.features())
        library.keep_features("v", kept)
        assert made.same(library.features("v"), kept)
        assert library.has_features("v") == {"소리": "2 'x'"}
        (listed,) = library.videos()
        assert listed.features
        assert listed.stored >= rows.nbytes / 2


@pytest.mark.parametrize(
    "broken",
    [
        VideoFeatures(Fraction(1), {"a": np.zeros(3, np.float32)}, {}),
        VideoFeatures(Fraction(1), {"a": np.zeros((3, 0), np.float32)}, {"a": "1"}),
        VideoFeatures(Fraction(1), {"a": np.zeros(3, np.int64)}, {"a": "1"}),  # type: ignore[dict-item]
        VideoFeatures(Fraction(1, 7), {"a": np.zeros(3, np.float32)}, {"a": "1"}),
        VideoFeatures(
            Fraction(1),
            {"a": np.zeros(3, np.float32), "b": np.zeros(4, np.float32)},
            {"a": "1", "b": "1"},
        ),
        VideoFeatures(Fraction(1), {"a": np.zeros(3, np.float32)}, {"a": "1" * 2000}),
    ],
)
def test_features_that_nothing_could_learn_from_are_refused(
    library: Library, broken: VideoFeatures
) -> None:
    with pytest.raises(UsageError):
        library.keep_features("v", broken)
    assert library.features("v") is None


@pytest.mark.parametrize(
    "broken",
    [
        project("p", video("v", [cut("a")]), video("v", [cut("a")])),
        project("p", video("v", [cut("a"), cut("a", 4)])),
        project("p", video("", [cut("a")])),
        project("p", video("v", [cut("")])),
        project("p", video("v", [cut("a")]), profile="x" * 100),
        project("p", video("v", [cut("a", -5)])),
        ProjectCorrections("p", "", DAY.replace(tzinfo=None), (video("v", [cut("a")]),)),
    ],
)
def test_corrections_that_no_project_has_are_refused(
    library: Library, broken: ProjectCorrections
) -> None:
    with pytest.raises(UsageError):
        library.collect(broken)
    assert library.corrections() == []


def test_of_a_left_out_video_nothing_is_taken_and_what_is_there_stays(library: Library) -> None:
    library.collect(project("p", video("v", [cut("a")])))
    library.leave_out("v", True)
    library.leave_out("w", True)
    assert library.collect(project("p", video("v", [cut("b")]), video("w", [cut("c")]))) == 0
    library.keep_features("w", made.features())
    assert library.features("w") is None
    assert [one.correction for one in library.corrections()] == [cut("a")]
    assert library.left_out() == {"v", "w"}
    assert all(one.left_out for one in library.videos())
    library.leave_out("v", False)
    assert library.collect(project("p", video("v", [cut("b")]))) == 2
    assert not library.videos("")[0].left_out


def test_names_that_no_text_file_can_hold_are_kept_readable(library: Library) -> None:
    odd = "/p/\udcff.emotionshort"
    library.collect(project(odd, video("v", [cut("\ud800")])))
    (stored,) = library.corrections()
    library.forget(stored.project, [stored.correction.identifier])  # type: ignore[union-attr]
    assert library.corrections() == []
    assert library.collect(project(odd, video("v", [cut("\ud800")]))) == 0


def test_what_was_suggested_is_remembered_exactly(library: Library) -> None:
    given_cut = cut("a", 3, Kind.TRIMMED, Suggestion(span(Fraction(1, 3), 2), "fusion 12"))
    library.collect(project("p", video("v", [given_cut])))
    assert library.corrections()[0].correction == given_cut


def test_a_library_belongs_to_the_thread_that_opened_it(library: Library) -> None:
    failed: list[BaseException] = []

    def read() -> None:
        try:
            library.videos()
        except sqlite3.ProgrammingError as error:
            failed.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert failed
