from __future__ import annotations

import unicodedata
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.captions.transcribe_words import LONGEST, WIDEST, SpokenWord, group_words


def spoken(text: str, *, pace: Fraction = Fraction(3, 10)) -> list[SpokenWord]:
    """Words one after the other without pauses."""
    return [
        SpokenWord(number * pace, (number + 1) * pace, f" {word}")
        for number, word in enumerate(text.split())
    ]


def texts(words: list[SpokenWord]) -> list[str]:
    return [caption.text for caption in group_words(words)]


def test_a_sentence_is_a_caption() -> None:
    assert texts(spoken("He gave it! She did not. “Why?” she said")) == [
        "He gave it!",
        "She did not.",
        "“Why?”",
        "she said",
    ]


def test_a_point_inside_of_a_word_ends_no_sentence() -> None:
    words = [
        SpokenWord(Fraction(n), Fraction(n + 1), text)
        for n, text in enumerate([" It", " costs", " 3", ".", "50", " now"])
    ]
    assert texts(words) == ["It costs 3.50 now"]


def test_a_pause_begins_a_new_caption() -> None:
    words = spoken("one two three four")
    late = [SpokenWord(w.start + 2, w.end + 2, w.text) for w in words[2:]]
    assert texts([*words[:2], *late]) == ["one two", "three four"]


def test_a_long_sentence_is_divided_evenly_and_at_its_comma() -> None:
    long = "this sentence is much too long for one caption of a short"
    left, right = texts(spoken(long))
    assert abs(len(left) - len(right)) < 8
    comma = "when the rain came over the lake, we all went home again"
    assert texts(spoken(comma)) == ["when the rain came over the lake,", "we all went home again"]


def test_korean_takes_two_columns_a_letter_and_chinese_has_no_spaces() -> None:
    korean = texts(spoken("우리는 어제 호숫가에서 작은 배를 타고 바람을 맞으며 놀았습니다"))
    assert len(korean) == 2
    chinese = [SpokenWord(Fraction(n), Fraction(n + 1), c) for n, c in enumerate("我们。回家")]
    assert texts(chinese) == ["我们。", "回家"]


def test_slow_speech_is_divided_by_its_time() -> None:
    captions = group_words(spoken("we waited for her", pace=Fraction(5, 2)))
    assert all(caption.span.duration <= LONGEST for caption in captions)
    assert " ".join(caption.text for caption in captions) == "we waited for her"


def test_a_short_word_stays_to_be_read_until_the_next_comes() -> None:
    first, second = group_words(
        [
            SpokenWord(Fraction(0), Fraction(1, 5), " Go!"),
            SpokenWord(Fraction(1, 2), Fraction(7, 10), " Go!"),
        ]
    )
    assert (first.span.start, first.span.end) == (0, Fraction(1, 2))
    assert (second.span.start, second.span.end) == (Fraction(1, 2), Fraction(3, 2))


times = st.integers(0, 3000).map(lambda hundredths: Fraction(hundredths, 100))
letters = st.text("abc가.,! ", min_size=0, max_size=12)


@given(st.lists(st.builds(SpokenWord, times, times, letters), max_size=40))
@settings(max_examples=50, deadline=None)
def test_any_words_give_captions_in_order_with_all_their_text(words: list[SpokenWord]) -> None:
    captions = group_words(words)
    said = "".join(word.text for word in words)
    assert "".join("".join(c.text for c in captions).split()) == "".join(said.split())
    for before, caption in pairwise(captions):
        assert before.span.end <= caption.span.start
    for caption in captions:
        assert caption.words
        assert caption.span.start == caption.words[0].span.start
        assert caption.words[-1].span.end <= caption.span.end
        for word, following in pairwise(caption.words):
            assert word.span.end <= following.span.start
        if len(caption.words) > 1:
            wide = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in caption.text)
            assert wide <= WIDEST
            assert caption.span.duration <= LONGEST
