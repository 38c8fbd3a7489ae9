"""One pass over the pictures of a video, sampled on the way, and exact frame times."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from core.errors import MediaError
from core.media.decoding import SEEK_BACK, PacketDecoder, picture_stream, seek_before
from core.media.packets import read_packets
from core.media.probe import MediaInfo, open_media

SMALL_HEIGHT, SMALL_WIDTH = 45, 80
"""Least size of the tiny pictures that motion and shots are measured on."""

_SUBSAMPLING = {
    "yuv420p": (2, 2),
    "yuvj420p": (2, 2),
    "yuv422p": (2, 1),
    "yuvj422p": (2, 1),
    "yuv444p": (1, 1),
    "yuvj444p": (1, 1),
}
_KEY_FRAME_SEARCH = Fraction(2)


class Picture:
    """A decoded frame whose pixels are only converted when somebody asks for them.

    Attributes:
        seconds: When the frame begins to be shown on the media time axis, to the nearest float.
        is_key: It was coded without reference to other frames.
    """

    __slots__ = (
        "_denominator",
        "_frame",
        "_numerator",
        "_rotation",
        "_scaled",
        "_small",
        "is_key",
        "seconds",
    )

    def __init__(
        self, frame: av.VideoFrame, numerator: int, denominator: int, rotation: int
    ) -> None:
        self._frame = frame
        self._numerator = numerator
        self._denominator = denominator
        self._rotation = rotation
        self._small: NDArray[np.float32] | None = None
        self._scaled: av.VideoFrame | None = None
        self.seconds = numerator / denominator
        self.is_key = bool(frame.key_frame)

    @property
    def time(self) -> Fraction:
        """When the frame begins to be shown on the media time axis, exactly."""
        return Fraction(self._numerator, self._denominator)

    def small(self) -> NDArray[np.float32]:
        """Tiny picture as coded (not turned upright): planes Y, Cb, Cr, ``(3, h, w) float32``.

        Planar 8-bit pictures are point-sampled in place, far faster than scaling them. ``h`` and
        ``w`` are the same for all pictures of a video.
        """
        if self._small is None:
            self._small = self._sampled()
        return self._small

    def _sampled(self) -> NDArray[np.float32]:
        frame = self._frame
        subsampling = _SUBSAMPLING.get(frame.format.name)
        # Even steps fall on whole chroma samples.
        down, across = (
            2 * (frame.height // (2 * SMALL_HEIGHT)),
            2 * (frame.width // (2 * SMALL_WIDTH)),
        )
        if subsampling is None or not down or not across:
            scaled = frame.reformat(
                SMALL_WIDTH, SMALL_HEIGHT, "yuv444p", interpolation=Interpolation.FAST_BILINEAR
            )
            return np.stack([_plane(plane) for plane in scaled.planes]).astype(np.float32)
        height, width = frame.height // down, frame.width // across
        picture = np.empty((3, height, width), np.float32)
        for channel, plane in enumerate(frame.planes):
            shrunk_across, shrunk_down = subsampling if channel else (1, 1)
            rows, columns = down // shrunk_down, across // shrunk_across
            picture[channel] = _plane(plane)[rows // 2 :: rows, columns // 2 :: columns][
                :height, :width
            ]
        return picture

    def rgb(self, width: int, height: int) -> NDArray[np.uint8]:
        """Upright picture scaled to a size, ``(height, width, 3) uint8`` RGB."""
        if self._rotation in (90, 270):
            width, height = height, width
        source = self._frame
        if self._scaled is not None and (
            self._scaled.width >= width and self._scaled.height >= height
        ):
            source = self._scaled
        self._scaled = source.reformat(width, height, "rgb24", interpolation=Interpolation.BILINEAR)
        pixels = np.rot90(self._scaled.to_ndarray(), k=-self._rotation // 90)
        return np.ascontiguousarray(pixels)


def _plane(plane: av.video.plane.VideoPlane) -> NDArray[np.uint8]:
    pixels = np.frombuffer(memoryview(plane), np.uint8)
    return pixels.reshape(-1, plane.line_size)[: plane.height, : plane.width]


def read_pictures(
    info: MediaInfo, start: Fraction = Fraction(0), *, sparse: bool = False
) -> Iterator[Picture]:
    """Decodes the pictures of a video once, in the order in which they are shown.

    Damaged stretches are passed over: the time stamps of what follows stay right.

    Args:
        info: The video.
        start: Seconds on the media time axis; the first picture is the one shown then.
        sparse: Leave out frames that no other frame refers to: a third faster on films with
            B-frames, all others are complete.

    Yields:
        Pictures with rising times.

    Raises:
        MediaError: The file went away, or so much of it is damaged that nothing follows.
    """
    video = info.video
    with open_media(info.path) as container:
        stream = picture_stream(container, info)
        stream.thread_type = "AUTO"
        # Left out frames would upset the numbers of those that are counted.
        if sparse and not video.decoding_stamps:
            stream.codec_context.skip_frame = "NONREF"
            stream.codec_context.options = {"skip_loop_filter": "bidir"}
            # More frames in flight than cores: the decoder goes on while the networks compute.
            stream.codec_context.thread_count = min(16, 6 * (os.cpu_count() or 1))
        clock = _Clock(info)
        begin = float(start)
        shown: Picture | None = None
        last = -1.0
        size: tuple[int, int] | None = None
        for frame in _frames_from(container, stream, info, clock, start):
            time = clock.time(frame)
            size = size or (frame.width, frame.height)
            if (frame.width, frame.height) != size:
                frame = frame.reformat(*size)
            picture = Picture(frame, *time, video.rotation)
            if picture.seconds <= last:
                continue
            last = picture.seconds
            if last <= begin:
                shown = picture
                continue
            if shown is not None:
                yield shown
                shown = None
            yield picture
        if shown is not None:
            yield shown


def _frames_from(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    info: MediaInfo,
    clock: _Clock,
    start: Fraction,
) -> Iterator[av.VideoFrame]:
    """Frames from one that begins no later than a time, or from the first."""
    for back in SEEK_BACK:
        if back is not None and start > back:
            _seek(container, stream, info, start - back)
        elif start > 0:
            container.seek(0)
        frames = _decoded(container, stream, info)
        first = next(frames, None)
        last_try = back is None or start <= back
        if first is None:
            if last_try:
                return
            continue
        numerator, denominator = clock.time(first)
        if last_try or Fraction(numerator, denominator) <= start:
            yield first
            yield from frames
            return


class _Clock:
    """Turns time stamps into media time as whole numbers: no fraction is made per frame."""

    def __init__(self, info: MediaInfo) -> None:
        self._origin = info.origin
        self._base = info.video.time_base
        self._step = 1 / info.video.frame_rate
        self._last: Fraction | None = None

    def time(self, frame: av.VideoFrame) -> tuple[int, int]:
        """Numerator and denominator of the seconds at which a frame begins."""
        base = frame.time_base or self._base
        if frame.pts is None:
            now = Fraction(0) if self._last is None else self._last + self._step
            self._last = now
            return now.numerator, now.denominator
        origin = self._origin
        numerator = frame.pts * base.numerator * origin.denominator - (
            origin.numerator * base.denominator
        )
        return numerator, base.denominator * origin.denominator


def _seek(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    info: MediaInfo,
    seconds: Fraction,
) -> None:
    try:
        seek_before(container, stream, info, seconds)
    except av.error.FFmpegError:
        container.seek(0)


def _decoded(
    container: av.container.InputContainer, stream: av.VideoStream, info: MediaInfo
) -> Iterator[av.VideoFrame]:
    decoder = PacketDecoder(info)
    for packet in read_packets(container, stream, info.path):
        frames = decoder.frames(packet)
        if frames is None:
            return
        yield from frames


def frame_times(info: MediaInfo, around: Sequence[Fraction]) -> list[Fraction]:
    """The exact begin of the frame nearest to each time, from the packets alone.

    Nothing is decoded, and only the neighbourhood of each time is read. A time at or past the end
    of the pictures gives the end of the last frame.

    Args:
        info: The video.
        around: Times in seconds on the media time axis.
    """
    if not around:
        return []
    found: dict[Fraction, Fraction] = {}
    with open_media(info.path) as container:
        stream = picture_stream(container, info)
        for seconds in set(around):
            if seconds >= info.duration - 1 / (2 * info.video.frame_rate):
                found[seconds] = info.duration
                continue
            _seek(container, stream, info, max(Fraction(0), seconds - _KEY_FRAME_SEARCH))
            times = _neighbourhood(container, stream, info, seconds)
            found[seconds] = min(
                times or [_nearest_frame(info, seconds)], key=lambda time: abs(time - seconds)
            )
    return [found[seconds] for seconds in around]


def _neighbourhood(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    info: MediaInfo,
    seconds: Fraction,
) -> list[Fraction]:
    """Frame begins of the packets up to two seconds behind a time."""
    times: list[Fraction] = []
    for packet in read_packets(container, stream, info.path):
        stamp = info.video.stamp(packet)
        if stamp is None:
            continue
        time = stamp * info.video.time_base - info.origin
        decoded_at = (packet.dts if packet.dts is not None else stamp) * (
            info.video.time_base
        ) - info.origin
        if time >= 0:
            times.append(time)
        if decoded_at > seconds + _KEY_FRAME_SEARCH and any(t > seconds for t in times):
            break
    return times


def _nearest_frame(info: MediaInfo, seconds: Fraction) -> Fraction:
    """The begin of the frame nearest to a time, counted by the average frame rate."""
    first = info.video.start - info.origin
    return first + round((seconds - first) * info.video.frame_rate) / info.video.frame_rate


@lru_cache(maxsize=1024)
def exact_change(info: MediaInfo, earliest: Fraction, latest: Fraction) -> Fraction:
    """The begin of the frame that differs most from the one before it.

    Args:
        info: The video.
        earliest: A frame's begin, before the change.
        latest: A frame's begin, after it.
    """
    before: NDArray[np.float32] | None = None
    best = (-1.0, latest)
    for picture in read_pictures(info, earliest):
        if picture.time > latest:
            break
        small = picture.small()
        if before is not None:
            difference = float(np.abs(small - before).mean())
            best = max(best, (difference, picture.time), key=lambda pair: pair[0])
        before = small
    return best[1]


def thumbnail(info: MediaInfo, seconds: Fraction, height: int) -> NDArray[np.uint8]:
    """The picture shown at a time, upright, ``(height, width, 3) uint8`` RGB.

    Raises:
        MediaError: Nothing can be decoded there.
    """
    width = max(2, round(height * info.video.width / info.video.height))
    for picture in read_pictures(info, seconds):
        return picture.rgb(width, height)
    raise MediaError(
        f"there is no picture at {float(seconds):.2f} s", path=info.path, remedy="Is it cut off?"
    )
