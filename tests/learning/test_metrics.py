"""Measures, against their definitions and the libraries that have them."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.metrics import (
    area_under_curve,
    concordance,
    macro_f1,
    over_speakers,
    unweighted_recall,
)


@pytest.fixture
def labels() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.choice(4, 200, p=[0.7, 0.1, 0.1, 0.1])
    return truth, np.where(random.random(200) < 0.5, truth, random.integers(0, 4, 200))


def test_recall_and_f1_are_those_of_scikit_learn(labels: tuple[np.ndarray, np.ndarray]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truth, predicted = labels
    assert unweighted_recall(truth, predicted) == pytest.approx(
        metrics.balanced_accuracy_score(truth, predicted)
    )
    assert macro_f1(truth, predicted) == pytest.approx(
        metrics.f1_score(truth, predicted, average="macro")
    )
    score = predicted + np.round(np.random.default_rng(1).random(200), 1)
    assert area_under_curve(truth > 0, score) == pytest.approx(
        metrics.roc_auc_score(truth > 0, score)
    )


def test_the_majority_class_has_the_recall_of_one_in_k(
    labels: tuple[np.ndarray, np.ndarray],
) -> None:
    truth, _ = labels
    assert unweighted_recall(truth, np.zeros_like(truth)) == pytest.approx(1 / 4)


def test_a_constant_agrees_with_nothing() -> None:
    truth = np.linspace(-1, 1, 10)
    assert concordance(truth, np.full(10, 0.3)) == pytest.approx(0)
    assert concordance(truth, truth) == pytest.approx(1)
    assert concordance(truth, -truth) == pytest.approx(-1)
    assert concordance(truth, truth + 1) < 1


def test_a_column_is_not_a_row() -> None:
    with pytest.raises(UsageError):
        concordance(np.zeros(5), np.zeros((5, 1)))
    with pytest.raises(UsageError):
        unweighted_recall(np.zeros(5, int), np.zeros(4, int))


def test_the_interval_is_over_speakers() -> None:
    speakers = [name for name in "abcd" for _ in range(100)]
    right = np.repeat([1.0, 1.0, 0.0, 0.0], 100)
    interval = over_speakers(lambda rows: right[rows].mean(), speakers, seed=3)
    assert interval.value == 0.5
    assert interval.low < 0.15, "as if the utterances were independent"
    assert interval.high > 0.85
    assert interval == over_speakers(lambda rows: right[rows].mean(), speakers, seed=3)
    assert interval.as_json()["value"] == 0.5


def test_one_speaker_is_resampled_by_utterance() -> None:
    values = np.random.default_rng(0).random(50)
    interval = over_speakers(lambda rows: values[rows].mean(), ["a"] * 50)
    assert interval.low < interval.value < interval.high
