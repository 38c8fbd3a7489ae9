"""How far the network that hears emotion is moved towards corrections."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.errors import UsageError


@dataclass(frozen=True)
class EmotionTuning:
    """How far the network is moved.

    Attributes:
        steps: Updates of the weights.
        rate: Highest learning rate (Adam).
        replay: Corrections that the training data count as.
        others: Corrections that the speech counts as that was not corrected.
        drawn: Windows of each class that are drawn from their statistics for a step.
        dimensions: Of a squared error of arousal or valence, beside a nat of the classes.
        least_new: Corrections of an emotion that the shipped network never learned, from which on
            it is learned: fewer would rather teach it one voice than one emotion.
        least_videos: Videos that they must come from.

    Raises:
        UsageError: A number makes no sense.
    """

    steps: int = 40
    rate: float = 4e-4
    replay: float = 32.0
    others: float = 2.0
    drawn: int = 15
    dimensions: float = 1.0
    least_new: int = 8
    least_videos: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise UsageError(
                f"the rate cannot be {self.rate:g}", remedy="Choose above 0 and up to 1."
            )
        for name in ("replay", "others", "dimensions"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(
                    f"the {name} cannot be {getattr(self, name):g}", remedy="Choose 0 or more."
                )
        for name in ("steps", "drawn", "least_new", "least_videos"):
            if getattr(self, name) < 1:
                raise UsageError(
                    f"the {name} cannot be {getattr(self, name)}", remedy="Choose 1 or more."
                )


GENTLE = EmotionTuning()
"""Chosen with networks that had not heard the simulated users; not with those it is measured on."""
