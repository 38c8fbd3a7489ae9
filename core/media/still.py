"""Exact pictures at exact times, for a player that stands still."""

from __future__ import annotations

import bisect
import contextlib
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Self

import av
import av.error
import numpy as np
from av.video.reformatter import Colorspace, Interpolation
from numpy.typing import NDArray

from core.errors import Cancelled, MediaError
from core.media.decoding import (
    SEEK_BACK,
    PacketDecoder,
    discard_others,
    picture_stream,
    seek_before,
)
from core.media.packets import read_packets
from core.media.probe import MediaInfo, open_media

_KEPT_BYTES = 64 * 1024 * 1024
_LARGE_BYTES = _KEPT_BYTES // 24
_LARGE_KEPT_SECONDS = Fraction(1)
_DECODED_ON = Fraction(2)
_UNSPECIFIED_COLOURS = 2


@dataclass(frozen=True, eq=False)
class Still:
    """One frame of a video.

    Attributes:
        time: When it begins to be shown on the media time axis, in seconds.
        pixels: Upright, in square pixels, ``(h, w, 3) uint8`` RGB.
    """

    time: Fraction
    pixels: NDArray[np.uint8]


class StillReader:
    """Gives the frame that is shown at a time, and its neighbours quickly.

    The file stays open and the decoder where it is: a step forward decodes on, a step back finds
    one of the last decoded frames, of which up to 64 MiB are kept. For one thread only.

    Args:
        info: The video.

    Raises:
        MediaError: The file cannot be opened, or is another than it was.
    """

    def __init__(self, info: MediaInfo) -> None:
        self._info = info
        self._open()
        self._frames: deque[av.VideoFrame] = deque()
        self._times: deque[Fraction] = deque()
        self._bytes = 0
        self._shrunk_height = 0
        self._packets: Iterator[av.Packet[av.VideoStream]] | None = None
        self._waiting: deque[av.VideoFrame] = deque()
        self._from_begin = False
        self._decoder = PacketDecoder(info)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> None:
        info = self._info
        with contextlib.ExitStack() as opened:
            self._container = opened.enter_context(open_media(info.path))
            self._stream = picture_stream(self._container, info)
            self._stream.thread_type = "AUTO"
            discard_others(self._container, self._stream)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Lets go of the file and of the kept frames."""
        self._forget()
        self._opened.close()

    def picture(
        self, seconds: Fraction, height: int, *, cancelled: Callable[[], bool] = lambda: False
    ) -> Still:
        """The frame that is shown at a time.

        Args:
            seconds: Time on the media time axis; before the first frame it gives the first, behind
                the last the last.
            height: Height of the picture in pixels; never larger than the video.
            cancelled: Asked before each packet.

        Raises:
            Cancelled: ``cancelled()`` was true; the reader can be asked again.
            MediaError: The file went away, or nothing can be decoded in it.
        """
        height = max(1, min(height, self._info.video.height))
        seconds = min(seconds, self._info.duration)
        self._decoder.forgive()
        try:
            place = self._place(seconds, height, cancelled)
        except MediaError:
            self._forget()
            raise
        return Still(self._times[place], self._pixels(self._frames[place], height))

    def _place(self, seconds: Fraction, height: int, cancelled: Callable[[], bool]) -> int:
        """Which of the kept frames is shown at a time; decodes until it is among them."""
        if self._shrunk_height and height > self._shrunk_height:
            self._forget()
        if not self._reached_from_here(seconds):
            self._seek(seconds, height, cancelled)
        while self._times[-1] <= seconds and self._decode_on(seconds, height, cancelled):
            pass
        return max(0, bisect.bisect_right(self._times, seconds) - 1)

    def _reached_from_here(self, seconds: Fraction) -> bool:
        if not self._times:
            return False
        if seconds < self._times[0]:
            return self._from_begin
        return seconds <= self._times[-1] + _DECODED_ON or self._packets is None

    def _seek(self, seconds: Fraction, height: int, cancelled: Callable[[], bool]) -> None:
        """Goes to a frame that begins no later than a time, or to the first."""
        for back in SEEK_BACK:
            self._forget()
            self._from_begin = back is None or seconds <= back
            self._go(seconds - (back or 0))
            while not self._times and self._decode_on(seconds, height, cancelled):
                pass
            if self._times and (self._from_begin or self._times[0] <= seconds):
                return
            if self._from_begin:
                break
        raise MediaError(
            f"there is no picture at {float(seconds):.2f} s",
            path=self._info.path,
            remedy="The file is damaged or was cut off; copy or convert it again.",
        )

    def _go(self, seconds: Fraction) -> None:
        try:
            if self._from_begin:
                begin = math.floor(self._info.video.start * av.time_base)
                self._container.seek(min(0, begin))
            else:
                seek_before(self._container, self._stream, self._info, seconds)
        except av.error.FFmpegError:
            # Streams without a container can only be read from their begin.
            self._opened.close()
            self._open()
            self._from_begin = True
        self._decoder = PacketDecoder(self._info)
        self._packets = read_packets(self._container, self._stream, self._info.path)

    def _decode_on(self, seconds: Fraction, height: int, cancelled: Callable[[], bool]) -> bool:
        """Keeps a decoded frame or decodes a packet; false once nothing follows."""
        if cancelled():
            raise Cancelled
        if self._packets is None:
            return False
        if self._waiting:
            follows = self._keep(self._waiting.popleft(), seconds, height)
        else:
            follows = self._decode_packet(self._packets)
        if not follows:
            self._packets = None
            self._waiting.clear()
        return follows

    def _decode_packet(self, packets: Iterator[av.Packet[av.VideoStream]]) -> bool:
        packet = next(packets, None)
        if packet is None:
            return False
        frames = self._decoder.frames(packet)
        self._waiting.extend(frames or ())
        return frames is not None

    def _keep(self, frame: av.VideoFrame, seconds: Fraction, height: int) -> bool:
        """Puts a frame behind those that are kept; false if nobody knows when it is shown."""
        if frame.pts is None and not self._times and not self._from_begin:
            return False
        time = self._time(frame)
        if self._times and time <= self._times[-1]:
            return True
        if time >= self._info.duration and (self._times or not self._from_begin):
            return True
        if self._times and _bytes(self._frames[-1]) > _LARGE_BYTES:
            if time <= seconds and self._times[-1] < seconds - _LARGE_KEPT_SECONDS:
                self._drop(len(self._times))
            else:
                self._shrink_last(height)
        self._times.append(time)
        self._frames.append(frame)
        self._bytes += _bytes(frame)
        while self._bytes > _KEPT_BYTES and len(self._times) > 2:
            self._drop(1)
        return True

    def _time(self, frame: av.VideoFrame) -> Fraction:
        if frame.pts is not None:
            return frame.pts * (frame.time_base or self._info.video.time_base) - self._info.origin
        # Frames without stamps can only be counted, from the first.
        step = 1 / self._info.video.frame_rate
        return self._times[-1] + step if self._times else Fraction(0)

    def _shrink_last(self, height: int) -> None:
        frame = self._frames[-1]
        width, lines = self._coded_size(height)
        if lines >= frame.height:
            return
        small = frame.reformat(
            width,
            lines,
            frame.format.name,
            interpolation=Interpolation.BICUBIC,
            src_color_range=frame.color_range,
            dst_color_range=frame.color_range,
        )
        self._bytes += _bytes(small) - _bytes(frame)
        self._frames[-1] = small
        self._shrunk_height = min(height, self._shrunk_height or height)

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._times.popleft()
            self._bytes -= _bytes(self._frames.popleft())
            self._from_begin = False

    def _forget(self) -> None:
        self._drop(len(self._times))
        self._waiting.clear()
        self._packets = None
        self._shrunk_height = 0

    def _coded_size(self, height: int) -> tuple[int, int]:
        """Width and height of a picture before it is turned upright."""
        video = self._info.video
        width = max(1, round(height * Fraction(video.width, video.height)))
        return (height, width) if video.rotation in (90, 270) else (width, height)

    def _pixels(self, frame: av.VideoFrame, height: int) -> NDArray[np.uint8]:
        # What states no colour matrix is shown as players show it: by its size.
        unstated = frame.colorspace == _UNSPECIFIED_COLOURS
        large = self._info.video.assumed_matrix == "bt709"
        scaled = frame.reformat(
            *self._coded_size(height),
            "rgb24",
            src_colorspace=Colorspace.ITU709 if unstated and large else None,
            interpolation=Interpolation.BICUBIC,
        )
        upright = np.rot90(scaled.to_ndarray(), k=-self._info.video.rotation // 90)
        return np.ascontiguousarray(upright, np.uint8)


def _bytes(frame: av.VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
