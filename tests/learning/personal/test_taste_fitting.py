from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.analysis.taste import Taste
from core.errors import UsageError
from core.learning.highlights.measures import average_precision
from core.learning.personal.left_out import left_out_gains, supported
from core.learning.personal.lessons import Lesson
from core.learning.personal.metric import FeatureMetric, fit_metric, moments
from core.learning.personal.taste_fitting import TasteSettings, fit_taste, gathered
from tests.learning.personal.made_lessons import WIDTHS, made_lesson

PLAIN = TasteSettings(smoothing=0)
UNSEEN = [made_lesson(number) for number in range(100, 108)]


def curve(taste: Taste, lesson: Lesson) -> NDArray[np.float32]:
    return taste.apply(lesson.groups, lesson.present, lesson.base)


def precision(taste: Taste | None, lessons: list[Lesson]) -> float:
    return float(
        np.mean(
            [
                average_precision(
                    one.wanted > 0.5, one.base if taste is None else curve(taste, one)
                )
                for one in lessons
            ]
        )
    )


def same(one: Taste, other: Taste) -> bool:
    return one.columns == other.columns and all(
        np.array_equal(one.weights[name], other.weights[name]) for name in one.weights
    )


@pytest.mark.parametrize("liked", [("emotion", 3), ("sound", 0), ("picture", 20)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_it_learns_what_the_editor_keeps(liked: tuple[str, int], sign: float) -> None:
    lessons = [made_lesson(number, liked=liked, sign=sign) for number in range(5)]
    unseen = [made_lesson(number, liked=liked, sign=sign) for number in range(100, 108)]
    taste = fit_taste(lessons, PLAIN)
    assert precision(taste, unseen) > precision(None, unseen) + 0.3
    group, column = liked
    largest = np.abs(taste.weights[group])
    assert int(largest.argmax()) == column
    assert np.sign(taste.weights[group][column]) == sign


def test_more_corrected_videos_are_worth_more() -> None:
    precisions = [
        precision(fit_taste([made_lesson(number) for number in range(count)], PLAIN), UNSEEN)
        for count in (1, 4, 16)
    ]
    assert precision(None, UNSEEN) < precisions[0] < precisions[1] < precisions[2]


def test_chance_is_not_believed_sooner() -> None:
    bolder = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        lessons = [
            made_lesson(number, wanted=random.permutation(made_lesson(number).wanted))
            for number in range(5)
        ]
        bolder += gathered(lessons, PLAIN).settled_penalty(PLAIN) < PLAIN.penalty
    assert bolder <= 1


def test_a_curve_that_is_right_already_stays_in_charge() -> None:
    def right(number: int) -> Lesson:
        lesson = made_lesson(number)
        return replace(lesson, base=(0.1 + 0.8 * lesson.wanted).astype(np.float32))

    taste = fit_taste([right(0)], PLAIN)
    assert precision(taste, [right(number) for number in range(100, 108)]) > 0.99


def test_few_contradictory_corrections_change_little() -> None:
    agreeing = [made_lesson(number) for number in range(10)]
    contrary = made_lesson(50, sign=-1)
    after = fit_taste([*agreeing, contrary], PLAIN)
    assert precision(after, UNSEEN) > precision(fit_taste(agreeing, PLAIN), UNSEEN) - 0.1
    undecided = [made_lesson(0), replace(made_lesson(0, sign=-1), video="again")]
    assert np.abs(fit_taste(undecided, PLAIN).weights["emotion"][3]) < 0.3 * np.abs(
        fit_taste(undecided[:1], PLAIN).weights["emotion"][3]
    )


def test_labels_that_do_not_count_change_nothing() -> None:
    lesson = made_lesson(0, known=0.7)
    weight = lesson.weight.copy()
    weight[:8] = 0
    lies = lesson.wanted.copy()
    lies[:8] = 1 - np.nan_to_num(lies[:8])
    silent = lesson.wanted.copy()
    silent[:8] = np.nan
    tastes = [
        fit_taste([replace(lesson, wanted=wanted, weight=weight)])
        for wanted in (lesson.wanted, lies, silent)
    ]
    assert same(tastes[0], tastes[1])
    assert same(tastes[0], tastes[2])


def test_what_was_only_seen_counts_weakly() -> None:
    lesson = made_lesson(0)
    flipped = 1 - lesson.wanted[:20]
    wanted = np.concatenate([flipped, lesson.wanted[20:]])

    def liking(weight: float) -> float:
        weights = np.concatenate([np.full(20, weight), np.ones(20)]).astype(np.float32)
        return float(
            fit_taste([replace(lesson, wanted=wanted, weight=weights)]).weights["emotion"][3]
        )

    assert liking(0.0) > liking(0.1) > liking(1.0)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_the_lessons_changes_nothing(order: list[int]) -> None:
    lessons = [made_lesson(number, known=0.5) for number in range(4)]
    assert same(fit_taste(lessons), fit_taste([lessons[index] for index in order]))


def test_many_cells_are_solved_by_columns_and_few_by_cells_with_one_result() -> None:
    few = made_lesson(0, cells=sum(WIDTHS.values()))
    rows = gathered([few], PLAIN)
    more = replace(rows, rows=[*rows.rows, np.zeros_like(rows.rows[0])],
                   wishes=[*rows.wishes, np.zeros_like(rows.wishes[0])])  # fmt: skip
    by_cells, by_columns = rows.taste(1.0), more.taste(1.0)
    for name, weights in by_cells.weights.items():
        assert by_columns.weights[name] == pytest.approx(weights, rel=1e-3, abs=1e-5)


def test_a_larger_penalty_leaves_the_shipped_curve_more_alone() -> None:
    evidence = gathered([made_lesson(0)], PLAIN)
    changes = [
        float(np.abs(curve(evidence.taste(penalty), UNSEEN[0]) - UNSEEN[0].base).max())
        for penalty in (0.1, 1.0, 10.0, 1e6)
    ]
    assert changes == sorted(changes, reverse=True)
    assert changes[-1] < 1e-3


def test_a_group_that_no_share_is_believed_of_says_nothing() -> None:
    taste = fit_taste([made_lesson(0)], TasteSettings(shares={"picture": 1.0, "sound": 0.0}))
    assert list(taste.weights) == ["picture"]


def test_a_video_without_differences_in_its_features_leaves_the_curve_alone() -> None:
    lesson = made_lesson(0)
    flat = {name: np.zeros_like(rows) for name, rows in lesson.groups.items()}
    taste = fit_taste([replace(lesson, groups=flat)])
    assert np.array_equal(curve(taste, UNSEEN[0]), UNSEEN[0].base)


def test_corrections_that_teach_nothing_are_refused() -> None:
    kept = made_lesson(0, wanted=np.ones(40, np.float32))
    with pytest.raises(UsageError, match="nothing can be learned"):
        fit_taste([kept])


@pytest.mark.parametrize(
    "changes",
    [
        {"penalty": 0.0},
        {"bolder": (0.5, 0.5)},
        {"trust": np.nan},
        {"saturation": -1.0},
        {"shares": {"sound": -1}},
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        TasteSettings(**changes)


def loud(number: int, hum: float = 8.0) -> Lesson:
    """The picture hums along one direction that says nothing."""
    lesson = made_lesson(number, liked=("picture", 20))
    random = np.random.default_rng([7, number])
    picture = lesson.groups["picture"].copy()
    picture[:, 5] += hum * random.normal(0, 1, len(picture)).astype(np.float32)
    return replace(lesson, groups={**lesson.groups, "picture": picture})


def metric_of(lessons: list[Lesson]) -> FeatureMetric:
    return fit_metric(moments((one.groups, one.present) for one in lessons))


def test_a_metric_turns_loud_directions_down_that_say_nothing() -> None:
    lessons = [loud(number) for number in range(4)]
    unseen = [loud(number) for number in range(100, 108)]
    metric = metric_of([loud(number) for number in range(20, 60)])
    plain, turned = (gathered(lessons, PLAIN, found).taste(0.5) for found in (None, metric))
    assert precision(turned, unseen) > precision(plain, unseen)


def test_a_metric_of_a_few_directions_is_close_to_one_of_all() -> None:
    found = moments((one.groups, one.present) for one in [loud(number) for number in range(30)])
    lessons = [loud(number) for number in range(3)]
    whole, some = (
        fit_taste(lessons, PLAIN, fit_metric(found, count)).weights["picture"] for count in (40, 3)
    )
    assert np.corrcoef(whole, some)[0, 1] > 0.95


def test_a_metric_needs_no_labels_and_no_order() -> None:
    lessons = [loud(number) for number in range(5)]
    one, other = metric_of(lessons), metric_of(lessons[::-1])
    for name in one:
        assert one[name].variances == pytest.approx(other[name].variances, rel=1e-3)
    assert one["picture"].variances[0] > 5 * one["picture"].variances[1]


def test_a_metric_of_other_columns_is_refused() -> None:
    lesson = made_lesson(0)
    narrow = {**lesson.groups, "picture": lesson.groups["picture"][:, :9]}
    metric = metric_of([replace(lesson, groups=narrow)])
    with pytest.raises(UsageError, match="metric of picture"):
        fit_taste([lesson], metric=metric)
    with pytest.raises(UsageError, match="same columns"):
        metric_of([lesson, replace(lesson, groups=narrow)])


def test_videos_that_agree_support_a_taste_and_random_ones_do_not() -> None:
    agreeing = [made_lesson(number) for number in range(6)]
    gains = left_out_gains(agreeing)
    assert list(gains) == [lesson.video for lesson in agreeing]
    assert np.mean([*gains.values()]) > 10
    assert supported([*gains.values()])
    assert not supported([-1.0, -2.0, 0.5])


def test_too_few_videos_leave_nothing_to_be_left_out() -> None:
    assert left_out_gains([made_lesson(0), made_lesson(1)]) == {}
    assert supported([])
