from __future__ import annotations

import pytest
import torch

from core.networks.fusion import FusionNetwork


@pytest.fixture
def network() -> FusionNetwork:
    torch.manual_seed(0)
    return FusionNetwork(6, hidden=8).eval()


def test_padding_changes_nothing(network: FusionNetwork) -> None:
    short = torch.randn(1, 7, 6)
    padded = torch.cat((short, 100 * torch.randn(1, 5, 6)), dim=1)
    alone = network(short, torch.tensor([7]))
    together = network(padded, torch.tensor([7]))
    assert torch.allclose(alone, together[:, :7], atol=1e-6)
    assert (together[:, 7:] == 0).all()


def test_the_score_depends_on_the_seconds_around(network: FusionNetwork) -> None:
    """The original fed sequences of length 1: no second knew another."""
    features = torch.randn(1, 9, 6)
    changed = features.clone()
    changed[0, 3] += 2
    difference = (network(features, torch.tensor([9])) - network(changed, torch.tensor([9]))).abs()
    assert difference[0, 4] > 1e-5
    assert difference[0, 2] > 1e-5


def test_a_video_scores_the_same_in_any_batch(network: FusionNetwork) -> None:
    one, other = torch.randn(5, 6), torch.randn(9, 6)
    batch = torch.zeros(2, 9, 6)
    batch[0, :5], batch[1] = one, other
    together = network(batch, torch.tensor([5, 9]))
    assert torch.allclose(together[0, :5], network(one[None], torch.tensor([5]))[0], atol=1e-6)
