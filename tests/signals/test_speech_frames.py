"""What is measured of speech every 20 ms."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from scipy.fft import dct

from core.errors import UsageError
from core.media.probe import MediaInfo, probe
from core.media.sound import SoundCell
from core.signals.framing import FRAMES_PER_SECOND, HOP, WINDOW
from core.signals.mfcc import COEFFICIENTS, FLOOR, LOUDNESS_COLUMN, MELS, mel_basis
from core.signals.speech_coefficients import SpeechCoefficients
from core.signals.speech_frames import (
    DIMENSION,
    PITCH,
    SAMPLE_RATE,
    VOICING,
    feature_contract,
    frame_count,
    speech_frames,
)
from core.signals.voice_quality import COLUMNS
from core.time import Grid
from tests.synthetic import make_video


def voice(seconds: float, pitch: float = 120.0, level: float = 0.1) -> np.ndarray:
    """A buzz with 20 harmonics."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 21))
    return (level * sound).astype(np.float32)


@pytest.fixture
def noisy_voice() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.01, SAMPLE_RATE)
    return (voice(1) + noise).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "frames"),
    [(16_000, 50), (8_000, 25), (32_000, 100), (1, 1), (479, 1), (480, 2), (799, 2), (800, 3)],
)
def test_a_cell_has_fifty_frames_a_second(samples: int, frames: int) -> None:
    assert frame_count(samples) == frames
    found = speech_frames(np.zeros((2, samples), np.float32))
    assert found.shape == (2, frames, DIMENSION)
    assert found.dtype == np.float32


def test_the_columns_are_the_coefficients_then_the_voice_quality(noisy_voice: np.ndarray) -> None:
    assert COEFFICIENTS + len(COLUMNS) == DIMENSION
    frame = speech_frames(noisy_voice[None])[0, 25]
    assert COLUMNS[PITCH - COEFFICIENTS] == "pitch"
    assert COLUMNS[VOICING - COEFFICIENTS] == "voicing"
    assert frame[PITCH] == pytest.approx(12 * np.log2(120 / 100), abs=0.1)
    assert 0.9 < frame[VOICING] <= 1


def test_a_cell_depends_on_its_own_samples_only() -> None:
    cells = voice(3).reshape(3, SAMPLE_RATE)
    before = speech_frames(cells)
    changed = cells.copy()
    changed[0] = changed[2] = 0.5
    assert np.array_equal(speech_frames(changed)[1], before[1])
    np.testing.assert_allclose(speech_frames(cells[1:2])[0], before[1], atol=1e-3)


def test_many_cells_give_what_each_gives_alone() -> None:
    cells = np.random.default_rng(0).normal(0, 0.1, (37, SAMPLE_RATE)).astype(np.float32)
    together = speech_frames(cells)
    for row in (0, 15, 16, 36):
        np.testing.assert_allclose(speech_frames(cells[row : row + 1])[0], together[row], atol=1e-3)


