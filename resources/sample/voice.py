"""Speech of the sample: espeak-ng, then shaped so that a calm and an excited voice truly differ."""

import io
import subprocess
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal
from sound import RATE, peak_limited, scaled_to_loudness

Manner = Literal["calm", "excited", "sad", "angry"]


@dataclass(frozen=True)
class Delivery:
    """How a manner sounds: what espeak-ng is asked for and what is done to its waveform."""

    words_per_minute: int
    pitch: int
    pitch_range: int
    lift: float
    fall: float
    shout: float
    drive: float
    roughness: float
    loudness: float


DELIVERIES: dict[Manner, Delivery] = {
    "calm": Delivery(132, 44, 55, 0.97, 0.02, -7.0, 0.0, 0.0, -27.0),
    "sad": Delivery(112, 36, 40, 0.95, 0.09, -10.0, 0.0, 0.0, -28.5),
    "excited": Delivery(212, 82, 190, 1.10, -0.10, 9.0, 2.2, 0.06, -15.5),
    "angry": Delivery(186, 58, 170, 1.04, 0.05, 11.0, 3.2, 0.22, -15.5),
}


def speak(text: str, voice: str, manner: Manner, seed: int) -> NDArray[np.float32]:
    """Say a sentence.

    Args:
        text: English text.
        voice: An espeak-ng voice with its variant, such as `en-us+m3`.
        manner: How it is said; loudness follows from it.
        seed: Seed of the small irregularities of the voice.

    Returns:
        Mono speech `(N,) float32` at 48 kHz without leading or trailing silence.

    Raises:
        FileNotFoundError: espeak-ng is not installed.
        subprocess.CalledProcessError: espeak-ng refused the voice.
    """
    delivery = DELIVERIES[manner]
    spoken = _trimmed(_synthesised(text, voice, delivery))
    bent = _bent(spoken, delivery, np.random.default_rng(seed))
    shaped = _effort(bent, delivery, np.random.default_rng(seed + 1))
    return _trimmed(peak_limited(scaled_to_loudness(shaped, delivery.loudness), ceiling=-3.0))


def _synthesised(text: str, voice: str, delivery: Delivery) -> NDArray[np.float64]:
    markup = f'<prosody range="{delivery.pitch_range}%">{escape(text)}</prosody>'
    command = ["espeak-ng", "-m", "-z", "-v", voice, "--stdout"]
    command += ["-s", str(delivery.words_per_minute), "-p", str(delivery.pitch), markup]
    answer = subprocess.run(command, check=True, capture_output=True)
    samples, rate = soundfile.read(io.BytesIO(answer.stdout), dtype="float64")
    common = int(np.gcd(RATE, rate))
    return np.asarray(signal.resample_poly(samples, RATE // common, rate // common))


def _trimmed(speech: NDArray[np.floating]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(speech) > 0.01 * np.abs(speech).max())
    return speech[loud[0] : loud[-1] + 1].astype(np.float32)


def _bent(
    speech: NDArray[np.float32], delivery: Delivery, random: np.random.Generator
) -> NDArray[np.float64]:
    """Play faster or slower along the sentence: its pitch rises or falls with the rate."""
    place = np.linspace(0.0, 1.0, speech.size)
    seconds = place * speech.size / RATE
    lively = 0.035 * max(delivery.drive, 0.0) / 3.0
    wander = lively * np.sin(2 * np.pi * (1.7 * seconds + random.random()))
    rate = delivery.lift * (1.0 - delivery.fall * (place - 0.5) + wander)
    moments = np.concatenate(([0.0], np.cumsum(1.0 / rate)[:-1]))
    return np.interp(np.arange(int(moments[-1])), moments, speech)


def _effort(
    speech: NDArray[np.float64], delivery: Delivery, random: np.random.Generator
) -> NDArray[np.float64]:
    """Tilt the spectrum as vocal effort does, press the level, add a little roughness."""
    presence = signal.butter(2, (1100.0, 4200.0), "bandpass", fs=RATE, output="sos")
    gain = 10.0 ** (delivery.shout / 20.0) - 1.0
    shaped = speech + gain * signal.sosfiltfilt(presence, speech)
    shaped /= np.sqrt(np.mean(shaped**2))
    if delivery.drive > 0.0:
        shaped = np.tanh(delivery.drive * 0.35 * shaped) / 0.35
        seconds = np.arange(shaped.size) / RATE
        jitter = np.cumsum(random.normal(0.0, 1.0, shaped.size)) * 0.004
        shaped *= 1.0 + delivery.roughness * np.sin(2 * np.pi * 72.0 * seconds + jitter)
        shaped *= 1.0 + 0.25 * np.sin(np.pi * np.linspace(0.0, 1.0, shaped.size))
    soften = signal.butter(2, 5200.0 if delivery.drive == 0.0 else 9500.0, fs=RATE, output="sos")
    edge = np.minimum(1.0, np.minimum(np.arange(shaped.size), np.arange(shaped.size)[::-1]) / 240.0)
    return np.asarray(signal.sosfilt(soften, shaped)) * edge
