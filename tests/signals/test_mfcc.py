"""Mel-frequency cepstral coefficients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.signals.framing import SAMPLE_RATE, WINDOW
from core.signals.mfcc import COEFFICIENTS, FLOOR, LOUDNESS_COLUMN, MELS, cepstrum, mel_basis

BINS = WINDOW // 2 + 1


@pytest.fixture
def power() -> np.ndarray:
    """Spectra of noise that falls towards high frequencies."""
    fall = np.linspace(0, -4, BINS)
    return (10 ** (np.random.default_rng(0).normal(0, 0.3, (3, 7, BINS)) + fall)).astype(np.float32)


def test_mel_basis_is_that_of_librosa() -> None:
    mel = pytest.importorskip("librosa.filters").mel
    theirs = mel(sr=SAMPLE_RATE, n_fft=WINDOW, n_mels=MELS)
    np.testing.assert_allclose(mel_basis(), theirs, atol=1e-6)


def test_every_mel_band_hears_something() -> None:
    assert (mel_basis().max(axis=1) > 0).all()


def test_coefficients_are_the_orthonormal_dct_of_the_mel_level(power: np.ndarray) -> None:
    from scipy.fft import dct

    level = 10 * np.log10(np.maximum(power.astype(np.float64) @ mel_basis().T, FLOOR))
    expected = dct(level, norm="ortho")[..., :COEFFICIENTS]
    found = cepstrum(torch.from_numpy(power)).numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.002)


def test_the_loudness_column_follows_the_mean_mel_level_alone(power: np.ndarray) -> None:
    quiet, loud = (cepstrum(torch.from_numpy(gain * power)).numpy() for gain in (1, 4))
    difference = loud - quiet
    expected = 10 * np.log10(4) * np.sqrt(MELS)
    np.testing.assert_allclose(difference[..., LOUDNESS_COLUMN], expected, atol=1e-3)
    assert np.abs(np.delete(difference, LOUDNESS_COLUMN, axis=-1)).max() < 1e-3


def test_silence_is_the_floor_in_every_band() -> None:
    found = cepstrum(torch.zeros(1, BINS)).numpy()[0]
    assert found[LOUDNESS_COLUMN] == pytest.approx(10 * np.log10(FLOOR) * np.sqrt(MELS), abs=1e-3)
    np.testing.assert_allclose(np.delete(found, LOUDNESS_COLUMN), 0, atol=1e-3)
