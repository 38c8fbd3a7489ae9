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
    return float(2 * covariance / spread) if spread > 0 else 0.0


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


def _check(left: NDArray[np.generic], right: NDArray[np.generic]) -> None:
    if left.ndim != 1 or left.shape != right.shape:
        raise UsageError(f"rows of shape {left.shape} cannot be compared with {right.shape}")
