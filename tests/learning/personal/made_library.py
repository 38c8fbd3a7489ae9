"""A made library: videos of which an editor kept the colourful moments, and rejected others."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.learning.library.library import Library
from core.learning.library.records import (
    CutCorrection,
    Kind,
    ProjectCorrections,
    VideoCorrections,
    VideoFeatures,
)
from core.networks.weights import save_weights
from core.project.document import Suggestion
from core.project.emotion_corrections import EmotionCorrection
from core.signals.loudness import Loudness
from core.signals.motion import Motion
from core.signals.spectrum import Spectrum
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_coefficients import SpeechCoefficients
from core.time import Span

CELLS = 120
WIDTHS = {
    "motion": (Motion.version, 4),
    "visual-features": ("made-eyes-1", 4),
    "speech-emotion": ("made-ears-1", 10),
    "loudness": (Loudness.version, 4),
    "spectrum": (Spectrum.version, 6),
}
MOMENTS = 14
"""That are corrected in each video."""
COLOUR = 3
"""Column of the motion that the editor goes by, and that the baseline does not."""
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def fingerprint(number: int) -> str:
    """Of a made video."""
    return f"{number:032x}"


def project_file(number: int) -> str:
    """Of the project that corrects a made video."""
    return f"/nowhere/{number}.esf"


def features_of(number: int) -> VideoFeatures:
    """Tracks of a made video."""
    random = np.random.default_rng(number)
    tracks = {}
    for name, (_, width) in WIDTHS.items():
        rows = random.normal(size=(CELLS + 2, width))
        tracks[name] = ((rows[:-2] + rows[1:-1] + rows[2:]) / 2).astype(np.float32)
    return VideoFeatures(
        Fraction(1), tracks, {name: version for name, (version, _) in WIDTHS.items()}
    )


def correct(
    library: Library, number: int, *, likes: float = 1.0, noise: float = 0.1, profile: str = ""
) -> None:
    """One more corrected video.

    Args:
        library: Is open.
        number: Of the video.
        likes: 1 keeps what is colourful, −1 rejects it.
        noise: Of the decisions.
        profile: That learns from it.
    """
    features = features_of(number)
    random = np.random.default_rng([number, 1])
    colour = features.tracks["motion"][:, COLOUR]
    begins = 6 * random.choice(CELLS // 6, MOMENTS, replace=False)
    felt = np.array([likes * colour[begin : begin + 6].mean() for begin in begins])
    felt += noise * random.normal(size=len(felt))
    cuts = []
    for begin, keep in zip(begins.tolist(), felt > np.median(felt), strict=True):
        span = Span(Fraction(begin), Fraction(begin + 6))
        cuts.append(
            CutCorrection(
                f"cut {number} {begin}",
                Kind.KEPT if keep else Kind.REJECTED,
                span,
                Suggestion(span, "baseline"),
            )
        )
    library.collect(
        ProjectCorrections(
            project_file(number),
            profile,
            NOON,
            (
                VideoCorrections(
                    fingerprint(number),
                    Path(f"/nowhere/video {number}.mp4"),
                    Fraction(CELLS),
                    tuple(cuts),
                ),
            ),
        )
    )
    library.keep_features(fingerprint(number), features)


def correct_heard(library: Library, number: int) -> None:
    """A video in which somebody speaks all the time, happily by the editor's word.

    Args:
        library: Is open.
        number: Of the video.
    """
    random = np.random.default_rng([number, 2])
    kept = features_of(number)
    tracks = {
        **kept.tracks,
        SpeechCoefficients.name: random.normal(size=(CELLS, 50, 41)).astype(np.float16),
        SpeechActivity.name: np.ones((CELLS, 50), np.float16),
    }
    versions = {signal.name: signal.version for signal in (SpeechCoefficients, SpeechActivity)}
    heard = tuple(
        EmotionCorrection(Span(Fraction(begin), Fraction(begin + 4)), "happy", arousal=0.8)
        for begin in range(0, 40, 10)
    )
    path = Path(f"/nowhere/video {number}.mp4")
    said = VideoCorrections(fingerprint(number), path, Fraction(CELLS), (), heard)
    library.collect(ProjectCorrections(project_file(number), "", NOON, (said,)))
    library.keep_features(
        fingerprint(number), VideoFeatures(Fraction(1), tracks, {**kept.versions, **versions})
    )


def make_library(
    path: Path | None = None, *, videos: int = 6, likes: float = 1.0, profile: str = ""
) -> Path:
    """A library with corrections of some videos.

    Returns:
        Its file.
    """
    with Library.open(path) as library:
        for number in range(videos):
            correct(library, number, likes=likes, profile=profile)
        return library.path


def plain_fusion(folder: Path) -> Path:
    """Weights that the application does not use, so that the transparent baseline is what ships."""
    import torch

    save_weights(folder, {"a": torch.zeros(1)}, {"contract": {}, "beats_baseline": False})
    return folder
