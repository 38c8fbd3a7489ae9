"""From clips of videos to the exact source frames and output frames of each part of a short."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

import av.error
from av.container import InputContainer

from core.errors import Cancelled, ExportError, UsageError
from core.export.clip import Clip
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
    """One stretch of a source that is rendered without a break.

    All times but ``span`` and ``patience`` are presentation times of the file, in seconds.

    Attributes:
        media: The source.
        span: The stretch on the media time axis, from its first frame to the end of its last.
        frames: Number of output frames.
        seek: A time to seek to; a key frame that starts the decoding lies before the first frame.
        zero: The begin of the part.
        after: Frames of the part start after this time.
        before: Frames of the part start before this time.
        held: Number of output frames that show the last source frame.
        patience: Seconds by which a source frame may come late and still count as being in time.
    """

    media: MediaInfo
    span: Span
    frames: int
    seek: Fraction
    zero: Fraction
    after: Fraction
    before: Fraction
    held: int
    patience: Fraction


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


def plan_short(clips: Sequence[Clip], cancelled: Callable[[], bool]) -> Plan:
    """Snaps clips to frames, joins those that continue one another, and counts output frames.

    The frame rate is the one that most of the short's length has (of two with the same length the
    higher), 60 at most: most of what is seen moves exactly as it was recorded. With the highest of
    all, one short clip at 60 would make every other stutter, as 24 or 25 do not divide it.

    Args:
        clips: Stretches of videos in playing order; what lies outside a video is left away.
        cancelled: Asked while packets are read.

    Raises:
        UsageError: There are no clips, or one lies wholly outside its video.
        MediaError: A source is not there or not readable any more.
        ExportError: A source is damaged.
        Cancelled: ``cancelled()`` returned true.
    """
    wanted = _joined([_inside(clip) for clip in clips])
    if not wanted:
        raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
    shown: dict[Clip, _Shown] = {}
    rates: dict[MediaInfo, Fraction] = {}
    for media in dict.fromkeys(clip.info for clip in wanted):
        of_media = [clip for clip in wanted if clip.info == media]
        shown |= _frames_shown(media, of_media, cancelled)
        rates[media] = _known_rate(media.video.frame_rate, [shown[clip] for clip in of_media])
    rate = _most_common_rate(wanted, rates)
    parts = (_part(clip, shown[clip], rates[clip.info], rate) for clip in wanted)
    return Plan(rate, tuple(parts))


def _inside(clip: Clip) -> Clip:
    start = max(clip.span.start, Fraction(0))
    if start >= min(clip.span.end, clip.info.duration):
        raise UsageError(
            f"the cut {clip.span} lies outside the video",
            path=clip.info.path,
            remedy="Move it inside, or remove it.",
        )
    return Clip(clip.info, Span(start, clip.span.end))


def _joined(clips: Sequence[Clip]) -> list[Clip]:
    """Clips in which one that starts where the last ended, continues it: no seam is heard there."""
    joined: list[Clip] = []
    for clip in clips:
        last = joined[-1] if joined else None
        if (
            last is not None
            and clip.info == last.info
            and abs(clip.span.start - last.span.end) < _TOLERANCE
        ):
            joined[-1] = Clip(last.info, Span(last.span.start, clip.span.end))
        else:
            joined.append(clip)
    return joined


def _frames_shown(
    media: MediaInfo, clips: Sequence[Clip], cancelled: Callable[[], bool]
) -> dict[Clip, _Shown]:
    try:
        with open_media(media.path) as container:
            return {
                clip: _frames_around(container, media, clip.span, cancelled)
                for clip in dict.fromkeys(clips)
            }
    except (av.error.FFmpegError, IndexError, OSError) as error:
        raise ExportError(
            "the video cannot be read any more",
            path=media.path,
            remedy="Check that the file is complete and its disk connected.",
        ) from error


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


def _known_rate(average: Fraction, shown: Sequence[_Shown]) -> Fraction:
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


def _most_common_rate(clips: Sequence[Clip], rates: Mapping[MediaInfo, Fraction]) -> Fraction:
    lengths: dict[Fraction, Fraction] = {}
    for clip in clips:
        rate = rates[clip.info]
        end = min(clip.span.end, clip.info.duration)
        lengths[rate] = lengths.get(rate, Fraction(0)) + end - clip.span.start
    return max(lengths, key=lambda rate: (lengths[rate], rate))


def _part(clip: Clip, shown: _Shown, own_rate: Fraction, rate: Fraction) -> Part:
    media, cut = clip.info, clip.span
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
        media=media,
        span=Span(zero - media.origin, max(end, zero + frame / 10) - media.origin),
        frames=frames,
        seek=shown.seek,
        zero=zero,
        after=(times[first] + (times[first - 1] if first else times[first] - frame)) / 2,
        before=(last + (times[after_last] if after_last < len(times) else last + frame)) / 2,
        held=max(0, frames - round((last - zero) * rate)),
        patience=1 / (8 * max(rate, own_rate)),
    )
