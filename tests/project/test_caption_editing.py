from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import EditRefused
from core.export.captions.caption import Caption, Captions, Word
from core.project import caption_editing as verbs
from core.project.caption_parts import caption_flaw, captions_flaw
from core.project.document import Project
from core.time import Span
from tests.project.projects import captions, edited, spans


def said(start: float, end: float, text: str, *, words: bool = True) -> Caption:
    """A caption whose words fill it evenly."""
    begin, tokens = Fraction(start), text.split()
    step = (Fraction(end) - begin) / len(tokens)
    times = [Span(begin + n * step, begin + (n + 1) * step) for n in range(len(tokens))]
    known = tuple(Word(span, token) for span, token in zip(times, tokens, strict=True))
    return Caption(Span(begin, Fraction(end)), text, known if words else ())


def of(state: Project) -> Captions:
    return state.media[0].captions


def project(*captions: Caption) -> Project:
    return verbs.replace_captions(edited(), "a", captions)


def texts(state: Project) -> list[str]:
    return [one.text for one in of(state)]


def timed(caption: Caption) -> list[tuple[str, float]]:
    return [(word.text, float(word.span.start)) for word in caption.words]


FOUR = said(0, 4, "one two three four")


def test_imported_captions_are_put_in_order_without_empty_ones() -> None:
    empty = Caption(Span(Fraction(0), Fraction(1)), " \n")
    assert texts(project(said(3, 4, "b"), empty, said(1, 2, "a"))) == ["a", "b"]


@pytest.mark.parametrize(
    "wrong",
    [
        Caption(Span(Fraction(-1), Fraction(1)), "a"),
        Caption(Span(Fraction(0), Fraction(1)), "a" * 1001),
        Caption(Span(Fraction(0), Fraction(1)), "a\0b"),
        Caption(Span(Fraction(0), Fraction(1, 10**19)), "a"),
        Caption(Span(Fraction(0), Fraction(1)), "a", (Word(Span(Fraction(0), Fraction(1)), ""),)),
    ],
)
def test_what_cannot_be_kept_is_refused(wrong: Caption) -> None:
    with pytest.raises(EditRefused):
        project(said(1, 2, "a"), wrong)
    with pytest.raises(EditRefused):
        verbs.add_caption(project(), "a", wrong)


def test_of_a_video_that_is_gone_there_are_none_to_edit() -> None:
    with pytest.raises(EditRefused, match="not in the project"):
        verbs.replace_captions(edited(), "b", [FOUR])
    with pytest.raises(EditRefused, match="not there any more"):
        verbs.edit_caption_text(project(FOUR), "a", 1, "x")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("one two three four", [("one", 0), ("two", 1), ("three", 2), ("four", 3)]),
        ("one too three four", [("one", 0), ("too", 1), ("three", 2), ("four", 3)]),
        ("two three four", [("two", 1), ("three", 2), ("four", 3)]),
        ("one and two three four!", [("one", 0), ("two", 1), ("three", 2), ("four!", 3)]),
        ("one twothree four", [("one", 0), ("four", 3)]),
        ("one\ntwo three four", [("one", 0), ("two", 1), ("three", 2), ("four", 3)]),
        ("하나 둘", []),
    ],
)
def test_words_that_stay_or_are_corrected_keep_their_time(
    text: str, known: list[tuple[str, float]]
) -> None:
    (caption,) = of(verbs.edit_caption_text(project(FOUR), "a", 0, text))
    assert caption.text == text
    assert timed(caption) == known
    assert caption.span == FOUR.span


def test_edited_again_the_words_that_are_left_keep_their_time() -> None:
    state = verbs.edit_caption_text(project(FOUR), "a", 0, "one new two three four")
    state = verbs.edit_caption_text(state, "a", 0, "one new two three five")
    assert timed(of(state)[0]) == [("one", 0), ("two", 1), ("three", 2), ("five", 3)]


def test_a_text_cannot_be_taken_away() -> None:
    with pytest.raises(EditRefused, match="Delete it"):
        verbs.edit_caption_text(project(FOUR), "a", 0, " \n ")


def test_moved_its_words_go_along_and_trimmed_they_stay() -> None:
    state = project(FOUR, said(10, 11, "later"))
    moved, number = verbs.retime_caption(state, "a", 0, Span(Fraction(20), Fraction(24)))
    assert number == 1
    assert timed(of(moved)[1]) == [("one", 20), ("two", 21), ("three", 22), ("four", 23)]
    trimmed, number = verbs.retime_caption(state, "a", 0, Span(Fraction(1), Fraction(4)))
    assert (number, timed(of(trimmed)[0])) == (0, timed(FOUR))
    with pytest.raises(EditRefused, match="at least"):
        verbs.retime_caption(state, "a", 0, Span(Fraction(1), Fraction(101, 100)))


