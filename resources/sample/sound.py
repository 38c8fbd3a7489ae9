"""Sounds of the sample other than speech, and the levels of all of them.

Every generator returns stereo `(2, N) float32` at 48 kHz and is a function of its seed alone.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

RATE = 48_000
Stereo = NDArray[np.float32]

_VOWELS = ((730.0, 1190.0, 2600.0), (560.0, 1840.0, 2500.0), (350.0, 900.0, 2350.0))
_CHORDS = ((57, 64, 69, 72), (53, 60, 69, 72), (48, 64, 67, 76), (55, 59, 67, 74))


def loudness(samples: NDArray[np.floating]) -> float:
    """Loudness of mono `(N,)` or stereo `(2, N)` samples in LUFS (ITU-R BS.1770-4, ungated)."""
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    )
    highpass = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    weighted = signal.lfilter(*highpass, signal.lfilter(*shelf, np.atleast_2d(samples), axis=-1))
    power = float(np.sum(np.mean(weighted**2, axis=-1)))
    return -0.691 + 10.0 * float(np.log10(max(power, 1e-12)))


def scaled_to_loudness(samples: NDArray[np.floating], target: float) -> NDArray[np.float64]:
    """Scale samples to a loudness in LUFS; mono counts as if played by both loudspeakers."""
    heard = np.vstack([samples, samples]) if samples.ndim == 1 else samples
    return np.asarray(samples * 10.0 ** ((target - loudness(heard)) / 20.0))


def peak_limited(samples: NDArray[np.floating], ceiling: float) -> NDArray[np.float32]:
    """Limit peaks to `ceiling` dBFS with a gain that looks 4 ms ahead."""
    limit = 10.0 ** (ceiling / 20.0)
    peak = np.abs(np.atleast_2d(samples)).max(axis=0)
    needed = np.minimum(1.0, limit / np.maximum(peak, 1e-9))
    held = ndimage.minimum_filter1d(needed, 2 * 192 + 1)
    return (samples * ndimage.uniform_filter1d(held, 193)).astype(np.float32)


def faded(samples: Stereo, fade_in: float, fade_out: float) -> Stereo:
    """Fade the ends of `samples` with raised cosines of the given lengths in seconds."""
    gain = np.ones(samples.shape[-1], np.float32)
    rise, fall = int(fade_in * RATE), int(fade_out * RATE)
    gain[:rise] = 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / max(rise, 1))
    if fall:
        gain[-fall:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / fall)
    return samples * gain


def sea(seconds: float, seed: int) -> Stereo:
    """Slow swell on a shore."""
    random = np.random.default_rng(seed)
    noise = _filtered(_noise(random, seconds), (90.0, 1400.0))
    swell = 0.35 + 0.65 * np.stack([_wander(random, noise.shape[1], 0.22) for _ in range(2)]) ** 2
    return (noise * swell).astype(np.float32)


def wind(seconds: float, seed: int) -> Stereo:
    """Gusts of wind in the rigging."""
    random = np.random.default_rng(seed)
    low = _filtered(_noise(random, seconds), (80.0, 420.0))
    whistle = _filtered(_noise(random, seconds), (520.0, 760.0))
    gust = _wander(random, low.shape[1], 0.6)
    return (low * (0.4 + gust) + 0.5 * whistle * gust**3).astype(np.float32)


def rain(seconds: float, seed: int) -> Stereo:
    """Steady rain with single drops close by."""
    random = np.random.default_rng(seed)
    hiss = 0.35 * _filtered(_noise(random, seconds), (1800.0, 11000.0))
    drops = np.zeros_like(hiss)
    for start in random.integers(0, hiss.shape[1] - 2400, int(70 * seconds)):
        decay = np.arange(1200) / RATE
        drop = np.sin(2 * np.pi * random.uniform(1200, 5200) * decay) * np.exp(-decay * 420)
        _add_panned(drops, drop * random.uniform(0.1, 0.8) ** 2, int(start), random.random())
    return (hiss + 1.2 * drops).astype(np.float32)


def thunder(seconds: float, seed: int) -> Stereo:
    """One clap of thunder that rolls away."""
    random = np.random.default_rng(seed)
    rumble = _filtered(_noise(random, seconds), (28.0, 240.0))
    time = np.arange(rumble.shape[1]) / RATE
    envelope = np.exp(-time * 1.3) * (0.4 + _wander(random, time.size, 5.0))
    crack = _filtered(_noise(random, seconds), (300.0, 3000.0)) * np.exp(-time * 9.0)
    return faded((rumble * envelope + 0.35 * crack).astype(np.float32), 0.01, 0.4)


def fireworks(seconds: float, bursts: list[float], seed: int) -> Stereo:
    """Booms with crackle at the given times in seconds."""
    random = np.random.default_rng(seed)
    show = np.zeros((2, int(seconds * RATE)))
    for start in bursts:
        time = np.arange(int(1.4 * RATE)) / RATE
        boom = np.sin(2 * np.pi * (46.0 * time + 9.0 * (1 - np.exp(-time * 14.0))))
        crackle = random.normal(size=time.size) * (random.random(time.size) > 0.985)
        crackle = signal.lfilter([1.0], [1.0, -0.72], crackle) * np.exp(-np.abs(time - 0.5) * 4.5)
        burst = boom * np.exp(-time * 5.5) + 0.5 * crackle
        burst += 0.5 * random.normal(size=time.size) * np.exp(-time * 38.0)
        _add_panned(show, burst, int(start * RATE), random.uniform(0.2, 0.8))
    return show.astype(np.float32)


def horn(seconds: float, seed: int) -> Stereo:
    """A ship's horn."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    tone = sum(
        signal.sawtooth(2 * np.pi * pitch * time + random.random()) for pitch in (155.6, 233.1, 311)
    )
    blown = signal.sosfilt(signal.butter(2, 1500.0, fs=RATE, output="sos"), tone)
    return faded(np.vstack([blown, blown]).astype(np.float32), 0.05, 0.25)


