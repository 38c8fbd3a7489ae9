"""Recognises a moment that the video shows again: a replay, a recap, a looped clip."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.time import Span

_SILENT = -60.0

LEAST_PICTURE_SIMILARITY = 0.9
LEAST_SOUND_SIMILARITY = 0.85
LEAST_SILENT_SIMILARITY = 0.995
"""Cosines; where there is no sound to tell takes apart, the pictures must be all but the same."""

LEAST_SECONDS = 3.0
"""Shorter repetitions are chance, or a picture held for a moment."""


class Repetitions:
    """Finds what a video shows more than once.

    The cells of two stretches are laid over each other with every shift; a run of at least three
    seconds repeats if the visual features and the sound's coefficients (centred within the video,
    so that one speaker before one wall is not all the same) agree throughout.

    Args:
        analysis: The whole analysis.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._seen = analysis.tracks["visual-features"]
        self._heard = _heard(analysis)
        self._least = math.ceil(LEAST_SECONDS / float(analysis.grid.step))

    def find(self, first: Span, second: Span) -> Span | None:
        """The stretch of the second span that shows what the first one shows, if there is one."""
        grid, cells = self._analysis.grid, self._analysis.cells
        one, two = grid.cells(first, cells), grid.cells(second, cells)
        similar = _cosines(self._seen[one].astype(np.float32), self._seen[two].astype(np.float32))
        if self._heard is None:
            agree = similar >= LEAST_SILENT_SIMILARITY
        else:
            agree = similar >= LEAST_PICTURE_SIMILARITY
            agree &= _cosines(self._heard[one], self._heard[two]) >= LEAST_SOUND_SIMILARITY
        best = (0, 0)
        for shift in range(-len(agree) + 1, agree.shape[1]):
            begin, end = _longest_run(np.diagonal(agree, shift))
            if end - begin > best[1] - best[0]:
                offset = max(0, shift)
                best = (begin + offset, end + offset)
        if best[1] - best[0] < self._least:
            return None
        return Span(grid.start(two.start + best[0]), grid.start(two.start + best[1]))


def _heard(analysis: Analysis) -> NDArray[np.float32] | None:
    """The mean coefficients of each cell, centred and scaled within the video; silence is zero."""
    sound = analysis.tracks.get("speech-coefficients")
    loudness = analysis.tracks.get("loudness")
    if sound is None or loudness is None or not (loudness[:, 0] > _SILENT).any():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        means = np.nan_to_num(np.nanmean(sound.astype(np.float32), axis=1))
    scaled = (means - means.mean(axis=0)) / (means.std(axis=0) + 1e-6)
    scaled[loudness[:, 0] <= _SILENT] = 0
    return scaled.astype(np.float32)


def _cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of every row of one with every row of the other."""
    norms = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return (a @ b.T) / np.maximum(norms, 1e-6)


def _longest_run(agree: NDArray[np.bool_]) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], agree.view(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    begins, ends = edges[0::2], edges[1::2]
    longest = int((ends - begins).argmax())
    return int(begins[longest]), int(ends[longest])
