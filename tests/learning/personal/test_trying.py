from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.learning.highlights.measures import area_under_curve, average_precision
from core.learning.personal.gate import judged
from core.learning.personal.lessons import Lesson
from core.learning.personal.trial import Trial, Verdict
from core.learning.personal.trying import (
    compared,
    differences,
    held_out_curves,
    measured,
    ordered_pairs,
    plan_trial,
    weighted_average_precision,
)
from tests.learning.personal.made_versions import made_lesson

Curve = NDArray[np.float32]


def lessons_of(videos: int, seed: int = 1, **wishes: float) -> list[Lesson]:
    random = np.random.default_rng(seed)
    return [made_lesson(f"video {n:02}", random, **wishes)[0] for n in range(videos)]  # type: ignore[arg-type]


def ridge(strength: float = 30.0, sign: float = 1.0) -> object:
    """Learns linearly what is loud, bright, …; a stand-in for any recipe."""

    def recipe(lessons: Sequence[Lesson], held: Sequence[Lesson]) -> Mapping[str, Curve]:
        rows = [one.groups["sound"][one.known] for one in lessons]
        wanted = [one.wanted[one.known] for one in lessons]
        x = np.concatenate([row - row.mean(axis=0) for row in rows])
        y = np.concatenate([row - row.mean() for row in wanted])
        weights = 4 * np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ y)
        return {
            one.video: 1
            / (1 + np.exp(np.log(1 / one.base - 1) - sign * one.groups["sound"] @ weights)).astype(
                np.float32
            )
            for one in held
        }

    return recipe


def shipped(lessons: Sequence[Lesson], held: Sequence[Lesson]) -> Mapping[str, Curve]:
    return {one.video: one.base for one in held}


def trial_of(
    lessons: Sequence[Lesson], recipe: object, present: object = shipped, *, intervals: bool = True
) -> Trial:
    plan = plan_trial(lessons)
    before, after = (
        measured(plan.lessons, held_out_curves(plan, one))  # type: ignore[arg-type]
        for one in (present, recipe)
    )
    measures = compared(before, after) if intervals else ()
    return judged(measures, differences(before, after), videos=len(plan.lessons))


def rows_of(*values: float) -> dict[str, dict[str, float]]:
    return {"pairs": {f"video {number}": value for number, value in enumerate(values)}}


def test_each_of_a_few_videos_is_held_out_and_many_go_by_fifths() -> None:
    few = plan_trial(lessons_of(8))
    assert few.folds == tuple((f"video {n:02}",) for n in range(8))
    many = plan_trial(lessons_of(13))
    assert sorted(video for fold in many.folds for video in fold) == sorted(
        one.video for one in many.lessons
    )
    assert sorted(map(len, many.folds)) == [2, 2, 3, 3, 3]
    assert plan_trial(lessons_of(13)[::-1]).folds == many.folds
    assert plan_trial(lessons_of(13), seed=1).folds != many.folds
    assert plan_trial(lessons_of(1)).folds == ()


def test_what_has_nothing_that_is_not_wanted_cannot_be_measured_on() -> None:
    lessons = lessons_of(4)
    only_kept = replace(lessons[0], wanted=np.where(lessons[0].known, 1, np.nan).astype(np.float32))
    assert [one.video for one in plan_trial([only_kept, *lessons[1:]]).lessons] == [
        one.video for one in lessons[1:]
    ]
    with pytest.raises(UsageError, match="twice"):
        plan_trial([lessons[0], lessons[0]])


def test_no_recipe_sees_what_it_is_measured_on() -> None:
    plan = plan_trial(lessons_of(10))
    seen: list[tuple[set[str], set[str]]] = []

    def recipe(lessons: Sequence[Lesson], held: Sequence[Lesson]) -> Mapping[str, Curve]:
        seen.append(({one.video for one in lessons}, {one.video for one in held}))
        assert not any(one.known.any() for one in held)
        return shipped(lessons, held)

    learned_from = {"video 01", "video 02", "video 07"}
    held_out_curves(plan, recipe, learned_from=learned_from)
    assert len(seen) == 5
    for lessons, held in seen:
        assert not lessons & held
        assert lessons == learned_from - held


def test_a_version_that_learned_from_the_held_out_video_alone_says_the_shipped_curve() -> None:
    plan = plan_trial(lessons_of(3))
    curves = held_out_curves(plan, ridge(), learned_from={"video 01"})  # type: ignore[arg-type]
    assert (curves["video 01"] == plan.lessons[1].base).all()
    assert (curves["video 00"] != plan.lessons[0].base).any()


def test_a_trial_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        held_out_curves(plan_trial(lessons_of(3)), shipped, cancelled=lambda: True)


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_with_equal_weights_the_measures_are_the_usual_ones(seed: int, cells: int) -> None:
    random = np.random.default_rng(seed)
    wanted = (random.random(cells) < 0.5).astype(np.float32)
    wanted[:2] = 0, 1
    curve = random.integers(0, 6, cells).astype(np.float32) / 5
    lesson = Lesson("v", {}, {}, curve, wanted, np.ones(cells, np.float32))
    expected = average_precision(wanted > 0, curve)
    assert weighted_average_precision(lesson, curve) == pytest.approx(expected)
    assert ordered_pairs(lesson, curve) == pytest.approx(area_under_curve(wanted > 0, curve))


