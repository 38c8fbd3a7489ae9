"""Boundaries of chosen stretches: to good places, within the limits, onto exact frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from core.analysis.analysis import Analysis
from core.cutting.snapping import Place, SnapPoints
from core.media.frames import exact_change, frame_times
from core.time import Span, exact

LONGEST_FRAME = Fraction(1, 4)
"""Seconds; a picture that is held longer may be cut in its middle."""

_APART = 0.2


@dataclass(frozen=True)
class Draft:
    """A cut whose boundaries still move."""

    begin: Place
    end: Place

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end.seconds - self.begin.seconds


def snapped(
    points: SnapPoints,
    begin: float,
    end: float,
    limits: tuple[float, float],
    walls: Sequence[tuple[float, float]],
) -> Draft:
    """A stretch with its boundaries at good places, unless that breaks a rule.

    Args:
        points: The good places.
        begin: Seconds.
        end: Seconds.
        limits: Least and most seconds of a cut.
        walls: Stretches that must not be entered.
    """
    least, most = limits
    free_begin, free_end = Place(begin, "free", 0.0), Place(end, "free", 0.0)
    lowest = max((stop for _, stop in walls if stop <= begin + _APART), default=0.0)
    highest = min((start for start, _ in walls if start >= end - _APART), default=float("inf"))

    def fits(draft: Draft) -> bool:
        inside = draft.begin.seconds >= lowest and draft.end.seconds <= highest
        return inside and least - 1e-6 <= draft.length <= most + 1e-6

    good_begin, good_end = points.begin(begin), points.end(end)
    for draft in (
        Draft(good_begin, good_end),
        Draft(good_begin, free_end),
        Draft(free_begin, good_end),
    ):
        if fits(draft):
            return draft
    return Draft(free_begin, free_end)


def fitted(drafts: Sequence[Draft], least: float, length: float) -> list[Draft]:
    """The drafts with neighbours apart and no longer in all than a length.

    Args:
        drafts: In source order.
        least: Seconds of a cut; the shortest ones are dropped where trimming is not enough.
        length: Seconds of all of them.
    """
    kept = list(drafts)
    for index, (before, after) in enumerate(pairwise(drafts)):
        if after.begin.seconds < before.end.seconds + _APART:
            middle = (after.begin.seconds + before.end.seconds) / 2
            kept[index] = replace(kept[index], end=Place(middle - _APART / 2, "free", 0.0))
            kept[index + 1] = replace(
                kept[index + 1], begin=Place(middle + _APART / 2, "free", 0.0)
            )
    excess = sum(draft.length for draft in kept) - length
    order = sorted(range(len(kept)), key=lambda i: (kept[i].end.kind != "free", -kept[i].length))
    for index in order:
        spare = min(excess, kept[index].length - least)
        if spare > 0:
            shorter = Place(kept[index].end.seconds - spare, "free", 0.0)
            kept[index] = replace(kept[index], end=shorter)
            excess -= spare
    while excess > 1e-6 and len(kept) > 1:
        excess -= kept.pop(min(range(len(kept)), key=lambda i: kept[i].length)).length
    return kept


def on_frames(
    analysis: Analysis, drafts: Sequence[Draft], length: float
) -> list[tuple[Span, Draft]]:
    """The drafts as spans between exact frame times, in all no longer than a length.

    A boundary inside a picture that is held for long stays where it is: the picture is cut there.
    """
    wanted = [_exact_time(analysis, place) for d in drafts for place in (d.begin, d.end)]
    times = _frames(analysis, wanted)
    room = exact(length)
    made = []
    for draft, begin, end in zip(drafts, times[0::2], times[1::2], strict=True):
        limited = draft
        if end - begin > room:
            frame = 1 / analysis.info.video.frame_rate
            (end,) = _frames(analysis, [begin + room - min(frame, LONGEST_FRAME) / 2])
            end = min(end, begin + room)
            limited = replace(draft, end=Place(float(end), "free", 0.0))
        if end > begin:
            made.append((Span(begin, end), limited))
            room -= end - begin
    return made


def _frames(analysis: Analysis, wanted: Sequence[Fraction]) -> list[Fraction]:
    duration = analysis.info.duration
    inside = [max(Fraction(0), min(time, duration)) for time in wanted]
    nearest = frame_times(analysis.info, inside)
    return [
        frame if abs(frame - time) <= LONGEST_FRAME else time
        for frame, time in zip(nearest, inside, strict=True)
    ]


def _exact_time(analysis: Analysis, place: Place) -> Fraction:
    """The time of a place, to the frame for shot changes once the analysis is whole."""
    if place.not_before is None or not analysis.complete:
        return exact(place.seconds)
    around = [exact(place.not_before), exact(place.seconds)]
    return exact_change(analysis.info, *frame_times(analysis.info, around))
