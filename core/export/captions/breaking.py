"""From a caption to what is shown of it at once: at most two lines that fit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from core.export.captions.alignment import Clock, PlacedWord, place_words
from core.export.captions.caption import Caption, Word
from core.export.captions.styles import MOST_LINES
from core.export.layers.lettering import drawable, width_of
from core.export.layers.wrapping import Piece, even_lines, unbreakable_pieces, unspaced
from core.time import Span

_LONGEST = 600
_SENTENCE_ENDS = frozenset(".!?…。！？")
_PAUSES = frozenset(",;:、，；：")
_LINE_ENDS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


@dataclass(frozen=True)
class ShownWord:
    """A word and where it is shown.

    Attributes:
        span: When it is said, in seconds.
        places: Number of the line, and begin and end in it; more than one for a word that is
            broken.
    """

    span: Span
    places: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class ShownText:
    """What is shown at once.

    Attributes:
        span: When, in seconds.
        lines: One or two lines.
        words: The words in it whose times are known.
    """

    span: Span
    lines: tuple[str, ...]
    words: tuple[ShownWord, ...]


def break_caption(caption: Caption, font_size: int, width: float) -> list[ShownText]:
    """Breaks a caption into lines, and into several texts one after the other if it is long.

    The author's own lines stay if there are at most two and they fit. Else the text is broken
    anew: few texts, each of even lines, the next beginning with a sentence or after a pause where
    that is near, and at the time at which its first word is said; where that is not known, the time
    is shared by length.

    Args:
        caption: What is said.
        font_size: Size of the bundled font in pixels.
        width: Width of a line in pixels at most.

    Returns:
        The texts in order, without gaps; none if nothing of the caption can be drawn.
    """
    drawn = [drawable(line, _LONGEST) for line in _LINE_ENDS.split(caption.text)]
    own = [line for line in drawn if line]
    text = _joined(own)
    words = [Word(word.span, drawable(word.text, _LONGEST)) for word in caption.words]
    placed = place_words(text, words)
    if not text:
        return []
    if len(own) <= MOST_LINES and all(width_of(line, font_size) <= width for line in own):
        groups = [_found_lines(text, own)]
    else:
        groups = _groups(text, font_size, width)
    spans = _times(text, groups, caption.span, placed)
    return [
        _shown(text, group, span, placed) for group, span in zip(groups, spans, strict=True)
    ]  # fmt: skip


def _joined(lines: Sequence[str]) -> str:
    text = ""
    for line in lines:
        glued = not text or (unspaced(text[-1]) and unspaced(line[0]))
        text += line if glued else f" {line}"
    return text[:_LONGEST].rstrip()


def _found_lines(text: str, lines: Sequence[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for line in lines:
        begin = text.index(line, pieces[-1][1] if pieces else 0)
        pieces.append((begin, begin + len(line)))
    return pieces


def _groups(text: str, font_size: int, width: float) -> list[list[Piece]]:
    """Lines of each text that is shown at once, chosen so that the whole reads well."""
    pieces = unbreakable_pieces(text, font_size, width)
    best: list[tuple[float, list[list[Piece]]] | None] = [(0.0, []), *[None] * len(pieces)]
    for first, _ in enumerate(pieces):
        way = best[first]
        if way is None:
            continue
        for last in range(first, len(pieces)):
            lines = even_lines(text, pieces[first : last + 1], font_size, width, MOST_LINES)
            if lines is None:
                break
            cost = way[0] + _cost(text, lines, font_size, width, is_last=last == len(pieces) - 1)
            known = best[last + 1]
            if known is None or cost < known[0]:
                best[last + 1] = (cost, [*way[1], lines])
    found = best[len(pieces)]
    return found[1] if found is not None else []


def _cost(
    text: str, lines: list[Piece], font_size: int, width: float, *, is_last: bool
) -> float:  # fmt: skip
    """What speaks against showing these lines at once; 1 for a text more than needed."""
    widths = [width_of(text[slice(*line)], font_size) / width for line in lines]
    cost = 1 + 0.3 * (max(widths) - min(widths)) + 0.5 * max(0.0, 1.0 - sum(widths))
    end = text[lines[-1][1] - 1]
    if not is_last and end not in _SENTENCE_ENDS:
        cost += 0.2 if end in _PAUSES else 0.45
    return cost


def _times(
    text: str, groups: list[list[Piece]], span: Span, placed: Sequence[PlacedWord]
) -> list[Span]:
    begins = [lines[0][0] for lines in groups]
    for clock in (Clock(len(text), span, placed), Clock(len(text), span, [])):
        borders = [span.start, *(clock.at(begin) for begin in begins[1:]), span.end]
        if all(first < last for first, last in pairwise(borders)):
            break
    return [Span(first, last) for first, last in pairwise(borders)]


def _shown(text: str, lines: list[Piece], span: Span, placed: Sequence[PlacedWord]) -> ShownText:
    words = []
    for word in placed:
        places = tuple(
            (number, max(word.begin, begin) - begin, min(word.end, end) - begin)
            for number, (begin, end) in enumerate(lines)
            if word.begin < end and word.end > begin
        )
        if places:
            words.append(ShownWord(word.word.span, places))
    return ShownText(span, tuple(text[begin:end] for begin, end in lines), tuple(words))


def frames_of(span: Span, frame_rate: Fraction, frames: int) -> range:
    """Numbers of the frames that begin within a span, in a short of so many frames."""
    first, last = (math.ceil(time * frame_rate) for time in (span.start, span.end))
    return range(max(0, first), max(0, min(last, frames)))
