"""Learns a taste from a few corrected videos, in closed form.

What the shipped curve leaves unexplained of the wishes is explained by the features, in ridge
regression on rows and wishes that are centred within the video: the mode of a Gaussian process
whose mean is the shipped curve. Few corrections therefore change little. A video weighs the more,
the more of it was corrected, but no more than one video. An editor whose wishes follow the features
closely is believed sooner: the penalty is lowered as long as videos that were left out are told
better by it, beyond doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.analysis.taste import LARGEST_WEIGHT, Taste, log_odds
from core.errors import UsageError
from core.learning.personal.lessons import Lesson, teaching
from core.learning.personal.metric import FeatureMetric, GroupMetric

SHARES: Mapping[str, float] = MappingProxyType(
    {"emotion": 0.3, "sound": 0.3, "picture": 0.4, "position": 0.01}
)
"""How much each group is believed to say, before anything is known.

Chosen on composed videos of EMO-DB and CREMA-D with our own signals and made editors who like an
emotion, loud moments or movement. Position must be believed to say next to nothing: what one
video's wishes have in common with its clock is chance.
"""


FEWEST_VIDEOS = 3
"""With fewer there is nothing to tell a good taste from a bad one by."""
_FOLDS = 5


@dataclass(frozen=True)
class TasteSettings:
    """How a taste is fitted.

    Attributes:
        penalty: Of the ridge, in corrected videos: with as many, evidence and prior are balanced
            along a direction that explains everything. It is the most that is asked for.
        bolder: Factors of the penalty, each below the one before, that are tried in turn.
        certainty: Standard errors by which videos that were left out must be told better.
        smoothing: Deviation in cells of the Gaussian over what a group adds.
        trust: Deviation of the wishes, of 1 in all, that the shipped curve is believed to explain.
        saturation: Corrected cells with which a video has half of its weight.
        shares: How much each group is believed to say; groups that are not named say nothing.

    Raises:
        UsageError: Nothing can be fitted so.
    """

    penalty: float = 0.5
    bolder: tuple[float, ...] = (1 / 4, 1 / 16, 1 / 64)
    certainty: float = 2.0
    smoothing: float = 1.5
    trust: float = 0.08
    saturation: float = 20.0
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)

    def __post_init__(self) -> None:
        numbers = (self.penalty, self.trust)
        others = (self.certainty, self.smoothing, self.saturation, *self.shares.values())
        if (
            not all(0 < number < np.inf for number in numbers)
            or not all(0 <= number < np.inf for number in others)
            or not all(0 < after < before for before, after in pairwise((1.0, *self.bolder)))
        ):
            raise UsageError(
                f"no taste can be fitted with {self}",
                remedy="Choose a penalty and a trust above 0, nothing below 0, and factors that "
                "fall from below 1 to above 0.",
            )


@dataclass(frozen=True, eq=False)
class Evidence:
    """What corrected videos say, ready to be weighed against what was believed before.

    Attributes:
        columns: How many columns each group has.
        beliefs: Deviations of a weight before anything is known, by group.
        slope: Wishes per log-odds of the shipped curve.
        rows: Centred, weighted and scaled by the beliefs, ``(n, F) float32`` by video.
        wishes: What the shipped curve leaves unexplained, ``(n,) float64`` by video.
        smoothing: Deviation in cells of the Gaussian over what a group adds.
    """

    columns: Mapping[str, int]
    beliefs: Mapping[str, _Belief]
    slope: float
    rows: Sequence[NDArray[np.float32]]
    wishes: Sequence[NDArray[np.float64]]
    smoothing: float

    def taste(self, penalty: float) -> Taste:
        """The taste that a penalty leaves; as :attr:`TasteSettings.penalty`."""
        solution = self._solution(penalty) / self.slope
        weights = {}
        begin = 0
        for name, width in self.columns.items():
            found = self.beliefs[name].times(solution[None, begin : begin + width])[0]
            weights[name] = np.clip(found, -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.float32)
            begin += width
        return Taste(weights, self.smoothing)

    def settled_penalty(self, settings: TasteSettings) -> float:
        """The penalty that the videos themselves ask for, each left out with some others.

        With fewer than :data:`FEWEST_VIDEOS` it is that of the settings.
        """
        penalty = settings.penalty
        if len(self.rows) < FEWEST_VIDEOS:
            return penalty
        errors = self._left_out_errors(penalty)
        for factor in settings.bolder:
            bolder = self._left_out_errors(factor * settings.penalty)
            gains = errors - bolder
            usual = float(np.median(np.abs(gains)))
            # One odd video must not outweigh all others.
            gains = np.clip(gains, -usual, usual)
            if gains.mean() <= settings.certainty * gains.std(ddof=1) / np.sqrt(len(gains)):
                break
            penalty, errors = factor * settings.penalty, bolder
        return penalty

    def _left_out_errors(self, penalty: float) -> NDArray[np.float64]:
        """Squared error on each video by what the others say, ``(videos,) float64``."""
        errors = np.zeros(len(self.rows))
        for part in range(min(_FOLDS, len(errors))):
            held = range(part, len(errors), _FOLDS)
            kept = [index for index in range(len(errors)) if index not in held]
            solution = replace(
                self,
                rows=[self.rows[index] for index in kept],
                wishes=[self.wishes[index] for index in kept],
            )._solution(penalty)
            for index in held:
                left = self.wishes[index] - self.rows[index] @ solution
                errors[index] = float(left @ left)
        return errors

    def _solution(self, penalty: float) -> NDArray[np.float64]:
        from scipy.linalg import solve

        width = sum(self.columns.values())
        if sum(len(rows) for rows in self.rows) <= width:
            rows = np.concatenate(self.rows)
            kernel = (rows @ rows.T).astype(np.float64)
            kernel[np.diag_indices(len(kernel))] += penalty
            dual = solve(kernel, np.concatenate(self.wishes), assume_a="pos")
            return np.asarray(dual @ rows, np.float64)
        # With more cells than columns the same solution is found column by column.
        matrix, right = penalty * np.eye(width), np.zeros(width)
        for rows, wishes in zip(self.rows, self.wishes, strict=True):
            matrix += rows.T @ rows
            right += wishes @ rows
        return np.asarray(solve(matrix, right, assume_a="pos"), np.float64)


def fit_taste(
    lessons: Sequence[Lesson],
    settings: TasteSettings | None = None,
    metric: FeatureMetric | None = None,
) -> Taste:
    """Fits a taste to corrected videos; nothing is drawn at random.

    Args:
        lessons: One per video, in any order; those that teach nothing are left out.
        settings: How; the usual ones by default.
        metric: Which directions are loud, by group; a group without one is shrunk alike in all.

    Raises:
        UsageError: No lesson teaches anything, two are of one video, or their features differ.
    """
    chosen = settings or TasteSettings()
    evidence = gathered(lessons, chosen, metric)
    return evidence.taste(evidence.settled_penalty(chosen))


def gathered(
    lessons: Sequence[Lesson], settings: TasteSettings, metric: FeatureMetric | None = None
) -> Evidence:
    """What corrected videos say, for several penalties to be tried.

    Args:
        lessons: As for :func:`fit_taste`.
        settings: All but the penalty is used.
        metric: As for :func:`fit_taste`.

    Raises:
        UsageError: As for :func:`fit_taste`.
    """
    ordered = teaching(lessons)
    names = [name for name in sorted(ordered[0].groups) if settings.shares.get(name)]
    beliefs = {
        name: _Belief.of(settings.shares[name], ordered, name, (metric or {}).get(name))
        for name in names
    }
    spread = np.sqrt(np.mean([np.var(log_odds(lesson.base)) for lesson in ordered]))
    slope = settings.trust / max(float(spread), _LEAST_SPREAD)
    rows, wishes = [], []
    for lesson in ordered:
        known = lesson.known
        weight = lesson.weight[known].astype(np.float64)
        share = weight / weight.sum()
        root = np.sqrt(weight / (weight.sum() + settings.saturation))
        left = lesson.wanted[known] - slope * log_odds(lesson.base[known])
        wishes.append(root * (left - share @ left))
        parts = []
        for name in names:
            values = lesson.groups[name][known]
            values = beliefs[name].times(values - (share @ values).astype(np.float32))
            parts.append(root[:, None] * values)
        rows.append(np.concatenate(parts, axis=1).astype(np.float32))
    columns = {name: ordered[0].groups[name].shape[1] for name in names}
    return Evidence(columns, beliefs, slope, rows, wishes, settings.smoothing)


_LEAST_SPREAD = 0.1
"""Log-odds; a shipped curve as flat as this is not believed to say much."""


@dataclass(frozen=True, eq=False)
class _Belief:
    """How far the weights of a group may be from 0, by direction."""

    metric: GroupMetric | None
    others: float
    directions: NDArray[np.float64]

    @classmethod
    def of(
        cls, share: float, lessons: Sequence[Lesson], name: str, metric: GroupMetric | None
    ) -> _Belief:
        if metric is not None:
            _check_width(metric, lessons[0], name)
            directions, others = metric.belief
            return cls(metric, float(np.sqrt(share * others)), np.sqrt(share * directions))
        rows = [lesson.groups[name][lesson.present[name]] for lesson in lessons]
        cells = sum(map(len, rows))
        total = sum(float(np.vdot(values, values)) for values in rows) / max(1, cells)
        return cls(None, float(np.sqrt(share / total)) if total > 0 else 0.0, np.empty(0))

    def times(self, rows: NDArray[np.floating]) -> NDArray[np.floating]:
        """Rows ``(n, F)`` times the deviations."""
        if self.metric is None:
            return rows * self.others
        basis = self.metric.basis
        along = (rows @ basis) * (self.directions - self.others)
        return rows * self.others + along.astype(basis.dtype) @ basis.T


def _check_width(metric: GroupMetric, lesson: Lesson, name: str) -> None:
    width = lesson.groups[name].shape[1]
    if len(metric.basis) != width:
        raise UsageError(
            f"the metric of {name} has {len(metric.basis)} columns, the corrections {width}",
            remedy="Make the features of all videos in the same way.",
        )
