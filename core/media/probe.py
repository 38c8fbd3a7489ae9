"""What a media file is: streams, exact duration, the picture as it is meant to be shown."""

from __future__ import annotations

import math
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

_LAST_STRETCH = Fraction(10)
_LAST_LOOK = Fraction(2)
_TRANSFERS = {16: "pq", 18: "hlg"}
_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 11: "smpte431", 12: "smpte432"}
_FULL_RANGE = 2
_STANDARD_LINES, _LARGE_COLUMNS = 576, 1280


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
        bits: Bits per sample of the picture.
        transfer: How light is coded, where it is not that of standard pictures: ``pq`` (SMPTE ST
            2084) or ``hlg`` (ARIB STD-B67); "" for all others.
        primaries: The colours that the samples are mixed of, as FFmpeg names them; "" if unstated.
        matrix: Colour matrix, as FFmpeg's scale filter names it; "" if unstated.
        full_range: Samples use all values and not only those of television.
        interlaced: A picture holds two fields that were filmed one after the other.
        decoding_stamps: The file numbers its pictures in the order of decoding only, as AVI does;
            what is decoded is shown in the order of these numbers.
        reordered: Pictures are decoded in another order than they are shown.
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
    bits: int = 8
    transfer: str = ""
    primaries: str = ""
    matrix: str = ""
    full_range: bool = False
    interlaced: bool = False
    decoding_stamps: bool = False
    reordered: bool = False

    def stamp(self, packet: av.Packet) -> int | None:
        """When the picture of a packet is shown, in ticks; with ``decoding_stamps``, when a picture
        is shown that one of the packets from the key frame to this one holds."""
        return packet.dts if self.decoding_stamps else packet.pts

    @property
    def assumed_matrix(self) -> str:
        """Colour matrix that players take where none is stated, as FFmpeg's scale filter names it:
        that of high definition where there is more than a standard picture has."""
        large = self.coded_height > _STANDARD_LINES or self.coded_width >= _LARGE_COLUMNS
        return "bt709" if large else "bt601"

    @property
    def is_hdr(self) -> bool:
        """The pictures are brighter than standard ones can be."""
        return self.transfer != ""


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
        video = _video_stream(container, stream, first)
        audio = _audio_stream(container, video.start)
        stated = _stated_end(container, stream)
    end = _true_end(path, video, stated)
    origin = min(video.start, audio.start) if audio else video.start
    return MediaInfo(path=path, origin=origin, duration=end - origin, video=video, audio=audio)


def _video_stream(
    container: InputContainer, stream: av.VideoStream, first: av.VideoFrame
) -> VideoStream:
    """What the container, the decoder and the first picture say together."""
    context = stream.codec_context
    time_base = Fraction(stream.time_base or first.time_base or Fraction(1, 1000))
    decoding_stamps = container.format.name == "avi"
    aspect = Fraction(context.sample_aspect_ratio or 1) or Fraction(1)
    rotation = round(-first.rotation / 90) * 90 % 360
    width, height = round(first.width * aspect), first.height
    if rotation in (90, 270):
        width, height = height, width
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    full = int(first.color_range) == _FULL_RANGE or first.format.name.startswith("yuvj")
    return VideoStream(
        index=stream.index,
        codec=context.name,
        width=width,
        height=height,
        coded_width=first.width,
        coded_height=first.height,
        rotation=rotation,
        frame_rate=Fraction(rate) if rate > 0 else Fraction(25),
        time_base=time_base,
        # AVI begins with the first picture; the demuxer only guesses when that is shown.
        start=Fraction(0) if decoding_stamps else (first.pts or 0) * time_base,
        bits=max(part.bits for part in first.format.components),
        transfer=_TRANSFERS.get(int(first.color_trc), ""),
        primaries=_PRIMARIES.get(int(first.color_primaries), ""),
        matrix=_MATRICES.get(int(first.colorspace), ""),
        full_range=full,
        interlaced=bool(first.interlaced_frame),
        decoding_stamps=decoding_stamps,
        reordered=bool(context.has_b_frames),
    )


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


def _true_end(path: Path, video: VideoStream, stated: Fraction | None) -> Fraction:
    """Presentation time of the end of the last picture.

    What a file states is up to two frames too short where pictures are reordered or their rate
    varies; its last packets say more.
    """
    with open_media(path) as container:
        stream = container.streams.video[0]
        for each in container.streams:
            if each.index == video.index and isinstance(each, av.VideoStream):
                stream = each
            else:
                each.discard = av.stream.Discard.all
        begin = None
        if stated is not None and stated > video.start:
            begin = stated - _LAST_LOOK
        elif container.duration:
            begin = Fraction((container.start_time or 0) + container.duration, av.time_base)
            begin -= _LAST_STRETCH
        if begin is not None:
            end = _end_after(container, stream, video, max(begin, video.start))
            if end is not None:
                return max(end, stated or end)
            if stated is not None and stated > video.start:
                return stated
        end = _end_after(container, stream, video, None)
    return end if end is not None else video.start + 1 / video.frame_rate


def _end_after(
    container: InputContainer, stream: av.VideoStream, video: VideoStream, begin: Fraction | None
) -> Fraction | None:
    """End of the last picture behind a time, from packets alone; None if there is none."""
    last: tuple[int, Fraction] | None = None
    try:
        if begin is None:
            container.seek(0)
        else:
            ticks = math.floor(begin / video.time_base)
            container.seek(ticks, stream=stream, backward=True, any_frame=True)
        for packet in container.demux(stream):
            stamp = video.stamp(packet)
            if stamp is None or not packet.size or packet.is_discard:
                continue
            length = 1 / video.frame_rate
            if packet.duration and not video.decoding_stamps:
                length = packet.duration * video.time_base
            if last is None or stamp > last[0]:
                last = (stamp, length)
    except (av.error.FFmpegError, IndexError):
        pass
    return None if last is None else last[0] * video.time_base + last[1]
