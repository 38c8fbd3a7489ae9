from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS, Highlight
from core.analysis.tags import Tagger, tagged
from core.cutting.cut import Cut, Reason
from core.cutting.reasons import reasons_for
from core.cutting.snapping import Place
from core.cutting.suggest import describe
from core.project.cuts_file import cut_from_json, cut_to_json
from tests.analysis.test_tags import BACKBONE, save_made_tagger, seen, span, watched

NAMES = {"place": ["주방", "거리", *(f"곳 {number}" for number in range(19))]}


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    folder = save_made_tagger(tmp_path, useful=["place"], names=NAMES)
    return tagged(watched(seen(*[0] * 20, *[1] * 20)), Tagger(folder, BACKBONE))


def tags(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.text for reason in reasons if reason.kind == "tag"]


def test_a_cut_says_what_is_seen_in_it(analysis: Analysis) -> None:
    assert tags(describe(analysis, Cut(span(4, 12))).reasons) == ["place 주방 (99\u00a0%)"]
    assert tags(describe(analysis, Cut(span(30, 35))).reasons) == ["place 거리 (99\u00a0%)"]
    assert tags(describe(analysis, Cut(span(16, 20.5))).reasons) == ["place 주방 (99\u00a0%)"]
    assert tags(describe(analysis, Cut(span(18, 24))).reasons) == ["place 거리 (66\u00a0%)"]


def test_words_stand_after_what_stands_out_and_before_the_boundaries(analysis: Analysis) -> None:
    reasons = reasons_for(analysis, span(2, 6), Place(2.0, "shot", 0), Place(6.0, "pause", 0))
    assert [reason.kind for reason in reasons] == ["curve", "tag", "start", "end"]
    assert reasons[1].value == pytest.approx(0.99, abs=0.01)


def test_words_are_kept_with_the_cut(analysis: Analysis) -> None:
    cut = describe(analysis, Cut(span(2, 6)))
    again = cut_from_json(cut_to_json(cut), Path("cuts.json"))
    assert tags(again.reasons) == tags(cut.reasons) == ["place 주방 (99\u00a0%)"]


def test_without_a_tagger_a_cut_has_no_words() -> None:
    assert tags(reasons_for(watched(seen(0, 0, 0)), span(0, 3))) == []


def lifted(**parts: float) -> Analysis:
    """Six seconds, loud and moving in the last two, where these parts of the score rise."""
    plain = watched(seen(*6 * [0]))
    contributions = np.full((6, 4), 0.1, np.float32)
    for name, rise in parts.items():
        contributions[4:, CONTRIBUTIONS.index(name)] += rise
    loudness = np.full((6, 3), -30.0, np.float32)
    motion = np.full((6, 4), 2.0, np.float32)
    loudness[4:, 0], motion[4:, 0] = -18.0, 9.0
    highlight = Highlight(contributions.sum(axis=1), contributions, "made")
    tracks = {**plain.tracks, "loudness": loudness, "motion": motion}
    return replace(plain, highlight=highlight, tracks=tracks)


def test_reasons_are_what_the_model_added_the_largest_first() -> None:
    kinds = [reason.kind for reason in reasons_for(lifted(picture=0.3, sound=0.1), span(4, 6))]
    assert kinds == ["curve", "motion", "loudness"]
    first = reasons_for(lifted(picture=0.3, sound=0.1), span(4, 6))[0]
    assert first.text.endswith(": picture +0.20, sound +0.07")


def test_what_did_not_move_the_curve_is_no_reason() -> None:
    """It is as loud, but the model did not use it."""
    kinds = [reason.kind for reason in reasons_for(lifted(picture=0.3), span(4, 6))]
    assert kinds == ["curve", "motion"]
