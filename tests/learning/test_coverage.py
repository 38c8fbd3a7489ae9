"""Which cells stretches cover, and what is left of stretches."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.learning.coverage import covered, merged, touched, without
from core.time import Span

CELLS, TENTH = 12, Fraction(1, 10)
_spans = st.lists(
    st.tuples(st.integers(0, 110), st.integers(1, 60)).map(
        lambda two: Span(two[0] * TENTH, (two[0] + two[1]) * TENTH)
    ),
    max_size=6,
)


def flags(spans: list[Span] | tuple[Span, ...]) -> np.ndarray:
    """Tenths of a second that the spans cover."""
    result = np.zeros(200, bool)
    for span in spans:
        result[int(span.start * 10) : int(span.end * 10)] = True
    return result


@given(_spans, st.integers(1, 10))
def test_cells_are_covered_from_half_of_them_on(spans: list[Span], last: int) -> None:
    """The last cell has so many tenths of a second."""
    tenths = flags(spans)[: CELLS * 10].reshape(CELLS, 10)
    lengths = [10] * (CELLS - 1) + [last]
    expected = [
        row.sum() > 0 and 2 * row.sum() >= n for row, n in zip(tenths, lengths, strict=True)
    ]
    duration = CELLS - 1 + last * TENTH
    pairs = [(span.start, span.end) for span in spans]
    np.testing.assert_array_equal(covered(pairs, CELLS, Fraction(1), duration), expected)


@given(_spans)
def test_cells_are_touched_by_the_least_of_them(spans: list[Span]) -> None:
    tenths = flags(spans)[: CELLS * 10].reshape(CELLS, 10)
    np.testing.assert_array_equal(touched(spans, CELLS, Fraction(1)), tenths.any(axis=1))


@given(_spans, _spans)
def test_what_is_left_is_what_the_others_do_not_cover(one: list[Span], other: list[Span]) -> None:
    left = without(one, other)
    np.testing.assert_array_equal(flags(left), flags(one) & ~flags(other))
    assert all(a.end < b.start for a, b in pairwise(merged(one)))
    assert list(left) == sorted(left)
