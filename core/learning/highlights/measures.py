"""Measures of highlights: of the cells of one video, or of those of all videos pooled.

Cells that nobody labelled are left out beforehand. A cell is *claimed* where its score is at least
the threshold, so that a threshold of 0 claims everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.metrics import area_under_curve

__all__ = (
    "THRESHOLDS",
    "Counts",
    "Sweep",
    "all_positive_f1",
    "area_under_curve",
    "average_precision",
    "best_threshold",
    "count",
    "hit_at_top",
    "kendall",
    "published_average_precision",
    "roc_curve",
    "spearman",
    "sweep",
)

_Sums = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""(A, S) agreement, (A,) variety of the ratings and (S,) variety of the scores."""
_Agreement = Callable[[NDArray[np.float64], NDArray[np.float64]], _Sums]

THRESHOLDS = np.linspace(0.0, 1.0, 101)
"""Thresholds of a sweep."""


@dataclass(frozen=True)
class Counts:
    """How many cells were claimed rightly and wrongly.

    Args:
        hits: Positive and claimed.
        false_alarms: Negative and claimed.
        misses: Positive and not claimed.
        passes: Negative and not claimed.
    """

    hits: int
    false_alarms: int
    misses: int
    passes: int

    @property
    def precision(self) -> float:
        """Share of the claimed cells that are positive; 0 where nothing is claimed."""
        return _share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float:
        """Share of the positive cells that are claimed; 0 where nothing is positive."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing is positive or claimed."""
        return _share(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)

    @property
    def accuracy(self) -> float:
        """Share of the cells that are claimed if, and only if, they are positive."""
        return _share(self.hits + self.passes, sum(self.as_row()))

    def as_row(self) -> tuple[int, int, int, int]:
        """Hits, false alarms, misses and passes."""
        return self.hits, self.false_alarms, self.misses, self.passes


def count(positive: NDArray[np.bool_], score: NDArray[np.floating], threshold: float) -> Counts:
    """Compares the claims at a threshold with the labels.

    Args:
        positive: (T,) bool.
        score: (T,) float.
        threshold: Cells that score this or more are claimed.

    Raises:
        UsageError: The two are not rows of one length, or a score is not a number.
    """
    _check(positive, score)
    claimed = score >= threshold
    hits = int(np.sum(positive & claimed))
    claims, positives = int(claimed.sum()), int(positive.sum())
    return Counts(hits, claims - hits, positives - hits, len(score) - claims - positives + hits)


def all_positive_f1(prevalence: float) -> float:
    """The F1 of whoever claims everything: 2p / (1 + p).

    Args:
        prevalence: Share of the cells that are positive, 0 to 1.
    """
    return 2 * prevalence / (1 + prevalence)


