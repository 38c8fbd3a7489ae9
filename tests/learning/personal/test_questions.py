import itertools
from fractions import Fraction

import numpy as np
import pytest

from core.learning.personal.questions import LONGEST, MOST, SHORTEST, Why, questions
from core.time import Grid, Span

CELLS = 600


def video(cells=CELLS):
    """Six kinds of pictures, a hundred cells each, and a flat curve."""
    random = np.random.default_rng(0)
    kind = np.arange(cells) * 6 // cells
    looks = random.normal(0, 1, (6, 16))
    picture = (looks[kind] + random.normal(0, 0.2, (cells, 16))).astype(np.float32)
    groups = {"picture": picture - picture.mean(axis=0)}
    return np.full(cells, 0.5, np.float32), groups, {"picture": np.ones(cells, bool)}, kind


def asked(score, groups, present, known=(), count=3, grid=None, kept=()):
    wanted = np.full(len(score), np.nan, np.float32)
    wanted[list(kept)] = 1
    weight = np.isfinite(wanted).astype(np.float32)
    return questions(
        score, groups, present, wanted, weight, known, grid or Grid(), count=count
    )  # fmt: skip


def span(start, end):
    return Span(Fraction(start), Fraction(end))


def test_questions_are_short_and_apart_and_in_order():
    score, groups, present, _ = video()
    found = asked(score, groups, present, count=5)
    assert len(found) == 5
    for question in found:
        assert SHORTEST <= question.span.duration <= LONGEST
        assert 0 < question.worth <= 1
    for earlier, later in itertools.pairwise(found):
        assert earlier.span.end <= later.span.start


def test_questions_are_about_different_kinds_of_moments():
    score, groups, present, kind = video()
    found = asked(score, groups, present, count=5)
    assert len({kind[int(question.span.middle)] for question in found}) == 5


def test_nothing_is_asked_where_the_editor_has_decided():
    score, groups, present, _ = video()
    known = [span(0, 290), span("310.5", 600)]
    found = asked(score, groups, present, known, count=5)
    assert found
    assert not any(question.span.overlaps(one) for question in found for one in known)


def test_what_is_like_a_decided_moment_is_not_asked_about_first():
    score, groups, present, kind = video()
    found = asked(score, groups, present, [span(0, 100)], count=2, kept=range(100))
    assert all(kind[int(question.span.middle)] != 0 for question in found)


def test_promising_moments_are_asked_about_first():
    score, groups, present, _ = video()
    score[450:460] = 0.95
    [first] = asked(score, groups, present, count=1)
    assert first.span.overlaps(span(450, 460))
    assert first.why is Why.PROMISING


def test_a_moment_unlike_what_was_decided_says_so():
    score, groups, present, _ = video()
    found = asked(score, groups, present, [span(0, 50)], count=3, kept=range(50))
    assert Why.UNLIKE in {question.why for question in found}


@pytest.mark.parametrize("cells", [0, 3, 19])
def test_a_video_that_is_too_short_is_left_alone(cells):
    score, groups, present, _ = video()
    groups = {name: rows[:cells] for name, rows in groups.items()}
    present = {name: rows[:cells] for name, rows in present.items()}
    assert asked(score[:cells], groups, present, count=5) == []


def test_there_are_never_more_than_the_most_and_fewer_in_a_short_video():
    score, groups, present, _ = video()
    assert len(asked(score, groups, present, count=50)) == MOST
    short = {name: rows[:50] for name, rows in groups.items()}
    known = {name: rows[:50] for name, rows in present.items()}
    assert len(asked(score[:50], short, known, count=5)) == 2
    assert asked(score, groups, present, count=0) == []


def test_nothing_is_asked_where_everything_is_decided():
    score, groups, present, _ = video()
    assert asked(score, groups, present, [span(0, 601)], count=3) == []


@pytest.mark.parametrize("step", ["1/2", "3/2", "2"])
def test_every_grid_gives_questions_of_two_to_eight_seconds(step):
    score, groups, present, _ = video()
    grid = Grid(Fraction(step))
    found = asked(score, groups, present, count=3, grid=grid)
    assert len(found) == 3
    assert all(SHORTEST <= question.span.duration <= LONGEST for question in found)
    assert all(question.span.end <= grid.start(CELLS) for question in found)


def test_the_same_video_gives_the_same_questions():
    score, groups, present, _ = video()
    assert asked(score, groups, present) == asked(score, groups, present)
