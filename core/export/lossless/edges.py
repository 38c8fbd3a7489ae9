"""Frames that are encoded anew so that they fit between copied ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

import av
import av.error
from av.codec.context import Flags
from av.video.frame import PictureType

from core.errors import ExportError
from core.export.lossless.bits import split_start_codes
from core.export.lossless.parameters import (
    H264_SPS,
    HEVC_VPS,
    Codec,
    free_id_264,
    free_ids_hevc,
    is_parameter_set,
    sequence_264,
    unit_kind,
)
from core.export.lossless.source import Form

_QUALITY = 16
_SPEED = "ultrafast"
_OPTIONS_HEVC = {
    "preset": _SPEED,
    "crf": str(_QUALITY),
    "x265-params": "bframes=0:open-gop=0:info=0:wpp=0:slices=1:log-level=none",
}
_KEY_FRAMES_APART = 250
_BASELINE = 66
_PROFILES_264 = {_BASELINE: "baseline", 77: "main", 100: "high", 110: "high10"}
_MOST_DECLARED = 2
_PICTURES_264 = (1, 5)


@dataclass(frozen=True)
class CodedFrame:
    """A frame as the encoder wrote it.

    Attributes:
        units: Its units, without parameter sets and supplements.
        is_key: Decoding can begin there.
    """

    units: list[bytes]
    is_key: bool


class EdgeEncoder:
    """Encodes runs of frames like a stream, but with parameter sets of other numbers.

    Each run begins with an IDR picture; its pictures come in the order in which they are shown.

    Args:
        form: What the stream is.
        frame_rate: Usual frames per second, for the encoder's decisions.

    Attributes:
        sets: The encoder's parameter sets.

    Raises:
        ExportError: The encoder does not take this kind of picture.
    """

    def __init__(self, form: Form, frame_rate: Fraction) -> None:
        self._form = form
        self._rate = frame_rate
        self._ids = free_ids_hevc(form.sets) if form.codec == "hevc" else None
        self._fresh: av.VideoCodecContext | None = self._opened()
        self.sets = self._sets(self._fresh)

    def encode(self, frames: Iterable[av.VideoFrame]) -> Iterator[CodedFrame]:
        """Encodes one run of frames.

        Yields:
            One coded frame for each, in the same order.

        Raises:
            ExportError: The encoder fails.
        """
        context = self._fresh or self._opened()
        self._fresh = None
        if self._sets(context) != self.sets:
            raise _encoder_failed()
        expected = 0
        given = 0
        for frame in chain(frames, [None]):
            if frame is not None:
                self._prepare(frame, given)
                given += 1
            try:
                packets = context.encode(frame)
            except (av.error.FFmpegError, ValueError) as error:
                raise _encoder_failed() from error
            for packet in packets:
                if packet.pts != expected:
                    raise _encoder_failed()
                expected += 1
                yield self._coded(packet)
        if expected != given:
            raise _encoder_failed()

    def _prepare(self, frame: av.VideoFrame, number: int) -> None:
        size = (frame.width, frame.height)
        if size != self._form.size or frame.format.name != self._form.pixels:
            raise ExportError(
                "the picture changes its size or kind within the video",
                remedy="Export it without copying.",
            )
        frame.pts = number
        frame.time_base = 1 / self._rate
        is_key = number % _KEY_FRAMES_APART == 0
        frame.pict_type = PictureType.NONE if is_key else PictureType.P

    def _coded(self, packet: av.Packet) -> CodedFrame:
        codec = self._form.codec
        units = [
            self._numbered(unit)
            for unit in split_start_codes(bytes(packet))
            if _is_picture(codec, unit)
        ]
        return CodedFrame(units, bool(packet.is_keyframe))

    def _opened(self) -> av.VideoCodecContext:
        form = self._form
        context = av.CodecContext.create("libx264" if form.codec == "h264" else "libx265", "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = form.size
        context.pix_fmt = form.pixels
        context.framerate = self._rate
        context.time_base = 1 / self._rate
        context.sample_aspect_ratio = form.aspect
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = (
            form.colour
        )
        context.gop_size = _KEY_FRAMES_APART
        context.flags |= Flags.global_header
        context.options = self._options_264() if form.codec == "h264" else _OPTIONS_HEVC
        try:
            context.open()
        except (av.error.FFmpegError, ValueError) as error:
            raise _encoder_failed() from error
        return context

    def _options_264(self) -> dict[str, str]:
        form = self._form
        unit = next(unit for unit in form.sets if unit_kind("h264", unit) == H264_SPS)
        sequence = sequence_264(unit)
        reorder = _MOST_DECLARED if sequence.reorder is None else sequence.reorder
        if sequence.profile == _BASELINE:
            reorder = 0
        words = [
            f"sps-id={free_id_264(form.sets)}",
            # A decoder may drop frames where the size of its buffer changes.
            f"ref=1:dpb-size={sequence.buffered}",
            # All frames are P; it is only declared that those around them may be reordered.
            f"bframes={min(reorder, _MOST_DECLARED)}:b-adapt=0",
            f"b-pyramid={'normal' if reorder > 1 else 'none'}",
            f"chromaloc={sequence.chroma_place}",
        ]
        return {
            "preset": _SPEED,
            "crf": str(_QUALITY),
            "profile": _PROFILES_264[sequence.profile],
            "level": f"{sequence.level / 10:.1f}",
            "x264-params": ":".join(words),
        }

    def _sets(self, context: av.VideoCodecContext) -> tuple[bytes, ...]:
        codec = self._form.codec
        units = split_start_codes(context.extradata or b"")
        return tuple(self._numbered(unit) for unit in units if is_parameter_set(codec, unit))

    def _numbered(self, unit: bytes) -> bytes:
        return unit if self._ids is None else self._ids.renumbered(unit)


def _is_picture(codec: Codec, unit: bytes) -> bool:
    kind = unit_kind(codec, unit)
    return kind in _PICTURES_264 if codec == "h264" else kind < HEVC_VPS


def _encoder_failed() -> ExportError:
    return ExportError(
        "the encoder of this machine cannot make pictures like those of the video",
        remedy="Export it without copying.",
    )
