"""Projects with decided cuts, and analyses of videos that are nowhere, for tests of the library."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.analysis.analysis import Analysis
from core.analysis.highlight import baseline
from core.cutting.cut import Cut
from core.media.probe import AudioStream, MediaInfo, VideoStream
from core.project.document import Decision, EditedCut, Medium, Project, Suggestion, Wishes
from core.project.emotion_corrections import Corrections
from core.time import Grid, Span

A, B = "a" * 32, "b" * 32
"""Fingerprints of two videos."""
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
VERSIONS = {
    "motion": "1",
    "visual-features": "flat",
    "loudness": "1",
    "spectrum": "1",
    "speech-activity": "silero-6.2-1",
    "speech-coefficients": "2",
    "speech-emotion": "made",
}


def span(start: float | str, end: float | str) -> Span:
    """A stretch of media time."""
    return Span(Fraction(start), Fraction(end))


def cut(
    where: Span,
    decision: Decision = Decision.KEPT,
    *,
    suggested: Span | None = None,
    video: str = A,
    touched: bool = False,
    locked: bool = False,
) -> EditedCut:
    """A cut as an editor left it; by default one of the editor's own."""
    suggestion = None if suggested is None else Suggestion(suggested, "fusion-1")
    return EditedCut(Cut(where), video, decision, touched, locked, suggestion)


def project_of(
    *cuts: EditedCut,
    videos: tuple[str, ...] = (A,),
    emotions: Corrections = (),
    profile: str = "",
    folder: Path = Path("/nowhere"),
) -> Project:
    """A project; what is heard is corrected in its first video."""
    media = [Medium(video, folder / f"{video[0]}.mp4") for video in videos]
    media[0] = Medium(media[0].identifier, media[0].path, emotions)
    return Project(tuple(media), cuts, Wishes(profile=profile))


def analysis_of(
    video: str = A,
    cells: int = 20,
    *,
    seed: int = 1,
    sound: bool = True,
    picture: tuple[str, int] = ("flat", 3),
    complete: bool = True,
) -> Analysis:
    """A whole analysis of a video that never was, in which somebody speaks all the time."""
    rng = np.random.default_rng(seed)
    version, dimension = picture
    tracks = {
        "motion": rng.random((cells, 4)).astype(np.float32),
        "visual-features": rng.normal(size=(cells, dimension)).astype(np.float16),
        "thumbnails": np.zeros((cells, 4, 4, 3), np.uint8),
    }
    if sound:
        tracks |= {
            "loudness": rng.normal(-30, 5, (cells, 4)).astype(np.float32),
            "spectrum": rng.random((cells, 6)).astype(np.float32) * 500,
            "speech-activity": np.ones((cells, 50), np.float16),
            "speech-coefficients": rng.normal(size=(cells, 50, 41)).astype(np.float16),
            "speech-emotion": rng.random((cells, 10)).astype(np.float32),
        }
    picture_stream = VideoStream(
        0, "h264", 1280, 720, 1280, 720, 0, Fraction(25), Fraction(1, 12800), Fraction(0)
    )
    heard = AudioStream(1, "aac", 48_000, "stereo", Fraction(0)) if sound else None
    info = MediaInfo(
        Path(f"/nowhere/{video[0]}.mp4"), Fraction(0), Fraction(cells), picture_stream, heard
    )
    curve = baseline(tracks, cells, cells, Fraction(1))
    versions = {name: VERSIONS.get(name, "1") for name in tracks} | {"visual-features": version}
    return Analysis(info, video, Grid(), cells, tracks, curve, complete, versions=versions)
