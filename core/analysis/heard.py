"""What was heard in a stretch of a video, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import EMOTION_COLUMNS, EMOTION_TRACK, Analysis
from core.networks.emotion_classes import EMOTIONS
from core.time import Span


@dataclass(frozen=True)
class Heard:
    """The emotion track and the speech of a stretch.

    Attributes:
        probabilities: Mean probability of each emotion, 0…1, by its name; empty without speech.
        arousal: Mean, −1…1; None without speech.
        valence: Mean, −1…1; None without speech.
        speech: Share of the stretch in which somebody speaks, 0…1.
    """

    probabilities: dict[str, float]
    arousal: float | None
    valence: float | None
    speech: float


def heard_in(analysis: Analysis, span: Span) -> Heard | None:
    """What was heard in a span; None where nothing of it is known yet.

    Args:
        analysis: As much of it as there is.
        span: In media time.
    """
    rows = analysis.tracks.get(EMOTION_TRACK)
    cells = analysis.grid.cells(span, analysis.cells)
    if rows is None or cells.start >= len(rows):
        return None
    known = rows[cells]
    activity = analysis.tracks.get("speech-activity")
    spoken = np.isfinite(known[:, 0])
    speech = spoken if activity is None else activity[cells] >= 0.5
    means = _means(known)
    named = dict(zip(EMOTION_COLUMNS, means, strict=True))
    return Heard(
        {name: float(named[name]) for name in EMOTIONS} if spoken.any() else {},
        _number(named["arousal"]),
        _number(named["valence"]),
        float(np.mean(speech)) if speech.size else 0.0,
    )


def _means(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    known = np.isfinite(rows)
    counts = known.sum(axis=0)
    sums = np.where(known, rows, 0.0).sum(axis=0, dtype=np.float64)
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
