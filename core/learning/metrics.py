"""Measures of emotion recognition, with intervals over speakers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError


def unweighted_recall(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """UAR: the mean recall of the classes that occur in the truth, each counting the same.

    Raises:
        UsageError: The two are not rows of one length.
    """
    _check(truth, predicted)
    if not len(truth):
        return float("nan")
    return float(np.mean([np.mean(predicted[truth == label] == label) for label in set(truth)]))


def recalls(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str]
) -> dict[str, float]:
    """The recall of each class that occurs in the truth, by its name.

    Args:
        truth: (N,) int64, indices into ``labels``.
        predicted: (N,) int64, indices into ``labels``.
        labels: Names of the classes.

    Raises:
        UsageError: The two are not rows of one length, or a class has no name.
    """
    matrix = confusion_matrix(truth, predicted, len(labels))
    return {
        name: float(matrix[index, index] / matrix[index].sum())
        for index, name in enumerate(labels)
        if matrix[index].any()
    }


def confusion_matrix(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """How often each class (row) was taken for each class (column).

    Returns:
        (classes, classes) int64.

    Raises:
        UsageError: The two are not rows of one length, or hold other classes.
    """
    _check(truth, predicted)
    both = np.concatenate([truth, predicted])
    if len(both) and not (both.min() >= 0 and both.max() < classes):
        raise UsageError(f"classes {both.min()} to {both.max()} are not among the {classes}")
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    return matrix


def macro_f1(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """The mean F1 of the classes that occur in the truth.

    Raises:
        UsageError: The two are not rows of one length.
    """
    _check(truth, predicted)
    scores = []
    for label in set(truth):
        hits = np.sum((truth == label) & (predicted == label))
        scores.append(2 * hits / (np.sum(truth == label) + np.sum(predicted == label)))
    return float(np.mean(scores)) if scores else float("nan")


def concordance(truth: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """CCC (Lin 1989): agreement in order, scale and position, -1 to 1; 0 for a constant.

    Raises:
        UsageError: The two are not rows of one length.
    """
    _check(truth, predicted)
    if len(truth) < 2:
        return float("nan")
    covariance = np.mean((truth - truth.mean()) * (predicted - predicted.mean()))
    spread = truth.var() + predicted.var() + (truth.mean() - predicted.mean()) ** 2
    if not np.ptp(truth) or not np.ptp(predicted):
        return 0.0
    return float(2 * covariance / spread)


def pearson(truth: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Pearson's correlation, -1 to 1: agreement in order and proportion; 0 for a constant.

    Raises:
        UsageError: The two are not rows of one length.
    """
    _check(truth, predicted)
    if len(truth) < 2:
        return float("nan")
    if not np.ptp(truth) or not np.ptp(predicted):
        return 0.0
    ours, theirs = truth - truth.mean(), predicted - predicted.mean()
    return float(np.mean(ours * theirs) / np.sqrt(np.mean(ours**2) * np.mean(theirs**2)))


