"""The highlight curve as an editor's taste shifts it, still made of parts that add up to it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.analysis.highlight import CONTRIBUTIONS, Highlight
from core.analysis.shapley import shapley
from core.analysis.taste import Taste, shifted


def with_taste(
    curve: Highlight,
    taste: Taste,
    groups: Mapping[str, NDArray[np.float32]],
    present: Mapping[str, NDArray[np.bool_]],
    version: str,
) -> Highlight:
    """A curve after a taste.

    What each group changes is its Shapley value among the groups of the taste; it is added to what
    the group gave to the curve before, and may be below zero.

    Args:
        curve: ``n`` cells, as the shipped weights say.
        taste: What shifts it.
        groups: ``(n, F) float32`` by group, normalised within the video.
        present: ``(n,) bool`` by group.
        version: Of the taste.

    Raises:
        UsageError: The features are not those of the taste.
    """
    parts = taste.parts(groups, present, curve.score)
    telling = {group: part for group, part in parts.items() if part.any()}
    if not telling:
        return curve
    order = list(telling)
    made = np.stack(
        [
            shifted(curve.score, {order[bit]: telling[order[bit]] for bit in _bits(chosen)})
            for chosen in range(2 ** len(order))
        ]
    ).astype(np.float64)
    shares = shapley(made) - made[0][:, None] / len(order)
    contributions = curve.contributions.copy()
    contributions[:, [CONTRIBUTIONS.index(group) for group in order]] += shares.astype(np.float32)
    return Highlight(
        made[-1].astype(np.float32),
        contributions,
        f"{curve.source}; shifted by what was learned from your corrections",
        f"{curve.model}+taste-{version}",
    )


def _bits(number: int) -> list[int]:
    return [bit for bit in range(number.bit_length()) if number >> bit & 1]
