from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cutting.cut import Cut
from core.errors import EditRefused
from core.media.frame_index import FrameIndex
from core.project import editing
from core.project.document import LEAST_CUT, Decision, EditedCut, Medium, Project, Suggestion
from core.project.emotion_corrections import EmotionCorrection
from core.time import Span

A, B = "a" * 32, "b" * 32


def span(start: float, end: float) -> Span:
    return Span(Fraction(start), Fraction(end))


def describe(medium: str, part: Span) -> Cut:
    return Cut(part)


def project(*parts: tuple[float, float], medium: str = A) -> Project:
    """Suggested cuts of one video, in this playing order."""
    media = (Medium(A, Path("a.mp4")), Medium(B, Path("b.mp4")))
    return Project(
        media,
        tuple(
            EditedCut(Cut(span(*part)), medium, suggestion=Suggestion(span(*part)))
            for part in parts
        ),
    )


def identifiers(state: Project) -> list[str]:
    return [c.identifier for c in state.cuts]


def spans(state: Project) -> list[tuple[float, float]]:
    """What the short keeps."""
    return [(float(c.span.start), float(c.span.end)) for c in state.short]


def suggest(state: Project, *parts: tuple[float, float], held: tuple[str, ...] = ()) -> Project:
    return editing.take_suggestions(state, A, [Cut(span(*part)) for part in parts], held)


class TestSuggestions:
    def test_they_go_around_what_the_editor_changed(self) -> None:
        state = project((0, 5), (10, 15))
        state = editing.change_cut(state, identifiers(state)[1], span(11, 16), describe)
        assert spans(suggest(state, (2, 6), (12, 14), (20, 25))) == [(2, 6), (11, 16), (20, 25)]

    @pytest.mark.parametrize("decision", [Decision.KEPT, Decision.MAYBE, Decision.REJECTED])
    def test_they_leave_alone_what_was_decided(self, decision: Decision) -> None:
        state = project((0, 5), (10, 15))
        state = editing.decide(state, identifiers(state)[:1], decision)
        after = suggest(state, (1, 4), (20, 25))
        assert after.cuts[0] == state.cuts[0]
        assert [float(c.span.start) for c in after.cuts] == [0, 20]

    def test_a_locked_one_stays(self) -> None:
        state = project((0, 5))
        state = editing.lock_cuts(state, identifiers(state), True)
        assert spans(suggest(state, (20, 25))) == [(0, 5), (20, 25)]

    def test_one_that_is_held_stays(self) -> None:
        state = project((0, 5), (10, 15))
        held = identifiers(state)[1]
        assert spans(suggest(state, (12, 17), (20, 25), held=(held,))) == [(10, 15), (20, 25)]

    def test_a_deleted_one_does_not_come_back(self) -> None:
        state = project((0, 5), (10, 15))
        state = editing.delete_cuts(state, identifiers(state)[:1])
        assert spans(suggest(state, (1, 4), (10, 15))) == [(10, 15)]

    def test_a_deleted_one_does_not_come_back_if_it_was_trimmed_split_or_merged_before(
        self,
    ) -> None:
        state = project((0, 5), (10, 15), (20, 25), (30, 35))
        trimmed, parted, *joined = identifiers(state)
        state = editing.change_cut(state, trimmed, span(0, 4), describe)
        state, second = editing.split_cut(state, parted, Fraction(12), describe)
        state = editing.merge_cuts(state, joined, describe)
        state = editing.delete_cuts(state, [trimmed, parted, second, joined[0]])
        assert spans(suggest(state, (0, 5), (10, 12), (12, 15), (20, 35))) == []

    def test_of_a_video_that_is_not_in_the_project_none_is_taken(self) -> None:
        state = Project()
        assert suggest(state, (0, 5)) == state

    def test_new_ones_take_the_place_of_old_ones(self) -> None:
        state = project((0, 5), (10, 15))
        state = editing.add_cut(state, B, span(0, 9), describe)
        assert spans(suggest(state, (1, 6), (11, 16))) == [(1, 6), (11, 16), (0, 9)]

    def test_a_deleted_cut_of_ones_own_is_no_rejection(self) -> None:
        state = editing.add_cut(project(), A, span(3, 6), describe)
        state = editing.delete_cuts(state, identifiers(state))
        assert spans(suggest(state, (3, 6))) == [(3, 6)]

    def test_one_that_is_made_again_is_the_same_cut_in_its_place(self) -> None:
        state = project((0, 5), (10, 15))
        last, first = identifiers(state)[::-1]
        state = editing.reorder_cuts(state, [last], first)
        after = suggest(state, (0, 5), (10, 15), (20, 25))
        assert identifiers(after)[:2] == [last, first]
        assert spans(after) == [(10, 15), (0, 5), (20, 25)]

    def test_those_of_another_video_stay(self) -> None:
        other = project((0, 5), medium=B)
        assert spans(suggest(other, (1, 4))) == [(0, 5), (1, 4)]


