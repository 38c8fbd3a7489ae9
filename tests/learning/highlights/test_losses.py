"""Losses of highlights against numbers worked out by hand and by NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import UsageError
from core.learning.highlights.losses import listwise, pairwise, weighted_bce

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
LOSSES = [weighted_bce, pairwise, listwise]
every_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def sequences(batch: int = 3, count: int = 8) -> tuple[Tensor, Tensor, Tensor]:
    known = torch.arange(count) < torch.tensor([count, count - 3, count - 5])[:batch, None]
    return torch.randn(batch, count), torch.rand(batch, count), known


def logistic(x: np.ndarray) -> np.ndarray:
    return np.log1p(np.exp(-x))


def test_cross_entropy_with_soft_labels_and_weights_is_that_of_the_formula() -> None:
    logits, relevance, known = sequences()
    score = 1 / (1 + np.exp(-logits.numpy().astype(np.float64)))
    label = relevance.numpy().astype(np.float64)
    each = -(3 * label * np.log(score) + (1 - label) * np.log(1 - score))
    found = weighted_bce(logits, relevance, known, positive_weight=3)
    assert float(found) == pytest.approx(each[known.numpy()].mean(), rel=1e-5)
    by_hand = weighted_bce(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), torch.ones(1, 2).bool())
    assert float(by_hand) == pytest.approx(np.log(2))


def test_pairs_count_by_the_difference_of_their_labels() -> None:
    """Pairs (0 over 1) by 0.5, (0 over 2) by 1 and (1 over 2) by 0.5."""
    logits = torch.tensor([[1.0, 2.0, -1.0]])
    relevance = torch.tensor([[1.0, 0.5, 0.0]])
    expected = (0.5 * logistic(-1.0) + 1.0 * logistic(2.0) + 0.5 * logistic(3.0)) / 2
    known = torch.ones(1, 3, dtype=torch.bool)
    assert float(pairwise(logits, relevance, known)) == pytest.approx(expected, rel=1e-6)


def test_pairs_are_averaged_by_sequence_and_sequences_without_pairs_do_not_count() -> None:
    logits = torch.tensor([[2.0, 0.0, 7.0], [0.0, 0.0, 0.0], [1.0, 0.0, 4.0]])
    relevance = torch.tensor([[1.0, 0.0, 0.0], [0.4, 0.4, 0.4], [0.3, 0.1, 0.9]])
    known = torch.tensor([[1, 1, 0], [1, 1, 1], [1, 1, 0]]).bool()
    expected = (logistic(2.0) + logistic(1.0)) / 2
    assert float(pairwise(logits, relevance, known)) == pytest.approx(expected, rel=1e-6)


def test_the_gradient_of_many_pairs_is_that_of_all_of_them_at_once() -> None:
    logits = torch.randn(1, 300, dtype=torch.float64, requires_grad=True)
    relevance = torch.randint(0, 5, (1, 300)).double() / 4
    weights = (relevance[0, :, None] - relevance[0]).clamp(min=0)
    plain = torch.nn.functional.softplus(logits[0] - logits[0, :, None])
    expected = (weights * plain).sum() / weights.sum()
    found = pairwise(logits, relevance, torch.ones(1, 300, dtype=torch.bool))
    torch.testing.assert_close(found, expected)
    slopes = [torch.autograd.grad(loss, logits)[0] for loss in (found, expected)]
    torch.testing.assert_close(slopes[0], slopes[1])


def test_lists_are_compared_as_distributions_over_the_known_cells() -> None:
    logits, relevance, known = sequences()
    found = []
    for row in range(3):
        there = known[row].numpy()
        label = np.exp(relevance[row].numpy()[there].astype(np.float64) / 0.2)
        score = np.exp(logits[row].numpy()[there].astype(np.float64))
        found.append(-(label / label.sum() * np.log(score / score.sum())).sum())
    loss = listwise(logits, relevance, known, temperature=0.2)
    assert float(loss) == pytest.approx(np.mean(found), rel=1e-5)


@every_loss
def test_padding_and_cells_without_labels_change_neither_loss_nor_gradients(loss: Loss) -> None:
    logits, relevance, known = sequences()
    found = []
    for fill, more in ((0.0, 0), (1e3, 4), (float("nan"), 9)):
        mask = torch.cat((known, torch.zeros(3, more, dtype=torch.bool)), dim=1)
        scores = torch.cat((logits, torch.zeros(3, more)), dim=1).masked_fill(~mask, fill)
        labels = torch.cat((relevance, torch.zeros(3, more)), dim=1).masked_fill(~mask, fill)
        scores.requires_grad_()
        value = loss(scores, labels, mask)
        value.backward()
        assert scores.grad is not None
        assert (scores.grad[~mask] == 0).all()
        found.append((value.detach(), scores.grad[:, :8]))
    for value, slopes in found[1:]:
        torch.testing.assert_close(value, found[0][0], atol=1e-6, rtol=0)
        torch.testing.assert_close(slopes, found[0][1], atol=1e-6, rtol=0)


@every_loss
def test_a_step_downhill_raises_what_is_labelled_higher(loss: Loss) -> None:
    logits = torch.zeros(2, 4, requires_grad=True)
    relevance = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    loss(logits, relevance, torch.ones(2, 4, dtype=torch.bool)).backward()
    assert logits.grad is not None
    assert torch.equal(logits.grad.argmin(dim=1), relevance.argmax(dim=1))


@every_loss
def test_nothing_to_learn_from_is_a_loss_of_0_that_can_be_followed(loss: Loss) -> None:
    logits = torch.full((2, 4), torch.nan, requires_grad=True)
    value = loss(logits, logits.detach(), torch.zeros(2, 4, dtype=torch.bool))
    value.backward()
    assert float(value.detach()) == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


@every_loss
def test_a_column_is_not_a_row(loss: Loss) -> None:
    known = torch.ones(8, dtype=torch.bool)
    with pytest.raises(UsageError, match=r"\(8, 1\).*\(8,\)"):
        loss(torch.zeros(8, 1), torch.zeros(8), known)
    with pytest.raises(UsageError, match=r"\(8, 1\)"):
        loss(torch.zeros(8, 1), torch.zeros(8, 1), known)
    with pytest.raises(UsageError, match="want"):
        loss(torch.zeros(8), torch.zeros(8), known)
    with pytest.raises(UsageError, match="want"):
        loss(torch.zeros(2, 8), torch.zeros(2, 8), torch.ones(2, 8))


@every_loss
def test_probabilities_are_not_logits(loss: Loss) -> None:
    logits, relevance, known = sequences()
    logits.requires_grad_()
    loss(logits, relevance, known)
    with pytest.raises(UsageError, match="logits"):
        loss(torch.sigmoid(logits), relevance, known)
    with pytest.raises(UsageError, match="logits"):
        loss(torch.softmax(logits, dim=1).detach(), relevance, known)


@every_loss
def test_labels_must_be_shares(loss: Loss) -> None:
    logits, relevance, known = sequences()
    for wrong in (4.0, -0.1, float("nan")):
        labels = relevance.clone()
        labels[0, 0] = wrong
        with pytest.raises(UsageError, match="0 to 1"):
            loss(logits, labels, known)


def test_weights_and_temperatures_must_be_positive() -> None:
    logits, relevance, known = sequences()
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(UsageError):
            weighted_bce(logits, relevance, known, positive_weight=wrong)
        with pytest.raises(UsageError):
            listwise(logits, relevance, known, temperature=wrong)
