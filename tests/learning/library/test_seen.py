"""Which stretches count as watched."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.learning.library.seen import MOST_SPANS, SeenTracker
from core.time import Span
from tests.learning.library.corrected import A, B, span


def play(
    tracker: SeenTracker, video: str, begin: float, end: float, *, clock: float = 0.0,
    speed: float = 1.0,
) -> float:  # fmt: skip
    """Plays a stretch with sixty times a second; gives what the clock shows then."""
    seconds = np.linspace(0, end - begin, round((end - begin) / speed * 60) + 1)
    for gone in seconds:
        tracker.add(video, begin + float(gone), clock + float(gone) / speed, speed)
    return clock + (end - begin) / speed


def test_what_is_played_was_watched_to_the_microsecond() -> None:
    tracker = SeenTracker()
    play(tracker, A, 3.25, 10.125, clock=100)
    assert tracker.seen() == {A: (span("3.25", "10.125"),)}


def test_jumps_are_not_watched() -> None:
    tracker = SeenTracker()
    clock = play(tracker, A, 0, 5)
    clock = play(tracker, A, 20, 22, clock=clock)
    play(tracker, A, 10, 11, clock=clock)
    assert tracker.seen() == {A: (span(0, 5), span(10, 11), span(20, 22))}


def test_a_pause_before_a_jump_hides_nothing() -> None:
    tracker = SeenTracker()
    clock = play(tracker, A, 0, 5)
    tracker.pause()
    play(tracker, A, 5.9, 8, clock=clock + 60)
    assert tracker.seen() == {A: (span(0, 5), span("5.9", 8))}
    # Even a player that forgets to say that it paused is not believed over a minute.
    forgetful = SeenTracker()
    clock = play(forgetful, A, 0, 5)
    play(forgetful, A, 30, 31, clock=clock + 60)
    assert forgetful.seen() == {A: (span(0, 5), span(30, 31))}


def test_fast_and_backward_playing_is_searching() -> None:
    tracker = SeenTracker()
    clock = play(tracker, A, 0, 60, speed=4)
    for back in range(60):
        tracker.add(A, 60 - back, clock + back, -1.0)
    assert tracker.seen() == {}
    play(tracker, A, 10, 20, clock=1000, speed=2)
    assert tracker.seen() == {A: (span(10, 20),)}


def test_faster_from_the_middle_on_only_the_first_part_counts() -> None:
    tracker = SeenTracker()
    clock = play(tracker, A, 0, 10)
    play(tracker, A, 10, 50, clock=clock, speed=8)
    assert tracker.seen() == {A: (span(0, 10),)}


def test_each_video_counts_for_itself() -> None:
    tracker = SeenTracker()
    clock = play(tracker, A, 0, 3)
    clock = play(tracker, B, 3, 6, clock=clock)
    play(tracker, A, 6, 7, clock=clock)
    assert tracker.seen() == {A: (span(0, 3), span(6, 7)), B: (span(3, 6),)}


def test_watching_goes_on_from_what_was_watched_before() -> None:
    tracker = SeenTracker({A: (span(0, 5), span(40, 50))})
    play(tracker, A, 5.3, 8)
    assert tracker.seen() == {A: (span(0, 8), span(40, 50))}


def test_looking_at_it_while_it_plays_changes_nothing() -> None:
    tracker = SeenTracker()
    clock = 0.0
    for second in range(5):
        clock = play(tracker, A, second, second + 1, clock=clock)
        assert tracker.seen() == {A: (span(0, second + 1),)}


def test_a_thousand_jumps_do_not_grow_without_end() -> None:
    tracker = SeenTracker()
    for number in range(MOST_SPANS + 200):
        tracker.add(A, 10.0 * number, 100.0 * number)
        tracker.add(A, 10.0 * number + 1 + number / 5000, 100.0 * number + 1.5)
    spans = tracker.seen()[A]
    assert len(spans) == MOST_SPANS
    assert min(one.duration for one in spans) > 1


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 40)), max_size=20))
def test_it_is_what_all_stretches_cover(played: list[tuple[int, int]]) -> None:
    """In tenths of a second, against a row of flags."""
    tracker = SeenTracker()
    flags = np.zeros(700, bool)
    for number, (begin, length) in enumerate(played):
        tracker.pause()
        tracker.add(A, begin / 10, 1000.0 * number)
        for step in range(1, length + 1):
            tracker.add(A, (begin + step) / 10, 1000.0 * number + step / 10)
        flags[begin : begin + length] = True
    spans = tracker.seen().get(A, ())
    told = np.zeros(700, bool)
    for one in spans:
        told[int(one.start * 10) : int(one.end * 10)] = True
    assert (told >= flags).all()
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (told & ~flags).view(np.int8), [0]))))
    assert all(end - begin <= 5 for begin, end in zip(edges[::2], edges[1::2], strict=True))
    assert all(a.end + Fraction(1, 2) < b.start for a, b in pairwise(spans))
    assert all(isinstance(one, Span) for one in spans)
