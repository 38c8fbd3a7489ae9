"""Writes down what is said: the Whisper networks (Radford et al., 2022) by ``faster-whisper``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from core.errors import UsageError
from core.export.captions.caption import Captions
from core.export.captions.transcribe_child import Recogniser
from core.export.captions.transcribe_chunks import speech_chunks
from core.export.captions.transcribe_words import SpokenWord, group_words
from core.media.probe import MediaInfo
from core.time import Span

_MESSAGE = "Writing down what is said"


def transcribe(
    info: MediaInfo,
    model: str | Path,
    *,
    language: str | None = None,
    allow_download: bool = False,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
    spans: Sequence[Span] | None = None,
) -> Captions:
    """Captions of what is said in a video, with the time of each word.

    The sound is read as a stream and heard in pieces of half a minute at most that begin and end
    in pauses; where nobody speaks, nothing is written. The network runs in a process of its own,
    so that it ends at once when it is cancelled, and gives its memory back.

    Args:
        info: The video; one without sound has no captions.
        model: A folder with a Whisper model for CTranslate2, or the name of one on the hub
            ("small", "large-v3", "owner/name").
        language: Which language is spoken ("ko", "en"); None to hear it in the first piece.
        allow_download: The user agreed that a missing model is fetched from the hub.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked about every 50 ms; true ends the network's process.
        spans: Stretches of the media time axis; None for all of it.

    Raises:
        ConsentNeeded: The model is not on this machine, and downloads were not allowed.
        ModelError: ``faster-whisper`` is not installed, or the model cannot be loaded.
        UsageError: The model does not know the language.
        MediaError: The video cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    progress(0.0, _MESSAGE)
    stretches = _joined(spans, info.duration)
    if info.audio is None or not stretches:
        return ()
    length = sum((span.duration for span in stretches), Fraction(0))
    words: list[SpokenWord] = []
    before = Fraction(0)
    with Recogniser(model, allow_download, cancelled) as recogniser:
        language = _language(recogniser.languages, language, model)
        for span in stretches:

            def heard(time: Fraction, span: Span = span, before: Fraction = before) -> None:
                progress(float((before + time - span.start) / length), _MESSAGE)

            for chunk in speech_chunks(info, span, heard, cancelled):
                found, language = recogniser.hear(chunk, language)
                words += found
            before += span.duration
    progress(1.0, _MESSAGE)
    return group_words(words)


def _joined(spans: Sequence[Span] | None, duration: Fraction) -> list[Span]:
    """The stretches inside of the video in order, those that overlap as one."""
    if spans is None:
        return [Span(Fraction(0), duration)]
    joined: list[Span] = []
    for span in sorted(spans):
        start, end = max(Fraction(0), span.start), min(duration, span.end)
        if start >= end:
            continue
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, end))
        else:
            joined.append(Span(start, end))
    return joined


def _language(known: Sequence[str], language: str | None, model: str | Path) -> str | None:
    if language is None:
        return known[0] if len(known) == 1 else None
    if language not in known:
        raise UsageError(
            f"the speech model {model} does not know the language '{language}'",
            remedy=f"Choose one of {', '.join(known)}, or another model.",
        )
    return language
