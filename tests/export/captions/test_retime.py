"""Captions follow their cuts into the short."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.captions.caption import Caption, Captions, Word
from core.export.captions.retime import READABLE, Placement, caption_at, retime, without_overlaps
from core.time import Span


def span(start: float, end: float) -> Span:
    return Span(Fraction(start), Fraction(end))


def spoken(start: float, text: str) -> Caption:
    """A caption with one word per second."""
    words = tuple(
        Word(span(start + number, start + number + 1), word)
        for number, word in enumerate(text.split())
    )
    return Caption(Span(words[0].span.start, words[-1].span.end), text, words)


LINE = spoken(10, "one two three four five")


def test_a_caption_moves_with_its_cut() -> None:
    (moved,) = retime([Placement((LINE,), span(8, 20), Fraction(100))])
    assert moved.text == LINE.text
    assert moved.span == span(102, 107)
    assert [word.span.start for word in moved.words] == [102, 103, 104, 105, 106]


def test_words_outside_of_the_cut_are_not_shown() -> None:
    (moved,) = retime([Placement((LINE,), span(10.75, 13.25), Fraction(0))])
    assert moved.text == "two three"
    assert moved.span == span(0, 2.5)
    assert [(word.text, word.span) for word in moved.words] == [
        ("two", span(0.25, 1.25)),
        ("three", span(1.25, 2.25)),
    ]


def test_a_cut_between_two_words_shows_nothing() -> None:
    assert retime([Placement((LINE,), span(14.75, 20), Fraction(0))]) == ()


def test_a_cut_within_japanese_keeps_the_signs_that_are_said() -> None:
    words = tuple(Word(span(n, n + 1), sign) for n, sign in enumerate("今日は晴れ"))
    (moved,) = retime(
        [Placement((Caption(span(0, 5), "今日は晴れ", words),), span(3, 9), Fraction(0))]
    )
    assert moved.text == "晴れ"


def test_without_times_of_words_the_text_stays_whole_and_a_glimpse_is_left_out() -> None:
    plain = Caption(span(10, 14), "Nobody knows when")
    (moved,) = retime([Placement((plain,), span(13, 20), Fraction(5))])
    assert moved == Caption(span(5, 6), "Nobody knows when")
    assert retime([Placement((plain,), span(13.75, 20), Fraction(5))]) == ()


def test_cuts_that_continue_one_another_show_one_caption() -> None:
    cuts = [
        Placement((LINE,), span(9, 12.5), Fraction(3)),
        Placement((LINE,), span(12.5, 13), Fraction(13, 2)),
        Placement((LINE,), span(13, 16), Fraction(7)),
    ]
    (moved,) = retime(cuts)
    assert moved == Caption(
        span(4, 9),
        LINE.text,
        tuple(Word(Span(word.span.start - 6, word.span.end - 6), word.text) for word in LINE.words),
    )


def test_cuts_in_another_order_show_their_own_words() -> None:
    cuts = [
        Placement((LINE,), span(13, 15), Fraction(0)),
        Placement((LINE,), span(10, 12), Fraction(2)),
    ]
    assert [caption.text for caption in retime(cuts)] == ["four five", "one two"]


def test_a_short_caption_is_shown_longer_where_there_is_room() -> None:
    captions = (
        Caption(span(1, 1.25), "Oh!"),
        Caption(span(3, 3.25), "No!"),
        Caption(span(3.5, 6), "…"),
    )
    first, second, _ = retime([Placement(captions, span(0, 10), Fraction(0))])
    assert first.span == Span(Fraction(1), 1 + READABLE)
    assert second.span == Span(Fraction(7, 2) - READABLE, Fraction(7, 2))


def test_it_is_not_shown_over_another_cut() -> None:
    captions = (Caption(span(1.75, 2), "Oh!"),)
    (moved,) = retime([Placement(captions, span(1.5, 2), Fraction(4))])
    assert moved.span == span(4, 4.5)


def test_two_speakers_at_once_share_the_picture() -> None:
    both = without_overlaps([Caption(span(1, 3), "Yes!"), Caption(span(1, 2), "No!")])
    assert [(caption.text, caption.span) for caption in both] == [("No!\nYes!", span(1, 3))]


def test_the_later_caption_takes_over() -> None:
    first, second = without_overlaps([LINE, Caption(span(12, 20), "Stop!")])
    assert first.span == span(10, 12)
    assert [word.text for word in first.words] == ["one", "two"]
    assert second.span == span(12, 20)


@st.composite
def videos(draw: st.DrawFn) -> Captions:
    captions = []
    clock = Fraction(0)
    for number in range(draw(st.integers(0, 6))):
        clock += Fraction(draw(st.integers(-4, 20)), 10)
        clock = max(clock, Fraction(0))
        start = clock
        words = []
        for place in range(draw(st.integers(0, 5))):
            begin = clock + Fraction(draw(st.integers(0, 3)), 10)
            clock = begin + Fraction(draw(st.integers(1, 9)), 10)
            words.append(Word(Span(begin, clock), f"w{number}x{place}"))
        clock += Fraction(draw(st.integers(1, 5)), 10)
        text = " ".join(word.text for word in words) or f"plain {number}"
        captions.append(Caption(Span(start, clock), text, tuple(words)))
    return tuple(sorted(captions, key=lambda caption: caption.span))


@given(
    videos(),
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 60)), min_size=1, max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_every_word_lies_in_its_cut_and_nothing_overlaps(
    captions: Captions, cuts: list[tuple[int, int]]
) -> None:
    placements = []
    reached = Fraction(0)
    for begin, length in cuts:
        placements.append(
            Placement(captions, Span(Fraction(begin, 10), Fraction(begin + length, 10)), reached)
        )
        reached += Fraction(length, 10)
    said = {word.text: word.span for caption in captions for word in caption.words}
    moved = retime(placements)
    for before, after in pairwise(moved):
        assert before.span.end <= after.span.start
    for caption in moved:
        assert 0 <= caption.span.start < caption.span.end <= reached
        assert caption.text.strip()
        for before_word, after_word in pairwise(caption.words):
            assert before_word.span.end <= after_word.span.start
        for word in caption.words:
            assert word.text in caption.text
            assert caption.span.start <= word.span.start < word.span.end <= caption.span.end
            assert any(
                placement.span.start
                <= word.span.start - placement.start + placement.span.start
                < placement.span.end
                and said[word.text].overlaps(
                    Span(
                        word.span.start - placement.start + placement.span.start,
                        word.span.end - placement.start + placement.span.start,
                    )
                )
                for placement in placements
            )


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 30), st.sampled_from(["a", "b", "c"])),
        max_size=12,
    ),
    st.integers(-1, 80),
)
@settings(max_examples=200, deadline=None)
def test_at_any_time_one_caption_is_shown_or_none(
    made: list[tuple[int, int, str]], tenths: int
) -> None:
    apart = without_overlaps(
        Caption(Span(Fraction(begin, 10), Fraction(begin + length, 10)), text)
        for begin, length, text in made
    )
    time = Fraction(tenths, 10) + Fraction(1, 20)
    all_of_them = [one for one in apart if time in one.span]
    assert len(all_of_them) <= 1
    assert caption_at(apart, time) == next(iter(all_of_them), None)
