"""What a network is told of utterances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import CorpusError, UsageError
from core.learning.corpora import one_hot
from core.learning.losses import concordance_loss
from core.learning.targets import (
    DIMENSION_WEIGHT,
    Targets,
    has_labels,
    label_distribution,
    learned_labels,
)
from core.networks.emotion import EmotionOutput
from core.networks.emotion_classes import LABELS
from tests.learning.made import made_utterance

HAPPY = made_utterance("1", "a", "happy")
BORED = made_utterance("2", "b", "boredom")
CALM = made_utterance("3", "c", "calm")
NOTHING = made_utterance("4", "d", None)
SOFT = replace(HAPPY, distribution=(0.5, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0))


def output(count: int, seed: int = 0) -> EmotionOutput:
    torch.manual_seed(seed)
    dimensions = torch.tanh(torch.randn(2, count))
    return EmotionOutput(torch.randn(count, len(LABELS)), dimensions[0], dimensions[1])


def test_boredom_is_a_label_and_calm_is_none() -> None:
    assert label_distribution(BORED) == tuple(float(name == "boredom") for name in LABELS)
    assert label_distribution(HAPPY) == (*one_hot("happy"), 0.0)
    assert label_distribution(CALM) is None
    assert label_distribution(NOTHING) is None


def test_dimensions_alone_are_something_to_learn_from() -> None:
    assert has_labels(HAPPY)
    assert has_labels(CALM)
    assert has_labels(replace(NOTHING, valence=0.1))
    assert not has_labels(NOTHING)


def test_learned_is_what_any_utterance_gives_a_share_to() -> None:
    known = learned_labels([SOFT, BORED, CALM])
    shares = (*(share > 0 for share in SOFT.distribution or ()), True)
    assert known.tolist() == list(shares)
    with pytest.raises(CorpusError, match="no utterance has an emotion"):
        learned_labels([CALM, NOTHING])


def test_the_values_are_those_of_the_table_and_nan_where_it_says_nothing() -> None:
    values = Targets.of([SOFT, CALM, NOTHING]).values
    assert values.shape == (3, len(LABELS) + 2)
    assert values.dtype == torch.float32
    assert values[0, :8].tolist() == [*(SOFT.distribution or ()), 0.0]
    assert torch.isnan(values[1, :8]).all()
    assert values[1, 8:].tolist() == pytest.approx([CALM.arousal, CALM.valence])
    assert torch.isnan(values[2]).all()


def test_some_rows_are_taken_in_the_order_asked_for() -> None:
    targets = Targets.of([HAPPY, BORED, SOFT])
    chosen = targets.among(np.array([2, 0, 0])).values
    torch.testing.assert_close(chosen, targets.values[[2, 0, 0]])


def test_the_loss_is_the_cross_entropy_and_half_of_each_concordance() -> None:
    rows = [HAPPY, BORED, SOFT, made_utterance("5", "e", "sad")]
    targets, said = Targets.of(rows), output(4)
    everything = torch.ones(4, dtype=torch.bool)
    expected = torch.nn.functional.cross_entropy(said.logits, targets.values[:, :8])
    for predicted, column in ((said.arousal, 8), (said.valence, 9)):
        theirs = concordance_loss(predicted, targets.values[:, column], everything)
        expected = expected + DIMENSION_WEIGHT * theirs
    torch.testing.assert_close(targets.loss(said), expected)


def test_what_is_not_known_teaches_nothing() -> None:
    rows = [HAPPY, BORED, CALM, NOTHING]
    said = output(4)
    leaves = [said.logits, said.arousal, said.valence]
    for leaf in leaves:
        leaf.requires_grad_(True)
    loss = Targets.of(rows).loss(said)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(leaf.grad).all() for leaf in leaves)
    assert (said.logits.grad[2:] == 0).all(), "neither calm nor unknown has a class"
    assert said.arousal.grad[3] == 0
    assert said.arousal.grad[2] != 0, "calm has an arousal"
    changed = EmotionOutput(said.logits.detach().clone(), said.arousal, said.valence)
    changed.logits[2:] += torch.randn(2, len(LABELS))
    torch.testing.assert_close(Targets.of(rows).loss(changed), loss)


def test_a_label_that_was_never_learned_costs_nothing() -> None:
    said = output(2)
    masked = said.logits.masked_fill(torch.arange(8) >= 6, -torch.inf)
    loss = Targets.of([HAPPY, SOFT]).loss(EmotionOutput(masked, said.arousal, said.valence))
    assert torch.isfinite(loss)


def test_weights_count_in_the_classes_alone() -> None:
    rows, said = [HAPPY, BORED], output(2)
    targets = Targets.of(rows)
    one = targets.loss(said, torch.tensor([1.0, 1.0]))
    torch.testing.assert_close(one, targets.loss(said))
    dimensions = targets.loss(said, torch.zeros(2))
    first = targets.loss(said, torch.tensor([1.0, 0.0])) - dimensions
    expected = torch.nn.functional.cross_entropy(said.logits[:1], targets.values[:1, :8])
    torch.testing.assert_close(first, expected / 2)


def test_a_column_where_a_row_belongs_is_refused() -> None:
    said = output(2)
    column = EmotionOutput(said.logits, said.arousal.unsqueeze(1), said.valence)
    with pytest.raises(UsageError, match=r"\(2, 1\).*\(2,\)"):
        Targets.of([HAPPY, BORED]).loss(column)
