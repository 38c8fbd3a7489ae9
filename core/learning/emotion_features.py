"""From utterances to frames: the same cells and coefficients as in the analysis of a video."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError
from core.learning.corpora import Utterance
from core.signals.mfcc import (
    DIMENSION,
    FRAMES_PER_SECOND,
    HOP,
    LOUDNESS_COLUMN,
    MELS,
    SAMPLE_RATE,
    frame_count,
    mfcc_cells,
)

GATE_RANGE = 30.0
"""dB under the loud frames of an utterance at which speech ends."""
SHORTEST = 0.2
"""Seconds; shorter utterances are refused."""


@dataclass(frozen=True)
class CellFrames:
    """The cells of one utterance.

    Args:
        mfcc: (T, 50, C) float32, cells of 1 s, the last filled up with NaN.
        speech: (T, 50) float32, 1 in speech and 0 elsewhere.
    """

    mfcc: NDArray[np.float32]
    speech: NDArray[np.float32]

    @property
    def spoken(self) -> NDArray[np.float32]:
        """(N, C) float32: the speech frames in a row."""
        return np.asarray(self.mfcc[self.speech > 0])


def read_samples(utterance: Utterance) -> NDArray[np.float32]:
    """(n,) float32, mono, 16 kHz.

    Raises:
        CorpusError: The file cannot be read or the utterance is shorter than 0.2 s.
    """
    import soundfile

    try:
        with soundfile.SoundFile(utterance.file) as file:
            rate = file.samplerate
            file.seek(min(round(utterance.start * rate), len(file)))
            wanted = (
                -1 if utterance.end is None else round((utterance.end - utterance.start) * rate)
            )
            sound = file.read(wanted, dtype="float32", always_2d=True).mean(axis=1)
    except (OSError, soundfile.SoundFileError) as error:
        raise CorpusError(f"the sound cannot be read ({error})", path=utterance.file) from error
    if len(sound) < SHORTEST * rate:
        raise CorpusError("the utterance is shorter than 0.2 s", path=utterance.file)
    if rate == SAMPLE_RATE:
        return np.asarray(sound, np.float32)
    from scipy.signal import resample_poly

    divisor = int(np.gcd(rate, SAMPLE_RATE))
    return np.asarray(resample_poly(sound, SAMPLE_RATE // divisor, rate // divisor), np.float32)


def cell_frames(samples: NDArray[np.float32]) -> CellFrames:
    """Cells of 1 s with the coefficients of each, and which of their frames are speech.

    Args:
        samples: (n,) float32, mono, 16 kHz.
    """
    whole, rest = divmod(len(samples), SAMPLE_RATE)
    tail = rest >= HOP
    mfcc = np.full((max(1, whole + tail), FRAMES_PER_SECOND, DIMENSION), np.nan, np.float32)
    if whole:
        mfcc[:whole] = mfcc_cells(samples[: whole * SAMPLE_RATE].reshape(whole, SAMPLE_RATE))
    if tail:
        mfcc[whole, : frame_count(rest)] = mfcc_cells(samples[np.newaxis, whole * SAMPLE_RATE :])[0]
    return CellFrames(mfcc, speech_gate(mfcc))


def speech_gate(mfcc: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, F) float32: 1 where a frame is within 30 dB of the utterance's loud frames.

    Enough for recordings that hold one voice and nothing else; in a video the speech activity
    signal decides.

    Args:
        mfcc: (T, F, C) float32, NaN where there is no sound.
    """
    level = mfcc[..., LOUDNESS_COLUMN] / np.sqrt(MELS)
    heard = np.isfinite(level)
    if not heard.any():
        return np.zeros(level.shape, np.float32)
    loud = np.percentile(level[heard], 95)
    return np.asarray(heard & (level > loud - GATE_RANGE), np.float32)


def disturbed(samples: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """A copy as another microphone might have heard it, beginning elsewhere in its cell.

    Up to 0.5 s of the beginning is dropped (never more than a quarter), the level moves by up to
    4 dB, and in two of three copies noise is added 10 to 35 dB under the voice, its spectrum
    falling by 0 to 6 dB per octave.

    Args:
        samples: (n,) float32.
        random: Decides everything.
    """
    start = int(random.integers(0, min(SAMPLE_RATE // 2, len(samples) // 4) + 1))
    sound = samples[start:] * np.float32(10 ** (random.uniform(-4, 4) / 20))
    if random.random() < 2 / 3:
        spectrum = np.fft.rfft(random.standard_normal(1 << (len(sound) - 1).bit_length()))
        tilt = np.maximum(1.0, np.arange(len(spectrum))) ** -random.uniform(0, 1)
        noise = np.fft.irfft(spectrum * tilt)[: len(sound)]
        ratio = 10 ** (-random.uniform(10, 35) / 20)
        noise *= ratio * np.sqrt(np.mean(np.square(sound)) / max(np.mean(np.square(noise)), 1e-12))
        sound = sound + noise
    return np.asarray(np.clip(sound, -1.0, 1.0), np.float32)


def read_cells(
    utterances: Sequence[Utterance],
    *,
    copies: int = 0,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[list[CellFrames]]:
    """The frames of every utterance: as recorded, then so many disturbed copies.

    Raises:
        CorpusError: A sound cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    result = []
    for number, utterance in enumerate(utterances):
        if cancelled is not None and cancelled():
            raise Cancelled
        samples = read_samples(utterance)
        random = np.random.default_rng([seed, number])
        versions = [samples, *(disturbed(samples, random) for _ in range(copies))]
        result.append([cell_frames(version) for version in versions])
        if progress is not None:
            progress((number + 1) / len(utterances))
    return result
