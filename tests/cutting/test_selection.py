from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cutting.selection import select


def value(
    gain: np.ndarray, starts: np.ndarray, ends: np.ndarray, chosen: list[tuple[int, int]]
) -> float:
    return sum(float(gain[a:b].sum() + starts[a] + ends[b]) for a, b in chosen)


def best_by_trying_all(
    gain: np.ndarray, starts: np.ndarray, ends: np.ndarray, budget: int, shortest: int,
    longest: int, gap: int,
) -> float:  # fmt: skip
    count = len(gain)
    stretches = [
        (a, b)
        for a in range(count)
        for b in range(a + shortest, min(count, a + longest) + 1)
        if b - a <= budget
    ]
    best = 0.0
    for size in (1, 2, 3):
        for chosen in combinations(stretches, size):
            apart = all(b + gap <= c for (_, b), (c, _) in pairwise(chosen))
            if apart and sum(b - a for a, b in chosen) <= budget:
                best = max(best, value(gain, starts, ends, list(chosen)))
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 8), st.integers(1, 3), st.integers(0, 2))
def test_nothing_else_is_worth_more(seed: int, budget: int, shortest: int, gap: int) -> None:
    generator = np.random.default_rng(seed)
    count, longest = 11, shortest + 3
    gain = generator.normal(0, 1, count)
    starts, ends = generator.normal(-0.5, 0.5, (2, count + 1))
    chosen = select(gain, starts, ends, budget=budget, shortest=shortest, longest=longest, gap=gap)
    assert sum(b - a for a, b in chosen) <= budget
    assert all(shortest <= b - a <= longest for a, b in chosen)
    assert all(b + gap <= c for (_, b), (c, _) in pairwise(chosen))
    if len(chosen) <= 3:
        expected = best_by_trying_all(gain, starts, ends, budget, shortest, longest, gap)
        assert value(gain, starts, ends, chosen) == pytest.approx(expected, abs=1e-4)


def test_the_highest_stretch_is_kept() -> None:
    gain = np.full(100, -0.1)
    gain[40:50] = 1
    nothing = np.zeros(101)
    assert select(gain, nothing, nothing, budget=20, shortest=4, longest=20, gap=2) == [(40, 50)]


def test_nothing_worthwhile_gives_no_cut() -> None:
    nothing = np.zeros(51)
    assert select(-np.ones(50), nothing, nothing, budget=20, shortest=4, longest=20, gap=2) == []


def test_a_video_shorter_than_a_cut_gives_no_cut() -> None:
    nothing = np.zeros(4)
    assert select(np.ones(3), nothing, nothing, budget=20, shortest=4, longest=20, gap=2) == []
