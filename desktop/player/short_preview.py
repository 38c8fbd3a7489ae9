"""Where the preview of the short is: which clip, and how far in the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.export.clip import Clip
from core.media.probe import MediaInfo
from core.time import total_duration


@dataclass(frozen=True)
class ShortPreview:
    """A place in a short that is played without being rendered.

    Attributes:
        clips: In playing order, at least one.
        index: The clip on show.
    """

    clips: tuple[Clip, ...]
    index: int

    @property
    def clip(self) -> Clip:
        """The clip on show."""
        return self.clips[self.index]

    @property
    def following(self) -> Clip | None:
        """The clip after it."""
        return self.clips[self.index + 1] if self.index + 1 < len(self.clips) else None

    @property
    def runs_on(self) -> bool:
        """Whether the next clip begins in the source where this one ends."""
        following = self.following
        return (
            following is not None
            and following.info == self.clip.info
            and following.span.start == self.clip.span.end
        )

    def at(self, index: int) -> ShortPreview:
        """The same short at another clip."""
        return ShortPreview(self.clips, index)

    def short_seconds(self, seconds: float) -> float:
        """Seconds of the short for seconds of the source on show."""
        span = self.clip.span
        inside = min(max(seconds, float(span.start)), float(span.end)) - float(span.start)
        before = total_duration(clip.span for clip in self.clips[: self.index])
        return float(before) + inside

    def find(self, info: MediaInfo, seconds: Fraction | float) -> ShortPreview | None:
        """The place of a time of a video: in the clip on show if it is there, else the first."""
        order = [self.index, *range(len(self.clips))]
        for index in order:
            clip = self.clips[index]
            if clip.info == info and seconds in clip.span:
                return self.at(index)
        return None

    def changed(self, clips: Sequence[Clip], seconds: float) -> ShortPreview | None:
        """The place after the editor changed the short; None if what is on show is gone.

        Args:
            clips: The short as it is now.
            seconds: The time of the source on show.
        """
        if not clips:
            return None
        same = [i for i, clip in enumerate(clips) if clip == self.clip]
        if same:
            nearest = min(same, key=lambda index: abs(index - self.index))
            return ShortPreview(tuple(clips), nearest)
        here = ShortPreview(tuple(clips), min(self.index, len(clips) - 1))
        return here.find(self.clip.info, seconds)
