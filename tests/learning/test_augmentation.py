"""Copies of utterances as other videos might have them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate, welch

from core.errors import UsageError
from core.learning.augmentation import (
    CODECS,
    coloured_noise,
    mixed,
    music,
    room_response,
    through_codec,
    through_telephone,
    with_room,
    with_speed,
)
from core.learning.scenes import Augmentation, disturbed

RATE = 16_000


def voice(seconds: float, seed: int = 0) -> np.ndarray:
    """A buzz with syllables and breath, about as loud as a voice."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(140 * (1 + 0.2 * np.sin(2 * np.pi * 2.3 * time))) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    syllables = 0.5 + 0.5 * np.sin(2 * np.pi * 4 * time)
    breath = 0.02 * random.standard_normal(len(time))
    return (0.1 * syllables * (buzz + breath)).astype(np.float32)


def level(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))


def lag(changed: np.ndarray, original: np.ndarray) -> int:
    """Samples by which the changed sound is late."""
    return int(np.argmax(correlate(changed, original))) - (len(original) - 1)


def always(**effects: Any) -> Augmentation:
    """Only the effects that are named, in every copy."""
    off = dict.fromkeys(("speed", "room", "noise", "music", "codec", "nearly_clean"), 0.0)
    return Augmentation(**{**off, "gain": (0.0, 0.0), "longest_dropped": 0.0, **effects})


