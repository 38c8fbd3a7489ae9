"""Edits of the captions of a video, which are known by their number in order of time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from fractions import Fraction

from core.errors import EditRefused
from core.export.captions.caption import Caption, Captions, Word
from core.project.caption_parts import caption_flaw, captions_flaw
from core.project.chosen import known_medium
from core.project.document import Project
from core.time import Span

LEAST_CAPTION = Fraction(1, 10)
"""Seconds; a caption cannot be shown shorter."""


def replace_captions(project: Project, medium: str, captions: Iterable[Caption]) -> Project:
    """With these captions of a video in place of all that it had; those without text are left out.

    Args:
        project: The project.
        medium: Identifier of the video.
        captions: In any order.

    Raises:
        EditRefused: The video is not in the project, or there are captions that cannot be kept.
    """
    return _with(project, medium, (one for one in captions if one.text.strip()))


def edit_caption_text(project: Project, medium: str, number: int, text: str) -> Project:
    """With another text of a caption; words keep their time where they are the same or replaced.

    Raises:
        EditRefused: There is no such caption, or the text is empty or endless.
    """
    old = _caption(project, medium, number)
    if not text.strip():
        raise EditRefused("a caption needs a text", remedy="Delete it if you do not want it.")
    if text == old.text:
        return project
    return _changed(project, medium, number, [replace(old, text=text, words=_kept(old, text))])


def retime_caption(project: Project, medium: str, number: int, span: Span) -> tuple[Project, int]:
    """With another time for a caption.

    Where both ends move by the same distance, its words move with it; where it is trimmed, they
    stay when they are said.

    Returns:
        The project, and the number that the caption has now.

    Raises:
        EditRefused: There is no such caption, or it would be too short or before the video.
    """
    old = _caption(project, medium, number)
    if span.duration < min(LEAST_CAPTION, old.span.duration):
        raise EditRefused(f"a caption lasts at least {float(LEAST_CAPTION):g} s")
    by = span.start - old.span.start
    words = old.words
    if span.duration == old.span.duration:
        words = tuple(replace(one, span=_later(one.span, by)) for one in words)
    new = replace(old, span=span, words=words)
    project = _changed(project, medium, number, [new])
    return project, _number(project, medium, new)


def split_caption(
    project: Project,
    medium: str,
    number: int,
    *,
    seconds: Fraction | None = None,
    place: int | None = None,
) -> Project:
    """With a caption as two, the text of which is parted between words.

    Args:
        project: The project.
        medium: Identifier of the video.
        number: The caption.
        seconds: When the second one begins; None for the begin of its first word, or, where that
            is not known, as much later as its text is longer.
        place: How many characters the first one keeps, as the place of the cursor; None for the
            words that are said before ``seconds``.

    Raises:
        EditRefused: There is no such caption, or a part would be without text or too short.
    """
    old = _caption(project, medium, number)
    if place is None:
        place = _place_at(old, old.span.middle if seconds is None else seconds)
    place = max(0, place)
    begin, end = old.text[:place].rstrip(), old.text[place:].lstrip()
    if not begin or not end:
        raise EditRefused(
            "a part of the caption would be without text",
            remedy="Put the cursor between two words of it.",
        )
    known, first = _words_by_token(old), len(begin.split())
    if not any(map(str.isspace, old.text[place - 1 : place + 1])):
        known.pop(first - 1, None)  # this word itself is parted
    if seconds is None:
        spoken = known[first].span.start if first in known else old.span.start
        share = Fraction(len(begin), len(begin) + len(end))
        later = Fraction(round((old.span.start + share * old.span.duration) * 1000), 1000)
        seconds = spoken if _parts(old.span, spoken) else later
    if not _parts(old.span, seconds):
        raise EditRefused(
            f"a caption lasts at least {float(LEAST_CAPTION):g} s: it cannot be split here",
            remedy="Put the playhead farther inside of it.",
        )
    before = tuple(word for token, word in known.items() if token < first)
    after = tuple(word for token, word in known.items() if token >= first)
    parts = [
        Caption(Span(old.span.start, seconds), begin, before),
        Caption(Span(seconds, old.span.end), end, after),
    ]
    return _changed(project, medium, number, parts)


def merge_captions(project: Project, medium: str, numbers: Collection[int]) -> Project:
    """With neighbours as one caption; a single one is merged with the one after it.

    Raises:
        EditRefused: They are not neighbours, there is none after it, or the text is too long.
    """
    known = known_medium(project, medium).captions
    chosen = sorted(set(numbers))
    if len(chosen) == 1 and chosen[0] + 1 < len(known):
        chosen.append(chosen[0] + 1)
    if len(chosen) < 2:
        raise EditRefused("there is nothing to merge with", remedy="Select two neighbours.")
    if chosen != list(range(chosen[0], chosen[-1] + 1)):
        raise EditRefused("only neighbours can be merged", remedy="Select those between as well.")
    old = [_caption(project, medium, number) for number in chosen]
    whole = Span(old[0].span.start, max(one.span.end for one in old))
    words = sorted((word for one in old for word in one.words), key=lambda word: word.span.start)
    merged = Caption(whole, " ".join(one.text for one in old), tuple(words))
    return _with(project, medium, (*known[: chosen[0]], merged, *known[chosen[-1] + 1 :]))


def delete_captions(project: Project, medium: str, numbers: Collection[int]) -> Project:
    """Without these captions.

    Raises:
        EditRefused: One of them is not there.
    """
    gone = {number for number in numbers if _caption(project, medium, number)}
    known = known_medium(project, medium).captions
    return _with(project, medium, (one for n, one in enumerate(known) if n not in gone))


def add_caption(project: Project, medium: str, caption: Caption) -> tuple[Project, int]:
    """With a caption more.

    Returns:
        The project, and the number of the new caption.

    Raises:
        EditRefused: The video is not in the project, or the caption cannot be kept.
    """
    project = _with(project, medium, (*known_medium(project, medium).captions, caption))
    return project, _number(project, medium, caption)


def _caption(project: Project, medium: str, number: int) -> Caption:
    captions = known_medium(project, medium).captions
    if not 0 <= number < len(captions):
        raise EditRefused("this caption is not there any more")
    return captions[number]


def _number(project: Project, medium: str, caption: Caption) -> int:
    captions = known_medium(project, medium).captions
    return next(number for number, one in enumerate(captions) if one is caption)


def _changed(project: Project, medium: str, number: int, parts: list[Caption]) -> Project:
    known = known_medium(project, medium).captions
    return _with(project, medium, (*known[:number], *parts, *known[number + 1 :]))


def _with(project: Project, medium: str, captions: Iterable[Caption]) -> Project:
    known = known_medium(project, medium)
    before = set(map(id, known.captions))
    after: Captions = tuple(sorted(captions, key=lambda one: one.span.start))
    new = (one for one in after if id(one) not in before)
    changed = replace(known, captions=after)
    flaw = next(filter(None, map(caption_flaw, new)), "") or captions_flaw(after)
    if flaw:
        raise EditRefused(flaw)
    return project.with_medium(changed)


def _parts(span: Span, seconds: Fraction) -> bool:
    return span.start + LEAST_CAPTION <= seconds <= span.end - LEAST_CAPTION


def _later(span: Span, by: Fraction) -> Span:
    start = max(Fraction(0), span.start + by)
    return Span(start, max(span.end + by, start + Fraction(1, 1000)))


def _words_by_token(caption: Caption) -> dict[int, Word]:
    """The words whose time is known, by the number of the word in the text."""
    texts = [word.text for word in caption.words]
    same = SequenceMatcher(None, texts, caption.text.split(), autojunk=False)
    return {
        block.b + step: caption.words[block.a + step]
        for block in same.get_matching_blocks()
        for step in range(block.size)
    }


def _kept(old: Caption, text: str) -> tuple[Word, ...]:
    """The words of another text whose time is known from the one before."""
    known, now = _words_by_token(old), text.split()
    kept: list[Word] = []
    changes = SequenceMatcher(None, old.text.split(), now, autojunk=False)
    for kind, i1, i2, j1, j2 in changes.get_opcodes():
        if kind == "equal" or (kind == "replace" and i2 - i1 == j2 - j1):
            kept += [
                replace(known[before], text=now[after])
                for before, after in zip(range(i1, i2), range(j1, j2), strict=True)
                if before in known
            ]
    return tuple(kept)


def _place_at(caption: Caption, seconds: Fraction) -> int:
    """Where in the text the words begin that are said from a time on."""
    tokens = caption.text.split()
    known = _words_by_token(caption)
    share = (seconds - caption.span.start) / caption.span.duration
    first = round(share * len(tokens))
    later = [token for token, word in known.items() if word.span.middle >= seconds]
    earlier = [token for token, word in known.items() if word.span.middle < seconds]
    if known:
        low = max(earlier, default=-1) + 1
        high = min(later, default=len(tokens))
        first = min(max(first, low), max(low, high))
    first = min(max(first, 1), len(tokens) - 1)
    place = 0
    for token in tokens[:first]:
        place = caption.text.index(token, place) + len(token)
    return place
