"""From cuts on the media time axis to the exact source frames and output frames of each part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

import av.error
from av.container import InputContainer

from core.errors import Cancelled, ExportError, UsageError
from core.media.probe import MediaInfo, open_media
from core.time import Span

HIGHEST_RATE = Fraction(60)
"""Frames per second of a short at most."""

_STANDARD_RATES = [Fraction(n) for n in (8, 10, 12, 15, 16, 20, 24, 25, 30, 48, 50, 60)] + [
    Fraction(n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60)
]
_TOLERANCE = Fraction(1, 1000)
_LOOK_BACK = (Fraction(0), Fraction(1), Fraction(4), Fraction(16), Fraction(64))


@dataclass(frozen=True)
class Part:
    """One stretch of the source that is rendered without a break.

    All times but ``span`` are presentation times of the file, in seconds.

    Attributes:
        span: The stretch on the media time axis, from its first frame to the end of its last.
        frames: Number of output frames.
        seek: A time to seek to; a key frame that starts the decoding lies before the first frame.
        zero: The begin of the part.
        after: Frames of the part start after this time.
        before: Frames of the part start before this time.
        held: Number of output frames that show the last source frame.
    """

    span: Span
    frames: int
    seek: Fraction
    zero: Fraction
    after: Fraction
    before: Fraction
    held: int


@dataclass(frozen=True)
class Plan:
    """What a short consists of.

    Attributes:
        frame_rate: Frames per second of the short.
        parts: Its parts in playing order.
    """

    frame_rate: Fraction
    parts: tuple[Part, ...]

    @property
    def frames(self) -> int:
        """Number of output frames."""
        return sum(part.frames for part in self.parts)

    @property
    def duration(self) -> Fraction:
        """Length of the short in seconds."""
        return self.frames / self.frame_rate


@dataclass(frozen=True)
class _Shown:
    """Presentation times of the frames around a cut, and where decoding them can start."""

    seek: Fraction
    key: Fraction | None
    times: list[Fraction]
    end: Fraction | None


def plan_short(media: MediaInfo, cuts: Sequence[Span], cancelled: Callable[[], bool]) -> Plan:
    """Snaps cuts to frames, joins those that continue one another, and counts output frames.

    Args:
        media: The source.
        cuts: Stretches of the media time axis in playing order; what lies outside is left away.
        cancelled: Asked while packets are read.

    Raises:
        UsageError: There are no cuts, or one lies wholly outside the video.
        MediaError: The source is not there or not readable any more.
        ExportError: The source is damaged.
        Cancelled: ``cancelled()`` returned true.
    """
    wanted = _joined([_inside(cut, media) for cut in cuts])
    if not wanted:
        raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
    try:
        with open_media(media.path) as container:
            shown = [_frames_around(container, media, cut, cancelled) for cut in wanted]
    except (av.error.FFmpegError, IndexError, OSError) as error:
        raise ExportError(
            "the video cannot be read any more",
            path=media.path,
            remedy="Check that the file is complete and its disk connected.",
        ) from error
    rate = _output_rate(media.video.frame_rate, shown)
    parts = (_part(media, cut, around, rate) for cut, around in zip(wanted, shown, strict=True))
    return Plan(rate, tuple(parts))


def _inside(cut: Span, media: MediaInfo) -> Span:
    start = max(cut.start, Fraction(0))
    if start >= min(cut.end, media.duration):
        raise UsageError(
            f"the cut {cut} lies outside the video",
            path=media.path,
            remedy="Move it inside, or remove it.",
        )
    return Span(start, cut.end)


def _joined(cuts: Sequence[Span]) -> list[Span]:
    """Cuts in which one that starts where the last ended, continues it: no seam is heard there."""
    joined: list[Span] = []
    for cut in cuts:
        if joined and abs(cut.start - joined[-1].end) < _TOLERANCE:
            joined[-1] = Span(joined[-1].start, cut.end)
        else:
            joined.append(cut)
    return joined


def _frames_around(
    container: InputContainer, media: MediaInfo, cut: Span, cancelled: Callable[[], bool]
) -> _Shown:
    start = media.origin + cut.start
    for back in _LOOK_BACK:
        shown = _frames_after(container, media, start - back, media.origin + cut.end, cancelled)
        # A key frame after the cut's first frame is of no use: look further back for another.
        if shown.key is not None and shown.key <= start:
            return shown
    return _frames_after(container, media, None, media.origin + cut.end, cancelled)


def _frames_after(
    container: InputContainer,
    media: MediaInfo,
    seek: Fraction | None,
    end: Fraction,
    cancelled: Callable[[], bool],
) -> _Shown:
    stream = container.streams[media.video.index]
    base = media.video.time_base
    target = media.origin - 1 if seek is None else seek
    container.seek(int(target / base), stream=stream, backward=True)
    times: set[Fraction] = set()
    stop: Fraction | None = None
    key = None
    for packet in container.demux(stream):
        if cancelled():
            raise Cancelled
        if packet.pts is None:
            continue
        time = packet.pts * base
        if key is None and packet.is_keyframe:
            key = time
        # An edit list may hide the key frame that visible frames need.
        if key is None or time < key or packet.is_discard:
            continue
        times.add(time)
        stop = max(stop or time, time + (packet.duration or 0) * base)
        decoded = packet.dts * base if packet.dts is not None else time - 1
        if decoded > end and max(times) >= end:
            stop = None
            break
    return _Shown(target, key, sorted(times), stop)


def _output_rate(average: Fraction, shown: Sequence[_Shown]) -> Fraction:
    """The source's frame rate as people know it, halved until it is 60 at most.

    The average that a file states is off where frames were dropped or the last one lasts long; the
    usual distance of frames in the cuts is not.
    """
    gaps = [b - a for around in shown for a, b in zip(around.times, around.times[1:], strict=False)]
    rate = average
    if gaps:
        usual = median(gaps)
        regular = [gap for gap in gaps if abs(gap - usual) * 4 <= usual]
        if len(regular) * 2 > len(gaps):
            measured = len(regular) / sum(regular, Fraction(0))
            if abs(measured - average) * 500 > average:
                rate = measured
    while rate > HIGHEST_RATE * Fraction(1001, 1000):
        rate /= 2
    standard = min(_STANDARD_RATES, key=lambda known: abs(known - rate))
    if abs(standard - rate) * 500 <= rate:
        return standard
    return max(Fraction(1), rate.limit_denominator(1001))


def _part(media: MediaInfo, cut: Span, shown: _Shown, rate: Fraction) -> Part:
    frame = 1 / media.video.frame_rate
    zero, end = media.origin + cut.start, media.origin + cut.end
    times = shown.times
    if not times:
        raise ExportError(
            f"there are no pictures at {cut}",
            path=media.path,
            remedy="The video is damaged there; remove this cut.",
        )
    nearest = min(times, key=lambda time: abs(time - zero))
    if abs(nearest - zero) <= frame / 2:
        zero = nearest
    first = max(0, bisect_right(times, zero) - 1)
    after_last = max(first + 1, bisect_left(times, end - min(_TOLERANCE, frame / 10)))
    following = times[after_last] if after_last < len(times) else shown.end
    if following is not None and (following - end <= frame or after_last == len(times)):
        end = following
    last = times[after_last - 1]
    frames = max(1, round((end - zero) * rate))
    return Part(
        span=Span(zero - media.origin, max(end, zero + frame / 10) - media.origin),
        frames=frames,
        seek=shown.seek,
        zero=zero,
        after=(times[first] + (times[first - 1] if first else times[first] - frame)) / 2,
        before=(last + (times[after_last] if after_last < len(times) else last + frame)) / 2,
        held=max(0, frames - round((last - zero) * rate)),
    )
