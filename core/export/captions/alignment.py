"""Which part of a caption's text each of its words is, and when every part of it is said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.export.captions.caption import Word
from core.time import Span


@dataclass(frozen=True)
class PlacedWord:
    """A word and where it stands.

    Attributes:
        word: The word.
        begin: Place of its first sign in the text.
        end: Place after its last sign.
    """

    word: Word
    begin: int
    end: int


def place_words(text: str, words: Sequence[Word]) -> list[PlacedWord]:
    """Finds words in a text, in order; those that are not there any more are left out."""
    placed: list[PlacedWord] = []
    reached = 0
    for word in words:
        begin = text.find(word.text, reached) if word.text else -1
        if begin >= 0:
            reached = begin + len(word.text)
            placed.append(PlacedWord(word, begin, reached))
    return placed


class Clock:
    """When each place of a text is said: as the words tell, evenly by length between them.

    Args:
        length: Number of signs of the text.
        span: When the text begins and ends.
        placed: Its known words.
    """

    def __init__(self, length: int, span: Span, placed: Sequence[PlacedWord]) -> None:
        self._places = [0]
        self._times = [span.start]
        for word in placed:
            self._add(word.begin, min(word.word.span.start, span.end))
            self._add(word.end, min(word.word.span.end, span.end))
        self._add(length, span.end)

    def at(self, place: int) -> Fraction:
        """Time in seconds at which a sign of the text begins to be said."""
        index = bisect_right(self._places, place) - 1
        if index == len(self._places) - 1:
            return self._times[-1]
        first, last = self._places[index : index + 2]
        begin, end = self._times[index : index + 2]
        return begin + (end - begin) * Fraction(place - first, last - first)

    def _add(self, place: int, time: Fraction) -> None:
        self._places.append(place)
        self._times.append(max(time, self._times[-1]))
