from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.learning.personal.learnt import PHRASES, sentence, what_was_learnt
from core.learning.personal.lessons import Lesson
from core.learning.personal.versions import Learnt
from tests.learning.personal.made_versions import CELLS, LOUD, made_lesson

AROUSAL = 7


def lessons_of(videos: int, seed: int = 1) -> list[Lesson]:
    random = np.random.default_rng(seed)
    return [made_lesson(f"video {number}", random)[0] for number in range(videos)]


def learnt_from(
    lessons: Sequence[Lesson], moved: Sequence[NDArray[np.floating]]
) -> tuple[Learnt, ...]:
    before = {one.video: one.base for one in lessons}
    after = {
        one.video: np.clip(one.base + by, 0, 1).astype(np.float32)
        for one, by in zip(lessons, moved, strict=True)
    }
    return what_was_learnt(lessons, before, after)


def test_what_rose_and_what_fell_is_told_in_words() -> None:
    lessons = lessons_of(4)
    begin = np.arange(CELLS) < CELLS / 10
    moved = [
        0.1 * one.groups["emotion"][:, AROUSAL] + 0.06 * one.groups["sound"][:, LOUD] - 0.4 * begin
        for one in lessons
    ]
    learnt = learnt_from(lessons, moved)
    changes = {one.subject: one.change for one in learnt}
    assert changes["excited"] > changes["loud"] > 0 > changes["beginning"]
    assert set(changes) == {"excited", "loud", "beginning"}
    assert [abs(one.change) for one in learnt] == sorted(map(abs, changes.values()), reverse=True)
    assert sentence(learnt) == "You keep excited voices and loud moments; you drop beginnings."


def test_nothing_is_said_where_nothing_changed_or_all_changed_alike() -> None:
    lessons = lessons_of(4)
    assert learnt_from(lessons, [np.zeros(CELLS)] * 4) == ()
    assert learnt_from(lessons, [np.full(CELLS, 0.0001)] * 4) == ()
    assert sentence(()) == ""


def test_nothing_is_said_of_what_moves_at_random() -> None:
    random = np.random.default_rng(5)
    said = [
        learnt_from(lessons_of(5, seed), [0.2 * random.normal(size=CELLS) for _ in range(5)])
        for seed in range(10)
    ]
    assert said == [()] * 10


def test_nothing_is_said_where_videos_disagree() -> None:
    lessons = lessons_of(4)
    moved = [
        0.2 * sign * one.groups["sound"][:, LOUD]
        for sign, one in zip((1, -1, 1, -1), lessons, strict=True)
    ]
    assert learnt_from(lessons, moved) == ()


def test_one_video_can_teach_something() -> None:
    lessons = lessons_of(1)
    assert learnt_from(lessons, [0.2 * lessons[0].groups["sound"][:, LOUD]])[0].subject == "loud"


def test_a_sentence_names_what_is_measured_and_no_more_than_three_of_a_kind() -> None:
    everything = [Learnt(subject, 1.0) for subject in PHRASES]
    assert sentence(everything) == "You keep neutral voices, happy voices and sad voices."
    assert sentence([Learnt("laughter", 1.0)]) == ""
    assert sentence([Learnt("end", -0.2)]) == "You drop ends."
    assert not any("laugh" in phrase or "music" in phrase for phrase in PHRASES.values())
