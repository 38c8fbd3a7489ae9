from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.analysis.analysis import Analysis
from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.cutting.suggest import CuttingRules, suggest
from core.errors import UsageError
from core.media.frames import read_pictures
from core.places import SAMPLE_VIDEO
from core.time import Span, total_duration
from tests.synthetic import make_video

TRUTH = json.loads(SAMPLE_VIDEO.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analyse(SAMPLE_VIDEO, store=Store(tmp_path_factory.mktemp("store")))


def overlap(a: Span, start: float, end: float) -> float:
    return max(0.0, min(float(a.end), end) - max(float(a.start), start))


def test_the_highlights_of_the_sample_are_found(sample: Analysis) -> None:
    cuts = suggest(sample, CuttingRules(30))
    for highlight in TRUTH["highlights"]:
        start, end = highlight["start"], highlight["end"]
        assert sum(overlap(cut.span, start, end) for cut in cuts) > 0.7 * (end - start), highlight


def test_the_replay_is_not_suggested_again(sample: Analysis) -> None:
    cuts = suggest(sample, CuttingRules(45))
    for replay in TRUTH["replays"]:
        first = sum(overlap(cut.span, *replay["of"]) for cut in cuts)
        again = sum(overlap(cut.span, replay["start"], replay["end"]) for cut in cuts)
        assert first > 3
        assert again < 1.5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(3, 120), st.floats(0.5, 4), st.floats(4, 20))
def test_any_wish_is_kept(sample: Analysis, length: float, shortest: float, longest: float) -> None:
    if min(longest, length) < shortest:
        with pytest.raises(UsageError):
            CuttingRules(length, shortest, longest)
        return
    cuts = suggest(sample, CuttingRules(length, shortest, longest))
    frame = 1 / sample.info.video.frame_rate
    assert float(total_duration(cut.span for cut in cuts)) <= length
    for cut in cuts:
        assert 0 <= cut.span.start < cut.span.end <= sample.info.duration
        assert cut.reasons
        if length < sample.info.duration:
            assert cut.span.duration <= longest + frame
    for before, after in itertools.pairwise(cuts):
        assert before.span.end <= after.span.start


def test_boundaries_are_frames_of_the_video(sample: Analysis) -> None:
    frames = {picture.time for picture in read_pictures(sample.info)} | {sample.info.duration}
    for cut in suggest(sample, CuttingRules(30)):
        assert {cut.span.start, cut.span.end} <= frames


def test_most_boundaries_are_on_shots_or_in_pauses(sample: Analysis) -> None:
    cuts = suggest(sample, CuttingRules(30))
    good = sum(reason.kind in ("start", "end") for cut in cuts for reason in cut.reasons)
    assert good >= len(cuts)


def test_what_was_rejected_does_not_come_back(sample: Analysis) -> None:
    first = suggest(sample, CuttingRules(30))
    best = max(first, key=lambda cut: cut.score)
    again = suggest(sample, CuttingRules(30), exclude=[best.span])
    assert again
    assert not any(cut.span.overlaps(best.span) for cut in again)


def test_reasons_carry_numbers(sample: Analysis) -> None:
    best = max(suggest(sample, CuttingRules(30)), key=lambda cut: cut.score)
    texts = [reason.text for reason in best.reasons]
    assert any("louder than usual" in text for text in texts)
    assert any(character.isdigit() for character in " ".join(texts))


@pytest.mark.parametrize("seconds", [2, 12])
def test_a_video_no_longer_than_the_target_is_kept_whole(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "short.mp4"
    make_video(path, seconds=seconds, fps=25)
    analysis = analyse(path, store=Store(tmp_path / "store"))
    (cut,) = suggest(analysis, CuttingRules(30))
    assert cut.span == Span(Fraction(0), analysis.info.duration)
    assert cut.reasons


def test_a_silent_still_video_still_gives_a_short(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    make_video(path, seconds=40, fps=10, audio=None)
    cuts = suggest(analyse(path, store=Store(tmp_path / "store")), CuttingRules(15))
    assert total_duration(cut.span for cut in cuts) > 5


@pytest.mark.parametrize(("length", "shortest", "longest"), [(0, 1, 2), (30, 5, 2), (30, -1, 2)])
def test_contradictory_wishes_are_refused(length: float, shortest: float, longest: float) -> None:
    with pytest.raises(UsageError, match="not possible"):
        CuttingRules(length, shortest, longest)
