"""Captions of a video as plain data, and back, within limits."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from core.export.captions.caption import Caption, Captions, Word
from core.project.cuts_file import span_from_json, span_to_json
from core.project.plain_data import is_moment
from core.time import Span, exact

LONGEST_TEXT = 1_000
"""Characters of a caption."""

MOST_CAPTIONS = 20_000
"""Of one video."""

MOST_WORDS = 200_000
"""Of one video, with a known time."""

_LONGEST_WORD = 200


def captions_flaw(captions: Captions) -> str:
    """What is wrong with the captions of a video together, empty if nothing is."""
    if len(captions) > MOST_CAPTIONS:
        return f"a video has at most {MOST_CAPTIONS} captions, not {len(captions)}"
    words = sum(len(one.words) for one in captions)
    if words > MOST_WORDS:
        return f"the captions of a video have at most {MOST_WORDS} words, not {words}"
    if any(one.span.start > other.span.start for one, other in pairwise(captions)):
        return "the captions are not in the order of their begin"
    return ""


def caption_flaw(caption: Caption) -> str:
    """What is wrong with a caption, empty if nothing is."""
    if not is_moment(caption.span.start) or not is_moment(caption.span.end):
        return f"a caption cannot be at {caption.span}"
    if not caption.text.strip() or "\0" in caption.text:
        return f"the caption at {caption.span} has no text"
    if len(caption.text) > LONGEST_TEXT:
        return (
            f"a caption has at most {LONGEST_TEXT} characters: the one at {caption.span} has "
            f"{len(caption.text)}"
        )
    for word in caption.words:
        if not is_moment(word.span.start) or not is_moment(word.span.end):
            return f"a word of the caption at {caption.span} cannot be at {word.span}"
        if not word.text or word.text != word.text.strip() or len(word.text) > _LONGEST_WORD:
            return f"a word of the caption at {caption.span} is empty, endless or has spaces"
    if any(one.span.start > other.span.start for one, other in pairwise(caption.words)):
        return f"the words of the caption at {caption.span} are not in order"
    return ""


def caption_to_json(caption: Caption) -> dict[str, Any]:
    """Plain data of a caption; a word is one text, ``begin end word``, in exact seconds."""
    data: dict[str, Any] = {**span_to_json(caption.span), "text": caption.text}
    if caption.words:
        data["words"] = [f"{one.span.start} {one.span.end} {one.text}" for one in caption.words]
    return data


def caption_from_json(data: Any) -> Caption:
    """A caption from plain data, to be called inside of :func:`.plain_data.damage_in`.

    Args:
        data: As :func:`caption_to_json` makes it; words may be missing.
    """
    span, text, words = span_from_json(data), data["text"], data.get("words", [])
    if not isinstance(text, str) or not isinstance(words, list):
        raise TypeError(data)
    return Caption(span, text, tuple(map(_word, words)))


def _word(item: Any) -> Word:
    if not isinstance(item, str):
        raise TypeError(item)
    start, end, text = item.split(" ", 2)
    return Word(Span(exact(start), exact(end)), text)
