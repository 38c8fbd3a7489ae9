"""Music under the short: looped, faded at the ends, and giving way to the video's sound."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import MediaError
from core.export.sound.effects import FilterChain
from core.export.sound.reading import SoundFiles, SoundSource
from core.export.sound.samples import SAMPLE_RATE, Samples, Tap, samples_of, silence
from core.media.probe import open_media

_END_FADE = SAMPLE_RATE
_SEAM = SAMPLE_RATE // 100
_REMEMBERED = 60 * SAMPLE_RATE
_DUCKING = "threshold=0.03:ratio=6:attack=15:release=500:knee=4:detection=rms:link=maximum"


@dataclass(frozen=True)
class Music:
    """Music to lay under a short.

    Attributes:
        path: The file, with or without pictures.
        level: Gain in dB.
        duck: It gives way while the video's sound is loud.
    """

    path: Path
    level: float
    duck: bool


def music_source(path: Path) -> SoundSource:
    """The first sound in a file.

    Raises:
        MediaError: The file is missing or cannot be read, or there is no sound in it.
    """
    with open_media(path) as container:
        for stream in container.streams.audio:
            if stream.codec_context.sample_rate and stream.codec_context.layout.nb_channels:
                start = (stream.start_time or 0) * Fraction(stream.time_base or 1)
                return SoundSource(path, stream.index, start)
    raise _no_music(path)


def with_music(
    blocks: Iterable[Samples], samples: int, music: Music, files: SoundFiles
) -> Iterator[Samples]:
    """Lays music under the sound of the video, from its begin to its end.

    Args:
        blocks: The sound of the video, ``(2, n) float32``.
        samples: Its length.
        music: The music.
        files: What reads it.

    Raises:
        MediaError: The music is missing, cannot be read, or is no sound.
        Cancelled: The files' ``cancelled()`` returned true.
    """
    tap = Tap(_looped(music_source(music.path), files))
    gain = np.float32(10 ** (music.level / 20))
    chain = FilterChain(("sidechaincompress", _DUCKING), inputs=2) if music.duck else None
    voice = silence(0)
    position = 0
    for block in blocks:
        under = tap.take(block.shape[1]) * gain * _end_gains(position, block.shape[1], samples)
        position += block.shape[1]
        if chain is None:
            yield block + under
            continue
        voice = np.hstack([voice, block])
        for frame in chain.push(under, block):
            yield voice[:, : frame.samples] + samples_of(frame)
            voice = voice[:, frame.samples :]
    for frame in chain.flush() if chain is not None else ():
        yield voice[:, : frame.samples] + samples_of(frame)
        voice = voice[:, frame.samples :]
    tap.close()


def _end_gains(position: int, count: int, samples: int) -> NDArray[np.float32]:
    """Gain of the music at samples of the short, ``(count,) float32``."""
    fade = max(1, min(_END_FADE, samples // 4))
    places = np.arange(position, position + count) + 0.5
    part = np.clip(np.minimum(places, samples - places) / fade, 0, 1)
    return np.square(np.sin(part * (np.pi / 2))).astype(np.float32)


def _looped(source: SoundSource, files: SoundFiles) -> Generator[Samples, None, None]:
    """The music again and again; its end runs into its begin within 10 ms."""
    short: list[Samples] | None = None
    ending = silence(0)
    while True:
        read: list[Samples] = []
        length = 0
        held = silence(0)
        blocks = files.read(source, source.start) if short is None else iter(short)
        for block in blocks:
            if short is None and length <= _REMEMBERED:
                read.append(block)
            held = np.hstack([held, block])
            if held.shape[1] < 2 * _SEAM:
                continue
            if length == 0:
                held = _run_into(ending, held)
            length += held.shape[1] - _SEAM
            yield held[:, :-_SEAM]
            held = held[:, -_SEAM:]
        if length == 0:
            raise _no_music(source.path)
        ending = held
        if short is None and length <= _REMEMBERED:
            short = read


def _run_into(ending: Samples, begin: Samples) -> Samples:
    count = ending.shape[1]
    part = (np.arange(count, dtype=np.float32) + 0.5) / max(1, count)
    return np.hstack([ending * (1 - part) + begin[:, :count] * part, begin[:, count:]])


def _no_music(path: Path) -> MediaError:
    return MediaError(
        "there is no sound in the music file", path=path, remedy="Choose another piece of music."
    )
