"""Tells a low voice from a high one in a video; where that is not clear there is one voice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError, UsageError
from core.places import MODELS
from core.signals import speech_frames
from core.signals.framing import FRAMES_PER_SECOND
from core.signals.speech_frames import DIMENSION, PITCH, VOICING
from core.signals.voice_quality import VOICED

ALGORITHM = "1"
"""Changes whenever the same weights would give other labels."""

CEPSTRUM = slice(1, 21)
"""Coefficients that are heard; the loudness (0) and the finest detail are not."""
LEAST_VOICED = 5
"""Voiced frames that a stretch needs for its pitch to be taken of them alone."""
STATISTICS = 50
"""Numbers that describe a stretch, :func:`stretch_statistics`."""

SPEECH_THRESHOLD = 0.5
"""Speech probability from which a frame counts as speech."""
PAUSE = 15
"""Frames (0.3 s) without speech that end a stretch."""
LONGEST_STRETCH = 150
"""Speech frames (3 s); what is longer is parted equally."""
SHORTEST_STRETCH = 25
"""Speech frames (0.5 s); what is shorter goes with the stretch before it."""
LEAST_SECONDS = 8.0
"""Sure speech that either voice needs."""


def feature_contract() -> dict[str, Any]:
    """What weights must have been trained with to be used with these features."""
    return {
        **speech_frames.feature_contract(),
        "cepstrum": [CEPSTRUM.start, CEPSTRUM.stop],
        "voiced": VOICED,
        "longest_stretch": LONGEST_STRETCH,
    }


def stretch_statistics(frames: NDArray[np.floating]) -> NDArray[np.float64]:
    """Means and logarithmic deviations of cepstrum and pitch, means of the voice's quality.

    Args:
        frames: (N, 41), speech only, finite, N at least 1.

    Returns:
        (50,) float64.
    """
    exact = frames.astype(np.float64)
    voiced = exact[exact[:, VOICING] > VOICED]
    if len(voiced) < LEAST_VOICED:
        voiced = exact
    cepstrum = exact[:, CEPSTRUM]
    pitch = voiced[:, PITCH]
    return np.concatenate(
        [
            cepstrum.mean(axis=0),
            np.log(cepstrum.std(axis=0) + 0.1),
            [pitch.mean(), np.log(pitch.std() + 0.3)],
            voiced[:, VOICING:].mean(axis=0),
        ]
    )


def stretches(spoken: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The speech frames in runs that end at pauses, long runs in equal parts.

    Args:
        spoken: (N,) bool, consecutive frames.

    Returns:
        Row numbers of the frames of each stretch, in time; runs under 0.5 s are left out.
    """
    rows = np.flatnonzero(spoken)
    if not len(rows):
        return []
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > PAUSE) + 1)
    return [
        part
        for run in runs
        for part in np.array_split(run, -(-len(run) // LONGEST_STRETCH))
        if len(part) >= SHORTEST_STRETCH
    ]


def critical_sureness(lean: NDArray[np.floating], seconds: NDArray[np.floating]) -> float:
    """The sureness below which these stretches hold a low and a high voice.

    That is the largest ``s`` for which stretches of at least :data:`LEAST_SECONDS` lean to high
    by ``s`` or more, and as many to low.

    Args:
        lean: (S,) log odds of a high voice.
        seconds: (S,) speech in each stretch.

    Returns:
        Log odds; minus infinity if there is too little speech.
    """
    levels = []
    for side in (lean, -lean):
        order = np.argsort(-side, kind="stable")
        enough = np.flatnonzero(np.cumsum(seconds[order]) >= LEAST_SECONDS)
        levels.append(float(side[order[enough[0]]]) if len(enough) else -np.inf)
    return min(levels)


class Voices:
    """Labels the cells of a video with the voice that speaks in them: one, or a low and a high.

    A stretch of up to 3 s leans to a low or a high register by a logistic regression (Cox 1958)
    on its statistics. It learned from speakers in all their emotions, so that a raised pitch
    alone does not make another voice, and it is asked the same of every video: nothing is
    clustered, for clusters of one speaker's speech are his emotions. Two voices are said only if
    at least 8 s of speech are surely low and 8 s surely high. Two men, or two women, count as one
    voice.

    Args:
        folder: Weights; those that come with the application if None.

    Raises:
        ModelError: The weights are missing, damaged or made for other features.
    """

    name = "voices"

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        from core.networks.weights import load_weights

        place = Path(folder) if folder is not None else MODELS / self.name
        tensors, self.card = load_weights(place, contract=feature_contract())
        arrays = {key: tensor.numpy().astype(np.float64) for key, tensor in tensors.items()}
        sureness = self.card.get("sureness")
        if (
            {key: array.shape for key, array in arrays.items()}
            != {"weight": (STATISTICS,), "bias": (1,)}
            or not isinstance(sureness, float)
            or not sureness > 0
        ):
            raise ModelError("the weights are not those of voices", path=place)
        self._weight = arrays["weight"]
        self._bias = float(arrays["bias"][0])
        self._sureness = sureness
        self.version = f"{ALGORITHM}-{self.card['sha256'][:12]}"

    def labels(
        self, frames: NDArray[np.float32], speech: NDArray[np.floating]
    ) -> NDArray[np.int16]:
        """The voice of each cell.

        Args:
            frames: (T, F, 41) float32 of consecutive cells, 50 frames a second; frames that are
                not finite count as no speech.
            speech: (T, F) or (T,) speech probability, 0 to 1; NaN counts as no speech.

        Returns:
            (T,) int16: 0 for the voice that is heard first, 1 for the other one, −1 in cells
            without speech. A cell with both voices gets the one with more frames.

        Raises:
            UsageError: The arrays do not fit each other.
        """
        if frames.ndim != 3 or frames.shape[2] != DIMENSION:
            raise UsageError(f"cells of frames cannot have the shape {frames.shape}")
        if speech.shape not in (frames.shape[:1], frames.shape[:2]):
            raise UsageError(
                f"speech of shape {speech.shape} does not fit frames of shape {frames.shape}"
            )
        probability = speech if speech.ndim == 2 else speech[:, np.newaxis]
        spoken = np.isfinite(frames).all(axis=2) & (probability >= SPEECH_THRESHOLD)
        result = np.where(spoken.any(axis=1), 0, -1).astype(np.int16)
        parts = stretches(spoken.reshape(-1))
        flat = frames.reshape(-1, DIMENSION)
        if not parts:
            return result
        lean = self._bias + np.array([stretch_statistics(flat[p]) for p in parts]) @ self._weight
        seconds = np.array([len(part) for part in parts]) / FRAMES_PER_SECOND
        if critical_sureness(lean, seconds) < self._sureness:
            return result
        voice = _nearer_to_high(lean, seconds, self._sureness)
        if voice[0]:
            voice = 1 - voice
        starts = np.array([part[0] for part in parts])
        rows = np.flatnonzero(spoken)
        at = np.clip(np.searchsorted(starts, rows, side="right") - 1, 0, None)
        both = np.zeros((len(frames), 2))
        np.add.at(both, (rows // frames.shape[1], voice[at]), 1)
        heard = result >= 0
        result[heard] = both[heard].argmax(axis=1)
        return result


def _nearer_to_high(
    lean: NDArray[np.float64], seconds: NDArray[np.float64], sureness: float
) -> NDArray[np.int64]:
    """(S,): 1 beyond the middle between the video's own surely low and surely high speech."""
    high, low = lean >= sureness, lean <= -sureness
    middle = (
        np.average(lean[high], weights=seconds[high]) + np.average(lean[low], weights=seconds[low])
    ) / 2
    return np.asarray(lean > middle, np.int64)
