"""What composed videos are like: which emotions make a moment, how loud, how long, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import UsageError

Range = tuple[float, float]

EMOTIONAL = ("angry", "fear", "happy", "surprise", "disgust")
CALM = ("neutral", "boredom", "calm", "sad")
"""Sadness counts as calm because some corpora have nothing else; the truth names each line's."""

EFFORT: Mapping[str, float] = {
    "angry": 9.0, "happy": 6.0, "surprise": 5.0, "fear": 4.0, "disgust": 2.0, "neutral": 0.0,
    "boredom": -1.0, "calm": -2.0, "sad": -4.0,
}  # fmt: skip
"""dB over neutral speech of the same speaker, for corpora whose files were brought to one peak.

The order is that of Juslin and Laukka (2003). The sizes are a rounded convention of this project:
happy over sad is what CREMA-D has (10 dB), anger is what the noise floor of EMO-DB tells of the
gains it was normalised by, less a third. Measured on one speaker they would differ.
"""


@dataclass(frozen=True)
class Recipe:
    """What the composed videos are like.

    Attributes:
        emotional: Emotions that moments are made of.
        calm: Emotions of all other speech.
        share: Of a video's duration that moments take, lowest and highest.
        speakers: In a video, fewest and most; more are cast where few would repeat themselves.
        lines: Utterances of a turn, fewest and most; calm turns may have a single one.
        turn: Seconds of a moment, shortest and longest.
        pause: Seconds between the lines of a turn.
        gap: Seconds between turns.
        setting: Seconds of a setting.
        deserted: Chance of a setting in which nobody speaks.
        eventful: Chance that something is loud between two turns.
        event: Seconds of a loud event.
        event_ratio: dB of a loud event over the setting's speech.
        level: dBFS of a speaker's mean utterance before the distance.
        distance: dB that the distance to the microphone adds.
        ratio: dB of the speech over the bed.
        quiet_ratio: The same for the faint hiss of a silent bed. It covers the recordings' own
            noise, which would tell calm from loud utterances of a normalised corpus.
        deserted_ratio: The same where nobody speaks.
        reverberant: Chance of a room.
        reverberation: Seconds of RT60.
        direct_ratio: dB of the direct sound over the reverberation.
        shot: Seconds of a shot.
        made: Share of shots that are from no file, where there are files.
        effort: dB by emotion that replace the levels of the recordings; empty to keep them.
        effort_spread: Standard deviation in dB around the effort.
    """

    emotional: tuple[str, ...] = EMOTIONAL
    calm: tuple[str, ...] = CALM
    share: Range = (0.10, 0.20)
    speakers: tuple[int, int] = (2, 4)
    lines: tuple[int, int] = (2, 5)
    turn: Range = (5.0, 15.0)
    pause: Range = (0.15, 0.7)
    gap: Range = (0.4, 2.5)
    setting: Range = (20.0, 90.0)
    deserted: float = 0.2
    eventful: float = 0.25
    event: Range = (2.0, 7.0)
    event_ratio: Range = (0.0, 6.0)
    level: float = -26.0
    distance: Range = (-6.0, 6.0)
    ratio: Range = (5.0, 25.0)
    quiet_ratio: Range = (35.0, 42.0)
    deserted_ratio: Range = (0.0, 12.0)
    reverberant: float = 0.5
    reverberation: Range = (0.15, 0.5)
    direct_ratio: Range = (3.0, 15.0)
    shot: Range = (3.0, 25.0)
    made: float = 0.15
    effort: Mapping[str, float] = field(default_factory=dict)
    effort_spread: float = 3.0

    def __post_init__(self) -> None:
        if both := set(self.emotional) & set(self.calm):
            raise UsageError(f"both calm and emotional: {', '.join(sorted(both))}")

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "effort": dict(self.effort)}


USUAL = Recipe()
