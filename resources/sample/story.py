"""The story that the sample tells: its shots, what is said, and what happens when."""

from dataclasses import dataclass
from typing import Literal

from voice import Manner

FPS = 30
NARRATOR, SAILOR, REPORTER = "en-gb+m3", "en-us+f2", "en-us+f4"

Transition = Literal["cut", "dissolve", "fade"]


@dataclass(frozen=True)
class Shot:
    """A shot: its name, its scene, its length, and how it begins.

    `offset` is where in its scene it begins, in seconds, and `transition_seconds` how long a
    dissolve from the shot before, or a fade from black, takes.
    """

    name: str
    scene: str
    seconds: float
    transition: Transition = "cut"
    transition_seconds: float = 0.0
    offset: float = 0.0


@dataclass(frozen=True)
class Line:
    """A sentence and when it begins, in seconds into its shot."""

    shot: str
    start: float
    voice: str
    manner: Manner
    text: str


SHOTS = (
    Shot("dawn", "dawn", 12.0, "fade", 1.0),
    Shot("interview", "interview", 9.0),
    Shot("storm", "storm", 10.0),
    Shot("moon", "moon", 9.0, "dissolve", 1.0),
    Shot("outburst", "outburst", 8.5),
    Shot("start line", "start line", 9.5),
    Shot("race", "race", 4.5),
    Shot("crowd", "crowd", 2.5),
    Shot("finish", "finish", 6.0),
    Shot("quay", "quay", 10.0),
    Shot("replay", "finish", 5.0),
    Shot("evening", "evening", 10.0),
)
FADE_OUT = 1.5
REPLAY_OF = "finish"

LINES = (
    Line("dawn", 1.8, NARRATOR, "calm", "It is early, and the harbour is still asleep."),
    Line(
        "dawn", 6.4, NARRATOR, "calm", "My sister built a small red boat. Today she will race it."
    ),
    Line("interview", 0.8, SAILOR, "calm", "I do not need to win."),
    Line("interview", 3.6, SAILOR, "calm", "I only want to hear the bell, and then go home."),
    Line("storm", 1.0, NARRATOR, "sad", "Then the rain came, and the wind tore our sail."),
    Line("storm", 5.9, NARRATOR, "sad", "We sat on the pier. Nobody spoke."),
    Line("moon", 6.5, NARRATOR, "calm", "All night, she sewed."),
    Line(
        "outburst", 0.5, SAILOR, "angry", "They moved the start! They moved it, and nobody told us!"
    ),
    Line("outburst", 4.6, SAILOR, "angry", "That is not fair! That is not fair at all!"),
    Line(
        "start line", 1.2, NARRATOR, "calm", "Noon. Nine boats, and a light breeze from the west."
    ),
    Line("start line", 6.4, NARRATOR, "calm", "She is the one in red."),
    Line("race", 0.5, REPORTER, "excited", "Red is coming! Red is coming! Look at that speed!"),
    Line("crowd", 0.3, NARRATOR, "excited", "Go, Nora! Go, go, go!"),
    Line("finish", 0.3, REPORTER, "excited", "She did it! She did it! The little red boat wins!"),
    Line("finish", 3.5, REPORTER, "excited", "Unbelievable!"),
    Line("quay", 1.6, NARRATOR, "calm", "Later, the lights came on along the water."),
    Line("quay", 5.4, NARRATOR, "calm", "We ate hot soup. I still watch that minute again."),
    Line("evening", 2.0, NARRATOR, "calm", "Next year, she says, we build a bigger one."),
)

SILENCE = ("moon", 1.6, 5.8)
CLIMAX_LENGTH = 12.0
