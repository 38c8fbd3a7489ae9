from __future__ import annotations

from fractions import Fraction

import pytest

from core.analysis.heard import heard_in
from core.time import Span
from tests.project.analyses import SILENCE, analysis_of, speech, track

WHOLE = Span(Fraction(0), Fraction(4))


def test_means_are_over_what_is_spoken() -> None:
    rows = track(SILENCE, speech("happy", 0.9, 0.2), speech("sad", 0.4, 0.6), SILENCE)
    heard = heard_in(analysis_of(rows), WHOLE)
    assert heard is not None
    assert heard.probabilities["happy"] == pytest.approx(0.375)
    assert sum(heard.probabilities.values()) == pytest.approx(1.0)
    assert (heard.arousal, heard.valence) == (pytest.approx(0.4), pytest.approx(-0.5))
    assert heard.speech == pytest.approx(0.5)


def test_silence_has_no_emotion() -> None:
    heard = heard_in(analysis_of(track(SILENCE, SILENCE)), WHOLE)
    assert heard is not None
    assert heard.probabilities == {}
    assert heard.arousal is None
    assert heard.speech == 0


def test_what_is_not_analysed_yet_was_not_heard() -> None:
    analysis = analysis_of(track(SILENCE), duration=Fraction(10))
    assert heard_in(analysis, Span(Fraction(5), Fraction(6))) is None
