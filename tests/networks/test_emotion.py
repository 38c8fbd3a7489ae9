"""What holds for every network that hears emotion in speech frames."""

from __future__ import annotations

import pytest
import torch

from core.errors import ModelError
from core.networks.emotion import EmotionNetwork, EmotionOutput, speech_first
from core.networks.emotion_classes import EMOTIONS, LABELS
from core.networks.emotion_recurrent import RecurrentNetwork, RecurrentSettings
from core.networks.emotion_statistics import StatisticsNetwork, StatisticsSettings

COLUMNS = 5
PITCH, VOICING = 1, 2


@pytest.fixture(params=["statistics", "lstm", "gru"])
def network(request: pytest.FixtureRequest) -> EmotionNetwork:
    torch.manual_seed(0)
    if request.param == "statistics":
        settings = StatisticsSettings(COLUMNS, PITCH, VOICING, hidden=8, members=2)
        return StatisticsNetwork(settings).eval()
    return RecurrentNetwork(RecurrentSettings(COLUMNS, kind=request.param, hidden=8)).eval()


def heard(network: EmotionNetwork, frames: torch.Tensor, mask: torch.Tensor) -> EmotionOutput:
    """Described, normalised as an application does it, and claimed."""
    described = torch.nan_to_num(network.describe(frames, mask), nan=0.0)
    return network(described, mask)


def everything(output: EmotionOutput) -> torch.Tensor:
    columns = [output.logits, output.arousal[:, None], output.valence[:, None]]
    return torch.cat(columns, dim=1).detach()


def full(*shape: int) -> torch.Tensor:
    return torch.ones(*shape, dtype=torch.bool)


def test_shapes_and_ranges(network: EmotionNetwork) -> None:
    output = heard(network, 100 * torch.randn(3, 11, COLUMNS), full(3, 11))
    assert output.logits.shape == (3, len(LABELS))
    assert output.arousal.shape == output.valence.shape == (3,)
    assert output.arousal.abs().max() <= 1
    assert output.valence.abs().max() <= 1
    assert output.logits.isfinite().all()


def test_padding_changes_nothing(network: EmotionNetwork) -> None:
    frames = torch.randn(2, 9, COLUMNS)
    mask = full(2, 9)
    mask[1, 6:] = False
    plain = everything(heard(network, frames, mask))
    longer = torch.cat([frames, torch.randn(2, 13, COLUMNS)], dim=1)
    longer[1, 6:] = torch.nan
    more = torch.cat([mask, ~full(2, 13)], dim=1)
    torch.testing.assert_close(everything(heard(network, longer, more)), plain)


@pytest.mark.parametrize("other", [1e6, float("nan"), float("inf")])
def test_frames_that_are_no_speech_change_nothing(network: EmotionNetwork, other: float) -> None:
    frames = torch.randn(1, 12, COLUMNS)
    mask = torch.tensor([[True, False, True, True, True, False] * 2])
    expected = everything(heard(network, frames[mask][None], full(1, 8)))
    torch.testing.assert_close(everything(heard(network, frames, mask)), expected)
    frames[~mask] = other
    torch.testing.assert_close(everything(heard(network, frames, mask)), expected)


def test_rows_of_a_batch_do_not_know_each_other(network: EmotionNetwork) -> None:
    frames = torch.randn(4, 10, COLUMNS)
    mask = torch.arange(10) < torch.tensor([10, 3, 7, 1])[:, None]
    together = everything(heard(network, frames, mask))
    for row in range(4):
        alone = everything(heard(network, frames[row : row + 1], mask[row : row + 1]))
        torch.testing.assert_close(alone[0], together[row])


def test_a_label_that_was_never_learned_has_no_probability(network: EmotionNetwork) -> None:
    network.learned_labels[EMOTIONS.index("surprise")] = False
    output = heard(network, torch.randn(4, 10, COLUMNS), full(4, 10))
    shares = torch.softmax(output.logits, dim=1)
    assert (shares[:, EMOTIONS.index("surprise")] == 0).all()
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(4))
    assert (shares > 0).sum(dim=1).tolist() == [len(LABELS) - 1] * 4


def test_what_is_usual_depends_on_the_speech_alone(network: EmotionNetwork) -> None:
    frames = torch.randn(3, 12, COLUMNS)
    mask = torch.arange(12) < torch.tensor([12, 7, 9])[:, None]
    rows = network.usual(network.describe(frames, mask), mask)
    frames[~mask] = 1e6
    others = network.usual(network.describe(frames, mask), mask)
    torch.testing.assert_close(others, rows, equal_nan=True)
    assert rows.shape[1:] == network.training_mean.shape == network.training_deviation.shape


def test_frames_that_do_not_fit_are_refused(network: EmotionNetwork) -> None:
    mask = full(2, 9)
    with pytest.raises(ModelError, match="columns"):
        heard(network, torch.zeros(2, 9, COLUMNS - 1), mask)
    with pytest.raises(ModelError, match="mask"):
        heard(network, torch.zeros(2, 8, COLUMNS), mask)
    with pytest.raises(ModelError, match="mask"):
        heard(network, torch.zeros(2, 9, COLUMNS), mask.float())
    with pytest.raises(ModelError, match="without speech"):
        heard(network, torch.zeros(2, 9, COLUMNS), torch.tensor([[True] * 9, [False] * 9]))


def test_speech_moves_to_the_front_in_its_order() -> None:
    frames = torch.arange(12.0).reshape(2, 6, 1)
    mask = torch.tensor([[False, True, False, True, True, False], [False] * 5 + [True]])
    moved, lengths = speech_first(frames, mask, 1)
    assert lengths.tolist() == [3, 1]
    assert moved.squeeze(2).tolist() == [[1, 3, 4], [11, 0, 0]]
