"""Which stretches keep most of the highlight curve within a length: an exact optimum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled


def select(
    gain: NDArray[np.floating],
    starts: NDArray[np.floating],
    ends: NDArray[np.floating],
    *,
    budget: int,
    shortest: int,
    longest: int,
    gap: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[tuple[int, int]]:
    """The set of stretches with the largest sum of gains, found by dynamic programming.

    A knapsack over disjoint intervals: ``best[p, u]`` is the largest value of stretches that end
    by position ``p`` and take ``u`` positions in all. Every stretch adds the gains that it covers,
    plus what its begin and its end are worth.

    Args:
        gain: ``(P,)`` what keeping each position is worth.
        starts: ``(P + 1,)`` what beginning at each position is worth (usually negative).
        ends: ``(P + 1,)`` what ending before each position is worth.
        budget: Most positions to keep in all.
        shortest: Fewest positions of one stretch.
        longest: Most positions of one stretch.
        gap: Fewest positions between two stretches.
        cancelled: Asked at every hundredth position.

    Returns:
        Stretches ``(begin, end)`` in rising order, ``end`` exclusive; empty where none is worth it
        or none fits.
    """
    count = len(gain)
    shortest = max(1, shortest)
    longest = min(longest, budget, count)
    if longest < shortest:
        return []
    total = np.concatenate(([0.0], np.cumsum(gain, dtype=np.float64)))
    lengths = np.arange(shortest, longest + 1)
    used = np.arange(budget + 1)
    remaining = used[None, :] - lengths[:, None]
    possible = remaining >= 0
    before = np.maximum(remaining, 0)
    best = np.zeros((count + 1, budget + 1), np.float32)
    chosen = np.zeros((count + 1, budget + 1), np.int16)
    for end in range(1, count + 1):
        if end % 100 == 0 and cancelled():
            raise Cancelled
        best[end] = best[end - 1]
        fitting = lengths[lengths <= end]
        if fitting.size == 0:
            continue
        begin = end - fitting
        worth = total[end] - total[begin] + starts[begin] + ends[end]
        rows = np.maximum(begin - gap, 0)
        values = np.where(
            possible[: fitting.size],
            best[rows[:, None], before[: fitting.size]] + worth[:, None],
            -np.inf,
        )
        pick = values.argmax(axis=0)
        value = values[pick, used]
        better = value > best[end]
        best[end, better] = value[better]
        chosen[end, better] = fitting[pick[better]]
    return _traced(chosen, best, gap)


def _traced(
    chosen: NDArray[np.int16], best: NDArray[np.float32], gap: int
) -> list[tuple[int, int]]:
    stretches = []
    end, used = len(chosen) - 1, int(best[-1].argmax())
    while end > 0:
        length = int(chosen[end, used])
        if length == 0:
            end -= 1
            continue
        stretches.append((end - length, end))
        used -= length
        end = max(0, end - length - gap)
    return stretches[::-1]
