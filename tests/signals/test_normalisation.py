"""What is usual for a speaker or video."""

from __future__ import annotations

import numpy as np
import pytest

from core.signals.speech_emotion import CLIP, Normalisation

USUAL = Normalisation(np.zeros(2, np.float32), np.ones(2, np.float32))


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(5, 3, (20_000, 2)).astype(np.float32)


def test_much_speech_is_itself(rows: np.ndarray) -> None:
    much = Normalisation.of(rows, USUAL, prior=150)
    np.testing.assert_allclose(much.mean, 5, atol=0.1)
    np.testing.assert_allclose(much.deviation, 3, atol=0.1)


def test_few_rows_are_drawn_to_the_fallback(rows: np.ndarray) -> None:
    little = Normalisation.of(rows[:5], USUAL, prior=150)
    assert np.abs(little.mean).max() < 0.5
    assert little.deviation.min() > 0.9
    nothing = Normalisation.of(rows[:0], USUAL, prior=150)
    np.testing.assert_allclose(nothing.mean, USUAL.mean, atol=1e-5)
    np.testing.assert_allclose(nothing.deviation, USUAL.deviation, atol=1e-5)


def test_as_many_rows_as_the_prior_stand_half_way() -> None:
    constant = np.full((30, 2), 4.0, np.float32)
    half = Normalisation.of(constant, USUAL, prior=30)
    np.testing.assert_allclose(half.mean, 2, atol=1e-5)
    np.testing.assert_allclose(half.deviation, np.sqrt(0.5), atol=1e-4)
    weights = [Normalisation.of(constant, USUAL, prior=prior).mean[0] for prior in (1, 30, 900)]
    assert weights == sorted(weights, reverse=True)


def test_a_column_is_made_of_the_rows_that_have_it(rows: np.ndarray) -> None:
    gaps = rows.copy()
    gaps[::2, 1] = np.nan
    found = Normalisation.of(gaps, USUAL, prior=10)
    alone = Normalisation.of(rows[1::2], USUAL, prior=10)
    assert found.mean[1] == pytest.approx(alone.mean[1], abs=1e-5)
    assert found.deviation[1] == pytest.approx(alone.deviation[1], abs=1e-5)
    assert found.mean[0] == Normalisation.of(rows, USUAL, prior=10).mean[0]


def test_a_column_that_nobody_has_is_as_usual() -> None:
    usual = Normalisation(np.array([3, 4], np.float32), np.array([2, 5], np.float32))
    rows = np.stack([np.zeros(50), np.full(50, np.nan)], axis=1)
    found = Normalisation.of(rows, usual, prior=10)
    assert found.mean[1] == pytest.approx(4)
    assert found.deviation[1] == pytest.approx(5, abs=1e-5)
    assert found.mean[0] < 1


def test_rows_that_are_all_the_same_can_still_be_applied(rows: np.ndarray) -> None:
    constant = Normalisation.of(np.full((10_000, 2), 4, np.float32), USUAL, prior=1)
    assert (constant.deviation > 0).all()
    assert np.isfinite(constant.apply(rows)).all()


def test_applied_values_are_deviations_cut_at_the_ends_and_zero_where_unknown() -> None:
    usual = Normalisation(np.array([1, 2], np.float32), np.array([2, 4], np.float32))
    found = usual.apply(np.array([[3, 10], [np.nan, 1e9], [-np.inf, np.inf]], np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[1, 2], [0, CLIP], [-CLIP, CLIP]])


def test_half_precision_rows_lose_nothing_on_the_way(rows: np.ndarray) -> None:
    half = Normalisation.of(rows.astype(np.float16), USUAL, prior=1)
    np.testing.assert_allclose(half.mean, Normalisation.of(rows, USUAL, prior=1).mean, atol=1e-2)
    assert half.mean.dtype == half.deviation.dtype == np.float32
