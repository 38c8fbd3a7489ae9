"""What a video does to a voice: room, noise, music, codec.

Each effect takes samples (n,) float32 at 16 kHz and, where there is chance in it, a generator that
decides everything. Only a changed speed changes the length. (Augmentation by rooms and noises: Ko
et al. 2017; by speed: Ko et al. 2015.)
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import cast

import av
import av.error
import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from core.errors import MediaError, UsageError
from core.signals.framing import SAMPLE_RATE

Samples = NDArray[np.float32]


def with_speed(samples: Samples, factor: float) -> Samples:
    """Faster and higher like a tape, or slower and lower, in steps of 1/40.

    Args:
        samples: (n,) float32.
        factor: 0.5 to 2; rounded to fortieths.

    Returns:
        (about n / factor,) float32.

    Raises:
        UsageError: The factor is out of range.
    """
    if not 0.5 <= factor <= 2.0:
        raise UsageError(f"a speed of {factor} is not between 0.5 and 2")
    ratio = Fraction(round(factor * 40), 40)
    return np.asarray(signal.resample_poly(samples, ratio.denominator, ratio.numerator), np.float32)


def room_response(seconds: float, direct_ratio: float, random: np.random.Generator) -> Samples:
    """A synthetic impulse response: the direct sound, early reflections, a decaying noise.

    Late reverberation as exponentially decaying noise is Polack's model (1988).

    Args:
        seconds: RT60, until the level has fallen by 60 dB.
        direct_ratio: dB of the direct sound's energy over that of everything after it.
        random: Decides where and how strong the reflections are.

    Returns:
        (seconds · 16 000,) float32, the direct sound first.
    """
    length = max(2, round(seconds * SAMPLE_RATE))
    time = np.arange(length) / SAMPLE_RATE
    decay = 10 ** (-3 * time / seconds)
    response = random.standard_normal(length) * decay
    response[: min(length, round(0.01 * SAMPLE_RATE))] = 0.0
    count = int(random.integers(3, 9))
    early = random.integers(1, max(2, min(length, round(0.05 * SAMPLE_RATE))), count)
    response[early] += (
        random.choice((-1.0, 1.0), count) * random.uniform(2.0, 8.0, count) * decay[early]
    )
    response *= 10 ** (-direct_ratio / 20) / np.sqrt(np.sum(np.square(response)))
    response[0] = 1.0
    return np.asarray(response, np.float32)


def with_room(samples: Samples, response: Samples) -> Samples:
    """The samples as heard in a room, of the same length and level.

    Args:
        samples: (n,) float32.
        response: (m,) float32, :func:`room_response`; its first sample is the direct sound.
    """
    heard = signal.fftconvolve(samples, response)[: len(samples)]
    return np.asarray(heard * (_level(samples) / max(_level(heard), 1e-9)), np.float32)


def coloured_noise(length: int, slope: float, random: np.random.Generator) -> Samples:
    """Noise whose spectrum falls by ``slope`` dB per octave: 0 is white, 3 pink, 6 brown.

    Args:
        length: Samples.
        slope: dB per octave.
        random: Decides the noise.
    """
    size = fft.next_fast_len(max(2, length), real=True)
    spectrum = fft.rfft(random.standard_normal(size, np.float32))
    octaves = np.log2(np.maximum(1, np.arange(len(spectrum))), dtype=np.float32)
    return np.asarray(
        fft.irfft(spectrum * 10 ** (-slope / 20 * octaves), size)[:length], np.float32
    )


def mixed(voice: Samples, other: Samples, ratio: float) -> Samples:
    """The voice with another sound so many dB under it, by their mean levels.

    Args:
        voice: (n,) float32; where it is silent as a whole, nothing is added.
        other: (n,) float32.
        ratio: dB.

    Raises:
        UsageError: The two are not equally long.
    """
    if voice.shape != other.shape:
        raise UsageError(f"a sound of {other.shape} cannot be mixed with one of {voice.shape}")
    scale = _level(voice) / max(_level(other), 1e-9) * 10 ** (-ratio / 20)
    return np.asarray(voice + np.float32(scale) * other, np.float32)


SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
"""Semitones of major and natural minor."""
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 0, 4), (0, 6, 5, 4))
"""Degrees of the chords, one a bar of four beats; common in songs."""


def music(length: int, random: np.random.Generator) -> Samples:
    """A made-up bed: chords or their arpeggio in additive tones, and mostly a beat.

    Args:
        length: Samples.
        random: Decides key, tempo, chords, timbre and where in the piece the bed begins.

    Returns:
        (length,) float32 of no particular level.
    """
    beat = round(60 / random.uniform(70, 150) * SAMPLE_RATE)
    scale = SCALES[int(random.integers(2))]
    chords = PROGRESSIONS[int(random.integers(len(PROGRESSIONS)))]
    key = 55.0 * 2 ** (random.uniform(0, 12) / 12)
    partials = np.arange(1, 7, dtype=np.float32) ** -random.uniform(0.8, 2.2)
    fading = random.uniform(1.0, 6.0)
    arpeggio = random.random() < 0.5
    offset = int(random.integers(0, 4 * beat))
    bed = np.zeros(length + offset + beat, np.float32)
    for number, start in enumerate(range(0, length + offset, beat)):
        degree = chords[number // 4 % len(chords)]
        steps = [degree + third for third in (0, 2, 4)]
        if arpeggio:
            steps = [degree, steps[number % 3] + 7]
        for step in steps:
            semitone = scale[step % 7] + 12 * (step // 7)
            bed[start : start + beat] += _tone(
                key * 2 ** (1 + semitone / 12), partials, fading, beat
            )
    if random.random() < 0.7:
        drum, hat = _drums(beat, random)
        for number, start in enumerate(range(0, length + offset, beat)):
            bed[start : start + beat] += drum if number % 2 == 0 else hat
    return bed[offset : offset + length]


TELEPHONE_BAND = (300.0, 3400.0)
"""Hz (ITU-T G.712)."""
CODECS = ("aac", "mp3", "opus")


def through_telephone(samples: Samples) -> Samples:
    """What the band of a telephone, 300 to 3400 Hz, leaves; nothing in it is delayed by over 3 ms.

    Args:
        samples: (n,) float32.
    """
    return np.asarray(signal.sosfilt(_telephone_filter(), samples), np.float32)


def through_codec(samples: Samples, codec: str, kilobits: int) -> Samples:
    """The samples after a real encoder and its decoder, in memory, at 16 kHz mono.

    Args:
        samples: (n,) float32; what exceeds ±1 is cut first.
        codec: One of :data:`CODECS`.
        kilobits: kbit/s, 24 to 64.

    Returns:
        (n,) float32, aligned with the samples: the codec's delay is taken out.

    Raises:
        UsageError: The codec is not known.
        MediaError: FFmpeg refuses the codec.
    """
    if codec not in CODECS:
        raise UsageError(f"{codec} is none of {', '.join(CODECS)}")
    encoder_name, decoder_name, options = _CODING[codec]
    try:
        encoder = cast(av.AudioCodecContext, av.CodecContext.create(encoder_name, "w"))
        encoder.sample_rate = SAMPLE_RATE
        encoder.layout = "mono"
        encoder.format = "flt" if codec == "opus" else "fltp"
        encoder.bit_rate = 1000 * kilobits
        encoder.time_base = Fraction(1, SAMPLE_RATE)
        encoder.options = options
        encoder.open()
        packets = _encoded(np.pad(inside(samples), (0, _TAIL)), encoder)
        decoder = cast(av.AudioCodecContext, av.CodecContext.create(decoder_name, "r"))
        decoder.extradata = encoder.extradata
        decoder.layout = "mono"
        frames = [frame for packet in packets for frame in decoder.decode(packet)]
        frames += decoder.decode(None)
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"the sound cannot be coded as {codec} ({error})") from error
    heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    rate = frames[0].sample_rate
    # FFmpeg may cut the encoder's padding off the first frame, which then keeps its old time.
    second = cast(int, frames[1].pts) * rate // SAMPLE_RATE
    padding = max(0, frames[0].samples - second)
    heard = heard[padding : padding + len(samples) * rate // SAMPLE_RATE]
    if rate != SAMPLE_RATE:
        heard = signal.resample_poly(heard, SAMPLE_RATE, rate)
    return np.asarray(heard[: len(samples)], np.float32)


_TAIL = 2048
"""Silent samples after the utterance, so that no codec keeps its end back."""
_CODING = {
    "aac": ("aac", "aac", {"aac_coder": "fast"}),
    "mp3": ("libmp3lame", "mp3float", {"compression_level": "7"}),
    "opus": ("libopus", "opus", {"compression_level": "2"}),
}
"""Encoder, decoder and the encoder's fast settings."""


