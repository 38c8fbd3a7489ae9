"""Against rare classes: weights, drawing, thinning and SMOTE, of the rows they are given.

Only training rows are ever handed to these functions. Validation and test rows keep their
natural prevalence, or every measure on them would be about another world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

NEIGHBOURS = 2
"""k of SMOTE, as in the original system."""


def class_weights(emotions: Sequence[str | None], power: float = 0.5) -> dict[str, float]:
    """How much a row of each class counts in a loss; the mean over the rows is 1.

    Args:
        emotions: Class of each training row; rows with None have no weight and do not count.
        power: 1 for the inverse of the frequency, 0.5 for that of its square root, 0 for none.

    Returns:
        A weight for each class that occurs.
    """
    sizes = Counter(emotion for emotion in emotions if emotion is not None)
    raw = {emotion: size**-power for emotion, size in sizes.items()}
    mean = sum(sizes[emotion] * weight for emotion, weight in raw.items()) / max(1, sizes.total())
    return {emotion: raw[emotion] / mean for emotion in sorted(raw)}


def drawing_chances(groups: Sequence[Hashable], power: float = 0.5) -> NDArray[np.float64]:
    """The chance of each row to be drawn, so that small groups are heard more often.

    A group as a whole is drawn in proportion to its size to the power of ``1 - power``.

    Args:
        groups: Of each training row, for example its corpus and emotion.
        power: 1 draws all groups alike, 0.5 in proportion to the root of their size, 0 leaves
            the rows as they are.

    Returns:
        (N,) float64, sum 1.

    Raises:
        UsageError: There are no rows.
    """
    if not len(groups):
        raise UsageError("there is nothing to draw from")
    sizes = Counter(groups)
    chances = np.array([sizes[group] ** -power for group in groups], np.float64)
    return np.asarray(chances / chances.sum())


def thin(
    emotions: Sequence[str | None],
    name: str = "neutral",
    share: float | None = None,
    *,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Which rows to keep so that one class no longer outweighs the others.

    Args:
        emotions: Class of each training row; rows with None are kept.
        name: The class to thin out.
        share: Largest share of the class among the kept rows that have a class; as many rows as
            the second largest class has if None.
        seed: Decides which rows of the class stay.

    Returns:
        (M,) int64, rows in their order; all of them where the class is small enough already.

    Raises:
        UsageError: The share is not between 0 and 1.
    """
    if share is not None and not 0.0 < share < 1.0:
        raise UsageError(f"a share of {share} is not between 0 and 1")
    names = np.array(["" if emotion is None else emotion for emotion in emotions])
    own = np.flatnonzero(names == name)
    sizes = Counter(emotion for emotion in emotions if emotion not in (None, name))
    if not sizes:
        return np.arange(len(names))
    if share is None:
        most = max(sizes.values())
    else:
        most = int(np.floor(share / (1.0 - share) * sizes.total() + 1e-9))
    kept = np.random.default_rng(seed).permutation(own)[:most]
    return np.sort(np.concatenate([np.flatnonzero(names != name), kept]))


def smote(
    features: NDArray[np.floating],
    labels: NDArray[np.int64],
    seed: int,
    neighbours: int = NEIGHBOURS,
) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Synthetic rows between neighbours until all classes are as large as the largest.

    SMOTE (Chawla et al. 2002). Classes with no more rows than ``neighbours`` stay as they are:
    there is nothing to lie between.

    Args:
        features: (N, D) float, finite, of training rows.
        labels: (N,) int64.
        seed: Decides where the synthetic rows lie.
        neighbours: k.

    Returns:
        (M, D) and (M,): the given rows, then the synthetic ones.

    Raises:
        UsageError: The shapes do not fit each other, or a feature is not finite.
    """
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise UsageError(f"labels of {labels.shape} do not fit features of {features.shape}")
    if not np.isfinite(features).all():
        raise UsageError("SMOTE needs finite features")
    sizes = Counter(labels.tolist())
    most = max(sizes.values(), default=0)
    grown = {label: most for label, size in sizes.items() if neighbours < size < most}
    if not grown:
        return features, labels
    from imblearn.over_sampling import SMOTE

    sampler = SMOTE(sampling_strategy=grown, k_neighbors=neighbours, random_state=seed)
    more, names = sampler.fit_resample(features, labels)
    return np.asarray(more, features.dtype), np.asarray(names, np.int64)


def smote_sequences(
    pieces: NDArray[np.float32],
    labels: NDArray[np.int64],
    targets: NDArray[np.floating],
    seed: int,
    neighbours: int = NEIGHBOURS,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Synthetic sequences and what they are to teach, without the given ones.

    Each lies frame by frame between two pieces of one class, and its targets lie at the same
    place between theirs. Neighbours are alike in their frames and in their targets.

    Args:
        pieces: (N, T, C) float32, stretches of one length, normalised.
        labels: (N,) int64, the class that says between which pieces a synthetic one may lie.
        targets: (N, D) float, for example a distribution over the classes, arousal and valence;
            NaN where unknown.
        seed: Decides where they lie.
        neighbours: k.

    Returns:
        (M, T, C) float32 and (M, D) float32; NaN where either parent's target is unknown.

    Raises:
        UsageError: The shapes do not fit each other, or a piece is not finite.
    """
    if pieces.ndim != 3 or targets.ndim != 2 or len(targets) != len(pieces):
        raise UsageError(f"targets of {targets.shape} do not fit pieces of {pieces.shape}")
    count, width = targets.shape
    known = np.isfinite(targets)
    rows = np.concatenate(
        [pieces.reshape(count, -1), np.where(known, targets, 0.0), known], axis=1, dtype=np.float32
    )
    made = smote(rows, labels, seed, neighbours)[0][count:].astype(np.float32)
    frames, wanted, sure = np.split(
        made, [made.shape[1] - 2 * width, made.shape[1] - width], axis=1
    )
    return (
        frames.reshape(-1, *pieces.shape[1:]),
        np.where(sure > 1.0 - 1e-4, wanted, np.float32(np.nan)).astype(np.float32),
    )
