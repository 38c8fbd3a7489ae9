"""Remembers which stretches of the videos were watched, from the times that a player passes."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from fractions import Fraction

from core.learning.coverage import merged
from core.time import Span, exact

FASTEST = 2.0
"""Played faster than that, a video is searched and not watched."""
GAP = Fraction(1, 2)
"""Seconds; what lies between two watched stretches that are nearer than that was watched too."""
MOST_SPANS = 1000
"""Stretches of one video; beyond them the shortest is forgotten."""

_LONGEST_STEP = 2.0
"""Seconds of the clock between two times; farther apart, something else happened than playing."""
_UNSTEADY = 0.1
"""Seconds that a time of a player that plays steadily may be off."""


class SeenTracker:
    """Adds up what was watched.

    What lies between two times counts as watched if the clock says that the video was played from
    one to the other: forwards, no faster than :data:`FASTEST`, with no jump. Adding one costs so
    little that every time can be told that a player passes.

    Args:
        seen: What was watched before, by fingerprint; in any order.
    """

    def __init__(self, seen: Mapping[str, tuple[Span, ...]] | None = None) -> None:
        self._seen = {video: merged(spans, GAP) for video, spans in (seen or {}).items()}
        self._video = ""
        self._begin = self._position = self._clock = 0.0
        self._playing = False

    def add(self, video: str, position: float, clock: float, speed: float = 1.0) -> None:
        """The player that is playing passes a time.

        Args:
            video: Fingerprint of what it plays.
            position: Media time in seconds.
            clock: What any clock shows that goes steadily, in seconds.
            speed: That it plays at, 1 is that of the video, negative backwards.
        """
        if self._playing and video == self._video and self._goes_on(position, clock, speed):
            self._position, self._clock = position, clock
            return
        self.pause()
        if not 0 < speed <= FASTEST:
            return
        self._video, self._playing = video, True
        self._begin = self._position = position
        self._clock = clock

    def pause(self) -> None:
        """The player has stopped, or was put elsewhere: the next time begins a new stretch."""
        if self._playing:
            self._playing = False
            self._keep()

    def seen(self) -> dict[str, tuple[Span, ...]]:
        """What was watched of each video, in order, none touching another."""
        if self._playing:
            self._keep()
        return {video: spans for video, spans in self._seen.items() if spans}

    def _goes_on(self, position: float, clock: float, speed: float) -> bool:
        gone, passed = position - self._position, clock - self._clock
        if not 0 < speed <= FASTEST or passed > _LONGEST_STEP:
            return False
        return 0 <= gone <= speed * passed + _UNSTEADY

    def _keep(self) -> None:
        begin, end = exact(max(0.0, self._begin)), exact(max(0.0, self._position))
        if end > begin:
            self._seen[self._video] = _with(self._seen.get(self._video, ()), Span(begin, end))


def _with(spans: tuple[Span, ...], new: Span) -> tuple[Span, ...]:
    """Merged ones with one more; only its neighbours are looked at."""
    first = bisect.bisect_left(spans, new.start - GAP, key=lambda span: span.end)
    last = bisect.bisect_right(spans, new.end + GAP, key=lambda span: span.start)
    result = (*spans[:first], *merged((*spans[first:last], new), GAP), *spans[last:])
    if len(result) <= MOST_SPANS:
        return result
    shortest = min(result, key=lambda span: span.duration)
    return tuple(span for span in result if span is not shortest)
