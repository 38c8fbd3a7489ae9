"""Makes media with known sound, masters them, and measures sound by BS.1770-4 independently."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

from core.export.clip import Join
from core.export.sound.mastering import MasteredSound, Mastering, write_sound
from core.export.sound.pieces import SoundPiece
from core.media.probe import MediaInfo

RATE = 48_000


def make_sounding(
    path: Path,
    sound: NDArray[np.floating],
    *,
    rate: int = RATE,
    codec: str = "pcm_f32le",
    layout: str = "",
    start: Fraction = Fraction(0),
    gap: tuple[int, int] = (0, 0),
    seconds: Fraction | None = None,
    fps: Fraction = Fraction(25),
    flashes: Sequence[Fraction] = (),
) -> Path:
    """Writes a video with tiny pictures and exactly this sound.

    Args:
        path: The file; mov, mkv and avi take samples as they are (``pcm_f32le``).
        sound: ``(channels, n)`` or ``(n,)`` for two equal channels.
        rate: Samples per second.
        codec: Encoder of the sound.
        layout: Layout of the channels; that of their number if none is given.
        start: Presentation time of the first sample.
        gap: Samples that are left out of the file, from the first to the one after the last.
        seconds: Length of the pictures instead of that of the sound.
        fps: Pictures per second.
        flashes: Times of single white pictures; the others are black.
    """
    channels = np.stack([sound, sound]) if sound.ndim == 1 else sound
    layout = layout or {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
    length = seconds if seconds is not None else start + Fraction(channels.shape[1], rate)
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg4", rate=fps)
        pictures.width, pictures.height, pictures.pix_fmt = 32, 32, "yuv420p"
        stream = container.add_stream(codec, rate=rate, layout=layout)
        kind = stream.codec_context.codec.audio_formats[0].name
        white = {round(flash * fps) for flash in flashes}
        for number in range(max(1, round(length * fps))):
            shade = 255 if number in white else 0
            frame = av.VideoFrame.from_ndarray(np.full((48, 32), shade, np.uint8), "yuv420p")
            frame.pts, frame.time_base = number, 1 / fps
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        converter = av.AudioResampler(kind, layout, rate)
        for first in range(0, channels.shape[1], 1024):
            block = np.ascontiguousarray(channels[:, first : first + 1024], np.float32)
            if gap[0] <= first < gap[1]:
                continue
            frame = av.AudioFrame.from_ndarray(block, "fltp", layout)
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = first + round(start * rate)
            for converted in converter.resample(frame):
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return path


def pieces_of(
    cuts: Sequence[tuple[MediaInfo, Fraction | float, Fraction | float]],
    joins: Sequence[Join] = (),
) -> list[SoundPiece]:
    """Pieces one after the other: video, begin on its media axis, and duration in seconds."""
    pieces = []
    start = Fraction(0)
    for number, (media, begin, duration) in enumerate(cuts):
        join = joins[number] if number < len(joins) else Join()
        zero, length = media.origin + Fraction(begin), Fraction(duration)
        pieces.append(SoundPiece(media, zero, start, length, join))
        start += length
    return pieces


def master(
    pieces: Sequence[SoundPiece],
    folder: Path,
    *,
    length: Fraction | None = None,
    mastering: Mastering | None = None,
) -> MasteredSound:
    """Writes the sound of pieces into a folder."""
    return write_sound(
        pieces,
        length if length is not None else pieces[-1].end,
        folder / "sound.m4a",
        mastering or Mastering(),
        folder=folder,
        target=folder / "short.mp4",
        progress=lambda fraction, message: None,
        cancelled=lambda: False,
    )


def heard_in(path: Path) -> NDArray[np.float64]:
    """All samples of a file at presentation time 0 and later, ``(channels, n)``, at its rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        blocks = []
        position = 0
        for frame in container.decode(stream):
            at = round(frame.pts * frame.time_base * frame.sample_rate)
            assert at == position, "samples are missing, or the first is not at 0 s"
            blocks.append(frame.to_ndarray())
            position += frame.samples
        end = round(stream.duration * stream.time_base * stream.codec_context.sample_rate)
    return np.concatenate(blocks, axis=1)[:, :end].astype(np.float64)


def loudness_of(sound: NDArray[np.float64]) -> float:
    """Integrated loudness in LUFS of ``(2, n)`` at 48 kHz, K-weighted and gated (BS.1770-4)."""
    shelf = lfilter(
        [1.53512485958697, -2.69169620933693, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
        sound,
    )
    weighted = lfilter([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], shelf)
    step = RATE // 10
    count = sound.shape[1] // step
    energy = np.square(weighted[:, : count * step]).reshape(2, count, step).mean(axis=2).sum(axis=0)
    blocks = np.convolve(energy, np.full(4, 0.25), "valid")
    level = -0.691 + 10 * np.log10(np.maximum(blocks, 1e-12))
    loud = blocks[level > -70]
    if not len(loud):
        return -70.0
    relative = -0.691 + 10 * np.log10(loud.mean()) - 10
    kept = blocks[(level > -70) & (level > relative)]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def true_peak_of(sound: NDArray[np.float64]) -> float:
    """Highest true peak in dBTP, from eight times as many samples."""
    return float(20 * np.log10(max(np.abs(resample_poly(sound, 8, 1, axis=1)).max(), 1e-9)))


def noise(seconds: float, level: float, seed: int = 0) -> NDArray[np.float64]:
    """Two channels of different noise, softer at high frequencies as most sound is."""
    white = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    soft = lfilter([0.2], [1.0, -0.8], white)
    return level * soft / np.sqrt(np.square(soft).mean())


def tone(seconds: float, hertz: float = 220.0, level: float = 0.5) -> NDArray[np.float64]:
    """A steady sine, ``(n,)``."""
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
