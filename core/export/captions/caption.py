"""A caption: what is said in a stretch of a video."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from core.time import Span


@dataclass(frozen=True)
class Word:
    """One word of a caption.

    Attributes:
        span: When it is said, on the media time axis, in seconds.
        text: The word with its punctuation, without spaces around it.
    """

    span: Span
    text: str


@dataclass(frozen=True)
class Caption:
    """One caption of a video; it belongs to the video, not to a short, and moves with its cuts.

    Attributes:
        span: When it is shown, on the media time axis, in seconds.
        text: What is shown; line breaks are the author's own.
        words: When each word is said, in order; empty where nobody knows. Once the text was
            edited, only those words are here whose time is still known.
    """

    span: Span
    text: str
    words: tuple[Word, ...] = ()


Captions = tuple[Caption, ...]
"""In order of their begin."""


def captions_within(captions: Captions, spans: Sequence[Span]) -> list[Captions]:
    """The captions of a video that are shown in each of several stretches of it.

    Args:
        captions: In order of their begin; they may overlap.
        spans: The stretches, in any order.
    """
    begins = [caption.span.start for caption in captions]
    # The latest end so far rises, as the ends themselves need not.
    ends = list(accumulate((caption.span.end for caption in captions), max))
    within: list[Captions] = []
    for span in spans:
        near = captions[bisect_right(ends, span.start) : bisect_left(begins, span.end)]
        within.append(tuple(caption for caption in near if caption.span.end > span.start))
    return within
