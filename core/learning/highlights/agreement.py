"""How far the annotators of a video agree about its highlights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.learning.highlights.labelled_video import LabelledVideo


@dataclass(frozen=True)
class Agreement:
    """Means over the pairs of annotators of one video for whom a measure is defined.

    Attributes:
        kappa: Agreement about what is positive beyond chance, -1 to 1 (Cohen 1960); not defined
            for two who say the same of all cells.
        f1: F1 of the one's positives against the other's, 0 to 1, as is usual for SumMe and
            TVSum; not defined for two without positives.
        spearman: Rank correlation of the grades, -1 to 1, where the ratings are grades; not
            defined for one who gives all cells the same.
    """

    kappa: float | None
    f1: float | None
    spearman: float | None


def agreement(video: LabelledVideo) -> Agreement | None:
    """Agreement of the annotators of a video on the cells that both of a pair have labelled.

    Returns:
        None if there are fewer than two annotators.
    """
    count = len(video.annotators)
    if count < 2:
        return None
    known = np.isfinite(video.ratings).astype(np.float64)
    positive = video.positives().astype(np.float64)
    shared = known.T @ known
    both = positive.T @ positive
    ones = positive.T @ known  # positives of the row's annotator where the column's has spoken
    with np.errstate(invalid="ignore", divide="ignore"):
        same = 1 - (ones + ones.T - 2 * both) / shared
        left, right = ones / shared, ones.T / shared
        chance = left * right + (1 - left) * (1 - right)
        kappa = np.where(chance < 1, (same - chance) / (1 - chance), np.nan)
        f1 = 2 * both / (ones + ones.T)
    pairs = np.triu_indices(count, 1)
    return Agreement(
        _mean(kappa[pairs]),
        _mean(f1[pairs]),
        _mean(_rank_correlations(video.ratings)[pairs]) if video.graded else None,
    )


def _rank_correlations(ratings: NDArray[np.float32]) -> NDArray[np.float64]:
    """Spearman's rho by pair over the cells that all annotators have rated, ``(A, A)``."""
    common = ratings[np.isfinite(ratings).all(axis=1)]
    if len(common) < 2:
        return np.full((ratings.shape[1],) * 2, np.nan)
    ranks = rankdata(common, axis=0)
    ranks -= ranks.mean(axis=0)
    norms = np.sqrt((ranks**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ranks.T @ ranks) / np.outer(norms, norms)


def _mean(values: NDArray[np.float64]) -> float | None:
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if len(defined) else None