def mean_absolute_error(truth: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """How far the predictions lie from the truth, in its unit.

    Raises:
        UsageError: The two are not rows of one length.
    """
    _check(truth, predicted)
    return float(np.mean(np.abs(truth - predicted))) if len(truth) else float("nan")


def area_under_curve(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """Probability that a positive scores above a negative, ties counting one half.

    Raises:
        UsageError: The two are not rows of one length.
    """
    _check(positive, score)
    higher, lower = score[positive], np.sort(score[~positive])
    if not len(higher) or not len(lower):
        return float("nan")
    below = np.searchsorted(lower, higher, "left") + np.searchsorted(lower, higher, "right")
    return float(below.mean() / (2 * len(lower)))


def expected_calibration_error(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = 10
) -> float:
    """ECE (Guo et al. 2017): how far the confidence is from the share that is right.

    Args:
        confidence: (N,) probability of the predicted class, 0 to 1.
        correct: (N,) bool, whether that class was right.
        bins: Equally wide ranges of confidence, weighted by their rows.

    Raises:
        UsageError: The two are not rows of one length, or a confidence is no probability.
    """
    _check(confidence, correct)
    if not len(confidence):
        return float("nan")
    if not (confidence.min() >= 0 and confidence.max() <= 1 + 1e-6):
        raise UsageError("a confidence is not between 0 and 1")
    group = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = np.bincount(group, weights=confidence - correct.astype(np.float64), minlength=bins)
    return float(np.abs(gap).sum() / len(confidence))


TEMPERATURES = (0.05, 20.0)
"""Lowest and highest temperature that is looked for."""


def fit_temperature(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """The temperature whose softmax of ``logits / temperature`` is calibrated best.

    Temperature scaling (Guo et al. 2017): least negative log-likelihood. To be fitted on rows
    that are neither trained on nor reported.

    Args:
        logits: (N, K) float, *before* any softmax; -inf in classes that were never learned.
        truth: (N,) int64.

    Returns:
        Within :data:`TEMPERATURES`; above 1 if the network was too sure.

    Raises:
        UsageError: The shapes do not fit, there are no rows, a true class has no finite logit,
            or probabilities were given instead of logits.
    """
    if logits.ndim != 2 or truth.shape != logits.shape[:1] or not len(truth):
        raise UsageError(f"classes of {truth.shape} do not fit logits of {logits.shape}")
    if truth.min() < 0 or truth.max() >= logits.shape[1]:
        raise UsageError(f"a class is not among the {logits.shape[1]} of the logits")
    if (logits >= 0).all() and np.allclose(logits.sum(axis=1), 1.0, atol=1e-4):
        raise UsageError("a temperature is fitted to logits, not to probabilities")
    exact = logits.astype(np.float64)
    right = exact[np.arange(len(truth)), truth]
    if not np.isfinite(right).all():
        raise UsageError("a row's true class has no finite logit")
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    def surprise(log_temperature: float) -> float:
        scale = np.exp(-log_temperature)
        return float(np.mean(logsumexp(exact * scale, axis=1) - right * scale))

    found = minimize_scalar(surprise, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x))


@dataclass(frozen=True)
class Interval:
    """A measure with its 95 % interval.

    Args:
        value: On all rows.
        low: 2.5th percentile of the resampled values.
        high: 97.5th percentile.
    """

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """Rounded to three digits; null where there is no value."""
        return {
            key: round(number, 3) if np.isfinite(number) else None
            for key, number in (("value", self.value), ("low", self.low), ("high", self.high))
        }

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def over_speakers(
    measure: Callable[[NDArray[np.int64]], float],
    speakers: Sequence[str],
    *,
    rounds: int = 500,
    seed: int = 0,
) -> Interval:
    """A measure with its bootstrap interval over whole speakers, not over utterances.

    With a single speaker there is nothing to resample but the utterances; then those are.

    Args:
        measure: The value on given row numbers.
        speakers: The speaker of each row.
        rounds: How often to resample.
        seed: Of the resampling.
    """
    names, group = np.unique(np.asarray(speakers), return_inverse=True)
    rows = np.arange(len(group))
    members = [rows[group == index] for index in range(len(names))]
    if len(members) == 1:
        members = [np.array([row]) for row in rows]
    random = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = random.integers(0, len(members), len(members))
        values.append(measure(np.concatenate([members[index] for index in drawn])))
    finite = np.array([value for value in values if np.isfinite(value)])
    low, high = np.percentile(finite, [2.5, 97.5]) if len(finite) else (np.nan, np.nan)
    return Interval(float(measure(rows)), float(low), float(high))


def paired_difference(
    measure_a: Callable[[NDArray[np.int64]], float],
    measure_b: Callable[[NDArray[np.int64]], float],
    speakers: Sequence[str],
    *,
    rounds: int = 500,
    seed: int = 0,
) -> Interval:
    """By how much one recogniser is above another on the same rows: a minus b.

    Both are measured on the same resampled speakers, so what makes a speaker easy for both falls
    out. An interval above 0 says that a is better.

    Args:
        measure_a: The first one's value on given row numbers.
        measure_b: The second one's.
        speakers: The speaker of each row.
        rounds: How often to resample.
        seed: Of the resampling.
    """
    return over_speakers(
        lambda rows: measure_a(rows) - measure_b(rows), speakers, rounds=rounds, seed=seed
    )


def _check(left: NDArray[np.generic], right: NDArray[np.generic]) -> None:
    if left.ndim != 1 or left.shape != right.shape:
        raise UsageError(f"rows of shape {left.shape} cannot be compared with {right.shape}")
