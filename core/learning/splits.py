"""Splits that keep every speaker, and everyone they talked with, on one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.corpora import Utterance

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Row numbers of the training part and of the test part."""


def groups_of(utterances: Sequence[Utterance]) -> list[str]:
    """The group of each utterance: its speaker and everyone linked to them by sessions.

    Two who speak in one session are in one group, and so is who speaks with either of them
    elsewhere. A group has the name of its first speaker; where every session has one speaker, the
    groups are the speakers.
    """
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while parents.setdefault(node, node) != node:
            parents[node] = node = parents[parents[node]]
        return node

    for row in utterances:
        parents[root(("session", row.session))] = root(("speaker", row.speaker))
    names: dict[tuple[str, str], str] = {}
    for speaker in sorted({row.speaker for row in utterances}):
        names.setdefault(root(("speaker", speaker)), speaker)
    return [names[root(("speaker", row.speaker))] for row in utterances]


def group_folds(groups: Sequence[str], folds: int, *, seed: int = 0) -> list[Fold]:
    """Cross-validation with every group in exactly one test part.

    The groups are sorted before they are shuffled: the order of the rows changes nothing.

    Args:
        groups: The group of each row, of :func:`groups_of`.
        folds: Number of test parts, 2 to the number of groups.
        seed: Of the shuffling.

    Raises:
        UsageError: There are too few groups for so many folds.
    """
    names = sorted(set(groups))
    if len(names) == 1:
        raise UsageError(
            f"one speaker, or group of speakers who share a session ({names[0]}), cannot be both "
            "learned from and tested",
            remedy="Choose 0 folds, or add speakers.",
        )
    if not 2 <= folds <= len(names):
        raise UsageError(
            f"{len(names)} speakers, or groups of speakers who share a session, cannot be split "
            f"into {folds} folds",
            remedy="Choose 2 folds or more, and no more than there are groups.",
        )
    shuffled = [names[index] for index in np.random.default_rng(seed).permutation(len(names))]
    return [_fold(groups, set(shuffled[number::folds])) for number in range(folds)]


def leave_one_group_out(groups: Sequence[str]) -> list[Fold]:
    """One fold per group, in the order of their names.

    Args:
        groups: The group of each row, of :func:`groups_of`.

    Raises:
        UsageError: There is only one group.
    """
    names = sorted(set(groups))
    if len(names) < 2:
        raise UsageError("one speaker, or one session, cannot be both trained on and tested")
    return [_fold(groups, {name}) for name in names]


def speaker_folds(speakers: Sequence[str], folds: int, *, seed: int = 0) -> list[Fold]:
    """:func:`group_folds` for speakers who share no session.

    Raises:
        UsageError: There are too few speakers for so many folds.
    """
    return group_folds(speakers, folds, seed=seed)


def leave_one_speaker_out(speakers: Sequence[str]) -> list[Fold]:
    """:func:`leave_one_group_out` for speakers who share no session.

    Raises:
        UsageError: There is only one speaker.
    """
    return leave_one_group_out(speakers)


def check_disjoint(
    speakers: Sequence[str], training: NDArray[np.int64], test: NDArray[np.int64]
) -> None:
    """Refuses a split that has a speaker on both sides.

    Args:
        speakers: The speaker, session or group of each row.
        training: Row numbers.
        test: Row numbers.

    Raises:
        UsageError: It names the speakers that leak.
    """
    both = {speakers[row] for row in training} & {speakers[row] for row in test}
    if both:
        raise UsageError(
            f"speakers on both sides of the split: {', '.join(sorted(both))}",
            remedy="Split by speaker, never by utterance.",
        )


def split_as_json(
    utterances: Sequence[Utterance], folds: Sequence[Fold]
) -> list[dict[str, list[str]]]:
    """Who was tested in which fold, to be saved with a result.

    Returns:
        For each fold the speakers of its test part, sorted, by corpus. Everyone else was trained
        on.
    """
    result = []
    for _, test in folds:
        speakers: dict[str, set[str]] = {}
        for row in test:
            speakers.setdefault(utterances[row].corpus, set()).add(utterances[row].speaker)
        result.append({corpus: sorted(names) for corpus, names in sorted(speakers.items())})
    return result


def _fold(groups: Sequence[str], held_out: set[str]) -> Fold:
    inside = np.array([name in held_out for name in groups])
    fold = np.flatnonzero(~inside), np.flatnonzero(inside)
    check_disjoint(groups, *fold)
    return fold