class TestOrder:
    def test_a_new_cut_goes_where_its_video_has_it(self) -> None:
        state = editing.add_cut(project((0, 5), (20, 25)), A, span(10, 12), describe)
        assert spans(state) == [(0, 5), (10, 12), (20, 25)]

    def test_cuts_are_played_in_the_order_they_are_put_in(self) -> None:
        state = project((0, 5), (10, 15), (20, 25), (30, 35))
        one, two, three, four = identifiers(state)
        assert identifiers(editing.reorder_cuts(state, [four, two], one)) == [two, four, one, three]
        assert identifiers(editing.reorder_cuts(state, [one], "")) == [two, three, four, one]

    def test_trimming_keeps_an_order_that_was_chosen(self) -> None:
        state = project((20, 25), (0, 5))
        state = editing.change_cut(state, identifiers(state)[0], span(21, 25), describe)
        assert spans(state) == [(21, 25), (0, 5)]

    def test_a_cut_set_aside_keeps_its_place(self) -> None:
        state = project((0, 5), (10, 15), (20, 25))
        two = identifiers(state)[1:2]
        aside = editing.decide(state, two, Decision.MAYBE)
        assert spans(aside) == [(0, 5), (20, 25)]
        assert spans(editing.decide(aside, two, Decision.KEPT)) == spans(state)


def names(state: Project, known: dict[str, str]) -> list[str]:
    return [known[c.identifier] for c in state.cuts]


class TestOrderOfSeveralVideos:
    @staticmethod
    def made(order: str) -> tuple[Project, dict[str, str]]:
        """Cuts of A and B in an order as "A1 B1 A2"; the numbers tell their order in the video."""
        state, known = project(), {}
        for name in order.split():
            start = 10 * int(name[1])
            new = EditedCut(Cut(span(start, start + 5)), A if name[0] == "A" else B)
            known[new.identifier] = name
            state = state.with_cuts((*state.cuts, new))
        return state, known

    @pytest.mark.parametrize("order", ["A1 A2 B1", "A1 B1 A2", "B1 A2 A1", "B2 A1 B1 A2"])
    def test_trimming_any_cut_changes_no_order(self, order: str) -> None:
        state, known = self.made(order)
        for cut in state.cuts:
            for part in (
                Span(cut.span.start, cut.span.end - 1),
                Span(cut.span.start - 2, cut.span.end),
                Span(cut.span.start + 1, cut.span.end + 1),
            ):
                after = editing.change_cut(state, cut.identifier, part, describe)
                assert names(after, known) == order.split()

    @pytest.mark.parametrize(
        ("order", "moving", "to", "expected"),
        [
            ("A1 B1 A2", "A1", 30, "B1 A2 A1"),
            ("A1 B1 A2", "A2", 0, "A2 A1 B1"),
            ("A1 A2 A3 B1", "A1", 27, "A2 A1 A3 B1"),
            ("A1 A2 B1 A3", "A3", 17, "A1 A3 A2 B1"),
            ("B1 A1 A2 B2", "B1", 40, "A1 A2 B2 B1"),
            ("A2 A1 B1", "A1", 40, "A2 A1 B1"),
        ],
    )
    def test_a_moved_cut_passes_only_cuts_of_its_own_video(
        self, order: str, moving: str, to: int, expected: str
    ) -> None:
        state, known = self.made(order)
        (identifier,) = (i for i, name in known.items() if name == moving)
        after = editing.change_cut(state, identifier, span(to, to + 3), describe)
        assert names(after, known) == expected.split()

    @given(st.permutations(["A1", "A2", "A3", "B1", "B2"]), st.data())
    def test_changing_a_cut_reorders_no_other(self, order: list[str], data: st.DataObject) -> None:
        state, known = self.made(" ".join(order))
        cut = data.draw(st.sampled_from(state.cuts))
        start = data.draw(st.integers(0, 50))
        part = span(start, start + data.draw(st.integers(1, 9)))
        try:
            after = editing.change_cut(state, cut.identifier, part, describe)
        except EditRefused:
            return
        mine = known[cut.identifier]
        assert [n for n in names(after, known) if n != mine] == [n for n in order if n != mine]
        own = [c.span for c in state.cuts_of(cut.medium)]
        new = [c.span for c in after.cuts_of(cut.medium)]
        assert (new == sorted(new)) or own != sorted(own)
        assert not any(a.overlaps(b) for a in new for b in new if a is not b)

    @pytest.mark.parametrize(
        ("order", "start", "expected"),
        [
            ("A1 B1 A3", 20, "A1 B1 new A3"),
            ("A1 B1", 20, "A1 new B1"),
            ("A3 A1 A2 B1", 16, "A3 A1 new A2 B1"),
            ("B1 B2", 20, "B1 B2 new"),
        ],
    )
    def test_a_new_cut_is_played_beside_those_of_its_video(
        self, order: str, start: int, expected: str
    ) -> None:
        state, known = self.made(order)
        after = editing.add_cut(state, A, span(start, start + 3), describe)
        found = [known.get(c.identifier, "new") for c in after.cuts]
        assert found == expected.split()


