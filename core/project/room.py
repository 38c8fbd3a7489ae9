"""How far cuts can be dragged before they meet others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

from core.project.document import LEAST_CUT, EditedCut, Project
from core.time import Span

_SAME_LENGTH = Fraction(1, 2)
"""Seconds by which frames of a variable rate may change the length of a cut that is moved."""


@dataclass(frozen=True)
class Room:
    """The distances that cuts can be moved by.

    Attributes:
        low: The farthest to the left, in seconds, at most 0.
        high: The farthest to the right, at least 0.
        barred: Distances in between at which another cut is in the way: stretches whose ends are
            free themselves, in order, none over another. Zero is never barred.
    """

    low: Fraction
    high: Fraction
    barred: tuple[Span, ...]

    def nearest(self, distance: Fraction) -> Fraction:
        """The possible distance that is nearest to one that is wanted."""
        wanted = min(max(distance, self.low), self.high)
        for span in self.barred:
            if span.start < wanted < span.end:
                ends = [end for end in (span.start, span.end) if self.low <= end <= self.high]
                return min(ends, key=lambda end: abs(end - wanted))
        return wanted

    def stopped(self, distance: Fraction) -> Fraction:
        """The possible distance on the near side of what is in the way of one that is wanted."""
        wanted = min(max(distance, self.low), self.high)
        for span in self.barred:
            if span.start < wanted < span.end:
                return span.start if wanted > 0 else span.end
        return wanted


def room_to_move(
    project: Project, moving: Collection[EditedCut], medium: str, duration: Fraction
) -> Room:
    """How far cuts of a video can be moved together; they may jump over others, not lie on them.

    Args:
        project: The project.
        moving: At least one cut of the video.
        medium: The video.
        duration: Its length in seconds.
    """
    together = {edited.identifier for edited in moving}
    barred = [
        Span(other.start - edited.span.end, other.end - edited.span.start)
        for edited in moving
        for other in _in_the_way(project, edited, medium, together)
    ]
    low = -min(edited.span.start for edited in moving)
    high = duration - max(edited.span.end for edited in moving)
    return Room(min(low, Fraction(0)), max(high, Fraction(0)), _merged(barred))


def room_to_trim(
    project: Project, edited: EditedCut, duration: Fraction, *, begin: bool
) -> tuple[Fraction, Fraction]:
    """The earliest and the latest time that a cut can begin at, or end at.

    Args:
        project: The project.
        edited: One of its cuts.
        duration: Seconds of its video.
        begin: Whether the begin is trimmed.
    """
    span = edited.span
    others = list(_in_the_way(project, edited, edited.medium, {edited.identifier}))
    if begin:
        earliest = max((o.end for o in others if o.end <= span.start), default=Fraction(0))
        return earliest, max(span.start, span.end - LEAST_CUT)
    latest = min((o.start for o in others if o.start >= span.end), default=duration)
    return min(span.end, span.start + LEAST_CUT), latest


def cleared(
    project: Project, medium: str, span: Span, moving: EditedCut | None = None
) -> Span | None:
    """The part of a span, around its middle, that no other cut of the short covers.

    Args:
        project: The project.
        medium: The video.
        span: Where a cut should be.
        moving: The cut that goes there. It does not stand in its own way, and nor do those that it
            overlaps already, as its duplicates do.

    Returns:
        None if another cut covers the middle, or less than :data:`LEAST_CUT` is left.
    """
    start, end = span.start, span.end
    for other in project.cuts_of(medium):
        if not other.in_short:
            continue
        if moving is not None and other.span.overlaps(moving.span):
            continue
        if span.middle in other.span:
            return None
        if other.span.end <= span.middle:
            start = max(start, other.span.end)
        else:
            end = min(end, other.span.start)
    return Span(start, end) if end - start >= LEAST_CUT else None


def fitted(project: Project, edited: EditedCut, span: Span) -> Span | None:
    """What other cuts of the short leave of another span for a cut.

    An end that is trimmed stops at the next cut. A cut whose ends both move the same way keeps its
    length and stops before the cut that it would lie on.

    Args:
        project: The project.
        edited: One of its cuts.
        span: Where it should be, inside of its video.

    Returns:
        None if another cut is in the way of a span that is neither.
    """
    old, latest = edited.span, max(span.end, edited.span.end)
    if span.end == old.end:
        earliest, _ = room_to_trim(project, edited, latest, begin=True)
        return Span(max(span.start, earliest), old.end)
    if span.start == old.start:
        _, latest = room_to_trim(project, edited, latest, begin=False)
        return Span(old.start, min(span.end, latest))
    free = cleared(project, edited.medium, span, edited)
    by, longer = span.start - old.start, span.duration - old.duration
    same_way = (by > 0) == (span.end > old.end)
    if free == span or not same_way or abs(longer) > _SAME_LENGTH:
        return free
    distance = room_to_move(project, [edited], edited.medium, latest).stopped(by)
    return Span(old.start + distance, old.end + distance)


def _in_the_way(
    project: Project, moving: EditedCut, medium: str, together: Collection[str]
) -> Iterator[Span]:
    """The spans that a cut must not cover; those it covers already, as a duplicate's, it may."""
    for other in project.cuts_of(medium):
        if (
            other.in_short
            and other.identifier not in together
            and not other.span.overlaps(moving.span)
        ):
            yield other.span


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
