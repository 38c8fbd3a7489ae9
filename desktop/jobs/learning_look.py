"""What jobs find out about the learning: what profiles know, and who suggested what."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError, UsageError
from core.learning.library.records import CutCorrection, Kind, LibraryVideo, StoredCorrection
from core.learning.personal.versions import Version
from desktop.jobs.job import JobControls, Work
from desktop.jobs.learning_state import LearningState, ProfileState

if TYPE_CHECKING:
    from core.learning.library.library import Library
    from core.learning.personal.profiles import Profile

_WANTED = (Kind.KEPT, Kind.MOVED, Kind.TRIMMED, Kind.ADDED)
_MARK = 12
_CHECKSUM = re.compile(rf"[0-9a-f]{{{_MARK},64}}")
"""Of weights, in the name of what made a curve."""


def look_at(profiles: Sequence[str]) -> Work:
    """Finds out what profiles know; nothing is written."""

    def work(controls: JobControls) -> LearningState:
        from core.learning.library.library import Library, library_file
        from core.learning.personal.profiles import Profile

        there = Profile.all()
        with contextlib.ExitStack() as stack:
            library: Library | None = None
            if library_file().exists():
                library = stack.enter_context(Library.open())
            known = {}
            for name in profiles:
                controls.check()
                known[name] = _profile_state(name, library)
        return LearningState(tuple(one.name for one in there if one.name), known)

    return work


def _known_profile(name: str) -> Profile | None:
    """The profile of a name; None where only a project knows it."""
    from core.learning.personal.profiles import Profile

    try:
        return Profile.named(name)
    except UsageError:
        return None


def _profile_state(name: str, library: Library | None) -> ProfileState:
    from core.learning.personal.learnt import sentence

    profile = _known_profile(name)
    called = name if profile is None else profile.name
    state = ProfileState(called)
    if profile is not None:
        state = _with_versions(state, profile)
        used = state.version(state.current)
        state = replace(state, learnt="" if used is None else sentence(used.learnt))
    return state if library is None else _with_library(state, library)


def _with_versions(state: ProfileState, profile: Profile) -> ProfileState:
    state = replace(state, versions=tuple(profile.versions()))
    try:
        current, before = profile.current, profile.previous
        history = profile.history
    except ModelError as error:
        return replace(state, problem=str(error))
    return replace(
        state,
        current=0 if current is None else current.number,
        before=(before or 0) if history else None,
    )


def _with_library(state: ProfileState, library: Library) -> ProfileState:
    videos = library.videos(state.profile)
    there = {one.video for one in videos}
    forgotten = [one for one in library.videos() if one.left_out and not one.path.name]
    corrections = tuple(library.corrections(state.profile))
    corrected = [one for one in videos if not one.left_out and (one.counts or one.emotions)]
    measured = [one for one in corrected if one.features]
    latest = state.versions[0] if state.versions else None
    return replace(
        state,
        videos=(*videos, *(one for one in forgotten if one.video not in there)),
        corrections=corrections,
        models=_makers(corrections, state.versions),
        teaching=len(measured),
        unmeasured=len(corrected) - len(measured),
        compared=sum(1 for one in measured if _compares(one)),
        fresh=sum(1 for one in measured if latest is None or one.video not in latest.videos),
        outdated=latest is None or latest.library != library.state(state.profile),
    )


def _compares(video: LibraryVideo) -> bool:
    """Whether moments of it are wanted and others are not."""
    return Kind.REJECTED in video.counts and any(kind in video.counts for kind in _WANTED)


def _makers(corrections: Sequence[StoredCorrection], versions: Sequence[Version]) -> dict[str, int]:
    """Which version made the suggestions of each name that the library knows."""
    from core.analysis.fusion import DEFAULT_WEIGHTS as FUSION_WEIGHTS
    from core.analysis.highlight import BASELINE

    suggested = (
        one.correction.suggestion
        for one in corrections
        if isinstance(one.correction, CutCorrection)
    )
    names = {one.model for one in suggested if one is not None}
    shipped = _marks([FUSION_WEIGHTS])
    marks = {one.number: _marks([one.fusion, one.taste]) for one in versions}
    found = {}
    for name in names:
        made_of = {one[:_MARK] for one in _CHECKSUM.findall(name)}
        fitting = [number for number, parts in marks.items() if parts and parts <= made_of]
        if fitting:
            found[name] = max(fitting, key=lambda number: (len(marks[number]), -number))
        elif name == BASELINE or made_of == shipped:
            found[name] = 0
    return found


def _marks(folders: Sequence[Path | None]) -> set[str]:
    """What stands for weights in the name of what they make."""
    from core.networks.weights import load_card

    found = set()
    for folder in folders:
        if folder is not None:
            with contextlib.suppress(ModelError):
                found.add(str(load_card(folder)["sha256"])[:_MARK])
    return found
