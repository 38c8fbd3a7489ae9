"""The sound of the cuts themselves, as one stream from the first sample to the last."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.export.sound.pieces import Stretch
from core.export.sound.reading import SoundFiles, source_of
from core.export.sound.samples import BLOCK, Samples, Tap, silence


def assemble(stretches: Sequence[Stretch], samples: int, files: SoundFiles) -> Iterator[Samples]:
    """Reads the stretches and lays them where they belong; silence where there is none.

    Args:
        stretches: What is heard, by its begin.
        samples: Length of the short.
        files: What reads them.

    Yields:
        ``(2, n) float32`` of a fifth of a second each, together exactly ``samples``.

    Raises:
        MediaError: A video is not there or not readable any more.
        Cancelled: The files' ``cancelled()`` returned true.
    """
    waiting = list(stretches)[::-1]
    playing: list[_Playing] = []
    for position in range(0, samples, BLOCK):
        block = silence(min(BLOCK, samples - position))
        after = position + block.shape[1]
        lasting = []
        # One after the other, so that however many begin and end here, few files are open.
        while playing or (waiting and waiting[-1].first < after):
            one = playing.pop(0) if playing else _Playing(waiting.pop(), files)
            one.add_to(block, position)
            if one.stretch.end > after:
                lasting.append(one)
            else:
                one.close()
        playing = lasting
        yield block


class _Playing:
    """A stretch that is being heard."""

    def __init__(self, stretch: Stretch, files: SoundFiles) -> None:
        self.stretch = stretch
        self._tap = Tap(_sound_of(stretch, files))

    def add_to(self, block: Samples, position: int) -> None:
        first = max(position, self.stretch.first)
        last = min(position + block.shape[1], self.stretch.end)
        sound = self._tap.take(last - first) * _envelope(self.stretch, first, last)
        block[:, first - position : last - position] += sound

    def close(self) -> None:
        self._tap.close()


def _sound_of(stretch: Stretch, files: SoundFiles) -> Generator[Samples, None, None]:
    source = source_of(stretch.media)
    if source is not None:
        yield from files.read(source, stretch.begin, stretch.samples)


def _envelope(stretch: Stretch, first: int, last: int) -> NDArray[np.float32]:
    """Gain of each sample from ``first`` to ``last`` of the short, ``(n,) float32``."""
    gain = np.ones(last - first)
    places = np.arange(first, last) + 0.5
    if first < stretch.first + stretch.rise:
        risen = np.clip((places - stretch.first) / stretch.rise, 0, 1)
        gain *= _ramp(risen, stretch.rises_over)
    if last > stretch.end - stretch.fall:
        fallen = np.clip((stretch.end - places) / stretch.fall, 0, 1)
        gain *= _ramp(fallen, stretch.falls_under)
    return gain.astype(np.float32)


def _ramp(part: NDArray[np.float64], equal_power: bool) -> NDArray[np.float64]:
    ramp = np.sin(part * (np.pi / 2))
    return ramp if equal_power else np.square(ramp)
