from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.media.frames import exact_change, frame_times, read_pictures
from core.media.probe import MediaInfo, probe
from core.signals.base import run
from core.signals.motion import Motion
from core.signals.shots import Shots
from core.time import Grid, exact
from tests.synthetic import make_video


class MadePicture:
    """A picture with known pixels at a known time."""

    def __init__(self, time: Fraction, small: np.ndarray) -> None:
        self.seconds = float(time)
        self.is_key = False
        self._small = small.transpose(2, 0, 1).astype(np.float32)

    def small(self) -> np.ndarray:
        return self._small


@pytest.fixture(scope="module")
def ten_seconds(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    path = tmp_path_factory.mktemp("media") / "ten.mp4"
    make_video(path, seconds=10, audio=None)
    return probe(path)


def scene(seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    blocks = generator.integers(30, 225, (5, 8, 3))
    return np.kron(blocks, np.ones((9, 10, 1))).astype(np.float64)


def detect(info: MediaInfo, pictures: list[np.ndarray], fps: int = 25) -> list[tuple[float, float]]:
    pieces = [
        MadePicture(Fraction(n, fps), np.clip(p, 0, 255).astype(np.uint8))
        for n, p in enumerate(pictures)
    ]
    rows = run(Shots(), pieces, info, Grid(), lambda f, m: None, lambda: False)
    changes = rows.reshape(-1, len(Shots.columns))
    return [(e, b) for e, b, *_ in changes[np.isfinite(changes[:, 0])]]


@pytest.mark.parametrize("keyint", [12, 250])
def test_hard_cuts_are_found_to_the_frame(tmp_path: Path, keyint: int) -> None:
    path = tmp_path / "shots.mp4"
    cuts = [1.2, 2.0, 3.48, 5.0]
    make_video(path, seconds=6, fps=25, shots=cuts, audio=None, keyint=keyint, b_frames=2)
    info = probe(path)
    rows = run(Shots(), read_pictures(info), info, Grid(), lambda f, m: None, lambda: False)
    begins = rows[:, :, 1][np.isfinite(rows[:, :, 1])]
    assert begins.tolist() == pytest.approx(cuts, abs=0.005)


def test_cuts_on_frames_that_were_left_out_are_found_to_the_frame(tmp_path: Path) -> None:
    """Long groups of pictures with B-frames: most cuts fall on frames that are not decoded."""
    path = tmp_path / "shots.mp4"
    cuts = [Fraction(n, 25) for n in (106, 235, 387, 505, 663, 792)]
    make_video(path, seconds=36, fps=25, shots=cuts, audio=None, keyint=250, b_frames=3)
    info = probe(path)
    pictures = read_pictures(info, sparse=True)
    changes = run(Shots(), pictures, info, Grid(), lambda f, m: None, lambda: False).reshape(-1, 4)
    changes = changes[np.isfinite(changes[:, 0])]
    assert (changes[:, 3] < changes[:, 1]).any()
    found = [
        float(exact_change(info, *frame_times(info, [exact(earliest), exact(begins)])))
        for _, begins, _, earliest in changes
    ]
    assert found == pytest.approx([float(cut) for cut in cuts], abs=0.001)


def test_a_dissolve_is_one_change_with_a_begin_and_an_end(ten_seconds: MediaInfo) -> None:
    first, second = scene(1), scene(2)
    pictures = []
    for n in range(250):
        share = min(1.0, max(0.0, (n - 112) / 25))
        pictures.append((1 - share) * first + share * second)
    changes = detect(ten_seconds, pictures)
    assert len(changes) == 1
    assert changes[0][0] == pytest.approx(4.5, abs=0.3)
    assert changes[0][1] == pytest.approx(5.5, abs=0.3)


def test_a_flash_is_not_a_cut(ten_seconds: MediaInfo) -> None:
    pictures = [scene(1) for _ in range(250)]
    pictures[100] = pictures[100] + 90
    assert detect(ten_seconds, pictures) == []


def test_motion_is_not_a_cut(ten_seconds: MediaInfo) -> None:
    wide = np.tile(scene(3), (1, 4, 1))
    pictures = [np.roll(wide, -2 * n, axis=1)[:, :80] for n in range(250)]
    assert detect(ten_seconds, pictures) == []


def test_motion_and_stillness_are_told_apart_at_any_frame_rate(ten_seconds: MediaInfo) -> None:
    values = []
    for fps in (10, 25, 50):
        wide = np.tile(scene(3), (1, 4, 1))
        pieces = [
            MadePicture(
                Fraction(n, fps),
                np.roll(wide, -round(20 * min(n / fps, 5)), axis=1)[:, :80].astype(np.uint8),
            )
            for n in range(10 * fps)
        ]
        rows = run(Motion(), pieces, ten_seconds, Grid(), lambda f, m: None, lambda: False)
        assert rows[:4, 0].min() > 4 * rows[6:, 0].max() + 1
        values.append(rows[1:4, 0].mean())
    assert max(values) < 1.6 * min(values)
