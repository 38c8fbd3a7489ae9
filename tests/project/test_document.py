from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.cutting.cut import Cut
from core.errors import ProjectError
from core.project.document import LEAST_CUT, Edit, EditedCut, limited
from core.project.session import load_session, save_session, session_path
from core.project.suggesting import suggest_around
from core.time import Span
from tests.synthetic import make_video


def cut(start: int, end: int) -> Cut:
    return Cut(Span(Fraction(start), Fraction(end)))


def edit(*spans: tuple[int, int]) -> Edit:
    return Edit(tuple(EditedCut(cut(*span)) for span in spans))


def spans(state: Edit) -> list[tuple[int, int]]:
    return [(int(c.span.start), int(c.span.end)) for c in state.cuts]


def test_suggestions_go_around_what_the_editor_touched() -> None:
    state = edit((0, 5), (10, 15))
    state = state.changed(state.cuts[1].identifier, cut(11, 16))
    state = state.suggested([cut(2, 6), cut(12, 14), cut(20, 25)])
    assert spans(state) == [(2, 6), (11, 16), (20, 25)]


def test_a_deleted_suggestion_does_not_come_back() -> None:
    state = edit((0, 5), (10, 15))
    state = state.removed(state.cuts[0].identifier).suggested([cut(1, 4), cut(10, 15)])
    assert spans(state) == [(10, 15)]


def test_a_deleted_cut_of_ones_own_is_not_a_rejection() -> None:
    state = Edit().added(cut(3, 6))
    state = state.removed(state.cuts[0].identifier).suggested([cut(3, 6)])
    assert spans(state) == [(3, 6)]


def test_a_repeated_suggestion_is_the_same_cut() -> None:
    state = edit((0, 5), (10, 15))
    assert state.suggested([cut(0, 5), cut(20, 22)]).cuts[0].identifier == (
        state.cuts[0].identifier
    )


@given(st.fractions(-50, 150), st.fractions(Fraction(1, 100), 200), st.fractions(1, 100))
def test_a_dragged_cut_stays_inside_the_video(
    start: Fraction, length: Fraction, duration: Fraction
) -> None:
    span = limited(Span(start, start + length), duration)
    assert 0 <= span.start < span.end <= duration
    assert span.duration >= min(LEAST_CUT, length) - Fraction(1, 1000)


def test_a_session_comes_back_as_it_was_left() -> None:
    state = edit((0, 5), (10, 15), (20, 25))
    state = state.removed(state.cuts[0].identifier)
    state = state.changed(state.cuts[0].identifier, cut(9, 14))
    save_session("abc", state, Path("영상.mp4"))
    assert load_session("abc") == state


def test_a_video_never_edited_has_no_session() -> None:
    assert load_session("unknown") is None
    assert not session_path("unknown").exists()


def test_suggestions_fill_what_the_editor_left_open(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, seconds=30, fps=10, beeps=[5, 22], tone=0.02)
    analysis = analyse(path, store=Store(tmp_path / "store"))
    own = Edit().added(cut(4, 10))
    for length, most in ((12, 6), (8, 0), (6, 0), (3, 0)):
        cuts = suggest_around(analysis, own, length)
        assert sum(float(c.span.duration) for c in cuts) <= most
        assert not any(c.span.overlaps(own.cuts[0].span) for c in cuts)
    assert suggest_around(analysis, own, 12)


@pytest.mark.parametrize("text", ["", "xx", '{"format": 1, "cuts": 5}', '{"format": 99}'])
def test_a_session_that_cannot_be_read_is_set_aside_not_overwritten(text: str) -> None:
    path = session_path("abc")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be read"):
        load_session("abc")
    (aside,) = path.parent.iterdir()
    assert aside != path
    assert aside.read_text(encoding="utf-8") == text
