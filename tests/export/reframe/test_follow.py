"""The window keeps the subject in sight, and moves no more than it must."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Cancelled
from core.export.camera import Camera, Keyframe, windows_at
from core.export.framing import frame_pictures
from core.export.reframe import follow_subject
from core.media.probe import probe
from core.time import Span
from tests.export.reframe.subjects import RATE, draw_subject, film

Way = Callable[[float], float]
HALF_WINDOW = 9 / 16 / (16 / 9) / 2
HALF_SUBJECT = 12 / 320


def follow(path: Path, layout: str = "fill", aspect: str = "9:16") -> tuple[Camera, ...]:
    media = probe(path)
    [framing] = frame_pictures([media.video], aspect, layout=layout)
    return follow_subject(media, Span(Fraction(0), media.duration), framing, layout)


def film_way(folder: Path, way: Way, seconds: float) -> Path:
    return film(folder / "a.mp4", seconds, lambda time: draw_subject([(way(time), 0.5)]))


def middles(camera: Camera, seconds: float) -> NDArray[np.float64]:
    times = [Fraction(number, RATE) for number in range(round(seconds * RATE))]
    return windows_at(camera, times)[:, 0]


def turns(way: NDArray[np.float64]) -> int:
    steps = np.diff(way)
    signs = np.sign(steps[np.abs(steps) > 1e-6])
    return int((np.diff(signs) != 0).sum())


@pytest.mark.parametrize(
    ("way", "seconds", "of_subject"),
    [
        (lambda t: 0.15 + 0.7 * t / 6, 6, 0),
        (lambda t: 0.5 - 0.34 * np.cos(2 * np.pi * t / 8), 8, 1),
        (lambda t: 0.2 if t < 3 else min(0.8, 0.2 + 0.5 * (t - 3)), 6, 0),
    ],
    ids=["walks across", "walks there and back", "stands, walks, stands"],
)
def test_the_subject_stays_in_the_window(
    way: Way, seconds: float, of_subject: int, tmp_path: Path
) -> None:
    [camera] = follow(film_way(tmp_path, way, seconds))
    window = middles(camera, seconds)
    subject = np.array([way(number / RATE) for number in range(len(window))])
    inside = np.abs(subject - window.clip(HALF_WINDOW, 1 - HALF_WINDOW)) + HALF_SUBJECT
    assert np.mean(inside <= HALF_WINDOW) >= 0.95
    assert turns(window) <= of_subject + 1
    speed = np.abs(np.diff(window)) * RATE / (2 * HALF_WINDOW)
    assert speed.max() < 1.5


def test_the_window_rests_while_the_subject_only_wobbles(tmp_path: Path) -> None:
    path = film_way(tmp_path, lambda t: 0.6 + 0.03 * np.sin(5 * t) + 0.01 * np.sin(31 * t), 6)
    [camera] = follow(path)
    window = middles(camera, 6)
    assert np.ptp(window) == 0
    assert window[0] == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("b_frames", [0, 3])
def test_the_window_jumps_in_the_first_frame_of_a_new_shot(b_frames: int, tmp_path: Path) -> None:
    cut = Fraction(57, RATE)

    def picture(time: float) -> NDArray[np.uint8]:
        if time < float(cut) - 1e-6:
            return draw_subject([(0.25, 0.5)])
        return draw_subject([(0.75, 0.5)], ground=(150, 140, 90))

    [camera] = follow(film(tmp_path / "a.mp4", 5, picture, b_frames=b_frames))
    assert [key.time for key in camera].count(cut) == 2
    window = middles(camera, 5)
    assert window[:57] == pytest.approx(0.25, abs=0.06)
    assert window[57:] == pytest.approx(0.75, abs=0.06)


def test_each_window_of_split_follows_what_is_on_its_side(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 3, lambda t: draw_subject([(0.3, 0.35), (0.8, 0.65)]))
    upper, lower = follow(path, "split")
    assert upper[0].x == pytest.approx(0.3, abs=0.07)
    assert lower[0].x == pytest.approx(0.75, abs=0.07)
    assert upper[0].y < 0.47 < 0.53 < lower[0].y


def test_windows_that_cannot_move_stay_without_looking(tmp_path: Path) -> None:
    path = film_way(tmp_path, lambda t: 0.2, 1)
    assert follow(path, "blur") == ((),)
    assert follow(path, "whole", "1:1") == ((),)
    assert follow(path, "fill", "16:9") == ((),)


def test_the_same_video_gives_the_same_camera(tmp_path: Path) -> None:
    path = film_way(tmp_path, lambda t: 0.2 + 0.6 * t / 3, 3)
    assert follow(path) == follow(path)


def test_an_empty_picture_leaves_the_window_in_the_middle(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 1.0, lambda t: np.zeros((180, 320, 3), np.uint8))
    [camera] = follow(path)
    assert windows_at(camera, [Fraction(0), Fraction(1)])[:, 0] == pytest.approx(0.5, abs=0.02)


def test_one_frame_is_enough(tmp_path: Path) -> None:
    path = film_way(tmp_path, lambda t: 0.7, 0.04)
    [camera] = follow(path)
    assert camera == (Keyframe(Fraction(0), camera[0].x, 0.5, 1.0),)
    assert camera[0].x == pytest.approx(0.7, abs=0.05)


def test_only_the_stretch_is_looked_at_and_it_can_be_cancelled(tmp_path: Path) -> None:
    path = film_way(tmp_path, lambda t: 0.2 if t < 2 else 0.8, 4)
    media = probe(path)
    [framing] = frame_pictures([media.video], "9:16")
    seen: list[float] = []
    [camera] = follow_subject(
        media,
        Span(Fraction(5, 2), Fraction(7, 2)),
        framing,
        "fill",
        progress=lambda fraction, message: seen.append(fraction),
    )
    assert [key.x for key in camera] == pytest.approx([0.8] * len(camera), abs=0.06)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    with pytest.raises(Cancelled):
        follow_subject(
            media, Span(Fraction(0), Fraction(4)), framing, "fill", cancelled=lambda: len(seen) > 0
        )
