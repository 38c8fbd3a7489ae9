"""What a few decided moments of a video say about the rest of it, at once and in closed form.

A Gaussian process over the cells of the video (Rasmussen and Williams 2006) whose mean is the curve
as it is: moments near a decided one in time, and moments that look or sound like it, follow it.
A decision is one-sided, as in a support vector machine with squared slacks: "kept" asks for at
least so much, "rejected" for at most so much, and neither is ever a reason to move the other way.
That is why one more kept moment cannot lower its own score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.analysis.highlight import CONTRIBUTIONS
from core.errors import UsageError

TIME = "position"
"""The group that what follows from nearness in time is counted to."""

_MOST_SUPPORTS = 100
_MOST_ROUNDS = 20
_LEAST_MOVE = 0.1
_LEAST_DEVIATION = 0.25
_LARGEST_LOGIT = 13.0

Rows = NDArray[np.float32]
_Exact = NDArray[np.float64]


@dataclass(frozen=True)
class Reach:
    """How a decision wanes with distance, as ``weight · exp(−distance / length)``.

    In features it reaches nothing at the distance 1, where two moments have nothing in common:
    else one kept moment would lift the whole video.

    Attributes:
        weight: Variance of what it explains, where a decision is ±1.
        length: In seconds, or in 1 − cosine of the features; above 0.
    """

    weight: float
    length: float


@dataclass(frozen=True)
class PropagationSettings:
    """How decisions spread.

    The defaults do well on two benchmarks with labels of different habits: in YouTube Highlights
    time alone tells most, in TVSum it misleads and only likeness helps. What sounds alike helped in
    neither, and counts little.

    Attributes:
        prior: What one standard deviation of the curve counts for, where a decision is ±1.
        noise: Variance of one decided cell.
        near: How decisions wane with time, within a moment.
        far: The same within a part of the video.
        alike: How they wane with unlikeness of a group's features, by group.
        limit: Log-odds by which a cell is moved at most, so that the curve still tells moments
            apart that are all like a decided one.
        beside: Whether kept moments lift what lies beside them only because it lies there. If
            not, an editor's edges stay edges.

    Raises:
        UsageError: A number is not one that spreads anything.
    """

    prior: float = 0.16
    noise: float = 0.2
    near: Reach = Reach(0.2, 6.7)
    far: Reach = Reach(0.1, 50.0)
    alike: Mapping[str, Reach] = field(
        default_factory=lambda: {
            "emotion": Reach(0.1, 0.7),
            "sound": Reach(0.1, 0.7),
            "picture": Reach(0.7, 0.7),
        }
    )
    limit: float = 1.5
    beside: bool = True

    def __post_init__(self) -> None:
        reaches = (self.near, self.far, *self.alike.values())
        if (
            not self.prior > 0
            or not self.noise > 0
            or not self.limit > 0
            or any(one.weight < 0 or not one.length > 0 for one in reaches)
            or not self.alike.keys() <= set(CONTRIBUTIONS)
        ):
            raise UsageError(
                f"decisions cannot spread with {self}",
                remedy="Choose lengths, prior, noise and limit above 0, and no weight below 0.",
            )


DEFAULT = PropagationSettings()


@dataclass(frozen=True, eq=False)
class Spread:
    """How far a curve is moved.

    Attributes:
        score: ``(T,) float32`` in 0…1, the curve after it.
        parts: ``(T, 4) float32``, what moves it, in deviations of a decision, by the groups of
            :data:`core.analysis.highlight.CONTRIBUTIONS`; nearness in time counts as ``position``.
    """

    score: Rows
    parts: Rows


def propagate(
    base: Rows,
    groups: Mapping[str, Rows],
    present: Mapping[str, NDArray[np.bool_]],
    wanted: Rows,
    weight: Rows,
    *,
    step: float = 1.0,
    settings: PropagationSettings = DEFAULT,
) -> Rows:
    """The curve of a video after what was decided in it.

    The arrays are those of a :class:`core.learning.personal.lessons.Lesson`. Without a decision the
    curve is given back as it was, bit by bit. A cell that is wanted never comes out lower than it
    was, one that is not wanted never higher; where the curve leaves room, they move.

    Args:
        base: ``(T,) float32`` in 0…1.
        groups: ``(T, F) float32`` by group, normalised within the video.
        present: ``(T,) bool`` by group.
        wanted: ``(T,) float32`` in 0…1; NaN, and exactly ½, say nothing.
        weight: ``(T,) float32``, how much each counts; 0 says nothing.
        step: Seconds per cell.
        settings: How decisions spread.

    Returns:
        ``(T,) float32`` in 0…1.

    Raises:
        UsageError: The arrays are not of one length.
    """
    return spread(base, groups, present, wanted, weight, step=step, settings=settings).score


def spread(
    base: Rows,
    groups: Mapping[str, Rows],
    present: Mapping[str, NDArray[np.bool_]],
    wanted: Rows,
    weight: Rows,
    *,
    step: float = 1.0,
    settings: PropagationSettings = DEFAULT,
) -> Spread:
    """As :func:`propagate`, with what moved the curve.

    Raises:
        UsageError: The arrays are not of one length.
    """
    rows = (wanted, weight, *groups.values(), *present.values())
    if any(len(row) != len(base) for row in rows):
        raise UsageError("the decisions, the features and the curve are not of one length")
    parts = np.zeros((len(base), len(CONTRIBUTIONS)), np.float32)
    decided = np.flatnonzero(np.isfinite(wanted) & (weight > 0) & (wanted != 0.5))
    if not decided.size:
        return Spread(base, parts)
    logits = _logits(base)
    deviation = _deviation(logits)
    mean = settings.prior * standing(base)
    aims = 2 * wanted.astype(np.float64) - 1
    supports, counts = _supports(decided, aims, weight)
    kernel = Kernel(len(base), groups, present, step, settings)
    pull = _solved(
        kernel.between(supports),
        aims[supports],
        mean[supports],
        settings.noise / (weight[supports].astype(np.float64) * counts),
    )
    parts = kernel.moved(supports, pull, decided[aims[decided] > 0])
    moved = parts.sum(axis=1, dtype=np.float64) * deviation / settings.prior
    moved = settings.limit * np.tanh(moved / settings.limit)
    sign = np.sign(aims[decided])
    moved[decided] = sign * np.maximum(sign * moved[decided], _LEAST_MOVE)
    score = _chances(logits + moved).astype(np.float32)
    score = np.where(moved > 0, np.maximum(score, base), np.minimum(score, base))
    return Spread(np.where(moved == 0, base, score).astype(np.float32), parts)


def standing(score: Rows) -> NDArray[np.float64]:
    """How far each cell of a curve is above its mean, ``(T,) float64`` in deviations of logits."""
    logits = _logits(score)
    return (logits - logits.mean()) / _deviation(logits)


class Kernel:
    """How much what is decided in one cell says about another.

    Args:
        cells: How many cells the video has.
        groups: ``(T, F) float32`` by group.
        present: ``(T,) bool`` by group.
        step: Seconds per cell.
        settings: How decisions spread.
    """

    def __init__(
        self,
        cells: int,
        groups: Mapping[str, Rows],
        present: Mapping[str, NDArray[np.bool_]],
        step: float,
        settings: PropagationSettings,
    ) -> None:
        self._settings = settings
        self._times = step * np.arange(cells)
        self._groups = {
            name: (groups[name], reach, _inverse_lengths(groups[name], present[name]))
            for name, reach in settings.alike.items()
            if name in groups and reach.weight > 0
        }

    def between(self, cells: NDArray[np.intp]) -> _Exact:
        """Of some cells with one another, ``(n, n) float64``."""
        gaps = np.abs(self._times[cells][:, None] - self._times[cells])
        total = np.zeros((len(cells), len(cells)))
        for reach in (self._settings.near, self._settings.far):
            total += reach.weight * np.exp(gaps / -reach.length)
        for rows, reach, inverse in self._groups.values():
            total += _alike(rows[cells], inverse[cells], rows[cells], inverse[cells], reach)
        return total

    def moved(self, supports: NDArray[np.intp], pull: _Exact, kept: NDArray[np.intp]) -> Rows:
        """What decisions move in every cell, ``(T, 4) float32`` by group.

        Args:
            supports: ``(n,)``, the decided cells that speak for all of them.
            pull: ``(n,) float64``, how much each of them pulls.
            kept: Cells that may be lifted for what lies beside them, whatever the settings.
        """
        near = self._in_time(self._settings.near, supports, pull)
        if not self._settings.beside:
            others = np.ones(len(near), bool)
            others[kept] = False
            near[others] = np.minimum(near[others], 0.0)
        parts = np.zeros((len(near), len(CONTRIBUTIONS)), np.float32)
        parts[:, CONTRIBUTIONS.index(TIME)] = near
        parts[:, CONTRIBUTIONS.index(TIME)] += self._in_time(self._settings.far, supports, pull)
        for name, (rows, reach, inverse) in self._groups.items():
            columns = _alike(rows, inverse, rows[supports], inverse[supports], reach)
            parts[:, CONTRIBUTIONS.index(name)] += columns @ pull.astype(np.float32)
        return parts

    def _in_time(self, reach: Reach, supports: NDArray[np.intp], pull: _Exact) -> _Exact:
        """One sweep each way: an exponential is passed on from cell to cell."""
        from scipy.linalg import solve_banded

        pulls = np.bincount(supports, pull, len(self._times))
        gap = float(self._times[1]) if len(self._times) > 1 else 1.0
        passing = np.ones((2, len(pulls)))
        passing[1] = -np.exp(-gap / reach.length)
        both_ways = np.stack((pulls, pulls[::-1]), axis=1)
        before, after = solve_banded((1, 0), passing, both_ways).T
        return np.asarray(reach.weight * (before + after[::-1] - pulls), np.float64)


def _inverse_lengths(rows: Rows, present: NDArray[np.bool_]) -> Rows:
    """``(T,) float32``; 0 where a row is not known or says nothing."""
    squares = np.einsum("tf,tf->t", rows, rows)
    known = present & (squares > 0)
    return np.where(known, 1 / np.sqrt(np.where(known, squares, 1)), 0).astype(np.float32)


def _alike(rows: Rows, inverse: Rows, others: Rows, inverse_others: Rows, reach: Reach) -> Rows:
    """``(n, m) float32``, 0 where one of the two is not known, or they have nothing in common."""
    scaled = others * inverse_others[:, None]
    found = rows @ scaled.T
    found *= inverse[:, None]
    found -= 1
    found /= reach.length
    np.exp(found, out=found)
    unlike = float(np.exp(-1 / reach.length))
    found -= unlike
    found *= reach.weight / (1 - unlike)
    found[inverse == 0] = 0
    found[:, inverse_others == 0] = 0
    return found


def _supports(
    decided: NDArray[np.intp], aims: _Exact, weight: Rows
) -> tuple[NDArray[np.intp], _Exact]:
    """Decided cells that speak for all of them, and for how many each of them does.

    Cells beside one another that were decided alike are thinned out evenly where they are many.
    """
    breaks = (
        (np.diff(decided) > 1) | (np.diff(aims[decided]) != 0) | (np.diff(weight[decided]) != 0)
    )
    runs = np.split(decided, np.flatnonzero(breaks) + 1)
    block = -(-len(decided) // _MOST_SUPPORTS)
    blocks = [run[first : first + block] for run in runs for first in range(0, len(run), block)]
    cells = np.array([one[len(one) // 2] for one in blocks], np.intp)
    return cells, np.array([len(one) for one in blocks], np.float64)


def _solved(kernel: _Exact, aims: _Exact, mean: _Exact, noise: _Exact) -> _Exact:
    """The pull of each decision, by Newton's method in the primal (Chapelle 2007).

    It minimises ``½ f' K⁻¹ f + Σ slack² / (2 noise)``, with a slack only where a decision asks for
    more than the curve gives.
    """
    sign, asked = np.sign(aims), aims - mean

    def slack(pull: _Exact) -> _Exact:
        missing: _Exact = sign * np.maximum(sign * (asked - kernel @ pull), 0.0)
        return missing

    def cost(pull: _Exact) -> float:
        return float(pull @ kernel @ pull + np.sum(slack(pull) ** 2 / noise)) / 2

    pull = np.zeros(len(aims))
    active = slack(pull) != 0
    for _ in range(_MOST_ROUNDS):
        found = np.zeros(len(aims))
        if active.any():
            system = kernel[np.ix_(active, active)] + np.diag(noise[active])
            found[active] = np.linalg.solve(system, asked[active])
        way, least = 1.0, cost(pull)
        while cost(pull + way * (found - pull)) > least and way > 1e-3:
            way /= 2
        pull = pull + way * (found - pull)
        now = slack(pull) != 0
        if way == 1.0 and (now == active).all():
            break
        active = now
    return pull


def _deviation(logits: _Exact) -> float:
    return max(float(logits.std()), _LEAST_DEVIATION)


def _logits(chances: Rows) -> _Exact:
    exact = np.clip(chances.astype(np.float64), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return np.clip(np.log(exact) - np.log1p(-exact), -_LARGEST_LOGIT, _LARGEST_LOGIT)


def _chances(logits: _Exact) -> _Exact:
    chances: _Exact = 1 / (1 + np.exp(-np.clip(logits, -30.0, 30.0)))
    return chances
