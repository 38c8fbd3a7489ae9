"""Analyses with emotion tracks of which every cell is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.highlight import baseline
from core.media.probe import AudioStream, MediaInfo, VideoStream
from core.networks.emotion_classes import EMOTIONS
from core.time import Grid

SILENCE = np.full(10, np.nan, np.float32)


def speech(
    emotion: str, confidence: float, arousal: float = 0.25, valence: float = -0.5
) -> NDArray[np.float32]:
    """A row of the emotion track."""
    shares = [0.7 if name == emotion else 0.05 for name in EMOTIONS]
    return np.array([*shares, arousal, valence, confidence], np.float32)


def track(*rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """An emotion track, ``(T, 10) float32``."""
    return np.stack(rows)


def analysis_of(
    rows: NDArray[np.float32], *, duration: Fraction | None = None, grid: Grid | None = None
) -> Analysis:
    """A video of which the emotion track is known that far; as long as the track by default."""
    grid = grid or Grid()
    duration = len(rows) * grid.step if duration is None else duration
    video = VideoStream(
        0, "h264", 1280, 720, 1280, 720, 0, Fraction(25), Fraction(1, 12800), Fraction(0)
    )
    audio = AudioStream(1, "aac", 48_000, "stereo", Fraction(0))
    info = MediaInfo(Path("made.mp4"), Fraction(0), duration, video, audio)
    cells = grid.count(duration)
    tracks = {"speech-emotion": rows}
    curve = baseline(tracks, len(rows), cells, grid.step)
    return Analysis(info, "made", grid, cells, tracks, curve, len(rows) == cells)
