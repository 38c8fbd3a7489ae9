"""Learning: a retraining, and what a taste and decisions add to the making of a curve.

``python -m tests.benchmarks.learning`` measures this alone.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.fusion import DEFAULT_WEIGHTS, Fusion
from core.analysis.fusion_features import feature_contract, group_columns
from core.analysis.taste import Taste
from core.analysis.taste_file import save_taste
from core.cutting.cut import Cut
from core.learning.library.collecting import collect_project
from core.learning.library.library import Library
from core.learning.personal.profiles import Profile
from core.learning.personal.retraining import retrain
from core.learning.personal.within_video import propagated
from core.networks.vision import EmbeddedBackbone
from core.project.document import Decision, EditedCut, Medium, Project
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.spectrum import Spectrum
from core.signals.visual_features import VisualFeatures
from core.time import Span
from tests.project.analyses import analysis_of

Row = tuple[str, float, str]

_MINUTES = (10, 180)
_VIDEOS = 5
_CUTS = 20
_SECONDS = 5
_RUNS = 5
_PICTURES = 1280


def learning_rows(folder: Path) -> list[Row]:
    """How long learning takes, and how much what was learned slows the curve.

    Args:
        folder: Where a library, a profile and a taste are written.
    """
    rows: list[Row] = []
    taste = _taste(folder / "taste")
    backbone = EmbeddedBackbone().version
    for minutes in _MINUTES:
        analysis = _analysis(minutes, "a")
        curves = {
            name: Fusion(DEFAULT_WEIGHTS, backbone, _PICTURES, place)
            for name, place in (("plain", None), ("taste", taste))
        }
        learned = curves["plain"].learned(analysis.tracks, analysis.cells, analysis.cells)

        seconds = {
            name: _shortest(
                partial(
                    fusion.highlight,
                    analysis.tracks,
                    analysis.cells,
                    analysis.cells,
                    Fraction(1),
                    learned,
                )
            )
            for name, fusion in curves.items()
        }
        project = _project(analysis, _CUTS)
        spread = _shortest(partial(propagated, analysis, project, analysis.fingerprint))
        of = f"of {minutes} minutes"
        rows += [
            (f"curve {of} (ms)", 1000 * seconds["plain"], ""),
            (f"curve {of}, times as long with a taste", seconds["taste"] / seconds["plain"], ""),
            (f"curve {of}, following {_CUTS} decisions (ms)", 1000 * spread, ""),
        ]
    with _data_folder(folder / "data"):
        rows += _retraining()
    return rows


def _retraining() -> list[Row]:
    with Library.open() as library:
        begin = time.perf_counter()
        for number in range(_VIDEOS):
            analysis = _analysis(_MINUTES[0], f"{number:032x}")
            collect_project(
                library,
                _project(analysis, _CUTS),
                f"/projects/{number}",
                durations={analysis.fingerprint: analysis.info.duration},
                seen={},
                analyses={analysis.fingerprint: analysis},
            )
        collected = time.perf_counter() - begin
        begin = time.process_time()
        retrain(library, Profile.named(""))
        trained = time.process_time() - begin
    of = f"{_VIDEOS} videos of {_MINUTES[0]} minutes"
    return [
        (f"collecting {of} (s)", collected, ""),
        (f"learning from {of}, trial included (processor s)", trained, "some minutes"),
    ]


def _analysis(minutes: int, fingerprint: str) -> Analysis:
    """Tracks of a video in which somebody speaks in every other ten seconds."""
    cells = 60 * minutes
    random = np.random.default_rng([minutes, *fingerprint.encode()])
    emotion = random.dirichlet(np.ones(7), cells).astype(np.float32)
    heard = np.concatenate((emotion, random.uniform(-1, 1, (cells, 3)).astype(np.float32)), axis=1)
    heard[(np.arange(cells) // 10) % 2 == 0] = np.nan
    tracks: dict[str, NDArray[np.floating]] = {
        "speech-emotion": heard,
        Loudness.name: random.normal(-20, 5, (cells, 4)).astype(np.float32),
        Spectrum.name: random.normal(0, 100, (cells, 6)).astype(np.float32),
        Motion.name: random.uniform(0, 10, (cells, 4)).astype(np.float32),
        VisualFeatures.name: random.normal(0, 1, (cells, _PICTURES)).astype(np.float32),
        "speech-activity": np.ones((cells, 50), np.float16),
    }
    versions = {
        "speech-emotion": "made",
        Loudness.name: Loudness.version,
        Spectrum.name: Spectrum.version,
        Motion.name: Motion.version,
        VisualFeatures.name: EmbeddedBackbone().version,
        "speech-activity": "made",
    }
    made = analysis_of(heard)
    fusion = Fusion(DEFAULT_WEIGHTS, EmbeddedBackbone().version, _PICTURES)
    curve = fusion.highlight(tracks, cells, cells, Fraction(1))
    return replace(made, fingerprint=fingerprint, tracks=tracks, highlight=curve, versions=versions)


def _project(analysis: Analysis, cuts: int) -> Project:
    """What is loud is kept, what is quiet rejected."""
    loud = analysis.tracks[Loudness.name][:, 0]
    every = analysis.cells // cuts
    edited = []
    for number in range(cuts):
        begin = number * every
        span = Span(Fraction(begin), Fraction(begin + _SECONDS))
        kept = loud[begin : begin + _SECONDS].mean() > np.median(loud)
        decision = Decision.KEPT if kept else Decision.REJECTED
        edited.append(EditedCut(Cut(span), analysis.fingerprint, decision, touched=True))
    return Project((Medium(analysis.fingerprint, Path("/nowhere.mp4")),), tuple(edited))


def _taste(folder: Path) -> Path:
    random = np.random.default_rng(0)
    weights = {
        name: (random.normal(size=columns) / columns).astype(np.float32)
        for name, columns in group_columns(_PICTURES).items()
    }
    contract = feature_contract(EmbeddedBackbone().version, _PICTURES)
    save_taste(folder, Taste(weights), {"contract": contract})
    return folder


def _shortest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs, after one that loads libraries."""
    work()
    seconds = []
    for _ in range(_RUNS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


@contextmanager
def _data_folder(folder: Path) -> Iterator[None]:
    before = os.environ.get("EMOTION_SHORTFORM_DATA")
    os.environ["EMOTION_SHORTFORM_DATA"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["EMOTION_SHORTFORM_DATA"]
        else:
            os.environ["EMOTION_SHORTFORM_DATA"] = before


def main() -> None:
    """Measures and prints one line per figure."""
    with tempfile.TemporaryDirectory() as folder:
        for name, value, wanted in learning_rows(Path(folder)):
            print(f"{name:65} {value:8.2f}   {wanted}")


if __name__ == "__main__":
    main()
