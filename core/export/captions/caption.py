"""A caption: what is said in a stretch of a video."""

from __future__ import annotations

from dataclasses import dataclass

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
