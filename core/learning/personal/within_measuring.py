"""What following the decisions in a video gains, measured on the test videos of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.learning.metrics import Interval
from core.learning.personal.propagation import PropagationSettings
from core.learning.personal.simulated_video import (
    BOTH,
    ONE_BY_ONE,
    SUGGESTIONS,
    WAYS,
    Kinds,
    Options,
    Scorer,
    candidates,
    chosen_settings,
    decided_cells,
    gain,
    generator,
    rest_of,
)

_ROUNDS = 1000
_LEAST = 1e-9


@dataclass(frozen=True)
class WithinPlan:
    """How it is measured.

    Attributes:
        draws: Of the decided clips by video and seed.
        seeds: Of the draws.
        shares: Of the clips that are decided about.
        apart: Clips beside decided ones that a second measurement leaves out of the rest.
    """

    draws: int = 10
    seeds: tuple[int, ...] = (0, 1, 2)
    shares: tuple[float, ...] = (0.05, 0.1, 0.2)
    apart: int = 1


@dataclass(frozen=True, eq=False)
class Gains:
    """What one way to follow decisions gains, in points of mean average precision.

    Attributes:
        system: How decisions were followed.
        way: How the editor came upon what was decided.
        share: Of the clips that were decided about.
        apart: Clips beside decided ones that were left out of the rest.
        by_kind: ``(V, D) float64`` by kind of videos: of every test video in every draw; NaN where
            its rest has no positive or no negative clip.
    """

    system: str
    way: str
    share: float
    apart: int
    by_kind: Mapping[str, NDArray[np.float64]]

    @property
    def of_videos(self) -> dict[str, NDArray[np.float64]]:
        """Mean over the draws of each video that has any, by kind."""
        return {
            kind: known
            for kind, rows in self.by_kind.items()
            if (known := mean_known(rows[np.isfinite(rows).any(axis=1)], axis=1)).size
        }

    @property
    def known(self) -> bool:
        """Whether any video could be measured."""
        return bool(self.of_videos)

    @property
    def of_kinds(self) -> dict[str, float]:
        """Mean over the videos of each kind."""
        return {kind: float(values.mean()) for kind, values in self.of_videos.items()}

    @property
    def mean(self) -> float:
        """Mean over the kinds."""
        return float(np.mean([*self.of_kinds.values()]))

    @property
    def worst_draw(self) -> float:
        """The lowest of the draws, each of all videos, averaged by kind."""
        draws = [mean_known(rows, axis=0) for rows in self.by_kind.values()]
        return float(mean_known(np.stack(draws), axis=0).min())

    @property
    def better(self) -> float:
        """Share of the videos that are better on average over the draws."""
        return float(np.mean(np.concatenate([*self.of_videos.values()]) > _LEAST))

    @property
    def worse(self) -> float:
        """Share of the videos that are worse on average over the draws."""
        return float(np.mean(np.concatenate([*self.of_videos.values()]) < -_LEAST))

    def interval(self, seed: int = 0) -> Interval:
        """The mean with its 95 % interval, the videos of each kind resampled (Efron 1979)."""
        random = np.random.default_rng(seed)
        drawn = [
            values[random.integers(0, len(values), (_ROUNDS, len(values)))].mean(axis=1)
            for values in self.of_videos.values()
        ]
        low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
        return Interval(self.mean, float(low), float(high))


def measure_following(
    kinds: Kinds,
    plan: WithinPlan | None = None,
    *,
    options: Options | None = None,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[list[Gains], dict[str, PropagationSettings]]:
    """Every way to follow decisions, with the settings that the other kinds chose for it.

    Args:
        kinds: The videos.
        plan: How.
        options: The ways to follow decisions; by default all of :func:`candidates`.
        progress: Receives the fraction that is done, 0…1, and the kind that is left out.
        cancelled: Asked before each choice, and before each video.

    Returns:
        The gains, and the settings that were chosen for time and features by the kind left out.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    plan = plan or WithinPlan()
    options = options or candidates()
    cases = list(product(WAYS, plan.shares, dict.fromkeys((0, plan.apart))))
    found: dict[tuple[str, str, float, int], dict[str, NDArray[np.float64]]] = {
        (name, *case): {} for name in options for case in cases
    }
    chosen: dict[str, PropagationSettings] = {}
    for index, kind in enumerate(kinds.names):
        progress(index / len(kinds.names), kind)
        inside = kinds.inside(kind)
        scorers: dict[str, Scorer] = {}
        for name, several in options.items():
            if cancelled():
                raise Cancelled
            settings, scorers[name] = chosen_settings(
                inside, several, plan.shares, seed=plan.seeds[0]
            )
            if name == BOTH and settings is not None:
                chosen[kind] = settings
        for key, rows in _tested(kinds, kind, scorers, plan, cancelled).items():
            found[key][kind] = rows
    return [Gains(*key, by_kind) for key, by_kind in found.items()], chosen


def _tested(
    kinds: Kinds,
    kind: str,
    scorers: Mapping[str, Scorer],
    plan: WithinPlan,
    cancelled: Callable[[], bool],
) -> dict[tuple[str, str, float, int], NDArray[np.float64]]:
    videos = kinds.tested(kind)
    draws = list(product(plan.seeds, range(plan.draws)))
    shape = (len(videos), len(draws))
    apart = dict.fromkeys((0, plan.apart))
    found = {
        (name, way, share, gap): np.full(shape, np.nan)
        for name, way, share, gap in product(scorers, WAYS, plan.shares, apart)
    }
    for row, video in enumerate(videos):
        if cancelled():
            raise Cancelled
        for way, share in product(WAYS, plan.shares):
            # What the curve suggests is the same in every draw.
            different = draws[:1] if way == SUGGESTIONS else draws
            for column, (seed, draw) in enumerate(different):
                decided = decided_cells(video, way, share, generator(video, seed, draw))
                wanted = video.wanted(decided)
                columns = slice(None) if way == SUGGESTIONS else column
                for name, scorer in scorers.items():
                    scores = scorer(video, wanted)
                    for gap in apart:
                        value = 100 * gain(video, scores, rest_of(decided, gap))
                        found[name, way, share, gap][row, columns] = value
    return found


def mean_known(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The mean of what is not NaN; NaN where everything is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    sums = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


def pick(
    gains: Iterable[Gains], *, system: str = BOTH, way: str = ONE_BY_ONE, share: float, apart: int
) -> Gains:
    """The gains of one case."""
    return next(
        one
        for one in gains
        if (one.system, one.way, one.share, one.apart) == (system, way, share, apart)
    )
