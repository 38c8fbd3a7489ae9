"""Decoded frames of sound, put where their time stamps say and brought to the short's rate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import av

from core.export.sound.samples import (
    BLOCK,
    SAMPLE_RATE,
    Samples,
    gathered,
    samples_of,
    silence,
    stereo_frame,
)
from core.export.sound.stereo import as_stereo

_RESAMPLER_LEAD = 256
_JITTER = 0.02


def frame_time(frame: av.AudioFrame) -> Fraction | None:
    """Presentation time of a frame in seconds, if it states one."""
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * Fraction(frame.time_base)


def place(
    frames: Iterator[av.AudioFrame], start: Fraction, rate: int, first: int
) -> Iterator[Samples]:
    """Blocks that follow each other without gap or overlap.

    Time stamps may be rounded (to 1 ms in Matroska), so that those before the first wanted sample
    are averaged and later ones believed only if they are off by more than 20 ms: then something
    is missing, which becomes silence, or is there twice.

    Args:
        frames: Decoded frames in their order.
        start: Time of the first one if it states none, in seconds.
        rate: Samples per second of what is given.
        first: The sample to begin with, counted from presentation time 0.

    Yields:
        ``(2, n) float32`` at that rate.
    """
    position = first
    due: float | None = None
    averaged = 0
    for frame, samples in _of_one_rate(frames, rate):
        stated = frame_time(frame)
        at = None if stated is None else float(stated * rate)
        if due is None:
            due = float(start * rate) if at is None else at
        elif at is not None and abs(at - due) > _JITTER * rate:
            due, averaged = at, 0
        if at is not None and due + samples.shape[1] <= first:
            averaged += 1
            due += (at - due) / averaged
        index = round(due)
        due += samples.shape[1]
        while index > position:
            gap = min(index - position, BLOCK)
            yield silence(gap)
            position += gap
        samples = samples[:, position - index :]
        if samples.shape[1]:
            yield samples
            position += samples.shape[1]


def resampler_lead(rate: int) -> int:
    """Samples that a resampler gets before the first wanted one, so that it has settled.

    They are a whole number of samples at 48 kHz too.
    """
    step = rate // math.gcd(rate, SAMPLE_RATE)
    return step * math.ceil(_RESAMPLER_LEAD / step)


def resample(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    """The same sound at 48 kHz; the first sample stays the first."""
    converter = av.AudioResampler("fltp", "stereo", SAMPLE_RATE)
    first = 0
    for block in gathered(blocks):
        for frame in converter.resample(stereo_frame(block, first, rate)):
            yield samples_of(frame)
        first += block.shape[1]
    for frame in converter.resample(None):
        yield samples_of(frame)


def _of_one_rate(
    frames: Iterator[av.AudioFrame], rate: int
) -> Iterator[tuple[av.AudioFrame, Samples]]:
    """Streams may change their rate on the way (between a film and its advertisements)."""
    setup: tuple[int, str, str] | None = None
    converter: av.AudioResampler | None = None
    for frame in frames:
        if frame.sample_rate == rate:
            yield frame, as_stereo(frame)
            continue
        now = frame.sample_rate, frame.layout.name, frame.format.name
        if converter is None or now != setup:
            setup = now
            converter = av.AudioResampler("fltp", frame.layout, rate)
        for converted in converter.resample(frame):
            yield converted, as_stereo(converted)
