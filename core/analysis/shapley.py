"""What each of several players adds to what all of them make together."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def shapley(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exact Shapley values (Shapley 1953) of k players, what none of them makes shared equally.

    Args:
        values: ``(2^k, n)``, what the players make whose bits are set in the row's number.

    Returns:
        ``(n, k)``; its rows add up to ``values[-1]``.
    """
    players = len(values).bit_length() - 1
    parts = np.repeat(values[0][:, None] / max(1, players), players, axis=1)
    for player in range(players):
        for others in range(len(values)):
            if others >> player & 1:
                continue
            size = others.bit_count()
            orders = math.factorial(size) * math.factorial(players - size - 1)
            added = values[others | 1 << player] - values[others]
            parts[:, player] += orders / math.factorial(players) * added
    return parts
