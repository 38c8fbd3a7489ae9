"""How a voice sounds: pitch, voicing, and the slope of its spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from core.signals.mfcc import COEFFICIENTS
from core.signals.speech_frames import SAMPLE_RATE, speech_frames
from core.signals.voice_quality import COLUMNS, VOICED

MIDDLE = slice(3, 47)
"""Frames that hear nothing of the reflection at the ends of a cell of 1 s."""
FREQUENCIES = np.geomspace(70, 450, 33)


def voice(pitch: float, fall: float = 1.0, harmonics: int | None = None) -> np.ndarray:
    """1 s of harmonics below 7.5 kHz; the n-th one has the amplitude n^-fall."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    numbers = range(1, (harmonics or int(7500 // pitch)) + 1)
    tones = (np.sin(2 * np.pi * pitch * k * time + k * k) / k**fall for k in numbers)
    return np.asarray(0.1 * sum(tones), np.float32)


def noise(level: float = 0.05, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, SAMPLE_RATE).astype(np.float32)


def measured(sound: np.ndarray) -> dict[str, np.ndarray]:
    """The columns by name: (50,) of one sound, (C, 50) of many."""
    frames = speech_frames(np.atleast_2d(sound).astype(np.float32))[..., COEFFICIENTS:]
    if sound.ndim == 1:
        frames = frames[0]
    return {name: frames[..., column] for column, name in enumerate(COLUMNS)}


def semitones(hertz: float | np.ndarray) -> np.ndarray:
    return np.asarray(12 * np.log2(np.asarray(hertz) / 100))


@pytest.mark.parametrize("fall", [0.75, 1.0, 1.5, 2.0, 3.0])
def test_the_pitch_of_a_voice_is_its_fundamental(fall: float) -> None:
    found = measured(np.stack([voice(pitch, fall) for pitch in FREQUENCIES]))
    error = np.abs(found["pitch"] - semitones(FREQUENCIES)[:, None])[:, MIDDLE]
    assert error.max() < 0.3
    assert found["voicing"][:, MIDDLE].min() > 0.9


@pytest.mark.parametrize("harmonics", [1, 2, 5])
def test_the_pitch_of_a_tone_is_its_frequency(harmonics: int) -> None:
    found = measured(np.stack([voice(f, harmonics=harmonics) for f in FREQUENCIES]))
    error = np.abs(found["pitch"] - semitones(FREQUENCIES)[:, None])[:, MIDDLE]
    assert error.max() < 0.3


def test_a_voice_without_its_fundamental_keeps_its_pitch() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    telephone = sum(0.1 * np.sin(2 * np.pi * 120 * k * time) / k for k in range(3, 25))
    pitch = measured(np.asarray(telephone, np.float32))["pitch"][MIDDLE]
    assert np.abs(pitch - semitones(120)).max() < 0.3


@pytest.mark.parametrize("second", [2.0, 3.0])
def test_a_strong_second_harmonic_is_not_the_pitch(second: float) -> None:
    pitches = np.array([80.0, 120, 180, 240, 300])
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    strengths = (1.0, second, 0.5, 0.4, 0.2)
    sounds = [
        sum(0.1 * s * np.sin(2 * np.pi * f * k * time) for k, s in enumerate(strengths, 1))
        for f in pitches
    ]
    found = measured(np.stack(sounds))["pitch"][:, MIDDLE]
    assert np.abs(found - semitones(pitches)[:, None]).max() < 0.3


def test_a_gliding_voice_is_followed() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    hertz = 120 * 2**time
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    sound = sum(0.1 * np.sin(k * phase) / k for k in range(1, 15))
    expected = semitones(hertz[160::320])
    pitch = measured(np.asarray(sound, np.float32))["pitch"]
    assert np.abs(pitch - expected)[MIDDLE].max() < 0.3


def test_a_little_noise_does_not_change_the_pitch() -> None:
    found = measured(voice(180) + noise(0.02))
    assert np.abs(found["pitch"][MIDDLE] - semitones(180)).max() < 0.3
    assert found["voicing"][MIDDLE].min() > VOICED


def test_noise_is_not_voiced() -> None:
    for seed in range(4):
        assert measured(noise(seed=seed))["voicing"].max() < VOICED


def test_more_noise_makes_a_voice_less_harmonic() -> None:
    found = [measured(voice(150) + noise(level)) for level in (0.001, 0.02, 0.1)]
    levels = [columns["harmonicity"][MIDDLE].mean() for columns in found]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] - levels[2] > 10


