"""Where somebody speaks: the Silero voice activity detector (Silero Team, 2021–2026, MIT)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.media.probe import MediaInfo
from core.media.sound import SPEECH_RATE, SoundCell
from core.signals.base import Extractor, Row, RowFormat, Signal
from core.time import Grid

if TYPE_CHECKING:
    import onnxruntime

FRAMES_PER_SECOND = 50
"""Speech probabilities per second, as many as there are MFCC frames."""

_FRAME, _CONTEXT = 512, 64


class SpeechActivity(Signal[SoundCell]):
    """Probability of speech every 20 ms: rows ``(50 · step,) float16`` in 0…1."""

    name = "speech-activity"
    version = "silero-6.2-1"
    stream = "sound"
    warm_up = Fraction(8)

    def row_format(self, info: MediaInfo, grid: Grid) -> RowFormat:
        return RowFormat((int(FRAMES_PER_SECOND * grid.step),), "float16")

    def start(self, info: MediaInfo, grid: Grid, first_cell: int) -> Extractor[SoundCell]:
        return _Detector(grid, first_cell)


class _Detector(Extractor[SoundCell]):
    def __init__(self, grid: Grid, first_cell: int) -> None:
        self._session = _session()
        self._grid = grid
        self._frames = int(FRAMES_PER_SECOND * grid.step)
        self._first = first_cell
        self._hidden = np.zeros((1, 1, 128), np.float32)
        self._state = np.zeros((1, 1, 128), np.float32)
        self._waiting: NDArray[np.float32] | None = None
        self._last = np.float32(0)

    def feed(self, piece: SoundCell) -> Sequence[Row]:
        if self._waiting is None:
            self._waiting = self._padding(piece.index)
        before = len(self._waiting) - _CONTEXT
        heard = self._hear(self._waiting, piece.speech)
        if piece.index < self._first:
            return []
        centres = (np.arange(self._frames) + 0.5) * SPEECH_RATE / FRAMES_PER_SECOND
        inside = centres < len(piece.speech)
        frame = np.clip(((centres + before) // _FRAME).astype(int), 0, len(heard) - 1)
        return [np.where(inside, heard[frame], 0).astype(np.float16)]

    def finish(self) -> Sequence[Row]:
        return []

    def _padding(self, cell: int) -> NDArray[np.float32]:
        """Silence that brings frames to where they are when the sound is heard from its begin."""
        passed = int(self._grid.start(cell) * SPEECH_RATE) % _FRAME
        return np.zeros(_CONTEXT + passed, np.float32)

    def _hear(
        self, waiting: NDArray[np.float32], samples: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probabilities of the 32 ms frames that are complete, or the last one known."""
        sound = np.concatenate((waiting, samples))
        count = (len(sound) - _CONTEXT) // _FRAME
        if count:
            starts = np.arange(count)[:, None] * _FRAME
            frames = sound[starts + np.arange(_CONTEXT + _FRAME)]
            found, self._hidden, self._state = self._session.run(
                ["speech_probs", "hn", "cn"],
                {"input": frames, "h": self._hidden, "c": self._state},
            )
            self._waiting = sound[count * _FRAME :]
            self._last = found[-1]
            return np.asarray(found, np.float32)
        self._waiting = sound
        return np.array([self._last], np.float32)


def _session() -> onnxruntime.InferenceSession:
    """The detector's network, found without importing its package, which would import torch."""
    import onnxruntime

    remedy = "Install silero-vad again."
    package = importlib.util.find_spec("silero_vad")
    if package is None or not package.submodule_search_locations:
        raise ModelError("the speech detector is not installed", remedy=remedy)
    path = Path(package.submodule_search_locations[0]) / "data" / "silero_vad_16k_sequence.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own kinds for missing and damaged files
        raise ModelError(
            "the speech detector cannot be loaded", path=path, remedy=remedy
        ) from error
