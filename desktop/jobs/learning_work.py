"""What jobs do for the learning: the library, the profiles and their versions, a training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from core.analysis.analysis import Analysis
from core.errors import EmotionShortFormError
from core.learning.library.records import CutCorrection, StoredCorrection
from core.learning.personal.versions import Version
from core.places import cache_folder
from core.project.document import Project
from core.time import Span
from desktop.jobs.job import JobControls, Work
from desktop.jobs.warm_up import load_libraries

if TYPE_CHECKING:
    from core.learning.library.library import Library
    from core.learning.personal.profiles import Profile


@dataclass(frozen=True)
class Decided:
    """What is collected of a project.

    Attributes:
        project: Its state.
        path: Its file.
        durations: Seconds of its videos that are at hand, by identifier.
        analyses: Those that are whole, by identifier.
        seen: What was watched in this session, by identifier.
    """

    project: Project
    path: Path
    durations: Mapping[str, Fraction] = field(default_factory=dict)
    analyses: Mapping[str, Analysis] = field(default_factory=dict)
    seen: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def says_something(self) -> bool:
        """Whether anything was decided."""
        return any(edited.settled for edited in self.project.cuts) or any(
            medium.emotion_corrections for medium in self.project.media
        )


@dataclass(frozen=True)
class Collected:
    """What came of collecting.

    Attributes:
        changed: How many corrections are new, changed or gone.
        problem: Why nothing could be collected; empty if it could.
    """

    changed: int
    problem: str = ""


def collect(decided: Decided) -> Work:
    """Keeps what a project says in the library.

    Stopping the job does not stop this: what was decided is not lost with the window.
    """

    def work(controls: JobControls) -> Collected:
        from core.analysis.store import Store
        from core.learning.library.collecting import collect_project
        from core.learning.library.library import Library, library_file
        from core.learning.personal.profiles import with_present_profile

        if not decided.says_something and not library_file().exists():
            return Collected(0)
        try:
            with Library.open() as library:
                changed = collect_project(
                    library,
                    with_present_profile(decided.project),
                    decided.path,
                    durations=decided.durations,
                    seen=decided.seen,
                    store=Store(cache_folder() / "analysis"),
                    analyses=decided.analyses,
                )
        except EmotionShortFormError as error:
            return Collected(0, str(error))
        return Collected(changed)

    return work


def change_library(change: Callable[[Library], object]) -> Work:
    """Changes the library."""

    def work(controls: JobControls) -> object:
        from core.learning.library.library import Library

        with Library.open() as library:
            return change(library)

    return work


def forget_corrections(chosen: Sequence[StoredCorrection]) -> Work:
    """Takes single corrections out of the library; they are not collected again."""

    def forget(library: Library) -> None:
        cuts: dict[str, list[str]] = defaultdict(list)
        for stored in chosen:
            if isinstance(stored.correction, CutCorrection):
                cuts[stored.project].append(stored.correction.identifier)
            else:
                library.forget_emotion(stored.project, stored.video, stored.correction.span)
        for project, identifiers in cuts.items():
            library.forget(project, identifiers)

    return change_library(forget)


def forget_video(video: str) -> Work:
    """Takes all that is known of a video out of the library."""
    return change_library(lambda library: library.forget_video(video))


def leave_out(video: str, *, out: bool) -> Work:
    """Lets nothing be learned from a video, or again."""
    return change_library(lambda library: library.leave_out(video, out))


def forget_everything() -> Work:
    """Empties the library."""
    return change_library(lambda library: library.forget_everything())


def export_to(folder: Path, profile: str) -> Work:
    """Writes what a profile learns from into a new folder inside of a folder; gives that one."""

    def export(library: Library) -> Path:
        from core.learning.library.exchange import export_library

        place, number = folder / "emotion-shortform-library", 2
        while place.exists():
            place = folder / f"emotion-shortform-library-{number}"
            number += 1
        export_library(library, place, profile)
        return place

    return change_library(export)


def import_from(folder: Path) -> Work:
    """Reads corrections from the folder of an export; gives how many."""

    def read(library: Library) -> int:
        from core.learning.library.exchange import import_library

        return import_library(library, folder)

    return change_library(read)


def make_profile(name: str) -> Work:
    """Makes a profile."""

    def work(controls: JobControls) -> None:
        from core.learning.personal.profiles import Profile

        Profile.named(name, create=True)

    return work


def rename_profile(name: str, other: str) -> Work:
    """Gives a profile another name; what it learned from stays its own."""

    def work(controls: JobControls) -> None:
        from core.learning.library.library import Library, library_file

        profile = _profile(name)
        renamed = profile.rename(other)
        if library_file().exists():
            with Library.open() as library:
                library.rename_profile(profile.name, renamed.name)

    return work


def delete_profile(name: str) -> Work:
    """Deletes a profile with its versions and the corrections that it learned from."""

    def work(controls: JobControls) -> None:
        from core.learning.library.library import Library, library_file

        profile = _profile(name)
        profile.delete()
        if library_file().exists():
            with Library.open() as library:
                library.forget_profile(profile.name)

    return work


def use_version(profile: str, number: int) -> Work:
    """Lets a version suggest; 0 is what came with the application."""

    def work(controls: JobControls) -> None:
        _profile(profile).use(number or None)

    return work


def back_to_before(profile: str) -> Work:
    """Lets the version suggest that did so before."""

    def work(controls: JobControls) -> None:
        _profile(profile).back()

    return work


def retrain_profile(profile: str) -> Work:
    """Makes a new version of a profile from its corrections; what teaches nothing is handed out."""

    def work(controls: JobControls) -> Version:
        load_libraries(controls)
        from core.learning.library.library import Library
        from core.learning.personal.retraining import retrain

        with Library.open() as library:
            return retrain(
                library,
                _profile(profile),
                progress=controls.progress,
                tell=controls.update,
                cancelled=controls.cancelled,
            )

    return work


def _profile(name: str) -> Profile:
    from core.learning.personal.profiles import Profile

    return Profile.named(name, create=True)
