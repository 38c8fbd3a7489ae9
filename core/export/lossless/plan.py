"""Which frames of a cut are copied and which are encoded anew: a look around its edges."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.errors import Cancelled, ExportError
from core.export.clip import Clip
from core.export.lossless.source import Reader, Source, damaged
from core.media.probe import MediaInfo
from core.time import Span

MOST_REORDERED = 16
"""Frames that H.264 and HEVC let a decoder hold at most."""

_TOLERANCE = Fraction(1, 1000)


@dataclass(frozen=True)
class Cut:
    """A stretch of a video; all stamps are in the ticks of its file.

    Attributes:
        source: The video.
        clip: What is shown, with how it follows the cut before and what is said in it.
        zero: Stamp at which the cut begins; its first frame may have begun before.
        end: Stamp at which it ends.
        head: Stamps of the frames at its begin that are encoded, in order.
        entry: Stamp of the key frame at which copying begins; None if nothing is copied.
        after_break: Decoding at that key frame needs to know that nothing of the source precedes.
        last: Stamp of the packet, in decoding order, that is copied last.
        tail: Stamps of the frames at its end that are encoded, in order.
        newest: Stamp of the last frame shown.
        reorder: Frames that are decoded before one that is shown earlier, where it was looked.
    """

    source: Source
    clip: Clip
    zero: int
    end: int
    head: tuple[int, ...]
    entry: int | None
    after_break: bool
    last: int
    tail: tuple[int, ...]
    newest: int
    reorder: int

    @property
    def begin(self) -> Fraction:
        """Presentation time in the file at which the cut begins, in seconds."""
        return self.zero * self.source.info.video.time_base

    @property
    def duration(self) -> Fraction:
        """Length in seconds."""
        return (self.end - self.zero) * self.source.info.video.time_base


@dataclass(frozen=True)
class _Seen:
    """A packet that was looked at."""

    stamp: int
    decoded: int | None
    length: int
    entry: str
    shown: bool


def plan_cuts(
    clips: Sequence[Clip], readers: Mapping[MediaInfo, Reader], cancelled: Callable[[], bool]
) -> list[Cut]:
    """Finds what is copied of each clip; clips that continue one another become one.

    Args:
        clips: Stretches in playing order.
        readers: Their opened videos.
        cancelled: Asked between packets.

    Raises:
        MediaError: A source is not there or not readable any more.
        ExportError: A source is damaged, or a clip shows nothing.
        Cancelled: ``cancelled()`` returned true.
    """
    cuts: list[Cut] = []
    for clip in _merged(clips):
        planner = _Planner(readers[clip.info], clip, cancelled)
        cuts.append(planner.cut(is_first=not cuts))
    return cuts


def _merged(clips: Sequence[Clip]) -> list[Clip]:
    merged: list[Clip] = []
    for clip in clips:
        before = merged[-1] if merged else None
        if (
            before is not None
            and before.info == clip.info
            and abs(clip.span.start - before.span.end) < _TOLERANCE
        ):
            span = Span(before.span.start, clip.span.end)
            captions = tuple(dict.fromkeys((*before.captions, *clip.captions)))
            merged[-1] = Clip(clip.info, span, join=before.join, captions=captions)
        else:
            merged.append(clip)
    return merged


class _Planner:
    """Looks at the packets around the edges of one clip."""

    def __init__(self, reader: Reader, clip: Clip, cancelled: Callable[[], bool]) -> None:
        self._reader = reader
        self._source = source = reader.source
        self._clip = clip
        self._cancelled = cancelled
        info = source.info
        base = info.video.time_base
        self._frame = 1 / info.video.frame_rate / base
        self._start = (info.origin + max(Fraction(0), clip.span.start)) / base
        self._stop = min((info.origin + clip.span.end) / base, Fraction(source.end))

    def cut(self, *, is_first: bool) -> Cut:
        """What is copied of the clip.

        Args:
            is_first: Nothing of the short comes before it.
        """
        newest, following, end = self._ending()
        seen, first, entry = self._beginning(following, is_first)
        zero = first if abs(first - self._start) * 2 <= self._frame else round(self._start)
        if newest < first:
            newest, following = first, first + 1
            end = zero + max(1, round(self._stop - self._start))
        until = following if entry is None else entry.stamp
        last, reorder = 0, _reorder(seen)
        tail: tuple[int, ...] = ()
        if entry is not None:
            last, tail, deeper = self._split(entry, newest, following)
            reorder = max(reorder, deeper)
        return Cut(
            source=self._source,
            clip=self._clip,
            zero=zero,
            end=max(end, newest + 1),
            head=tuple(stamp for stamp in _shown(seen) if first <= stamp < until),
            entry=None if entry is None else entry.stamp,
            after_break=entry is not None and entry.entry == "open" and entry.stamp > first,
            last=last,
            tail=tail,
            newest=newest,
            reorder=reorder,
        )

    def _ending(self) -> tuple[int, int, int]:
        """Stamps of the last frame shown, of the one behind it, and the end of the cut."""
        patience = min(_TOLERANCE / self._source.info.video.time_base, self._frame / 10)
        limit = self._stop - patience
        seen = []
        for packet in self._read(math.floor(self._stop - self._frame)):
            seen.append(packet)
            if packet.decoded is not None and packet.decoded >= limit and packet.stamp >= limit:
                break
        shown = _shown(seen)
        before = [stamp for stamp in shown if stamp < limit]
        behind = [stamp for stamp in shown if stamp >= limit]
        if not before:
            raise self._nothing()
        if behind:
            end = behind[0] if behind[0] - self._stop <= self._frame else round(self._stop)
            return before[-1], behind[0], end
        length = next(packet.length for packet in seen if packet.stamp == before[-1])
        return before[-1], before[-1] + 1, before[-1] + (length or round(self._frame))

    def _beginning(self, following: int, is_first: bool) -> tuple[list[_Seen], int, _Seen | None]:
        """Packets at the begin, the stamp of the first frame, and where copying begins."""
        seen: list[_Seen] = []
        waiting: list[_Seen] = []
        for packet in self._read(math.floor(self._start)):
            seen.append(packet)
            if packet.decoded is not None and waiting:
                # What is decoded from now on is shown from now on: all before the entry is known.
                while waiting and packet.decoded >= waiting[0].stamp:
                    entry = waiting.pop(0)
                    first = self._first(seen)
                    if entry.entry == "closed" and entry.stamp >= first:
                        return seen, first, entry
                    if entry.stamp > first or (entry.stamp == first and is_first):
                        return seen, first, entry
            if packet.decoded is not None and packet.decoded >= following:
                break
            early = packet.stamp < self._start - self._frame / 2
            if packet.entry and packet.shown and packet.stamp < following and not early:
                waiting.append(packet)
        first = self._first(seen)
        # At the end of a file nothing more comes that could be shown before.
        entry_left = next((packet for packet in waiting if packet.stamp >= first), None)
        if entry_left is not None and entry_left.entry == "open" and entry_left.stamp == first:
            entry_left = entry_left if is_first else None
        return seen, first, entry_left

    def _first(self, seen: Sequence[_Seen]) -> int:
        shown = _shown(seen)
        if not shown:
            raise self._nothing()
        nearest = min(shown, key=lambda stamp: abs(stamp - self._start))
        if abs(nearest - self._start) * 2 <= self._frame:
            return nearest
        begun = [stamp for stamp in shown if stamp <= self._start]
        return begun[-1] if begun else shown[0]

    def _split(self, entry: _Seen, newest: int, following: int) -> tuple[int, tuple[int, ...], int]:
        """The last packet to copy, the frames to encode behind it, and the reordering seen.

        Any packets at the begin of what is decoded can be decoded without the rest; those to copy
        must also be shown before all others.
        """
        tick = newest
        while True:
            seen = []
            for packet in self._read(tick):
                seen.append(packet)
                if packet.decoded is not None and packet.decoded >= following:
                    break
            key = seen[0].stamp if seen else entry.stamp
            begin = next((i for i, packet in enumerate(seen) if packet.stamp == entry.stamp), None)
            if begin is not None:
                seen = [packet for packet in seen[begin:] if packet.stamp >= entry.stamp]
            found = _last_clean_split(seen, following)
            if found is not None:
                tail = [packet for packet in seen[found:] if packet.stamp < following]
                return seen[found - 1].stamp, tuple(_shown(tail)), _reorder(seen)
            if key <= entry.stamp or tick <= entry.stamp:
                raise damaged(self._source.info.path)
            tick = key - 1

    def _read(self, tick: int) -> Iterator[_Seen]:
        key: int | None = None
        for packet in self._reader.packets(tick):
            if self._cancelled():
                raise Cancelled
            stamp = packet.pts or 0
            key = stamp if key is None else key
            # What is shown before the key frame may need what was not read.
            shown = self._source.shows(packet) and stamp >= key
            yield _Seen(stamp, packet.dts, packet.duration or 0, self._source.entry(packet), shown)

    def _nothing(self) -> ExportError:
        return ExportError(
            f"there are no pictures at {self._clip.span}",
            path=self._source.info.path,
            remedy="The video is damaged there; remove this cut.",
        )


def _shown(seen: Sequence[_Seen]) -> list[int]:
    return sorted({packet.stamp for packet in seen if packet.shown})


def _last_clean_split(seen: Sequence[_Seen], following: int) -> int | None:
    """How many packets can be copied: all of them are shown, and before all that come behind."""
    earliest_behind = [following] * (len(seen) + 1)
    for place in range(len(seen) - 1, -1, -1):
        earliest_behind[place] = min(earliest_behind[place + 1], seen[place].stamp)
    latest = seen[0].stamp if seen else 0
    found = None
    for place, packet in enumerate(seen):
        latest = max(latest, packet.stamp)
        if latest >= following:
            break
        if latest < earliest_behind[place + 1]:
            found = place + 1
    return found


def _reorder(seen: Sequence[_Seen]) -> int:
    """Most frames that are decoded before one that is shown earlier."""
    depth = 0
    for place, packet in enumerate(seen):
        before = seen[max(0, place - MOST_REORDERED) : place]
        depth = max(depth, sum(other.stamp > packet.stamp for other in before))
    return depth
