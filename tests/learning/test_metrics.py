"""Measures, against their definitions and the libraries that have them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import log_softmax, softmax
from sklearn import metrics

from core.errors import UsageError
from core.learning.metrics import (
    area_under_curve,
    concordance,
    confusion_matrix,
    expected_calibration_error,
    fit_temperature,
    macro_f1,
    mean_absolute_error,
    over_speakers,
    paired_difference,
    pearson,
    recalls,
    unweighted_recall,
)


@pytest.fixture
def labels() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.choice(4, 200, p=[0.7, 0.1, 0.1, 0.1])
    return truth, np.where(random.random(200) < 0.5, truth, random.integers(0, 4, 200))


def test_recall_and_f1_are_those_of_scikit_learn(labels: tuple[np.ndarray, np.ndarray]) -> None:
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


def test_each_class_is_counted_like_scikit_learn_counts(
    labels: tuple[np.ndarray, np.ndarray],
) -> None:
    truth, predicted = labels
    matrix = confusion_matrix(truth, predicted, 5)
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(
        matrix, metrics.confusion_matrix(truth, predicted, labels=range(5))
    )
    named = recalls(truth, predicted, ["a", "b", "c", "d", "never"])
    assert list(named) == ["a", "b", "c", "d"], "a class that does not occur has no recall"
    np.testing.assert_allclose(
        list(named.values()), metrics.recall_score(truth, predicted, average=None)
    )
    assert np.mean(list(named.values())) == pytest.approx(unweighted_recall(truth, predicted))


def test_classes_that_are_not_there_are_refused() -> None:
    for wrong in (-1, 2):
        with pytest.raises(UsageError):
            confusion_matrix(np.array([0, 1]), np.array([0, wrong]), 2)


def test_correlation_and_error_are_those_of_the_libraries() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=300)
    for predicted in (truth + random.normal(size=300), 5 - 3 * truth, random.normal(size=300)):
        assert pearson(truth, predicted) == pytest.approx(stats.pearsonr(truth, predicted)[0])
        assert mean_absolute_error(truth, predicted) == pytest.approx(
            metrics.mean_absolute_error(truth, predicted)
        )
    assert pearson(truth, np.full(300, 0.1)) == 0
    assert np.isnan(pearson(truth[:1], truth[:1]))
    assert np.isnan(mean_absolute_error(truth[:0], truth[:0]))


def test_confidence_is_compared_with_what_is_right_bin_by_bin() -> None:
    random = np.random.default_rng(0)
    confidence = random.uniform(0.2, 1, 5000)
    correct = random.random(5000) < confidence
    count, _, group = stats.binned_statistic(confidence, correct, "count", bins=10, range=(0, 1))
    gaps = [
        abs(correct[group == index].mean() - confidence[group == index].mean())
        for index in range(1, 11)
        if (group == index).any()
    ]
    expected = np.average(gaps, weights=count[count > 0])
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected)
    assert expected < 0.03, "calibrated by construction"
    assert expected_calibration_error(np.ones(4), np.array([True, True, False, False])) == 0.5
    with pytest.raises(UsageError):
        expected_calibration_error(np.array([1.5]), np.array([True]))


@pytest.mark.parametrize("true_temperature", [0.4, 1.0, 3.0])
def test_the_temperature_that_spoilt_the_logits_is_found(true_temperature: float) -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, (4000, 4))
    truth = np.array([random.choice(4, p=row) for row in softmax(honest, axis=1)])
    logits = honest * true_temperature
    found = fit_temperature(logits, truth)
    assert found == pytest.approx(true_temperature, rel=0.1)
    grid = np.geomspace(0.1, 10, 400)
    losses = [-log_softmax(logits / t, axis=1)[np.arange(4000), truth].mean() for t in grid]
    assert found == pytest.approx(grid[int(np.argmin(losses))], rel=0.02)
    before, after = (softmax(logits / t, axis=1) for t in (1.0, found))
    errors = [
        expected_calibration_error(p.max(axis=1), p.argmax(axis=1) == truth)
        for p in (before, after)
    ]
    assert errors[1] < 0.03
    assert errors[1] <= errors[0] + 0.005
    never = np.column_stack([logits, np.full(4000, -np.inf)])
    assert fit_temperature(never, truth) == pytest.approx(found)


def test_a_temperature_wants_logits_that_know_the_class() -> None:
    truth = np.array([0, 1])
    with pytest.raises(UsageError, match="probabilities"):
        fit_temperature(np.array([[0.9, 0.1], [0.5, 0.5]]), truth)
    with pytest.raises(UsageError, match="finite"):
        fit_temperature(np.array([[2.0, -1.0], [1.0, -np.inf]]), truth)
    with pytest.raises(UsageError):
        fit_temperature(np.array([[2.0, -1.0], [1.0, 3.0]]), truth[:, None])
    with pytest.raises(UsageError):
        fit_temperature(np.array([[2.0, -1.0], [1.0, 3.0]]), np.array([0, 2]))


def test_columns_are_refused_by_every_measure() -> None:
    row, column = np.zeros(5), np.zeros((5, 1))
    for measure in (pearson, mean_absolute_error, expected_calibration_error):
        with pytest.raises(UsageError):
            measure(row, column)
    with pytest.raises(UsageError):
        confusion_matrix(row.astype(int), column.astype(int), 1)


def test_a_small_advantage_shows_in_pairs_where_the_intervals_overlap() -> None:
    random = np.random.default_rng(0)
    names = [f"s{number}" for number in range(20)]
    speakers = [name for name in names for _ in range(30)]
    ease = np.repeat(random.uniform(0.2, 0.9, 20), 30)
    worse = ease + random.normal(0, 0.02, 600)
    better = worse + 0.03 + random.normal(0, 0.02, 600)

    def a(rows: np.ndarray) -> float:
        return float(better[rows].mean())

    def b(rows: np.ndarray) -> float:
        return float(worse[rows].mean())

    difference = paired_difference(a, b, speakers)
    assert difference.value == pytest.approx(better.mean() - worse.mean())
    assert 0 < difference.low < difference.value < difference.high < 0.05
    assert over_speakers(a, speakers).low < over_speakers(b, speakers).high
    swapped = paired_difference(b, a, speakers)
    assert swapped.high == pytest.approx(-difference.low)
    nothing = paired_difference(a, a, speakers)
    assert nothing.low == nothing.value == nothing.high == 0


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
