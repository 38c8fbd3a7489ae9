"""Losses that refuse silent mistakes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import UsageError
from core.learning.losses import check_same_shape, concordance_loss, soft_cross_entropy
from core.learning.metrics import concordance

ALL = torch.ones(8, dtype=torch.bool)


def test_a_column_is_not_a_row() -> None:
    with pytest.raises(UsageError, match=r"\(8, 1\).*\(8,\)"):
        check_same_shape(torch.zeros(8, 1), torch.zeros(8))
    with pytest.raises(UsageError):
        concordance_loss(torch.zeros(8, 1), torch.zeros(8), ALL)


def test_probabilities_are_not_logits() -> None:
    labels = torch.eye(7)[torch.arange(8) % 7]
    logits = torch.randn(8, 7)
    soft_cross_entropy(logits, labels, ALL)
    with pytest.raises(UsageError, match="logits"):
        soft_cross_entropy(torch.softmax(logits, dim=1), labels, ALL)


def test_soft_labels_are_those_of_torch() -> None:
    logits, labels = torch.randn(8, 7), torch.softmax(torch.randn(8, 7), dim=1)
    expected = torch.nn.functional.cross_entropy(logits, labels)
    torch.testing.assert_close(soft_cross_entropy(logits, labels, ALL), expected)


def test_rows_without_a_label_and_classes_not_learned_count_nothing() -> None:
    logits = torch.randn(8, 7, requires_grad=True)
    masked = logits.masked_fill(torch.arange(7) == 2, -torch.inf)
    labels = torch.eye(7)[torch.zeros(8, dtype=torch.long)]
    known = torch.arange(8) < 5
    loss = soft_cross_entropy(masked, labels, known)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[5:] == 0).all()
    assert (logits.grad[:, 2] == 0).all()
    assert soft_cross_entropy(masked, labels, ~ALL) == 0


def test_concordance_loss_is_one_minus_the_coefficient() -> None:
    random = np.random.default_rng(0)
    truth, predicted = random.normal(size=(2, 8))
    loss = concordance_loss(torch.tensor(predicted), torch.tensor(truth), ALL)
    assert float(loss) == pytest.approx(1 - concordance(truth, predicted), abs=1e-5)
    assert float(concordance_loss(torch.tensor(truth), torch.tensor(truth), ALL)) < 1e-4
    assert concordance_loss(torch.tensor(truth), torch.tensor(truth), torch.arange(8) < 1) == 0
