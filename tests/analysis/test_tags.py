from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.tags import (
    FrameScores,
    Tag,
    TaggedAnalysis,
    Tagger,
    score_frames,
    tagged,
)
from core.errors import ModelError, UsageError
from core.networks.frame_heads import HEADS, FrameScorer, FrameSettings, FrameTagger
from core.networks.frame_weights import save_scorer, save_tagger
from core.time import Span
from tests.project.analyses import SILENCE, analysis_of, track

BACKBONE = "made-eyes-1"
FEATURES = 5


def save_made_tagger(
    folder: Path,
    *,
    useful: Sequence[str] = ("place", "emotion"),
    names: Mapping[str, Sequence[str]] | None = None,
    centred: bool = False,
) -> Path:
    """A tagger whose place p, of the first five, has the logit of feature p; so have emotions."""
    network = FrameTagger(FrameSettings(FEATURES, centred=centred))
    with torch.no_grad():
        for head, classes in HEADS.items():
            network.begin_at(head, torch.tensor([1] * FEATURES + [0] * (classes - FEATURES)))
            layer = network.heads[head]
            assert isinstance(layer, torch.nn.Linear)
            layer.weight[:FEATURES] = torch.eye(FEATURES)
    labels = {
        head: [str(code + 1) for code in range(classes)] for head, classes in HEADS.items()
    }  # fmt: skip
    found = {head: {"beats_trivial": head in useful} for head in HEADS}
    save_tagger(folder, network, BACKBONE, {**labels, **(names or {})}, {"heads": found})
    return folder


def save_made_scorer(folder: Path, *, centred: bool = False, beats: bool = True) -> Path:
    """A scorer whose logit is the first feature."""
    network = FrameScorer(FrameSettings(FEATURES, centred=centred))
    network.begin_at(0.5)
    with torch.no_grad():
        network.score.weight[0, 0] = 1.0
    save_scorer(folder, network, BACKBONE, 0.4, {"beats_trivial": beats})
    return folder


def seen(*features: int | None, height: float = 6.0) -> NDArray[np.float16]:
    """Rows of visual features in which one stands out, or nothing is known."""
    rows = np.zeros((len(features), FEATURES), np.float16)
    for row, feature in zip(rows, features, strict=True):
        if feature is None:
            row[:] = np.nan
        else:
            row[feature] = height
    return rows


def watched(rows: NDArray[np.float16], cells: int | None = None) -> Analysis:
    """A video of whose pictures so much is known."""
    whole = track(*[SILENCE] * (len(rows) if cells is None else cells))
    return analysis_of(whole).with_track("visual-features", rows)


def span(start: float, end: float) -> Span:
    return Span(Fraction(start), Fraction(end))


@pytest.fixture
def tagger(tmp_path: Path) -> Tagger:
    places = ["주방", "거리", *(f"곳 {number}" for number in range(19))]
    return Tagger(save_made_tagger(tmp_path / "t", names={"place": places}), BACKBONE)


def test_a_stretch_gets_the_mean_of_its_cells(tagger: Tagger) -> None:
    analysis = watched(seen(0, 0, 0, 1))
    sure = float(torch.softmax(torch.tensor([6.0, 0, 0, 0, 0]), 0)[0])
    other = (1 - sure) / 4
    (place, emotion) = tagger.tags(analysis, span(0, 4))
    assert (place.head, place.label) == ("place", "주방")
    assert place.probability == pytest.approx((3 * sure + other) / 4, abs=1e-4)
    assert emotion.text == "emotion 1"
    assert emotion.probability == pytest.approx(place.probability, abs=1e-4)
    assert tagger.tags(analysis, span(3, 4))[0].text == "place 거리"


def test_what_is_not_sure_enough_is_not_said(tmp_path: Path) -> None:
    folder = save_made_tagger(tmp_path, useful=["place"])
    analysis = watched(seen(0, 0, 1, 2))
    assert Tagger(folder, BACKBONE).tags(analysis, span(0, 4)) == ()
    found = Tagger(folder, BACKBONE, confidence=0.2).tags(analysis, span(0, 4))
    assert [tag.text for tag in found] == ["place 1", "place 2", "place 3"]
    assert found[0].probability > found[1].probability
    for wrong in (0.0, 1.5, float("nan")):
        with pytest.raises(UsageError, match="confidence"):
            Tagger(folder, BACKBONE, confidence=wrong)