class TestRoom:
    def test_a_moved_cut_stops_at_its_neighbour_and_keeps_its_length(self) -> None:
        state = project((0, 2), (3, 5))
        first = identifiers(state)[0]
        assert spans(editing.change_cut(state, first, span(2, 4), describe)) == [(1, 3), (3, 5)]
        index = even_frames()
        for _ in range(40):
            old = state.cuts[0].span
            new = editing.nudged(old, index, 1, begin=True, end=True)
            state = editing.change_cut(state, first, new, describe)
        assert spans(state) == [(1, 3), (3, 5)]

    def test_a_trimmed_end_stops_at_the_first_neighbour(self) -> None:
        state = project((0, 2), (3, 4), (20, 25))
        first, _, last = identifiers(state)
        assert spans(editing.change_cut(state, first, span(0, 12), describe))[0] == (0, 3)
        assert spans(editing.change_cut(state, last, span(1, 25), describe))[2] == (4, 25)

    def test_too_short_a_cut_is_named_so(self) -> None:
        state = project((0, 2))
        with pytest.raises(EditRefused, match=r"a cut lasts at least 0\.2 s"):
            editing.change_cut(state, identifiers(state)[0], span(0, 0.1), describe)

    def test_a_video_that_is_not_in_the_project_gets_no_cut_and_no_emotion(self) -> None:
        correction = EmotionCorrection(span(0, 1), "sad")
        for attempt in (
            lambda: editing.add_cut(Project(), A, span(0, 2), describe),
            lambda: editing.correct_emotion(Project(), A, correction),
            lambda: editing.forget_corrections(Project(), A, span(0, 1)),
        ):
            with pytest.raises(EditRefused, match="not in the project"):
                attempt()

    @given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 300), st.integers(1, 300))
    def test_an_end_that_is_not_trimmed_stays(
        self, start: int, length: int, other: int, longer: int
    ) -> None:
        index = even_frames()
        old = Span(index.time(start), index.time(start + length + 5))
        for wanted in (
            [Span(Fraction(other, 25), old.end)] if Fraction(other, 25) < old.end else []
        ) + [Span(old.start, old.start + Fraction(longer, 97))]:
            new = editing.on_frames(wanted, index, old)
            assert new.start == old.start or new.end == old.end
            assert (new.start == old.start) or (wanted.start != old.start)
            assert (new.end == old.end) or (wanted.end != old.end)
            assert new.duration >= LEAST_CUT
            assert {index.nearest(new.start), index.nearest(new.end)} == {new.start, new.end}

    def test_a_whole_cut_keeps_its_length_at_the_ends_of_the_video(self) -> None:
        index = even_frames()
        assert editing.on_frames(span(-3, 1), index, span(1, 5)) == span(0, 4)
        assert editing.on_frames(span(38, 42), index, span(1, 5)) == span(36, 40)

    def test_a_new_cut_ends_at_its_neighbour(self) -> None:
        state = editing.add_cut(project((8, 12)), A, span(4, 9), describe)
        assert spans(state) == [(4, 8), (8, 12)]

    def test_where_a_cut_is_no_other_can_be_added(self) -> None:
        with pytest.raises(EditRefused, match="already a cut"):
            editing.add_cut(project((0, 10)), A, span(4, 8), describe)

    def test_what_is_not_in_the_short_is_not_in_the_way(self) -> None:
        state = project((0, 10))
        state = editing.decide(state, identifiers(state), Decision.REJECTED)
        assert spans(editing.add_cut(state, A, span(4, 8), describe)) == [(4, 8)]

    def test_a_duplicate_is_played_behind_its_original_and_trimmed_by_itself(self) -> None:
        state = project((0, 10), (20, 25))
        state, (new,) = editing.duplicate_cuts(state, identifiers(state)[:1])
        state = editing.change_cut(state, new, span(2, 6), describe)
        assert sorted(spans(state)) == [(0, 10), (2, 6), (20, 25)]

    @given(st.fractions(-50, 150), st.fractions(Fraction(1, 100), 200), st.fractions(1, 100))
    def test_a_dragged_cut_stays_inside_the_video(
        self, start: Fraction, length: Fraction, duration: Fraction
    ) -> None:
        part = editing.limited(Span(start, start + length), duration)
        assert 0 <= part.start < part.end <= duration
        assert part.duration >= min(LEAST_CUT, length) - Fraction(1, 1000)


