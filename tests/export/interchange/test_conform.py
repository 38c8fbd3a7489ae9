from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from core.errors import UsageError
from core.export.clip import Clip, Join
from core.export.interchange.conform import conform
from core.export.interchange.timeline import ClipNotes, Timeline
from core.media.probe import probe
from core.time import Span
from tests.export.interchange.timelines import info_of, timeline_of, timelines
from tests.synthetic import make_video

NTSC = Fraction(30_000, 1001)
A, B = Path("/a.mp4"), Path("/b.mp4")


@given(timelines())
@settings(max_examples=50, deadline=None)
def test_both_lanes_are_without_gap_and_inside_their_videos(timeline: Timeline) -> None:
    cuts = conform(timeline)
    for lane in (cuts.pictures, cuts.sounds):
        assert lane[0].record == 0
        assert lane[-1].end == cuts.frames
        for before, piece in pairwise(lane):
            assert before.end == piece.record
        for number, piece in enumerate(lane):
            after = lane[number + 1].fade if number + 1 < len(lane) else 0
            assert 0 <= piece.fade <= piece.frames
            assert piece.frames > 0
            assert piece.start >= 0
            assert piece.start + (piece.frames + after) / cuts.rate <= piece.source.duration


@given(timelines(one_rate=True))
@settings(max_examples=50, deadline=None)
def test_cuts_at_frames_of_one_rate_stay_exactly_where_they_are(timeline: Timeline) -> None:
    cuts = conform(timeline)
    assert not [notice for notice in cuts.notices if "beside" in notice]
    for clip, piece in zip(timeline.clips, cuts.pictures, strict=True):
        assert piece.start + piece.source.zero == clip.span.start
        assert piece.frames / cuts.rate == clip.span.duration


def test_a_rate_between_the_frames_of_ntsc_is_counted_exactly() -> None:
    info = info_of(A, Fraction(2997, 100))
    cuts = conform(timeline_of(Clip(info, Span(300 / NTSC, 390 / NTSC)), rate=NTSC))
    assert cuts.pictures[0].start == 300 / NTSC
    assert cuts.pictures[0].frames == 90


def test_a_cut_between_the_frames_that_editors_count_is_named() -> None:
    clip = Clip(info_of(A, Fraction(2440, 100)), Span(Fraction(1), Fraction(2)))
    (notice,) = conform(timeline_of(clip, rate=Fraction(24))).notices
    assert "cut 1 (a.mp4)" in notice
    assert "ms beside" in notice


def test_a_video_of_variable_rate_begins_with_the_nearest_frame_that_is_counted(
    tmp_path: Path,
) -> None:
    times = [Fraction(number, 25) + Fraction(number % 3, 100) for number in range(75)]
    info = probe(make_video(tmp_path / "phone.mp4", times=times))
    start = times[32] - info.origin
    cuts = conform(timeline_of(Clip(info, Span(start, start + 1))))
    (piece,) = cuts.pictures
    assert abs(piece.start - start) <= 1 / (2 * piece.source.rate)
    assert "phone.mp4" in cuts.notices[0]


def test_a_crossfade_is_as_long_as_the_video_before_goes_on() -> None:
    info = info_of(A, seconds=10)
    first = Clip(info, Span(Fraction(8), Fraction(99, 10)))
    second = Clip(info_of(B), Span(Fraction(5), Fraction(7)), Join(crossfade=Fraction(1)))
    cuts = conform(timeline_of(first, second))
    # The cut ends after 247 or 248 of 250 frames.
    assert cuts.pictures[1].fade == 250 - 200 - cuts.pictures[0].frames
    assert "crossfade into cut 2" in cuts.notices[0]


def test_sound_changes_later_and_earlier_than_the_picture() -> None:
    a, b = info_of(A), info_of(B)
    cuts = conform(
        timeline_of(
            Clip(a, Span(Fraction(1), Fraction(3))),
            Clip(b, Span(Fraction(10), Fraction(12)), Join(sound=Fraction(1, 5))),
            Clip(a, Span(Fraction(20), Fraction(22)), Join(sound=Fraction(-2, 5))),
        )
    )
    assert [(p.record, p.end, p.start) for p in cuts.sounds] == [
        (0, 55, 1),
        (55, 90, Fraction(51, 5)),
        (90, 150, Fraction(98, 5)),
    ]
    assert cuts.split


def test_a_vertical_short_says_that_its_window_stays_behind() -> None:
    timeline = timeline_of(Clip(info_of(A), Span(Fraction(0), Fraction(1))))
    assert not conform(timeline).notices
    (notice,) = conform(replace(timeline, size=(1080, 1920))).notices
    assert "window of the picture" in notice


def test_a_cut_outside_of_its_video_is_refused() -> None:
    with pytest.raises(UsageError, match="outside"):
        conform(timeline_of(Clip(info_of(A), Span(Fraction(90), Fraction(91)))))


def test_a_cut_over_the_end_of_its_video_is_shortened() -> None:
    cuts = conform(timeline_of(Clip(info_of(A), Span(Fraction(59), Fraction(70)))))
    assert cuts.frames == 25


def test_a_timeline_needs_clips_and_as_many_notes() -> None:
    with pytest.raises(UsageError, match="no cuts"):
        Timeline("x", Fraction(25), ())
    clip = Clip(info_of(A), Span(Fraction(0), Fraction(1)))
    with pytest.raises(UsageError, match="notes"):
        Timeline("x", Fraction(25), (clip,), (ClipNotes(), ClipNotes()))
