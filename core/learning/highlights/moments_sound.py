"""The sound of a composed video: speech as it was recorded, in rooms, over beds, past a camera."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from core.errors import UsageError
from core.learning.augmentation import (
    Samples,
    coloured_noise,
    music,
    room_response,
    with_room,
)
from core.learning.highlights.moments_plan import Event, Setting, VideoPlan
from core.signals.framing import SAMPLE_RATE

CEILING = -2.0
"""dBFS that no sample exceeds; a lossy codec adds a little."""

_EDGE = SAMPLE_RATE // 125
_BLOCK = SAMPLE_RATE // 100
_THRESHOLD, _RATIO, _MOST_GAIN = -30.0, 3.0, 12.0
_ATTACK, _RELEASE = 0.1, 1.5
_LOOK_AHEAD = SAMPLE_RATE // 200


def compose_sound(
    plan: VideoPlan,
    read: Callable[[str], Samples],
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> Samples:
    """The sound of a planned video.

    Args:
        plan: The video.
        read: Gives the samples (n,) float32 at 16 kHz of an utterance by its name.
        progress: Called with the share that is done; what it raises ends the work.

    Returns:
        (seconds · 16 000,) float32, mono, 16 kHz, below the ceiling.
    """
    whole = np.zeros(round(plan.seconds * SAMPLE_RATE), np.float32)
    for setting in plan.settings:
        progress(setting.start / plan.seconds)
        sound = setting_sound(setting, read)
        first = round(setting.start * SAMPLE_RATE)
        whole[first : first + len(sound)] = sound[: len(whole) - first]
    if plan.compressed:
        whole = compressed(whole)
    return limited(whole)


def setting_sound(setting: Setting, read: Callable[[str], Samples]) -> Samples:
    """One setting: its bed, its loud events and its lines, (n,) float32, mono, 16 kHz."""
    random = np.random.default_rng(setting.seed)
    length = _place(setting.end) - _place(setting.start)
    sound = at_level(_bed(setting.bed, length, random), setting.level - setting.ratio)
    for event in setting.events:
        first = _place(event.start) - _place(setting.start)
        count = _place(event.end) - _place(event.start)
        made = at_level(_event(event, count, random), setting.level + event.ratio)
        sound[first : first + count] += made[: length - first]
    speech = np.zeros(length, np.float32)
    for line in setting.lines:
        samples = read(line.name)[_place(line.begin) :]
        first = _place(line.start) - _place(setting.start)
        samples = samples[: min(_place(line.end) - _place(line.start), length - first)]
        speech[first : first + len(samples)] += np.float32(_factor(line.gain)) * _edged(samples)
    if setting.reverberation and setting.lines:
        response = room_response(setting.reverberation, setting.direct_ratio, random)
        speech = with_room(speech, response)
    return sound + speech


def speech_level(samples: Samples, within: float = 30.0) -> tuple[float, int, int]:
    """Level of an utterance without its pauses, and where its speech begins and ends.

    Args:
        samples: (n,) float32 at 16 kHz.
        within: dB under the loud 10 ms of the utterance at which speech ends.

    Returns:
        dBFS, and the first and the last sample (not included) of the speech.

    Raises:
        UsageError: It is digital silence.
    """
    blocks = len(samples) // _BLOCK
    power = np.square(samples[: blocks * _BLOCK], dtype=np.float64).reshape(blocks, _BLOCK)
    mean = power.mean(axis=1)
    loud = np.percentile(mean, 95)
    if not loud > 0:
        raise UsageError("the utterance is silent")
    heard = np.flatnonzero(mean > loud * 10 ** (-within / 10))
    level = 10 * float(np.log10(mean[heard].mean()))
    return level, int(heard[0]) * _BLOCK, (int(heard[-1]) + 1) * _BLOCK


def at_level(samples: Samples, level: float) -> Samples:
    """The samples with a root mean square of so many dBFS; silence stays silence."""
    now = np.sqrt(np.mean(np.square(samples), dtype=np.float64)) if len(samples) else 0.0
    return np.asarray(samples * np.float32(_factor(level) / max(now, 1e-9)), np.float32)


def compressed(samples: Samples) -> Samples:
    """The samples after an automatic gain control as cameras have it.

    Over -30 dBFS, three dB more come out as one; quiet stretches rise by up to 12 dB. The gain
    falls within a tenth of a second and rises within one and a half.

    Args:
        samples: (n,) float32 at 16 kHz.
    """
    blocks = -(-len(samples) // _BLOCK)
    padded = np.pad(samples, (0, blocks * _BLOCK - len(samples)))
    power = np.square(padded, dtype=np.float64).reshape(blocks, _BLOCK).mean(axis=1)
    levels = 10 * np.log10(power + 1e-12)
    falling = 1 - np.exp(-_BLOCK / SAMPLE_RATE / _ATTACK)
    rising = 1 - np.exp(-_BLOCK / SAMPLE_RATE / _RELEASE)
    followed = np.empty(blocks)
    now = _THRESHOLD
    for index, level in enumerate(levels):
        now += (falling if level > now else rising) * (level - now)
        followed[index] = now
    gains = np.minimum(_MOST_GAIN, -(1 - 1 / _RATIO) * (followed - _THRESHOLD))
    gains = np.interp(np.arange(len(samples)), _BLOCK * (np.arange(blocks) + 0.5), gains)
    return np.asarray(samples * 10 ** (gains / 20), np.float32)


def limited(samples: Samples) -> Samples:
    """The samples with their peaks turned down to the ceiling, 5 ms ahead of each.

    Args:
        samples: (n,) float32 at 16 kHz.
    """
    ceiling = np.float32(_factor(CEILING))
    needed = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), np.float32(1e-9)))
    held = ndimage.minimum_filter1d(needed, 2 * _LOOK_AHEAD + 1)
    smooth = ndimage.uniform_filter1d(held, 2 * _LOOK_AHEAD + 1)
    return np.clip(samples * smooth.astype(np.float32), -ceiling, ceiling)


def _bed(kind: str, length: int, random: np.random.Generator) -> Samples:
    if kind == "music":
        return music(length, random)
    if kind == "street":
        return _street(length, random)
    if kind == "room":
        hum = random.uniform(0.0, 0.3) * np.sin(
            2 * np.pi * float(random.choice((50.0, 60.0))) * np.arange(length) / SAMPLE_RATE
        )
        noise = at_level(_rumble(length, random.uniform(2.0, 6.0), random), 0.0)
        return np.asarray(noise + hum, np.float32)
    return coloured_noise(length, 1.0, random)


def _street(length: int, random: np.random.Generator) -> Samples:
    """Murmur of many, made of noise in the rhythm of syllables, and now and then a car."""
    sound = np.zeros(length, np.float32)
    for _ in range(4):
        low = random.uniform(150.0, 500.0)
        noise = _band(coloured_noise(length, 3.0, random), low, random.uniform(6.0, 10.0) * low)
        syllables = _course(length, random.uniform(3.0, 6.0), random)
        phrases = _course(length, 0.4, random)
        sound += at_level(noise, 0.0) * syllables**2 * phrases
    cars = at_level(_rumble(length, 5.0, random), 0.0)
    return np.asarray(sound + 2.0 * cars * _course(length, 0.15, random) ** 3, np.float32)


def _event(event: Event, length: int, random: np.random.Generator) -> Samples:
    time = np.arange(length) / SAMPLE_RATE
    seconds = max(length / SAMPLE_RATE, 1e-3)
    if event.kind == "boom":
        blow = _rumble(length, 4.0, random)
        return np.asarray(blow * np.exp(-3.0 * time) * np.minimum(1, time / 0.01), np.float32)
    swelling = np.minimum(1.0, time / (0.4 * seconds)) ** 2
    leaving = np.minimum(1.0, (seconds - time) / (0.25 * seconds))
    envelope = swelling * leaving
    if event.kind == "swell":
        return np.asarray(music(length, random) * envelope, np.float32)
    envelope = np.minimum(1.0, time / 0.4) * leaving
    roar = at_level(_band(coloured_noise(length, 2.0, random), 400.0, 3500.0), 0.0)
    claps = np.zeros(length, np.float32)
    count = round(40 * seconds)
    claps[random.integers(0, max(1, length), count)] = random.uniform(0.1, 1.0, count) ** 2
    clap = random.standard_normal(SAMPLE_RATE // 20) * np.exp(-np.arange(SAMPLE_RATE // 20) / 80)
    struck = at_level(signal.fftconvolve(claps, clap)[:length].astype(np.float32), -3.0)
    course = 0.6 + 0.4 * _course(length, 5.0, random)
    return np.asarray((roar * course + struck) * envelope, np.float32)


def _rumble(length: int, slope: float, random: np.random.Generator) -> Samples:
    """Coloured noise that is heard: what lies under 40 Hz would have most of the energy."""
    return _band(coloured_noise(length, slope, random), 40.0, 0.45 * SAMPLE_RATE)


def _course(length: int, rate: float, random: np.random.Generator) -> NDArray[np.float32]:
    """A random curve between 0 and 1 that turns about ``rate`` times a second."""
    knots = random.random(max(2, round(length / SAMPLE_RATE * rate) + 2))
    places = np.linspace(0, len(knots) - 1, length)
    return np.interp(places, np.arange(len(knots)), knots).astype(np.float32)


def _band(samples: Samples, low: float, high: float) -> Samples:
    high = min(high, 0.45 * SAMPLE_RATE)
    sections = signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, samples), np.float32)


def _edged(samples: Samples) -> Samples:
    """Without a click at its ends."""
    edge = min(_EDGE, len(samples) // 2)
    result = samples.copy()
    if edge:
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        result[:edge] *= ramp
        result[-edge:] *= ramp[::-1]
    return result


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _place(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
