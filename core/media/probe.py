"""What a media file is: streams, exact duration, the picture as it is meant to be shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container import InputContainer

from core.errors import MediaError

_LAST_STRETCH = 10 * av.time_base


@dataclass(frozen=True)
class VideoStream:
    """The picture stream that is analysed and shown.

    Attributes:
        index: Index of the stream in the file.
        codec: Name of the codec.
        width: Shown width in square pixels, after pixel aspect and rotation.
        height: Shown height in square pixels, after rotation.
        coded_width: Width of the coded picture in pixels.
        coded_height: Height of the coded picture in pixels.
        rotation: Clockwise turn in degrees that shows the picture upright: 0, 90, 180 or 270.
        frame_rate: Average frames per second.
        time_base: Seconds per tick of the presentation time stamps.
        start: Presentation time of the first frame in the file, in seconds.
    """

    index: int
    codec: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    frame_rate: Fraction
    time_base: Fraction
    start: Fraction


@dataclass(frozen=True)
class AudioStream:
    """The sound stream that is analysed and kept in the short.

    Attributes:
        index: Index of the stream in the file.
        codec: Name of the codec.
        sample_rate: Samples per second and channel.
        layout: Channel layout as FFmpeg names it (``stereo``, ``5.1``).
        start: Presentation time of the first sample in the file, in seconds.
    """

    index: int
    codec: str
    sample_rate: int
    layout: str
    start: Fraction


@dataclass(frozen=True)
class MediaInfo:
    """A video file that can be analysed.

    Attributes:
        path: The file.
        origin: Presentation time in the file, in seconds, that is 0 s on the media time axis: the
            begin of its earliest stream, as players count.
        duration: Seconds from the origin to the end of the last picture.
        video: The picture stream.
        audio: The sound stream, if there is one.
    """

    path: Path
    origin: Fraction
    duration: Fraction
    video: VideoStream
    audio: AudioStream | None


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Opens a media file for reading.

    Raises:
        MediaError: The file is missing, a folder, unreadable, empty, or not a media file.
    """
    try:
        if path.is_dir():
            raise MediaError("this is a folder", path=path, remedy="Choose a video file in it.")
        if not path.exists():
            raise MediaError(
                "there is no such file", path=path, remedy="Check the name and the folder."
            )
        if path.stat().st_size == 0:
            raise MediaError(
                "the file is empty", path=path, remedy="Copy it again from the camera or card."
            )
        if not os.access(path, os.R_OK):
            raise PermissionError
    except PermissionError:
        raise MediaError(
            "no permission to read the file", path=path, remedy="Change its access rights."
        ) from None
    try:
        container = av.open(str(path), metadata_errors="ignore")
    except PermissionError:
        raise MediaError(
            "no permission to read the file", path=path, remedy="Change its access rights."
        ) from None
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            "this is not a video that can be read",
            path=path,
            remedy="It may be damaged or of an unknown kind; try to play or convert it first.",
        ) from error
    with container:
        yield container


def probe(path: str | os.PathLike[str]) -> MediaInfo:
    """Reads what is known about a video without decoding more than its first picture.

    Raises:
        MediaError: The file cannot be read, or has no pictures, or not one that can be decoded.
    """
    path = Path(path)
    with open_media(path) as container:
        pictures = [
            stream
            for stream in container.streams.video
            if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        if not pictures:
            raise MediaError(
                "there are no pictures in this file",
                path=path,
                remedy="Choose a video; sound alone has no frames to cut.",
            )
        stream = pictures[0]
        try:
            first = next(container.decode(stream))
        except (StopIteration, av.error.FFmpegError, ValueError) as error:
            raise MediaError(
                "no picture in this video can be decoded",
                path=path,
                remedy="The file is damaged or was cut off; copy or convert it again.",
            ) from error
        time_base = Fraction(stream.time_base or first.time_base or Fraction(1, 1000))
        start = (first.pts or 0) * time_base
        aspect = Fraction(stream.codec_context.sample_aspect_ratio or 1) or Fraction(1)
        rotation = round(-first.rotation / 90) * 90 % 360
        width, height = round(first.width * aspect), first.height
        if rotation in (90, 270):
            width, height = height, width
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        video = VideoStream(
            index=stream.index,
            codec=stream.codec_context.name,
            width=width,
            height=height,
            coded_width=first.width,
            coded_height=first.height,
            rotation=rotation,
            frame_rate=Fraction(rate) if rate > 0 else Fraction(25),
            time_base=time_base,
            start=start,
        )
        audio = _audio_stream(container, start)
        end = _stated_end(container, stream)
    if end is None or end <= start:
        end = _scanned_end(path, video)
    origin = min(start, audio.start) if audio else start
    return MediaInfo(path=path, origin=origin, duration=end - origin, video=video, audio=audio)


def _audio_stream(container: InputContainer, fallback: Fraction) -> AudioStream | None:
    for stream in container.streams.audio:
        context = stream.codec_context
        if not context.sample_rate or not context.layout.nb_channels:
            continue
        start = (
            stream.start_time * Fraction(stream.time_base)
            if stream.start_time is not None and stream.time_base
            else fallback
        )
        return AudioStream(
            stream.index, context.name, context.sample_rate, context.layout.name, start
        )
    return None


def _stated_end(container: InputContainer, stream: av.VideoStream) -> Fraction | None:
    """Presentation time of the end of the pictures, where the file states it for them alone."""
    if stream.duration and stream.time_base:
        return ((stream.start_time or 0) + stream.duration) * Fraction(stream.time_base)
    if container.duration and not container.streams.audio:
        return Fraction((container.start_time or 0) + container.duration, av.time_base)
    return None


def _scanned_end(path: Path, video: VideoStream) -> Fraction:
    """Presentation time of the end of the pictures, from the time stamps of their packets."""
    with open_media(path) as container:
        stream = container.streams[video.index]
        if container.duration:
            begin = (container.start_time or 0) + container.duration - _LAST_STRETCH
            try:
                container.seek(max(begin, container.start_time or 0))
                end = _last_packet_end(container.demux(stream), video)
            except av.error.FFmpegError:
                end = None
            if end is not None:
                return end
            container.seek(0)
        end = _last_packet_end(container.demux(stream), video)
    return end if end is not None else video.start + 1 / video.frame_rate


def _last_packet_end(packets: Iterator[av.Packet], video: VideoStream) -> Fraction | None:
    last: Fraction | None = None
    try:
        for packet in packets:
            if packet.pts is not None:
                end = packet.pts * video.time_base + (
                    packet.duration * video.time_base if packet.duration else 1 / video.frame_rate
                )
                last = end if last is None else max(last, end)
    except av.error.FFmpegError:
        pass
    return last
