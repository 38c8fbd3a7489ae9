"""The versions of one profile: what was learned when, from what, and how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.learning.personal.trial import Trial

FUSION, TASTE, EMOTION = "fusion", "taste", "emotion"
"""Folders of weights in the folder of a version; those that were not learned are absent."""


@dataclass(frozen=True)
class Learnt:
    """One thing that a version learned, for a sentence.

    Attributes:
        subject: What it is about, such as ``excited``, ``loud``, ``moving``, ``beginning``.
        change: How much more (or, below zero, less) such moments count now, in deviations.
    """

    subject: str
    change: float


@dataclass(frozen=True)
class Version:
    """One version of a profile's weights.

    Attributes:
        number: 1 for the first.
        folder: Holds its weights.
        made: When, with a time zone.
        seed: Of its training.
        videos: Fingerprints of the corrected videos that it learned from, and the number of
            corrections of each.
        trial: How it compared with the version that was in use before.
        learnt: What it learned, the largest changes first.
        library: :meth:`.Library.state` of what it learned from.
    """

    number: int
    folder: Path
    made: datetime
    seed: int
    videos: Mapping[str, int]
    trial: Trial
    learnt: tuple[Learnt, ...]
    library: str

    @property
    def fusion(self) -> Path | None:
        """Its fusion network; None for the shipped one."""
        return self._part(FUSION)

    @property
    def taste(self) -> Path | None:
        """Its taste; None where it has none."""
        return self._part(TASTE)

    @property
    def emotion(self) -> Path | None:
        """Its emotion network; None for the shipped one."""
        return self._part(EMOTION)

    def _part(self, name: str) -> Path | None:
        place = self.folder / name
        return place if place.is_dir() else None
