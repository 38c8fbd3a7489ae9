"""Writes the pictures of a short: copied packets, and newly encoded ones at the edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappush, heappushpop
from itertools import chain, pairwise
from math import lcm
from pathlib import Path

import av
import av.error

from core.errors import Cancelled, ExportError, MediaError
from core.export.captions.retime import Placement
from core.export.clip import Clip
from core.export.ffmpeg import export_error
from core.export.lossless.bits import LENGTH_SIZE, joined
from core.export.lossless.edges import EdgeEncoder
from core.export.lossless.parameters import Codec, file_header, is_parameter_set, unit_kind
from core.export.lossless.plan import MOST_REORDERED, Cut, plan_cuts
from core.export.lossless.source import NotCopyable, Reader, Source, damaged, opened
from core.export.sound.pieces import SoundPiece
from core.media.probe import MediaInfo, open_media
from core.time import Span

_PACKETS_BETWEEN_LOOKS = 32
_FINEST = 1 << 31
_DELIMITERS: dict[Codec, int] = {"h264": 9, "hevc": 35}
_HEVC_END_OF_SEQUENCE = bytes([36 << 1, 1])
_TAGS: dict[Codec, str] = {"h264": "avc1", "hevc": "hvc1"}


@dataclass(frozen=True)
class LosslessPictures:
    """The pictures of a short, written.

    Attributes:
        path: The file, MP4 or MOV without sound.
        frames: Number of frames.
        copied: Number of those that are the source's own, bit by bit.
        duration: Length in seconds.
        pieces: Where the sound that belongs to them lies.
        placements: Where what is said in the clips lies.
    """

    path: Path
    frames: int
    copied: int
    duration: Fraction
    pieces: list[SoundPiece]
    placements: list[Placement]


class _Deeper(Exception):
    """Frames are reordered further than the file said."""


@dataclass(frozen=True)
class _Coded:
    """A packet with its stamps in ticks of the short."""

    data: bytes | av.Packet
    stamp: int
    length: int
    is_key: bool


def write_lossless(
    clips: Sequence[Clip],
    folder: Path,
    target: Path,
    *,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> LosslessPictures:
    """Writes the pictures of clips one after the other, copied but for those at the edges.

    Frames keep their own distances. What is encoded at the begin of a clip reaches to the first
    key frame in it; at the end, only frames that would need others behind the cut are encoded.

    Args:
        clips: Stretches in playing order, for which ``lossless_refusal`` has no objection.
        folder: The folder to write into.
        target: The file that the user would name; its suffix chooses the kind.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked often; true stops and removes the file.

    Raises:
        MediaError: A source is not there or not readable any more.
        ExportError: A source is damaged or cannot be copied, or the file cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    progress(0.0, "Reading the cuts")
    path = folder / f"pictures{'.mov' if target.suffix.lower() == '.mov' else '.mp4'}"
    with ExitStack() as files:
        readers = {}
        for info in dict.fromkeys(clip.info for clip in clips):
            try:
                readers[info] = files.enter_context(opened(info))
            except NotCopyable as reason:
                raise ExportError(
                    f"the video cannot be copied: {reason}",
                    path=info.path,
                    remedy="Export it without copying.",
                ) from None
        difference = difference_between([reader.source for reader in readers.values()])
        if difference:
            raise ExportError(difference, path=target, remedy="Export it without copying.")
        cuts = plan_cuts(clips, readers, cancelled)
        depth = max(max(cut.source.reorder, cut.reorder) for cut in cuts)
        try:
            for deeper in range(depth, MOST_REORDERED + 1):
                with suppress(_Deeper):
                    return _Writer(cuts, readers, path, deeper, progress, cancelled).write()
            raise damaged(cuts[0].source.info.path)
        except (av.error.FFmpegError, OSError) as error:
            path.unlink(missing_ok=True)
            raise export_error(error.strerror or str(error), target) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise


