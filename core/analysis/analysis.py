"""What is known about a video, while it grows and when it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.highlight import Highlight
from core.media.probe import MediaInfo
from core.signals.shots import COLUMNS
from core.signals.speech_emotion import SpeechEmotion
from core.time import Grid

EMOTION_TRACK = SpeechEmotion.name
EMOTION_COLUMNS = SpeechEmotion.columns
"""Columns of the emotion track: probabilities that sum to 1, −1…1, −1…1, 0…1."""


@dataclass(frozen=True)
class Analysis:
    """A view of the tracks as far as they have come; later views share the same memory.

    Attributes:
        info: The video.
        fingerprint: Name of its content.
        grid: The analysis grid.
        cells: Cells of the whole video.
        tracks: Rows of each signal, ``(n, …)`` with n up to ``cells``, by signal name. The track
            ``speech-emotion`` is ``(n, 10) float32``, columns as :data:`EMOTION_COLUMNS`, NaN
            where nobody speaks.
        highlight: The curve over the cells that both streams have reached.
        complete: All tracks are whole and nothing will change any more.
        notices: What the user should know: no sound, damaged stretches, which fusion was used.
        versions: Of each track, by the same names; empty where they are not known.
    """

    info: MediaInfo
    fingerprint: str
    grid: Grid
    cells: int
    tracks: Mapping[str, NDArray[Any]]
    highlight: Highlight
    complete: bool
    notices: tuple[str, ...] = field(default=())
    versions: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str, column: int) -> NDArray[np.float32]:
        """One column of a track over all cells, ``(cells,) float32``, NaN where not known."""
        values = np.full(self.cells, np.nan, np.float32)
        rows = self.tracks.get(name)
        if rows is not None:
            values[: len(rows)] = rows[:, column]
        return values

    def with_track(self, name: str, rows: NDArray[Any]) -> Analysis:
        """The same analysis with other rows for a track; the highlight curve stays.

        Args:
            name: Name of the signal.
            rows: ``(n, …)`` with n up to ``cells``.
        """
        return replace(self, tracks={**self.tracks, name: rows})

    def speech_share(self) -> NDArray[np.float32]:
        """Share of each cell in which somebody speaks, ``(n,) float32`` in 0…1."""
        rows = self.tracks.get("speech-activity")
        if rows is None:
            return np.zeros(0, np.float32)
        return (rows >= 0.5).mean(axis=1, dtype=np.float32)

    def shot_changes(self) -> NDArray[np.float64]:
        """Shot changes in order, ``(k, 4)``, columns as :data:`core.signals.shots.COLUMNS`."""
        rows = self.tracks.get("shots")
        if rows is None:
            return np.zeros((0, len(COLUMNS)))
        changes = rows.reshape(-1, len(COLUMNS))
        return changes[np.isfinite(changes[:, 0])]
