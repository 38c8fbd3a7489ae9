"""The MFCC front-end."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import UsageError
from core.signals.mfcc import (
    COEFFICIENTS,
    DIMENSION,
    HOP,
    MELS,
    SAMPLE_RATE,
    WINDOW,
    feature_contract,
    frame_count,
    mel_basis,
    mfcc_cell,
    mfcc_cells,
)


def voice(seconds: float, pitch: float = 120.0, level: float = 0.1) -> np.ndarray:
    """A buzz with 20 harmonics."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 21))
    return (level * sound).astype(np.float32)


@pytest.mark.parametrize(("samples", "frames"), [(16_000, 50), (8_000, 25), (32_000, 100), (1, 1)])
def test_a_cell_has_fifty_frames_a_second(samples: int, frames: int) -> None:
    assert frame_count(samples) == frames
    assert mfcc_cell(np.zeros(samples, np.float32)).shape == (frames, DIMENSION)


def test_a_cell_depends_on_its_own_samples_only() -> None:
    sound = voice(3)
    cells = sound.reshape(3, SAMPLE_RATE)
    before = mfcc_cells(cells)
    changed = cells.copy()
    changed[0] = changed[2] = 0.5
    assert np.array_equal(mfcc_cells(changed)[1], before[1])
    np.testing.assert_allclose(mfcc_cell(cells[1]), before[1], atol=1e-3)


def test_a_tail_cell_is_that_of_its_own_samples() -> None:
    tail = voice(2.37)[2 * SAMPLE_RATE :]
    assert mfcc_cell(tail).shape == (19, DIMENSION)
    assert np.isfinite(mfcc_cell(tail[:5])).all()


def test_mel_basis_is_that_of_librosa() -> None:
    mel = pytest.importorskip("librosa.filters").mel
    theirs = mel(sr=SAMPLE_RATE, n_fft=WINDOW, n_mels=MELS)
    np.testing.assert_allclose(mel_basis(), theirs, atol=1e-6)


def test_coefficients_are_the_orthonormal_dct_of_the_mel_level() -> None:
    from scipy.fft import dct

    cell = voice(1)
    frame = cell[5 * HOP - (WINDOW - HOP) // 2 :][:WINDOW]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frame * window)) ** 2
    level = 10 * np.log10(np.maximum(mel_basis() @ power, 1e-9))
    expected = dct(level, norm="ortho")[:COEFFICIENTS]
    np.testing.assert_allclose(mfcc_cell(cell)[5, :COEFFICIENTS], expected, atol=0.02)


def test_silence_and_broken_samples_give_finite_numbers() -> None:
    broken = np.full(SAMPLE_RATE, np.nan, np.float32)
    assert np.isfinite(mfcc_cell(broken)).all()
    assert np.array_equal(mfcc_cell(broken), mfcc_cell(np.zeros(SAMPLE_RATE, np.float32)))


def test_a_louder_cell_differs_in_the_first_coefficient_only() -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, SAMPLE_RATE).astype(np.float32)
    quiet, loud = mfcc_cell(noise), mfcc_cell(2 * noise)
    difference = (loud - quiet)[5:45, :COEFFICIENTS]
    np.testing.assert_allclose(difference[:, 0], 20 * np.log10(2) * np.sqrt(MELS), atol=0.1)
    assert np.abs(difference[:, 1:]).max() < 0.1


@pytest.mark.parametrize("shape", [(0,), (2, 100)])
def test_what_is_no_cell_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        mfcc_cell(np.zeros(shape, np.float32))


def test_no_cells_give_no_frames() -> None:
    assert mfcc_cells(np.zeros((0, SAMPLE_RATE), np.float32)).shape == (0, 50, DIMENSION)


def test_contract_survives_json() -> None:
    assert json.loads(json.dumps(feature_contract())) == feature_contract()