def test_heads_that_do_not_beat_their_majority_class_say_nothing(tmp_path: Path) -> None:
    tagger = Tagger(save_made_tagger(tmp_path / "some", useful=["emotion"]), BACKBONE)
    analysis = tagged(watched(seen(2, 2)), tagger)
    assert [tag.text for tag in analysis.tags(span(0, 2))] == ["emotion 3"]
    assert tagger.useless == ("place", "action", "relationship")
    assert analysis.notices[-1].startswith("No words for place, action, relationship")
    none = Tagger(save_made_tagger(tmp_path / "none", useful=[]), BACKBONE)
    assert none.tags(analysis, span(0, 2)) == ()
    every = Tagger(save_made_tagger(tmp_path / "every", useful=list(HEADS)), BACKBONE)
    assert tagged(watched(seen(2)), every).notices == watched(seen(2)).notices


def test_cells_that_are_not_known_do_not_count(tagger: Tagger) -> None:
    growing = watched(seen(1, None, 1), cells=6)
    assert tagger.tags(growing, span(0, 6))[0].text == "place 거리"
    assert tagger.tags(growing, span(1, 2)) == ()
    assert tagger.tags(growing, span(4, 6)) == ()
    assert [bool(tags) for tags in tagger.cell_tags(growing)] == [True, False, True, *[False] * 3]
    assert tagger.tags(analysis_of(track(SILENCE)), span(0, 1)) == ()


def test_a_tagged_analysis_stays_one_when_a_track_is_corrected(tagger: Tagger) -> None:
    analysis = tagged(watched(seen(0, 1)), tagger)
    corrected = analysis.with_track("speech-emotion", track(SILENCE, SILENCE))
    assert isinstance(corrected, TaggedAnalysis)
    assert corrected.tags(span(1, 2)) == analysis.tags(span(1, 2))
    assert isinstance(corrected.tags(span(1, 2))[0], Tag)
    assert corrected.cell_tags() == tagger.cell_tags(corrected)


def test_heads_of_another_backbone_are_refused(tmp_path: Path) -> None:
    words, scores = save_made_tagger(tmp_path / "t"), save_made_scorer(tmp_path / "s")
    with pytest.raises(ModelError, match=r"made-eyes-1 sees them, not as efficientnet-lite0-1"):
        Tagger(words)
    with pytest.raises(ModelError, match=r"made-eyes-1 sees them, not as efficientnet-lite0-1"):
        score_frames(watched(seen(0)), scores)
    wide = watched(np.zeros((2, 7), np.float16))
    with pytest.raises(ModelError, match="read 5 features of each frame, and the analysis has 7"):
        Tagger(words, BACKBONE).tags(wide, span(0, 2))
    with pytest.raises(ModelError, match="the analysis has 7"):
        score_frames(wide, scores, backbone=BACKBONE)


def test_every_cell_is_scored_as_far_as_it_is_known(tmp_path: Path) -> None:
    folder = save_made_scorer(tmp_path)
    scores = score_frames(watched(seen(0, 1, None, 0), cells=5), folder, backbone=BACKBONE)
    assert scores.dtype == np.float32
    sure = 1 / (1 + np.exp(-6.0))
    np.testing.assert_allclose(scores, [sure, 0.5, np.nan, sure, np.nan], atol=1e-3)
    assert np.isnan(score_frames(analysis_of(track(SILENCE)), folder, backbone=BACKBONE)).all()
    loaded = FrameScores(folder, BACKBONE)
    assert loaded.threshold == 0.4
    assert loaded.beats_trivial
    beaten = save_made_scorer(tmp_path / "beaten", beats=False)
    assert not FrameScores(beaten, BACKBONE).beats_trivial


def test_a_centred_head_sees_what_differs_within_the_video(tmp_path: Path) -> None:
    scorer = save_made_scorer(tmp_path / "s", centred=True)
    tagger = Tagger(save_made_tagger(tmp_path / "t", centred=True), BACKBONE)
    rows = seen(0, 1, 0, 2)
    brighter = rows + np.array([3, 0, 1, 0, 2], np.float16)
    before, after = watched(rows), watched(brighter)
    np.testing.assert_allclose(
        score_frames(before, scorer, backbone=BACKBONE),
        score_frames(after, scorer, backbone=BACKBONE),
        atol=1e-3,
    )
    assert [tag.text for tag in tagger.tags(before, span(0, 1))] == [
        tag.text for tag in tagger.tags(after, span(0, 1))
    ]