def best_threshold(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """The threshold of the highest F1, for *validation* rows; never to be asked about a test.

    Args:
        positive: (N,) bool, the cells of all validation videos.
        score: (N,) float.

    Returns:
        One of the scores; the highest one of those that do equally well. 0 where nothing is
        positive: then every claim is as wrong as any other.

    Raises:
        UsageError: The two are not rows of one length, or a score is not a number.
    """
    _check(positive, score)
    if not positive.any():
        return 0.0
    values, hits, claims = _at_distinct_scores(positive, score)
    f1 = 2 * hits / (claims + positive.sum())
    return float(values[int(np.argmax(f1))])


def average_precision(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """The area under the steps of precision over recall; equal scores are one step.

    Args:
        positive: (T,) bool.
        score: (T,) float.

    Returns:
        0 to 1, NaN where nothing is positive.

    Raises:
        UsageError: The two are not rows of one length, or a score is not a number.
    """
    _check(positive, score)
    if not positive.any():
        return float("nan")
    _, hits, claims = _at_distinct_scores(positive, score)
    gained = np.diff(hits, prepend=0)
    return float(np.sum(gained * hits / claims) / positive.sum())


def published_average_precision(
    positive: NDArray[np.bool_], score: NDArray[np.floating], top: int | None = None
) -> float:
    """AP as YouTube Highlights and TVSum are reported with: trapezoids over the first ranks.

    Recall counts the positives among the first ranks only, precision begins with 1, and equal
    scores keep the order of time (Sun et al. 2014 and the benchmarks' later users).

    Args:
        positive: (T,) bool.
        score: (T,) float.
        top: How many of the best cells count; None for all.

    Returns:
        0 to 1; 0 where no cell that counts is positive.

    Raises:
        UsageError: The two are not rows of one length, or a score is not a number.
    """
    _check(positive, score)
    found = positive[np.argsort(-score, kind="stable")[:top]]
    if not found.any():
        return 0.0
    precision = np.concatenate([[1.0], np.cumsum(found) / np.arange(1, len(found) + 1)])
    return float(np.sum(found * (precision[1:] + precision[:-1])) / (2 * found.sum()))


def hit_at_top(positive: NDArray[np.bool_], score: NDArray[np.floating], top: int = 1) -> float:
    """Whether a positive is among the best cells; equal scores keep the order of time.

    Args:
        positive: (T,) bool.
        score: (T,) float.
        top: How many of the best cells are looked at.

    Returns:
        1 or 0, to be averaged over videos; NaN where nothing is positive.

    Raises:
        UsageError: The two are not rows of one length, or a score is not a number.
    """
    _check(positive, score)
    if not positive.any():
        return float("nan")
    return float(positive[np.argsort(-score, kind="stable")[:top]].any())


def kendall(ratings: NDArray[np.floating], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Kendall's τ-b (1945) of each score with each annotator.

    Args:
        ratings: (T, A) float; cells where it is NaN are left out for that annotator.
        scores: (T, S) float.

    Returns:
        (A, S) float64, -1 to 1; 0 for a constant score, NaN for a constant annotator.

    Raises:
        UsageError: The two have not the same cells, or a score is not a number.
    """
    return _by_annotator(ratings, scores, _kendall)


def spearman(ratings: NDArray[np.floating], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Spearman's ρ (1904) of each score with each annotator, equal values sharing their ranks.

    Args:
        ratings: (T, A) float; cells where it is NaN are left out for that annotator.
        scores: (T, S) float.

    Returns:
        (A, S) float64, -1 to 1; 0 for a constant score, NaN for a constant annotator.

    Raises:
        UsageError: The two have not the same cells, or a score is not a number.
    """
    return _by_annotator(ratings, scores, _spearman)


@dataclass(frozen=True, eq=False)
class Sweep:
    """What each of :data:`THRESHOLDS` gives; each is (101,) float64."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]


def sweep(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> Sweep:
    """Precision, recall and F1 at each of :data:`THRESHOLDS`, as :class:`Counts` defines them.

    Args:
        positive: (N,) bool, the cells of all videos at their natural prevalence.
        score: (N,) float, 0 to 1.

    Raises:
        UsageError: The two are not rows of one length, or a score is not a number.
    """
    _check(positive, score)
    claims = len(score) - np.searchsorted(np.sort(score), THRESHOLDS, "left")
    hits = positive.sum() - np.searchsorted(np.sort(score[positive]), THRESHOLDS, "left")
    positives = positive.sum()
    return Sweep(
        hits / np.maximum(1, claims),
        hits / np.maximum(1, positives),
        2 * hits / np.maximum(1, claims + positives),
    )


def roc_curve(
    positive: NDArray[np.bool_], score: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The shares of negatives and of positives that each threshold claims.

    Args:
        positive: (N,) bool, with positives and negatives in it.
        score: (N,) float.

    Returns:
        False and true positive rates, both (D + 1,) float64 from 0 to 1, of D distinct scores.

    Raises:
        UsageError: The two are not rows of one length, a score is not a number, or there are no
            positives or no negatives.
    """
    _check(positive, score)
    if positive.all() or not positive.any():
        raise UsageError("a ROC curve needs positives and negatives")
    _, hits, claims = _at_distinct_scores(positive, score)
    alarms = claims - hits
    zero = np.zeros(1)
    return (
        np.concatenate([zero, alarms / alarms[-1]]),
        np.concatenate([zero, hits / hits[-1]]),
    )


def _at_distinct_scores(
    positive: NDArray[np.bool_], score: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct scores from the highest on, and the hits and claims down to each."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    return ordered[last], np.cumsum(positive[order])[last], last + 1


def _by_annotator(
    ratings: NDArray[np.floating], scores: NDArray[np.floating], measure: _Agreement
) -> NDArray[np.float64]:
    if ratings.ndim != 2 or scores.ndim != 2 or len(ratings) != len(scores):
        raise UsageError(f"ratings of {ratings.shape} do not fit scores of {scores.shape}")
    if not np.isfinite(scores).all():
        raise UsageError("a score is not a number")
    result = np.full((ratings.shape[1], scores.shape[1]), np.nan)
    known = np.isfinite(ratings)
    for cells in np.unique(known, axis=1).T:
        alike = (known == cells[:, None]).all(axis=0)
        if cells.any():
            rated = ratings[np.ix_(cells, alike)].astype(np.float64)
            agreement, variety, own_variety = measure(rated, scores[cells].astype(np.float64))
            scale = np.sqrt(np.outer(variety, own_variety))
            values = np.divide(agreement, scale, out=np.zeros_like(scale), where=scale > 0)
            result[alike] = np.where(variety[:, None] > 0, values, np.nan)
    return result


def _kendall(ratings: NDArray[np.float64], scores: NDArray[np.float64]) -> _Sums:
    agreement = np.zeros((ratings.shape[1], scores.shape[1]))
    rated_apart, scored_apart = np.zeros(ratings.shape[1]), np.zeros(scores.shape[1])
    for cell in range(len(ratings) - 1):
        rated = np.sign(ratings[cell + 1 :] - ratings[cell])
        scored = np.sign(scores[cell + 1 :] - scores[cell])
        agreement += rated.T @ scored
        rated_apart += np.abs(rated).sum(axis=0)
        scored_apart += np.abs(scored).sum(axis=0)
    return agreement, rated_apart, scored_apart


def _spearman(ratings: NDArray[np.float64], scores: NDArray[np.float64]) -> _Sums:
    from scipy.stats import rankdata

    middle = (len(ratings) + 1) / 2
    rated, scored = rankdata(ratings, axis=0) - middle, rankdata(scores, axis=0) - middle
    return rated.T @ scored, np.sum(rated**2, axis=0), np.sum(scored**2, axis=0)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _check(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> None:
    if positive.ndim != 1 or positive.shape != score.shape:
        raise UsageError(f"rows of shape {positive.shape} cannot be scored by {score.shape}")
    if positive.dtype != np.bool_:
        raise UsageError(f"labels of type {positive.dtype} are neither positive nor negative")
    if not np.isfinite(score).all():
        raise UsageError("a score is not a number")