def test_split_at_a_time_the_words_said_before_it_come_first() -> None:
    first, second = of(verbs.split_caption(project(FOUR), "a", 0, seconds=Fraction(3)))
    assert (first.text, second.text) == ("one two three", "four")
    assert (first.span.end, second.span.start) == (3, 3)
    assert [timed(first), timed(second)] == [timed(FOUR)[:3], timed(FOUR)[3:]]


def test_split_at_the_cursor_the_second_begins_when_its_first_word_is_said() -> None:
    first, second = of(verbs.split_caption(project(FOUR), "a", 0, place=4))
    assert (first.text, second.text) == ("one", "two three four")
    assert second.span == Span(Fraction(1), Fraction(4))
    assert [timed(first), timed(second)] == [timed(FOUR)[:1], timed(FOUR)[1:]]


def test_split_inside_of_a_word_neither_half_has_its_time() -> None:
    first, second = of(verbs.split_caption(project(FOUR), "a", 0, place=6))
    assert (first.text, second.text) == ("one tw", "o three four")
    assert [timed(first), timed(second)] == [timed(FOUR)[:1], timed(FOUR)[2:]]


def test_without_known_words_a_split_follows_the_length_of_the_text() -> None:
    caption = said(0, 4, "abcd\nabcd abcd abcd", words=False)
    state = project(caption)
    first, second = of(verbs.split_caption(state, "a", 0, place=4))
    assert (first.text, second.text) == ("abcd", "abcd abcd abcd")
    assert 0.8 <= float(second.span.start) <= 1
    first, second = of(verbs.split_caption(state, "a", 0, seconds=Fraction(2)))
    assert (first.text, second.text) == ("abcd\nabcd", "abcd abcd")


@pytest.mark.parametrize("place", [0, -3, 18, 99])
def test_a_part_without_text_is_refused(place: int) -> None:
    with pytest.raises(EditRefused, match="without text"):
        verbs.split_caption(project(FOUR), "a", 0, place=place)


def test_a_part_without_time_is_refused() -> None:
    for seconds in (Fraction(0), Fraction(1, 20), Fraction(4), Fraction(9)):
        with pytest.raises(EditRefused, match="cannot be split here"):
            verbs.split_caption(project(FOUR), "a", 0, seconds=seconds)
    with pytest.raises(EditRefused, match="without text"):
        verbs.split_caption(project(said(0, 2, "one")), "a", 0, seconds=Fraction(1))


def test_split_and_merged_it_is_as_before() -> None:
    state = verbs.split_caption(project(FOUR), "a", 0, place=7)
    assert of(verbs.merge_captions(state, "a", [0])) == (FOUR,)


def test_only_neighbours_are_merged() -> None:
    state = project(said(0, 1, "a"), said(1, 2, "b"), said(2, 3, "c"))
    assert texts(verbs.merge_captions(state, "a", [1, 0, 2])) == ["a b c"]
    assert texts(verbs.merge_captions(state, "a", [1])) == ["a", "b c"]
    for numbers in ([0, 2], [2], []):
        with pytest.raises(EditRefused):
            verbs.merge_captions(state, "a", numbers)


def test_deleted_ones_are_gone_and_new_ones_are_where_they_belong() -> None:
    state = project(said(0, 1, "a"), said(1, 2, "b"), said(2, 3, "c"))
    assert texts(verbs.delete_captions(state, "a", [0, 2])) == ["b"]
    state, number = verbs.add_caption(state, "a", said(1.5, 4, "new"))
    assert (number, texts(state)) == (2, ["a", "b", "new", "c"])


numbers = st.integers(-1, 4)
edits = st.one_of(
    st.builds(lambda n, t: lambda p: verbs.edit_caption_text(p, "a", n, t), numbers, st.text()),
    st.builds(lambda n, s: lambda p: verbs.retime_caption(p, "a", n, s)[0], numbers, spans),
    st.builds(
        lambda n, s: lambda p: verbs.split_caption(p, "a", n, seconds=s), numbers,
        st.fractions(0, 10_000),
    ),
    st.builds(
        lambda n, c: lambda p: verbs.split_caption(p, "a", n, place=c), numbers, st.integers(-1, 30)
    ),
    st.builds(lambda n: lambda p: verbs.merge_captions(p, "a", n), st.sets(numbers)),
    st.builds(lambda n: lambda p: verbs.delete_captions(p, "a", n), st.sets(numbers)),
)  # fmt: skip


@settings(deadline=None)
@given(captions, st.lists(edits, max_size=6))
def test_whatever_is_edited_the_captions_can_be_kept(captions: Captions, edits: list) -> None:
    state = project(*captions)
    for edit in edits:
        with suppress(EditRefused):
            state = edit(state)
        assert not captions_flaw(of(state))
        assert not any(map(caption_flaw, of(state)))