def _encoded(samples: Samples, encoder: av.AudioCodecContext) -> list[av.Packet]:
    whole = av.AudioFrame.from_ndarray(
        samples[np.newaxis], format=encoder.format.name, layout="mono"
    )
    whole.sample_rate = SAMPLE_RATE
    whole.pts = 0
    whole.time_base = Fraction(1, SAMPLE_RATE)
    queue = av.AudioFifo()
    queue.write(whole)
    frames = queue.read_many(encoder.frame_size)
    if (rest := queue.read(0, partial=True)) is not None:
        frames.append(rest)
    packets = [packet for frame in frames for packet in encoder.encode(frame)]
    return packets + encoder.encode(None)


@lru_cache(maxsize=1)
def _telephone_filter() -> NDArray[np.float32]:
    second_order = signal.butter(4, TELEPHONE_BAND, "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(second_order, np.float32)


def _tone(frequency: float, partials: Samples, fading: float, length: int) -> Samples:
    time = np.arange(length, dtype=np.float32) / np.float32(SAMPLE_RATE)
    phase = np.float32(2 * np.pi * frequency) * time
    sound = np.zeros(length, np.float32)
    for number, strength in enumerate(partials, start=1):
        if number * frequency < 0.45 * SAMPLE_RATE:
            sound += strength * np.sin(number * phase)
    attack = np.minimum(np.float32(1), time / np.float32(0.01))
    return np.asarray(sound * attack * np.exp(-np.float32(fading) * time), np.float32)


def _drums(beat: int, random: np.random.Generator) -> tuple[Samples, Samples]:
    """A bass drum whose pitch falls, and a burst of noise."""
    time = np.arange(beat, dtype=np.float32) / np.float32(SAMPLE_RATE)
    drum = 3 * np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-20 * time)))) * np.exp(-12 * time)
    hat = np.diff(random.standard_normal(beat + 1, np.float32)) * np.exp(-40 * time)
    return drum.astype(np.float32), hat.astype(np.float32)


def _level(samples: NDArray[np.floating]) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(samples), dtype=np.float64)))


def inside(samples: Samples) -> Samples:
    """The samples, cut at -1 and 1."""
    return np.asarray(np.clip(samples, -1.0, 1.0), np.float32)
