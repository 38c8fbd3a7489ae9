"""Emotion, arousal and valence of the speech in each analysis cell."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.places import MODELS
from core.signals.mfcc import DIMENSION, FRAMES_PER_SECOND, feature_contract

ALGORITHM = "1"
"""Changes whenever the same weights would make other claims."""

BEFORE = 2 * FRAMES_PER_SECOND
"""Frames of sound before a cell that its claim listens to."""
AFTER = 1 * FRAMES_PER_SECOND
"""Frames of sound after a cell that its claim listens to."""
SPEECH_THRESHOLD = 0.5
"""Speech probability from which a frame counts as speech."""
LEAST_SPEECH = 10
"""Speech frames (0.2 s) that a cell needs before anything is claimed of it."""
BATCH = 64
"""Windows that go through the network together."""
PRIOR_FRAMES = 150
"""Speech frames (3 s) that the training data's statistics weigh against those of the video."""
CLIP = 6.0
"""Normalised values beyond so many deviations are cut: clicks, and digital silence."""


@dataclass(frozen=True)
class Normalisation:
    """What a normal frame of this speaker or video looks like.

    Args:
        mean: (C,) float32.
        deviation: (C,) float32, positive.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(cls, frames: NDArray[np.float32], training: Normalisation) -> Normalisation:
        """The statistics of speech frames, drawn to those of the training data if few.

        The training data count as :data:`PRIOR_FRAMES` frames (3 s), so that a video with one
        word is not normalised to nothing, and one with minutes of speech is itself.

        Args:
            frames: (N, C) float32, speech only; N may be 0.
            training: What to fall back on, :attr:`SpeechEmotion.training`.
        """
        count = len(frames)
        if count == 0:
            return training
        exact = frames.astype(np.float64)
        share = count / (count + PRIOR_FRAMES)
        mean = share * exact.mean(axis=0) + (1 - share) * training.mean
        variance = share * exact.var(axis=0) + (1 - share) * np.square(training.deviation)
        return cls(mean.astype(np.float32), np.sqrt(variance + 1e-6).astype(np.float32))

    def apply(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """(…, C) float32 in deviations from the mean, cut at :data:`CLIP`; NaN stays NaN."""
        return np.asarray(np.clip((frames - self.mean) / self.deviation, -CLIP, CLIP), np.float32)


class SpeechEmotion:
    """Says, cell by cell, what emotion is heard in the speech; says nothing where there is none.

    The claim about cell ``t`` listens to the speech frames from 2 s before the cell to 1 s after
    it, about as much as the utterances that the network learned from. That overlap is the only
    smoothing: a claim changes within about 3 s, and no filter runs over the track afterwards.

    Args:
        folder: Weights; those that come with the application if None.

    Raises:
        ModelError: The weights are missing, damaged or made for other features.
    """

    name = "speech-emotion"
    dimension = 9

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        from core.networks.emotion import EMOTIONS, load_emotion_network

        place = Path(folder) if folder is not None else MODELS / self.name
        self._network, self.card = load_emotion_network(place, contract=feature_contract())
        self.columns: tuple[str, ...] = (*EMOTIONS, "arousal", "valence")
        self.version = f"{ALGORITHM}-{self.card['sha256'][:12]}"
        self.training = Normalisation(
            self._network.training_mean.numpy(), self._network.training_deviation.numpy()
        )
        trained = self.card.get("trained_emotions", list(EMOTIONS))
        self._untrained = [index for index, name in enumerate(EMOTIONS) if name not in trained]

    @staticmethod
    def context(cell_frames: int) -> tuple[int, int]:
        """Cells before and after a cell that its claim listens to, for a live analysis.

        A claim is final once so many cells after it are known (or the sound has ended).
        """
        return -(-BEFORE // cell_frames), -(-AFTER // cell_frames)

    def normalisation(
        self, mfcc: NDArray[np.float32], speech: NDArray[np.floating]
    ) -> Normalisation:
        """The normalisation of a video, or of what is known of it so far.

        Args:
            mfcc: (T, F, C) float32, as for :meth:`tag`.
            speech: (T, F) or (T,), as for :meth:`tag`.
        """
        frames, spoken = _flat(mfcc, speech)
        return Normalisation.of(frames[spoken], self.training)

    def tag(
        self,
        mfcc: NDArray[np.float32],
        speech: NDArray[np.floating],
        normalisation: Normalisation | None = None,
        *,
        first: int = 0,
        last: int | None = None,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> NDArray[np.float32]:
        """Claims about the cells ``[first, last)``; the other cells are their context.

        Args:
            mfcc: (T, F, C) float32 of consecutive cells, :func:`core.signals.mfcc.mfcc_cells`. A
                cell that the sound ends in is filled up with NaN.
            speech: (T, F) or (T,) speech probability, 0 to 1; NaN counts as no speech.
            normalisation: Of the video; that of the frames given here if None.
            first: First cell to tag.
            last: Cell after the last one to tag, T if None.
            progress: Called with the share that is done, 0 to 1.
            cancelled: Asked before each batch.

        Returns:
            (last - first, 9) float32: :attr:`columns`, that is seven probabilities that sum to
            1, arousal and valence (-1 to 1); NaN in cells with less than 0.2 s of speech.
            Emotions that the weights never learned have probability 0.

        Raises:
            UsageError: The arrays do not fit each other, or the range is not inside of them.
            Cancelled: ``cancelled()`` returned true.
        """
        import torch

        frames, spoken = _flat(mfcc, speech)
        cells, cell_frames = mfcc.shape[:2]
        last = cells if last is None else last
        if not 0 <= first <= last <= cells:
            raise UsageError(f"cells {first} to {last} are not inside of the {cells} given")
        if normalisation is None:
            normalisation = Normalisation.of(frames[spoken], self.training)
        result = np.full((last - first, self.dimension), np.nan, np.float32)
        counts = spoken.reshape(cells, cell_frames).sum(axis=1)
        least = min(LEAST_SPEECH, cell_frames)
        claimed = first + np.flatnonzero(counts[first:last] >= least)
        normal = np.where(spoken[:, None], normalisation.apply(frames), 0.0).astype(np.float32)
        padded = np.pad(normal, ((BEFORE, AFTER), (0, 0)))
        heard = np.pad(spoken, (BEFORE, AFTER))
        reach = np.arange(BEFORE + cell_frames + AFTER)
        for start in range(0, len(claimed), BATCH):
            if cancelled is not None and cancelled():
                raise Cancelled
            batch = claimed[start : start + BATCH]
            rows = batch[:, None] * cell_frames + reach
            with torch.inference_mode():
                output = self._network(
                    torch.from_numpy(padded[rows]), torch.from_numpy(heard[rows])
                )
                logits = output.logits.clone()
                logits[:, self._untrained] = -torch.inf
                result[batch - first, :7] = torch.softmax(logits, dim=1).numpy()
            result[batch - first, 7] = output.arousal.numpy()
            result[batch - first, 8] = output.valence.numpy()
            if progress is not None:
                progress(min(1.0, (start + len(batch)) / len(claimed)))
        return result


def _flat(
    mfcc: NDArray[np.float32], speech: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(T · F, C) frames in a row, and which of them are speech."""
    if mfcc.ndim != 3 or mfcc.shape[2] != DIMENSION or mfcc.shape[1] == 0:
        raise UsageError(f"cells of coefficients cannot have the shape {mfcc.shape}")
    if speech.shape not in (mfcc.shape[:1], mfcc.shape[:2]):
        raise UsageError(
            f"speech of shape {speech.shape} does not fit coefficients of shape {mfcc.shape}"
        )
    probability = speech if speech.ndim == 2 else speech[:, None]
    spoken = np.broadcast_to(probability >= SPEECH_THRESHOLD, mfcc.shape[:2]).reshape(-1)
    frames = mfcc.reshape(-1, DIMENSION)
    return frames, spoken & np.isfinite(frames).all(axis=1)
