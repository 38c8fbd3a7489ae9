"""Folders of speech emotion weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ModelError
from core.networks.emotion import EmotionNetwork
from core.networks.emotion_classes import LABELS
from core.networks.emotion_recurrent import RecurrentNetwork, RecurrentSettings
from core.networks.emotion_statistics import StatisticsNetwork, StatisticsSettings
from core.networks.emotion_weights import NETWORKS, load_emotion_network
from core.networks.weights import save_weights
from core.signals.speech_emotion import emotion_contract
from core.signals.speech_frames import DIMENSION, PITCH, VOICING
from tests.networks.test_emotion import everything, full, heard


def random_network(kind: str, seed: int = 0) -> EmotionNetwork:
    """A small network that reads speech frames and has learned nothing."""
    torch.manual_seed(seed)
    if kind == "statistics":
        settings = StatisticsSettings(DIMENSION, PITCH, VOICING, hidden=16, members=2)
        return StatisticsNetwork(settings).eval()
    return RecurrentNetwork(RecurrentSettings(32, kind=kind, hidden=8)).eval()


def save_random_weights(
    folder: Path,
    kind: str = "statistics",
    *,
    seed: int = 0,
    unknown: Sequence[str] = (),
    **card: object,
) -> Path:
    """Weights that never learned some labels; further entries go to the card."""
    network = random_network(kind, seed)
    for label in unknown:
        network.learned_labels[LABELS.index(label)] = False
    written: dict[str, Any] = {
        "contract": emotion_contract(),
        "labels": list(LABELS),
        "network": asdict(network.settings),  # type: ignore[call-overload]
    }
    save_weights(folder, network.state_dict(), {**written, **card})
    return folder


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "card.json"
    card = json.loads(path.read_text())
    change(card)
    path.write_text(json.dumps(card))


def load(folder: Path) -> tuple[EmotionNetwork, Mapping[str, Any]]:
    return load_emotion_network(folder, contract=emotion_contract())


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_saved_network_says_the_same(kind: str, tmp_path: Path) -> None:
    save_random_weights(tmp_path, kind, seed=3, unknown=["surprise"], temperature=1.5)
    expected = random_network(kind, seed=3)
    expected.learned_labels[LABELS.index("surprise")] = False
    loaded, card = load(tmp_path)
    frames, mask = torch.randn(2, 30, DIMENSION), full(2, 30)
    frames[..., VOICING] = 0.8
    found = everything(heard(loaded, frames, mask))
    torch.testing.assert_close(found, everything(heard(expected, frames, mask)))
    assert found[:, LABELS.index("surprise")].isinf().all()
    assert card["temperature"] == 1.5
    assert not loaded.training


def test_what_is_usual_in_the_training_data_is_saved_too(tmp_path: Path) -> None:
    network = random_network("statistics")
    network.training_mean.normal_()
    network.training_deviation.uniform_(1, 2)
    card = {
        "contract": emotion_contract(),
        "labels": list(LABELS),
        "network": asdict(network.settings),  # type: ignore[call-overload]
    }
    save_weights(tmp_path, network.state_dict(), card)
    loaded, _ = load(tmp_path)
    assert torch.equal(loaded.training_mean, network.training_mean)
    assert torch.equal(loaded.training_deviation, network.training_deviation)


DAMAGES: Mapping[str, Callable[[dict[str, Any]], object]] = {
    "no labels": lambda card: card.pop("labels"),
    "other labels": lambda card: card.update(labels=["happy"]),
    "another order": lambda card: card["labels"].reverse(),
    "no network": lambda card: card.pop("network"),
    "a word for a network": lambda card: card.update(network="lstm"),
    "a list for a network": lambda card: card.update(network=[1]),
    "no kind": lambda card: card["network"].pop("kind"),
    "an unknown kind": lambda card: card["network"].update(kind="transformer"),
    "a list of kinds": lambda card: card["network"].update(kind=["lstm"]),
    "another shape": lambda card: card["network"].update(hidden=9),
    "an impossible shape": lambda card: card["network"].update(hidden=-1),
    "an unknown setting": lambda card: card["network"].update(surprise=1),
    "a missing setting": lambda card: card["network"].pop("inputs"),
}


@pytest.mark.parametrize("kind", ["statistics", "gru"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_weights_of_something_else_are_refused_and_named(
    tmp_path: Path, damage: str, kind: str
) -> None:
    save_random_weights(tmp_path, kind)
    rewrite(tmp_path, DAMAGES[damage])
    with pytest.raises(ModelError) as caught:
        load(tmp_path)
    assert caught.value.path == tmp_path
    assert caught.value.remedy


def test_weights_of_one_kind_are_not_those_of_another(tmp_path: Path) -> None:
    save_random_weights(tmp_path, "lstm")
    rewrite(tmp_path, lambda card: card["network"].update(kind="gru"))
    with pytest.raises(ModelError, match="not those of an emotion network"):
        load(tmp_path)


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    save_random_weights(tmp_path)
    rewrite(tmp_path, lambda card: card["contract"].update(version=1))
    with pytest.raises(ModelError, match="version: 1 instead of"):
        load(tmp_path)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    save_random_weights(tmp_path)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelError, match="checksum"):
        load(tmp_path)