def test_a_copy_depends_on_the_seed_alone() -> None:
    sound = voice(1.5)
    kept = sound.copy()
    for seed in range(12):
        first, again = (disturbed(sound, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert first.dtype == np.float32
        assert np.abs(first).max() <= 1.0
    np.testing.assert_array_equal(sound, kept, "the original is untouched")
    first, other = (disturbed(sound, np.random.default_rng(seed)) for seed in (0, 1))
    assert len(first) != len(other) or not np.array_equal(first, other)


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_silence_stays_silent_through_every_effect(seconds: float) -> None:
    everything = Augmentation(nearly_clean=0, speed=1, room=1, noise=1, music=1, codec=1)
    for seed in range(6):
        copy = disturbed(
            np.zeros(round(seconds * RATE), np.float32), np.random.default_rng(seed), everything
        )
        assert np.isfinite(copy).all()
        assert np.abs(copy).max(initial=0) < 1e-3


@settings(max_examples=25, deadline=None)
@given(samples=st.integers(1, 8_000), loudness=st.floats(1e-6, 3.0), seed=st.integers(0, 2**32 - 1))
def test_short_and_loud_utterances_come_back_finite(
    samples: int, loudness: float, seed: int
) -> None:
    sound = (loudness * voice(0.5)[:samples]).astype(np.float32)
    copy = disturbed(sound, np.random.default_rng(seed))
    assert np.isfinite(copy).all()
    assert np.abs(copy).max() <= 1.0
    assert 0.75 / 1.1 * samples - 2 <= len(copy) <= samples / 0.9 + 2


def test_about_a_quarter_of_the_copies_is_nearly_clean() -> None:
    sound = voice(0.4)
    clean = 0
    for seed in range(400):
        copy = disturbed(sound, np.random.default_rng(seed))
        original = sound[len(sound) - len(copy) :] if len(copy) <= len(sound) else sound[:0]
        clean += len(original) == len(copy) and np.corrcoef(original, copy)[0, 1] > 0.9999
    assert 0.17 < clean / 400 < 0.33


def test_never_more_than_a_quarter_or_half_a_second_is_dropped() -> None:
    for seconds in (0.2, 1.0, 6.0):
        sound = voice(seconds)
        kept = [
            len(disturbed(sound, np.random.default_rng(seed), always(longest_dropped=0.5)))
            for seed in range(40)
        ]
        most = min(len(sound) // 4, RATE // 2)
        assert len(sound) - most <= min(kept) < len(sound) - most // 2
        assert max(kept) > len(sound) - most // 2


def test_the_level_moves_by_no_more_than_told() -> None:
    sound = 0.2 * voice(0.5)
    moved = [
        level(disturbed(sound, np.random.default_rng(seed), always(gain=(-8.0, 8.0))))
        - level(sound)
        for seed in range(60)
    ]
    assert -8.01 < min(moved) < -6
    assert 6 < max(moved) < 8.01


@pytest.mark.parametrize("slope", [0.0, 3.0, 6.0])
def test_noise_falls_by_its_slope_and_lies_under_the_voice(slope: float) -> None:
    sound = voice(4.0)
    noise = coloured_noise(len(sound), slope, np.random.default_rng(0))
    frequency, power = welch(noise, RATE, nperseg=2048)
    inside = (frequency > 100) & (frequency < 7000)
    fitted = np.polyfit(np.log2(frequency[inside]), 10 * np.log10(power[inside]), 1)[0]
    assert fitted == pytest.approx(-slope, abs=0.3)
    added = mixed(sound, noise, 12.0) - sound
    assert level(sound) - level(added) == pytest.approx(12.0, abs=0.01)


def test_sounds_of_other_lengths_are_not_mixed() -> None:
    with pytest.raises(UsageError):
        mixed(voice(1.0), voice(0.5), 10.0)


@pytest.mark.parametrize("seconds", [0.15, 0.5, 0.8])
def test_a_room_falls_by_60_db_in_its_time(seconds: float) -> None:
    response = room_response(seconds, 5.0, np.random.default_rng(1)).astype(np.float64)
    assert len(response) == round(seconds * RATE)
    after = np.sum(np.square(response[1:]))
    assert 10 * np.log10(response[0] ** 2 / after) == pytest.approx(5.0, abs=0.01)
    # Schroeder's backward integration (1965), between 40 and 70 % of the time
    left = 10 * np.log10(np.cumsum(np.square(response[::-1]))[::-1])
    from_, to = round(0.4 * len(response)), round(0.7 * len(response))
    slope = (left[to] - left[from_]) / ((to - from_) / RATE)
    assert -60 / slope == pytest.approx(seconds, rel=0.2)


def test_a_room_keeps_length_level_and_place() -> None:
    sound = voice(2.0)
    heard = with_room(sound, room_response(0.6, 6.0, np.random.default_rng(0)))
    assert heard.shape == sound.shape
    assert level(heard) == pytest.approx(level(sound), abs=0.01)
    assert abs(lag(heard, sound)) <= RATE // 1000
    stopped = sound.copy()
    stopped[RATE:] = 0
    tail = with_room(stopped, room_response(0.6, 6.0, np.random.default_rng(0)))[RATE:]
    assert level(tail[: RATE // 20]) > level(tail[RATE // 4 : RATE // 2]) + 10


def test_speed_changes_length_and_pitch_together() -> None:
    time = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * 1000 * time).astype(np.float32)
    for factor in (0.9, 1.0, 1.1):
        changed = with_speed(tone, factor)
        assert len(changed) == pytest.approx(len(tone) / factor, abs=2)
        spectrum = np.abs(np.fft.rfft(changed * np.hanning(len(changed))))
        assert np.argmax(spectrum) * RATE / len(changed) == pytest.approx(1000 * factor, abs=2)
    with pytest.raises(UsageError):
        with_speed(tone, 0.0)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("kilobits", [24, 64])
def test_a_codec_delays_nothing_and_loses_something(codec: str, kilobits: int) -> None:
    sound = voice(1.7)
    for samples in (sound, sound[: RATE // 5], sound[:1001]):
        heard = through_codec(samples, codec, kilobits)
        assert heard.shape == samples.shape
        assert heard.dtype == np.float32
        assert abs(lag(heard, samples)) <= RATE // 100
        assert np.corrcoef(heard, samples)[0, 1] > 0.9, "the same sound"
        assert not np.allclose(heard, samples, atol=1e-6), "but not the same samples"
    coarse, fine = (through_codec(sound, codec, rate) - sound for rate in (24, 64))
    assert level(coarse) > level(fine)


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(UsageError, match="aac, mp3, opus"):
        through_codec(voice(0.5), "wax", 24)


def test_a_telephone_leaves_its_band() -> None:
    hiss = np.random.default_rng(0).normal(0, 0.1, 4 * RATE).astype(np.float32)
    heard = through_telephone(hiss)
    frequency, power = welch(heard, RATE, nperseg=1024)
    decibels = 10 * np.log10(power / np.median(power[(frequency > 600) & (frequency < 3000)]))
    assert decibels[(frequency > 0) & (frequency < 100)].max() < -20
    assert decibels[frequency > 6000].max() < -20
    assert heard.shape == hiss.shape
    assert abs(lag(heard, hiss)) <= RATE // 100


def test_music_has_tones_and_goes_on() -> None:
    for seed in range(8):
        bed = music(4 * RATE, np.random.default_rng(seed))
        assert bed.shape == (4 * RATE,)
        assert np.isfinite(bed).all()
        assert all(
            level(bed[start : start + RATE]) > level(bed) - 12 for start in range(0, 4 * RATE, RATE)
        )
        _, power = welch(bed, RATE, nperseg=4096)
        flatness = np.exp(np.mean(np.log(power + 1e-12))) / np.mean(power)
        assert flatness < 0.2, "no noise"


def test_real_music_is_laid_under_the_voice_where_it_is_given() -> None:
    sound = voice(1.0)
    tone = np.sin(2 * np.pi * 3000 * np.arange(RATE // 4) / RATE).astype(np.float32)
    only = always(music=1.0)
    copy = disturbed(sound, np.random.default_rng(0), only, beds=[tone])
    added = copy - sound
    spectrum = np.abs(np.fft.rfft(added))
    assert np.argmax(spectrum) == pytest.approx(3000, abs=5)
    assert 8 <= level(sound) - level(added) <= 25


def test_settings_go_into_a_card() -> None:
    written = json.loads(json.dumps(Augmentation(room=0.7).as_json()))
    assert written["room"] == 0.7
    assert written["gain"] == [-8.0, 8.0]


def test_what_is_no_utterance_is_refused() -> None:
    for wrong in (np.zeros(0, np.float32), np.zeros((2, 100), np.float32)):
        with pytest.raises(UsageError):
            disturbed(wrong, np.random.default_rng(0))
