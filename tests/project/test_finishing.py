from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cutting.cut import Cut
from core.errors import EditRefused
from core.export.camera import Camera, Keyframe, window_at
from core.export.captions.caption import Caption
from core.export.clip import Join
from core.media.probe import MediaInfo, VideoStream
from core.project import editing, finishing
from core.project.document import Decision, Project
from core.project.short import clips_of
from core.time import Span
from tests.project.projects import cameras, edited

WINDOW = (Keyframe(Fraction(1), 0.2), Keyframe(Fraction(4), 0.8, 0.4, 2.0))
VIDEO = VideoStream(0, "h264", 1280, 720, 1280, 720, 0, Fraction(25), Fraction(1, 25), Fraction(0))
INFO = MediaInfo(Path("/nowhere/a.mp4"), Fraction(0), Fraction(100), VIDEO, None)


def describe(medium: str, span: Span) -> Cut:
    return Cut(span)


def identifiers(state: Project) -> list[str]:
    return [one.identifier for one in state.cuts]


def with_window(state: Project, number: int = 0, camera: Camera = WINDOW) -> Project:
    return finishing.set_camera(state, identifiers(state)[number], camera)


class TestLook:
    def test_what_is_not_named_stays(self) -> None:
        state = finishing.set_look(finishing.set_look(edited(), title="a"), layout="blur")
        look = state.wishes.look
        assert (look.title, look.layout, look.aspect) == ("a", "blur", "9:16")

    @pytest.mark.parametrize(
        "change", [{"aspect": "5:7"}, {"music_level": float("nan")}, {"end_card": "a" * 501}]
    )
    def test_what_is_not_possible_is_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(EditRefused):
            finishing.set_look(edited(), **change)


class TestJoin:
    def test_it_belongs_to_the_cut_and_makes_it_the_editors_own(self) -> None:
        state = editing.take_suggestions(edited(), "a", [Cut(Span(Fraction(1), Fraction(3)))])
        (name,) = identifiers(state)
        state = finishing.set_join(state, name, Join(Fraction(1, 2), Fraction(-1)))
        assert state.cuts[0].join == Join(Fraction(1, 2), Fraction(-1))
        assert editing.take_suggestions(state, "a", []).cuts == state.cuts

    @pytest.mark.parametrize(
        "join",
        [Join(Fraction(3)), Join(sound=Fraction(3)), Join(Fraction(-1)), Join(sound=Fraction(-11))],
    )
    def test_what_is_longer_than_the_cut_or_not_possible_is_refused(self, join: Join) -> None:
        state = edited((1, 3))
        with pytest.raises(EditRefused):
            finishing.set_join(state, identifiers(state)[0], join)

    def test_a_locked_cut_refuses(self) -> None:
        state = edited((1, 3))
        state = editing.lock_cuts(state, identifiers(state), True)
        with pytest.raises(EditRefused, match="Unlock"):
            finishing.set_join(state, identifiers(state)[0], Join(Fraction(1)))

    def test_split_the_crossfade_stays_at_the_begin_and_the_seam_is_a_hard_cut(self) -> None:
        state = edited((1, 3), (5, 9))
        state = finishing.set_join(state, identifiers(state)[1], Join(Fraction(1)))
        state, _ = editing.split_cut(state, identifiers(state)[1], Fraction(7), describe)
        assert [one.join for one in state.cuts] == [Join(), Join(Fraction(1)), Join()]

    def test_merged_cuts_follow_the_one_before_as_the_first_did(self) -> None:
        state = edited((1, 3), (5, 9), (10, 12))
        for name, seconds in zip(identifiers(state), (0, 1, 2), strict=True):
            state = finishing.set_join(state, name, Join(Fraction(seconds)))
        state = editing.merge_cuts(state, identifiers(state)[1:], describe)
        assert [one.join for one in state.cuts] == [Join(), Join(Fraction(1))]

    def test_it_goes_with_its_cut_and_a_duplicate_begins_hard(self) -> None:
        state = edited((1, 3), (5, 9))
        state = finishing.set_join(state, identifiers(state)[1], Join(Fraction(1)))
        state, _ = editing.duplicate_cuts(state, identifiers(state)[1:])
        assert [one.join for one in state.cuts] == [Join(), Join(Fraction(1)), Join()]
        state = editing.reorder_cuts(state, identifiers(state)[1:2], "")
        assert [one.join for one in state.cuts] == [Join(), Join(), Join(Fraction(1))]


