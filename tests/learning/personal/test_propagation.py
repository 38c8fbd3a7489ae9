from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.learning.personal.propagation import (
    DEFAULT,
    Kernel,
    PropagationSettings,
    Reach,
    propagate,
    spread,
)

CELLS = 120


def made(seed=0, cells=CELLS):
    """Two kinds of pictures in turns of ten cells, and a curve that knows nothing of them."""
    random = np.random.default_rng(seed)
    kind = np.arange(cells) // 10 % 2
    looks = random.normal(0, 1, (2, 32))
    picture = looks[kind] + random.normal(0, 0.3, (cells, 32))
    groups = {"picture": (picture - picture.mean(axis=0)).astype(np.float32)}
    present = {"picture": np.ones(cells, bool)}
    return random.uniform(0.2, 0.8, cells).astype(np.float32), groups, present, kind


def decided(cells=CELLS, *, kept=(), rejected=()):
    wanted = np.full(cells, np.nan, np.float32)
    wanted[list(kept)] = 1
    wanted[list(rejected)] = 0
    return wanted, np.isfinite(wanted).astype(np.float32)


def test_nothing_decided_leaves_the_curve_as_it_is_bit_by_bit():
    base, groups, present, _ = made()
    assert propagate(base, groups, present, *decided()).tobytes() == base.tobytes()


def test_a_decision_without_weight_says_nothing():
    base, groups, present, _ = made()
    wanted, weight = decided(kept=[5])
    assert propagate(base, groups, present, wanted, 0 * weight).tobytes() == base.tobytes()


def test_what_looks_like_a_kept_moment_rises_far_away_too():
    base, groups, present, kind = made()
    wanted, weight = decided(kept=[4, 5], rejected=[14, 15])
    moved = propagate(base, groups, present, wanted, weight) - base
    far = np.arange(CELLS) > 80
    assert moved[far & (kind == 0)].mean() > 0 > moved[far & (kind == 1)].mean()


def test_what_is_near_in_time_follows_where_features_tell_nothing():
    base = np.full(CELLS, 0.5, np.float32)
    wanted, weight = decided(kept=[30], rejected=[90])
    moved = propagate(base, {}, {}, wanted, weight) - base
    assert moved[31] > moved[45] > 0 > moved[75] > moved[89]


def test_distances_in_time_are_those_of_seconds_not_of_cells():
    base = np.full(CELLS, 0.5, np.float32)
    wanted, weight = decided(kept=[30])
    fine = propagate(base, {}, {}, wanted, weight, step=0.5)
    coarse = propagate(base, {}, {}, wanted, weight, step=2.0)
    assert fine[38] == pytest.approx(coarse[32], abs=1e-6)


def test_cells_whose_features_are_not_known_do_not_follow_them():
    base, groups, present, _kind = made()
    present = {"picture": present["picture"].copy()}
    present["picture"][100] = False
    wanted, weight = decided(kept=[4], rejected=[14])
    in_time = replace(DEFAULT, near=Reach(0, 1), far=Reach(0, 1))
    moved = propagate(base, groups, present, wanted, weight, settings=in_time)
    assert moved[100] == base[100]
    assert (moved[101:] != base[101:]).any()


def test_more_weight_moves_more():
    base, groups, present, _ = made()
    wanted, weight = decided(kept=[5])
    light = propagate(base, groups, present, wanted, 0.1 * weight)
    assert light[5] < propagate(base, groups, present, wanted, weight)[5]
    assert light[5] > base[5]


def test_what_moves_the_curve_is_told_by_group():
    base, groups, present, _kind = made()
    wanted, weight = decided(kept=[4, 5], rejected=[14, 15])
    found = spread(base, groups, present, wanted, weight)
    emotion, sound, picture, place = found.parts[110:].mean(axis=0)
    assert (emotion, sound) == (0, 0)
    assert abs(picture) > 0
    assert abs(place) > 0


