"""What corrected videos would have gained by a taste that was learned from the others only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.learning.highlights.measures import published_average_precision
from core.learning.personal.lessons import Lesson, teaching
from core.learning.personal.metric import FeatureMetric
from core.learning.personal.taste_fitting import FEWEST_VIDEOS, TasteSettings, fit_taste


def precision_gain(lesson: Lesson, curve: NDArray[np.float32]) -> float:
    """How much better a curve ranks the known cells of a video than the shipped one.

    Args:
        lesson: Wanted is what is above 0.5.
        curve: ``(T,) float32``.

    Returns:
        Points of average precision, -100 to 100; 0 where no cell is wanted.
    """
    known = lesson.known
    wanted = lesson.wanted[known] > 0.5
    after, before = (
        published_average_precision(wanted, scores[known]) for scores in (curve, lesson.base)
    )
    return 100 * (after - before)


def left_out_gains(
    lessons: Sequence[Lesson],
    settings: TasteSettings | None = None,
    metric: FeatureMetric | None = None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, float]:
    """Points of average precision on each video by a taste of all others.

    Args:
        lessons: Corrected videos, in any order.
        settings: As for :func:`fit_taste`.
        metric: As for :func:`fit_taste`.
        cancelled: Asked before each video.

    Returns:
        By video; empty with fewer than :data:`core.learning.personal.taste_fitting.FEWEST_VIDEOS`.

    Raises:
        UsageError: As :func:`fit_taste`.
        Cancelled: ``cancelled()`` returned true.
    """
    ordered = teaching(lessons)
    if len(ordered) < FEWEST_VIDEOS:
        return {}
    gains = {}
    for held in ordered:
        if cancelled():
            raise Cancelled
        taste = fit_taste([lesson for lesson in ordered if lesson is not held], settings, metric)
        gains[held.video] = precision_gain(held, taste.apply(held.groups, held.present, held.base))
    return gains


def supported(gains: Sequence[float]) -> bool:
    """Whether the videos that were left out do not speak against a taste; true if none were."""
    return not gains or float(np.mean(gains)) >= 0
