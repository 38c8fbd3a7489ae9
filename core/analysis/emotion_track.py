"""The emotion track: told from speech frames and speech activity, live and then for good."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.channel import Channel
from core.analysis.store import Store
from core.networks.weights import check_contract, load_card
from core.places import MODELS
from core.signals.base import RowFormat
from core.signals.encoder_emotion import EncoderEmotion
from core.signals.speech_emotion import (
    Normalisation,
    SpeechEmotion,
    emotion_contract,
    gated,
    shown_claims,
    temperature_of,
    weights_version,
)
from core.signals.voices import ALGORITHM as VOICES_ALGORITHM
from core.signals.voices import Voices
from core.signals.voices import feature_contract as voices_contract
from core.time import Grid

DEFAULT_WEIGHTS = MODELS / SpeechEmotion.name
_GROWTH = 1.5
_LIVE_WINDOWS = 60
"""Windows that the normalisation of a growing video is made of."""
_AT_ONCE = 300
"""Cells that are told in one go, so that a cancel is heard soon."""


def is_encoder(weights: Path) -> bool:
    """Whether a folder holds a fine-tuned speech encoder, which hears the waveform itself.

    Raises:
        ModelError: There is no card of weights in the folder.
    """
    return bool(load_card(weights)["contract"].get("front_end") == "waveform")


class EmotionTrack(ABC):
    """Rows ``(10,) float32`` per cell, the columns of :class:`SpeechEmotion`; NaN without speech.

    Attributes:
        rows: ``(known, 10) float32``.
        version: Of all that makes the claims.
    """

    name = SpeechEmotion.name

    def __init__(
        self,
        source: Channel,
        speech: Channel,
        versions: tuple[str, ...],
        fingerprint: str,
        grid: Grid,
        store: Store,
        cells: int,
    ) -> None:
        self._source = source
        self._speech = speech
        self._cells = cells
        parts = (*versions, source.signal.version, speech.signal.version)
        layout = RowFormat((SpeechEmotion.dimension,), "float32")
        self.version = "-".join(parts)
        self._place = store.track(fingerprint, grid, self.name, self.version, cells, layout)
        found = self._place.load()
        self._final = len(found) == cells
        self.rows: NDArray[np.float32] = found if self._final else found[:0]

    @property
    def final(self) -> bool:
        """All claims are made for good."""
        return self._final

    def grow(self) -> None:
        """Makes claims about the cells that have come since the last time."""
        known = min(self._source.known, self._speech.known, len(self.rows) + _AT_ONCE)
        if not self._final and known > len(self.rows):
            self.rows = np.concatenate((self.rows, self._live(len(self.rows), known)))

    def settle(self, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        """Makes all claims for good, with all of the video known, and keeps them.

        Raises:
            Cancelled: ``cancelled()`` returned true.
            StoreError: The store cannot be written.
        """
        if self._final:
            return
        self.rows = self._last(progress, cancelled)
        self._place.complete(self.rows)
        self._final = True

    @abstractmethod
    def _live(self, first: int, known: int) -> NDArray[np.float32]:
        """Claims about the cells ``[first, known)`` from what is known so far."""

    @abstractmethod
    def _last(
        self, progress: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> NDArray[np.float32]:
        """Claims about all cells."""

    def _heard(self, begin: int, end: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        return (
            self._source.rows[begin:end].astype(np.float32),
            self._speech.rows[begin:end].astype(np.float32),
        )


class FrameEmotionTrack(EmotionTrack):
    """Told by a small network from stored speech frames.

    While the analysis runs, claims are made with the normalisation of what was heard so far; when
    all of the sound is known they are made again with that of the whole video, and of each of its
    voices where a low and a high one are told apart.
    """

    def __init__(
        self,
        weights: Path,
        frames: Channel,
        speech: Channel,
        fingerprint: str,
        grid: Grid,
        store: Store,
        cells: int,
    ) -> None:
        self._weights = weights
        self._network: SpeechEmotion | None = None
        self._normalisation: Normalisation | None = None
        self._normalised = 0
        card, voices = load_card(weights), load_card(MODELS / Voices.name)
        check_contract(card["contract"], emotion_contract(), weights)
        check_contract(voices["contract"], voices_contract(), MODELS / Voices.name)
        versions = (
            weights_version(card),
            VOICES_ALGORITHM,
            voices["sha256"][:12],
            f"{voices.get('sureness')}",
        )
        super().__init__(frames, speech, versions, fingerprint, grid, store, cells)

    def _live(self, first: int, known: int) -> NDArray[np.float32]:
        network = self._load()
        if self._normalisation is None or known > _GROWTH * self._normalised:
            # Anew only when half as much has been added, or hours would be gone over and over.
            self._normalisation = network.normalisation(
                *self._heard(0, known), windows=_LIVE_WINDOWS
            )
            self._normalised = known
        before, _ = network.context(self._source.rows.shape[1])
        begin = max(0, first - before)
        frames, speech = self._heard(begin, known)
        return network.tag(
            frames, speech, self._normalisation, first=first - begin, last=known - begin
        )

    def _last(
        self, progress: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> NDArray[np.float32]:
        frames, speech = self._heard(0, self._cells)
        voices = Voices().labels(frames, speech)
        return self._load().tag(
            frames, speech, voices=voices, progress=progress, cancelled=cancelled
        )

    def _load(self) -> SpeechEmotion:
        if self._network is None:
            self._network = SpeechEmotion(self._weights)
        return self._network


class EncoderEmotionTrack(EmotionTrack):
    """Told by a fine-tuned speech encoder, whose claims the speech activity lets through."""

    def __init__(
        self,
        weights: Path,
        claims: Channel,
        speech: Channel,
        fingerprint: str,
        grid: Grid,
        store: Store,
        cells: int,
    ) -> None:
        card = load_card(weights)
        self._temperature = temperature_of(card)
        versions = (EncoderEmotion.name, weights_version(card))
        super().__init__(claims, speech, versions, fingerprint, grid, store, cells)

    def _live(self, first: int, known: int) -> NDArray[np.float32]:
        claims, speech = self._heard(0, known)
        return gated(shown_claims(claims[first:], self._temperature), speech, first)

    def _last(
        self, progress: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> NDArray[np.float32]:
        return self._live(0, self._cells)