def test_beside_a_kept_cut_nothing_is_lifted_only_for_lying_there():
    base = np.full(CELLS, 0.5, np.float32)
    settings = replace(DEFAULT, far=Reach(0, 1), beside=False)
    wanted, weight = decided(kept=range(50, 55), rejected=[90])
    after = propagate(base, {}, {}, wanted, weight, settings=settings)
    assert (after[50:55] > 0.5).all()
    assert (after[55:70] <= 0.5).all()
    assert after[91] < 0.5


def test_hundreds_of_stretches_are_followed():
    cells = 3000
    base, groups, present, kind = made(cells=cells)
    edges = np.arange(0, cells - 10, 10)
    kept = [c for edge in edges for c in range(edge, edge + 4) if kind[edge] == 0]
    rejected = [c for edge in edges for c in range(edge, edge + 4) if kind[edge] == 1]
    wanted, weight = decided(cells, kept=kept, rejected=rejected)
    after = propagate(base, groups, present, wanted, weight)
    rest = np.isnan(wanted)
    assert after[rest & (kind == 0)].mean() > after[rest & (kind == 1)].mean() + 0.2


def test_the_same_decisions_give_the_same_curve():
    base, groups, present, _ = made()
    wanted, weight = decided(kept=[4, 60], rejected=[14])
    first, second = (propagate(base, groups, present, wanted, weight) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_curves_at_their_ends_stay_between_0_and_1():
    base, groups, present, _ = made()
    base[:20], base[20:40] = 0, 1
    after = propagate(base, groups, present, *decided(kept=[25, 5], rejected=[30, 10]))
    assert (after >= 0).all()
    assert (after <= 1).all()
    assert np.isfinite(after).all()
    assert after[25] == 1
    assert after[10] == 0


def test_arrays_of_two_lengths_are_refused():
    base, groups, present, _ = made()
    with pytest.raises(UsageError, match="not of one length"):
        propagate(base[:-1], groups, present, *decided(kept=[3]))


@pytest.mark.parametrize(
    "bad",
    [{"prior": 0.0}, {"noise": -1.0}, {"near": Reach(1, 0)}, {"alike": {"smell": Reach(1, 1)}}],
)
def test_settings_that_spread_nothing_are_refused(bad):
    with pytest.raises(UsageError, match="cannot spread"):
        PropagationSettings(**bad)


decisions = st.lists(st.tuples(st.integers(0, 39), st.booleans()), max_size=12)


@given(decisions, st.integers(0, 5))
def test_a_decided_cell_never_moves_against_its_decision(made_decisions, seed):
    base, groups, present, _ = made(seed, 40)
    told = dict(made_decisions)
    kept = [cell for cell, wish in told.items() if wish]
    rejected = [cell for cell, wish in told.items() if not wish]
    after = propagate(base, groups, present, *decided(40, kept=kept, rejected=rejected))
    assert (after[kept] > base[kept]).all()
    assert (after[rejected] < base[rejected]).all()


@given(decisions, st.integers(0, 39), st.booleans(), st.integers(0, 5))
def test_one_more_decision_never_moves_its_own_cell_the_other_way(before, cell, wish, seed):
    base, groups, present, _ = made(seed, 40)
    told = dict(before)
    told.pop(cell, None)
    curves = []
    for several in (told, {**told, cell: wish}):
        kept = [c for c, w in several.items() if w]
        rejected = [c for c, w in several.items() if not w]
        curves.append(propagate(base, groups, present, *decided(40, kept=kept, rejected=rejected)))
    moved = curves[1][cell] - curves[0][cell]
    assert moved >= -1e-6 if wish else moved <= 1e-6


def test_sweeps_through_time_are_the_kernel_of_all_pairs():
    cells = 50
    kernel = Kernel(cells, {}, {}, 1.5, DEFAULT)
    supports = np.array([3, 20, 21])
    pull = np.array([1.0, -2.0, 0.5])
    all_pairs = kernel.between(np.arange(cells))[:, supports] @ pull
    np.testing.assert_allclose(
        kernel.moved(supports, pull, supports).sum(axis=1), all_pairs, atol=1e-6
    )
