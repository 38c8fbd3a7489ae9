"""The emotion track: told from MFCC sequences and speech activity, live and then for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.channel import Channel
from core.analysis.store import Store
from core.networks.weights import load_card
from core.places import MODELS
from core.signals.base import RowFormat
from core.signals.speech_emotion import ALGORITHM, Normalisation, SpeechEmotion
from core.time import Grid

_GROWTH = 1.1


class EmotionTrack:
    """Rows ``(9,) float32`` per cell: seven probabilities, arousal, valence; NaN without speech.

    While the analysis runs, claims are made with the normalisation of what was heard so far; when
    all of the sound is known they are made again with that of the whole video, and kept.

    Attributes:
        rows: ``(known, 9) float32``.
    """

    name = SpeechEmotion.name

    def __init__(
        self, coefficients: Channel, speech: Channel, fingerprint: str, grid: Grid, store: Store,
        cells: int,
    ) -> None:  # fmt: skip
        self._coefficients = coefficients
        self._speech = speech
        self._network: SpeechEmotion | None = None
        self._normalisation: Normalisation | None = None
        self._normalised = 0
        card = load_card(MODELS / SpeechEmotion.name)
        parts = (ALGORITHM, card["sha256"][:12], coefficients.signal.version, speech.signal.version)
        layout = RowFormat((SpeechEmotion.dimension,), "float32")
        self._place = store.track(fingerprint, grid, self.name, "-".join(parts), cells, layout)
        found = self._place.load()
        self._final = len(found) == cells
        self._cells = cells
        self.rows: NDArray[np.float32] = found if self._final else found[:0]

    @property
    def final(self) -> bool:
        """All claims are made for good."""
        return self._final

    def grow(self) -> None:
        """Makes claims about the cells that have come since the last time."""
        known = min(self._coefficients.known, self._speech.known)
        first = len(self.rows)
        if self._final or known <= first:
            return
        network = self._load()
        if self._normalisation is None or known > _GROWTH * self._normalised:
            # Anew only when a tenth has been added, or hours of sound would be gone over and over.
            self._normalisation = network.normalisation(*self._heard(0, known))
            self._normalised = known
        before, _ = network.context(self._coefficients.rows.shape[1])
        begin = max(0, first - before)
        mfcc, speech = self._heard(begin, known)
        new = network.tag(
            mfcc, speech, self._normalisation, first=first - begin, last=known - begin
        )
        self.rows = np.concatenate((self.rows, new))

    def settle(self, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        """Makes all claims for good, with the normalisation of the whole video, and keeps them.

        Raises:
            Cancelled: ``cancelled()`` returned true.
            StoreError: The store cannot be written.
        """
        if self._final:
            return
        mfcc, speech = self._heard(0, self._cells)
        self.rows = self._load().tag(mfcc, speech, progress=progress, cancelled=cancelled)
        self._place.complete(self.rows)
        self._final = True

    def _load(self) -> SpeechEmotion:
        if self._network is None:
            self._network = SpeechEmotion()
        return self._network

    def _heard(self, begin: int, end: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        return (
            self._coefficients.rows[begin:end].astype(np.float32),
            self._speech.rows[begin:end].astype(np.float32),
        )
