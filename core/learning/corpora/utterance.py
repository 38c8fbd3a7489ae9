"""One utterance of a corpus, and what its emotion says about arousal and valence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.networks.emotion_classes import EMOTIONS

AROUSAL_VALENCE: Mapping[str, tuple[float, float]] = {
    "neutral": (0.0, 0.0),
    "happy": (0.6, 0.8),
    "surprise": (0.7, 0.2),
    "angry": (0.8, -0.7),
    "fear": (0.6, -0.6),
    "sad": (-0.5, -0.7),
    "disgust": (0.2, -0.6),
    "boredom": (-0.6, -0.3),
    "calm": (-0.5, 0.3),
}
"""Arousal and valence, -1 to 1, that stand in for a category where nobody rated them.

The quadrants and the order are those of Russell's circumplex (1980): happiness and surprise are
excited and pleasant, anger, fear and disgust excited and unpleasant, sadness and boredom quiet
and unpleasant, calm quiet and pleasant. The numbers are a rounded convention of this project, not
measurements; ratings by people take their place, each dimension by itself. Boredom and calm have
a place here but are none of the seven classes.
"""

DIMENSIONS = ("arousal", "valence")

Distribution = tuple[float, ...]
"""Seven probabilities in the order of EMOTIONS."""


@dataclass(frozen=True)
class Utterance:
    """A stretch of speech with what is known of it.

    Args:
        corpus: Name of the corpus.
        name: Unique within the corpus.
        file: Sound file.
        start: Seconds.
        end: Seconds, None for the end of the file.
        speaker: Unique over all corpora.
        session: Recording session, unique over all corpora; the speaker if there is no other.
        emotion: The category it was acted or labelled as, ``boredom`` and ``calm`` among them;
            None if none or several were named.
        distribution: Seven probabilities in the order of EMOTIONS, None if it has no class.
        arousal: -1 to 1, None if unknown.
        valence: -1 to 1, None if unknown.
        rated: Which of :data:`DIMENSIONS` people rated; others follow from the category.
        licence: SPDX identifier, or a sentence.
    """

    corpus: str
    name: str
    file: Path
    start: float
    end: float | None
    speaker: str
    session: str
    emotion: str | None
    distribution: Distribution | None
    arousal: float | None
    valence: float | None
    rated: tuple[str, ...]
    licence: str


def dimensions(
    ratings: tuple[float | None, float | None], place_of_category: tuple[float, float] | None
) -> tuple[float | None, float | None, tuple[str, ...]]:
    """Arousal and valence, and which of them are ratings; the place fills in what nobody rated."""
    rated = tuple(
        name for name, value in zip(DIMENSIONS, ratings, strict=True) if value is not None
    )
    place = place_of_category or (None, None)
    arousal, valence = (
        usual if value is None else value for value, usual in zip(ratings, place, strict=True)
    )
    return arousal, valence, rated


def one_hot(emotion: str) -> Distribution:
    """A distribution that is certain of one class."""
    return tuple(1.0 if name == emotion else 0.0 for name in EMOTIONS)


def expected_dimensions(distribution: Distribution) -> tuple[float, float]:
    """Arousal and valence that a distribution over the classes stands for."""
    points = [AROUSAL_VALENCE[name] for name in EMOTIONS]
    arousal = sum(share * point[0] for share, point in zip(distribution, points, strict=True))
    valence = sum(share * point[1] for share, point in zip(distribution, points, strict=True))
    return arousal, valence
