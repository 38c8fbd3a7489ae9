"""Times that a dragged boundary may hold on to: shot changes, pauses, cuts, playhead and mark."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.cutting.snapping import SnapPoints
from core.project.document import Decision, Project
from core.time import Span, exact


@dataclass(frozen=True, order=True)
class Magnet:
    """A time worth holding on to.

    Attributes:
        seconds: On the media time axis.
        kind: ``shot``, ``speech`` (a pause begins or ends), ``playhead``, ``cut`` (another cut
            begins or ends) or ``mark`` (the marked stretch begins or ends).
    """

    seconds: Fraction
    kind: str


_Times = tuple[NDArray[np.float64], str]


class Landmarks:
    """What an analysis gives to hold on to; made once for a view of an analysis.

    Args:
        analysis: As much of it as there is; none for nothing.
    """

    def __init__(self, analysis: Analysis | None) -> None:
        self.times: tuple[_Times, ...] = ()
        if analysis is not None:
            points = SnapPoints(analysis)
            shots = np.concatenate((points.shot_ends, points.shot_begins))
            speech = np.concatenate((points.speech_begins, points.speech_ends))
            self.times = ((np.unique(shots), "shot"), (np.unique(speech), "speech"))


class Magnets:
    """All times of a video that a boundary may hold on to; finding one takes O(log n).

    Args:
        landmarks: Those of the analysis.
        project: The project.
        medium: Identifier of the video.
        playhead: Seconds; None for none.
        mark: The marked stretch.
        leave_out: Cuts that are being dragged: they do not hold themselves.
    """

    def __init__(
        self,
        landmarks: Landmarks,
        project: Project,
        medium: str,
        playhead: Fraction | None = None,
        mark: Span | None = None,
        leave_out: Collection[str] = (),
    ) -> None:
        self._landmarks = landmarks.times
        self._own = sorted(_own(project, medium, playhead, mark, leave_out))

    def near(self, seconds: Fraction, tolerance: Fraction) -> Magnet | None:
        """The nearest magnet that is no farther away than the tolerance, in seconds.

        Of equally near ones, what the editor put there wins over what was measured.
        """
        found = [*_around(self._own, seconds)]
        for times, kind in self._landmarks:
            place = int(np.searchsorted(times, float(seconds)))
            # One more on either side, as a float may lie on the other side of an exact time.
            found += [Magnet(exact(float(t)), kind) for t in times[max(0, place - 2) : place + 2]]
        near = min(found, key=lambda magnet: abs(magnet.seconds - seconds), default=None)
        return near if near is not None and abs(near.seconds - seconds) <= tolerance else None

    def within(self, low: Fraction, high: Fraction) -> list[Magnet]:
        """All magnets of a stretch of time, its ends included, in order."""
        first = bisect_left(self._own, low, key=_seconds)
        found = self._own[first : bisect_right(self._own, high, key=_seconds)]
        for times, kind in self._landmarks:
            begin, end = np.searchsorted(times, [float(low) - 1e-6, float(high) + 1e-6])
            measured = (Magnet(exact(float(time)), kind) for time in times[begin:end])
            found += [magnet for magnet in measured if low <= magnet.seconds <= high]
        return sorted(found)


def _own(
    project: Project,
    medium: str,
    playhead: Fraction | None,
    mark: Span | None,
    leave_out: Collection[str],
) -> Iterator[Magnet]:
    if playhead is not None:
        yield Magnet(playhead, "playhead")
    if mark is not None:
        yield Magnet(mark.start, "mark")
        yield Magnet(mark.end, "mark")
    for edited in project.cuts_of(medium):
        if edited.identifier not in leave_out and edited.decision is not Decision.REJECTED:
            yield Magnet(edited.span.start, "cut")
            yield Magnet(edited.span.end, "cut")


def _around(magnets: list[Magnet], seconds: Fraction) -> Iterable[Magnet]:
    place = bisect_left(magnets, seconds, key=_seconds)
    return magnets[max(0, place - 1) : place + 1]


def _seconds(magnet: Magnet) -> Fraction:
    return magnet.seconds
