"""Reads the small things that a project's file is made of, and says what of it is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.errors import EmotionShortFormError, ProjectError
from core.time import Span

REMEDY = "Correct the file, or open one of its backups."
"""What to do about a project's file with a mistake in it."""

LONGEST_VIDEO = 1_000_000
"""Seconds; what lies later is a mistake."""

_LONGEST_NAME = 32_768
_FINEST = 10**18
"""Times have a smaller denominator, so that they are short enough to be read again."""


def damaged(thing: str, path: Path) -> ProjectError:
    """The error about a thing that cannot be understood."""
    return ProjectError(f"{thing} is damaged", path=path, remedy=REMEDY)


@contextmanager
def damage_in(thing: str, path: Path) -> Iterator[None]:
    """Says which thing of a project cannot be understood.

    Args:
        thing: What is being read: "cut 2".
        path: The file that it comes from.

    Raises:
        ProjectError: Something is missing, is of another kind, or is not possible.
    """
    try:
        yield
    except EmotionShortFormError as error:
        raise ProjectError(f"{thing}: {error.happened}", path=path, remedy=REMEDY) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise damaged(thing, path) from None


def refuse(flaw: str, path: Path) -> None:
    """Refuses what has a flaw.

    Args:
        flaw: What is wrong, empty for nothing.
        path: The file of the project.

    Raises:
        ProjectError: There is a flaw.
    """
    if flaw:
        raise ProjectError(flaw, path=path, remedy=REMEDY)


def inside(span: Span) -> bool:
    """Whether a span can be of a video: from its begin on, up to some days."""
    return span.start >= 0 and span.end <= LONGEST_VIDEO


def is_moment(seconds: Fraction) -> bool:
    """Whether a time can be in a video, and is written short enough to be read again."""
    above, below = seconds.numerator, seconds.denominator  # much faster than to compare fractions
    return 0 <= above <= LONGEST_VIDEO * below and below < _FINEST


def flag(data: dict[str, Any], name: str, usual: bool = False) -> bool:
    """A yes or no.

    Raises:
        TypeError: It is neither.
    """
    value = data.get(name, usual)
    if not isinstance(value, bool):
        raise TypeError(name)
    return value


def text(value: Any, longest: int) -> str:
    """A text of at most so many characters.

    Raises:
        TypeError: It is none.
        ValueError: It is too long.
    """
    if not isinstance(value, str):
        raise TypeError(value)
    if len(value) > longest:
        raise ValueError(value)
    return value


def name(value: Any) -> str:
    """A text that can be a file's name or an identifier.

    Raises:
        TypeError: It is no text.
        ValueError: It is empty, endless, or has a character that no file name has.
    """
    found = text(value, _LONGEST_NAME)
    if not found or "\0" in found:
        raise ValueError(value)
    return found


def relative_path(file: Path, folder: Path) -> str | None:
    """The way from a folder to a file, with slashes; None on another drive.

    Links among the folders are followed, since ``..`` would lead elsewhere otherwise; the file
    itself may be a link that is moved together with the project.
    """
    try:
        whole = file.parent.resolve() / file.name
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    except (OSError, ValueError, RuntimeError):
        return None


def beside(folder: Path, relative: str) -> Path:
    """Where a relative path leads from a folder.

    Raises:
        OSError: A folder on the way cannot be looked at.
        ValueError: It is no path.
        RuntimeError: Links lead in a circle.
    """
    return Path(os.path.normpath(folder.resolve() / relative))
