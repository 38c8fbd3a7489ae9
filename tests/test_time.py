from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.time import Grid, Span, exact, format_timecode, parse_timecode

steps = st.integers(5, 20).map(lambda tenths: Fraction(tenths, 10))
times = st.fractions(0, 20_000, max_denominator=90_000)


@given(times)
def test_a_written_time_reads_back_to_the_hundredth(seconds: Fraction) -> None:
    assert abs(parse_timecode(format_timecode(seconds)) - seconds) <= Fraction(1, 200)


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-3", "1:-2", "12:"])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a time"):
        parse_timecode(text)


@given(steps, times)
def test_every_time_lies_in_its_cell(step: Fraction, seconds: Fraction) -> None:
    grid = Grid(step)
    assert seconds in grid.span(grid.index(seconds))


@given(steps, times)
def test_the_cells_reach_to_the_end_of_the_medium(step: Fraction, duration: Fraction) -> None:
    grid = Grid(step)
    count = grid.count(duration)
    assert grid.start(count) >= duration
    assert count == 1 or grid.start(count - 1) < duration


@given(steps, times, st.fractions(Fraction(1, 100), 100), st.integers(1, 1000))
def test_a_span_covers_at_least_one_cell_and_only_known_ones(
    step: Fraction, start: Fraction, length: Fraction, count: int
) -> None:
    cells = Grid(step).cells(Span(start, start + length), count)
    assert 0 <= cells.start < cells.stop <= count


@pytest.mark.parametrize("step", ["0.4", "2.1", "0.55", "0", "-1"])
def test_an_impossible_grid_is_refused(step: str) -> None:
    with pytest.raises(UsageError, match="grid"):
        Grid(exact(step))


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(UsageError, match="end after it starts"):
        Span(Fraction(2), Fraction(2))
