from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.learning.highlights.moments_plan import Event, Line, Setting, VideoPlan
from core.learning.highlights.moments_sound import (
    compose_sound,
    compressed,
    limited,
    setting_sound,
    speech_level,
)

RATE = 16_000
EMPTY = Setting(0.0, 20.0, "room", -26.0, 15.0, 0.0, 0.0, 7, (), ())


def level(samples: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64))))


def tone(seconds: float, decibels: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (decibels / 20) * np.sqrt(2) * np.sin(880 * np.pi * time)).astype(np.float32)


def silence(name: str) -> np.ndarray:
    raise AssertionError(name)


@pytest.mark.parametrize("bed", ["silence", "room", "street", "music"])
def test_a_bed_lies_under_the_speech_by_its_ratio(bed: str) -> None:
    sound = setting_sound(replace(EMPTY, bed=bed), silence)
    assert sound.shape == (20 * RATE,)
    assert level(sound) == pytest.approx(-41.0, abs=0.01)
    assert np.array_equal(sound, setting_sound(replace(EMPTY, bed=bed), silence))
    assert not np.array_equal(sound, setting_sound(replace(EMPTY, bed=bed, seed=8), silence))


@pytest.mark.parametrize("kind", ["cheer", "swell", "boom"])
def test_a_loud_event_is_louder_than_speech_where_it_is_planned_and_nowhere_else(
    kind: str,
) -> None:
    loud = setting_sound(replace(EMPTY, events=(Event(kind, 5.0, 9.0, 6.0),)), silence)
    assert level(loud[5 * RATE : 9 * RATE]) == pytest.approx(-20.0, abs=0.2)
    for stretch in (slice(0, 5 * RATE), slice(9 * RATE, None)):
        assert level(loud[stretch]) == pytest.approx(-41.0, abs=2.0)


@pytest.mark.parametrize("reverberation", [0.0, 0.4])
def test_a_line_is_heard_at_its_time_with_its_gain(reverberation: float) -> None:
    recorded = np.concatenate([np.zeros(RATE // 2, np.float32), tone(2.0, -30.0)])
    line = Line("a", "who", "happy", 4.25, 6.25, 0.5, 12.0)
    setting = replace(EMPTY, bed="silence", ratio=60.0, reverberation=reverberation, lines=(line,))
    sound = setting_sound(setting, {"a": recorded}.__getitem__)
    heard = np.flatnonzero(np.abs(sound) > 0.02)
    assert heard[0] / RATE == pytest.approx(4.25, abs=0.01)
    assert level(sound[round(4.25 * RATE) : round(6.25 * RATE)]) == pytest.approx(-18.0, abs=1.0)
    assert level(sound[: 4 * RATE]) < -80.0


def test_the_level_of_speech_leaves_its_pauses_out() -> None:
    pause = np.zeros(RATE, np.float32)
    spoken = np.concatenate([pause, tone(1.0, -20.0), pause, tone(1.0, -20.0), pause])
    found, first, last = speech_level(spoken)
    assert found == pytest.approx(-20.0, abs=0.1)
    assert (first, last) == (RATE, 4 * RATE)


def test_gain_control_brings_loud_and_quiet_together_and_never_jumps() -> None:
    sound = np.concatenate([tone(6.0, -40.0), tone(6.0, -16.0), tone(6.0, -40.0)])
    even = compressed(sound)
    before = level(sound[8 * RATE : 12 * RATE]) - level(sound[2 * RATE : 6 * RATE])
    after = level(even[8 * RATE : 12 * RATE]) - level(even[2 * RATE : 6 * RATE])
    assert before == pytest.approx(24.0, abs=0.1)
    assert 5.0 < after < 12.0
    # Right after the loud stretch the quiet one is still turned down: the gain pumps.
    assert level(even[12 * RATE : 12 * RATE + 1600]) < level(even[17 * RATE :]) - 3.0


def test_peaks_are_turned_down_without_touching_what_is_far_from_them() -> None:
    sound = tone(3.0, -20.0)
    sound[RATE : RATE + 100] *= 30
    safe = limited(sound)
    assert np.abs(safe).max() < 0.8
    assert np.array_equal(safe[: RATE // 2], sound[: RATE // 2])
    assert np.array_equal(safe[2 * RATE :], sound[2 * RATE :])


def test_a_video_is_as_long_as_planned_and_compressed_only_where_planned() -> None:
    settings = (EMPTY, replace(EMPTY, start=20.0, end=30.5, level=-36.0, seed=1))
    plan = VideoPlan("v", "made", ("a", "b"), 30.5, False, settings, (), ())
    plain = compose_sound(plan, silence)
    assert plain.shape == (round(30.5 * RATE),)
    assert level(plain[: 20 * RATE]) - level(plain[20 * RATE :]) == pytest.approx(10.0, abs=0.1)
    controlled = compose_sound(replace(plan, compressed=True), silence)
    assert level(controlled) > level(plain) + 3.0
