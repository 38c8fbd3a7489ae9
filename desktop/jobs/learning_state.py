"""What the window shows of the learning, as values that a job has put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.learning.library.records import LibraryVideo, StoredCorrection
from core.learning.personal.versions import Version


@dataclass(frozen=True)
class ProfileState:
    """What one profile knows.

    Attributes:
        profile: Its name as it is now; empty for the usual one.
        versions: Those that are there, the latest first.
        current: Number of the one that suggests; 0 for what came with the application.
        before: Number of the one that "back" goes to; None where there is none.
        videos: What its library holds, and videos that are left out, by path.
        corrections: The single corrections of these videos.
        models: Numbers of the versions that made suggestions, by what the library calls them; 0
            for what came with the application, absent where it is not known.
        learnt: What the version that suggests has learned, as a sentence; empty for nothing.
        teaching: Corrected videos that can be learned from.
        unmeasured: Corrected videos that cannot, as nothing was measured of them.
        compared: Videos with moments both kept and rejected, on which versions are compared.
        fresh: Videos that can be learned from, but that the latest version does not know.
        outdated: The latest version has not learned from all that is known by now.
        problem: Why the version in use cannot be used; empty for nothing.
    """

    profile: str = ""
    versions: tuple[Version, ...] = ()
    current: int = 0
    before: int | None = None
    videos: tuple[LibraryVideo, ...] = ()
    corrections: tuple[StoredCorrection, ...] = ()
    models: Mapping[str, int] = field(default_factory=dict)
    learnt: str = ""
    teaching: int = 0
    unmeasured: int = 0
    compared: int = 0
    fresh: int = 0
    outdated: bool = True
    problem: str = ""

    @property
    def can_train(self) -> bool:
        """Whether a training would make another version."""
        return bool(self.teaching) and self.outdated

    def version(self, number: int) -> Version | None:
        """The version of a number; None where it is not there."""
        return next((one for one in self.versions if one.number == number), None)


@dataclass(frozen=True)
class LearningState:
    """What all profiles know that the window looks at.

    Attributes:
        profiles: Names of the profiles that have one, in order.
        known: What was asked for, by the name of the profile.
    """

    profiles: tuple[str, ...] = ()
    known: Mapping[str, ProfileState] = field(default_factory=dict)

    def of(self, profile: str) -> ProfileState:
        """What a profile knows; nothing where that was not asked for."""
        return self.known.get(profile, ProfileState(profile))
