"""Systems that learn nothing: what any model of highlights has to beat."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import best_threshold
from core.learning.highlights.systems import (
    ALL_POSITIVE,
    CENTRE,
    RANDOM,
    Key,
    System,
    positive_cells,
)

DRAWS = 5
"""Random scores that are averaged over."""
Signals = Mapping[str, Mapping[Key, NDArray[np.floating]]]
"""``(T,) float`` by the name of a signal, such as loudness or visual energy, and by video."""


def trivial_systems(
    videos: Sequence[LabelledVideo],
    validation: Mapping[Key, Sequence[LabelledVideo]],
    signals: Signals,
    *,
    combination: str = "mean",
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[list[System], list[str]]:
    """All-positive, random, the centre of the video, and signals alone.

    A threshold is that of the best F1 on the validation part, as for any model; all-positive
    claims everything.

    Args:
        videos: The test videos.
        validation: The videos of the validation part of the fold that tests each of them.
        signals: What is at hand, for the test videos and for those of the validation parts.
        combination: How one label is made of several annotators'.
        draws: Random scores that are averaged over.
        seed: Of the random scores.

    Returns:
        The systems, and a sentence about each signal that is left out.
    """
    every = {video.key: video for video in videos}
    for others in validation.values():
        every.update({video.key: video for video in others})
    rows = {
        ALL_POSITIVE: [{key: np.ones(video.cells, np.float32) for key, video in every.items()}],
        RANDOM: [
            {key: random_score(video, draw, seed=seed) for key, video in every.items()}
            for draw in range(draws)
        ],
        CENTRE: [{key: centre_score(video) for key, video in every.items()}],
    }
    absent = []
    for name, given in signals.items():
        lacking = [video.name for key, video in every.items() if not _fits(given.get(key), video)]
        if lacking:
            absent.append(
                f"No row of {name} alone: it is not at hand for {len(lacking)} of the "
                f"{len(every)} videos, such as {min(lacking)}."
            )
        else:
            rows[f"{name} alone"] = [{key: signal_score(given[key]) for key in every}]
    systems = []
    for name, runs in rows.items():
        thresholds = [
            {video.key: 0.0 for video in videos}
            if name == ALL_POSITIVE
            else _thresholds(videos, validation, run, combination)
            for run in runs
        ]
        scores = [{video.key: run[video.key] for video in videos} for run in runs]
        choice = "Nothing is learned but the threshold of the best F1 on the validation part."
        if name == ALL_POSITIVE:
            choice = "Every cell is claimed."
        elif name == RANDOM:
            choice = f"{choice} Mean of {draws} draws."
        systems.append(System(name, "-", scores, thresholds, trivial=True, choice=choice))
    return systems, absent


def random_score(video: LabelledVideo, draw: int = 0, *, seed: int = 0) -> NDArray[np.float32]:
    """Scores that depend on nothing but the name of the video, the draw and the seed.

    Returns:
        ``(T,) float32``, uniform from 0 to 1.
    """
    digest = hashlib.sha256("\0".join(video.key).encode()).digest()
    random = np.random.default_rng([seed, draw, int.from_bytes(digest[:8], "big")])
    return random.random(video.cells, dtype=np.float32)


def centre_score(video: LabelledVideo) -> NDArray[np.float32]:
    """Scores that fall from the middle of the video to both of its ends.

    Returns:
        ``(T,) float32``, 0 to 1.
    """
    before = 2 * np.arange(video.cells) + 1  # whole numbers: cells as far from the middle are equal
    return (np.minimum(before, before[::-1]) / max(1, video.cells)).astype(np.float32)


def signal_score(signal: NDArray[np.floating]) -> NDArray[np.float32]:
    """A signal as shares of the cells of its video that lie below, equal ones counting one half.

    Loud and quiet videos become alike, and no unit of the signal matters.

    Args:
        signal: ``(T,) float``.

    Returns:
        ``(T,) float32``, 0 to 1.
    """
    from scipy.stats import rankdata

    return ((rankdata(signal) - 0.5) / max(1, len(signal))).astype(np.float32)


def _fits(signal: NDArray[np.floating] | None, video: LabelledVideo) -> bool:
    return signal is not None and signal.shape == (video.cells,) and bool(np.isfinite(signal).all())


def _thresholds(
    videos: Sequence[LabelledVideo],
    validation: Mapping[Key, Sequence[LabelledVideo]],
    scores: Mapping[Key, NDArray[np.float32]],
    combination: str,
) -> dict[Key, float]:
    known: dict[tuple[Key, ...], float] = {}
    result = {}
    for video in videos:
        others = validation[video.key]
        part = tuple(sorted(other.key for other in others))
        if part not in known:
            positive, score = [np.zeros(0, bool)], [np.zeros(0, np.float32)]
            for other in others:
                said = np.isfinite(other.relevance(combination))
                positive.append(positive_cells(other, combination)[said])
                score.append(scores[other.key][said])
            known[part] = best_threshold(np.concatenate(positive), np.concatenate(score))
        result[video.key] = known[part]
    return result
