"""One pass over the sound of a video, cut into the cells of the analysis grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from core.media.packets import read_packets
from core.media.probe import AudioStream, MediaInfo, open_media
from core.time import Grid

SPEECH_RATE = 16_000
"""Hz; what the speech networks hear."""
FULL_RATE = 48_000
"""Hz; what loudness and levels are measured on."""

_LARGEST_JITTER = FULL_RATE * 8 // 100
_PRE_ROLL = Fraction(1, 5)


@dataclass(frozen=True)
class SoundCell:
    """The sound of one analysis cell: samples of this cell only, fewer in a partial last cell.

    Attributes:
        index: Which cell of the grid.
        full: All channels at 48 kHz, ``(channels, n) float32`` in −1…1.
        speech: One channel at 16 kHz, a third as many samples, ``float32``: the mean of all
            channels but the LFE.
    """

    index: int
    full: NDArray[np.float32]
    speech: NDArray[np.float32]


def channel_names(audio: AudioStream) -> list[str]:
    """FFmpeg's names of the channels in their order (``FL``, ``FR``, ``FC``, ``LFE``, …)."""
    return [channel.name for channel in av.AudioLayout(audio.layout).channels]


def read_sound(info: MediaInfo, grid: Grid, first_cell: int = 0) -> Iterator[SoundCell]:
    """Decodes the sound of a video once, resampled in memory, from a cell to the last.

    Every cell of the video is yielded: where the sound starts late, has gaps, is damaged or ends
    early, the missing samples are silence. A video without sound yields nothing.

    Args:
        info: The video.
        grid: The analysis grid.
        first_cell: Cell to begin with.
    """
    if info.audio is None:
        return
    # Importing scipy.signal takes a second, which opening an analysed video need not wait for.
    from scipy.signal import resample_poly

    names = channel_names(info.audio)
    loudspeakers = [i for i, name in enumerate(names) if name != "LFE"] or [0]
    ends = [
        round(min(grid.start(cell + 1), info.duration) * FULL_RATE)
        for cell in range(first_cell, grid.count(info.duration))
    ]
    position = round(grid.start(first_cell) * FULL_RATE)
    waiting = np.zeros((len(names), 0), np.float32)
    blocks = _placed_blocks(info, info.audio, grid.start(first_cell), position)
    for index, end in enumerate(ends, start=first_cell):
        pieces = [waiting]
        have = waiting.shape[1]
        while have < end - position:
            block = next(blocks, None)
            if block is None:
                block = np.zeros((len(names), end - position - have), np.float32)
            pieces.append(block)
            have += block.shape[1]
        joined = np.concatenate(pieces, axis=1)
        full, waiting = joined[:, : end - position], joined[:, end - position :]
        position = end
        mono = full[loudspeakers].mean(axis=0)
        speech = resample_poly(mono, 1, FULL_RATE // SPEECH_RATE).astype(np.float32)
        yield SoundCell(index, full, speech)


def _placed_blocks(
    info: MediaInfo, audio: AudioStream, start: Fraction, position: int
) -> Iterator[NDArray[np.float32]]:
    """Blocks of 48 kHz samples that follow each other without gap or overlap from a position."""
    first = True
    for block, seconds in _decoded_blocks(info, audio, start):
        gap = 0 if seconds is None else round(seconds * FULL_RATE) - position
        if abs(gap) <= _LARGEST_JITTER and not first:
            gap = 0
        first = False
        for begin in range(0, gap, FULL_RATE):
            yield np.zeros((block.shape[0], min(FULL_RATE, gap - begin)), np.float32)
        block = block[:, max(0, -gap) :]
        position += max(0, gap) + block.shape[1]
        first = not block.shape[1]
        yield block


def _decoded_blocks(
    info: MediaInfo, audio: AudioStream, start: Fraction
) -> Iterator[tuple[NDArray[np.float32], Fraction | None]]:
    """Blocks of samples with the media time of their first sample, damaged packets left out."""
    with open_media(info.path) as container:
        stream = next(s for s in container.streams.audio if s.index == audio.index)
        if start > 0 and stream.time_base:
            target = (start + info.origin - _PRE_ROLL) / stream.time_base
            container.seek(math.floor(target), stream=stream, backward=True)
        setup: tuple[str, str, int] | None = None
        resampler = av.AudioResampler("fltp", audio.layout, FULL_RATE)
        for packet in read_packets(container, stream, info.path):
            try:
                frames = cast("list[av.AudioFrame]", packet.decode())
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                continue
            for frame in frames:
                now = (frame.format.name, frame.layout.name, frame.sample_rate)
                if setup is not None and now != setup:
                    resampler = av.AudioResampler("fltp", audio.layout, FULL_RATE)
                setup = now
                for converted in resampler.resample(frame):
                    seconds = None
                    if converted.pts is not None and converted.time_base is not None:
                        seconds = converted.pts * converted.time_base - info.origin
                    yield converted.to_ndarray().astype(np.float32, copy=False), seconds
