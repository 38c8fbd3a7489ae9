"""What the caption formats share: plain text, and words between the marks of their times."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction

from core.export.captions.alignment import place_words
from core.export.captions.caption import Caption, Word
from core.time import Span


class BadLine(Exception):
    """A caption file is damaged.

    Args:
        happened: What is wrong.
        line: Number of the line, from 1; 0 if none can be named.
    """

    def __init__(self, happened: str, line: int = 0) -> None:
        super().__init__(happened)
        self.line = line


def plain(text: str) -> str:
    """Lines without spaces around them, without empty ones and without control signs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(sign for sign in line if _printed(sign)).strip() for line in lines)
    return "\n".join(line for line in kept if line)


def caption_of(start: Fraction, end: Fraction, text: str, words: Sequence[Word]) -> Caption | None:
    """A caption of a file, or None if it shows nothing or is never seen.

    Args:
        start: Seconds at which it begins.
        end: Seconds at which it ends.
        text: Its text without marks.
        words: Its words; those whose time is not within the caption are left out.
    """
    shown = plain(text)
    if not shown or end <= start:
        return None
    span = Span(start, end)
    inside = [
        Word(word.span, plain(word.text))
        for word in words
        if span.start <= word.span.start and word.span.end <= span.end
    ]
    return Caption(span, shown, tuple(placed.word for placed in place_words(shown, inside)))


def fragments(caption: Caption) -> list[tuple[str, Word | None]]:
    """A caption's plain text in pieces, each with its word if that is known."""
    text = plain(caption.text)
    pieces: list[tuple[str, Word | None]] = []
    reached = 0
    for placed in place_words(text, caption.words):
        if placed.begin > reached:
            pieces.append((text[reached : placed.begin], None))
        pieces.append((text[placed.begin : placed.end], placed.word))
        reached = placed.end
    if reached < len(text):
        pieces.append((text[reached:], None))
    return pieces


def _printed(sign: str) -> bool:
    return sign == "\t" or unicodedata.category(sign) not in ("Cc", "Cs")
