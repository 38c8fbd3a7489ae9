"""Splits by speaker."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.splits import check_disjoint, leave_one_speaker_out, speaker_folds

SPEAKERS = ["a", "b", "c", "a", "d", "e", "b", "f"]


def test_every_speaker_is_tested_once_and_never_trained_on() -> None:
    folds = speaker_folds(SPEAKERS, 3)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested.tolist()) == list(range(len(SPEAKERS)))
    for training, test in folds:
        assert not {SPEAKERS[row] for row in training} & {SPEAKERS[row] for row in test}


def test_the_seed_decides_and_the_order_of_the_rows_does_not() -> None:
    def sides(speakers: list[str], seed: int) -> list[set[str]]:
        return [
            {speakers[row] for row in test} for _, test in speaker_folds(speakers, 3, seed=seed)
        ]

    assert sides(SPEAKERS, 1) == sides(SPEAKERS[::-1], 1)
    assert any(sides(SPEAKERS, 0) != sides(SPEAKERS, seed) for seed in range(1, 5))


def test_a_leak_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="both sides of the split: a"):
        check_disjoint(SPEAKERS, np.array([0, 1]), np.array([2, 3]))


def test_too_many_folds_are_refused() -> None:
    with pytest.raises(UsageError):
        speaker_folds(SPEAKERS, 7)
    with pytest.raises(UsageError):
        leave_one_speaker_out(["a", "a"])


def test_leaving_one_out_leaves_each_out() -> None:
    folds = leave_one_speaker_out(SPEAKERS)
    assert [SPEAKERS[test[0]] for _, test in folds] == ["a", "b", "c", "d", "e", "f"]
