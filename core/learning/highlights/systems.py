"""Ways of finding highlights that can be compared: their scores, thresholds and splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.highlights.labelled_video import LabelledVideo

Key = tuple[str, str]
"""Corpus and name of a video."""

FEATURE_SETS = ("Video", "Audio", "Audio+Emotion", "Video+Audio", "Video+Audio+Emotion")
"""The feature sets that are compared on identical rows."""
ALL_POSITIVE, RANDOM, CENTRE = "all-positive", "random", "centre of the video"
ALWAYS = (ALL_POSITIVE, RANDOM, CENTRE)
"""Trivial systems that no comparison goes without."""


@dataclass(frozen=True, eq=False)
class System:
    """Scores of all test videos by one way of finding highlights.

    Args:
        name: What made the scores.
        features: One of :data:`FEATURE_SETS`, or ``-`` for what is trivial.
        runs: One per seed: ``(T,) float32`` in 0…1 by :attr:`LabelledVideo.key`.
        thresholds: One per seed: the threshold that was chosen on the validation part of the
            fold that tested the video. A cell that scores this or more is claimed.
        trivial: It learns nothing.
        choice: How its settings were chosen, one sentence.
    """

    name: str
    features: str
    runs: Sequence[Mapping[Key, NDArray[np.float32]]]
    thresholds: Sequence[Mapping[Key, float]]
    trivial: bool
    choice: str

    @property
    def label(self) -> str:
        """Unique within a comparison."""
        return self.name if self.trivial else f"{self.name} ({self.features})"


@dataclass(frozen=True)
class Fold:
    """Who was learned from, chosen by and tested in one fold, by :attr:`LabelledVideo.key`."""

    name: str
    train: frozenset[Key]
    validation: frozenset[Key]
    test: frozenset[Key]


def positive_cells(video: LabelledVideo, combination: str = "mean") -> NDArray[np.bool_]:
    """Which cells are highlights by the label that the annotators make together.

    A mean of grades, or the grades of one annotator, are positive above their median (the lower
    one of an even number); everything else above one half.

    Returns:
        ``(T,) bool``, false where nobody said anything.

    Raises:
        UsageError: The combination is unknown.
    """
    relevance = video.relevance(combination)
    known = relevance[np.isfinite(relevance)]
    level = 0.5
    if video.graded and combination not in ("majority", "union") and len(known):
        level = float(np.sort(known)[(len(known) - 1) // 2])
    return np.nan_to_num(relevance, nan=-np.inf) > level


def check_systems(videos: Sequence[LabelledVideo], systems: Sequence[System]) -> None:
    """Refuses systems that cannot be compared.

    Args:
        videos: The test videos.
        systems: All that are to be compared.

    Raises:
        UsageError: A trivial system of :data:`ALWAYS` is missing, two systems have one name, or
            one did not score exactly the cells of the videos with numbers from 0 to 1.
    """
    keys = [video.key for video in videos]
    if not keys or len(set(keys)) != len(keys):
        raise UsageError("a comparison needs videos, each of them once")
    labels = [system.label for system in systems]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise UsageError(f"two systems are named {', '.join(twice)}")
    if missing := [
        name for name in ALWAYS if not any(row.trivial and row.name == name for row in systems)
    ]:
        raise UsageError(
            f"the trivial systems {', '.join(missing)} are missing",
            remedy="Compare with what trivial_systems() gives.",
        )
    for system in systems:
        if not system.trivial and system.features not in FEATURE_SETS:
            raise UsageError(f"{system.label} is not one of the feature sets")
        if not system.runs or len(system.runs) != len(system.thresholds):
            raise UsageError(f"{system.label} has not a threshold for every run")
        for scores, thresholds in zip(system.runs, system.thresholds, strict=True):
            _check_run(system.label, videos, scores, thresholds)


def checked_folds(videos: Sequence[LabelledVideo], split: Mapping[Key, Fold]) -> tuple[Fold, ...]:
    """The folds of a split that keeps what is tested away from what is learned and chosen by.

    Args:
        videos: The test videos, whose groups are known; of others only the name is.
        split: The fold that tested each of them.

    Raises:
        UsageError: A video, or another of its group, stands on both sides of its fold, or a video
            is tested in none.
    """
    groups = {video.key: (video.corpus, video.group) for video in videos}
    folds = set()
    for video in videos:
        fold = split.get(video.key)
        if fold is None or video.key not in fold.test:
            raise UsageError(f"no fold of the split tests {video.name}")
        folds.add(fold)
    ordered = tuple(sorted(folds, key=lambda fold: fold.name))
    for fold in ordered:
        learned = {groups.get(key, key) for key in fold.train | fold.validation}
        learned |= fold.train | fold.validation
        leaks = sorted(
            {key[1] for key in fold.test if key in learned or groups.get(key, key) in learned}
        )
        if leaks:
            raise UsageError(
                f"the split {fold.name} learned from, or chose by, what it tested: "
                f"{', '.join(leaks)}",
                remedy="Keep every video, and all of its group, on one side of the split.",
            )
    return ordered


def _check_run(
    label: str,
    videos: Sequence[LabelledVideo],
    scores: Mapping[Key, NDArray[np.float32]],
    thresholds: Mapping[Key, float],
) -> None:
    keys = {video.key for video in videos}
    for what, given in (("scores", set(scores)), ("thresholds", set(thresholds))):
        if odd := sorted(keys ^ given):
            raise UsageError(
                f"the {what} of {label} are not those of the test videos: "
                f"{len(keys - given)} are missing and {len(given - keys)} are too many, "
                f"such as {odd[0][1]}",
                remedy="Let every system score the same videos.",
            )
    for video in videos:
        score = scores[video.key]
        if score.shape != (video.cells,):
            raise UsageError(
                f"{label} has scores of {score.shape} for the {video.cells} cells of {video.name}",
                remedy="Let every system score the same cells.",
            )
        if not ((score >= 0) & (score <= 1)).all():
            raise UsageError(f"{label} has scores of {video.name} that are not between 0 and 1")
        if not np.isfinite(thresholds[video.key]):
            raise UsageError(f"{label} has no threshold for {video.name}")
