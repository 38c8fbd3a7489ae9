"""Libraries and versions for tests of the learning, made with known content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.analysis.fusion import DEFAULT_WEIGHTS
from core.analysis.fusion_features import feature_contract, group_columns
from core.analysis.taste import Taste
from core.analysis.taste_file import save_taste
from core.learning.library.collecting import collect_project
from core.learning.library.library import Library
from core.learning.library.records import (
    CutCorrection,
    Kind,
    ProjectCorrections,
    VideoCorrections,
    VideoFeatures,
)
from core.learning.personal.profiles import Profile
from core.learning.personal.trial import Measure, Trial, Verdict
from core.learning.personal.version_files import write_version
from core.learning.personal.versions import TASTE, Learnt, Version
from core.networks.vision import EmbeddedBackbone
from core.networks.weights import load_card
from core.project.document import Decision, Suggestion
from core.project.emotion_corrections import EmotionCorrection
from tests.learning.library.corrected import NOON, B, analysis_of, cut, project_of, span

KEPT, REJECTED = Decision.KEPT, Decision.REJECTED


def fill_library(videos: int = 2, profile: str = "", features: bool = False) -> list[str]:
    """A library in which each video has a kept, a rejected and an added cut, and an emotion.

    Returns:
        Fingerprints of the videos.
    """
    names = [f"{number:x}" * 32 for number in range(1, videos + 1)]
    with Library.open() as library:
        for number, name in enumerate(names, start=1):
            library.collect(
                ProjectCorrections(
                    f"/projects/{profile or 'usual'} {number}.emotionshort",
                    profile,
                    NOON,
                    (_video(name, number),),
                )
            )
            if features:
                rows = np.ones((600, 100), np.float32)
                library.keep_features(name, VideoFeatures(Fraction(1), {"a": rows}, {"a": "1"}))
    return names


def _video(name: str, number: int) -> VideoCorrections:
    return VideoCorrections(
        name,
        Path(f"/videos/video {number}.mp4"),
        Fraction(600),
        (
            CutCorrection("kept", Kind.KEPT, span(10, 20), Suggestion(span(10, 20), "baseline")),
            CutCorrection("no", Kind.REJECTED, span(40, 50), Suggestion(span(40, 50), "baseline")),
            CutCorrection("mine", Kind.ADDED, span(70, 75)),
        ),
        (EmotionCorrection(span(100, 110), "happy", 0.5),),
        (span(0, 150),),
    )


def fill_teachable(videos: int, *, start: int = 0, profile: str = "") -> list[str]:
    """A library of videos of a minute in which loud moments are kept and quiet ones rejected.

    Args:
        videos: How many.
        start: How many others there are already.
        profile: That learns from them.

    Returns:
        Fingerprints of the videos.
    """
    names = []
    with Library.open() as library:
        for number in range(start, start + videos):
            name = f"{number:032x}"
            analysis = replace(analysis_of(name, 60, seed=number), fingerprint=name)
            order = np.argsort(analysis.tracks["loudness"][:, 0])
            cuts = [
                cut(span(int(cell), int(cell) + 1), decision, suggested=span(0, 1), video=name)
                for decision, cells in ((REJECTED, order[:8]), (KEPT, order[-8:]))
                for cell in cells
            ]
            project = project_of(*cuts, videos=(name,), profile=profile)
            collect_project(
                library,
                project,
                f"/projects/{number}.emotionshort",
                durations={name: Fraction(60)},
                seen={},
                analyses={name: analysis},
                collected=NOON,
            )
            names.append(name)
    return names


def fill_odd() -> str:
    """A corrected video whose pictures were described by another network than those of others.

    Returns:
        Its fingerprint.
    """
    cuts = [cut(span(1, 3), KEPT, video=B), cut(span(9, 12), REJECTED, video=B)]
    with Library.open() as library:
        collect_project(
            library,
            project_of(*cuts, videos=(B,)),
            "/projects/odd.emotionshort",
            durations={B: Fraction(20)},
            seen={},
            analyses={B: analysis_of(B, picture=("other", 3))},
            collected=NOON,
        )
    return B


def add_version(
    profile: str = "",
    *,
    verdict: Verdict = Verdict.ADOPTED,
    videos: Mapping[str, int] | None = None,
    use: bool = True,
    loud: float = 0.0,
) -> Version:
    """A version that was made by nobody.

    Args:
        profile: That has it.
        verdict: Of its trial.
        videos: That it is said to have learned from.
        use: Take it into use.
        loud: Log-odds by which moments rise for each deviation that they are louder; without any,
            the version has no weights.
    """
    owner = Profile.named(profile, create=True)
    number, place = owner.next_place()
    folder = place.parent.parent / "work" / "made"
    folder.mkdir(parents=True)
    if loud:
        backbone = EmbeddedBackbone()
        weights = {
            name: np.zeros(columns, np.float32)
            for name, columns in group_columns(backbone.dimension).items()
        }
        weights["sound"][0] = loud
        contract = feature_contract(backbone.version, backbone.dimension)
        card = {"contract": contract, "shipped": load_card(DEFAULT_WEIGHTS)["sha256"]}
        save_taste(folder / TASTE, Taste(weights, smoothing=0.0), card)
    measures = (
        Measure("average precision", 0.52, 0.58, -0.01, 0.13, 6),
        Measure("pairs", 0.71, 0.83, 0.02, 0.21, 6),
    )
    trial = Trial(measures, verdict, "Better on 6 videos that it had not seen.")
    learnt = (Learnt("excited", 0.8), Learnt("beginning", -0.5))
    made = Version(number, folder, NOON, 0, videos or {}, trial, learnt, "")
    written = write_version(made, place, origin={})
    if use:
        owner.use(number)
    return written
