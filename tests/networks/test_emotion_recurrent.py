"""The recurrent network of speech emotion."""

from __future__ import annotations

import pytest
import torch

from core.errors import ModelError
from core.networks.emotion_recurrent import KINDS, RecurrentNetwork, RecurrentSettings
from tests.networks.test_emotion import everything, full, heard


@pytest.fixture(params=KINDS)
def network(request: pytest.FixtureRequest) -> RecurrentNetwork:
    torch.manual_seed(0)
    return RecurrentNetwork(RecurrentSettings(5, kind=request.param, hidden=8)).eval()


def test_the_order_of_the_frames_matters(network: RecurrentNetwork) -> None:
    frames = torch.randn(1, 10, 5)
    forwards = everything(heard(network, frames, full(1, 10)))
    backwards = everything(heard(network, frames.flip(1), full(1, 10)))
    assert not torch.allclose(forwards, backwards, atol=1e-3)


def test_only_the_first_columns_are_heard(network: RecurrentNetwork) -> None:
    frames = torch.randn(2, 10, 7)
    expected = everything(heard(network, frames[..., :5], full(2, 10)))
    frames[..., 5:] = torch.nan
    assert torch.equal(everything(heard(network, frames, full(2, 10))), expected)


def test_every_frame_of_speech_is_usual_for_a_voice(network: RecurrentNetwork) -> None:
    frames, mask = torch.randn(2, 10, 5), full(2, 10)
    mask[1, 4:] = False
    rows = network.usual(network.describe(frames, mask), mask)
    assert torch.equal(rows, torch.cat([frames[0], frames[1, :4]]))


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_few_frames_are_enough_for_a_claim(network: RecurrentNetwork, frames: int) -> None:
    output = heard(network, torch.randn(2, frames, 5), full(2, frames))
    assert everything(output).isfinite().all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "rnn"},
        {"hidden": 10**9},
        {"layers": 0},
        {"hidden": "8"},
        {"inputs": 0},
        {"layers": True},
        {"dropout": 1.0},
        {"dropout": float("nan")},
        {"dropout": "0.4"},
    ],
)
def test_impossible_shapes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="no emotion network has the shape"):
        RecurrentSettings(**{"inputs": 5, **wrong})  # type: ignore[arg-type]
