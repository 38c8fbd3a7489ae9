from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.media.probe import probe
from core.media.sound import FULL_RATE, SoundCell, read_sound
from core.signals.base import run
from core.signals.loudness import SILENCE, Loudness
from core.time import Grid
from tests.synthetic import make_video


@pytest.fixture(scope="module")
def stereo_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "stereo.mkv"
    make_video(path, seconds=6)
    return path


def measure(video: Path, samples: np.ndarray, step: str = "1") -> np.ndarray:
    from fractions import Fraction

    info, grid = probe(video), Grid(Fraction(step))
    size = int(FULL_RATE * grid.step)
    cells = [
        SoundCell(i, samples[:, i * size : (i + 1) * size], np.zeros(0, np.float32))
        for i in range(samples.shape[1] // size)
    ]
    return run(Loudness(), cells, info, grid, lambda f, m: None, lambda: False)


def sine(frequency: float, decibels: float, seconds: int = 6) -> np.ndarray:
    time = np.arange(seconds * FULL_RATE) / FULL_RATE
    wave = 10 ** (decibels / 20) * np.sin(2 * np.pi * frequency * time)
    return np.stack([wave, wave]).astype(np.float32)


@pytest.mark.parametrize("decibels", [-23.0, -33.0])
def test_the_calibration_tone_reads_as_ebu_tech_3341_says(
    stereo_video: Path, decibels: float
) -> None:
    """EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz at x dBFS has x LUFS."""
    rows = measure(stereo_video, sine(1000, decibels))
    assert rows[4:, :3] == pytest.approx(decibels, abs=0.1)
    assert rows[4, 3] == pytest.approx(decibels, abs=0.1)


def test_silence_reads_as_the_gate(stereo_video: Path) -> None:
    rows = measure(stereo_video, np.zeros((2, 6 * FULL_RATE), np.float32))
    assert np.all(rows[:, :3] == SILENCE)


def test_deep_sound_counts_less_than_high_sound(stereo_video: Path) -> None:
    deep = measure(stereo_video, sine(40, -20))[4, 0]
    high = measure(stereo_video, sine(4000, -20))[4, 0]
    assert high - deep > 6


def test_a_later_start_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "video.mkv"
    make_video(path, seconds=9, beeps=[1.2, 4.4, 6.1], tone=0.05)
    info, grid = probe(path), Grid()
    whole = run(Loudness(), read_sound(info, grid), info, grid, lambda f, m: None, lambda: False)
    extractor = Loudness().start(info, grid, 6)
    rows = [row for cell in read_sound(info, grid, 2) for row in extractor.feed(cell)]
    assert np.array(rows) == pytest.approx(whole[6:], abs=0.05)
