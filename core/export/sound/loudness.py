"""Loudness and true peak after EBU R 128 and ITU-R BS.1770, of a stream or of a written file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from core.export.sound.effects import FilterChain
from core.export.sound.music import music_source
from core.export.sound.reading import SoundFiles
from core.export.sound.samples import SAMPLE_RATE, Samples, gathered, silence

SILENCE = -70.0
"""LUFS: the absolute gate, and what counts for silence and for less than 0.4 s of sound."""

_LOWEST_PEAK = -120.0
_METER = "metadata=1:framelog=quiet"
_METER_STEP = SAMPLE_RATE // 10


@dataclass(frozen=True)
class Loudness:
    """How loud a sound is.

    Attributes:
        integrated: Of all of it, gated, in LUFS; -70 for silence and for less than 0.4 s.
        true_peak: Highest peak between samples too, in dBTP; -120 for silence.
        range: Loudness range (EBU Tech 3342) in LU.
    """

    integrated: float
    true_peak: float
    range: float

    @property
    def is_silence(self) -> bool:
        """There is nothing whose loudness could be told."""
        return self.integrated <= SILENCE


class LoudnessMeter:
    """Measures sound that passes by.

    Args:
        peaks: Peaks are measured too, which takes five times as long.
    """

    def __init__(self, peaks: bool = True) -> None:
        self._chain = FilterChain(("ebur128", f"{_METER}:peak={'true' if peaks else 'none'}"))
        self._said: dict[str, str] = {}

    def add(self, samples: Samples) -> None:
        """Hears more samples, ``(2, n) float32``."""
        self._listen(self._chain.push(samples))

    def result(self) -> Loudness:
        """What was heard; ends the measurement."""
        heard = dict(self._said)
        # The filter speaks every 100 ms: silence brings it to tell the peak of the very last ones.
        self._listen(self._chain.push(silence(2 * _METER_STEP)))
        self._listen(self._chain.flush())
        peak = float(self._said.get("lavfi.r128.true_peak", 0.0))
        return Loudness(
            integrated=_number(heard.get("lavfi.r128.I"), SILENCE),
            true_peak=max(_LOWEST_PEAK, 20 * math.log10(max(peak, 1e-6))),
            range=_number(heard.get("lavfi.r128.LRA"), 0.0),
        )

    def _listen(self, frames: Iterator[av.AudioFrame]) -> None:
        for frame in frames:
            self._said = frame.metadata or self._said


def measure_loudness(path: Path, *, cancelled: Callable[[], bool] = lambda: False) -> Loudness:
    """Decodes the sound of a file, whole, and measures it.

    Args:
        path: Any file with sound; more than two channels are measured as they are mixed down.
        cancelled: Asked at each packet; true ends the measurement.

    Raises:
        MediaError: The file is missing or cannot be read, or there is no sound in it.
        Cancelled: ``cancelled()`` returned true.
    """
    source = music_source(path)
    meter = LoudnessMeter()
    with SoundFiles(cancelled) as files:
        for block in gathered(files.read(source, source.start)):
            meter.add(block)
    return meter.result()


def _number(word: str | None, lowest: float) -> float:
    value = float(word) if word is not None else lowest
    return max(lowest, value) if math.isfinite(value) else lowest
