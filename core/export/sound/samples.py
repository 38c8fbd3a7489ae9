"""Blocks of samples: what all parts of the sound hand on to one another."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from fractions import Fraction
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
"""Samples per second and channel of a short's sound."""

BLOCK = SAMPLE_RATE // 5
"""Samples per channel that are worked on at once."""

Samples = NDArray[np.float32]
"""Stereo sound, ``(2, n) float32`` in −1…1."""


def silence(count: int) -> Samples:
    """Stereo samples of nothing."""
    return np.zeros((2, count), np.float32)


def sample_at(seconds: Fraction) -> int:
    """Number of the sample that lies at a time of the short, in seconds."""
    return round(seconds * SAMPLE_RATE)


def stereo_frame(samples: Samples, first: int, rate: int = SAMPLE_RATE) -> av.AudioFrame:
    """Samples as a frame, whose time stamp says that it begins with sample ``first``."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
    frame.sample_rate = rate
    frame.pts = first
    frame.time_base = Fraction(1, rate)
    return frame


def samples_of(frame: av.AudioFrame) -> Samples:
    """The samples of a frame that has two planes of float."""
    return cast("Samples", frame.to_ndarray())


def gathered(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same sound in fewer pieces, for what takes its time for each of them."""
    waiting: list[Samples] = []
    have = 0
    for block in blocks:
        waiting.append(block)
        have += block.shape[1]
        if have >= BLOCK:
            yield np.hstack(waiting)
            waiting, have = [], 0
    if waiting:
        yield np.hstack(waiting)


class Tap:
    """Gives as many samples at a time as are asked for, and silence when there are no more.

    Args:
        blocks: Where they come from; ``(2, n) float32`` each, of any length.
    """

    def __init__(self, blocks: Generator[Samples, None, None]) -> None:
        self._blocks = blocks
        self._waiting: list[Samples] = []
        self._have = 0

    def take(self, count: int) -> Samples:
        """The next samples, ``(2, count) float32``."""
        while self._have < count:
            block = next(self._blocks, None)
            if block is None:
                block = silence(count - self._have)
            self._waiting.append(block)
            self._have += block.shape[1]
        if not self._waiting:
            return silence(0)
        joined = self._waiting[0] if len(self._waiting) == 1 else np.hstack(self._waiting)
        self._waiting = [joined[:, count:]]
        self._have -= count
        return joined[:, :count]

    def close(self) -> None:
        """Lets go of where the samples come from."""
        self._blocks.close()
