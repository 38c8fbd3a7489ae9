"""Recognises a moment that the video shows again: a replay, a recap, a looped clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.time import Span

LEAST_PICTURE_SIMILARITY = 0.9
LEAST_SOUND_SIMILARITY = 0.9
LEAST_SILENT_SIMILARITY = 0.98
"""Cosines; where there is no sound to tell takes apart, the pictures must be all but the same."""

_LEAST_SHARED = 0.6


def is_repeated(analysis: Analysis, first: Span, second: Span) -> bool:
    """Whether one of two stretches shows what the other shows.

    The cells of both are laid over each other with every shift that leaves 60 % of the shorter one;
    they repeat each other if, at one shift, the visual features and the sound's coefficients
    (centred within the video, so that one speaker before one wall is not all the same) agree.
    """
    pictures = analysis.tracks.get("visual-features")
    if pictures is None or len(pictures) < analysis.cells:
        return False
    one, two = (analysis.grid.cells(span, analysis.cells) for span in (first, second))
    seen = pictures.astype(np.float32)
    seen_one, seen_two = seen[one], seen[two]
    sound = analysis.tracks.get("speech-coefficients")
    heard = None
    if sound is not None and _is_audible(analysis, one) and _is_audible(analysis, two):
        means = np.nan_to_num(np.nanmean(sound[:, :, 1:].astype(np.float32), axis=1))
        heard = (means - means.mean(axis=0)) / (means.std(axis=0) + 1e-6)
    shortest = min(len(seen_one), len(seen_two))
    least = max(1, int(np.ceil(_LEAST_SHARED * shortest)))
    for shift in range(-(len(seen_one) - least), len(seen_two) - least + 1):
        a = slice(max(0, -shift), min(len(seen_one), len(seen_two) - shift))
        b = slice(a.start + shift, a.stop + shift)
        picture = _similarity(seen_one[a], seen_two[b])
        if heard is None:
            if picture >= LEAST_SILENT_SIMILARITY:
                return True
        elif (
            picture >= LEAST_PICTURE_SIMILARITY
            and _similarity(heard[one][a], heard[two][b]) >= LEAST_SOUND_SIMILARITY
        ):
            return True
    return False


def _is_audible(analysis: Analysis, cells: slice) -> bool:
    loudness = analysis.tracks.get("loudness")
    return loudness is not None and bool((loudness[cells, 0] > -60).any())


def _similarity(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Mean cosine of the rows."""
    product = (a * b).sum(axis=1)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float((product / np.maximum(norms, 1e-6)).mean())
