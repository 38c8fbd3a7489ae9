"""Finding a place in the pictures of a video and decoding on from there."""

from __future__ import annotations

import math
from collections import deque
from fractions import Fraction

import av
import av.error
from av.container import InputContainer

from core.errors import MediaError
from core.media.probe import MediaInfo

SEEK_BACK = (0, 3, 12, 60, None)
"""Seconds before a time to seek from, tried one after the other; None is the begin of the file.

Transport streams have no index, so a seek may land behind the key frame; a damaged end may hold no
frame at all.
"""

_MOST_DAMAGED_PACKETS = 5_000


def picture_stream(container: InputContainer, info: MediaInfo) -> av.VideoStream:
    """The stream of the pictures in the opened file of a video.

    Raises:
        MediaError: The file has no such stream any more.
    """
    index = info.video.index
    found = next((stream for stream in container.streams.video if stream.index == index), None)
    if found is None:
        raise MediaError(
            "this is another video than it was", path=info.path, remedy="Open it again."
        )
    return found


def discard_others(container: InputContainer, kept: av.stream.Stream) -> None:
    """Lets no packets come but those of one stream."""
    for stream in container.streams:
        if stream.index != kept.index:
            stream.discard = av.stream.Discard.all


def seek_before(
    container: InputContainer, stream: av.VideoStream, info: MediaInfo, seconds: Fraction
) -> None:
    """Goes to a key frame at or before a time on the media time axis, as far as the file knows.

    Raises:
        av.error.FFmpegError: The file cannot be sought in.
    """
    ticks = math.floor((seconds + info.origin) / info.video.time_base)
    container.seek(ticks, stream=stream, backward=True)


class PacketDecoder:
    """Decodes packets of pictures; passes over damage, but not without end.

    Where a file numbers its pictures in the order of decoding only, they get the numbers of their
    packets in the order in which they are shown: neither the demuxer nor the decoder knows them.

    Args:
        info: The video that they come from; after a seek there must be a new decoder.
    """

    def __init__(self, info: MediaInfo) -> None:
        self._path = info.path
        self._damaged = 0
        self._decoding_stamps = info.video.decoding_stamps
        self._stamps: deque[int] = deque()
        self._begun = False

    def forgive(self) -> None:
        """Forgets how much was damaged so far."""
        self._damaged = 0

    def frames(self, packet: av.Packet) -> list[av.VideoFrame] | None:
        """The frames that a packet completes; None if no more can come.

        Raises:
            MediaError: Too much is damaged.
        """
        if self._decoding_stamps and packet.dts is not None and packet.size:
            self._begun = self._begun or packet.is_keyframe
            if self._begun:
                self._stamps.append(packet.dts)
        try:
            frames = list(packet.decode())
        except av.error.EOFError:
            return None
        except av.error.FFmpegError as error:
            self._damaged += 1
            if self._damaged > _MOST_DAMAGED_PACKETS:
                raise MediaError(
                    "the pictures of this video are damaged",
                    path=self._path,
                    remedy="Copy it again, or repair it by converting it.",
                ) from error
            return []
        if self._decoding_stamps:
            for frame in frames:
                frame.pts = self._stamps.popleft() if self._stamps else None
        return frames
