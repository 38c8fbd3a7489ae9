"""A cut of the short, and why it was suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.time import Span


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a cut.

    Attributes:
        kind: What it is about: ``arousal``, ``emotion``, ``loudness``, ``motion``, ``curve``,
            ``tag``, ``start`` or ``end``.
        value: The number behind it: deviations from the video's usual, a share, LU, the
            probability of a tag; 0 for the places of boundaries.
        text: In words and numbers.
    """

    kind: str
    value: float
    text: str


@dataclass(frozen=True)
class Cut:
    """A stretch of the source that the short keeps.

    Attributes:
        span: From the begin of its first frame to the end of its last, seconds of media time.
        score: Mean of the highlight curve over it, 0…1.
        contributions: Mean share of each part of the curve.
        reasons: Why it was suggested; empty where the editor made it.
    """

    span: Span
    score: float = 0.0
    contributions: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
