"""Emotion, arousal and valence of the speech in each analysis cell."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, ModelError, UsageError
from core.networks.emotion_classes import EMOTIONS, LABELS, STATISTICS_VERSION
from core.places import MODELS
from core.signals.framing import FRAMES_PER_SECOND
from core.signals.speech_frames import DIMENSION, feature_contract

if TYPE_CHECKING:
    from core.networks.emotion import EmotionNetwork

ALGORITHM = "2"
"""Changes whenever the same weights would make other claims."""

BEFORE = 2 * FRAMES_PER_SECOND
"""Frames of sound before a cell that its claim listens to."""
AFTER = 1 * FRAMES_PER_SECOND
"""Frames of sound after a cell that its claim listens to."""
SPEECH_THRESHOLD = 0.5
"""Speech probability from which a frame counts as speech."""
LEAST_SPEECH = 10
"""Speech frames (0.2 s) that a cell needs before anything is claimed of it."""
SURE_SPEECH = FRAMES_PER_SECOND
"""Speech frames (1 s) in a window from which lack of speech no longer lowers the confidence."""
BATCH = 64
"""Windows that go through the network together."""
MOST_WINDOWS = 400
"""Windows, spread evenly over the video, that its normalisation is made of."""
VOICE_PRIOR = 30
"""Seconds of speech that the whole video's statistics weigh against those of one of its voices."""
CLIP = 5.0
"""Normalised values beyond so many deviations are cut: clicks, and digital silence."""


def emotion_contract() -> dict[str, Any]:
    """What weights of speech emotion must have been trained with to be used here."""
    return {
        **feature_contract(),
        "normalisation": "mean and deviation of a speaker's or a video's descriptions",
        "clip": CLIP,
        "window": [BEFORE, AFTER],
        "statistics": STATISTICS_VERSION,
    }


