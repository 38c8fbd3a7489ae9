from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.media.probe import probe
from core.media.sound import FULL_RATE, SPEECH_RATE, read_sound
from core.time import Grid
from tests.synthetic import make_video


@pytest.mark.parametrize(
    ("layout", "rate"), [("mono", 8_000), ("stereo", 44_100), ("stereo", 48_000), ("5.1", 48_000)]
)
def test_a_beep_is_heard_in_its_second(tmp_path: Path, layout: str, rate: int) -> None:
    path = tmp_path / "beep.mkv"
    make_video(path, seconds=4, beeps=[2.5], audio=layout, sample_rate=rate)
    levels = [np.abs(cell.speech).max() for cell in read_sound(probe(path), Grid())]
    assert int(np.argmax(levels)) == 2
    assert max(levels[:2] + levels[3:]) < 0.05 * levels[2]


@pytest.mark.parametrize("step", ["0.5", "0.7", "1", "2"])
def test_cells_follow_each_other_without_gap_to_the_end(tmp_path: Path, step: str) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, seconds=3.3)
    info = probe(path)
    grid = Grid(Fraction(step))
    cells = list(read_sound(info, grid))
    assert [cell.index for cell in cells] == list(range(grid.count(info.duration)))
    total = sum(cell.full.shape[1] for cell in cells)
    assert total == round(info.duration * FULL_RATE)
    assert all(abs(cell.speech.size * 3 - cell.full.shape[1]) < 3 for cell in cells), SPEECH_RATE


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_reading_from_a_cell_gives_the_same_sound(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, seconds=6, beeps=[1.2, 3.4, 4.6], tone=0.1, sample_rate=rate)
    info = probe(path)
    whole = list(read_sound(info, Grid()))
    later = list(read_sound(info, Grid(), first_cell=3))
    assert [cell.index for cell in later] == [3, 4, 5]
    for a, b in zip(whole[3:], later, strict=True):
        assert np.abs(a.full - b.full).max() < 0.02


def test_late_sound_is_silence_first(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    make_video(path, seconds=4, audio_start=2, tone=0.3)
    levels = [float(np.abs(cell.full).max()) for cell in read_sound(probe(path), Grid())]
    assert max(levels[:2]) < 0.01
    assert min(levels[2:]) > 0.1


def test_sound_that_ends_early_is_silence_after(tmp_path: Path) -> None:
    path = tmp_path / "short.mkv"
    make_video(path, seconds=4, audio_seconds=1, tone=0.3)
    cells = list(read_sound(probe(path), Grid()))
    assert len(cells) == 4
    assert np.abs(cells[3].full).max() == 0


def test_a_lone_channel_and_two_equal_ones_are_equally_loud(tmp_path: Path) -> None:
    levels = []
    for layout in ("mono", "stereo"):
        path = tmp_path / f"{layout}.mkv"
        make_video(path, seconds=2, tone=0.2, audio=layout)
        cell = next(iter(read_sound(probe(path), Grid())))
        levels.append(float(np.sqrt(np.mean(cell.speech**2))))
    assert abs(20 * np.log10(levels[0] / levels[1])) < 0.3


def test_no_sound_gives_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    make_video(path, seconds=1, audio=None)
    assert list(read_sound(probe(path), Grid())) == []


def test_a_sound_that_changes_its_channels_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    make_video(tmp_path / "a.ts", seconds=2, tone=0.2)
    make_video(tmp_path / "b.ts", seconds=2, tone=0.2, audio="mono", start=2, audio_start=2)
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    info = probe(path)
    cells = list(read_sound(info, Grid()))
    assert len({cell.full.shape[0] for cell in cells}) == 1
    assert np.abs(cells[0].full).max() > 0.1
