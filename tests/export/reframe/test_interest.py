"""What moves or stands out is found, also before a moving camera."""

from __future__ import annotations

import numpy as np

from core.export.reframe.interest import MAP_HEIGHT, MAP_WIDTH, motion_map, saliency_map


def ground(seed: int = 3) -> np.ndarray:
    coarse = np.random.default_rng(seed).uniform(40, 200, (14, 30))
    return np.kron(coarse, np.ones((6, 6))).astype(np.float32)


def test_a_moving_camera_is_no_motion() -> None:
    scene = ground()
    before, now = scene[:MAP_HEIGHT, 4 : 4 + MAP_WIDTH], scene[:MAP_HEIGHT, 8 : 8 + MAP_WIDTH]
    still = motion_map(before.copy(), now.copy())
    before, now = before.copy(), now.copy()
    before[20:34, 60:70] = 250
    now[20:34, 66:76] = 250
    moving = motion_map(before, now)
    assert still.sum() == 0
    assert moving[14:40, 54:82].sum() > 0.7


def test_noise_is_no_motion() -> None:
    scene = ground()[:MAP_HEIGHT, :MAP_WIDTH]
    noise = np.random.default_rng(1).normal(0, 4, (2, MAP_HEIGHT, MAP_WIDTH)).astype(np.float32)
    assert motion_map(scene + noise[0], scene + noise[1]).sum() == 0


def test_what_has_another_colour_stands_out_and_black_bars_do_not() -> None:
    picture = np.zeros((MAP_HEIGHT, MAP_WIDTH, 3), np.uint8)
    picture[:, 16:-16] = (90, 100, 110)
    picture[20:34, 60:68] = (200, 60, 40)
    stands_out = saliency_map(picture)
    assert stands_out[14:40, 54:74].sum() > 0.8


def test_nothing_stands_out_in_an_even_picture() -> None:
    assert saliency_map(np.full((MAP_HEIGHT, MAP_WIDTH, 3), 70, np.uint8)).sum() == 0
