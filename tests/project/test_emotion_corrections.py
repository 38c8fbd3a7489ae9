from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.report import curves
from core.cutting.reasons import reasons_for
from core.errors import ProjectError, UsageError
from core.networks.emotion_classes import EMOTIONS
from core.project.emotion_corrections import (
    EmotionCorrection,
    apply_corrections,
    corrected,
    corrected_analysis,
    correction_from_json,
    correction_to_json,
    without,
)
from core.time import Grid, Span
from tests.project.analyses import SILENCE, analysis_of, speech, track

CELLS = 12
AROUSAL, VALENCE, CONFIDENCE = 7, 8, 9

times = st.fractions(0, CELLS, max_denominator=12)
spans = (
    st.tuples(times, times)
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: Span(min(two), max(two)))
)
values = st.none() | st.floats(-1, 1)
corrections = st.builds(
    EmotionCorrection, spans, st.none() | st.sampled_from(EMOTIONS), values, st.floats(-1, 1)
)
edits = st.lists(corrections | spans, max_size=8)
grids = st.sampled_from([Grid(Fraction(1, 2)), Grid(), Grid(Fraction(7, 10)), Grid(Fraction(2))])


def span(start: float, end: float) -> Span:
    return Span(Fraction(start), Fraction(end))


def made(steps: list[EmotionCorrection | Span]) -> tuple[EmotionCorrection, ...]:
    """What is left after the editor corrected (a correction) and took back (a span)."""
    state: tuple[EmotionCorrection, ...] = ()
    for step in steps:
        state = without(state, step) if isinstance(step, Span) else corrected(state, step)
    return state


def last_word(
    steps: list[EmotionCorrection | Span], seconds: Fraction
) -> tuple[str | None, float | None, float | None] | None:
    """What the editor said last about a moment."""
    for step in reversed(steps):
        if seconds in (step if isinstance(step, Span) else step.span):
            if isinstance(step, Span):
                return None
            return step.emotion, step.arousal, step.valence
    return None


@given(edits)
def test_the_last_word_counts_at_every_moment(steps: list[EmotionCorrection | Span]) -> None:
    state = made(steps)
    assert all(a.span.end <= b.span.start for a, b in pairwise(state))
    for moment in range(24 * CELLS):
        seconds = Fraction(moment, 24) + Fraction(1, 1000)
        said = [(c.emotion, c.arousal, c.valence) for c in state if seconds in c.span]
        assert said == ([word] if (word := last_word(steps, seconds)) else [])


