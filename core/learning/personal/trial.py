"""Whether a new version is better than the present one, on corrected videos it did not see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What came of a trial.

    ``ADOPTED``: not worse, and in use since. ``CANDIDATE``: too few videos to tell; the user may
    choose it. ``REFUSED``: worse than the present version; kept for looking at.
    """

    ADOPTED = "adopted"
    CANDIDATE = "candidate"
    REFUSED = "refused"


@dataclass(frozen=True)
class Measure:
    """One measure of the present version and of the new one on the same held-out videos.

    Attributes:
        name: ``average precision`` or ``pairs`` (share of pairs of a kept and a rejected moment
            that are in the right order); of what is heard ``classes``, ``arousal``, ``valence``.
        before: Of the present version, mean over videos.
        after: Of the new version.
        low: Lower end of the 95 % interval of the difference, by a bootstrap over videos.
        high: Its upper end.
        videos: Videos that it could be measured on.
    """

    name: str
    before: float
    after: float
    low: float
    high: float
    videos: int


@dataclass(frozen=True)
class Trial:
    """The comparison of a new version with the present one.

    Attributes:
        measures: Before and after; empty where nothing could be held out.
        verdict: What came of it.
        reason: Why, as a sentence for the user.
    """

    measures: tuple[Measure, ...]
    verdict: Verdict
    reason: str
