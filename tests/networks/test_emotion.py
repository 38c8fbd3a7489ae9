"""The network of speech emotion."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from core.errors import ModelError
from core.networks.emotion import (
    EMOTIONS,
    EmotionNetwork,
    EmotionOutput,
    EmotionSettings,
    load_emotion_network,
)
from core.networks.weights import save_weights

CONTRACT = {"front_end": "test"}


@pytest.fixture(params=["lstm", "gru"])
def network(request: pytest.FixtureRequest) -> EmotionNetwork:
    torch.manual_seed(0)
    return EmotionNetwork(EmotionSettings(5, kind=request.param, hidden=8)).eval()


def everything(output: EmotionOutput) -> torch.Tensor:
    columns = [output.logits, output.arousal[:, None], output.valence[:, None]]
    return torch.cat(columns, dim=1).detach()


def test_shapes_and_ranges(network: EmotionNetwork) -> None:
    output = network(100 * torch.randn(3, 11, 5), torch.ones(3, 11, dtype=torch.bool))
    assert output.logits.shape == (3, len(EMOTIONS))
    assert output.arousal.shape == output.valence.shape == (3,)
    assert output.arousal.abs().max() <= 1
    assert output.valence.abs().max() <= 1
    assert not torch.allclose(output.logits.sum(dim=1), torch.ones(3)), "these are probabilities"


def test_padding_changes_nothing(network: EmotionNetwork) -> None:
    frames = torch.randn(2, 9, 5)
    mask = torch.ones(2, 9, dtype=torch.bool)
    mask[1, 6:] = False
    plain = everything(network(frames, mask))
    longer = torch.cat([frames, torch.randn(2, 13, 5)], dim=1)
    longer[1, 6:] = torch.nan
    more = torch.cat([mask, torch.zeros(2, 13, dtype=torch.bool)], dim=1)
    torch.testing.assert_close(everything(network(longer, more)), plain)


def test_frames_that_are_no_speech_change_nothing(network: EmotionNetwork) -> None:
    frames = torch.randn(1, 12, 5)
    mask = torch.tensor([[True, False, True, True, False, False] * 2])
    other = frames.clone()
    other[~mask] = 1e6
    packed = frames[mask][None]
    expected = everything(network(packed, torch.ones(1, 6, dtype=torch.bool)))
    torch.testing.assert_close(everything(network(frames, mask)), expected)
    torch.testing.assert_close(everything(network(other, mask)), expected)


def test_rows_of_a_batch_do_not_know_each_other(network: EmotionNetwork) -> None:
    frames = torch.randn(4, 10, 5)
    mask = torch.arange(10) < torch.tensor([10, 3, 7, 1])[:, None]
    together = everything(network(frames, mask))
    for row in range(4):
        alone = everything(network(frames[row : row + 1], mask[row : row + 1]))
        torch.testing.assert_close(alone[0], together[row])


def test_the_order_of_the_frames_matters(network: EmotionNetwork) -> None:
    frames = torch.randn(1, 10, 5)
    mask = torch.ones(1, 10, dtype=torch.bool)
    assert not torch.allclose(
        everything(network(frames, mask)), everything(network(frames.flip(1), mask))
    )


def test_what_does_not_fit_is_refused(network: EmotionNetwork) -> None:
    mask = torch.ones(2, 4, dtype=torch.bool)
    with pytest.raises(ModelError, match="5 columns"):
        network(torch.zeros(2, 4, 6), mask)
    with pytest.raises(ModelError, match="mask"):
        network(torch.zeros(2, 5, 5), mask)
    with pytest.raises(ModelError, match="mask"):
        network(torch.zeros(2, 4, 5), mask.float())
    with pytest.raises(ModelError, match="without speech"):
        network(torch.zeros(2, 4, 5), torch.tensor([[True] * 4, [False] * 4]))


@pytest.mark.parametrize(
    "wrong", [{"kind": "rnn"}, {"hidden": 10**9}, {"layers": 0}, {"hidden": "8"}, {"dropout": 1.0}]
)
def test_impossible_shapes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ModelError):
        EmotionSettings(**{"inputs": 5, **wrong})  # type: ignore[arg-type]


def test_a_saved_network_says_the_same(network: EmotionNetwork, tmp_path: Path) -> None:
    card = {
        "contract": CONTRACT,
        "emotions": list(EMOTIONS),
        "network": asdict(network.settings),
    }
    save_weights(tmp_path, network.state_dict(), card)
    loaded, _ = load_emotion_network(tmp_path, contract=CONTRACT)
    frames, mask = torch.randn(2, 7, 5), torch.ones(2, 7, dtype=torch.bool)
    torch.testing.assert_close(everything(loaded(frames, mask)), everything(network(frames, mask)))
    assert not loaded.training


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": {"inputs": 5, "hidden": 9}},
        {"network": {"inputs": 5, "surprise": 1}},
        {"network": "lstm"},
        {"emotions": ["happy"]},
    ],
)
def test_weights_of_something_else_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    settings = EmotionSettings(5, hidden=8)
    card = {"contract": CONTRACT, "emotions": list(EMOTIONS), "network": asdict(settings), **wrong}
    save_weights(tmp_path, EmotionNetwork(settings).state_dict(), card)
    with pytest.raises(ModelError):
        load_emotion_network(tmp_path, contract=CONTRACT)