def test_a_frame_is_centred_on_its_twenty_milliseconds() -> None:
    cell = np.zeros((1, SAMPLE_RATE), np.float32)
    cell[0, 30 * HOP + HOP // 2] = 1.0
    assert speech_frames(cell)[0, :, LOUDNESS_COLUMN].argmax() == 30


def test_coefficients_are_those_of_a_hann_window_around_the_frame() -> None:
    cell = voice(1)
    frame = cell[5 * HOP - (WINDOW - HOP) // 2 :][:WINDOW]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frame * window)) ** 2
    level = 10 * np.log10(np.maximum(mel_basis() @ power, FLOOR))
    expected = dct(level, norm="ortho")[:COEFFICIENTS]
    found = speech_frames(cell[None])[0, 5, :COEFFICIENTS]
    np.testing.assert_allclose(found, expected, atol=0.02)


@pytest.mark.parametrize("samples", [1, 2, 5, 351, 352, 353, 1023, 5920])
def test_a_tail_cell_is_that_of_its_own_samples(samples: int) -> None:
    tail = speech_frames(voice(2.37)[None, 2 * SAMPLE_RATE :][:, :samples])
    assert tail.shape == (1, frame_count(samples), DIMENSION)
    assert np.isfinite(tail).all()


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_broken_samples_count_as_silence(broken: float) -> None:
    silence = speech_frames(np.zeros((1, SAMPLE_RATE), np.float32))
    assert np.isfinite(silence).all()
    found = speech_frames(np.full((1, SAMPLE_RATE), broken, np.float32))
    assert np.array_equal(found, silence)


def test_broken_samples_touch_only_the_frames_that_hear_them(noisy_voice: np.ndarray) -> None:
    broken = noisy_voice.copy()
    broken[8000:8010] = np.nan
    moved = np.abs(speech_frames(np.stack([broken]))[0] - speech_frames(noisy_voice[None])[0])
    # Ten samples less shift the mean of the cell, which is taken out of every frame, a little.
    assert set(np.flatnonzero(moved.max(axis=1) > 0.1)) <= set(range(22, 29))


@pytest.mark.parametrize("gain", [0.2, 2.0, 5.0])
def test_a_louder_sound_differs_in_the_loudness_only(noisy_voice: np.ndarray, gain: float) -> None:
    plain, louder = speech_frames(np.stack([noisy_voice, np.float32(gain) * noisy_voice]))
    difference = louder - plain
    expected = 20 * np.log10(gain) * np.sqrt(MELS)
    np.testing.assert_allclose(difference[:, LOUDNESS_COLUMN], expected, atol=0.05)
    assert np.abs(np.delete(difference, LOUDNESS_COLUMN, axis=1)).max() < 0.01


@pytest.mark.parametrize("shape", [(0,), (100,), (2, 0), (1, 2, 100)])
def test_what_are_no_cells_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="rows of samples"):
        speech_frames(np.zeros(shape, np.float32))


def test_no_cells_give_no_frames() -> None:
    found = speech_frames(np.zeros((0, SAMPLE_RATE), np.float32))
    assert found.shape == (0, 50, DIMENSION)


def test_the_contract_survives_json_and_names_the_columns() -> None:
    contract = feature_contract()
    assert json.loads(json.dumps(contract)) == contract
    assert contract["coefficients"] + len(contract["voice_quality"]) == DIMENSION


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    path = tmp_path_factory.mktemp("media") / "video.mkv"
    return probe(make_video(path, seconds=3, fps=5))


def row_of(info: MediaInfo, grid: Grid, samples: np.ndarray, first: int = 0) -> list[np.ndarray]:
    extractor = SpeechCoefficients().start(info, grid, first)
    return list(extractor.feed(SoundCell(1, np.zeros((1, 0), np.float32), samples)))


@pytest.mark.parametrize("step", ["0.5", "1", "2"])
def test_a_stored_row_is_the_frames_of_its_cell(info: MediaInfo, step: str) -> None:
    grid = Grid(Fraction(step))
    samples = voice(float(step))
    (row,) = row_of(info, grid, samples)
    layout = SpeechCoefficients().row_format(info, grid)
    assert row.shape == layout.shape == (int(FRAMES_PER_SECOND * grid.step), DIMENSION)
    assert row.dtype == np.dtype(layout.dtype) == np.float16
    np.testing.assert_allclose(row, speech_frames(samples[None])[0], rtol=1e-3, atol=1e-3)


def test_frames_that_a_last_cell_does_not_have_are_missing(info: MediaInfo) -> None:
    (row,) = row_of(info, Grid(), voice(0.37))
    assert np.isfinite(row).all(axis=1).tolist() == [True] * 19 + [False] * 31
    assert np.isnan(row_of(info, Grid(), voice(0))[0]).all()


def test_a_cell_that_is_a_sample_too_long_still_fits_its_row(info: MediaInfo) -> None:
    (row,) = row_of(info, Grid(), voice(1.02))
    assert row.shape == (50, DIMENSION)


def test_cells_before_the_first_give_no_rows(info: MediaInfo) -> None:
    assert row_of(info, Grid(), voice(1), first=2) == []


def test_loud_and_silent_cells_survive_half_precision(info: MediaInfo) -> None:
    square = np.sign(voice(1)).astype(np.float32)
    for samples in (square, np.zeros(SAMPLE_RATE, np.float32)):
        assert np.isfinite(row_of(info, Grid(), samples)[0]).all()
