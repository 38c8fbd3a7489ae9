from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.analysis import Analysis
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
