from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.export.captions.caption import Caption, captions_within
from core.time import Span

spans = st.builds(
    lambda start, length: Span(Fraction(start, 4), Fraction(start + length, 4)),
    st.integers(0, 60),
    st.integers(1, 40),
)


@given(st.lists(spans, max_size=20), st.lists(spans, max_size=5))
def test_a_stretch_has_the_captions_that_are_seen_in_it(
    shown: list[Span], stretches: list[Span]
) -> None:
    captions = tuple(Caption(span, f"{n}") for n, span in enumerate(sorted(shown)))
    assert captions_within(captions, stretches) == [
        tuple(caption for caption in captions if caption.span.overlaps(stretch))
        for stretch in stretches
    ]
