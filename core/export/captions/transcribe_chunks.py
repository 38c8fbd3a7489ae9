"""The speech of a video in pieces of at most half a minute that begin and end in pauses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.media.probe import MediaInfo
from core.media.sound import SPEECH_RATE, read_sound
from core.signals.speech_activity import FRAMES_PER_SECOND, SpeechActivity
from core.time import Grid, Span

LONGEST = 30
"""Seconds of a piece at most: what the Whisper networks hear at once."""

_SHORTEST = 12
_SAMPLES = SPEECH_RATE // FRAMES_PER_SECOND
_SPEECH, _QUIET = 0.5, 0.35
_LEAST_SPEECH = FRAMES_PER_SECOND // 5
_MARGIN = FRAMES_PER_SECOND * 2 // 5


@dataclass(frozen=True, eq=False)
class SpeechChunk:
    """A piece of sound in which somebody speaks.

    Attributes:
        start: Its begin on the media time axis, in seconds.
        samples: One channel at 16 kHz, ``(N,) float32``.
    """

    start: Fraction
    samples: NDArray[np.float32]

    @property
    def end(self) -> Fraction:
        """Its end on the media time axis, in seconds."""
        return self.start + Fraction(len(self.samples), SPEECH_RATE)


def speech_chunks(
    info: MediaInfo,
    span: Span,
    heard: Callable[[Fraction], None],
    cancelled: Callable[[], bool],
) -> Iterator[SpeechChunk]:
    """Pieces of a stretch of a video; where nobody speaks, there are none.

    The sound is read as a stream: about half a minute of it is held.

    Args:
        info: The video; one without sound has no pieces.
        span: The stretch of the media time axis.
        heard: Called with the media time that all pieces before it have been given.
        cancelled: Asked every second of sound.

    Raises:
        MediaError: The video cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    waiting = _Waiting(span.start)
    for start, samples, speech in _cells(info, span):
        if cancelled():
            raise Cancelled
        waiting.add(start, samples, speech)
        while (chunk := waiting.full()) is not None:
            yield chunk
        heard(waiting.start)
    rest = waiting.rest()
    if rest is not None:
        yield rest


def _cells(
    info: MediaInfo, span: Span
) -> Iterator[tuple[Fraction, NDArray[np.float32], NDArray[np.float32]]]:
    """Begin, samples and probabilities of speech of each second, cut to the span."""
    grid, signal = Grid(), SpeechActivity()
    first = grid.index(max(Fraction(0), span.start))
    extractor = signal.start(info, grid, first)
    for cell in read_sound(info, grid, max(0, first - int(signal.warm_up))):
        rows = extractor.feed(cell)
        begin = grid.start(cell.index)
        if begin >= span.end:
            return
        if cell.index < first:
            continue
        speech = np.asarray(rows[0], np.float32)
        head = max(0, math.floor((span.start - begin) * FRAMES_PER_SECOND))
        tail = min(len(speech), math.ceil((span.end - begin) * FRAMES_PER_SECOND))
        tail = min(tail, -(-len(cell.speech) // _SAMPLES))
        if tail > head:
            samples = cell.speech[head * _SAMPLES : tail * _SAMPLES]
            yield begin + Fraction(head, FRAMES_PER_SECOND), samples, speech[head:tail]


class _Waiting:
    """Sound that no piece was made of yet; silence before speech is forgotten.

    Attributes:
        start: Its begin on the media time axis, in seconds.
    """

    def __init__(self, start: Fraction) -> None:
        self.start = start
        self._samples = np.zeros(0, np.float32)
        self._speech = np.zeros(0, np.float32)

    def add(
        self, start: Fraction, samples: NDArray[np.float32], speech: NDArray[np.float32]
    ) -> None:
        if not len(self._speech):
            self.start = start
        self._samples = np.concatenate((self._samples, samples))
        self._speech = np.concatenate((self._speech, speech))
        spoken = np.flatnonzero(self._speech >= _SPEECH)
        self._forget((int(spoken[0]) if len(spoken) else len(self._speech)) - _MARGIN)

    def full(self) -> SpeechChunk | None:
        """The first piece, once there is as much sound as one can have."""
        longest = LONGEST * FRAMES_PER_SECOND
        if len(self._speech) < longest:
            return None
        return self._take(_best_pause(self._speech[:longest]))

    def rest(self) -> SpeechChunk | None:
        """All that is left, if somebody speaks in it."""
        return self._take(len(self._speech))

    def _take(self, frames: int) -> SpeechChunk | None:
        spoken = np.flatnonzero(self._speech[:frames] >= _SPEECH)
        chunk = None
        if len(spoken) >= _LEAST_SPEECH:
            end = min(frames, int(spoken[-1]) + 1 + _MARGIN)
            chunk = SpeechChunk(self.start, self._samples[: end * _SAMPLES])
        self._forget(frames)
        return chunk

    def _forget(self, frames: int) -> None:
        if frames > 0:
            self.start += Fraction(frames, FRAMES_PER_SECOND)
            self._samples = self._samples[frames * _SAMPLES :]
            self._speech = self._speech[frames:]


def _best_pause(speech: NDArray[np.float32]) -> int:
    """Middle of the longest pause in the later part, or the place that is least like speech."""
    first = _SHORTEST * FRAMES_PER_SECOND
    later = speech[first:]
    edges = np.diff(np.concatenate(([False], later < _QUIET, [False])).astype(np.int8))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if len(begins):
        longest = int(np.argmax(ends - begins))
        return first + int(begins[longest] + ends[longest]) // 2
    return first + int(np.argmin(later))