@given(edits, grids, st.integers(0, 2**32 - 1))
def test_only_corrected_cells_change_and_only_once(
    steps: list[EmotionCorrection | Span], grid: Grid, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.random((grid.count(Fraction(CELLS)), 10)).astype(np.float32)
    rows[generator.random(len(rows)) < 0.3] = np.nan
    before = rows.copy()
    state = made(steps)
    told = apply_corrections(rows, state, grid)
    np.testing.assert_array_equal(rows, before)
    np.testing.assert_array_equal(apply_corrections(told, state, grid), told)
    for cell, row in enumerate(told):
        word = last_word(steps, grid.span(cell).middle)
        expected = rows[cell].copy()
        if word is not None:
            emotion, arousal, valence = word
            if emotion is not None:
                expected[:7] = [name == emotion for name in EMOTIONS]
                expected[CONFIDENCE] = 1
            expected[AROUSAL] = expected[AROUSAL] if arousal is None else arousal
            expected[VALENCE] = expected[VALENCE] if valence is None else valence
        np.testing.assert_array_equal(row, expected)


def test_a_correction_in_the_middle_of_another_leaves_both_ends_of_it() -> None:
    state = made(
        [EmotionCorrection(span(0, 10), "sad"), EmotionCorrection(span(4, 6), arousal=0.5)]
    )
    assert state == (
        EmotionCorrection(span(0, 4), "sad"),
        EmotionCorrection(span(4, 6), arousal=0.5),
        EmotionCorrection(span(6, 10), "sad"),
    )
    assert without(state, span(2, 8)) == (
        EmotionCorrection(span(0, 2), "sad"),
        EmotionCorrection(span(8, 10), "sad"),
    )


def test_a_named_emotion_is_certain_and_leaves_arousal_and_valence() -> None:
    rows = track(speech("sad", 0.4), speech("sad", 0.4))
    told = apply_corrections(rows, [EmotionCorrection(span(1, 2), "happy")], Grid())
    np.testing.assert_array_equal(told[0], rows[0])
    assert told[1].tolist() == [0, 1, 0, 0, 0, 0, 0, 0.25, -0.5, 1]


def test_arousal_and_valence_are_corrected_without_the_emotion() -> None:
    rows = track(speech("sad", 0.4))
    told = apply_corrections(rows, [EmotionCorrection(span(0, 1), None, 1.0, -1.0)], Grid())
    np.testing.assert_array_equal(told[0, :AROUSAL], rows[0, :AROUSAL])
    assert told[0, AROUSAL:].tolist() == pytest.approx([1, -1, 0.4])


def test_where_no_speech_was_heard_only_what_the_editor_said_is_known() -> None:
    rows = track(SILENCE, SILENCE)
    told = apply_corrections(
        rows,
        [EmotionCorrection(span(0, 1), "fear"), EmotionCorrection(span(1, 2), valence=-0.5)],
        Grid(),
    )
    assert told[0, EMOTIONS.index("fear")] == told[0, CONFIDENCE] == 1
    assert np.isnan(told[0, [AROUSAL, VALENCE]]).all()
    assert told[1, VALENCE] == -0.5
    assert np.isnan(np.delete(told[1], VALENCE)).all()


@pytest.mark.parametrize("duration", ["2.3", "2.5", "2.9", "3"])
def test_a_correction_up_to_the_end_reaches_a_last_cell_that_is_not_full(duration: str) -> None:
    rows = track(*3 * [speech("sad", 0.4)])
    analysis = analysis_of(rows, duration=Fraction(duration))
    told = corrected_analysis(
        analysis, [EmotionCorrection(Span(Fraction(2), Fraction(duration)), "happy")]
    )
    assert told.column("speech-emotion", 1).tolist() == pytest.approx([0.05, 0.05, 1])


def test_a_track_of_another_shape_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\(3, 9\)"):
        apply_corrections(np.zeros((3, 9), np.float32), [], Grid())


def test_reasons_and_curves_tell_what_the_editor_said_and_the_highlights_stay() -> None:
    rows = track(*5 * [speech("sad", 0.4, arousal=-0.5)], SILENCE)
    analysis = analysis_of(rows)
    told = corrected_analysis(analysis, [EmotionCorrection(span(1, 3), "surprise", arousal=0.75)])
    curve, *heard = reasons_for(told, span(1, 3))
    assert curve.kind == "curve"
    assert [reason.text for reason in heard] == ["surprise 100\u00a0%"]
    assert curves(analysis)["emotion"]["confidence"] == [0.4, 0.4, 0.4, 0.4, 0.4, None]
    assert curves(told)["emotion"]["confidence"] == [0.4, 1, 1, 0.4, 0.4, None]
    assert curves(told)["emotion"]["arousal"] == [-0.5, 0.75, 0.75, -0.5, -0.5, None]
    assert curves(told)["highlight"] == curves(analysis)["highlight"]


def test_a_video_without_an_emotion_track_stays_as_it_is() -> None:
    silent = replace(analysis_of(track(SILENCE)), tracks={})
    assert corrected_analysis(silent, [EmotionCorrection(span(0, 1), "sad")]) is silent


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "says nothing"),
        ({"emotion": "boredom"}, "'boredom' is not an emotion"),
        ({"arousal": 1.5}, "arousal cannot be 1.5"),
        ({"emotion": "sad", "valence": float("nan")}, "valence cannot be nan"),
        ({"span": span(-1, 2), "emotion": "sad"}, "before the video"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        EmotionCorrection(**{"span": span(0, 1), **wrong})


@given(corrections)
def test_a_correction_comes_back_exactly(correction: EmotionCorrection) -> None:
    text = json.dumps(correction_to_json(correction))
    assert correction_from_json(json.loads(text), Path("file")) == correction


@pytest.mark.parametrize(
    "text",
    [
        "3", "null", "[]", '"sad"', "{}", '{"start": 0, "end": 1}',
        '{"start": 0, "emotion": "sad"}',
        '{"start": 2, "end": 1, "emotion": "sad"}', '{"start": 0, "end": 1, "emotion": "boredom"}',
        '{"start": 0, "end": 1, "emotion": ["sad"]}', '{"start": 0, "end": 1, "arousal": "high"}',
        '{"start": 0, "end": 1, "arousal": 2}', '{"start": 0, "end": 1, "valence": NaN}',
        '{"start": 0, "end": 1, "valence": true}', '{"start": -1, "end": 1, "valence": 0}',
        '{"start_exact": "1/0", "end": 1, "emotion": "sad"}',
    ],
)  # fmt: skip
def test_damaged_corrections_name_their_file(text: str) -> None:
    with pytest.raises(ProjectError) as caught:
        correction_from_json(json.loads(text), Path("edit.json"))
    assert "edit.json" in str(caught.value)
