from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.analysis.analysis import Analysis
from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.cutting.cut import Cut
from core.project import editing
from core.project.document import Medium, Project, Wishes
from core.project.emotion_corrections import EmotionCorrection
from core.project.suggesting import suggest_around
from core.time import Span
from tests.project.analyses import speech
from tests.synthetic import make_video

A, B = "a" * 32, "b" * 32
MEDIA = (Medium(A, Path("a.mp4")), Medium(B, Path("b.mp4")))


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = tmp_path_factory.mktemp("suggesting")
    make_video(folder / "video.mp4", seconds=30, fps=10, beeps=[5, 22], tone=0.02)
    return analyse(folder / "video.mp4", store=Store(folder / "store"))


def wishing(length: float, threshold: float | None = None) -> Project:
    return Project(MEDIA, wishes=Wishes(length=length, threshold=threshold))


def seconds(cuts: list[Cut]) -> float:
    return sum(float(c.span.duration) for c in cuts)


def test_they_fill_what_the_editor_left_open(analysis: Analysis) -> None:
    own = Span(Fraction(4), Fraction(10))
    for length, most in ((12, 6), (8, 0), (6, 0), (3, 0)):
        project = editing.add_cut(wishing(length), A, own, lambda medium, span: Cut(span))
        cuts = suggest_around({A: analysis}, project)[A]
        assert seconds(cuts) <= most
        assert not any(c.span.overlaps(own) for c in cuts)
        assert bool(cuts) == bool(most)


def test_two_videos_share_the_length(analysis: Analysis) -> None:
    made = suggest_around({A: analysis, B: analysis}, wishing(16))
    assert 2.5 <= seconds(made[A]) <= 8
    assert 2.5 <= seconds(made[B]) <= 8


def test_what_another_video_has_without_its_analysis_counts(analysis: Analysis) -> None:
    cut = Cut(Span(Fraction(0), Fraction(9)))
    project = editing.take_suggestions(wishing(12), B, [cut])
    assert seconds(suggest_around({A: analysis}, project)[A]) <= 3


def test_nothing_below_the_threshold_is_suggested(analysis: Analysis) -> None:
    score = analysis.highlight.score
    threshold = float(np.quantile(score, 0.7))
    cuts = suggest_around({A: analysis}, wishing(20, threshold))[A]
    assert cuts
    for cut in cuts:
        assert score[analysis.grid.cells(cut.span, analysis.cells)].mean() >= threshold * 0.9
    assert seconds(cuts) < seconds(suggest_around({A: analysis}, wishing(20))[A])
    assert suggest_around({A: analysis}, wishing(20, 2.0))[A] == []


def test_they_say_the_emotion_that_the_editor_corrected(analysis: Analysis) -> None:
    heard = np.tile(speech("sad", 0.5), (analysis.cells, 1))
    sad = analysis.with_track("speech-emotion", heard)
    surprised = EmotionCorrection(Span(Fraction(0), Fraction(30)), "surprise")
    medium = replace(MEDIA[0], emotion_corrections=(surprised,))
    before = suggest_around({A: sad}, wishing(12))[A]
    after = suggest_around({A: sad}, wishing(12).with_medium(medium))[A]
    assert before
    assert [c.span for c in after] == [c.span for c in before]
    for cuts, emotion in ((before, "sad 70"), (after, "surprise 100")):
        assert all(any(reason.text == f"{emotion}\u00a0%" for reason in c.reasons) for c in cuts)
