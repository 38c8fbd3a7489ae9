"""Exactly the samples of a stretch of a file, whatever its container, rate and time stamps."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import cast

import av
import av.error
from av.container import InputContainer

from core.errors import Cancelled, MediaError
from core.export.sound.placing import frame_time, place, resample, resampler_lead
from core.export.sound.samples import BLOCK, SAMPLE_RATE, Samples, silence
from core.media.decoding import discard_others
from core.media.packets import read_packets
from core.media.probe import MediaInfo, open_media

_MOST_IDLE = 3
# Codecs need some packets before their sound is right, and rounded time stamps a good mean.
_SEEK_BACK = (Fraction(1, 2), Fraction(4), Fraction(30))


@dataclass(frozen=True)
class SoundSource:
    """A stream of sound in a file.

    Attributes:
        path: The file.
        index: Index of the stream in it.
        start: Presentation time of its first sample, in seconds.
    """

    path: Path
    index: int
    start: Fraction


def source_of(media: MediaInfo) -> SoundSource | None:
    """The sound of a video, if it has any."""
    if media.audio is None:
        return None
    return SoundSource(media.path, media.audio.index, media.audio.start)


@dataclass
class _Opened:
    files: ExitStack
    container: InputContainer
    stream: av.AudioStream

    def close(self) -> None:
        self.files.close()


class SoundFiles:
    """Reads stretches of files; keeps the last few of them open, never many.

    Args:
        cancelled: Asked at each packet that is read.
    """

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._cancelled = cancelled
        self._idle: list[tuple[SoundSource, _Opened]] = []
        self._most_idle = _MOST_IDLE

    def __enter__(self) -> SoundFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What is still being read, as the reading was broken off, is closed when it is given back.
        self._most_idle = 0
        self._close_all_but(0)

    def read(
        self, source: SoundSource, begin: Fraction, samples: int | None = None
    ) -> Generator[Samples, None, None]:
        """Stereo sound at 48 kHz from a time on.

        Where there is no sound, before its begin, in gaps, after its end and where it is damaged,
        there is silence of the same length.

        Args:
            source: Where it comes from.
            begin: Presentation time in the file of the first sample, in seconds.
            samples: Number of samples; None for all to the end of the stream.

        Yields:
            ``(2, n) float32``, together exactly ``samples``.

        Raises:
            MediaError: The file is not there or not readable any more.
            Cancelled: ``cancelled()`` returned true.
        """
        left = samples
        for block in self._resampled(source, begin):
            if left is None:
                yield block
                continue
            kept = block[:, :left]
            left -= kept.shape[1]
            yield kept
            if not left:
                return
        while left:
            yield silence(min(left, BLOCK))
            left -= min(left, BLOCK)

    def _resampled(self, source: SoundSource, begin: Fraction) -> Iterator[Samples]:
        frames = self._frames(source, begin)
        try:
            start = next(frames, None)
            if start is None:
                return
            rate = start.sample_rate
            if rate == SAMPLE_RATE:
                yield from place(chain([start], frames), source.start, rate, round(begin * rate))
                return
            first = math.floor(begin * rate) - resampler_lead(rate)
            surplus = round((begin - Fraction(first, rate)) * SAMPLE_RATE)
            placed = place(chain([start], frames), source.start, rate, first)
            for block in resample(placed, rate):
                yield block[:, surplus:]
                surplus -= min(surplus, block.shape[1])
        finally:
            frames.close()

    def _frames(self, source: SoundSource, begin: Fraction) -> Generator[av.AudioFrame, None, None]:
        """Decoded frames of which the first begins some time before ``begin``, if any does."""
        for back in _SEEK_BACK:
            if begin - back <= source.start:
                break
            opened = self._borrow(source)
            try:
                frames = self._decoded(opened, source, begin - back)
                start = next(frames, None)
                time = frame_time(start) if start is not None else None
                if start is not None and time is not None and time <= begin - back / 2:
                    yield start
                    yield from frames
                    return
            finally:
                self._give_back(source, opened)
        # The packets that the first samples depend on come for certain only without a seek.
        opened = self._open(source)
        try:
            yield from self._decoded(opened, source, None)
        finally:
            self._give_back(source, opened)

    def _decoded(
        self, opened: _Opened, source: SoundSource, seek: Fraction | None
    ) -> Iterator[av.AudioFrame]:
        """Frames from a time on; damaged packets are left out."""
        stream = opened.stream
        if seek is not None and stream.time_base:
            try:
                opened.container.seek(
                    math.floor(seek / stream.time_base), stream=stream, backward=True
                )
            except av.error.FFmpegError:
                return
        for packet in read_packets(opened.container, stream, source.path):
            if self._cancelled():
                raise Cancelled
            try:
                yield from cast("list[av.AudioFrame]", packet.decode())
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                continue

    def _borrow(self, source: SoundSource) -> _Opened:
        for number, (known, opened) in enumerate(self._idle):
            if known == source:
                del self._idle[number]
                return opened
        return self._open(source)

    def _open(self, source: SoundSource) -> _Opened:
        with ExitStack() as files:
            container = files.enter_context(open_media(source.path))
            stream = next((s for s in container.streams.audio if s.index == source.index), None)
            if stream is None:
                raise MediaError(
                    "this is another file than it was", path=source.path, remedy="Open it again."
                )
            discard_others(container, stream)
            return _Opened(files.pop_all(), container, stream)

    def _give_back(self, source: SoundSource, opened: _Opened) -> None:
        self._idle.append((source, opened))
        self._close_all_but(self._most_idle)

    def _close_all_but(self, most: int) -> None:
        while len(self._idle) > most:
            self._idle.pop(0)[1].close()
