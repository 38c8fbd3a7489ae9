"""Captions of videos, moved to where their cuts are in the short."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from core.export.captions.alignment import Clock, place_words
from core.export.captions.caption import Caption, Captions, Word
from core.export.layers.wrapping import unspaced
from core.time import Span

READABLE = Fraction(4, 5)
"""Seconds that a caption is shown at least, where there is room."""

_AT_ONCE = Fraction(3, 10)
_GLIMPSE = Fraction(2, 5)
_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True)
class Placement:
    """A cut and what is said in its video.

    Attributes:
        captions: What is said in the video, in media time.
        span: The stretch of the media time axis that the short shows, in seconds.
        start: When the stretch begins in the short, in seconds.
    """

    captions: Captions
    span: Span
    start: Fraction


def retime(placements: Sequence[Placement]) -> Captions:
    """Moves captions from the time of their videos to the time of the short.

    Of captions that reach over the border of a cut only the words that are said inside stay: a word
    belongs to the side that its middle is on. Where the words are not known, the whole text stays
    unless only a glimpse of it would be seen. Cuts that continue one another in the video and in
    the short are one. No two captions are there at the same time: speakers at once share one, else
    the later takes over. Captions of less than 0.8 s are made longer where their cut has room.

    Args:
        placements: The cuts in playing order.

    Returns:
        The captions in seconds of the short, in order; every word within the place of its cut.
    """
    moved: list[Caption] = []
    for run in _runs(placements):
        place = Span(run.start, run.start + run.span.duration)
        pieces = (_cut(caption, run) for caption in run.captions)
        apart = without_overlaps(piece for piece in pieces if piece is not None)
        moved += _lengthened(apart, place)
    return without_overlaps(moved)


def without_overlaps(captions: Iterable[Caption]) -> Captions:
    """Captions in order, none beginning before the one before it has ended.

    Those that begin together are shown together, one over the other; else the later takes over.
    """
    apart: list[Caption] = []
    for caption in sorted(captions, key=lambda caption: (caption.span.start, caption.span.end)):
        if not apart or apart[-1].span.end <= caption.span.start:
            apart.append(caption)
            continue
        before = apart[-1]
        if caption.text == before.text or caption.span.start - before.span.start < _AT_ONCE:
            apart[-1] = _together(before, caption)
        else:
            apart[-1] = _within(before, Span(before.span.start, caption.span.start))
            apart.append(caption)
    return tuple(apart)


def caption_at(apart: Captions, time: Fraction) -> Caption | None:
    """The caption that is shown at a time.

    Args:
        apart: As :func:`without_overlaps` or :func:`retime` gives them.
        time: In their seconds.
    """
    number = bisect_right(apart, time, key=lambda caption: caption.span.start) - 1
    return apart[number] if number >= 0 and time in apart[number].span else None


def _runs(placements: Iterable[Placement]) -> list[Placement]:
    """The cuts, those that continue one another as one."""
    runs: list[Placement] = []
    for placement in placements:
        if runs:
            before = runs[-1]
            continues = (
                before.span.end == placement.span.start
                and before.start + before.span.duration == placement.start
                and before.captions == placement.captions
            )
            if continues:
                runs[-1] = replace(before, span=Span(before.span.start, placement.span.end))
                continue
        runs.append(placement)
    return runs


def _cut(caption: Caption, run: Placement) -> Caption | None:
    """What of a caption is inside a cut, in seconds of the short."""
    start, end = (
        max(caption.span.start, run.span.start),
        min(caption.span.end, run.span.end),
    )
    text = caption.text if start < end else ""
    if text and (start, end) != (caption.span.start, caption.span.end):
        if caption.words:
            text = _said_within(caption, run.span)
        elif end - start < min(_GLIMPSE, caption.span.duration / 2):
            text = ""
    if not text.strip():
        return None
    shift = run.start - run.span.start
    inside = Caption(Span(start, end), text, caption.words)
    kept = [word for word in caption.words if word.span.middle in run.span]
    within = _within(replace(inside, words=tuple(kept)), inside.span)
    return Caption(
        _moved(within.span, shift),
        text,
        tuple(Word(_moved(word.span, shift), word.text) for word in within.words),
    )


def _said_within(caption: Caption, span: Span) -> str:
    """The part of a caption's text that is said inside a span."""
    placed = place_words(caption.text, caption.words)
    clock = Clock(len(caption.text), caption.span, placed)
    known = {place: word for word in placed for place in range(word.begin, word.end)}
    begin, end = len(caption.text), 0
    for first, last in _parts(caption.text):
        word = known.get(first) or known.get(last - 1)
        middle = word.word.span.middle if word else (clock.at(first) + clock.at(last)) / 2
        if middle in span:
            begin, end = min(begin, first), max(end, last)
    return caption.text[begin:end]


def _parts(text: str) -> Iterable[tuple[int, int]]:
    """Words between spaces; single signs where a script has no spaces."""
    for match in _TOKEN.finditer(text):
        begin = match.start()
        for place in range(match.start() + 1, match.end()):
            if unspaced(text[place]) or unspaced(text[place - 1]):
                yield begin, place
                begin = place
        yield begin, match.end()


def _within(caption: Caption, span: Span) -> Caption:
    """A caption shown for a shorter time, with those times of words that are left."""
    words = []
    for word in caption.words:
        start, end = max(word.span.start, span.start), min(word.span.end, span.end)
        if start < end:
            words.append(Word(Span(start, end), word.text))
    return Caption(span, caption.text, tuple(words))


def _together(first: Caption, second: Caption) -> Caption:
    span = Span(first.span.start, max(first.span.end, second.span.end))
    if first.text == second.text:
        return replace(first, span=span)
    after = not first.words or (
        bool(second.words) and first.words[-1].span.end <= second.words[0].span.start
    )
    words = (*first.words, *second.words) if after else ()
    return Caption(span, f"{first.text}\n{second.text}", words)


def _lengthened(captions: Captions, place: Span) -> list[Caption]:
    """The captions of a cut, too short ones made longer within it: first later, then earlier."""
    longer: list[Caption] = []
    for index, caption in enumerate(captions):
        following = captions[index + 1].span.start if index + 1 < len(captions) else place.end
        before = longer[-1].span.end if longer else place.start
        end = max(caption.span.end, min(caption.span.start + READABLE, following))
        start = min(caption.span.start, max(end - READABLE, before))
        longer.append(replace(caption, span=Span(start, end)))
    return longer


def _moved(span: Span, shift: Fraction) -> Span:
    return Span(span.start + shift, span.end + shift)
