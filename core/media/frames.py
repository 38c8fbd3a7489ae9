"""One pass over the pictures of a video, sampled on the way, and exact frame times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from core.errors import MediaError
from core.media.probe import MediaInfo, open_media

SMALL_HEIGHT, SMALL_WIDTH = 45, 80
"""Size of the tiny pictures that motion and shots are measured on."""

_SUBSAMPLED_FORMATS = {
    "yuv420p": (2, 2),
    "yuvj420p": (2, 2),
    "yuv422p": (2, 1),
    "yuvj422p": (2, 1),
    "yuv444p": (1, 1),
    "yuvj444p": (1, 1),
}
_KEY_FRAME_SEARCH = Fraction(2)
_MOST_DAMAGED_PACKETS = 5_000


class Picture:
    """A decoded frame whose pixels are only converted when somebody asks for them.

    Attributes:
        time: Seconds on the media time axis at which the frame begins to be shown.
    """

    __slots__ = ("_frame", "_rotation", "_small", "time")

    def __init__(self, frame: av.VideoFrame, time: Fraction, rotation: int) -> None:
        self._frame = frame
        self._rotation = rotation
        self._small: NDArray[np.uint8] | None = None
        self.time = time

    def small(self) -> NDArray[np.uint8]:
        """Tiny picture in Y, Cb, Cr, ``(45, 80, 3) uint8``, as coded (not turned upright).

        Planar 8-bit pictures are point-sampled in place, 100 times faster than scaling them.
        """
        if self._small is None:
            self._small = self._sampled()
        return self._small

    def _sampled(self) -> NDArray[np.uint8]:
        frame = self._frame
        subsampling = _SUBSAMPLED_FORMATS.get(frame.format.name)
        if subsampling is None or frame.width < SMALL_WIDTH or frame.height < SMALL_HEIGHT:
            scaled = frame.reformat(
                SMALL_WIDTH, SMALL_HEIGHT, "yuv444p", interpolation=Interpolation.FAST_BILINEAR
            )
            planes = [_plane(plane)[:SMALL_HEIGHT, :SMALL_WIDTH] for plane in scaled.planes]
            return np.stack(planes, axis=-1)
        rows = ((np.arange(SMALL_HEIGHT) + 0.5) * frame.height / SMALL_HEIGHT).astype(np.intp)
        columns = ((np.arange(SMALL_WIDTH) + 0.5) * frame.width / SMALL_WIDTH).astype(np.intp)
        picture = np.empty((SMALL_HEIGHT, SMALL_WIDTH, 3), np.uint8)
        for channel, plane in enumerate(frame.planes):
            across, down = subsampling if channel else (1, 1)
            picture[:, :, channel] = _plane(plane)[np.ix_(rows // down, columns // across)]
        return picture

    def rgb(self, width: int, height: int) -> NDArray[np.uint8]:
        """Upright picture scaled to a size, ``(height, width, 3) uint8`` RGB."""
        if self._rotation in (90, 270):
            width, height = height, width
        scaled = self._frame.reformat(
            width, height, "rgb24", interpolation=Interpolation.BILINEAR
        ).to_ndarray()
        return np.ascontiguousarray(np.rot90(scaled, k=-self._rotation // 90))


def _plane(plane: av.video.plane.VideoPlane) -> NDArray[np.uint8]:
    pixels = np.frombuffer(memoryview(plane), np.uint8)
    return pixels.reshape(-1, plane.line_size)[: plane.height, : plane.width]


def read_pictures(info: MediaInfo, start: Fraction = Fraction(0)) -> Iterator[Picture]:
    """Decodes the pictures of a video once, in the order in which they are shown.

    Damaged stretches are passed over: the time stamps of what follows stay right.

    Args:
        info: The video.
        start: Seconds on the media time axis; the first picture is the one shown then.

    Yields:
        Pictures with rising times.

    Raises:
        MediaError: The file went away, or so much of it is damaged that nothing follows.
    """
    video = info.video
    with open_media(info.path) as container:
        stream = container.streams.video[_position(container, video.index)]
        stream.thread_type = "AUTO"
        if start > 0:
            _seek(container, stream, info, start)
        shown: Picture | None = None
        last = Fraction(-1)
        for frame in _decoded(container, stream, info.path):
            time = _frame_time(frame, info, last)
            if time <= last:
                continue
            last = time
            picture = Picture(frame, time, video.rotation)
            if time <= start:
                shown = picture
                continue
            if shown is not None:
                yield shown
                shown = None
            yield picture
        if shown is not None:
            yield shown


def _position(container: av.container.InputContainer, index: int) -> int:
    return next(i for i, stream in enumerate(container.streams.video) if stream.index == index)


def _seek(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    info: MediaInfo,
    seconds: Fraction,
) -> None:
    ticks = math.floor((seconds + info.origin) / info.video.time_base)
    try:
        container.seek(ticks, stream=stream, backward=True)
    except av.error.FFmpegError:
        container.seek(0)


def _decoded(
    container: av.container.InputContainer, stream: av.VideoStream, path: Path
) -> Iterator[av.VideoFrame]:
    damaged = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, OSError) as error:
            if not path.exists():
                raise MediaError(
                    "the video went away while it was read",
                    path=path,
                    remedy="Connect the drive again and start over; finished parts are kept.",
                ) from error
            return
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            damaged += 1
            if damaged > _MOST_DAMAGED_PACKETS:
                raise MediaError(
                    "the pictures of this video are damaged",
                    path=path,
                    remedy="Copy it again, or repair it by converting it.",
                ) from error


def _frame_time(frame: av.VideoFrame, info: MediaInfo, last: Fraction) -> Fraction:
    if frame.pts is None:
        return last + 1 / info.video.frame_rate if last >= 0 else info.video.start - info.origin
    return frame.pts * Fraction(frame.time_base or info.video.time_base) - info.origin


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
        stream = container.streams.video[_position(container, info.video.index)]
        for seconds in set(around):
            if seconds >= info.duration - 1 / (2 * info.video.frame_rate):
                found[seconds] = info.duration
                continue
            _seek(container, stream, info, max(Fraction(0), seconds - _KEY_FRAME_SEARCH))
            times = _neighbourhood(container, stream, info, seconds)
            found[seconds] = min(
                times or [_counted_frame(info, seconds)], key=lambda time: abs(time - seconds)
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
    try:
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            time = packet.pts * info.video.time_base - info.origin
            decoded_at = (packet.dts if packet.dts is not None else packet.pts) * (
                info.video.time_base
            ) - info.origin
            if time >= 0:
                times.append(time)
            if decoded_at > seconds + _KEY_FRAME_SEARCH and any(t > seconds for t in times):
                break
    except av.error.FFmpegError:
        pass
    return times


def _counted_frame(info: MediaInfo, seconds: Fraction) -> Fraction:
    first = info.video.start - info.origin
    return first + round((seconds - first) * info.video.frame_rate) / info.video.frame_rate


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