class _Writer:
    """Writes the file once, with a known depth of reordering."""

    def __init__(
        self,
        cuts: Sequence[Cut],
        readers: Mapping[MediaInfo, Reader],
        path: Path,
        depth: int,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._cuts = cuts
        self._readers = readers
        self._path = path
        self._depth = depth
        self._progress = progress
        self._cancelled = cancelled
        self._form = cuts[0].source.form
        self._scale = common_scale([cut.source for cut in cuts])
        rate = cuts[0].source.info.video.frame_rate
        self._tick = Fraction(1, self._scale)
        self._step = max(1, round(self._scale / rate))
        self._encoder = EdgeEncoder(self._form, rate)
        self._frames = self._copied = 0
        starts = [Fraction(0)]
        for cut in cuts:
            starts.append(starts[-1] + cut.duration)
        self._starts = starts
        self._offsets = [int(start * self._scale) for start in starts]
        self._factors = [int(cut.source.info.video.time_base * self._scale) for cut in cuts]

    def write(self) -> LosslessPictures:
        form = self._form
        header = file_header(form.codec, (*form.sets, *self._encoder.sets), form.bit_depth)
        template = self._readers[self._cuts[0].source.info].stream
        with av.open(str(self._path), "w") as output:
            stream = output.add_stream_from_template(template, opaque=True)
            stream.codec_context.extradata = header
            stream.codec_context.codec_tag = _TAGS[form.codec]
            stream.time_base = self._tick
            stamps: list[int] = []
            done = 0.0
            newest_decoded: int | None = None
            total = self._offsets[-1]
            for coded in self._coded_packets():
                if self._frames % _PACKETS_BETWEEN_LOOKS == 0:
                    if self._cancelled():
                        raise Cancelled
                    done = max(done, min(1.0, coded.stamp / total))
                    self._progress(done, "Copying the pictures")
                if self._frames < self._depth:
                    heappush(stamps, coded.stamp)
                    decoded = (self._frames - self._depth) * self._step
                else:
                    decoded = heappushpop(stamps, coded.stamp)
                    if decoded > coded.stamp:
                        raise _Deeper
                if newest_decoded is not None and decoded <= newest_decoded:
                    raise _Deeper
                newest_decoded = decoded
                packet = coded.data if isinstance(coded.data, av.Packet) else av.Packet(coded.data)
                packet.stream = stream
                packet.time_base = self._tick
                packet.pts, packet.dts, packet.duration = coded.stamp, decoded, coded.length
                packet.is_keyframe = coded.is_key
                output.mux_one(packet)
                self._frames += 1
        self._progress(1.0, "Copying the pictures")
        self._check()
        return LosslessPictures(
            self._path,
            self._frames,
            self._copied,
            self._starts[-1],
            self._pieces(),
            self._placements(),
        )

    def _coded_packets(self) -> Iterator[_Coded]:
        """All packets of the short in decoding order."""
        waiting: list[tuple[int, tuple[int, ...], int]] = []
        for number, cut in enumerate(self._cuts):
            if cut.head:
                waiting.append((number, cut.head, cut.end if cut.entry is None else cut.entry))
            if cut.entry is not None:
                yield from self._encoded(waiting, cut.after_break)
                waiting = []
                yield from self._taken(number, cut, cut.entry)
            if cut.tail:
                waiting.append((number, cut.tail, cut.end))
        yield from self._encoded(waiting, False)

    def _encoded(
        self, runs: Sequence[tuple[int, tuple[int, ...], int]], break_behind: bool
    ) -> Iterator[_Coded]:
        """Encodes stretches that follow one another as one."""
        places = []
        for number, stamps, end in runs:
            outer = [self._place(number, stamp) for stamp in (*stamps, end)]
            places += list(pairwise(outer))
        frames = chain.from_iterable(
            self._readers[self._cuts[number].source.info].frames(stamps, self._cancelled)
            for number, stamps, _ in runs
        )
        if not places:
            return
        coded_frames = self._encoder.encode(frames)
        for index, ((stamp, behind), coded) in enumerate(zip(places, coded_frames, strict=True)):
            units = coded.units
            if break_behind and index == len(places) - 1:
                units = [*units, _HEVC_END_OF_SEQUENCE]
            yield _Coded(joined(units), stamp, behind - stamp, coded.is_key)

    def _taken(self, number: int, cut: Cut, entry: int) -> Iterator[_Coded]:
        """Packets of the source from a key frame on."""
        source = cut.source
        factor = self._factors[number]
        begun = False
        for packet in self._readers[source.info].packets(entry):
            stamp = packet.pts or 0
            begun = begun or (stamp == entry and packet.is_keyframe)
            # Frames shown before the key frame were encoded anew.
            if not begun or stamp < entry:
                continue
            if not source.shows(packet):
                raise damaged(source.info.path)
            length = factor * (packet.duration or 0)
            if stamp == cut.newest:
                length = self._place(number, cut.end) - self._place(number, stamp)
            is_last = stamp == cut.last
            yield _Coded(
                self._copy(source, packet),
                self._place(number, stamp),
                length,
                bool(packet.is_keyframe),
            )
            self._copied += 1
            if is_last:
                return
        raise damaged(source.info.path)

    def _copy(self, source: Source, packet: av.Packet) -> bytes | av.Packet:
        codec = self._form.codec
        units = source.units(packet)
        source.check_sets(units)
        if source.length_size == LENGTH_SIZE:
            return packet
        return joined(
            [
                unit
                for unit in units
                if unit_kind(codec, unit) != _DELIMITERS[codec]
                and not is_parameter_set(codec, unit)
            ]
        )

    def _place(self, number: int, stamp: int) -> int:
        """Where a stamp of a cut's file is in the short, in its ticks."""
        cut = self._cuts[number]
        return self._offsets[number] + max(0, stamp - cut.zero) * self._factors[number]

    def _check(self) -> None:
        """Makes sure that the file holds what was written.

        Raises:
            ExportError: It does not.
        """
        try:
            with open_media(self._path) as container:
                stream = container.streams.video[0]
                frames = stream.frames
        except (MediaError, av.error.FFmpegError, IndexError) as error:
            raise export_error(str(error), self._path) from error
        planned = sum(len(cut.head) + len(cut.tail) for cut in self._cuts) + self._copied
        if frames != self._frames or frames != planned:
            raise ExportError(
                f"the short has {frames} frames instead of {planned}",
                path=self._path,
                remedy="Export it without copying.",
            )

    def _pieces(self) -> list[SoundPiece]:
        return [
            SoundPiece(cut.source.info, cut.begin, start, cut.duration, cut.clip.join)
            for cut, start in zip(self._cuts, self._starts, strict=False)
        ]

    def _placements(self) -> list[Placement]:
        placements = []
        for cut, start in zip(self._cuts, self._starts, strict=False):
            begin = cut.begin - cut.source.info.origin
            span = Span(begin, begin + cut.duration)
            placements.append(Placement(cut.clip.captions, span, start))
        return placements


def common_scale(sources: Sequence[Source]) -> int:
    """Ticks per second in which all stamps of some videos are whole; 0 if no file can hold that."""
    scale = lcm(*(source.info.video.time_base.denominator for source in sources))
    return scale if scale <= _FINEST else 0


def difference_between(sources: Sequence[Source]) -> str:
    """Why the packets of some videos cannot follow one another in a file; empty if they can."""
    if any(source.form != sources[0].form for source in sources):
        return "the videos differ in size or in the way they are coded"
    if not common_scale(sources):
        return "the videos count time in steps that do not fit together"
    return ""
