"""The small file that says which version of a profile is in use, and the locks around profiles."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import Cancelled, ModelError, UsageError
from core.learning.personal.plain_files import (
    damage_in,
    read_object,
    whole,
    write_object,
    writing,
)
from core.project.document import LONGEST_PROFILE
from core.project.plain_data import text

FORMAT = 1
LONGEST_HISTORY = 100
"""Choices that are remembered."""

_REMEDY = "Choose a version again; that writes the file anew."
_BETWEEN_TRIES = 0.05
_LONGEST = 2 * LONGEST_PROFILE
"""Characters of a name before it is tidied up."""


@dataclass(frozen=True)
class ProfileState:
    """What ``profile.json`` holds.

    Attributes:
        name: Of the profile.
        former: Names that it had.
        current: Number of the version in use; None for the shipped weights.
        history: What was in use before, the last at the end.
        last: The highest number that a version ever had.
    """

    name: str
    former: tuple[str, ...] = ()
    current: int | None = None
    history: tuple[int | None, ...] = ()
    last: int = 0


def read_state(path: Path) -> ProfileState | None:
    """What the file of a profile says; None where there is no file.

    Raises:
        ModelError: The file is damaged, or of a later format.
    """
    if not path.exists():
        return None
    data = read_object(path, "the profile", _REMEDY)
    if data.get("format") != FORMAT:
        raise ModelError(
            f"the profile has format {data.get('format')!r}, not {FORMAT}",
            path=path,
            remedy=_REMEDY,
        )
    with damage_in("the profile", path, _REMEDY):
        return ProfileState(
            checked_name(text(data["name"], _LONGEST)),
            tuple(checked_name(text(one, _LONGEST)) for one in _few(data["former"])),
            _number(data["current"]),
            tuple(_number(one) for one in _few(data["history"])),
            whole(data["last"]),
        )


def write_state(path: Path, state: ProfileState) -> None:
    """Writes the file of a profile so that it is never half written.

    Raises:
        ModelError: It cannot be written; what was there before is unchanged.
    """
    data = {
        "format": FORMAT,
        "name": state.name,
        "former": list(state.former),
        "current": state.current,
        "history": list(state.history),
        "last": state.last,
    }
    write_object(path, data, "the profile")


def checked_name(name: str) -> str:
    """The name as it is kept.

    Raises:
        UsageError: It cannot be the name of a profile.
    """
    found = unicodedata.normalize("NFC", name).strip()
    if len(found) > LONGEST_PROFILE or not found.isprintable():
        raise UsageError(
            f"a profile cannot be called {name[: LONGEST_PROFILE + 1]!r}",
            remedy=f"Choose a name of one line and at most {LONGEST_PROFILE} characters.",
        )
    return found


@contextmanager
def locked(
    path: Path, refusal: Exception, patience: float, cancelled: Callable[[], bool]
) -> Iterator[None]:
    """Keeps others out, in this process and in all others.

    The operating system gives the lock back if this process ends in any way.

    Args:
        path: File of the lock.
        refusal: What is raised where somebody else has it.
        patience: Seconds to wait for it.
        cancelled: Asked several times a second meanwhile.

    Raises:
        ModelError: The folder cannot be written to.
        Cancelled: ``cancelled()`` was true.
    """
    with writing("the profile", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=patience, poll_interval=_BETWEEN_TRIES, cancel_check=cancelled)
        except Timeout:
            if cancelled():
                raise Cancelled from None
            raise refusal from None
    try:
        yield
    finally:
        lock.release()


def _number(value: Any) -> int | None:
    return None if value is None else whole(value, 1)


def _few(values: Any) -> list[Any]:
    if not isinstance(values, list) or len(values) > 10 * LONGEST_HISTORY:
        raise TypeError(values)
    return values
