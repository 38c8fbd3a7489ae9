from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cutting.cut import Cut
from core.project.document import Decision, EditedCut, Project
from core.project.magnets import Landmarks, Magnet, Magnets
from core.project.room import room_to_move, room_to_trim
from core.time import Span
from tests.desktop.lanes import with_places
from tests.project.analyses import SILENCE, analysis_of, track

VIDEO = "video"
LENGTH = Fraction(60)


def cut(start: Fraction | int, end: Fraction | int, **fields: object) -> EditedCut:
    return EditedCut(Cut(Span(Fraction(start), Fraction(end))), VIDEO, **fields)  # type: ignore[arg-type]


@pytest.fixture
def landmarks() -> Landmarks:
    analysis = analysis_of(track(*[SILENCE] * 60))
    return Landmarks(with_places(analysis, shots=[7.04, 20.0], pauses=[(30.0, 31.0)]))


def test_each_kind_of_place_holds(landmarks: Landmarks) -> None:
    third = Fraction(100, 3)
    project = Project(cuts=(cut(40, 45), cut(third, 35)))
    magnets = Magnets(landmarks, project, VIDEO, Fraction(12), Span(Fraction(50), Fraction(52)))
    found = [magnets.near(Fraction(t), Fraction(1, 2)) for t in (7, 31, 12, 50, 45)]
    assert [m.kind for m in found if m is not None] == ["shot", "speech", "playhead", "mark", "cut"]
    assert magnets.near(Fraction(33), Fraction(1, 2)) == Magnet(third, "cut"), "exact"
    assert magnets.near(Fraction(7), Fraction(1, 2)) == Magnet(Fraction(176, 25), "shot")
    assert magnets.near(Fraction(25), Fraction(1, 2)) is None


def test_only_the_editor_s_own_places_hold_without_an_analysis() -> None:
    magnets = Magnets(Landmarks(None), Project(), VIDEO, Fraction(5))
    assert magnets.within(Fraction(0), LENGTH) == [Magnet(Fraction(5), "playhead")]


def test_dragged_and_rejected_cuts_and_those_of_other_videos_hold_nothing() -> None:
    dragged = cut(10, 15)
    other = EditedCut(Cut(Span(Fraction(3), Fraction(4))), "another")
    project = Project(cuts=(dragged, cut(20, 25, decision=Decision.REJECTED), other))
    magnets = Magnets(Landmarks(None), project, VIDEO, leave_out=[dragged.identifier])
    assert magnets.within(Fraction(0), LENGTH) == []


def test_what_the_editor_put_there_wins_over_what_was_measured(landmarks: Landmarks) -> None:
    magnets = Magnets(landmarks, Project(), VIDEO, Fraction(20))
    assert magnets.near(Fraction(20), Fraction(1)) == Magnet(Fraction(20), "playhead")


def _name(edited: EditedCut) -> str:
    return edited.identifier


times = st.fractions(min_value=0, max_value=60, max_denominator=1000)


@given(st.lists(times, max_size=8), times, st.fractions(0, 5, max_denominator=100))
def test_the_nearest_is_found(
    starts: list[Fraction], seconds: Fraction, tolerance: Fraction
) -> None:
    project = Project(cuts=tuple(cut(start, start + 1) for start in starts))
    magnets = Magnets(Landmarks(None), project, VIDEO)
    ends = [t for start in starts for t in (start, start + 1)]
    near = magnets.near(seconds, tolerance)
    best = min((abs(t - seconds) for t in ends), default=Fraction(1000))
    assert (near is not None) == (best <= tolerance)
    assert near is None or abs(near.seconds - seconds) == best
    low, high = seconds, seconds + tolerance
    assert [m.seconds for m in magnets.within(low, high)] == sorted(
        t for t in ends if low <= t <= high
    )


@given(st.sets(st.integers(0, 11), min_size=2, max_size=8), times, st.data())
def test_moved_cuts_stay_in_the_video_and_off_others(
    fives: set[int], distance: Fraction, data: st.DataObject
) -> None:
    cuts = tuple(cut(5 * place, 5 * place + 4) for place in sorted(fives))
    moving = data.draw(st.lists(st.sampled_from(cuts), min_size=1, unique_by=_name))
    wanted = distance - 30
    moved = room_to_move(Project(cuts=cuts), moving, VIDEO, LENGTH).nearest(wanted)
    spans = [Span(c.span.start + moved, c.span.end + moved) for c in moving]
    assert all(span.start >= 0 and span.end <= LENGTH for span in spans)
    rest = [c.span for c in cuts if c not in moving]
    assert not any(span.overlaps(other) for span in spans for other in rest)
    free = [Span(c.span.start + wanted, c.span.end + wanted) for c in moving]
    if all(s.start >= 0 and s.end <= LENGTH for s in free) and not any(
        s.overlaps(o) for s in free for o in rest
    ):
        assert moved == wanted


def test_a_trimmed_end_has_room_up_to_its_neighbours() -> None:
    middle = cut(20, 25)
    project = Project(cuts=(cut(5, 10), middle, cut(30, 40), cut(26, 28, decision=Decision.MAYBE)))
    assert room_to_trim(project, middle, LENGTH, begin=True) == (10, Fraction("24.8"))
    assert room_to_trim(project, middle, LENGTH, begin=False) == (Fraction("20.2"), 30)


def test_duplicates_are_not_in_each_other_s_way() -> None:
    first, second = cut(20, 25), cut(20, 25)
    project = Project(cuts=(first, second))
    assert room_to_trim(project, first, LENGTH, begin=True) == (0, Fraction("24.8"))
    assert room_to_move(project, [first], VIDEO, LENGTH).nearest(Fraction(1)) == 1
