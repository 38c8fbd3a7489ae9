"""From utterances to frames: the same cells and coefficients as in the analysis of a video."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError
from core.learning.corpora import Utterance
from core.learning.scenes import Scene
from core.signals.framing import FRAMES_PER_SECOND, HOP, SAMPLE_RATE, frame_count
from core.signals.mfcc import LOUDNESS_COLUMN, MELS
from core.signals.speech_frames import DIMENSION, speech_frames

GATE_RANGE = 30.0
"""dB under the loud frames of an utterance at which speech ends."""
SHORTEST = 0.2
"""Seconds; shorter utterances are refused."""


@dataclass(frozen=True)
class CellFrames:
    """The cells of one utterance.

    Args:
        frames: (T, 50, C) float32, cells of 1 s, the last filled up with NaN.
        speech: (T, 50) float32, 1 in speech and 0 elsewhere.
    """

    frames: NDArray[np.float32]
    speech: NDArray[np.float32]

    @property
    def spoken(self) -> NDArray[np.float32]:
        """(N, C) float32: the speech frames in a row."""
        return np.asarray(self.frames[self.speech > 0])


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
    """Cells of 1 s with the frames of each, and which of their frames are speech.

    Args:
        samples: (n,) float32, mono, 16 kHz.
    """
    whole, rest = divmod(len(samples), SAMPLE_RATE)
    tail = rest >= HOP
    frames = np.full((max(1, whole + tail), FRAMES_PER_SECOND, DIMENSION), np.nan, np.float32)
    if whole:
        frames[:whole] = speech_frames(samples[: whole * SAMPLE_RATE].reshape(whole, SAMPLE_RATE))
    if tail:
        last = samples[np.newaxis, whole * SAMPLE_RATE :]
        frames[whole, : frame_count(rest)] = speech_frames(last)[0]
    return CellFrames(frames, speech_gate(frames))


def speech_gate(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, F) float32: 1 where a frame is within 30 dB of the utterance's loud frames.

    Enough for recordings that hold one voice and nothing else; in a video the speech activity
    signal decides.

    Args:
        frames: (T, F, C) float32, NaN where there is no sound.
    """
    level = frames[..., LOUDNESS_COLUMN] / np.sqrt(MELS)
    heard = np.isfinite(level)
    if not heard.any():
        return np.zeros(level.shape, np.float32)
    loud = np.percentile(level[heard], 95)
    return np.asarray(heard & (level > loud - GATE_RANGE), np.float32)


def read_cells(
    utterances: Sequence[Utterance],
    *,
    copies: int = 0,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[list[CellFrames]]:
    """The frames of every utterance: as recorded, then so many copies.

    Copy ``k`` of all of a speaker's utterances is heard in one scene, as the speech of a video is.
    Speech is in a copy where it is in the recording: noise in the pauses is none.

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
        voice = zlib.crc32(utterance.speaker.encode())
        versions = [cell_frames(samples)]
        for copy in range(copies):
            scene = Scene.drawn(np.random.default_rng([seed, copy, voice]))
            start = scene.start(len(samples), random)
            frames = cell_frames(scene.heard(samples[start:], random)).frames
            step = HOP * (scene.speed or 1.0)
            versions.append(CellFrames(frames, _moved(versions[0].speech, frames, start, step)))
        result.append(versions)
        if progress is not None:
            progress((number + 1) / len(utterances))
    return result


def _moved(
    speech: NDArray[np.float32], frames: NDArray[np.float32], start: int, step: float
) -> NDArray[np.float32]:
    """The speech of a recording at the frames of a copy, ``step`` samples apart from ``start``."""
    count = frames.shape[0] * frames.shape[1]
    place = (start + step * (np.arange(count) + 0.5)) // HOP
    flat = speech.reshape(-1)[np.minimum(place.astype(int), speech.size - 1)]
    heard = np.isfinite(frames[..., 0])
    return np.asarray(np.where(heard, flat.reshape(heard.shape), 0.0), np.float32)