@pytest.mark.parametrize("sound", [np.zeros(SAMPLE_RATE), np.full(SAMPLE_RATE, np.nan)])
def test_silence_and_broken_samples_are_finite_and_not_voiced(sound: np.ndarray) -> None:
    found = measured(sound)
    assert all(np.isfinite(column).all() for column in found.values())
    assert found["voicing"].max() < VOICED


def test_pitch_and_voicing_stay_in_their_ranges() -> None:
    random = np.random.default_rng(0)
    clicks = np.where(random.random(SAMPLE_RATE) < 0.001, 1.0, 0.0)
    square = np.sign(voice(90))
    rumble = np.sin(2 * np.pi * 20 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    found = measured(np.stack([clicks, square, rumble, noise(1.0), 1e-4 * noise()]))
    assert all(np.isfinite(column).all() for column in found.values())
    assert found["voicing"].min() > 0
    assert found["voicing"].max() < 1
    assert found["pitch"].min() > semitones(60) - 0.2
    assert found["pitch"].max() < semitones(500) + 0.4


def test_loudness_changes_no_column() -> None:
    sound = voice(140) + noise(0.01)
    plain = measured(sound)
    for gain in (0.5, 3.0, 10.0):
        louder = measured(np.float32(gain) * sound)
        for name in COLUMNS:
            np.testing.assert_allclose(louder[name], plain[name], atol=0.01, err_msg=name)


def test_a_steeper_spectrum_has_a_higher_alpha_ratio_and_a_steeper_slope() -> None:
    found = [measured(voice(140, fall)) for fall in (0.5, 1.0, 1.5, 2.0)]
    middle = {name: [columns[name][MIDDLE].mean() for columns in found] for name in COLUMNS}
    for rising in ("alpha ratio", "hammarberg index"):
        assert (np.diff(middle[rising]) > 3).all(), rising
    for falling in ("slope to 500 Hz", "slope to 1500 Hz"):
        assert (np.diff(middle[falling]) < -3).all(), falling
    assert (np.diff(middle["centroid"]) < 0).all()


def test_the_ratios_are_those_of_the_bands_in_decibels() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    two = np.sin(2 * np.pi * 500 * time) + 0.1 * np.sin(2 * np.pi * 3000 * time)
    found = measured(0.1 * two)
    assert found["alpha ratio"][MIDDLE] == pytest.approx(20, abs=0.1)
    assert found["hammarberg index"][MIDDLE] == pytest.approx(20, abs=0.1)


def test_the_slope_of_even_noise_is_flat() -> None:
    found = measured(np.stack([noise(seed=seed) for seed in range(8)]))
    assert found["slope to 1500 Hz"].mean() == pytest.approx(0, abs=1.0)
    assert found["alpha ratio"].mean() == pytest.approx(10 * np.log10(950 / 4000), abs=0.5)


def test_flux_is_higher_where_the_sound_changes() -> None:
    changing = voice(140)
    changing[SAMPLE_RATE // 2 :] = voice(300)[SAMPLE_RATE // 2 :]
    flux = measured(changing)["flux"]
    assert 22 <= flux.argmax() <= 27
    assert flux[5:20].max() < 0.1 * flux.max()
    assert measured(noise())["flux"].mean() > flux[5:20].mean()


def test_the_pitch_and_the_bands_above_50_hz_do_not_hear_direct_current() -> None:
    sound = voice(140) + noise(0.01)
    plain, shifted = measured(sound), measured(sound + 0.1)
    for name in ("pitch", "voicing", "alpha ratio", "slope to 1500 Hz"):
        np.testing.assert_allclose(
            shifted[name][MIDDLE], plain[name][MIDDLE], atol=0.02, err_msg=name
        )


def test_direct_current_and_rumble_are_not_voiced() -> None:
    rumble = 0.3 * np.sin(2 * np.pi * 8 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    found = measured(np.stack([noise() + 0.2, noise() + rumble]))
    assert found["voicing"][:, MIDDLE].max() < VOICED


def test_direct_current_and_rumble_are_no_voice() -> None:
    plain, shifted = voice(150), voice(150) + np.float32(0.1)
    for name, column in measured(plain).items():
        np.testing.assert_allclose(measured(shifted)[name], column, atol=0.02, err_msg=name)
    rumble = 0.5 * np.sin(2 * np.pi * 20 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    heard = measured(np.asarray(rumble, np.float32) + noise(0.02))["voicing"]
    assert (heard > VOICED).mean() < 0.05
