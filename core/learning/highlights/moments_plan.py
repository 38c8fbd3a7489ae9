"""What a composed video holds: settings with beds, lines and loud events, shots, and the truth."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.learning.corpora import Utterance

CELL_SHARE = 0.5
"""Share of a cell that must lie within moments for the cell to be positive."""


@dataclass(frozen=True)
class Take:
    """An utterance that can be spoken in a video.

    Attributes:
        utterance: Where it is and what it is.
        begin: Seconds of its sound before the speech begins.
        seconds: Length of the speech.
        level: dBFS of the speech, pauses left out.
    """

    utterance: Utterance
    begin: float
    seconds: float
    level: float


@dataclass(frozen=True)
class Line:
    """A take at its place in a video.

    Attributes:
        name: Of the utterance in its corpus.
        speaker: Who speaks.
        emotion: As it was acted or labelled.
        start: Seconds in the video.
        end: Seconds in the video.
        begin: Seconds of the utterance's sound that are left out before it.
        gain: dB on the recorded samples: the speaker's level, then the distance.
    """

    name: str
    speaker: str
    emotion: str
    start: float
    end: float
    begin: float
    gain: float


@dataclass(frozen=True)
class Event:
    """A loud moment of the bed alone.

    Attributes:
        kind: ``cheer``, ``swell`` or ``boom``.
        start: Seconds in the video.
        end: Seconds in the video.
        ratio: dB over the setting's speech.
    """

    kind: str
    start: float
    end: float
    ratio: float


@dataclass(frozen=True)
class Setting:
    """A stretch of sound that was taken at one place.

    Attributes:
        start: Seconds in the video.
        end: Seconds in the video.
        bed: ``silence``, ``room``, ``street`` or ``music``.
        level: dBFS of a speaker's mean utterance at this distance from the microphone.
        ratio: dB of that level over the bed.
        reverberation: Seconds until the room's sound has fallen by 60 dB, 0 for no room.
        direct_ratio: dB of the direct sound over the reverberation.
        seed: Decides the course of the bed, the room and the events.
        lines: What is said, in the order of time; nothing in a stretch without anybody.
        events: What is loud without being speech.
    """

    start: float
    end: float
    bed: str
    level: float
    ratio: float
    reverberation: float
    direct_ratio: float
    seed: int
    lines: tuple[Line, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Shot:
    """A stretch of pictures.

    Attributes:
        start: Seconds in the video.
        end: Seconds in the video.
        source: Name of a file of the footage; ``gradient``, ``noise`` or ``title`` for none.
        offset: Seconds in the file.
        mirrored: Left and right are exchanged.
        seed: Decides a picture that is from no file.
    """

    start: float
    end: float
    source: str
    offset: float
    mirrored: bool
    seed: int


@dataclass(frozen=True)
class Moment:
    """A run of emotional lines of one speaker; its pauses belong to it.

    Attributes:
        start: Seconds in the video.
        end: Seconds in the video.
        speaker: Who speaks.
        emotions: Of its lines.
    """

    start: float
    end: float
    speaker: str
    emotions: tuple[str, ...]


@dataclass(frozen=True)
class VideoPlan:
    """Everything that decides a composed video, and the truth about it.

    Attributes:
        name: Unique within the set; the file is called like it.
        corpus: Of all its lines.
        speakers: Sorted; those who were cast, whether or not each of them came to speak.
        seconds: Length.
        compressed: An automatic gain control evens its levels.
        settings: Its sound, without gaps.
        shots: Its pictures, without gaps, drawn without a look at the sound.
        moments: What should be found.
    """

    name: str
    corpus: str
    speakers: tuple[str, ...]
    seconds: float
    compressed: bool
    settings: tuple[Setting, ...]
    shots: tuple[Shot, ...]
    moments: tuple[Moment, ...]

    @property
    def lines(self) -> list[Line]:
        """All that is said, in the order of time."""
        return [line for setting in self.settings for line in setting.lines]

    def cells(self) -> NDArray[np.bool_]:
        """``(ceil(seconds),) bool``: which cells of 1 s lie in moments for half a second or more.

        The last cell may be shorter than a second; what counts is half a second there, too.
        """
        starts = np.arange(math.ceil(self.seconds), dtype=np.float64)
        within = np.zeros(len(starts))
        for moment in self.moments:
            overlap = np.minimum(starts + 1, moment.end) - np.maximum(starts, moment.start)
            within += np.maximum(0.0, overlap)
        return np.asarray(within >= CELL_SHARE - 1e-9)

    def positive_spans(self) -> list[tuple[int, int]]:
        """Runs of positive cells in whole seconds, the ends not included."""
        edges = np.flatnonzero(np.diff(np.pad(self.cells().astype(np.int8), 1)))
        return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    def digest(self) -> str:
        """Changes whenever the plan does."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
