"""What is handed to another editor, and what is known of each clip."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.errors import UsageError
from core.export.clip import Clip


@dataclass(frozen=True)
class ClipNotes:
    """What is known of a clip; it travels as a marker.

    Attributes:
        name: What the clip is called; empty for the name of its video.
        emotion: The strongest emotion that is heard in it, or nothing.
        score: Its highlight score, 0…1.
        reasons: Why it was suggested, in words.
    """

    name: str = ""
    emotion: str = ""
    score: float = 0.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """A short as a list of clips, before anything is rendered.

    Attributes:
        name: What the other editor calls it.
        frame_rate: Frames per second of the short.
        clips: Its clips in playing order.
        notes: What is known of each clip, as many as there are clips; or empty.
        size: Width and height of the short in pixels; None for that of the first clip's video.

    Raises:
        UsageError: There are no clips, or not as many notes, or a value is not possible.
    """

    name: str
    frame_rate: Fraction
    clips: tuple[Clip, ...]
    notes: tuple[ClipNotes, ...] = ()
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not self.clips:
            raise UsageError("there are no cuts to hand over", remedy="Add at least one cut.")
        if self.notes and len(self.notes) != len(self.clips):
            raise UsageError(f"there are {len(self.clips)} clips, but {len(self.notes)} notes")
        if not 1 <= self.frame_rate <= 240:
            raise UsageError(
                f"{float(self.frame_rate):g} frames per second are not possible",
                remedy="Use 1 to 240.",
            )

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        video = self.clips[0].info.video
        return self.size or (video.width, video.height)
