"""Where a cut may begin and end without hurting: shot changes and pauses of speech."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.signals.speech_activity import FRAMES_PER_SECOND

TOLERANCE = 0.75
"""Seconds that a boundary may move to a better place."""

LEAST_PAUSE = 0.24
"""Seconds without speech that count as a pause."""

_LEAD_IN, _LEAD_OUT = 0.12, 0.15
_SHOT_WORTH, _PAUSE_WORTH, _MID_SPEECH, _MID_SHOT_CHANGE = 1.0, 0.8, -0.6, -0.5
_DISTANCE_COST = 0.5


@dataclass(frozen=True)
class Place:
    """A time that a boundary can take.

    Attributes:
        seconds: On the media time axis.
        kind: ``shot``, ``pause`` or ``free``.
        worth: How good it is; 0 for a free place outside of speech.
        not_before: Where the exact frame of a shot change has yet to be looked for, the earliest
            time at which it may be.
    """

    seconds: float
    kind: str
    worth: float
    not_before: float | None = None


class SnapPoints:
    """Good places of a video for the begin and the end of a cut."""

    def __init__(self, analysis: Analysis) -> None:
        changes = analysis.shot_changes()
        self.shot_ends: NDArray[np.float64] = changes[:, 0]
        self.shot_begins: NDArray[np.float64] = changes[:, 1]
        self._hidden = {
            float(begins): float(earliest)
            for _, begins, _, earliest in changes
            if earliest < begins
        }
        rows = analysis.tracks.get("speech-activity")
        spoken = np.zeros(0, bool) if rows is None else rows.reshape(-1) >= 0.5
        self._spoken = _without_short_pauses(spoken)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], self._spoken.view(np.int8), [0]))))
        seconds = edges / FRAMES_PER_SECOND
        self.speech_begins: NDArray[np.float64] = seconds[0::2]
        self.speech_ends: NDArray[np.float64] = seconds[1::2]

    def spoken(self, seconds: float) -> bool:
        """Whether somebody speaks at a time."""
        index = int(seconds * FRAMES_PER_SECOND)
        return 0 <= index < len(self._spoken) and bool(self._spoken[index])

    def begin(self, seconds: float, tolerance: float = TOLERANCE) -> Place:
        """The best place near a time for a cut to begin."""
        return self._best(seconds, self.shot_begins, self.speech_begins - _LEAD_IN, tolerance)

    def end(self, seconds: float, tolerance: float = TOLERANCE) -> Place:
        """The best place near a time for a cut to end."""
        return self._best(seconds, self.shot_ends, self.speech_ends + _LEAD_OUT, tolerance)

    def _best(
        self,
        seconds: float,
        shots: NDArray[np.float64],
        pauses: NDArray[np.float64],
        tolerance: float,
    ) -> Place:
        best = Place(seconds, "free", self._speech_worth(seconds))
        for kind, times, worth in (("shot", shots, _SHOT_WORTH), ("pause", pauses, _PAUSE_WORTH)):
            for time in times[np.abs(times - seconds) <= tolerance]:
                value = worth - _DISTANCE_COST * abs(time - seconds) / max(tolerance, 1e-6)
                if kind == "shot":
                    value += self._speech_worth(float(time))
                elif np.any((self.shot_ends < time + 0.4) & (self.shot_begins > time - 0.4)):
                    value += _MID_SHOT_CHANGE
                if value > best.worth and time >= 0:
                    best = Place(float(time), kind, value, self._hidden.get(float(time)))
        return best

    def _speech_worth(self, seconds: float) -> float:
        inside = self.spoken(seconds - 0.06) and self.spoken(seconds + 0.06)
        return _MID_SPEECH if inside else 0.0


def _without_short_pauses(spoken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    closed = spoken.copy()
    edges = np.flatnonzero(np.diff(spoken.view(np.int8)))
    for begin, end in zip(edges[:-1] + 1, edges[1:] + 1, strict=True):
        if not spoken[begin] and end - begin < LEAST_PAUSE * FRAMES_PER_SECOND:
            closed[begin:end] = True
    return closed
