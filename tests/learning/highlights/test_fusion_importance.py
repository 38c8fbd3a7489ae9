"""The importance of weights against numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, ModelError, UsageError
from core.learning.highlights.fusion_importance import (
    load_importance,
    measure_importance,
    save_importance,
)
from core.learning.highlights.network_training import TrainedNetwork
from core.learning.highlights.sequences import VideoSequence
from core.networks.fusion import FusionNetwork
from core.networks.fusion_design import FusionDesign
from core.networks.weights import load_card
from core.places import MODELS
from tests.learning.highlights.own import labelled, sequence

WIDTHS = {"sound": 3}


def ranker(slope: float = 0.7) -> TrainedNetwork:
    """A logistic regression of single cells, whose Fisher information is known."""
    network = FusionNetwork(FusionDesign(WIDTHS, "none", "early", hidden=0)).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(slope)
    return TrainedNetwork(network, ("sound",), 1, 0.0)


def made(videos: int = 3, cells: int = 50) -> list[VideoSequence]:
    random = np.random.default_rng(1)
    return [
        sequence(labelled(f"v{index}", np.zeros(cells)), sound=random.normal(0, 1, (cells, 3)))
        for index in range(videos)
    ]


def test_it_is_the_fisher_information_of_a_logistic_regression() -> None:
    videos = made()
    found = measure_importance(ranker(), videos, draws=400)
    rows = np.concatenate([video.groups["sound"] for video in videos]).astype(np.float64)
    chance = 1 / (1 + np.exp(-(0.7 * rows.sum(axis=1) + 0.7)))
    spread = chance * (1 - chance)
    exact = (spread[:, None] * rows**2).mean(axis=0)
    assert np.allclose(found["linear.weight"][0], exact, rtol=0.15)
    assert np.allclose(found["linear.bias"], spread.mean(), rtol=0.15)


def test_labels_and_the_order_of_the_videos_do_not_matter() -> None:
    videos = made()
    other = [
        sequence(labelled(video.video.name, np.ones(50)), sound=video.groups["sound"])
        for video in reversed(videos)
    ]
    first, second = (measure_importance(ranker(), rows) for rows in (videos, other))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_nothing_is_measured_of_nothing_and_a_cancelled_measuring_stops() -> None:
    with pytest.raises(UsageError):
        measure_importance(ranker(), [])
    with pytest.raises(Cancelled):
        measure_importance(ranker(), made(), cancelled=lambda: True)


def test_what_was_saved_is_loaded_for_its_own_network_only(tmp_path: Path) -> None:
    model = ranker()
    card = {"importance": save_importance(tmp_path, measure_importance(model, made()))}
    assert load_importance(tmp_path, card, model.network).keys() == {"linear.weight", "linear.bias"}
    wider = FusionNetwork(FusionDesign({"sound": 4}, "none", "early", hidden=0))
    with pytest.raises(ModelError, match="another network"):
        load_importance(tmp_path, card, wider)


def test_the_shipped_weights_have_their_importance() -> None:
    folder = MODELS / "fusion"
    card = load_card(folder)
    network = FusionNetwork(FusionDesign.from_json(card["design"]))
    found = load_importance(folder, card, network)
    assert all(bool((found[name] > 0).any()) for name in ("gate.weight", "experts.0.score.weight"))
