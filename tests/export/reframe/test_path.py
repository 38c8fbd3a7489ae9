"""The window's way: it rests, or moves calmly, whatever the subject does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.export.reframe.path import DEADBAND, FASTEST, calm_path
from core.export.reframe.targets import window_targets

LENGTH = 0.3


def seconds(count: int) -> NDArray[np.float64]:
    return np.arange(count) * 0.2


def test_it_rests_while_the_subject_is_about_the_middle() -> None:
    targets = 0.5 + 0.9 * DEADBAND * LENGTH * np.sin(np.arange(100))
    assert np.ptp(calm_path(targets, seconds(100), LENGTH)) == 0


def test_after_the_subject_has_moved_it_rests_at_the_new_place() -> None:
    targets = np.where(np.arange(80) < 40, 0.3, 0.7)
    way = calm_path(targets, seconds(80), LENGTH)
    assert np.ptp(way[:34]) < 1e-6
    assert np.ptp(way[46:]) < 1e-6
    assert np.abs(way[[0, -1]] - [0.3, 0.7]).max() <= DEADBAND * LENGTH + 1e-6
    assert (np.diff(way) >= -1e-6).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.15, 0.85), min_size=2, max_size=60))
def test_it_is_never_too_fast_and_never_further_out_than_the_subject(places: list[float]) -> None:
    targets = np.array(places)
    way = calm_path(targets, seconds(len(targets)), LENGTH)
    assert np.abs(np.diff(way)).max() / 0.2 <= FASTEST * LENGTH * 1.01 + 1e-6
    assert way.min() >= targets.min() - 1e-9
    assert way.max() <= targets.max() + 1e-9


def test_a_short_glance_elsewhere_does_not_draw_the_window_away() -> None:
    profiles = np.zeros((40, 96), np.float32)
    profiles[:, 20:26] = 1 / 6
    profiles[20, :] = 0
    profiles[20, 80:86] = 1 / 6
    targets = window_targets(profiles, LENGTH, seconds(40))
    assert targets == pytest.approx(23 / 96, abs=0.02)
