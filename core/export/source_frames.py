"""Which frames a video shows around a cut, and how fast they follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

import av.error
from av.container import InputContainer

from core.errors import Cancelled, ExportError
from core.media.probe import MediaInfo, open_media
from core.time import Span

_WHOLE_RATES = (8, 10, 12, 15, 16, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)
_NTSC_RATES = (12, 15, 24, 30, 48, 60, 120, 240)
_STANDARD_RATES = [Fraction(n) for n in _WHOLE_RATES] + [
    Fraction(n * 1000, 1001) for n in _NTSC_RATES
]
_LOOK_BACK = (Fraction(0), Fraction(1), Fraction(4), Fraction(16), Fraction(64))
_SLOWEST_HALF = Fraction(20)


@dataclass(frozen=True)
class ShownFrames:
    """Presentation times of the frames around a cut, in seconds in the file.

    Attributes:
        seek: A time to seek to, from which all of them can be decoded.
        key: The key frame that the decoding begins with, if there is one.
        times: When each frame begins, rising.
        end: When the last one ends, if it is the last of the video.
    """

    seek: Fraction
    key: Fraction | None
    times: list[Fraction]
    end: Fraction | None


def frames_shown(
    media: MediaInfo, cuts: Sequence[Span], cancelled: Callable[[], bool]
) -> dict[Span, ShownFrames]:
    """Looks up the frames around cuts in the packets of a video; nothing is decoded.

    Args:
        media: The video.
        cuts: Stretches of its media time axis.
        cancelled: Asked while packets are read.

    Raises:
        MediaError: The video is not there any more.
        ExportError: It cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    try:
        with open_media(media.path) as container:
            return {
                cut: _frames_around(container, media, cut, cancelled) for cut in dict.fromkeys(cuts)
            }
    except (av.error.FFmpegError, IndexError, OSError) as error:
        raise ExportError(
            "the video cannot be read any more",
            path=media.path,
            remedy="Check that the file is complete and its disk connected.",
        ) from error


def _frames_around(
    container: InputContainer, media: MediaInfo, cut: Span, cancelled: Callable[[], bool]
) -> ShownFrames:
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
) -> ShownFrames:
    video = media.video
    stream = container.streams[video.index]
    base = video.time_base
    target = media.origin - 1 if seek is None else seek
    container.seek(int(target / base), stream=stream, backward=True)
    times: set[Fraction] = set()
    newest: Fraction | None = None
    stop: Fraction | None = None
    key = None
    for packet in container.demux(stream):
        if cancelled():
            raise Cancelled
        stamp = video.stamp(packet)
        if stamp is None or not packet.size:
            continue
        time = stamp * base
        if key is None and packet.is_keyframe:
            key = time
        # An edit list may hide the key frame that visible frames need.
        if key is None or time < key or packet.is_discard:
            continue
        if newest is None or time >= newest:
            newest = time
            lasts = (packet.duration or 0) * base
            counted = video.decoding_stamps or not lasts
            stop = time + (1 / video.frame_rate if counted else lasts)
        times.add(time)
        decoded = packet.dts * base if packet.dts is not None else time - 1
        if decoded > end and newest >= end:
            stop = None
            break
    return ShownFrames(target, key, sorted(times), stop)


def known_rate(average: Fraction, shown: Sequence[ShownFrames], highest: Fraction) -> Fraction:
    """The frame rate of a video as people know it, brought down to what is allowed.

    The average that a file states is off where frames were dropped or the last one lasts long; the
    usual distance of frames in the cuts is not. What is too fast is halved, so that every second
    frame is left out evenly, unless that would be so slow that it stutters.

    Args:
        average: What the file states, in frames per second.
        shown: The frames in the cuts.
        highest: Frames per second at most.
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
    while rate > highest * Fraction(1001, 1000):
        rate = rate / 2 if rate / 2 >= min(highest, _SLOWEST_HALF) else highest
    return standard_rate(rate)


def standard_rate(average: Fraction) -> Fraction:
    """The rate that people and editors count a video in, from the average that its file states."""
    nearest = min(_STANDARD_RATES, key=lambda rate: abs(rate - average))
    if abs(nearest - average) * 500 <= average:
        return nearest
    return max(Fraction(1), average.limit_denominator(1001))
