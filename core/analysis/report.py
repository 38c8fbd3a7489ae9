"""The curves of an analysis as plain data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import EMOTION_COLUMNS, EMOTION_TRACK, Analysis
from core.analysis.highlight import CONTRIBUTIONS


def curves(analysis: Analysis) -> dict[str, Any]:
    """Everything that is drawn, per cell, ready for JSON; ``null`` where nothing is known."""
    score = analysis.highlight.score
    parts = analysis.highlight.contributions
    emotion = {
        name: _plain(analysis.column(EMOTION_TRACK, index))
        for index, name in enumerate(EMOTION_COLUMNS)
    }
    return {
        "video": str(analysis.info.path),
        "duration": float(analysis.info.duration),
        "fingerprint": analysis.fingerprint,
        "grid": float(analysis.grid.step),
        "notices": list(analysis.notices),
        "highlight": _plain(score),
        "contributions": {
            name: _plain(parts[:, index]) for index, name in enumerate(CONTRIBUTIONS)
        },
        "emotion": emotion if analysis.info.audio is not None else None,
        "speech": _plain(analysis.speech_share()),
        "loudness": _plain(analysis.column("loudness", 2)),
        "motion": _plain(analysis.column("motion", 0)),
        "shots": [round(float(begin), 3) for begin in analysis.shot_changes()[:, 1]],
    }


def _plain(values: NDArray[np.floating]) -> list[float | None]:
    return [round(float(v), 4) if math.isfinite(v) else None for v in values]
