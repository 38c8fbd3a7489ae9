"""Captions are broken into texts that can be read at once, at the times of their words."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.captions.breaking import break_caption
from core.export.captions.caption import Caption, Word
from core.export.layers.lettering import drawable, width_of
from core.time import Span

SIZE = 20
WIDTH = 260.0


def spoken(text: str, start: int = 0, each: Fraction = Fraction(1, 2)) -> Caption:
    """A caption whose words follow one another."""
    words = tuple(
        Word(Span(start + number * each, start + (number + 1) * each), word)
        for number, word in enumerate(text.split())
    )
    return Caption(Span(Fraction(start), words[-1].span.end), text, words)


def test_the_lines_of_the_author_stay_if_they_fit() -> None:
    caption = Caption(Span(Fraction(0), Fraction(2)), "Yes.\nI am very sure of it.")
    shown = break_caption(caption, SIZE, WIDTH)
    assert [text.lines for text in shown] == [("Yes.", "I am very sure of it.")]


def test_three_lines_of_the_author_are_broken_anew() -> None:
    caption = Caption(Span(Fraction(0), Fraction(2)), "one\ntwo\nthree")
    assert [text.lines for text in break_caption(caption, SIZE, WIDTH)] == [("one two three",)]


def test_a_long_caption_becomes_several_at_the_times_of_its_words() -> None:
    caption = spoken("We came here early in the morning. Nobody knew what would happen then at all")
    shown = break_caption(caption, SIZE, WIDTH)
    assert len(shown) == 2
    assert " ".join(shown[0].lines) == "We came here early in the morning."
    assert shown[0].span == Span(Fraction(0), Fraction(7, 2))
    assert shown[1].span == Span(Fraction(7, 2), caption.span.end)
    assert [len(text.words) for text in shown] == [7, 8]


def test_without_times_of_words_the_time_is_shared_by_length() -> None:
    text = "We came here early in the morning. Nobody knew what would happen then at all"
    caption = Caption(Span(Fraction(10), Fraction(20)), text)
    first, second = break_caption(caption, SIZE, WIDTH)
    assert (
        first.span.end == second.span.start == 10 + 10 * Fraction(text.index("Nobody"), len(text))
    )


def test_words_are_found_where_they_are_shown() -> None:
    caption = spoken("우리는 정말로 그날 아침 일찍 여기에 왔습니다")
    for text in break_caption(caption, SIZE, 150):
        for word in text.words:
            found = "".join(text.lines[line][begin:end] for line, begin, end in word.places)
            assert found == next(w.text for w in caption.words if w.span == word.span)


def test_emoji_do_not_move_the_words() -> None:
    words = (
        Word(Span(Fraction(0), Fraction(1)), "Oh🎉"),
        Word(Span(Fraction(1), Fraction(2)), "no!"),
    )
    (text,) = break_caption(
        Caption(Span(Fraction(0), Fraction(2)), "Oh🎉 🎉 no!", words), SIZE, WIDTH
    )
    assert text.lines == ("Oh no!",)
    assert [word.places for word in text.words] == [((0, 0, 2),), ((0, 3, 6),)]


def test_a_caption_of_nothing_that_can_be_drawn_is_left_out() -> None:
    assert break_caption(Caption(Span(Fraction(0), Fraction(1)), "🎉\n\u200b"), SIZE, WIDTH) == []


@given(st.text(max_size=150), st.integers(60, 400))
@settings(max_examples=50, deadline=None)
def test_any_text_is_shown_whole_in_two_lines_at_most(text: str, width: int) -> None:
    span = Span(Fraction(1), Fraction(3))
    shown = break_caption(Caption(span, text), SIZE, width)
    joined = "".join(line for part in shown for line in part.lines)
    assert joined.replace(" ", "") == drawable(text).replace(" ", "")
    for part in shown:
        assert 1 <= len(part.lines) <= 2
        assert all(width_of(line, SIZE) <= width + 1 for line in part.lines)
    if shown:
        assert (shown[0].span.start, shown[-1].span.end) == (span.start, span.end)
    for before, after in pairwise(shown):
        assert before.span.end == after.span.start
