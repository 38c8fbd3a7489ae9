"""What the library of corrections holds, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.project.document import Suggestion
from core.project.emotion_corrections import Corrections, EmotionCorrection
from core.time import Span


class Kind(StrEnum):
    """What the editor did with a cut."""

    KEPT = "kept"
    MOVED = "moved"
    TRIMMED = "trimmed"
    ADDED = "added"
    REJECTED = "rejected"
    MAYBE = "maybe"


@dataclass(frozen=True)
class CutCorrection:
    """A cut that the editor decided about.

    Attributes:
        identifier: Of the cut in its project.
        kind: What was done.
        span: As the editor left it, in media time.
        suggestion: What had been suggested; None for a cut of the editor's own.
    """

    identifier: str
    kind: Kind
    span: Span
    suggestion: Suggestion | None = None


@dataclass(frozen=True)
class VideoCorrections:
    """What one project says of one video.

    Attributes:
        video: Fingerprint of its content.
        path: Where it was last seen.
        duration: Seconds.
        cuts: In any order; each identifier once.
        emotions: What is heard, by the editor's word; in order, none over another.
        seen: Stretches that the editor has watched; in order, none touching another.
    """

    video: str
    path: Path
    duration: Fraction
    cuts: tuple[CutCorrection, ...] = ()
    emotions: Corrections = ()
    seen: tuple[Span, ...] = ()


@dataclass(frozen=True)
class ProjectCorrections:
    """What one project says.

    Attributes:
        project: Path of its file; another one is another project.
        profile: Name of the profile that learns from it; empty for the usual one.
        collected: When, with a time zone.
        videos: Each fingerprint once.
    """

    project: str
    profile: str
    collected: datetime
    videos: tuple[VideoCorrections, ...]


@dataclass(frozen=True, eq=False)
class VideoFeatures:
    """The tracks of a video that training looks at, kept after the video is gone.

    Attributes:
        step: Seconds per cell of the analysis grid.
        tracks: ``(cells, …)`` rows by the name of the signal; of whatever float type.
        versions: Of each track, by the same names.
    """

    step: Fraction
    tracks: Mapping[str, NDArray[np.floating]]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class StoredCorrection:
    """One correction in the library: of a cut, or of what is heard.

    Attributes:
        project: Path of the project's file.
        profile: That learns from it; empty for the usual one.
        video: Fingerprint.
        collected: When it was last changed.
        correction: What was corrected.
    """

    project: str
    profile: str
    video: str
    collected: datetime
    correction: CutCorrection | EmotionCorrection


@dataclass(frozen=True)
class LibraryVideo:
    """A video that the library knows.

    Attributes:
        video: Fingerprint of its content.
        path: Where it was last seen.
        duration: Seconds.
        counts: Corrections of cuts by their kind; kinds that there are none of are left out.
        emotions: Corrections of what is heard.
        seen: Seconds that the editor has watched.
        features: Whether what training needs is kept with it.
        stored: Bytes that its features take.
        left_out: The user does not want anything to be learned from it.
    """

    video: str
    path: Path
    duration: Fraction
    counts: Mapping[Kind, int] = field(default_factory=dict)
    emotions: int = 0
    seen: float = 0.0
    features: bool = False
    stored: int = 0
    left_out: bool = False
