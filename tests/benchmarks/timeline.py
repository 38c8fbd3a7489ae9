"""How quickly the timeline of a three-hour video pans and zooms."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from core.analysis.analysis import Analysis
from core.analysis.highlight import baseline
from core.media.probe import AudioStream, MediaInfo, VideoStream
from core.time import Grid
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.timeline import Timeline

SECONDS = 3 * 3600
_FRAMES = 200


def made_analysis() -> Analysis:
    """An analysis of three hours with made curves."""
    generator = np.random.default_rng(0)
    video = VideoStream(
        0, "h264", 1280, 720, 1280, 720, 0, Fraction(30), Fraction(1, 15360), Fraction(0)
    )
    audio = AudioStream(1, "aac", 48_000, "stereo", Fraction(0))
    info = MediaInfo(Path("made.mp4"), Fraction(0), Fraction(SECONDS), video, audio)

    def walk(columns: int, scale: float) -> np.ndarray:
        steps = np.cumsum(generator.normal(0, scale, (SECONDS, columns)), axis=0)
        return np.sin(steps).astype(np.float32)

    emotion = np.abs(walk(10, 0.2))
    emotion[:, :7] /= emotion[:, :7].sum(axis=1, keepdims=True)
    emotion[generator.random(SECONDS) < 0.3] = np.nan
    tracks = {
        "waveform": np.repeat(walk(1, 0.3)[:, :, None], 100, axis=2)
        .reshape(SECONDS, 50, 2)
        .astype(np.float16),
        "speech-emotion": emotion,
        "loudness": 10 * walk(4, 0.2),
        "motion": 10 + 10 * walk(4, 0.2),
        "thumbnails": generator.integers(0, 255, (SECONDS, 45, 80, 3)).astype(np.uint8),
    }
    curve = baseline(tracks, SECONDS, SECONDS, Fraction(1))
    return Analysis(info, "made", Grid(), SECONDS, tracks, curve, True)


def pan_and_zoom() -> tuple[float, float]:
    """The 99th percentile and the median of the milliseconds that a frame takes."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.apply(application)
    editor = Editor()
    timeline = Timeline(editor)
    timeline.resize(1360, 400)
    timeline.show()
    analysis = made_analysis()
    editor.open(analysis.info, "", None)
    editor.set_analysis(analysis)
    application.processEvents()
    taken = []
    for frame in range(_FRAMES):
        width = SECONDS * 0.97 ** (frame % 100)
        low = (SECONDS - width) * (frame / _FRAMES)
        begin = time.perf_counter()
        timeline.show_range(low, low + width)
        timeline.set_playhead(low + width / 2)
        timeline._view.viewport().repaint()
        application.processEvents()
        taken.append(1000 * (time.perf_counter() - begin))
    timeline.close()
    timeline.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return float(np.percentile(taken, 99)), float(np.median(taken))
