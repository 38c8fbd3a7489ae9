"""What the editor is working on: videos, cuts and wishes, as one value that edits make anew."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from core.cutting.cut import Cut
from core.export.camera import Camera
from core.export.captions.caption import Captions
from core.export.clip import Join
from core.export.look import Look
from core.project.emotion_corrections import Corrections
from core.time import Span, total_duration

LEAST_CUT = Fraction(1, 5)
"""Seconds; a cut cannot be trimmed shorter."""
LONGEST_PROFILE = 80
"""Characters of the name of a profile."""


class Decision(StrEnum):
    """What the editor thinks of a cut."""

    OPEN = "open"
    KEPT = "kept"
    MAYBE = "maybe"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Suggestion:
    """What the application had suggested before the editor changed it.

    Attributes:
        span: The stretch, in media time.
        model: What made the curve, as :attr:`core.analysis.highlight.Highlight.model`; empty where
            that is not known.
    """

    span: Span
    model: str = ""


@dataclass(frozen=True)
class EditedCut:
    """A cut in the editor's hands.

    Attributes:
        cut: What is kept and why.
        medium: Identifier of the video that it is taken from.
        decision: An open cut and a kept one are in the short. One that is perhaps wanted is set
            aside: it is listed, but neither played nor exported. A rejected one is remembered, so
            that it is not suggested again.
        touched: The editor made or changed it.
        locked: No edit changes, moves or removes it until it is unlocked.
        suggestion: What the application suggested, even if the editor changed it since; None for
            a cut of the editor's own.
        identifier: Stays the same through all edits.
        join: How it follows the cut that is played before it.
        camera: Where the editor put the short's window, in media time; empty leaves it to the look
            of the short.
    """

    cut: Cut
    medium: str
    decision: Decision = Decision.OPEN
    touched: bool = False
    locked: bool = False
    suggestion: Suggestion | None = None
    identifier: str = field(default_factory=lambda: uuid.uuid4().hex)
    join: Join = field(default_factory=Join)
    camera: Camera = ()

    @property
    def span(self) -> Span:
        return self.cut.span

    @property
    def suggested(self) -> bool:
        """Whether the application suggested it, even if the editor changed it since."""
        return self.suggestion is not None

    @property
    def in_short(self) -> bool:
        """Whether it is played and exported."""
        return self.decision in (Decision.OPEN, Decision.KEPT)

    @property
    def settled(self) -> bool:
        """Whether new suggestions leave it alone."""
        return self.touched or self.locked or self.decision is not Decision.OPEN


Cuts = tuple[EditedCut, ...]


@dataclass(frozen=True)
class Medium:
    """A video of the project.

    Attributes:
        identifier: Fingerprint of its content.
        path: Where it was last seen.
        emotion_corrections: What is heard in stretches of it by the editor's word; in order, none
            over another.
        captions: What is said in it, in media time.
    """

    identifier: str
    path: Path
    emotion_corrections: Corrections = ()
    captions: Captions = ()


@dataclass(frozen=True)
class Wishes:
    """What the short should be like.

    Attributes:
        length: Target length in seconds.
        look: How it looks and sounds.
        threshold: Highlight score below which nothing is suggested; None leaves it to the curve.
        profile: Name of the profile that suggests and learns; empty for the usual one.
    """

    length: float = 30.0
    look: Look = field(default_factory=lambda: Look(aspect="9:16"))
    threshold: float | None = None
    profile: str = ""


@dataclass(frozen=True)
class Project:
    """The whole state of a project.

    Attributes:
        media: The videos, in the order in which they were added.
        cuts: All cuts in playing order, which is independent of where they lie in their videos;
            also those that are not in the short, which hold their place.
        wishes: What the short should be like.
    """

    media: tuple[Medium, ...] = ()
    cuts: Cuts = ()
    wishes: Wishes = Wishes()

    @property
    def short(self) -> Cuts:
        """The cuts that are played and exported, in playing order."""
        return tuple(edited for edited in self.cuts if edited.in_short)

    @property
    def duration(self) -> Fraction:
        """Seconds of the short."""
        return total_duration(edited.span for edited in self.short)

    def find(self, identifier: str) -> EditedCut | None:
        """The cut with this identifier, if it is still there."""
        return next((c for c in self.cuts if c.identifier == identifier), None)

    def medium(self, identifier: str) -> Medium | None:
        """The video with this identifier, if it is in the project."""
        return next((m for m in self.media if m.identifier == identifier), None)

    def cuts_of(self, medium: str) -> Iterator[EditedCut]:
        """The cuts of one video, in playing order."""
        return (edited for edited in self.cuts if edited.medium == medium)

    def with_cuts(self, cuts: Iterable[EditedCut]) -> Project:
        """With other cuts."""
        return replace(self, cuts=tuple(cuts))

    def with_medium(self, medium: Medium) -> Project:
        """With a video more, or in place of the one with the same identifier."""
        if self.medium(medium.identifier) is None:
            return replace(self, media=(*self.media, medium))
        changed = (medium if m.identifier == medium.identifier else m for m in self.media)
        return replace(self, media=tuple(changed))
