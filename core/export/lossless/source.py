"""A picture stream whose packets can be copied: what it is, and reading it from a place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import av.error
from av.container import InputContainer

from core.errors import Cancelled, ExportError
from core.export.lossless.parameters import (
    HEVC_SPS,
    Codec,
    is_interlaced_hevc,
    is_parameter_set,
    packet_units,
    sequence_264,
    sets_of,
    unit_kind,
)
from core.media.decoding import SEEK_BACK, discard_others, picture_stream, seek_before
from core.media.probe import MediaInfo, open_media

CONTAINERS = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "mkv", "mpegts": "ts"}
_PROFILES_264 = (66, 77, 100, 110)
_DEPTHS = {"yuv420p": 8, "yuvj420p": 8, "yuv420p10le": 10}
_HDR_CURVES = (16, 18)
_WIDE_PRIMARIES = 9
_H264_IDR = 5
_HEVC_IDR = (19, 20)
_HEVC_CRA = 21
_DOLBY_TAGS = ("dvh1", "dvhe", "dvav", "dva1")


class NotCopyable(Exception):
    """Why the pictures of a video cannot be copied, as a sentence without a full stop."""


@dataclass(frozen=True)
class Form:
    """What has to be the same in all that is strung together.

    Attributes:
        codec: Kind of the stream.
        size: Coded width and height in pixels.
        pixels: Name of the pixel format.
        sets: Parameter sets of the file's header.
        rotation: Clockwise turn in degrees that shows the picture upright.
        aspect: Width of a pixel by its height; 0 if not said.
        colour: Range, primaries, transfer and matrix as FFmpeg numbers them.
    """

    codec: Codec
    size: tuple[int, int]
    pixels: str
    sets: tuple[bytes, ...]
    rotation: int
    aspect: Fraction
    colour: tuple[int, int, int, int]

    @property
    def bit_depth(self) -> int:
        """Bits per sample."""
        return _DEPTHS[self.pixels]


@dataclass(frozen=True)
class Source:
    """A video whose packets can be copied.

    Attributes:
        info: The video.
        form: What its stream is.
        length_size: Bytes of the length before each unit of a packet; 0 for start codes.
        reorder: Frames that are decoded before one that is shown earlier.
        first: Stamp of the first frame that is shown.
        end: Stamp behind the last.
    """

    info: MediaInfo
    form: Form
    length_size: int
    reorder: int
    first: int
    end: int

    def units(self, packet: av.Packet) -> list[bytes]:
        """The units of a packet.

        Raises:
            ExportError: The packet is damaged.
        """
        try:
            units = packet_units(bytes(packet), self.length_size)
        except ValueError:
            raise damaged(self.info.path) from None
        if not units:
            raise damaged(self.info.path)
        return units

    def entry(self, packet: av.Packet) -> str:
        """How decoding can begin at a packet: ``closed``, ``open``, or not at all.

        ``open`` is a clean random access (HEVC) that frames shown before it, but decoded after it,
        may not survive.

        Raises:
            ExportError: The packet is damaged, or brings parameter sets that the header has not.
        """
        if not packet.is_keyframe:
            return ""
        units = self.units(packet)
        self.check_sets(units)
        kinds = [unit_kind(self.form.codec, unit) for unit in units]
        if self.form.codec == "h264":
            return "closed" if _H264_IDR in kinds else ""
        if any(kind in _HEVC_IDR for kind in kinds):
            return "closed"
        return "open" if _HEVC_CRA in kinds else ""

    def check_sets(self, units: list[bytes]) -> None:
        """Makes sure that no unit changes how the stream is coded.

        Raises:
            ExportError: One does.
        """
        for unit in units:
            if is_parameter_set(self.form.codec, unit) and unit not in self.form.sets:
                raise ExportError(
                    "the way this video is coded changes within it",
                    path=self.info.path,
                    remedy="Export it without copying.",
                )

    def shows(self, packet: av.Packet) -> bool:
        """Whether a packet's frame belongs to the video, as all of the application counts."""
        return (
            packet.pts is not None and not packet.is_discard and self.first <= packet.pts < self.end
        )


def damaged(path: Path) -> ExportError:
    """The error for a stream that is not whole."""
    return ExportError(
        "the video is damaged in this cut",
        path=path,
        remedy="Export it without copying, or copy the video again from where it came from.",
    )


def _described(info: MediaInfo, container: InputContainer, stream: av.VideoStream) -> Source:
    if container.format.name not in CONTAINERS:
        raise NotCopyable("only pictures in MP4, MOV, MKV and TS files can be copied")
    context = stream.codec_context
    if context.name not in ("h264", "hevc"):
        raise NotCopyable("only H.264 and HEVC pictures can be copied")
    codec: Codec = "h264" if context.name == "h264" else "hevc"
    pixels = context.pix_fmt or ""
    if pixels not in _DEPTHS:
        raise NotCopyable("the colours of the video are kept finer than a short keeps them")
    if context.color_trc in _HDR_CURVES or context.color_primaries == _WIDE_PRIMARIES:
        raise NotCopyable("the video is HDR and would have to be changed to SDR")
    if context.codec_tag in _DOLBY_TAGS:
        raise NotCopyable("the video is Dolby Vision and would have to be changed to SDR")
    try:
        sets, length_size = sets_of(codec, context.extradata or b"")
        reorder = _examined(codec, sets)
    except (ValueError, IndexError):
        raise NotCopyable("the header of the video is damaged or not understood") from None
    form = Form(
        codec=codec,
        size=(context.width, context.height),
        pixels=pixels,
        sets=sets,
        rotation=info.video.rotation,
        aspect=Fraction(context.sample_aspect_ratio or 0),
        colour=(
            context.color_range,
            context.color_primaries,
            context.color_trc,
            context.colorspace,
        ),
    )
    base = info.video.time_base
    return Source(
        info=info,
        form=form,
        length_size=length_size,
        reorder=max(reorder, context.reorder_depth),
        first=round(info.video.start / base),
        end=math.ceil((info.duration + info.origin) / base),
    )


