from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.personal.lessons import teaching
from tests.learning.personal.made_lessons import made_lesson


def test_only_cells_whose_wish_is_known_and_counts_are_known() -> None:
    weight = np.ones(40, np.float32)
    weight[:10] = 0
    wanted = np.zeros(40, np.float32)
    wanted[10:15], wanted[15:20] = 1, np.nan
    lesson = made_lesson(0, wanted=wanted, weight=weight)
    assert np.flatnonzero(lesson.known).tolist() == [*range(10, 15), *range(20, 40)]
    assert lesson.teaches
    assert not made_lesson(0, wanted=np.ones(40, np.float32)).teaches
    assert not made_lesson(0, weight=np.zeros(40, np.float32)).teaches


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base": np.zeros(39, np.float32)}, "one length"),
        ({"wanted": np.zeros((40, 1), np.float32)}, "one length"),
        ({"base": np.full(40, 1.5, np.float32)}, "outside 0 to 1"),
        ({"base": np.full(40, np.nan, np.float32)}, "outside 0 to 1"),
        ({"wanted": np.full(40, -0.5, np.float32)}, "wish outside"),
        ({"wanted": np.full(40, np.inf, np.float32)}, "wish outside"),
        ({"weight": np.full(40, -1, np.float32)}, "weight below 0"),
        ({"weight": np.full(40, np.nan, np.float32)}, "not finite"),
        ({"groups": {"sound": np.full((40, 2), np.nan, np.float32)}}, "where each group"),
        ({"present": {}}, "where each group"),
    ],
)
def test_a_lesson_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made_lesson(0, **changes)


def test_features_that_are_not_numbers_are_refused() -> None:
    groups = {name: rows.copy() for name, rows in made_lesson(0).groups.items()}
    groups["sound"][3, 2] = np.inf
    with pytest.raises(UsageError, match="not finite"):
        made_lesson(0, groups=groups)


def test_lessons_are_taken_in_an_order_of_their_own() -> None:
    lessons = [made_lesson(number) for number in range(4)]
    nothing = made_lesson(9, wanted=np.full(40, np.nan, np.float32))
    assert teaching([*lessons, nothing]) == teaching([nothing, *lessons[::-1]]) == lessons


def test_lessons_that_cannot_be_learned_from_together_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing can be learned"):
        teaching([])
    with pytest.raises(UsageError, match="twice"):
        teaching([made_lesson(0), made_lesson(1, video="video-000")])
    other = made_lesson(1)
    narrow = {**other.groups, "sound": other.groups["sound"][:, :3]}
    with pytest.raises(UsageError, match="are not those of"):
        teaching([made_lesson(0), made_lesson(1, groups=narrow)])