def even_frames() -> FrameIndex:
    """40 s of 25 frames a second."""
    return FrameIndex(np.arange(1000, dtype=np.int64), Fraction(1, 25), Fraction(0), Fraction(40))


@st.composite
def frame_indexes(draw: st.DrawFn) -> FrameIndex:
    """Videos of a variable frame rate."""
    gaps = draw(st.lists(st.integers(1, 300), min_size=2, max_size=40))
    ticks = np.cumsum([0, *gaps[:-1]]).astype(np.int64)
    return FrameIndex(ticks, Fraction(1, 90), Fraction(0), Fraction(sum(gaps), 90))


class TestNudging:
    @given(frame_indexes(), st.data(), st.integers(-50, 50))
    def test_boundaries_stay_on_frames_and_apart(
        self, index: FrameIndex, data: st.DataObject, frames: int
    ) -> None:
        first = data.draw(st.integers(0, len(index) - 1))
        last = data.draw(st.integers(first + 1, len(index)))
        begin, end = data.draw(st.sampled_from([(True, False), (False, True), (True, True)]))
        old = Span(index.time(first), index.time(last))
        new = editing.nudged(old, index, frames, begin=begin, end=end)
        boundaries = [index.time(n) for n in range(len(index) + 1)]
        places = boundaries.index(new.start), boundaries.index(new.end)
        if begin and end:
            assert places[1] - places[0] == last - first
        if not begin:
            assert places[0] == first
        if not end:
            assert places[1] == last
        moved = places[0] - first if begin else places[1] - last
        assert moved * frames >= 0
        assert abs(moved) <= abs(frames)

    def test_a_cut_moves_by_frames_as_long_as_they_are(self) -> None:
        ticks = np.array([0, 3, 4, 9, 12], np.int64)
        index = FrameIndex(ticks, Fraction(1, 10), Fraction(0), Fraction(2))
        old = Span(Fraction(3, 10), Fraction(9, 10))
        moved = editing.nudged(old, index, 1, begin=True, end=True)
        assert moved == Span(Fraction(4, 10), Fraction(12, 10))
        assert editing.nudged(old, index, -1, begin=True, end=False).start == 0
        assert editing.nudged(old, index, 9, begin=False, end=True).end == 2


