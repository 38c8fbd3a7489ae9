"""Profiles: what the user teaches for a cooking channel is not what a gaming channel learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import EditRefused, ModelError, UsageError
from core.learning.personal.profile_folders import (
    USUAL,
    free_folder,
    profiles_folder,
    writing_profiles,
)
from core.learning.personal.profile_state import (
    LONGEST_HISTORY,
    ProfileState,
    checked_name,
    locked,
    read_state,
    write_state,
)
from core.learning.personal.version_files import (
    numbers,
    read_version,
    remove_folder,
    version_folder,
)
from core.learning.personal.versions import Version
from core.project.document import Project

PROFILE_FILE = "profile.json"


@dataclass(frozen=True)
class Profile:
    """Weights that learn from the same corrections, with all their versions.

    Attributes:
        name: Empty for the usual one.
        folder: Where it is; made when something is first kept there.
    """

    name: str
    folder: Path

    @staticmethod
    def all() -> list[Profile]:
        """The usual profile, then the others by their names; a damaged one has its folder's."""
        usual = Profile("", profiles_folder() / USUAL)
        try:
            places = list(profiles_folder().iterdir())
        except OSError:
            return [usual]
        others = [
            Profile(_name(place), place)
            for place in places
            if place.name != USUAL
            and not place.name.startswith(".")
            and ((place / PROFILE_FILE).is_file() or (place / "versions").is_dir())
        ]
        return [usual, *sorted(others, key=lambda one: (one.name.casefold(), one.folder.name))]

    @staticmethod
    def named(name: str, create: bool = False) -> Profile:
        """The profile of this name, or of which this is a former name.

        Args:
            name: Empty for the usual one, which is always there.
            create: Make it if there is none.

        Raises:
            UsageError: There is none, or the name cannot be one.
            ModelError: It cannot be made.
        """
        wanted = checked_name(name)
        found = _found(wanted)
        if found is not None:
            return found
        if not create:
            raise UsageError(
                f"there is no profile '{wanted}'",
                remedy="Make it first, or choose another profile.",
            )
        with writing_profiles():
            return _found(wanted) or _made(wanted)

    def rename(self, name: str) -> Profile:
        """Gives it another name; projects that know the old one find it still.

        Raises:
            EditRefused: The usual profile has no name.
            UsageError: Another profile has this name, or it cannot be one.
            ModelError: It cannot be written.
        """
        wanted = checked_name(name)
        if self.folder.name == USUAL or not wanted:
            raise EditRefused(
                "the usual profile has no name", remedy="Make a profile with a name beside it."
            )
        with writing_profiles():
            other = _found(wanted)
            if other is not None and other.folder != self.folder:
                raise UsageError(f"there is a profile '{wanted}' already")
            state = self._repairable()
            former = tuple(dict.fromkeys(one for one in (*state.former, state.name)))
            former = tuple(one for one in former if one != wanted)
            self._write(replace(state, name=wanted, former=former))
        return Profile(wanted, self.folder)

    def delete(self) -> None:
        """Removes it with all its versions; the usual one is empty then.

        Raises:
            EditRefused: It is learning at the moment.
            ModelError: It cannot be removed.
        """
        with self.learning(), writing_profiles():
            remove_folder(self.folder)

    def versions(self) -> list[Version]:
        """Its versions, the newest first, but for damaged ones."""
        found = []
        for number in numbers(self._versions):
            try:
                found.append(self.version(number))
            except ModelError:
                continue
        return found

    def damaged(self) -> dict[int, ModelError]:
        """What is wrong with its damaged versions, by their numbers; reads all weights."""
        found = {}
        for number in numbers(self._versions):
            try:
                read_version(version_folder(self._versions, number), check_weights=True)
            except ModelError as error:
                found[number] = error
        return found

    def version(self, number: int, *, check_weights: bool = False) -> Version:
        """One of its versions.

        Args:
            number: Of the version.
            check_weights: Whether to compare its weights with their checksums.

        Raises:
            UsageError: There is none of this number.
            ModelError: It is damaged.
        """
        if number not in numbers(self._versions):
            raise UsageError(
                f"there is no version {number} of {self.called}",
                remedy="Choose one of those that are listed.",
            )
        place = version_folder(self._versions, number)
        return read_version(place, check_weights=check_weights)

    @property
    def current(self) -> Version | None:
        """The version in use; None for the shipped weights.

        Raises:
            ModelError: It is damaged, or what says which one it is.
        """
        number = self._read().current
        if number is None:
            return None
        return read_version(version_folder(self._versions, number))

    @property
    def history(self) -> tuple[int | None, ...]:
        """Numbers of the versions that were in use before, the last at the end.

        None stands for the shipped weights. Versions that are gone are left out.

        Raises:
            ModelError: What says so is damaged.
        """
        there = {None, *numbers(self._versions)}
        return tuple(one for one in self._read().history if one in there)

    @property
    def previous(self) -> int | None:
        """What :meth:`back` goes back to.

        Raises:
            ModelError: What says so is damaged.
        """
        history = self.history
        return history[-1] if history else None

    def use(self, number: int | None) -> None:
        """Takes a version into use, and remembers which one was.

        Args:
            number: Of the version; None for the shipped weights.

        Raises:
            UsageError: There is no such version.
            ModelError: It is damaged, or the choice cannot be written; what was in use still is.
        """
        if number is not None:
            self.version(number, check_weights=True)
        with writing_profiles():
            state = self._repairable()
            if state.current == number:
                self._write(state)
                return
            history = (*state.history, state.current)[-LONGEST_HISTORY:]
            self._write(replace(state, current=number, history=history))

    def back(self) -> int | None:
        """Takes into use again what was before; the shipped weights where nothing was.

        Returns:
            Number of the version; None for the shipped weights.

        Raises:
            ModelError: It is damaged, or the choice cannot be written.
        """
        history = self.history
        number = history[-1] if history else None
        if number is not None:
            self.version(number, check_weights=True)
        with writing_profiles():
            self._write(replace(self._read(), current=number, history=history[:-1]))
        return number

    def remove(self, number: int) -> None:
        """Removes a version; the shipped weights are in use then if it was.

        Its number is not given again.

        Raises:
            UsageError: There is no such version.
            EditRefused: The profile is learning at the moment.
            ModelError: It cannot be removed.
        """
        if number not in numbers(self._versions):
            raise UsageError(f"there is no version {number} of {self.called}")
        with self.learning(), writing_profiles():
            state = self._repairable()
            history = tuple(one for one in state.history if one != number)
            current = None if state.current == number else state.current
            last = max(state.last, *numbers(self._versions))
            self._write(replace(state, current=current, history=history, last=last))
            remove_folder(version_folder(self._versions, number))

    def next_place(self) -> tuple[int, Path]:
        """Number and folder of the next version; to be asked while :meth:`learning`."""
        last = self._repairable().last
        number = max(last, *numbers(self._versions), 0) + 1
        return number, version_folder(self._versions, number)

    @property
    def work(self) -> Path:
        """Where learning keeps what it has done so far."""
        return self.folder / "work"

    @property
    def called(self) -> str:
        """The profile in a sentence."""
        return f"the profile '{self.name}'" if self.name else "the usual profile"

    @contextmanager
    def learning(
        self, *, patience: float = 0.0, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """The right to make versions of it, for one window at a time.

        The operating system gives it back if this process ends in any way.

        Args:
            patience: Seconds to wait while somebody else has it.
            cancelled: Asked several times a second meanwhile.

        Raises:
            EditRefused: Somebody else has it.
            ModelError: The folder of the profiles cannot be written to.
            Cancelled: ``cancelled()`` was true.
        """
        refusal = EditRefused(
            f"{self.called} is learning already, in another window or terminal",
            remedy="Wait until that is done, or cancel it there.",
        )
        with locked(profiles_folder() / f".{self.folder.name}.lock", refusal, patience, cancelled):
            yield

    @property
    def _versions(self) -> Path:
        return self.folder / "versions"

    def _read(self) -> ProfileState:
        return read_state(self.folder / PROFILE_FILE) or self._blank()

    def _repairable(self) -> ProfileState:
        """What its file says; where that is damaged, nothing is in use."""
        try:
            return self._read()
        except ModelError:
            return self._blank()

    def _blank(self) -> ProfileState:
        return ProfileState(self.name, last=max(numbers(self._versions), default=0))

    def _write(self, state: ProfileState) -> None:
        write_state(self.folder / PROFILE_FILE, state)


def with_present_profile(project: Project) -> Project:
    """A project that knows its profile by the name that it has now.

    Args:
        project: May know it by a former name, or know one that was made on another computer; that
            stays.
    """
    try:
        name = Profile.named(project.wishes.profile).name
    except UsageError:
        return project
    return replace(project, wishes=replace(project.wishes, profile=name))


def _name(folder: Path) -> str:
    return Profile(folder.name, folder)._repairable().name


def _found(name: str) -> Profile | None:
    if not name:
        return Profile("", profiles_folder() / USUAL)
    others = Profile.all()[1:]
    for one in others:
        if one.name == name:
            return one
    return next((one for one in others if name in one._repairable().former), None)


def _made(name: str) -> Profile:
    profile = Profile(name, free_folder(name))
    profile._write(ProfileState(name))
    return profile
