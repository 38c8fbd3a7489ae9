"""What the editor says is heard in a stretch of the video, where the recogniser is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import EMOTION_COLUMNS, EMOTION_TRACK, Analysis
from core.errors import UsageError
from core.networks.emotion_classes import EMOTIONS
from core.project.cuts_file import damage_named, finite, span_from_json, span_to_json
from core.time import Grid, Span

_AROUSAL = EMOTION_COLUMNS.index("arousal")
_VALENCE = EMOTION_COLUMNS.index("valence")
_CONFIDENCE = EMOTION_COLUMNS.index("confidence")

_NEEDED = (
    'Each needs "start" and "end" in seconds, and an "emotion", or an "arousal" or a "valence" '
    "from -1 to 1."
)


@dataclass(frozen=True)
class EmotionCorrection:
    """What is heard in a stretch of the video, by the editor's word.

    Attributes:
        span: The stretch, in media time.
        emotion: One of :data:`core.networks.emotion_classes.EMOTIONS`; None leaves the
            recogniser's.
        arousal: −1 (calm) to 1 (excited); None leaves the recogniser's.
        valence: −1 (unpleasant) to 1 (pleasant); None leaves the recogniser's.

    Raises:
        UsageError: Nothing is corrected, the emotion is not known, a number is out of its range,
            or the span begins before the video.
    """

    span: Span
    emotion: str | None = None
    arousal: float | None = None
    valence: float | None = None

    def __post_init__(self) -> None:
        if self.span.start < 0:
            raise UsageError(
                f"a correction cannot begin {float(-self.span.start):g} s before the video"
            )
        if self.emotion is None and self.arousal is None and self.valence is None:
            raise UsageError(
                f"the correction of {self.span} says nothing",
                remedy="Name an emotion, an arousal or a valence.",
            )
        if self.emotion is not None and self.emotion not in EMOTIONS:
            raise UsageError(
                f"'{self.emotion}' is not an emotion that can be shown",
                remedy=f"Choose one of: {', '.join(EMOTIONS)}.",
            )
        for name, value in (("arousal", self.arousal), ("valence", self.valence)):
            if value is not None and not -1 <= value <= 1:
                raise UsageError(f"{name} cannot be {value:g}", remedy="It goes from -1 to 1.")


Corrections = tuple[EmotionCorrection, ...]


def corrected(
    corrections: Iterable[EmotionCorrection], correction: EmotionCorrection
) -> Corrections:
    """With one more correction, which wins wholly over what it overlaps.

    Older corrections lose the stretch that they share with it, with all that they said there, and
    so are trimmed, split or removed.

    Args:
        corrections: None over another.
        correction: The new one.

    Returns:
        In order of time, none over another.
    """
    kept = (*without(corrections, correction.span), correction)
    return tuple(sorted(kept, key=lambda one: one.span))


def without(corrections: Iterable[EmotionCorrection], span: Span) -> Corrections:
    """What is left of corrections outside of a span, in their order."""
    return tuple(
        replace(one, span=Span(start, end))
        for one in corrections
        for start, end in (
            (one.span.start, min(one.span.end, span.start)),
            (max(one.span.start, span.end), one.span.end),
        )
        if start < end
    )


def apply_corrections(
    track: NDArray[np.float32],
    corrections: Iterable[EmotionCorrection],
    grid: Grid,
    *,
    duration: Fraction | None = None,
) -> NDArray[np.float32]:
    """The emotion track with the editor's word where there is one.

    A cell is corrected if its centre lies in the span of a correction; a correction between two
    centres changes nothing. A named emotion gets probability 1 and confidence 1. What a correction
    leaves open stays as it was: where the recogniser heard no speech, arousal and valence stay NaN
    unless they are given (no number is made up from the category), and so do the probabilities
    where only arousal or valence is.

    Args:
        track: ``(T, 10) float32``, columns as :data:`core.analysis.analysis.EMOTION_COLUMNS`.
        corrections: None over another.
        grid: The grid of the track.
        duration: Seconds of the media. The centre of the last cell is that of its part inside the
            media, so that a correction up to the end of the media reaches it.

    Returns:
        A copy, ``(T, 10) float32``.

    Raises:
        UsageError: The track has another shape.
    """
    if track.ndim != 2 or track.shape[1] != len(EMOTION_COLUMNS):
        raise UsageError(f"an emotion track cannot have the shape {track.shape}")
    told = track.copy()
    for one in corrections:
        first = _centres_before(one.span.start, grid, duration)
        cells = told[first : _centres_before(one.span.end, grid, duration)]
        if one.emotion is not None:
            cells[:, : len(EMOTIONS)] = 0.0
            cells[:, EMOTIONS.index(one.emotion)] = 1.0
            cells[:, _CONFIDENCE] = 1.0
        if one.arousal is not None:
            cells[:, _AROUSAL] = one.arousal
        if one.valence is not None:
            cells[:, _VALENCE] = one.valence
    return told


def _centres_before(seconds: Fraction, grid: Grid, duration: Fraction | None) -> int:
    """How many cells have their centre before a time that is not negative."""
    whole = math.ceil(seconds / grid.step - Fraction(1, 2))
    if duration is None:
        return whole
    last = grid.count(duration) - 1
    return last + 1 if seconds > (grid.start(last) + duration) / 2 else min(whole, last)


def corrected_analysis(analysis: Analysis, corrections: Sequence[EmotionCorrection]) -> Analysis:
    """The analysis as the editor corrected it; its highlight curve stays as it was computed.

    Args:
        analysis: As much of it as there is.
        corrections: None over another.
    """
    track = analysis.tracks.get(EMOTION_TRACK)
    if track is None or not corrections:
        return analysis
    duration = analysis.info.duration
    told = apply_corrections(track, corrections, analysis.grid, duration=duration)
    return analysis.with_track(EMOTION_TRACK, told)


def correction_to_json(correction: EmotionCorrection) -> dict[str, Any]:
    """Plain data of a correction; times as in :func:`core.project.cuts_file.span_to_json`."""
    return {
        **span_to_json(correction.span),
        "emotion": correction.emotion,
        "arousal": correction.arousal,
        "valence": correction.valence,
    }


def correction_from_json(data: Any, path: Path) -> EmotionCorrection:
    """A correction from plain data; what it does not correct is null or not there.

    Args:
        data: As :func:`correction_to_json` makes it.
        path: The file that it comes from, for messages.

    Raises:
        ProjectError: Something is missing, is not a number, or is not possible.
    """
    with damage_named("a corrected emotion", _NEEDED, path):
        arousal, valence = (
            None if data.get(name) is None else finite(data[name])
            for name in ("arousal", "valence")
        )
        return EmotionCorrection(span_from_json(data), data.get("emotion"), arousal, valence)