class TestSplittingAndMerging:
    def test_the_parts_touch_and_merge_into_what_they_were(self) -> None:
        state = project((0, 10), (20, 25))
        first = identifiers(state)[0]
        parts, second = editing.split_cut(state, first, Fraction(13, 3), describe)
        assert [c.span for c in parts.cuts[:2]] == [
            Span(Fraction(0), Fraction(13, 3)), Span(Fraction(13, 3), Fraction(10)),
        ]  # fmt: skip
        assert identifiers(parts)[:2] == [first, second]
        assert spans(editing.merge_cuts(parts, [first], describe)) == spans(state)

    @pytest.mark.parametrize("seconds", [-1, 0, 0.1, 9.9, 10, 12])
    def test_no_part_is_too_short(self, seconds: float) -> None:
        state = project((0, 10))
        with pytest.raises(EditRefused, match="split"):
            editing.split_cut(state, identifiers(state)[0], Fraction(seconds), describe)

    def test_merging_takes_in_what_lies_between(self) -> None:
        state = project((0, 5), (10, 15), (20, 25))
        assert spans(editing.merge_cuts(state, identifiers(state)[:2], describe)) == [
            (0, 15), (20, 25),
        ]  # fmt: skip

    def test_merging_does_not_swallow_a_cut_that_is_played_elsewhere(self) -> None:
        state = project((0, 5), (20, 25), (10, 15))
        with pytest.raises(EditRefused, match="another cut of the short lies between"):
            editing.merge_cuts(state, identifiers(state)[:2], describe)
        aside = editing.decide(state, identifiers(state)[2:], Decision.REJECTED)
        assert spans(editing.merge_cuts(aside, identifiers(state)[:2], describe)) == [(0, 25)]

    def test_only_neighbours_in_order_merge(self) -> None:
        state = project((0, 5), (10, 15), (20, 25))
        with pytest.raises(EditRefused, match="neighbours"):
            editing.merge_cuts(state, identifiers(state)[::2], describe)
        with pytest.raises(EditRefused, match="nothing to merge"):
            editing.merge_cuts(state, identifiers(state)[2:], describe)
        turned = project((10, 15), (0, 5))
        with pytest.raises(EditRefused, match="order"):
            editing.merge_cuts(turned, identifiers(turned), describe)

    def test_cuts_of_two_videos_do_not_merge(self) -> None:
        state = project((0, 5))
        state = editing.add_cut(state, B, span(5, 9), describe)
        with pytest.raises(EditRefused, match="one video"):
            editing.merge_cuts(state, identifiers(state), describe)


class TestLocks:
    def test_a_locked_cut_is_left_as_it_is_until_it_is_unlocked(self) -> None:
        state = project((0, 10), (20, 25))
        first = identifiers(state)[0]
        locked = editing.lock_cuts(state, [first], True)
        for attempt in (
            lambda s: editing.change_cut(s, first, span(1, 9), describe),
            lambda s: editing.delete_cuts(s, [first]),
            lambda s: editing.split_cut(s, first, Fraction(5), describe)[0],
            lambda s: editing.merge_cuts(s, identifiers(s), describe),
            lambda s: editing.decide(s, [first], Decision.REJECTED),
            lambda s: editing.reorder_cuts(s, [first], ""),
        ):
            with pytest.raises(EditRefused, match="locked"):
                attempt(locked)
            assert attempt(editing.lock_cuts(locked, [first], False)) != state


class TestCorrections:
    def test_they_belong_to_their_video_and_can_be_taken_back(self) -> None:
        state = project((0, 5))
        told = editing.correct_emotion(state, A, EmotionCorrection(span(1, 4), "happy"))
        less = editing.forget_corrections(told, A, span(2, 3))
        assert [m.emotion_corrections for m in told.media] == [
            (EmotionCorrection(span(1, 4), "happy"),), (),
        ]  # fmt: skip
        assert [c.span for c in less.media[0].emotion_corrections] == [span(1, 2), span(3, 4)]
        assert less.cuts == state.cuts