def _examined(codec: Codec, sets: tuple[bytes, ...]) -> int:
    """Reordered frames that the parameter sets allow, after a look at what they say."""
    reorder = 0
    sequences = 0
    for unit in sets:
        kind = unit_kind(codec, unit)
        if codec == "h264" and kind == 7:
            sequence = sequence_264(unit)
            sequences += 1
            if not sequence.progressive:
                raise NotCopyable("the video is interlaced and would have to be deinterlaced")
            if sequence.profile not in _PROFILES_264:
                raise NotCopyable("the video has an H.264 profile that cannot be matched")
            reorder = max(reorder, sequence.reorder or 0)
        elif codec == "hevc" and kind == HEVC_SPS:
            sequences += 1
            if is_interlaced_hevc(unit):
                raise NotCopyable("the video is interlaced and would have to be deinterlaced")
    if sequences != 1:
        raise NotCopyable("the header of the video does not say how it is coded")
    return reorder


class Reader:
    """Reads the pictures of an opened video from any place, again and again.

    Args:
        source: What it is.
        container: The opened file.
        stream: Its pictures.

    Attributes:
        source: What it is.
        stream: Its pictures.
    """

    def __init__(self, source: Source, container: InputContainer, stream: av.VideoStream) -> None:
        self.source = source
        self.stream = stream
        self._container = container

    def packets(self, tick: int) -> Iterator[av.Packet]:
        """Packets in decoding order from a key frame that is shown at or before a stamp.

        If there is no such key frame, the packets come from the begin of the file.

        Raises:
            ExportError: A packet is damaged or has no stamp, or the file cannot be read.
        """
        for back in SEEK_BACK:
            self._seek(tick, back)
            packets = self._demuxed()
            first = next((packet for packet in packets if packet.is_keyframe), None)
            if first is None or (back is not None and (first.pts or 0) > tick):
                continue
            for packet in chain([first], packets):
                if packet.pts is None:
                    raise _without_times(self.source.info.path)
                if packet.is_corrupt:
                    raise damaged(self.source.info.path)
                yield packet
            return

    def frames(
        self, stamps: Sequence[int], cancelled: Callable[[], bool]
    ) -> Iterator[av.VideoFrame]:
        """Decodes the frames with some stamps.

        Args:
            stamps: Rising stamps in ticks of the file.
            cancelled: Asked before each packet.

        Yields:
            One frame for each stamp.

        Raises:
            ExportError: One of them cannot be decoded.
            Cancelled: ``cancelled()`` returned true.
        """
        found = 0
        for back in SEEK_BACK:
            self._seek(stamps[0], back)
            for frame in self._decoded(stamps[0], cancelled):
                if frame.pts is None or frame.pts < stamps[found]:
                    continue
                if frame.pts > stamps[found] or frame.is_corrupt:
                    break
                yield frame
                found += 1
                if found == len(stamps):
                    return
            if found:
                break
        raise damaged(self.source.info.path)

    def _seek(self, tick: int, back: int | None) -> None:
        """Goes some seconds before a stamp, or to the begin of the file."""
        info = self.source.info
        seconds = tick * info.video.time_base - info.origin
        try:
            if back is not None and seconds > back:
                with suppress(av.error.FFmpegError):
                    seek_before(self._container, self.stream, info, seconds - back)
                    return
            self._container.seek(0)
        except (av.error.FFmpegError, OSError) as error:
            raise _unreadable(info.path) from error

    def _demuxed(self) -> Iterator[av.Packet]:
        try:
            for packet in self._container.demux(self.stream):
                if packet.size:
                    yield packet
        except (av.error.FFmpegError, OSError, IndexError) as error:
            raise _unreadable(self.source.info.path) from error

    def _decoded(self, first: int, cancelled: Callable[[], bool]) -> Iterator[av.VideoFrame]:
        """Frames of which none with this stamp or a later one is left out."""
        context = self.stream.codec_context
        for packet in chain(self._demuxed(), [None]):
            if cancelled():
                raise Cancelled
            early = packet is not None and packet.pts is not None and packet.pts < first
            context.skip_frame = "NONREF" if early else "DEFAULT"
            try:
                yield from context.decode(packet)
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError) as error:
                raise damaged(self.source.info.path) from error


@contextmanager
def opened(info: MediaInfo) -> Iterator[Reader]:
    """Opens a video whose packets can be copied.

    Raises:
        NotCopyable: They cannot.
        MediaError: The file is not there or not readable any more.
    """
    with open_media(info.path) as container:
        stream = picture_stream(container, info)
        source = _described(info, container, stream)
        discard_others(container, stream)
        stream.thread_type = "AUTO"
        yield Reader(source, container, stream)


def _unreadable(path: Path) -> ExportError:
    return ExportError(
        "the video cannot be read any more",
        path=path,
        remedy="Check that the file is complete and its disk connected.",
    )


def _without_times(path: Path) -> ExportError:
    return ExportError(
        "the video does not say when its frames are shown",
        path=path,
        remedy="Export it without copying.",
    )
