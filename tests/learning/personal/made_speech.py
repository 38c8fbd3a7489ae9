"""Made videos in which a buzz speaks in known manners, and what a user says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.learning.emotion_features import cell_frames
from core.learning.library.records import ProjectCorrections, VideoCorrections, VideoFeatures
from core.learning.personal.emotion_lessons import EmotionLesson, emotion_lesson
from core.places import MODELS
from core.project.emotion_corrections import EmotionCorrection
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_coefficients import SpeechCoefficients
from core.signals.speech_emotion import SpeechEmotion
from core.signals.voices import Voices
from core.time import Span
from tests.learning.made import RATE, voice

SHIPPED = MODELS / SpeechEmotion.name
SECONDS = 3
"""That each manner is spoken in, with a second of silence after it."""


@lru_cache
def speech_video(manners: tuple[str, ...], seed: int = 0) -> VideoFeatures:
    """The tracks of a video in which one voice speaks in one manner after the other."""
    random = np.random.default_rng(seed)
    silence = np.zeros(RATE, np.float32)
    sound = [part for name in manners for part in (voice(name, 130.0, random, SECONDS), silence)]
    cells = cell_frames(np.concatenate(sound))
    spoken = np.ones_like(cells.speech)
    spoken[SECONDS :: SECONDS + 1] = 0
    return VideoFeatures(
        Fraction(1),
        {
            SpeechCoefficients.name: cells.frames.astype(np.float16),
            SpeechActivity.name: spoken.astype(np.float16),
        },
        {signal.name: signal.version for signal in (SpeechCoefficients, SpeechActivity)},
    )


def place(number: int) -> Span:
    """The stretch that the ``number``-th manner is spoken in."""
    start = number * (SECONDS + 1)
    return Span(Fraction(start), Fraction(start + SECONDS))


@lru_cache
def hearing() -> tuple[SpeechEmotion, Voices]:
    """What describes the windows of lessons."""
    return SpeechEmotion(SHIPPED), Voices()


def lesson_of(
    manners: tuple[str, ...], said: Mapping[str, Mapping[str, str | float]], video: str, seed: int
) -> EmotionLesson:
    """A video whose user says of every stretch in some manners what is heard there.

    Args:
        manners: One after the other.
        said: By manner, the fields of the corrections.
        video: Its fingerprint.
        seed: Of the voice.
    """
    corrections = [
        EmotionCorrection(place(number), **said[manner])  # type: ignore[arg-type]
        for number, manner in enumerate(manners)
        if manner in said
    ]
    features = speech_video(manners, seed)
    duration = Fraction(len(manners) * (SECONDS + 1))
    return emotion_lesson(video, features, corrections, duration, *hearing())


def project_saying(
    emotions: Sequence[EmotionCorrection], *, name: str = "a", minute: int = 0, video: str = "v"
) -> ProjectCorrections:
    """A project with corrections of what is heard in one video of 40 seconds."""
    one = VideoCorrections(video, Path("clip.mp4"), Fraction(40), emotions=tuple(emotions))
    return ProjectCorrections(
        f"/{name}.json", "", datetime(2025, 1, 1, 12, minute, tzinfo=UTC), (one,)
    )
