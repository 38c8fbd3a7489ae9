"""The exact begin of every frame of a video, for in and out points and steps of one frame."""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.files import replace_file
from core.media.decoding import discard_others, picture_stream
from core.media.packets import read_packets
from core.media.probe import MediaInfo, open_media

_VERSION = 1
_PACKETS_BETWEEN_LOOKS = 500
_CLOCK_ROUNDING = Fraction(1, 100)
_JUMP_BACK = Fraction(1)
_HEAD = 2
_DAMAGED = (OSError, ValueError, TypeError, MemoryError, OverflowError, TokenError)


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """When each frame of a video begins; a frame lasts until the next begins.

    Attributes:
        ticks: Rising presentation stamps of the frames, ``(N,) int64``, N at least 1.
        time_base: Seconds per tick.
        origin: Seconds in ticks that are 0 s on the media time axis.
        duration: End of the last frame on the media time axis, in seconds; behind its begin.
    """

    ticks: NDArray[np.int64]
    time_base: Fraction
    origin: Fraction
    duration: Fraction

    def __len__(self) -> int:
        return len(self.ticks)

    def time(self, number: int) -> Fraction:
        """Begin of a frame on the media time axis, in seconds.

        Args:
            number: The frame, clamped to 0…N; N gives the end of the last frame.
        """
        if number >= len(self.ticks):
            return self.duration
        return int(self.ticks[max(0, number)]) * self.time_base - self.origin

    def number(self, seconds: Fraction | float) -> int:
        """The frame that is shown at a time, 0…N − 1.

        A time up to a hundredth of a frame before a frame counts as that frame, as clocks that
        round name it.
        """
        number = self._last_begun(seconds)
        begin, end = self.time(number), self.time(number + 1)
        # A frame that stands for long must not widen what counts as rounding.
        frame = min(end - begin, (self.duration - self.time(0)) / len(self))
        early = end - frame * _CLOCK_ROUNDING
        return number + 1 if seconds >= early and number + 1 < len(self) else number

    def shown(self, seconds: Fraction | float) -> Fraction:
        """Begin of the frame that is shown at a time."""
        return self.time(self.number(seconds))

    def after(self, seconds: Fraction | float) -> Fraction:
        """End of the frame that is shown at a time: the begin of the next, or the duration."""
        return self.time(self.number(seconds) + 1)

    def nearest(self, seconds: Fraction | float) -> Fraction:
        """The boundary nearest to a time: a frame's begin, or the end of the last."""
        number = self._last_begun(seconds)
        begin, end = self.time(number), self.time(number + 1)
        return begin if seconds - begin <= end - seconds else end

    def middle(self, number: int) -> Fraction:
        """The time half-way through a frame: no rounding takes it to a neighbour.

        Args:
            number: The frame, clamped to 0…N − 1.
        """
        number = min(max(0, number), len(self) - 1)
        return (self.time(number) + self.time(number + 1)) / 2

    def _last_begun(self, seconds: Fraction | float) -> int:
        tick = math.floor((Fraction(seconds) + self.origin) / self.time_base)
        tick = min(max(tick, int(self.ticks[0])), int(self.ticks[-1]))
        return int(np.searchsorted(self.ticks, tick, side="right")) - 1


def average_index(info: MediaInfo) -> FrameIndex:
    """Frames at even distances, by the average frame rate, until the real ones are read."""
    step = 1 / info.video.frame_rate
    first = info.video.start - info.origin
    count = max(1, round((info.duration - first) / step))
    return FrameIndex(np.arange(count, dtype=np.int64), step, -first, info.duration)


def read_frame_index(
    info: MediaInfo,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> FrameIndex:
    """Reads when each frame begins from the packets alone; nothing is decoded.

    These are the frames that the pictures of the video are read as: what an edit list hides, what
    comes before the first decodable picture and what lies behind the stated end is left out; where
    the stamps jump back, the repeated stretch is left out. A file that states no presentation
    stamps gets its frames by the average frame rate.

    Args:
        info: The video.
        progress: Told how much is done, 0…1, and a message.
        cancelled: Asked every few hundred packets.

    Raises:
        Cancelled: ``cancelled()`` was true.
        MediaError: The file went away.
    """
    video = info.video
    first = round(video.start / video.time_base)
    end = math.ceil((info.duration + info.origin) / video.time_base)
    jump = _JUMP_BACK / video.time_base
    length = max(info.duration, video.time_base)
    ticks: list[int] = []
    without = 0
    decoded_last: int | None = None
    with open_media(info.path) as container:
        stream = picture_stream(container, info)
        discard_others(container, stream)
        for count, packet in enumerate(read_packets(container, stream, info.path)):
            if count % _PACKETS_BETWEEN_LOOKS == 0:
                if cancelled():
                    raise Cancelled
                if ticks:
                    seconds = ticks[-1] * video.time_base - info.origin
                    progress(min(max(float(seconds / length), 0.0), 1.0), "Reading frame times")
            if not packet.size or packet.is_discard:
                continue
            stamp = video.stamp(packet)
            if stamp is None:
                without += 1
                continue
            if not first <= stamp < end:
                continue
            if packet.dts is not None:
                if decoded_last is not None and packet.dts < decoded_last - jump:
                    continue
                decoded_last = packet.dts
            ticks.append(stamp)
    if without > len(ticks):
        return average_index(info)
    index = FrameIndex(
        np.unique(np.array(ticks, np.int64)), video.time_base, info.origin, info.duration
    )
    return index if len(index) else average_index(info)


def stored_frame_index(
    info: MediaInfo,
    file: Path,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> FrameIndex:
    """The frame index of a video from where it is kept, else read and kept there.

    A file that is damaged or belongs to another video is replaced. Where nothing can be written,
    the index is only returned.

    Args:
        info: The video.
        file: An ``.npy`` file, ``(2 + N,) int64``: which video it is of, whether the frames were
            only counted, and their stamps.
        progress: Told how much is done, 0…1, and a message.
        cancelled: Asked every few hundred packets.

    Raises:
        Cancelled: ``cancelled()`` was true; nothing was written.
        MediaError: The file went away.
    """
    mark = _mark(info)
    kept = _kept_index(info, file, mark)
    if kept is not None:
        return kept
    index = read_frame_index(info, progress=progress, cancelled=cancelled)
    counted = index.time_base != info.video.time_base or index.origin != info.origin
    content = io.BytesIO()
    head = np.array([mark, counted], np.int64)
    np.save(content, np.concatenate([head, index.ticks]), allow_pickle=False)
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, content.getvalue())
    return index


def _mark(info: MediaInfo) -> int:
    """A number that tells videos apart, for a file that somebody may have put in place."""
    text = f"{_VERSION} {info.origin} {info.duration} {info.video}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _kept_index(info: MediaInfo, file: Path, mark: int) -> FrameIndex | None:
    try:
        with file.open("rb") as content:
            rows = np.lib.format.read_array(content, allow_pickle=False)
    except _DAMAGED:
        return None
    if rows.dtype != np.int64 or rows.ndim != 1 or len(rows) <= _HEAD or rows[0] != mark:
        return None
    ticks = rows[_HEAD:]
    if not (np.diff(ticks) > 0).all():
        return None
    if rows[1]:
        return average_index(info)
    index = FrameIndex(ticks, info.video.time_base, info.origin, info.duration)
    return index if index.time(len(index) - 1) < info.duration else None