def music(seconds: float, seed: int) -> Stereo:
    """Soft chords with a plucked voice above, in a wide room."""
    random = np.random.default_rng(seed)
    bed = np.zeros((2, int(seconds * RATE)))
    length = 3.2
    for index in range(int(np.ceil(seconds / length))):
        chord = _CHORDS[index % len(_CHORDS)]
        for key in chord:
            pad = _tone(key, length * 1.5, 0.9, random)
            _add_panned(bed, 0.16 * pad, int(index * length * RATE), random.uniform(0.25, 0.75))
        for step in range(8):
            key = chord[int(random.integers(len(chord)))] + 12
            start = (index + step / 8) * length + random.uniform(0, 0.02)
            pluck = _tone(key, 1.8, 0.006, random, decay=3.4)
            _add_panned(bed, 0.10 * pluck, int(start * RATE), random.uniform(0.2, 0.8))
    tail = np.arange(int(1.6 * RATE)) / RATE
    room = random.normal(size=(2, tail.size)) * np.exp(-tail * 3.6) * 0.012
    wet = signal.fftconvolve(bed, room, axes=1)[:, : bed.shape[1]]
    return (bed + wet).astype(np.float32)


def crowd(seconds: float, energy: NDArray[np.floating], seed: int) -> Stereo:
    """A cheering crowd: detuned shouting voices, a roar below them and claps.

    Args:
        seconds: Length.
        energy: How wild the crowd is, 0 to 1, sampled evenly over the length.
        seed: Seed of every voice.
    """
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    level = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, energy.size), energy)
    voices = np.zeros((2, count))
    for _ in range(int(34 * seconds)):
        start = int(random.integers(0, count))
        if random.random() < level[start]:
            shout = _shout(random) * random.uniform(0.15, 1.0) ** 2
            _add_panned(voices, shout, start, random.random())
    roar = _filtered(_noise(random, seconds), (380.0, 1500.0))[:, :count]
    roar = roar * (0.7 + 0.3 * np.stack([_wander(random, count, 4.0) for _ in range(2)]))
    claps = np.zeros((2, count))
    for start in random.integers(0, count - 2000, int(55 * seconds)):
        time = np.arange(1500) / RATE
        clap = random.normal(size=time.size) * np.exp(-time * random.uniform(120, 260))
        _add_panned(claps, clap * random.uniform(0.1, 0.9) ** 2, int(start), random.random())
    claps = _filtered(claps, (800.0, 3600.0))
    return ((voices + 0.7 * roar + 0.6 * claps) * level).astype(np.float32)


def _shout(random: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(int(random.uniform(0.5, 1.7) * RATE)) / RATE
    place = time / time[-1]
    arc = 1.0 + random.uniform(0.1, 0.45) * np.sin(np.pi * place**0.7)
    vibrato = 1.0 + 0.015 * np.sin(2 * np.pi * random.uniform(4, 7) * time)
    pitch = random.choice([random.uniform(150, 260), random.uniform(260, 480)]) * arc * vibrato
    source = signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE)
    source += 0.25 * random.normal(size=time.size)
    formants = _VOWELS[int(random.integers(len(_VOWELS)))]
    voiced = np.zeros(time.size)
    for strength, centre in zip((1.0, 0.7, 0.35), formants, strict=True):
        tuned = centre * random.uniform(0.92, 1.12)
        peak, pole = signal.iirpeak(tuned, tuned / 130.0, fs=RATE)
        voiced += strength * signal.lfilter(peak, pole, source)
    return voiced * np.sin(np.pi * place**0.5) ** 1.2


def _tone(
    key: int, seconds: float, attack: float, random: np.random.Generator, decay: float = 0.0
) -> NDArray[np.float64]:
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 440.0 * 2.0 ** ((key - 69) / 12.0)
    wave = sum(
        np.sin(2 * np.pi * pitch * detune * harmonic * time + random.uniform(0, 6.28)) / harmonic**2
        for detune in (0.998, 1.0023)
        for harmonic in (1, 2, 3)
    )
    release = np.minimum(1.0, (time[-1] - time) / max(0.3 * seconds, 0.05))
    return np.asarray(wave * np.minimum(1.0, time / attack) * release * np.exp(-decay * time))


def _noise(random: np.random.Generator, seconds: float) -> NDArray[np.float64]:
    return random.normal(size=(2, int(seconds * RATE)))


def _filtered(samples: NDArray[np.float64], band: tuple[float, float]) -> NDArray[np.float64]:
    sections = signal.butter(2, band, "bandpass", fs=RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, samples, axis=-1))


def _wander(random: np.random.Generator, count: int, rate: float) -> NDArray[np.float64]:
    """Smooth random curve between 0 and 1 that changes about `rate` times a second."""
    knots = random.random(max(4, int(count / RATE * rate * 2) + 4))
    smooth = ndimage.zoom(knots, 40, order=3)
    return np.clip(
        np.interp(np.linspace(0, 1, count), np.linspace(0, 1, smooth.size), smooth), 0, 1
    )


def _add_panned(
    target: NDArray[np.float64], samples: NDArray[np.float64], start: int, side: float
) -> None:
    end = min(start + samples.size, target.shape[1])
    if end > start:
        angle = 0.5 * np.pi * side
        gains = np.array([[np.cos(angle)], [np.sin(angle)]])
        target[:, start:end] += gains * samples[: end - start]
