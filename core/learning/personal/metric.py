"""Which directions of the features are loud: what makes a few corrections count for more.

Isotropic shrinkage lets a few corrections bend the loudest directions of a group most, which are
those of light, camera and scene. Learned from videos without labels, a metric turns them down: a
weight is believed to vary along a direction the less, the more the features do (whitening, held
back by the mean variance as of Ledoit and Wolf 2004).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

COMPONENTS = 128
"""Directions that are told apart; all others count as equally loud."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the cells of some videos.

    Attributes:
        cells: How many in which the group is known.
        products: ``(F, F) float64``, the sum of the outer products of their rows.
    """

    cells: int
    products: NDArray[np.float64]

    def __add__(self, other: Moments) -> Moments:
        """Of the videos of both."""
        return Moments(self.cells + other.cells, self.products + other.products)


@dataclass(frozen=True, eq=False)
class GroupMetric:
    """How loud the directions of one group are.

    Attributes:
        basis: ``(F, R) float32``, orthonormal, the loudest first.
        variances: ``(R,) float64`` along them.
        rest: Variance along each other direction.
    """

    basis: NDArray[np.float32]
    variances: NDArray[np.float64]
    rest: float

    @property
    def belief(self) -> tuple[NDArray[np.float64], float]:
        """How much a weight varies along each of the directions, and along all others.

        Scaled so that what the group adds has the variance 1 before anything is known.
        """
        width, known = self.basis.shape
        total = float(self.variances.sum()) + (width - known) * self.rest
        mean = total / width
        directions = 1 / (self.variances + mean)
        others = 1 / (self.rest + mean)
        added = float(self.variances @ directions) + (width - known) * self.rest * others
        return directions / added, others / added


FeatureMetric = Mapping[str, GroupMetric]
"""By group."""


def moments(
    videos: Iterable[tuple[Mapping[str, NDArray[np.float32]], Mapping[str, NDArray[np.bool_]]]],
) -> dict[str, Moments]:
    """Moments of the groups of some videos; no labels are needed.

    Args:
        videos: Features, ``(T, F) float32`` by group, and ``(T,) bool`` where each is known.

    Raises:
        UsageError: A group has not the same columns in all videos.
    """
    cells: dict[str, int] = {}
    sums: dict[str, NDArray[np.float64]] = {}
    for groups, present in videos:
        for name, rows in groups.items():
            known = rows[present[name]]
            width = rows.shape[1]
            if len(sums.setdefault(name, np.zeros((width, width)))) != width:
                raise UsageError(f"the {name} features have not the same columns in all videos")
            sums[name] += known.T @ known
            cells[name] = cells.get(name, 0) + len(known)
    return {name: Moments(cells[name], products) for name, products in sums.items()}


def fit_metric(
    found: Mapping[str, Moments], components: int = COMPONENTS
) -> dict[str, GroupMetric]:
    """The metric of features with these moments; nothing is drawn at random.

    Args:
        found: By group, as :func:`moments` gives them; groups that never vary are left out.
        components: Directions that are told apart, at most.
    """
    metric = {}
    for name, sums in found.items():
        width = len(sums.products)
        total = float(np.trace(sums.products)) / max(1, sums.cells)
        if total <= 0:
            continue
        kept = min(components, width)
        values, vectors = _loudest(sums.products / max(1, sums.cells), kept)
        variances = np.maximum(values, 0.0)
        rest = max(0.0, total - float(variances.sum())) / max(1, width - kept)
        metric[name] = GroupMetric(np.ascontiguousarray(vectors, np.float32), variances, rest)
    return metric


def _loudest(
    covariance: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances and directions, the loudest first."""
    width = len(covariance)
    if 2 * count >= width:
        values, vectors = np.linalg.eigh(covariance)
    else:
        from scipy.sparse.linalg import eigsh

        values, vectors = eigsh(covariance, k=count, v0=np.ones(width))
    chosen = np.argsort(-values, kind="stable")[:count]
    return values[chosen], vectors[:, chosen]
