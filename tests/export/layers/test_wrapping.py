"""Lines break where readers of the language expect it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.layers.lettering import drawable, width_of
from core.export.layers.wrapping import CLOSING, OPENING, break_lines

SIZE = 20


def lines_of(text: str, signs: float, most: int = 2) -> list[str] | None:
    """Lines as wide as so many Hangul syllables."""
    lines = break_lines(text, SIZE, width_of("가", SIZE) * signs, most)
    return lines if lines is None else [text[slice(*line)] for line in lines]


def test_lines_are_of_even_length() -> None:
    assert lines_of("I never thought that we would win this", 14) == [
        "I never thought that",
        "we would win this",
    ]


def test_a_korean_word_is_not_broken() -> None:
    assert lines_of("누구도 예상하지 못한 순간입니다", 10) == ["누구도 예상하지", "못한 순간입니다"]
    assert lines_of("國民의 힘으로 大韓민국이", 7.5) == ["國民의 힘으로", "大韓민국이"]


def test_a_word_that_alone_is_too_wide_is_broken() -> None:
    lines = lines_of("가나다라마바사아자차!!", 8)
    assert lines is not None
    assert "".join(lines) == "가나다라마바사아자차!!"
    assert lines[1].strip("!")


def test_japanese_breaks_between_signs_but_never_before_closing_ones() -> None:
    text = "今日は、とても「楽しい」一日でした。"
    for width in range(6, 19):
        lines = lines_of(text, width, 9)
        assert lines is not None
        assert "".join(lines) == text
        assert not any(line[0] in CLOSING or line[-1] in OPENING for line in lines)


def test_punctuation_stays_with_its_word() -> None:
    for text in ("정말 좋아요 !", "Vraiment super ?", "( aside ) he said", "- Who is it ?"):
        for width in range(3, 9):
            for line in lines_of(text, width, 9) or []:
                assert any(sign.isalnum() for sign in line), (text, width)


def test_a_text_that_needs_more_lines_is_refused() -> None:
    assert lines_of("one two three four five", 3) is None


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), st.integers(2, 20))
@settings(max_examples=80, deadline=None)
def test_no_line_is_too_wide_and_no_sign_is_lost(text: str, signs: int) -> None:
    shown = drawable(text)
    width = width_of("가", SIZE) * signs
    lines = break_lines(shown, SIZE, width, 100)
    if not shown:
        return
    assert lines is not None
    assert "".join(shown[slice(*line)] for line in lines).replace(" ", "") == shown.replace(" ", "")
    assert all(width_of(shown[slice(*line)], SIZE) <= width + 1 for line in lines)
