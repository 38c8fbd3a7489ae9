"""Heads on frames, and the folders that they are kept in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ModelError
from core.networks.frame_heads import HEADS, FrameScorer, FrameSettings, FrameTagger
from core.networks.frame_weights import load_scorer, load_tagger, save_scorer, save_tagger

BACKBONE = "eyes-1"
LABELS = {
    head: [f"{head} {number}" for number in range(classes)] for head, classes in HEADS.items()
}
HEADS_FOUND = {head: {"beats_trivial": head != "action"} for head in HEADS}


def make_scorer(folder: Path, *, hidden: int = 0, centred: bool = False) -> FrameScorer:
    torch.manual_seed(3)
    network = FrameScorer(FrameSettings(6, hidden, centred=centred)).eval()
    network.normalise_by(torch.randn(6), torch.rand(6) + 0.5)
    save_scorer(folder, network, BACKBONE, 0.25, {"name": "made"})
    return network


def make_tagger(folder: Path, *, hidden: int = 0) -> FrameTagger:
    torch.manual_seed(3)
    network = FrameTagger(FrameSettings(6, hidden)).eval()
    network.begin_at("place", torch.arange(21) % 3)
    save_tagger(folder, network, BACKBONE, LABELS, {"heads": HEADS_FOUND})
    return network


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "card.json"
    card = json.loads(path.read_text())
    change(card)
    path.write_text(json.dumps(card))


@pytest.mark.parametrize("hidden", [0, 4])
def test_a_scorer_gives_one_logit_for_each_frame(hidden: int) -> None:
    network = FrameScorer(FrameSettings(6, hidden))
    assert network(torch.randn(5, 6)).shape == (5,)
    for wrong in (torch.randn(6), torch.randn(5, 7), torch.randn(1, 5, 6)):
        with pytest.raises(ModelError, match="reads 6 features"):
            network(wrong)


@pytest.mark.parametrize("hidden", [0, 4])
def test_a_tagger_gives_the_logits_of_four_heads(hidden: int) -> None:
    logits = FrameTagger(FrameSettings(6, hidden))(torch.randn(5, 6))
    assert {head: tuple(found.shape) for head, found in logits.items()} == {
        "place": (5, 21),
        "action": (5, 65),
        "emotion": (5, 7),
        "relationship": (5, 12),
    }


def test_a_head_begins_with_what_is_usual_and_never_tells_what_it_did_not_learn() -> None:
    tagger = FrameTagger(FrameSettings(6))
    tagger.begin_at("emotion", torch.tensor([30, 0, 10, 0, 0, 0, 0]))
    shares = torch.softmax(tagger(torch.randn(4, 6))["emotion"], dim=1)
    torch.testing.assert_close(shares, torch.tensor([0.75, 0, 0.25, 0, 0, 0, 0]).expand(4, 7))
    scorer = FrameScorer(FrameSettings(6))
    scorer.begin_at(0.2)
    torch.testing.assert_close(torch.sigmoid(scorer(torch.randn(4, 6))), torch.full((4,), 0.2))


def test_frames_are_left_out_in_training_only() -> None:
    torch.manual_seed(0)
    network = FrameScorer(FrameSettings(6, dropout=0.5))
    frames = torch.randn(8, 6)
    assert not torch.equal(network.train()(frames), network(frames))
    assert torch.equal(network.eval()(frames), network(frames))


def test_a_feature_that_hardly_varied_is_not_blown_up() -> None:
    network = FrameScorer(FrameSettings(2)).eval()
    network.normalise_by(torch.tensor([1.0, 0.0]), torch.tensor([2.0, 0.0]))
    described = network.described(torch.tensor([[5.0, 0.1]]))
    assert described[0, 0] == 2
    assert abs(described[0, 1]) < 0.3
    network.normalise_by(torch.zeros(2), torch.zeros(2))
    assert network.described(torch.ones(1, 2)).isfinite().all()


@pytest.mark.parametrize("hidden", [0, 4])
def test_a_saved_head_says_the_same(tmp_path: Path, hidden: int) -> None:
    frames = torch.randn(5, 6)
    network = make_scorer(tmp_path / "s", hidden=hidden)
    loaded = load_scorer(tmp_path / "s", BACKBONE, 6)
    assert torch.equal(loaded.network(frames), network(frames))
    assert loaded.threshold == 0.25
    assert loaded.card["name"] == "made"
    assert not loaded.network.training
    tagger = make_tagger(tmp_path / "t", hidden=hidden)
    found = load_tagger(tmp_path / "t", BACKBONE)
    for head, logits in tagger(frames).items():
        assert torch.equal(found.network(frames)[head], logits)
    assert found.labels["relationship"][11] == "relationship 11"
    assert found.useful == ("place", "emotion", "relationship")


def test_weights_of_another_backbone_are_refused_with_both_names(tmp_path: Path) -> None:
    make_scorer(tmp_path / "s")
    make_tagger(tmp_path / "t")
    for load, folder in ((load_scorer, "s"), (load_tagger, "t")):
        with pytest.raises(ModelError, match=r"as eyes-1 sees them, not as eyes-2 does") as caught:
            load(tmp_path / folder, "eyes-2", 6)  # type: ignore[operator]
        assert caught.value.path == tmp_path / folder
        assert "visual model" in caught.value.remedy
        with pytest.raises(ModelError, match="features: 6 instead of 7"):
            load(tmp_path / folder, BACKBONE, 7)  # type: ignore[operator]


def test_a_scorer_is_no_tagger(tmp_path: Path) -> None:
    make_scorer(tmp_path / "s")
    make_tagger(tmp_path / "t")
    with pytest.raises(ModelError, match="no frame tagger"):
        load_tagger(tmp_path / "s", BACKBONE)
    with pytest.raises(ModelError, match="no frame scorer"):
        load_scorer(tmp_path / "t", BACKBONE)


DAMAGES: Mapping[str, Callable[[dict[str, Any]], object]] = {
    "no shape": lambda card: card.pop("shape"),
    "a word for a shape": lambda card: card.update(shape="linear"),
    "another shape": lambda card: card["shape"].update(hidden=3),
    "an impossible shape": lambda card: card["shape"].update(hidden=-1),
    "an impossible dropout": lambda card: card["shape"].update(dropout=2),
    "other features": lambda card: card["shape"].update(features=7),
    "another normalisation": lambda card: card["contract"].update(normalisation="none"),
    "centred after all": lambda card: card["shape"].update(centred=True),
    "no contract": lambda card: card.pop("contract"),
}
OF_TAGGER: Mapping[str, Callable[[dict[str, Any]], object]] = {
    "no names": lambda card: card["contract"].pop("labels"),
    "a head without names": lambda card: card["contract"]["labels"].pop("place"),
    "too few names": lambda card: card["contract"]["labels"]["place"].pop(),
    "one name twice": lambda card: card["contract"]["labels"].update(emotion=["a"] * 7),
    "a number for a name": lambda card: card["contract"]["labels"].update(emotion=[*"abcdef", 7]),
    "not measured": lambda card: card.pop("heads"),
}
OF_SCORER: Mapping[str, Callable[[dict[str, Any]], object]] = {
    "no threshold": lambda card: card.pop("threshold"),
    "a word for a threshold": lambda card: card.update(threshold="high"),
    "a threshold of nothing": lambda card: card.update(threshold=float("nan")),
}


@pytest.mark.parametrize("damage", [*DAMAGES, *OF_TAGGER])
def test_a_damaged_tagger_is_refused_and_named(tmp_path: Path, damage: str) -> None:
    make_tagger(tmp_path)
    rewrite(tmp_path, {**DAMAGES, **OF_TAGGER}[damage])
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_tagger(tmp_path, BACKBONE)


@pytest.mark.parametrize("damage", [*DAMAGES, *OF_SCORER])
def test_a_damaged_scorer_is_refused_and_named(tmp_path: Path, damage: str) -> None:
    make_scorer(tmp_path)
    rewrite(tmp_path, {**DAMAGES, **OF_SCORER}[damage])
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_scorer(tmp_path, BACKBONE)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    make_scorer(tmp_path)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelError, match="checksum"):
        load_scorer(tmp_path, BACKBONE)


def test_heads_that_were_not_measured_as_better_are_not_useful(tmp_path: Path) -> None:
    make_tagger(tmp_path)
    rewrite(
        tmp_path,
        lambda card: card.update(heads={"place": {"beats_trivial": "yes"}, "emotion": {}}),
    )
    assert load_tagger(tmp_path, BACKBONE).useful == ()