def test_a_cell_of_weight_two_counts_as_two_cells() -> None:
    wanted = np.array([1, 0, 1, 0, 0], np.float32)
    curve = np.array([0.9, 0.8, 0.3, 0.3, 0.1], np.float32)
    once = Lesson("v", {}, {}, curve, wanted, np.array([1, 2, 1, 1, 0], np.float32))
    cells = [0, 1, 1, 2, 3]
    twice = Lesson("v", {}, {}, curve[cells], wanted[cells], np.ones(5, np.float32))
    for measure in (weighted_average_precision, ordered_pairs):
        assert measure(once, curve) == pytest.approx(measure(twice, curve[cells]))


def test_a_version_that_finds_what_the_editor_likes_is_adopted() -> None:
    trial = trial_of(lessons_of(7, likes=1.5), ridge())
    assert trial.verdict is Verdict.ADOPTED
    assert "Better on 7 videos" in trial.reason
    for one in trial.measures:
        assert one.low <= one.after - one.before <= one.high
        assert one.after > one.before
        assert one.videos == 7


def test_a_worse_version_is_refused() -> None:
    trial = trial_of(lessons_of(7, likes=1.5), ridge(sign=-1.0))
    assert trial.verdict is Verdict.REFUSED
    assert "Worse" in trial.reason
    assert all(one.after < one.before for one in trial.measures)


def test_the_same_again_is_not_different() -> None:
    lessons = lessons_of(4, likes=1.5)
    trial = trial_of(lessons, ridge(), ridge())
    assert trial.verdict is Verdict.ADOPTED
    assert "Not different" in trial.reason
    assert all(one.low == one.high == 0 for one in trial.measures)


@pytest.mark.parametrize(
    ("videos", "said"),
    [(0, "None of your videos has"), (1, "Only 1 of your videos has"), (2, "With one more")],
)
def test_with_too_few_videos_a_version_waits_to_be_chosen(videos: int, said: str) -> None:
    trial = trial_of(lessons_of(videos, likes=2.0), ridge())
    assert trial.verdict is Verdict.CANDIDATE
    assert said in trial.reason
    assert "both kept and rejected moments" in trial.reason
    assert bool(trial.measures) == (videos >= 2)


def test_many_clearly_worse_videos_are_not_made_good_by_others() -> None:
    rows = rows_of(0.5, 0.5, -0.1, -0.1, 0.5)
    assert judged((), rows).verdict is Verdict.REFUSED


def test_what_is_only_better_by_luck_waits() -> None:
    rows = rows_of(0.4, -0.04, -0.04, -0.02)
    trial = judged((), rows)
    assert trial.verdict is Verdict.CANDIDATE
    assert "differ too much" in trial.reason


def test_against_an_own_version_the_mean_is_enough_if_it_surely_beats_the_shipped_one() -> None:
    small = rows_of(0.04, -0.03, -0.01, 0.01)
    sure = rows_of(0.2, 0.18, 0.22, 0.2)
    assert judged((), small).verdict is Verdict.CANDIDATE
    assert judged((), small, shipped=sure).verdict is Verdict.ADOPTED
    assert judged((), sure, shipped=small).verdict is Verdict.CANDIDATE


def test_what_only_one_video_has_neither_refuses_a_version_nor_lets_it_wait() -> None:
    rows = {**rows_of(0.2, 0.18, 0.22, 0.2), "arousal": {"video 0": -0.04}}
    assert judged((), rows).verdict is Verdict.ADOPTED
    assert judged((), rows, shipped=rows).verdict is Verdict.ADOPTED
    assert judged((), {"arousal": {"video 0": 0.5}}).verdict is Verdict.CANDIDATE


def test_editors_who_decide_by_lot_nearly_never_get_a_worse_version() -> None:
    """True quality is that of the shipped curve, so that whatever is learned does harm."""
    random = np.random.default_rng(3)
    adopted = draws = 0
    for _ in range(60):
        lessons = []
        for number in range(6):
            lesson, _ = made_lesson(f"v{number}", random)
            lot = random.permutation(lesson.wanted[lesson.known][::6]).repeat(6)
            wanted = lesson.wanted.copy()
            wanted[lesson.known] = lot
            lessons.append(replace(lesson, wanted=wanted))
        adopted += trial_of(lessons, ridge(), intervals=False).verdict is Verdict.ADOPTED
        draws += 1
    assert adopted <= 0.15 * draws


def test_editors_who_know_what_they_like_mostly_get_their_version() -> None:
    random = np.random.default_rng(4)
    verdicts = []
    for _ in range(20):
        lessons = [made_lesson(f"v{n}", random, likes=1.0)[0] for n in range(6)]
        verdicts.append(trial_of(lessons, ridge(), intervals=False).verdict)
    assert verdicts.count(Verdict.ADOPTED) >= 12
    assert verdicts.count(Verdict.REFUSED) <= 1
