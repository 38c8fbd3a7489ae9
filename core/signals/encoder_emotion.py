"""Emotion, arousal and valence in each analysis cell, heard by a fine-tuned speech encoder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.media.probe import MediaInfo
from core.media.sound import SPEECH_RATE, SoundCell
from core.networks.emotion_classes import LABELS
from core.networks.weights import load_card
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid

if TYPE_CHECKING:
    from core.networks.speech_encoder import SpeechEncoderNetwork

ALGORITHM = "1"
"""Changes whenever the same weights would make other claims."""
BEFORE = 2 * SPEECH_RATE
"""Samples of sound before a cell that its claim listens to."""
AFTER = 1 * SPEECH_RATE
"""Samples of sound after a cell that its claim listens to."""
BATCH = 8
"""Cells that are heard together."""


class EncoderEmotion(Signal[SoundCell]):
    """Rows ``(10,) float32``: probabilities of LABELS, arousal, valence (-1 to 1).

    The claim about a cell listens from 2 s before it to 1 s after it. Whether anybody speaks is
    not asked here: rows of music or noise hold numbers too, and are to be masked by the speech
    activity. Rows are NaN where that stretch is digital silence.

    Rows come when the second after their cell is known and eight of them can be computed at
    once, the last ones at the end.

    Args:
        folder: Weights, of :func:`core.networks.speech_encoder.save_encoder`. They are loaded when
            the first rows are computed.

    Raises:
        ModelError: There is no card of weights in the folder.
    """

    name = "speech-encoder"
    stream = "sound"
    columns = (*LABELS, "arousal", "valence")
    warm_up = Fraction(BEFORE, SPEECH_RATE)
    starts_slowly = True

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._network: SpeechEncoderNetwork | None = None
        self.card = load_card(folder)
        self.version = f"{ALGORITHM}-{str(self.card.get('sha256'))[:12]}"

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((len(self.columns),), "float32")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        return _Claims(self, first_cell)

    def claims(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """(N, 10) float32 for so many stretches of mono sound at 16 kHz.

        Raises:
            ModelError: The weights are damaged, or are not those of a speech encoder.
        """
        if self._network is None:
            import torch

            from core.networks.speech_encoder import load_speech_encoder

            network, _ = load_speech_encoder(self._folder)
            self._network = network.to("cuda" if torch.cuda.is_available() else "cpu")
        return self._network.claims(sounds)


class _Claims(Extractor[SoundCell]):
    """Keeps as much sound as the open cells listen to.

    Positions are samples since the first piece; cells may differ in length by a sample.
    """

    def __init__(self, signal: EncoderEmotion, first_cell: int) -> None:
        self._signal = signal
        self._first = first_cell
        self._sound = np.zeros(0, np.float32)
        self._dropped = 0
        self._open: list[tuple[int, int]] = []

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        begin = self._dropped + len(self._sound)
        end = begin + len(piece.speech)
        self._sound = np.concatenate((self._sound, piece.speech))
        if piece.index >= self._first:
            self._open.append((begin, end))
        ready = sum(cell_end + AFTER <= end for _, cell_end in self._open)
        rows = self._claimed(ready) if ready >= BATCH else []
        self._drop(min([start for start, _ in self._open], default=end) - BEFORE)
        return rows

    def finish(self) -> Sequence[Row]:
        return self._claimed(len(self._open))

    def _claimed(self, count: int) -> Sequence[Row]:
        cells, self._open = self._open[:count], self._open[count:]
        stretches = [
            self._sound[max(0, begin - BEFORE - self._dropped) : end + AFTER - self._dropped]
            for begin, end in cells
        ]
        return list(self._signal.claims(stretches))

    def _drop(self, position: int) -> None:
        """Forgets the sound before a position."""
        if position > self._dropped:
            self._sound = self._sound[position - self._dropped :]
            self._dropped = position