@dataclass(frozen=True)
class Normalisation:
    """What is usual for this speaker or video.

    Args:
        mean: (C,) float32.
        deviation: (C,) float32, positive.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(
        cls, rows: NDArray[np.floating], fallback: Normalisation, *, prior: float
    ) -> Normalisation:
        """The statistics of rows, drawn to those of the fallback if there are few.

        A video with one word is not normalised to nothing, and one with minutes of speech is
        itself.

        Args:
            rows: (N, C), NaN where something could not be measured; N may be 0.
            fallback: What the rows are drawn to.
            prior: Rows that the fallback counts as.
        """
        exact = rows.astype(np.float64)
        known = np.isfinite(exact)
        count = known.sum(axis=0)
        some = np.maximum(count, 1)
        own_mean = np.where(known, exact, 0.0).sum(axis=0) / some
        own_variance = np.where(known, np.square(exact - own_mean), 0.0).sum(axis=0) / some
        share = count / (count + prior)
        mean = share * own_mean + (1 - share) * fallback.mean
        variance = share * own_variance + (1 - share) * np.square(fallback.deviation)
        return cls(mean.astype(np.float32), np.sqrt(variance + 1e-6).astype(np.float32))

    def apply(self, rows: NDArray[np.floating]) -> NDArray[np.float32]:
        """(…, C) float32 in deviations from the mean, cut at :data:`CLIP`; NaN becomes 0."""
        normal = np.clip((rows - self.mean) / self.deviation, -CLIP, CLIP)
        return np.nan_to_num(normal, nan=0.0).astype(np.float32)


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
    columns = (*EMOTIONS, "arousal", "valence", "confidence")
    dimension = len(columns)

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        from core.networks.emotion_weights import load_emotion_network

        place = Path(folder) if folder is not None else MODELS / self.name
        network, card = load_emotion_network(place, contract=emotion_contract())
        self._hold(network, card)
        # Weights of other columns are refused here, and not in the middle of a video.
        self.hear(np.zeros((1, LEAST_SPEECH, DIMENSION), np.float32), np.ones(1))

    @classmethod
    def of(cls, network: EmotionNetwork, card: Mapping[str, Any]) -> SpeechEmotion:
        """The signal of a network that is in memory; ``card`` needs nothing but its ``sha256``."""
        made = cls.__new__(cls)
        made._hold(network.eval(), card)
        return made

    def _hold(self, network: EmotionNetwork, card: Mapping[str, Any]) -> None:
        self._network = network
        self.card = card
        self.version = weights_version(card)
        self.training = Normalisation(
            network.training_mean.numpy(), network.training_deviation.numpy()
        )
        self._temperature = temperature_of(card)

    @staticmethod
    def context(cell_frames: int) -> tuple[int, int]:
        """Cells before and after a cell that its claim listens to, for a live analysis.

        A claim is final once so many cells after it are known (or the sound has ended).
        """
        return -(-BEFORE // cell_frames), -(-AFTER // cell_frames)

    def normalisation(
        self,
        frames: NDArray[np.float32],
        speech: NDArray[np.floating],
        *,
        windows: int = MOST_WINDOWS,
    ) -> Normalisation:
        """The normalisation of a video, or of what is known of it so far.

        Args:
            frames: (T, F, C) float32, as for :meth:`tag`.
            speech: (T, F) or (T,), as for :meth:`tag`.
            windows: How many at the most, spread evenly, are looked at.
        """
        heard = _Heard.of(frames, speech)
        return self._usual(heard, heard.claimed(0, heard.cells), self.training, most=windows)

    def tag(
        self,
        frames: NDArray[np.float32],
        speech: NDArray[np.floating],
        normalisation: Normalisation | None = None,
        *,
        voices: NDArray[np.integer] | None = None,
        first: int = 0,
        last: int | None = None,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> NDArray[np.float32]:
        """Claims about the cells ``[first, last)``; the other cells are their context.

        Args:
            frames: (T, F, C) float32 of consecutive cells,
                :func:`core.signals.speech_frames.speech_frames`. A cell that the sound ends in is
                filled up with NaN.
            speech: (T, F) or (T,) speech probability, 0 to 1; NaN counts as no speech.
            normalisation: Of the video; that of the frames given here if None.
            voices: (T,) which voice speaks in each cell, -1 for none; one voice if None. Every
                voice is heard beside its own speech, drawn to that of the video.
            first: First cell to tag.
            last: Cell after the last one to tag, T if None.
            progress: Called with the share that is done, 0 to 1.
            cancelled: Asked before each batch.

        Returns:
            (last - first, 10) float32: :attr:`columns`, that is seven probabilities that sum to
            1, arousal and valence (-1 to 1), and the confidence: the calibrated probability that
            the strongest emotion is right, lowered in proportion where less than 1 s of speech is
            heard. NaN in cells with less than 0.2 s of speech. Emotions that the weights never
            learned have probability 0.

        Raises:
            UsageError: The arrays do not fit each other, or the range is not inside of them.
            Cancelled: ``cancelled()`` returned true.
        """
        heard = _Heard.of(frames, speech)
        last = heard.cells if last is None else last
        claims = self._claims(heard, normalisation, voices, first, last, progress, cancelled)
        result = shown_claims(claims, self._temperature)
        result[:, -1] *= np.minimum(heard.window_speech()[first:last] / SURE_SPEECH, 1.0)
        return result

    def descriptions(
        self,
        frames: NDArray[np.float32],
        speech: NDArray[np.floating],
        cells: NDArray[np.integer],
        *,
        voices: NDArray[np.integer] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """What a network over statistics is given of some cells by :meth:`tag`.

        Args:
            frames: (T, F, C) float32 of the whole video, as for :meth:`tag`.
            speech: (T, F) or (T,), as for :meth:`tag`.
            cells: Which are wanted.
            voices: (T,), as for :meth:`tag`.
            cancelled: Asked before each batch.

        Returns:
            (N,) those of the cells that have speech enough for a claim, in order, and
            (N, S) float32 the normalised description of the window of each.

        Raises:
            UsageError: The arrays do not fit each other, or the network hears sequences.
            Cancelled: ``cancelled()`` returned true.
        """
        if self._network.rows_per_second != 1:
            raise UsageError("a network over sequences describes no window by one row")
        heard = _Heard.of(frames, speech)
        wanted = np.intersect1d(heard.claimed(0, heard.cells), cells)
        found = np.zeros((len(wanted), len(self.training.mean)), np.float32)
        for batch, described, _ in self._described(heard, None, voices, wanted):
            if cancelled is not None and cancelled():
                raise Cancelled
            found[np.searchsorted(wanted, batch)] = described
        return wanted, found

    def hear(
        self, frames: NDArray[np.float32], speech: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """The network's own claims, before anything is calibrated or left out.

        Args:
            frames: (T, F, C) float32, as for :meth:`tag`.
            speech: (T, F) or (T,), as for :meth:`tag`.

        Returns:
            (T, 10) float32: probabilities of LABELS, arousal, valence; NaN without speech.
        """
        heard = _Heard.of(frames, speech)
        return self._claims(heard, None, None, 0, heard.cells, None, None)

    def _claims(
        self,
        heard: _Heard,
        normalisation: Normalisation | None,
        voices: NDArray[np.integer] | None,
        first: int,
        last: int,
        progress: Callable[[float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> NDArray[np.float32]:
        import torch

        if not 0 <= first <= last <= heard.cells:
            raise UsageError(f"cells {first} to {last} are not inside of the {heard.cells} given")
        result = np.full((last - first, len(LABELS) + 2), np.nan, np.float32)
        claimed = heard.claimed(first, last)
        done = 0
        for cells, described, mask in self._described(heard, normalisation, voices, claimed):
            if cancelled is not None and cancelled():
                raise Cancelled
            with torch.inference_mode():
                output = self._network(torch.from_numpy(described), mask)
            at = cells - first
            result[at, : len(LABELS)] = torch.softmax(output.logits, dim=1).numpy()
            result[at, -2] = output.arousal.numpy()
            result[at, -1] = output.valence.numpy()
            done += len(cells)
            if progress is not None:
                progress(done / len(claimed))
        return result

    def _described(
        self,
        heard: _Heard,
        normalisation: Normalisation | None,
        voices: NDArray[np.integer] | None,
        cells: NDArray[np.int64],
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], Any]]:
        """Batches of cells with what the network hears of them, normalised, and their masks."""
        import torch

        if voices is not None and voices.shape != (heard.cells,):
            raise UsageError(f"voices of shape {voices.shape} do not fit {heard.cells} cells")
        everything = heard.claimed(0, heard.cells)
        video = normalisation or self._usual(heard, everything, self.training)
        of_cell = voices if voices is not None else np.zeros(heard.cells, int)
        for voice in np.unique(of_cell[cells]):
            usual = video
            if voices is not None and (voices[everything] != voice).any():
                own = everything[voices[everything] == voice]
                prior = VOICE_PRIOR * self._network.rows_per_second
                usual = self._usual(heard, own, video, prior=prior)
            for batch, frames, mask in heard.windows(cells[of_cell[cells] == voice]):
                with torch.inference_mode():
                    described = self._network.describe(frames, mask).numpy()
                yield batch, usual.apply(described), mask

    def _usual(
        self,
        heard: _Heard,
        cells: NDArray[np.int64],
        fallback: Normalisation,
        *,
        prior: float | None = None,
        most: int = MOST_WINDOWS,
    ) -> Normalisation:
        import torch

        if not len(cells):
            return fallback
        if len(cells) > most:
            cells = cells[np.linspace(0, len(cells) - 1, most).round().astype(int)]
        parts = []
        with torch.inference_mode():
            # Windows overlap; where frames are what is usual, each of them is to count once.
            own = self._network.rows_per_second > 1
            for _, frames, mask in heard.windows(cells, own=own):
                parts.append(self._network.usual(self._network.describe(frames, mask), mask))
        rows = torch.cat(parts).numpy()
        return Normalisation.of(rows, fallback, prior=prior or self._network.prior)


def shown_claims(claims: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """What the application shows of a network's claims.

    Args:
        claims: (N, 10) probabilities of LABELS, arousal, valence.
        temperature: What the logarithms of the probabilities are divided by (Guo et al. 2017).

    Returns:
        (N, 10) float32: probabilities of EMOTIONS that sum to 1, arousal, valence, and the
        calibrated probability of the strongest of EMOTIONS among all labels.
    """
    with np.errstate(divide="ignore"):
        level = np.log(claims[:, : len(LABELS)].astype(np.float64)) / temperature
    shares = np.exp(level - level.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    known = shares[:, : len(EMOTIONS)]
    result = np.empty((len(claims), SpeechEmotion.dimension), np.float32)
    result[:, : len(EMOTIONS)] = known / np.maximum(known.sum(axis=1, keepdims=True), 1e-12)
    result[:, len(EMOTIONS) : -1] = claims[:, len(LABELS) :]
    result[:, -1] = known.max(axis=1)
    return result


def gated(
    track: NDArray[np.float32], speech: NDArray[np.floating], first: int = 0
) -> NDArray[np.float32]:
    """A copy that is NaN without speech, and less confident with little of it, as by ``tag``.

    Args:
        track: (N, 10) float32 of the cells from ``first`` on.
        speech: (T, F) speech probability of all cells, 0 to 1; NaN counts as no speech.
        first: The cell that the track begins with.
    """
    spoken = speech >= SPEECH_THRESHOLD
    enough = spoken.sum(axis=1) >= min(LEAST_SPEECH, speech.shape[1])
    last = first + len(track)
    result = np.where(enough[first:last, np.newaxis], track, np.nan).astype(np.float32)
    heard = _window_sums(np.pad(spoken.reshape(-1), (BEFORE, AFTER)), *speech.shape)
    result[:, -1] *= np.minimum(heard[first:last] / SURE_SPEECH, 1.0)
    return result


def temperature_of(card: Mapping[str, Any]) -> float:
    """What the logarithms of the weights' probabilities are divided by, 1 if nothing is said.

    Raises:
        ModelError: It is no positive number.
    """
    value = card.get("temperature", 1.0)
    if not isinstance(value, int | float) or not 0.01 <= value <= 100.0:
        raise ModelError(
            f"the card of the weights says {value!r} for the temperature",
            remedy="Use weights that were trained with this version, or train them again.",
        )
    return float(value)


def weights_version(card: Mapping[str, Any]) -> str:
    """Changes whenever weights would make other claims."""
    return f"{ALGORITHM}-{card['sha256'][:12]}-{temperature_of(card):g}"


@dataclass(frozen=True)
class _Heard:
    """Frames in a row with silence before and after, and which of them are speech."""

    padded: NDArray[np.float32]
    spoken: NDArray[np.bool_]
    cells: int
    cell_frames: int

    @classmethod
    def of(cls, frames: NDArray[np.float32], speech: NDArray[np.floating]) -> _Heard:
        if frames.ndim != 3 or frames.shape[2] != DIMENSION or frames.shape[1] == 0:
            raise UsageError(f"cells of speech frames cannot have the shape {frames.shape}")
        if speech.shape not in (frames.shape[:1], frames.shape[:2]):
            raise UsageError(
                f"speech of shape {speech.shape} does not fit frames of shape {frames.shape}"
            )
        probability = speech if speech.ndim == 2 else speech[:, None]
        spoken = np.broadcast_to(probability >= SPEECH_THRESHOLD, frames.shape[:2]).reshape(-1)
        rows = frames.reshape(-1, DIMENSION)
        spoken = spoken & np.isfinite(rows).all(axis=1)
        quiet = np.where(spoken[:, None], rows, 0.0).astype(np.float32)
        return cls(
            np.pad(quiet, ((BEFORE, AFTER), (0, 0))),
            np.pad(spoken, (BEFORE, AFTER)),
            *frames.shape[:2],
        )

    def claimed(self, first: int, last: int) -> NDArray[np.int64]:
        """The cells with enough speech for a claim."""
        inside = self.spoken[BEFORE : len(self.spoken) - AFTER]
        inside = inside.reshape(self.cells, self.cell_frames)
        least = min(LEAST_SPEECH, self.cell_frames)
        return first + np.flatnonzero(inside[first:last].sum(axis=1) >= least)

    def window_speech(self) -> NDArray[np.int64]:
        """(T,) speech frames in the window of each cell."""
        return _window_sums(self.spoken, self.cells, self.cell_frames)

    def windows(
        self, cells: NDArray[np.int64], *, own: bool = False
    ) -> Iterator[tuple[NDArray[np.int64], Any, Any]]:
        """Batches of cells with the frames (B, F, C) and the masks (B, F) of their windows.

        Args:
            cells: Which.
            own: The cell's own frames in place of its window.
        """
        import torch

        reach = np.arange(BEFORE + self.cell_frames + AFTER)
        if own:
            reach = BEFORE + np.arange(self.cell_frames)
        for start in range(0, len(cells), BATCH):
            batch = cells[start : start + BATCH]
            rows = batch[:, None] * self.cell_frames + reach
            yield batch, torch.from_numpy(self.padded[rows]), torch.from_numpy(self.spoken[rows])


def _window_sums(spoken: NDArray[np.bool_], cells: int, cell_frames: int) -> NDArray[np.int64]:
    """(T,) speech frames in the window of each cell, of padded frames."""
    passed = np.concatenate(([0], np.cumsum(spoken)))
    starts = np.arange(cells) * cell_frames
    return np.asarray(passed[starts + BEFORE + cell_frames + AFTER] - passed[starts])
