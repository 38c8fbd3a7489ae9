from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.cutting.cut import Cut
from core.errors import ProjectError
from core.project.document import LEAST_CUT, Edit, EditedCut, limited
from core.project.emotion_corrections import EmotionCorrection
from core.project.session import load_session, save_session, session_path
from core.project.suggesting import suggest_around
from core.time import Span
from tests.project.analyses import speech
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


def happy(start: Fraction | int, end: Fraction | int) -> EmotionCorrection:
    return EmotionCorrection(Span(Fraction(start), Fraction(end)), "happy", arousal=0.3)


def test_emotions_are_corrected_and_taken_back_and_older_states_stay() -> None:
    state = edit((0, 5))
    told = state.with_emotion(happy(1, 4))
    less = told.without_emotion(Span(Fraction(2), Fraction(3)))
    assert state.emotion_corrections == ()
    assert told.emotion_corrections == (happy(1, 4),)
    assert less.emotion_corrections == (happy(1, 2), happy(3, 4))


def test_corrected_emotions_survive_every_edit_of_the_cuts() -> None:
    state = edit((0, 5), (10, 15)).with_emotion(happy(1, 4))
    state = state.changed(state.cuts[0].identifier, cut(1, 5)).added(cut(20, 25))
    state = state.removed(state.cuts[1].identifier).suggested([cut(30, 35)])
    assert spans(state) == [(1, 5), (20, 25), (30, 35)]
    assert state.emotion_corrections == (happy(1, 4),)


def test_corrected_emotions_come_back_with_the_session() -> None:
    state = edit((0, 5)).with_emotion(happy(Fraction(1, 3), Fraction(7, 3)))
    state = state.with_emotion(EmotionCorrection(Span(Fraction(4), Fraction(5)), valence=-0.1))
    save_session("abc", state, Path("영상.mp4"))
    assert load_session("abc") == state


def test_a_session_of_cuts_alone_has_no_corrected_emotions() -> None:
    save_session("abc", edit((0, 5)), Path("video.mp4"))
    path = session_path("abc")
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["emotion_corrections"]
    path.write_text(json.dumps(data), encoding="utf-8")
    state = load_session("abc")
    assert state is not None
    assert state.emotion_corrections == ()


def test_corrections_that_somebody_wrote_over_each_other_are_sorted_out() -> None:
    save_session("abc", Edit(), Path("video.mp4"))
    path = session_path("abc")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["emotion_corrections"] = [
        {"start": 2, "end": 6, "emotion": "happy", "arousal": 0.3},
        {"start": 0, "end": 4, "emotion": "happy", "arousal": 0.3},
    ]
    path.write_text(json.dumps(data), encoding="utf-8")
    state = load_session("abc")
    assert state is not None
    assert state.emotion_corrections == (happy(0, 4), happy(4, 6))


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


def test_suggestions_say_the_emotion_that_the_editor_corrected(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, seconds=30, fps=10, beeps=[5, 22], tone=0.02)
    analysis = analyse(path, store=Store(tmp_path / "store"))
    heard = np.tile(speech("sad", 0.5), (analysis.cells, 1))
    analysis = analysis.with_track("speech-emotion", heard)
    state = Edit().with_emotion(EmotionCorrection(Span(Fraction(0), Fraction(30)), "surprise"))
    before = suggest_around(analysis, Edit(), 12)
    after = suggest_around(analysis, state, 12)
    assert before
    assert [c.span for c in after] == [c.span for c in before]
    for cuts, emotion in ((before, "sad 70"), (after, "surprise 100")):
        assert all(any(reason.text == f"{emotion}\u00a0%" for reason in c.reasons) for c in cuts)


@pytest.mark.parametrize(
    "text",
    [
        "", "xx", '{"format": 1, "cuts": 5}', '{"format": 99}',
        '{"format": 1, "cuts": [], "rejected": [], "emotion_corrections": 5}',
        '{"format": 1, "cuts": [], "rejected": [], "emotion_corrections": [{"emotion": "sad"}]}',
    ],
)  # fmt: skip
def test_a_session_that_cannot_be_read_is_set_aside_not_overwritten(text: str) -> None:
    path = session_path("abc")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be read"):
        load_session("abc")
    (aside,) = path.parent.iterdir()
    assert aside != path
    assert aside.read_text(encoding="utf-8") == text
