"""Splits that keep every speaker on one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Row numbers of the training part and of the test part."""


def speaker_folds(speakers: Sequence[str], folds: int, *, seed: int = 0) -> list[Fold]:
    """Cross-validation with every speaker in exactly one test part.

    The speakers are sorted before they are shuffled: the order of the rows changes nothing.

    Args:
        speakers: The speaker of each row.
        folds: Number of test parts, 2 to the number of speakers.
        seed: Of the shuffling.

    Raises:
        UsageError: There are too few speakers for so many folds.
    """
    names = sorted(set(speakers))
    if not 2 <= folds <= len(names):
        raise UsageError(f"{len(names)} speakers cannot be split into {folds} folds")
    shuffled = [names[index] for index in np.random.default_rng(seed).permutation(len(names))]
    return [_fold(speakers, set(shuffled[number::folds])) for number in range(folds)]


def leave_one_speaker_out(speakers: Sequence[str]) -> list[Fold]:
    """One fold per speaker, in the order of their names.

    Raises:
        UsageError: There is only one speaker.
    """
    names = sorted(set(speakers))
    if len(names) < 2:
        raise UsageError("one speaker cannot be both trained on and tested")
    return [_fold(speakers, {name}) for name in names]


def check_disjoint(
    speakers: Sequence[str], training: NDArray[np.int64], test: NDArray[np.int64]
) -> None:
    """Refuses a split that has a speaker on both sides.

    Raises:
        UsageError: It names the speakers that leak.
    """
    both = {speakers[row] for row in training} & {speakers[row] for row in test}
    if both:
        raise UsageError(
            f"speakers on both sides of the split: {', '.join(sorted(both))}",
            remedy="Split by speaker, never by utterance.",
        )


def _fold(speakers: Sequence[str], held_out: set[str]) -> Fold:
    inside = np.array([name in held_out for name in speakers])
    fold = np.flatnonzero(~inside), np.flatnonzero(inside)
    check_disjoint(speakers, *fold)
    return fold
