"""Splits by speaker and by session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.corpora import Utterance, one_hot
from core.learning.splits import (
    check_disjoint,
    group_folds,
    groups_of,
    leave_one_group_out,
    leave_one_speaker_out,
    speaker_folds,
    split_as_json,
)

SPEAKERS = ["a", "b", "c", "a", "d", "e", "b", "f"]


def spoken(speaker: str, session: str, corpus: str = "mine") -> Utterance:
    return Utterance(
        corpus, "x", Path("x.wav"), 0.0, None, speaker, session, "happy", one_hot("happy"),
        0.6, 0.8, (), "unknown",
    )  # fmt: skip


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
        speaker_folds(SPEAKERS, 1)
    with pytest.raises(UsageError):
        leave_one_speaker_out(["a", "a"])


def test_leaving_one_out_leaves_each_out() -> None:
    folds = leave_one_speaker_out(SPEAKERS)
    assert [SPEAKERS[test[0]] for _, test in folds] == ["a", "b", "c", "d", "e", "f"]


def test_speakers_of_one_session_are_one_group() -> None:
    rows = [spoken("a", "1"), spoken("b", "1"), spoken("c", "2"), spoken("d", "2")]
    assert groups_of(rows) == ["a", "a", "c", "c"]
    folds = leave_one_group_out(groups_of(rows))
    assert [test.tolist() for _, test in folds] == [[0, 1], [2, 3]]


def test_a_chain_of_sessions_is_one_group_whatever_the_order() -> None:
    chain = [spoken("d", "3"), spoken("a", "1"), spoken("c", "3"), spoken("b", "1")]
    chain += [spoken("c", "2"), spoken("b", "2"), spoken("e", "4")]
    assert groups_of(chain) == ["a"] * 6 + ["e"]
    assert groups_of(chain[::-1]) == ["e"] + ["a"] * 6


def test_who_records_alone_is_a_group_alone() -> None:
    rows = [spoken(name, name) for name in SPEAKERS]
    assert groups_of(rows) == SPEAKERS
    for one, other in zip(group_folds(groups_of(rows), 3), speaker_folds(SPEAKERS, 3), strict=True):
        assert np.array_equal(one[1], other[1])


def test_a_session_named_like_a_speaker_links_nobody() -> None:
    assert groups_of([spoken("a", "b"), spoken("b", "c")]) == ["a", "b"]


def test_one_session_alone_cannot_be_split() -> None:
    groups = groups_of([spoken("a", "1"), spoken("b", "1")])
    with pytest.raises(UsageError, match="share a session"):
        group_folds(groups, 2)
    with pytest.raises(UsageError, match="one session"):
        leave_one_group_out(groups)


def test_a_split_is_saved_as_who_was_tested() -> None:
    rows = [spoken("a", "1"), spoken("b", "1"), spoken("z", "z", "other"), spoken("a", "1")]
    saved = split_as_json(rows, leave_one_group_out(groups_of(rows)))
    assert saved == [{"mine": ["a", "b"]}, {"other": ["z"]}]
