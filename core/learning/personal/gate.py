"""What comes of a trial: a new version is taken into use only if it is not worse.

A mean over a handful of videos says little by itself: of two versions that are equally good, one
looks better half of the time. So it must be *sure* that a version is not worse than the shipped
weights: the lower end of a one-sided interval of the difference (Student 1908) may not show a loss.
Against another version of the same user, which learned from part of the same corrections, it is
enough that the mean shows none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.learning.personal.trial import Measure, Trial, Verdict
from core.learning.personal.trying import Rows

LEAST_VIDEOS = 3
"""With fewer videos, nothing is said by a measure."""
TOLERANCE = 0.005
"""What counts as no difference: half a point."""
SURE = 0.95
"""How sure it must be that a version is not worse than the shipped weights."""
CLEARLY = 0.05
"""By so much is a single video clearly worse."""
MOST_WORSE = 1 / 3
"""Share of the videos that may be."""


def judged(
    measures: tuple[Measure, ...],
    differences: Rows,
    *,
    shipped: Rows | None = None,
    videos: int = 0,
    what: str = "both kept and rejected moments",
) -> Trial:
    """The verdict on a new version.

    Args:
        measures: Before and after.
        differences: From the present version, by measure and video; empty where nothing was held
            out.
        shipped: Differences from the shipped weights; None if those are the present version.
        videos: Videos that something can be measured on, where nothing was held out.
        what: That such a video has, for the sentence.
    """
    held_out = {video for rows in differences.values() for video in rows}
    videos = len(held_out) or videos
    telling = _telling(differences)
    if not telling:
        return Trial(measures, Verdict.CANDIDATE, _too_few(videos, what))
    means = {name: float(np.mean(list(rows.values()))) for name, rows in telling.items()}
    told = f"on {videos} videos that it had not seen"
    if min(means.values()) < -TOLERANCE:
        lost = min(means, key=lambda name: means[name])
        return Trial(
            measures,
            Verdict.REFUSED,
            f"Worse {told}: {lost} {_points(means[lost])}. What was in use stays in use.",
        )
    many = len(
        {video for rows in differences.values() for video, by in rows.items() if by < -CLEARLY}
    )
    if many > MOST_WORSE * videos:
        return Trial(
            measures,
            Verdict.REFUSED,
            f"Clearly worse on {many} of {videos} videos that it had not seen. "
            "What was in use stays in use.",
        )
    surely = telling if shipped is None else _telling(shipped)
    if min(lower_bound(np.array(list(rows.values()))) for rows in surely.values()) < -TOLERANCE:
        return Trial(
            measures,
            Verdict.CANDIDATE,
            f"Not worse {told}, but they differ too much to be sure. More corrected videos can "
            "tell; until then it waits for you to choose it.",
        )
    gained = max(means, key=lambda name: means[name])
    if means[gained] <= TOLERANCE:
        return Trial(measures, Verdict.ADOPTED, f"Not different {told}.")
    return Trial(measures, Verdict.ADOPTED, f"Better {told}: {gained} {_points(means[gained])}.")


def lower_bound(differences: NDArray[np.float64]) -> float:
    """What the mean difference is above, as surely as :data:`SURE` says.

    Args:
        differences: ``(V,)``; with less than two, nothing is sure.
    """
    from scipy.stats import t as student

    videos = len(differences)
    if videos < 2:
        return float("-inf")
    error = float(differences.std(ddof=1)) / np.sqrt(videos)
    return float(differences.mean() - student.ppf(SURE, videos - 1) * error)


def _telling(differences: Rows) -> Rows:
    """Measures of enough videos: one that a single video has would never let anybody be sure."""
    return {name: rows for name, rows in differences.items() if len(rows) >= LEAST_VIDEOS}


def _points(change: float) -> str:
    return f"{100 * change:+.1f} points"


def _too_few(videos: int, what: str) -> str:
    if videos == 0:
        have = f"None of your videos has {what}"
    else:
        have = f"Only {videos} of your videos {'has' if videos == 1 else 'have'} {what}"
    more = max(1, LEAST_VIDEOS - videos)
    return (
        f"{have}. With {'one' if more == 1 else more} more it can be told whether this version is "
        "better; until then it waits for you to choose it."
    )
