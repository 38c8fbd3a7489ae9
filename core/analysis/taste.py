"""What an editor likes beyond the shipped curve: what each group of features adds to it.

A taste shifts the log-odds of the shipped highlight curve. Each group of columns adds a part of its
own, so that the timeline can show what emotion, sound, picture and position have added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

LEAST_ODDS = 1e-4
"""A curve of 0 or 1 counts as this much, or this much less than 1, when it is shifted."""
LARGEST_WEIGHT = 1e6
"""Log-odds per unit of a column; nothing that was fitted comes near."""
LARGEST_SMOOTHING = 100.0
"""Cells."""
_LARGEST_SHIFT = 30.0


@dataclass(frozen=True, eq=False)
class Taste:
    """Linear parts in log-odds, one per group of columns.

    Attributes:
        weights: ``(F,) float32`` by group, in log-odds per unit of a column.
        smoothing: Deviation in cells of the Gaussian over what a group adds.
        strength: Factor of all parts; 0 is the shipped curve.

    Raises:
        UsageError: A number is not finite, or so large that nothing sensible was fitted.
    """

    weights: Mapping[str, NDArray[np.float32]]
    smoothing: float = 1.5
    strength: float = 1.0

    def __post_init__(self) -> None:
        for name, weights in self.weights.items():
            if weights.ndim != 1 or not (np.abs(weights) <= LARGEST_WEIGHT).all():
                raise UsageError(f"the weights of {name} are not those of a taste")
        if not 0 <= self.smoothing <= LARGEST_SMOOTHING or not 0 <= self.strength <= 1:
            raise UsageError(
                f"a taste cannot be smoothed by {self.smoothing} cells, or have the strength "
                f"{self.strength}",
                remedy=f"Choose 0 to {LARGEST_SMOOTHING:g} cells, and a strength from 0 to 1.",
            )

    @property
    def columns(self) -> dict[str, int]:
        """How many columns each group has."""
        return {name: len(weights) for name, weights in self.weights.items()}

    def parts(
        self,
        groups: Mapping[str, NDArray[np.float32]],
        present: Mapping[str, NDArray[np.bool_]],
        base: NDArray[np.float32],
    ) -> dict[str, NDArray[np.float64]]:
        """What each group adds to the log-odds of each cell of a video.

        The mean over the cells in which a group is known is 0 before smoothing: a taste says which
        moments of a video are wanted, not which videos.

        Args:
            groups: ``(T, F) float32`` by group; groups that the taste does not know add nothing.
            present: ``(T,) bool`` by group; where it is false the group adds nothing.
            base: ``(T,) float32`` in 0…1, the shipped curve.

        Returns:
            ``(T,) float64`` by group of the taste; zero for one that the video does not have.

        Raises:
            UsageError: The features are not those of the taste, or not as long as the curve.
        """
        return {
            name: self._part(groups[name], present[name], name, len(base))
            if name in groups
            else np.zeros(len(base))
            for name in self.weights
        }

    def apply(
        self,
        groups: Mapping[str, NDArray[np.float32]],
        present: Mapping[str, NDArray[np.bool_]],
        base: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The personal curve, ``(T,) float32`` in 0…1; the shipped one where nothing is added.

        Args:
            groups: As for :meth:`parts`.
            present: As for :meth:`parts`.
            base: As for :meth:`parts`.

        Raises:
            UsageError: The features are not those of the taste, or not as long as the curve.
        """
        return shifted(base, self.parts(groups, present, base))

    def _part(
        self, rows: NDArray[np.float32], known: NDArray[np.bool_], name: str, cells: int
    ) -> NDArray[np.float64]:
        from scipy.ndimage import gaussian_filter1d

        weights = self.weights[name]
        if rows.shape != (cells, len(weights)) or known.shape != (cells,):
            raise UsageError(
                f"{name} features of {rows.shape} do not fit a taste of {len(weights)} columns and "
                f"a curve of {cells} cells",
                remedy="Analyse the video again, or learn from the corrections again.",
            )
        part = np.zeros(cells)
        if not known.any() or not self.strength:
            return part
        added = (rows[known] @ weights).astype(np.float64)
        part[known] = self.strength * (added - added.mean())
        if self.smoothing:
            part = gaussian_filter1d(part, self.smoothing, mode="nearest")
        return np.where(known, part, 0.0)


def shifted(
    base: NDArray[np.float32], parts: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float32]:
    """A curve whose log-odds are shifted by parts.

    Args:
        base: ``(T,) float32`` in 0…1.
        parts: ``(T,) float64`` by name, in log-odds.

    Returns:
        ``(T,) float32`` in 0…1, the very same curve where the parts add up to 0.
    """
    shift = sum(parts.values(), np.zeros(len(base)))
    odds = np.clip(log_odds(base) + shift, -_LARGEST_SHIFT, _LARGEST_SHIFT)
    return np.where(shift == 0, base, 1 / (1 + np.exp(-odds))).astype(np.float32)


def log_odds(curve: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-odds of a curve in 0…1, ``(T,) float64``, finite everywhere."""
    inside = np.clip(curve.astype(np.float64), LEAST_ODDS, 1 - LEAST_ODDS)
    return np.log(inside / (1 - inside))
