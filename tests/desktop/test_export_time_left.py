from __future__ import annotations

import pytest

from desktop.panels.export_time_left import TimeLeft


def test_nothing_is_said_in_the_first_seconds_or_before_anything_is_done() -> None:
    left = TimeLeft(10.0)
    assert left.seconds(0.5, 12.0) is None
    assert left.seconds(0.001, 60.0) is None
    assert left.seconds(1.0, 60.0) is None


def test_steady_work_is_foreseen_exactly() -> None:
    left = TimeLeft(0.0)
    for second in range(4, 20):
        assert left.seconds(second / 20, second) == pytest.approx(20 - second)


def test_a_stop_moves_the_end_little_by_little() -> None:
    left = TimeLeft(0.0)
    assert left.seconds(0.5, 10.0) == pytest.approx(10)
    told = left.seconds(0.5, 12.0)
    assert told is not None
    assert 8 < told < 12
