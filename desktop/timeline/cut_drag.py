"""What a drag of cuts would do: pure arithmetic, asked at every move of the pointer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from core.media.frame_index import FrameIndex
from core.project.document import EditedCut, Project
from core.project.magnets import Magnet, Magnets
from core.project.room import room_to_move, room_to_trim
from core.time import Span


class Part(Enum):
    """The part of a cut that the pointer is on."""

    BEGIN = auto()
    BODY = auto()
    END = auto()


@dataclass(frozen=True)
class Preview:
    """What would be if the drag ended now.

    Attributes:
        spans: Where each dragged cut would be, by its identifier; on frames.
        edge: The boundary that is being dragged, in seconds.
        frame: The frame that shows what the drag does: the first of the cut, or its last where the
            end is dragged.
        held: The magnet that holds the boundary.
    """

    spans: Mapping[str, Span]
    edge: Fraction
    frame: int
    held: Magnet | None = None


class CutDrag:
    """A drag of one end of a cut, or of whole cuts.

    Args:
        project: The project when it began.
        grabbed: The cut under the pointer.
        part: Its part under the pointer.
        moving: The cuts that move with it where its body is dragged, itself included.
        frames: The frames of the video.
        duration: Seconds of the video.
    """

    def __init__(
        self,
        project: Project,
        grabbed: EditedCut,
        part: Part,
        moving: Sequence[EditedCut],
        frames: FrameIndex,
        duration: Fraction,
    ) -> None:
        self.grabbed = grabbed
        self.part = part
        self.moving = tuple(moving) if part is Part.BODY else (grabbed,)
        self._frames = frames
        if part is Part.BODY:
            self._room = room_to_move(project, self.moving, grabbed.medium, duration)
        else:
            begin = part is Part.BEGIN
            self._limits = room_to_trim(project, grabbed, duration, begin=begin)

    def to(self, distance: Fraction, magnets: Magnets | None, tolerance: Fraction) -> Preview:
        """What the drag does once the pointer is that far from where it was pressed.

        Args:
            distance: In seconds.
            magnets: What may hold a boundary; None for nothing.
            tolerance: Seconds from which a magnet pulls.
        """
        if self.part is Part.BODY:
            return self._moved(distance, magnets, tolerance)
        return self._trimmed(distance, magnets, tolerance)

    def _trimmed(self, distance: Fraction, magnets: Magnets | None, tolerance: Fraction) -> Preview:
        span, begin = self.grabbed.span, self.part is Part.BEGIN
        low, high = self._limits
        wanted = (span.start if begin else span.end) + distance
        held = None if magnets is None else magnets.near(wanted, tolerance)
        if held is not None and not low <= held.seconds <= high:
            held = None
        inside = min(max(wanted if held is None else held.seconds, low), high)
        edge = self._frames.nearest(inside)
        if edge > high:
            edge = self._frames.shown(high)
        elif edge < low:
            edge = self._frames.after(low)
        new = Span(edge, span.end) if begin else Span(span.start, edge)
        return Preview({self.grabbed.identifier: new}, edge, self._shown(new, begin), held)

    def _moved(self, distance: Fraction, magnets: Magnets | None, tolerance: Fraction) -> Preview:
        span = self.grabbed.span
        held, at_begin = None, True
        wanted = distance
        if magnets is not None:
            pulls = [
                (abs(magnet.seconds - edge - distance), magnet, magnet.seconds - edge, begin)
                for edge, begin in ((span.start, True), (span.end, False))
                if (magnet := magnets.near(edge + distance, tolerance)) is not None
            ]
            if pulls:
                _, held, wanted, at_begin = min(pulls, key=lambda pull: pull[0])
        possible = self._room.nearest(wanted)
        if possible != wanted:
            held, at_begin = None, True
        spans = {c.identifier: self._on_frames(c.span, possible) for c in self.moving}
        new = spans[self.grabbed.identifier]
        edge = new.start if at_begin else new.end
        return Preview(spans, edge, self._shown(new, at_begin), held)

    def _on_frames(self, span: Span, distance: Fraction) -> Span:
        begin = self._frames.nearest(span.start + distance)
        end = self._frames.nearest(span.end + distance)
        return Span(begin, end if end > begin else self._frames.after(begin))

    def _shown(self, span: Span, begin: bool) -> int:
        if begin:
            return self._frames.number(span.start)
        last = self._frames.number(span.end)
        return last - 1 if last > 0 and self._frames.time(last) >= span.end else last
