"""From clips of videos to the exact source frames and output frames of each part of a short."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from core.errors import ExportError, UsageError
from core.export.clip import Clip, Join
from core.export.encoding import Encoding
from core.export.look import Look
from core.export.source_frames import ShownFrames, frames_shown, known_rate
from core.media.probe import MediaInfo
from core.time import Span

HIGHEST_RATE = Fraction(60)
"""Frames per second of a short at most."""

_TOLERANCE = Fraction(1, 1000)
_NEARLY_WHOLE = Fraction(1, 10)


@dataclass(frozen=True)
class Part:
    """One stretch of a source that is rendered without a break.

    All times but ``span`` and ``patience`` are presentation times of the file, in seconds.

    Attributes:
        clip: What is shown, with its join, camera and captions.
        span: The stretch on the media time axis, from its first frame to the end of its last.
        first_frame: Number of its first frame in the short.
        frames: Number of output frames.
        seek: A time to seek to; a key frame that starts the decoding lies before the first frame.
        key: That key frame.
        zero: The begin of the part.
        after: Frames of the part start after this time.
        before: Frames of the part start before this time.
        last: When its last source frame starts.
        held: Number of output frames that show the last source frame.
        patience: Seconds by which a source frame may come late and still count as being in time.
        under: How the part before goes on, while it fades over into this one.
    """

    clip: Clip
    span: Span
    first_frame: int
    frames: int
    seek: Fraction
    key: Fraction
    zero: Fraction
    after: Fraction
    before: Fraction
    last: Fraction
    held: int
    patience: Fraction
    under: Part | None = None

    @property
    def media(self) -> MediaInfo:
        """The source."""
        return self.clip.info

    @property
    def begin(self) -> Fraction:
        """Media time of its first output frame, in seconds."""
        return self.zero - self.media.origin


@dataclass(frozen=True)
class Plan:
    """What a short consists of.

    Attributes:
        frame_rate: Frames per second of the short.
        parts: Its parts in playing order.
        opening: Number of frames of the card before them.
        closing: Number of frames of the card after them.
    """

    frame_rate: Fraction
    parts: tuple[Part, ...]
    opening: int = 0
    closing: int = 0

    @property
    def frames(self) -> int:
        """Number of output frames."""
        return self.opening + sum(part.frames for part in self.parts) + self.closing

    @property
    def duration(self) -> Fraction:
        """Length of the short in seconds."""
        return self.frames / self.frame_rate


def plan_export(
    clips: Sequence[Clip], look: Look, encoding: Encoding, cancelled: Callable[[], bool]
) -> Plan:
    """Plans a short with the cards of its look and the frame rates of its encoding.

    The errors are those of :func:`plan_short`.
    """
    seconds = Fraction(look.card_seconds)
    return plan_short(
        clips,
        cancelled,
        highest=encoding.frame_rate,
        opening=seconds if look.opening_card.strip() else Fraction(0),
        closing=seconds if look.end_card.strip() else Fraction(0),
    )


def plan_short(
    clips: Sequence[Clip],
    cancelled: Callable[[], bool],
    *,
    highest: Fraction = HIGHEST_RATE,
    opening: Fraction = Fraction(0),
    closing: Fraction = Fraction(0),
) -> Plan:
    """Snaps clips to frames, joins those that continue one another, and counts output frames.

    The frame rate is the one that most of the short's length has (of two with the same length the
    higher): most of what is seen moves exactly as it was recorded. With the highest of all, one
    short clip at 60 would make every other stutter, as 24 or 25 do not divide it.

    Clips of another rate end on the output frame that is nearest to the exact sum of all lengths so
    far, so that their roundings never add up.

    Args:
        clips: Stretches of videos in playing order; what lies outside a video is left away.
        cancelled: Asked while packets are read.
        highest: Frames per second at most.
        opening: Length of a card before the first clip, in seconds.
        closing: Length of a card after the last clip, in seconds.

    Raises:
        UsageError: There are no clips, or one lies wholly outside its video.
        MediaError: A source is not there or not readable any more.
        ExportError: A source is damaged.
        Cancelled: ``cancelled()`` returned true.
    """
    wanted = _joined([_inside(clip) for clip in clips])
    if not wanted:
        raise UsageError("there are no cuts to export", remedy="Add at least one cut.")
    tails = [_tail(last, clip) for last, clip in zip([None, *wanted], wanted, strict=False)]
    shown: dict[tuple[MediaInfo, Span], ShownFrames] = {}
    rates: dict[MediaInfo, Fraction] = {}
    for media in dict.fromkeys(clip.info for clip in wanted):
        cuts = [clip.span for clip in wanted if clip.info == media]
        more = [tail.span for tail in tails if tail is not None and tail.info == media]
        found = frames_shown(media, [*cuts, *more], cancelled)
        shown |= {(media, cut): frames for cut, frames in found.items()}
        rates[media] = known_rate(media.video.frame_rate, [found[cut] for cut in cuts], highest)
    rate = _most_common_rate(wanted, rates)
    first = round(opening * rate)
    exact_end = first / rate
    parts: list[Part] = []
    for clip, tail in zip(wanted, tails, strict=True):
        part = _part(clip, shown[clip.info, clip.span], rates[clip.info])
        exact_end += _length(part, rates[clip.info], rate)
        end = max(first + 1, round(exact_end * rate))
        part = _counted(part, first, end - first, rate)
        if tail is not None:
            fade = min(part.frames, round(clip.join.crossfade * rate))
            under = _part(tail, shown[tail.info, tail.span], rates[tail.info])
            # It goes on where the part before was left, which need not be at a frame of its own.
            last = parts[-1]
            zero = max(under.zero, last.zero + last.frames / rate)
            under = _counted(replace(under, zero=zero), first, fade, rate)
            part = replace(part, under=under if fade else None)
        parts.append(part)
        first = end
    return Plan(rate, tuple(parts), round(opening * rate), round(closing * rate))


def _inside(clip: Clip) -> Clip:
    start = max(clip.span.start, Fraction(0))
    if start >= min(clip.span.end, clip.info.duration):
        raise UsageError(
            f"the cut {clip.span} lies outside the video",
            path=clip.info.path,
            remedy="Move it inside, or remove it.",
        )
    return replace(clip, span=Span(start, clip.span.end))


def _joined(clips: Sequence[Clip]) -> list[Clip]:
    """Clips in which one that starts where the last ended, continues it: no seam is heard there."""
    joined: list[Clip] = []
    for clip in clips:
        last = joined[-1] if joined else None
        if (
            last is not None
            and (clip.info, clip.camera, clip.join) == (last.info, last.camera, Join())
            and abs(clip.span.start - last.span.end) < _TOLERANCE
        ):
            captions = tuple(dict.fromkeys((*last.captions, *clip.captions)))
            span = Span(last.span.start, clip.span.end)
            joined[-1] = replace(last, span=span, captions=captions)
        else:
            joined.append(clip)
    return joined


def _tail(last: Clip | None, clip: Clip) -> Clip | None:
    """What follows the clip before in its video, as long as it fades over into this one."""
    if last is None or clip.join.crossfade <= 0:
        return None
    end = min(last.span.end, last.info.duration)
    return replace(last, span=Span(end, end + clip.join.crossfade))


def _most_common_rate(clips: Sequence[Clip], rates: Mapping[MediaInfo, Fraction]) -> Fraction:
    lengths: dict[Fraction, Fraction] = {}
    for clip in clips:
        rate = rates[clip.info]
        end = min(clip.span.end, clip.info.duration)
        lengths[rate] = lengths.get(rate, Fraction(0)) + end - clip.span.start
    return max(lengths, key=lambda rate: (lengths[rate], rate))


def _part(clip: Clip, shown: ShownFrames, own_rate: Fraction) -> Part:
    """A part by its source frames; its output frames are not counted yet."""
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
    if end - zero < frame / 4:
        # So little of a frame at the end of a video would be taken for nothing.
        zero = max(times[first], end - frame)
    return Part(
        clip=clip,
        span=Span(zero - media.origin, max(end, zero + frame / 10) - media.origin),
        first_frame=0,
        frames=0,
        seek=shown.seek,
        key=times[0] if shown.key is None else shown.key,
        zero=zero,
        after=(times[first] + (times[first - 1] if first else times[first] - frame)) / 2,
        before=(last + (times[after_last] if after_last < len(times) else last + frame)) / 2,
        last=last,
        held=0,
        patience=1 / (8 * own_rate),
    )


def _length(part: Part, own_rate: Fraction, rate: Fraction) -> Fraction:
    """Its exact length in seconds; what only rounded stamps keep from whole frames, is whole."""
    frames = part.span.duration * rate
    if own_rate == rate and abs(frames - round(frames)) <= _NEARLY_WHOLE:
        return round(frames) / rate
    return part.span.duration


def _counted(part: Part, first_frame: int, frames: int, rate: Fraction) -> Part:
    return replace(
        part,
        first_frame=first_frame,
        frames=frames,
        held=max(0, frames - round((part.last - part.zero) * rate)),
        patience=min(part.patience, 1 / (8 * rate)),
    )
