"""A video with what people said about its cells, whatever corpus it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

COMBINATIONS = ("mean", "majority", "union")
"""Ways to make one label of several annotators'; the name of an annotator is one, too."""


@dataclass(frozen=True, eq=False)
class LabelledVideo:
    """One video of a corpus of highlights.

    Attributes:
        corpus: Name of the corpus.
        name: Unique within the corpus; features are joined by it and by the cell.
        domain: Kind of video that measures are averaged by; the corpus' name where it has none.
        group: Videos of one group never stand on both sides of a split; the video's own name
            unless it shares footage or an author with others.
        step: Seconds per cell.
        ratings: ``(T, A) float32`` in 0…1 by cell and annotator, NaN where an annotator said
            nothing.
        annotators: A names.
        graded: The ratings are grades, and positive is what lies above the annotator's median; if
            false, positive is what lies above 0.5.
        file: The video, where it is at hand.
        features: Given features by name, ``.npy`` of ``(T, F)``, where the corpus brings them.
        split: Part of the split that the corpus was published with, ``train`` or ``test``.
    """

    corpus: str
    name: str
    domain: str
    group: str
    step: Fraction
    ratings: NDArray[np.float32]
    annotators: tuple[str, ...]
    graded: bool = False
    file: Path | None = None
    features: Mapping[str, Path] = field(default_factory=dict)
    split: str = ""

    @property
    def cells(self) -> int:
        """Labelled cells, the last of which may be shorter than a step."""
        return len(self.ratings)

    @property
    def key(self) -> tuple[str, str]:
        """Unique over all corpora."""
        return self.corpus, self.name

    def relevance(self, combination: str = "mean") -> NDArray[np.float32]:
        """One label per cell out of those of all annotators.

        Args:
            combination: ``mean`` of the ratings (a soft label), ``majority`` (1 where more than
                half of the annotators are positive), ``union`` (1 where any is), or the name of
                one annotator, whose ratings are taken as they are.

        Returns:
            ``(T,) float32`` in 0…1, NaN where nobody said anything.

        Raises:
            UsageError: It is neither a combination nor an annotator of this video.
        """
        known = np.isfinite(self.ratings)
        said = known.sum(axis=1)
        if combination in self.annotators:
            return self.ratings[:, self.annotators.index(combination)].copy()
        if combination == "mean":
            votes = np.where(known, self.ratings, 0.0).sum(axis=1)
            values = votes / np.maximum(said, 1)
        elif combination in ("majority", "union"):
            votes = self.positives().sum(axis=1)
            values = votes > (said / 2 if combination == "majority" else 0)
        else:
            raise UsageError(
                f"{self.name} has no annotator {combination!r}",
                remedy=f"Choose out of {', '.join((*COMBINATIONS, *self.annotators))}.",
            )
        return np.where(said > 0, values, np.nan).astype(np.float32)

    def positives(self) -> NDArray[np.bool_]:
        """Which cells each annotator would keep, ``(T, A) bool``, false where nothing was said."""
        if not self.graded:
            return np.nan_to_num(self.ratings) > 0.5
        with np.errstate(invalid="ignore"):
            return self.ratings > self._lower_median()

    def _lower_median(self) -> NDArray[np.float32]:
        """The median by annotator; the lower one of an even number, as the benchmarks take it."""
        ordered = np.sort(self.ratings, axis=0)  # NaN come last
        said = np.isfinite(self.ratings).sum(axis=0)
        place = np.maximum(0, (said - 1) // 2)
        return np.take_along_axis(ordered, place[None], axis=0)
