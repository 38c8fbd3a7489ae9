"""Where the window is between keyframes, and that it never leaves the picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export.camera import Camera, Keyframe, window_at, window_rectangle, windows_at
from tests.export.windows import stream

SECOND = Fraction(1)
PARTS = st.floats(0, 1)


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    times = sorted(draw(st.lists(st.fractions(0, 20, max_denominator=30), min_size=1, max_size=8)))
    return tuple(Keyframe(time, draw(PARTS), draw(PARTS), draw(st.floats(1, 6))) for time in times)


def test_without_keyframes_the_largest_window_is_in_the_middle() -> None:
    assert window_at((), 3 * SECOND) == Keyframe(3 * SECOND, 0.5, 0.5, 1.0)


def test_outside_its_keyframes_the_window_stands_still() -> None:
    camera = (Keyframe(SECOND, 0.2, 0.3, 2.0), Keyframe(2 * SECOND, 0.8, 0.4, 1.0))
    assert window_at(camera, Fraction(-5)) == Keyframe(Fraction(-5), 0.2, 0.3, 2.0)
    assert window_at(camera, 9 * SECOND) == Keyframe(9 * SECOND, 0.8, 0.4, 1.0)


def test_it_sets_off_and_arrives_gently() -> None:
    camera = (Keyframe(Fraction(0), 0.2), Keyframe(2 * SECOND, 0.8))
    x = windows_at(camera, [Fraction(place, 50) for place in range(101)])[:, 0]
    speed = np.diff(x)
    assert window_at(camera, SECOND).x == pytest.approx(0.5)
    assert speed.max() > 10 * max(speed[0], speed[-1])
    assert np.abs(np.diff(speed)).max() < 0.05 * speed.max()


def test_keyframes_along_a_way_are_passed_without_a_stop() -> None:
    camera = tuple(Keyframe(place * SECOND, 0.1 * place) for place in range(8))
    x = windows_at(camera, [3 * SECOND + Fraction(place, 20) for place in range(20)])[:, 0]
    assert np.diff(x) == pytest.approx(0.1 / 20)


def test_two_keyframes_at_one_time_are_a_jump() -> None:
    camera = (
        Keyframe(Fraction(0), 0.2),
        Keyframe(SECOND, 0.3),
        Keyframe(SECOND, 0.9),
        Keyframe(2 * SECOND, 0.7),
    )
    assert window_at(camera, SECOND - Fraction(1, 1000)).x == pytest.approx(0.3, abs=1e-4)
    assert window_at(camera, SECOND).x == 0.9
    assert window_at(camera, SECOND + Fraction(1, 1000)).x == pytest.approx(0.9, abs=1e-4)


def test_a_jump_that_a_rounded_time_stamp_just_misses_has_happened() -> None:
    camera = (Keyframe(SECOND, 0.3), Keyframe(SECOND, 0.9))
    early = SECOND - Fraction(1, 1000)
    assert windows_at(camera, [early])[0, 0] == 0.3
    assert windows_at(camera, [early], Fraction(1, 500))[0, 0] == 0.9


@given(cameras(), st.fractions(-1, 21, max_denominator=100))
def test_it_never_goes_past_a_keyframe(camera: Camera, time: Fraction) -> None:
    place = window_at(camera, time)
    before = max((k for k in camera if k.time <= time), key=lambda k: k.time, default=camera[0])
    after = min((k for k in camera if k.time > time), key=lambda k: k.time, default=camera[-1])
    if camera[0].time <= time < camera[-1].time:
        last = [k for k in camera if k.time == before.time][-1]
        first = next(k for k in camera if k.time == after.time)
        for mine, one, other in (
            (place.x, last.x, first.x),
            (place.y, last.y, first.y),
            (place.zoom, last.zoom, first.zoom),
        ):
            assert min(one, other) - 1e-9 <= mine <= max(one, other) + 1e-9


@given(
    st.integers(40, 4000),
    st.integers(40, 4000),
    st.sampled_from(["source", "16:9", "9:16", "1:1", "4:5"]),
    st.sampled_from(["fill", "whole", "blur", "split"]),
    PARTS,
    PARTS,
    st.floats(1, 50),
)
def test_the_window_never_leaves_the_picture(
    width: int, height: int, aspect: str, layout: str, x: float, y: float, zoom: float
) -> None:
    place = Keyframe(Fraction(0), x, y, zoom)
    left, top, across, down = window_rectangle(stream(width, height), aspect, place, layout)
    assert left >= 0
    assert top >= 0
    assert across > 0
    assert down > 0
    assert left + across <= 1 + 1e-9
    assert top + down <= 1 + 1e-9


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("pixel", [Fraction(1), Fraction(4, 3)])
def test_the_window_has_the_shape_of_the_short(rotation: int, pixel: Fraction) -> None:
    video = stream(1280, 720, pixel=pixel, rotation=rotation)
    place = Keyframe(Fraction(0), 0.4, 0.5, 2.0)
    left, _, across, down = window_rectangle(video, "9:16", place)
    assert across * video.width / (down * video.height) == pytest.approx(9 / 16, rel=0.01)
    assert left + across / 2 == pytest.approx(0.4)
    assert down == pytest.approx(0.5)


def test_a_window_of_the_split_layout_has_half_the_height_of_the_short() -> None:
    video = stream(1920, 1080)
    _, _, across, down = window_rectangle(video, "9:16", Keyframe(Fraction(0)), "split")
    assert across * video.width / (down * video.height) == pytest.approx(9 / 8, rel=0.01)


def test_layouts_that_show_everything_have_no_window() -> None:
    place = Keyframe(Fraction(0), 0.1, 0.1, 4.0)
    for layout in ("whole", "blur"):
        assert window_rectangle(stream(1920, 1080), "9:16", place, layout) == (0, 0, 1, 1)
