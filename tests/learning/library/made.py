"""Corrections for tests: random ones, and some by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from core.learning.coverage import merged
from core.learning.library.records import (
    CutCorrection,
    Kind,
    ProjectCorrections,
    VideoCorrections,
    VideoFeatures,
)
from core.networks.emotion_classes import EMOTIONS
from core.project.document import Suggestion
from core.project.emotion_corrections import Corrections, EmotionCorrection, corrected
from core.time import Span

DAY = datetime(2025, 3, 1, 12, tzinfo=UTC)
FRAME = Fraction(1001, 30000)


def span(start: float | Fraction, end: float | Fraction) -> Span:
    return Span(Fraction(start), Fraction(end))


def cut(
    identifier: str, start: int = 1, kind: Kind = Kind.KEPT, suggestion: Suggestion | None = None
) -> CutCorrection:
    """A cut of hundred frames of NTSC video."""
    return CutCorrection(identifier, kind, Span(start * FRAME, (start + 100) * FRAME), suggestion)


def video(
    name: str,
    cuts: Iterable[CutCorrection] = (),
    emotions: Corrections = (),
    seen: tuple[Span, ...] = (),
) -> VideoCorrections:
    return VideoCorrections(
        name, Path(f"/videos/{name}.mp4"), Fraction(1001, 3), tuple(cuts), emotions, seen
    )


def project(
    name: str, *videos: VideoCorrections, profile: str = "", day: int = 0
) -> ProjectCorrections:
    return ProjectCorrections(name, profile, DAY + timedelta(days=day), videos)


def features(seed: int = 0, cells: int = 50, version: str = "1") -> VideoFeatures:
    random = np.random.default_rng(seed)
    tracks = {
        "motion": random.random((cells, 3), np.float32),
        "visual": random.random((cells, 64), np.float32).astype(np.float16),
    }
    tracks["motion"][0] = np.nan
    return VideoFeatures(Fraction(1, 2), tracks, dict.fromkeys(tracks, version))


def same(one: VideoFeatures | None, other: VideoFeatures | None) -> bool:
    if one is None or other is None:
        return one is other
    return (
        one.step == other.step
        and one.versions == other.versions
        and one.tracks.keys() == other.tracks.keys()
        and all(
            rows.dtype == other.tracks[name].dtype
            and rows.shape == other.tracks[name].shape
            and rows.tobytes() == other.tracks[name].tobytes()
            for name, rows in one.tracks.items()
        )
    )


_frames = st.integers(0, 400)
spans = st.one_of(
    st.tuples(_frames, st.integers(1, 60)).map(
        lambda two: Span(two[0] * FRAME, (two[0] + two[1]) * FRAME)
    ),
    st.tuples(
        st.fractions(0, 100, max_denominator=90_000),
        st.fractions(Fraction(1, 1000), 10, max_denominator=90_000),
    ).map(lambda two: Span(two[0], two[0] + two[1])),
)
_suggestions = st.none() | st.builds(Suggestion, spans, st.sampled_from(["", "fusion 1", "취향"]))
cuts = st.builds(
    CutCorrection, st.sampled_from(["a", "b", "컷'c"]), st.sampled_from(Kind), spans, _suggestions
)


def _in_order(corrections: Sequence[EmotionCorrection]) -> Corrections:
    result: Corrections = ()
    for one in corrections:
        result = corrected(result, one)
    return result


_values = st.none() | st.floats(-1, 1)
emotions = st.lists(
    st.builds(EmotionCorrection, spans, st.sampled_from(EMOTIONS), _values, _values), max_size=2
).map(_in_order)
VIDEOS = ("v1", "비디오")


def _videos(name: str) -> st.SearchStrategy[VideoCorrections]:
    return st.builds(
        lambda cuts, emotions, seen: video(name, cuts, emotions, merged(seen)),
        st.lists(cuts, max_size=3, unique_by=lambda one: one.identifier),
        emotions,
        st.lists(spans, max_size=2),
    )


projects = st.builds(
    lambda name, profile, videos: project(name, *videos, profile=profile),
    st.sampled_from(["/p/one.emotionshort", "/p/둘.emotionshort"]),
    st.sampled_from(["", "게임"]),
    st.tuples(*(st.none() | _videos(name) for name in VIDEOS)).map(
        lambda two: [one for one in two if one is not None]
    ),
)
