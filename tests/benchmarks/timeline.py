"""How quickly the timeline of a three-hour video pans, zooms and grows."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS, baseline
from core.cutting.cut import Cut
from core.media.probe import AudioStream, MediaInfo, VideoStream
from core.project.document import EditedCut, Medium, Project
from core.time import Grid, Span
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.timeline import Timeline

SECONDS = 3 * 3600
CUTS = 200
MEDIUM = "made"
_FRAMES = 200
_UPDATES = 20


def made_analysis() -> Analysis:
    """An analysis of three hours with made curves, a shot every six seconds, speech and pauses."""
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
    shots = np.full((SECONDS, 8, 4), np.nan)
    changed = generator.random(SECONDS) < 1 / 6
    begins = np.arange(SECONDS)[changed] + 0.5
    ends = begins - np.where(generator.random(len(begins)) < 0.2, 0.5, 0.0)
    shots[changed, 0] = np.stack((ends, begins, np.full(len(begins), 30.0), begins), axis=1)
    speech = np.repeat(generator.random((SECONDS, 5)) < 0.7, 10, axis=1).astype(np.float16)
    tracks = {
        "waveform": np.repeat(walk(1, 0.3)[:, :, None], 100, axis=2)
        .reshape(SECONDS, 50, 2)
        .astype(np.float16),
        "speech-emotion": emotion,
        "loudness": 10 * walk(4, 0.2),
        "motion": 10 + 10 * walk(4, 0.2),
        "thumbnails": generator.integers(0, 255, (SECONDS, 45, 80, 3)).astype(np.uint8),
        "shots": shots,
        "speech-activity": speech,
    }
    curve = baseline(tracks, SECONDS, SECONDS, Fraction(1))
    return Analysis(info, MEDIUM, Grid(), SECONDS, tracks, curve, True)


def grown(analysis: Analysis, cells: int) -> Analysis:
    """The same analysis when that much of it was known."""
    curve = replace(
        analysis.highlight,
        score=analysis.highlight.score[:cells],
        contributions=analysis.highlight.contributions[:cells],
    )
    tracks = {name: rows[:cells] for name, rows in analysis.tracks.items()}
    return replace(analysis, tracks=tracks, highlight=curve, complete=cells == analysis.cells)


def made_project() -> Project:
    """A project with cuts all over the video."""
    cuts = tuple(
        EditedCut(
            Cut(
                Span(Fraction(begin), Fraction(begin + 8)),
                0.6,
                dict.fromkeys(CONTRIBUTIONS, 0.15),
            ),
            MEDIUM,
            identifier=str(number),
        )
        for number in range(CUTS)
        for begin in [number * SECONDS // CUTS]
    )
    return Project((Medium(MEDIUM, Path("made.mp4")),), cuts)


def made_timeline(application: QApplication, analysis: Analysis) -> tuple[Timeline, Editor]:
    """A timeline that shows the project, with nothing known of the video."""
    theme.apply(application)
    editor = Editor()
    timeline = Timeline(editor)
    timeline.resize(1360, 560)
    timeline.show()
    editor.open(None, made_project(), {MEDIUM: analysis.info})  # type: ignore[arg-type]
    application.processEvents()
    return timeline, editor


def pan_and_zoom() -> tuple[float, float]:
    """The 99th percentile and the median of the milliseconds that a frame takes."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    analysis = made_analysis()
    timeline, editor = made_timeline(application, analysis)
    editor.set_analysis(MEDIUM, analysis)
    application.processEvents()
    taken = []
    for frame in range(_FRAMES):
        width = SECONDS * 0.97 ** (frame % 100)
        low = (SECONDS - width) * (frame / _FRAMES)
        begin = time.perf_counter()
        timeline.show_range(low, low + width)
        timeline.set_playhead(low + width / 2)
        application.processEvents()
        taken.append(1000 * (time.perf_counter() - begin))
    _drop(application, timeline)
    return float(np.percentile(taken, 99)), float(np.median(taken))


def growing() -> dict[str, float]:
    """Median milliseconds that a growing analysis takes per lane, and in all with drawing."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    analysis = made_analysis()
    timeline, editor = made_timeline(application, analysis)
    taken: dict[str, list[float]] = {}
    for update in range(_UPDATES):
        now = grown(analysis, SECONDS - 10 * (_UPDATES - update))
        for lane in timeline.lanes:
            begin = time.perf_counter()
            lane.show_analysis(now)
            taken.setdefault(lane.key, []).append(1000 * (time.perf_counter() - begin))
        now = grown(analysis, SECONDS - 10 * (_UPDATES - update) + 5)
        begin = time.perf_counter()
        editor.set_analysis(MEDIUM, now)
        taken.setdefault("all", []).append(1000 * (time.perf_counter() - begin))
        application.processEvents()
        taken.setdefault("all, drawn", []).append(1000 * (time.perf_counter() - begin))
    _drop(application, timeline)
    return {name: float(np.median(times)) for name, times in taken.items()}


def _drop(application: QApplication, timeline: Timeline) -> None:
    timeline.close()
    timeline.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
