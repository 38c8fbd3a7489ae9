"""Words in their time become captions that can be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.export.captions.caption import Caption, Captions, Word
from core.time import Span

WIDEST = 42
"""Columns of a caption at most; a letter of Korean, Chinese or Japanese takes two."""
LONGEST = Fraction(6)
"""Seconds of a caption at most."""

_PAUSE = Fraction(7, 10)
_LEAST = Fraction(1)
_SHORTEST_WORD = Fraction(1, 50)
_ENDS = ".?!…。？！"
_COMMAS = ",;:—、，；"
_CLOSING = "\"'”’)]»」』"


@dataclass(frozen=True)
class SpokenWord:
    """A word as the recogniser gives it.

    Attributes:
        start: On the media time axis, in seconds.
        end: On the media time axis, in seconds.
        text: With the space before it, where the language has one.
    """

    start: Fraction
    end: Fraction
    text: str


def group_words(words: Sequence[SpokenWord]) -> Captions:
    """Captions of readable length.

    They break at pauses and ends of sentences; what is still too wide or too long is divided where
    both parts are about the same, rather at a pause or a comma.

    Args:
        words: In the order in which they are said; times that overlap or run back are put right.
    """
    groups = [group for run in _runs(list(_in_order(words))) for group in _divided(run)]
    captions: list[Caption] = []
    for number, group in enumerate(groups):
        start, end = group[0].start, group[-1].end
        wanted = start + _LEAST
        if number + 1 < len(groups):
            wanted = min(wanted, groups[number + 1][0].start)
        said = tuple(Word(Span(word.start, word.end), word.text.strip()) for word in group)
        captions.append(Caption(Span(start, max(end, wanted)), _text(group), said))
    return tuple(captions)


def _in_order(words: Sequence[SpokenWord]) -> Iterator[SpokenWord]:
    last = Fraction(0)
    for word in words:
        if not word.text.strip():
            continue
        start = max(word.start, last)
        end = min(max(word.end, start + _SHORTEST_WORD), start + LONGEST)
        yield SpokenWord(start, end, word.text)
        last = end


def _runs(words: Sequence[SpokenWord]) -> Iterator[list[SpokenWord]]:
    """Stretches between pauses and ends of sentences."""
    run: list[SpokenWord] = []
    for word in words:
        if run and (word.start - run[-1].end >= _PAUSE or _closes(run[-1], word, _ENDS)):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _closes(word: SpokenWord, following: SpokenWord, marks: str) -> bool:
    """Whether a mark ends this word; the dot in "3.5" and in ".com" does not."""
    bare = word.text.rstrip().rstrip(_CLOSING)
    if not bare or bare[-1] not in marks:
        return False
    return following.text[:1].isspace() or ord(bare[-1]) > 0x2000


def _divided(words: list[SpokenWord]) -> list[list[SpokenWord]]:
    if len(words) == 1 or _fits(words):
        return [words]
    place = min(range(1, len(words)), key=lambda index: _badness(words, index))
    return [*_divided(words[:place]), *_divided(words[place:])]


def _fits(words: Sequence[SpokenWord]) -> bool:
    return _width(_text(words)) <= WIDEST and words[-1].end - words[0].start <= LONGEST


def _badness(words: Sequence[SpokenWord], place: int) -> float:
    """How far a division is from the middle, in columns; pauses and commas draw it to them."""
    left, right = words[:place], words[place:]
    uneven = abs(_width(_text(left)) - _width(_text(right))) / 2
    if _closes(left[-1], right[0], _COMMAS):
        uneven -= WIDEST / 4
    return uneven - float(right[0].start - left[-1].end) * WIDEST / 2


def _text(words: Sequence[SpokenWord]) -> str:
    return "".join(word.text for word in words).strip()


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
