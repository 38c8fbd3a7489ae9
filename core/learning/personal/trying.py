"""The trial of a new version: both recipes on corrected videos that neither of them has seen.

Videos are held out whole, so what is measured is what the next video of the same user gets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.learning.metrics import over_speakers
from core.learning.personal.lessons import Lesson
from core.learning.personal.trial import Measure

AVERAGE_PRECISION, PAIRS = "average precision", "pairs"

SINGLE = 8
"""Up to so many videos, each is held out by itself."""
FOLDS = 5
"""Into so many parts are more of them put."""
_ROUNDS = 1000

Curve = NDArray[np.float32]
Recipe = Callable[[Sequence[Lesson], Sequence[Lesson]], Mapping[str, Curve]]
"""Learns from the first lessons, and gives the curves of the others, ``(T,)`` in 0…1 by video."""
Rows = Mapping[str, Mapping[str, float]]
"""Values by video, by the name of a measure."""


@dataclass(frozen=True)
class Plan:
    """What is held out together.

    Attributes:
        lessons: Of videos that something can be measured on, in the order of their fingerprints.
        folds: Fingerprints of the videos of each part.
    """

    lessons: tuple[Lesson, ...]
    folds: tuple[tuple[str, ...], ...]


def plan_trial(lessons: Sequence[Lesson], seed: int = 0, *, parts: int | None = None) -> Plan:
    """Which videos are held out together; nothing is where there is less than two.

    Args:
        lessons: Each video once, in any order.
        seed: Of what is put together where there are many.
        parts: The most of them, for what takes long to learn; None for the usual ones.

    Raises:
        UsageError: A video is there twice.
    """
    useful = sorted((one for one in lessons if measurable(one)), key=lambda one: one.video)
    videos = [one.video for one in useful]
    if len(set(videos)) < len(videos):
        raise UsageError("the corrections of a video are there twice")
    return Plan(tuple(useful), folds_of(videos, seed, parts=parts))


def folds_of(
    videos: Sequence[str], seed: int = 0, *, parts: int | None = None
) -> tuple[tuple[str, ...], ...]:
    """Parts of videos that are held out together; none where there is less than two.

    Args:
        videos: Fingerprints in order.
        seed: Of what is put together where there are many.
        parts: The most of them; None for :data:`FOLDS` where there are many videos.
    """
    if len(videos) < 2:
        return ()
    if len(videos) <= (SINGLE if parts is None else parts):
        return tuple((video,) for video in videos)
    count = FOLDS if parts is None else parts
    order = np.random.default_rng(seed).permutation(len(videos))
    return tuple(
        tuple(sorted(videos[place] for place in order[fold::count])) for fold in range(count)
    )


def held_out_curves(
    plan: Plan,
    recipe: Recipe,
    *,
    learned_from: Collection[str] | None = None,
    progress: Callable[[float], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Curve]:
    """What a recipe says of each video after it learned from the others alone.

    Args:
        plan: What is held out together.
        recipe: It is given the held-out videos without what is wanted of them.
        learned_from: Videos that it may learn from; None for all.
        progress: Told how much is done, 0…1.
        cancelled: Asked before each part.

    Returns:
        ``(T,) float32`` by video.

    Raises:
        Cancelled: ``cancelled()`` was true.
    """
    curves: dict[str, Curve] = {}
    for number, fold in enumerate(plan.folds):
        if cancelled():
            raise Cancelled
        progress(number / len(plan.folds))
        held = [_without_wishes(one) for one in plan.lessons if one.video in fold]
        others = [
            one
            for one in plan.lessons
            if one.video not in fold and (learned_from is None or one.video in learned_from)
        ]
        found = recipe(others, held) if others else {one.video: one.base for one in held}
        curves.update({video: found[video] for video in fold})
    progress(1.0)
    return curves


def measured(lessons: Sequence[Lesson], curves: Mapping[str, Curve]) -> dict[str, dict[str, float]]:
    """How well curves find what is wanted.

    Args:
        lessons: In any order.
        curves: ``(T,)`` by video; lessons without one are left out.

    Returns:
        By measure, by video.
    """
    found: dict[str, dict[str, float]] = {AVERAGE_PRECISION: {}, PAIRS: {}}
    for lesson in lessons:
        if lesson.video in curves:
            curve = curves[lesson.video]
            found[AVERAGE_PRECISION][lesson.video] = weighted_average_precision(lesson, curve)
            found[PAIRS][lesson.video] = ordered_pairs(lesson, curve)
    return found


def compared(before: Rows, after: Rows, *, seed: int = 0) -> tuple[Measure, ...]:
    """Means over videos, with the 95 % interval of their difference.

    Args:
        before: Of the present version.
        after: Of the new one, of the same videos.
        seed: Of the bootstrap over videos.
    """
    found = []
    for name, rows in before.items():
        videos = sorted(rows)
        if not videos:
            continue
        one = np.array([rows[video] for video in videos])
        other = np.array([after[name][video] for video in videos])
        change = other - one
        interval = over_speakers(
            lambda picked, change=change: float(change[picked].mean()),  # type: ignore[misc]
            videos,
            rounds=_ROUNDS,
            seed=seed,
        )
        found.append(
            Measure(
                name,
                float(one.mean()),
                float(other.mean()),
                interval.low,
                interval.high,
                len(videos),
            )
        )
    return tuple(found)


def differences(before: Rows, after: Rows) -> dict[str, dict[str, float]]:
    """How far the new version is above the present one, by measure and video."""
    return {
        name: {video: after[name][video] - value for video, value in rows.items()}
        for name, rows in before.items()
        if rows
    }


def measurable(lesson: Lesson) -> bool:
    """Whether it has cells that are wanted and cells that are not."""
    wanted = lesson.wanted[lesson.known]
    return bool((wanted > 0.5).any() and (wanted < 0.5).any())


def weighted_average_precision(lesson: Lesson, curve: Curve) -> float:
    """Area under the steps of precision over recall, each cell by what it counts.

    Cells that may be wanted or not (½) are left out; equal scores are one step.

    Returns:
        0…1, NaN where nothing is wanted.
    """
    cells = lesson.known & (lesson.wanted != 0.5)
    score, weight = curve[cells], lesson.weight[cells].astype(np.float64)
    hits = np.where(lesson.wanted[cells] > 0.5, weight, 0.0)
    if not hits.any():
        return float("nan")
    levels, place = np.unique(-score, return_inverse=True)
    gained = np.bincount(place, hits, len(levels))
    claimed = np.bincount(place, weight, len(levels)).cumsum()
    return float(np.sum(gained * gained.cumsum() / claimed) / gained.sum())


def ordered_pairs(lesson: Lesson, curve: Curve) -> float:
    """Share of the pairs of cells, one wanted more than the other, that are in the right order.

    Each pair counts by the product of its cells' weights; equal scores count one half.

    Returns:
        0…1, NaN where there is no such pair.
    """
    cells = lesson.known
    score, wanted = curve[cells], np.round(lesson.wanted[cells].astype(np.float64), 2)
    weight = lesson.weight[cells].astype(np.float64)
    right = total = 0.0
    for level in np.unique(wanted)[1:]:
        more, less = wanted == level, wanted < level
        order = np.argsort(score[less], kind="stable")
        lower = score[less][order]
        below = np.concatenate(([0.0], weight[less][order].cumsum()))
        under = below[np.searchsorted(lower, score[more], "left")]
        up_to = below[np.searchsorted(lower, score[more], "right")]
        right += float(weight[more] @ (under + up_to)) / 2
        total += float(weight[more].sum() * below[-1])
    return right / total if total else float("nan")


def _without_wishes(lesson: Lesson) -> Lesson:
    """So that no recipe can look at what it is measured by."""
    nothing = np.full(lesson.cells, np.nan, np.float32)
    return replace(lesson, wanted=nothing, weight=np.zeros(lesson.cells, np.float32))