class TestWindow:
    def test_a_first_keyframe_holds_for_the_whole_cut_and_can_be_replaced(self) -> None:
        state = edited((1, 5))
        (name,) = identifiers(state)
        state = finishing.put_keyframe(state, name, Keyframe(Fraction(2), 0.3))
        state = finishing.put_keyframe(state, name, Keyframe(Fraction(2), 7.0, -1.0, 99.0))
        assert state.cuts[0].camera == (Keyframe(Fraction(2), 1.0, 0.0, 16.0),)
        state = finishing.remove_keyframe(state, name, Fraction(2))
        assert state.cuts[0].camera == ()

    def test_keyframes_are_in_order_and_a_jump_stays_one(self) -> None:
        state = edited((0, 9))
        (name,) = identifiers(state)
        jump = (Keyframe(Fraction(2), 0.1), Keyframe(Fraction(2), 0.9))
        state = with_window(state, 0, (Keyframe(Fraction(0), 0.1), *jump))
        for time in (8, 2, 5):
            state = finishing.put_keyframe(state, name, Keyframe(Fraction(time), 0.4))
        assert [(one.time, one.x) for one in state.cuts[0].camera] == [
            (0, 0.1), (2, 0.1), (2, 0.4), (5, 0.4), (8, 0.4),
        ]  # fmt: skip
        state = finishing.remove_keyframe(state, name, Fraction(2))
        assert [one.time for one in state.cuts[0].camera] == [0, 5, 8]

    @pytest.mark.parametrize(
        "keyframe",
        [Keyframe(Fraction(9)), Keyframe(Fraction(0)), Keyframe(Fraction(2), float("nan"))],
    )
    def test_outside_of_the_cut_and_without_a_place_it_is_refused(self, keyframe: Keyframe) -> None:
        state = edited((1, 5))
        with pytest.raises(EditRefused):
            finishing.put_keyframe(state, identifiers(state)[0], keyframe)
        with pytest.raises(EditRefused, match="no keyframe here"):
            finishing.remove_keyframe(state, identifiers(state)[0], Fraction(2))

    def test_a_locked_cut_refuses(self) -> None:
        state = with_window(edited((1, 5)))
        state = editing.lock_cuts(state, identifiers(state), True)
        for edit in (
            lambda: finishing.put_keyframe(state, identifiers(state)[0], Keyframe(Fraction(2))),
            lambda: finishing.remove_keyframe(state, identifiers(state)[0], Fraction(1)),
            lambda: finishing.clear_camera(state, identifiers(state)),
        ):
            with pytest.raises(EditRefused, match="Unlock"):
                edit()

    def test_trimmed_and_split_a_cut_shows_the_same_window_at_the_same_moments(self) -> None:
        state = with_window(edited((0, 6)))
        trimmed = editing.change_cut(
            state, identifiers(state)[0], Span(Fraction(2), Fraction(6)), describe
        )
        parted, _ = editing.split_cut(state, identifiers(state)[0], Fraction(2), describe)
        assert [one.camera for one in (*trimmed.cuts, *parted.cuts)] == 3 * [WINDOW]
        merged = editing.merge_cuts(parted, identifiers(parted), describe)
        assert merged.cuts[0].camera == WINDOW

    def test_a_duplicate_has_it_too_and_clearing_leaves_it_to_the_look(self) -> None:
        state = with_window(edited((0, 6)))
        state, _ = editing.duplicate_cuts(state, identifiers(state))
        state = finishing.clear_camera(state, identifiers(state)[:1])
        assert [one.camera for one in state.cuts] == [(), WINDOW]

    @given(cameras, cameras, st.sampled_from([2, 5]))
    def test_merged_cuts_show_the_ends_and_keyframes_of_each(
        self, one: Camera, other: Camera, gap: int
    ) -> None:
        state = edited((10, 2000), (1998 + gap, 9000))
        state = with_window(with_window(state, 0, one), 1, other)
        first, second = state.cuts
        merged = editing.merge_cuts(state, identifiers(state), describe).cuts[0]
        for cut in (first, second):
            own = [each.time for each in cut.camera if cut.span.start < each.time < cut.span.end]
            for time in (cut.span.start, *own):
                before, after = window_at(cut.camera, time), window_at(merged.camera, time)
                assert (after.x, after.y) == pytest.approx((before.x, before.y), abs=1e-6)
                assert after.zoom == pytest.approx(before.zoom, rel=1e-6)


class TestClips:
    def test_the_short_has_joins_windows_and_the_captions_of_its_cuts(self) -> None:
        state = edited((0, 4), (6, 9), (20, 30))
        state = finishing.set_join(state, identifiers(state)[1], Join(Fraction(2), Fraction(-1)))
        state = with_window(state)
        captions = tuple(
            Caption(Span(Fraction(begin), Fraction(end)), f"{begin}")
            for begin, end in ((0, 1), (3, 5), (4, 6), (8, 21), (30, 31))
        )
        state = state.with_medium(replace(state.media[0], captions=captions))
        first, second, third = clips_of(state, {"a": INFO})
        assert (first.camera, second.camera) == (WINDOW, ())
        assert [one.join for one in (first, second, third)] == [
            Join(), Join(Fraction(2), Fraction(-1)), Join(),
        ]  # fmt: skip
        assert [[one.text for one in clip.captions] for clip in (first, second, third)] == [
            ["0", "3"], ["8"], ["8"],
        ]  # fmt: skip

    def test_a_join_is_no_longer_than_the_cuts_have_become_and_the_first_has_none(self) -> None:
        state = edited((0, 4), (6, 9))
        for name, join in zip(
            identifiers(state), (Join(Fraction(1)), Join(Fraction(3), Fraction(-4))), strict=True
        ):
            state = finishing.set_join(state, name, join)
        for name, (begin, end) in zip(identifiers(state), ((3, 4), (7, 9)), strict=True):
            span = Span(Fraction(begin), Fraction(end))
            state = editing.change_cut(state, name, span, describe)
        first, second = clips_of(state, {"a": INFO})
        assert (first.join, second.join) == (Join(), Join(Fraction(2), Fraction(-1)))
        rejected = editing.decide(state, identifiers(state)[:1], Decision.REJECTED)
        assert [clip.join for clip in clips_of(rejected, {"a": INFO})] == [Join()]
