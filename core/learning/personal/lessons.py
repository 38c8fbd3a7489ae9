"""What one video of the user teaches: its features, the shipped curve, and what was wanted."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError


@dataclass(frozen=True, eq=False)
class Lesson:
    """One video with its corrections, cell by cell.

    Attributes:
        video: Fingerprint of its content, the group that cross-validation holds out together.
        groups: ``(T, F) float32`` by group of columns, as
            :func:`core.analysis.fusion_features.fusion_features` makes them: normalised within the
            video, zero where nothing is known.
        present: ``(T,) bool`` by group: all of it is known in that cell.
        base: ``(T,) float32`` in 0…1, what the shipped weights say.
        wanted: ``(T,) float32`` in 0…1, how much the user wants the cell; NaN where nothing is
            known.
        weight: ``(T,) float32``, 0 or more, how much that counts: 1 for what was decided, little
            for what was seen and left untouched, 0 for nothing.

    Raises:
        UsageError: The parts are not of one length, or a number is not finite or out of its range.
    """

    video: str
    groups: Mapping[str, NDArray[np.float32]]
    present: Mapping[str, NDArray[np.bool_]]
    base: NDArray[np.float32]
    wanted: NDArray[np.float32]
    weight: NDArray[np.float32]

    def __post_init__(self) -> None:
        cells = (self.cells,)
        rows = (self.base, self.wanted, self.weight, *self.present.values())
        if any(row.shape != cells for row in rows) or any(
            values.ndim != 2 or values.shape[:1] != cells for values in self.groups.values()
        ):
            raise self._refusal("are not of one length")
        if self.groups.keys() != self.present.keys():
            raise self._refusal("do not say where each group is known")
        if not all(np.isfinite(values).all() for values in (*self.groups.values(), self.weight)):
            raise self._refusal("hold numbers that are not finite")
        if not ((self.base >= 0) & (self.base <= 1)).all() or (self.weight < 0).any():
            raise self._refusal("hold a curve outside 0 to 1, or a weight below 0")
        known = self.wanted[~np.isnan(self.wanted)]
        if not ((known >= 0) & (known <= 1)).all():
            raise self._refusal("hold a wish outside 0 to 1")

    def _refusal(self, why: str) -> UsageError:
        return UsageError(
            f"the corrections of the video {self.video} {why}",
            remedy="Delete the corrections of this video.",
        )

    @property
    def cells(self) -> int:
        """How many cells the video has."""
        return len(self.base)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells whose wish is known and counts, ``(T,) bool``."""
        return np.isfinite(self.wanted) & (self.weight > 0)

    @property
    def teaches(self) -> bool:
        """Whether two of the cells that count have different wishes."""
        return len(np.unique(self.wanted[self.known])) > 1


def teaching(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons that teach something, in an order that does not depend on theirs.

    Raises:
        UsageError: None of them does; two have not the same groups of columns; or two are of one
            video.
    """
    ordered = sorted((lesson for lesson in lessons if lesson.teaches), key=lambda one: one.video)
    if not ordered:
        raise UsageError(
            "nothing can be learned: no video has a moment that is wanted beside one that is not",
            remedy="Keep some cuts of a video and reject others.",
        )
    widths = {name: rows.shape[1] for name, rows in ordered[0].groups.items()}
    for before, lesson in itertools.pairwise(ordered):
        if before.video == lesson.video:
            raise UsageError(
                f"the video {lesson.video} is there twice",
                remedy="Give the corrections of one video as one lesson.",
            )
        if {name: rows.shape[1] for name, rows in lesson.groups.items()} != widths:
            raise UsageError(
                f"the features of the video {lesson.video} are not those of {ordered[0].video}",
                remedy="Make the features of all corrected videos in the same way.",
            )
    return ordered
