"""Small JSON files of a profile: replaced whole, and refused with a reason where damaged."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import EmotionShortFormError, ModelError
from core.files import open_file, replace_file

LARGEST_FILE = 1_000_000
"""Bytes; a larger file is not one of ours."""


def read_object(path: Path, thing: str, remedy: str) -> dict[str, Any]:
    """The JSON object that a file holds.

    Args:
        path: The file.
        thing: What it is, for messages: ``the profile``.
        remedy: What the user can do where it is damaged.

    Raises:
        ModelError: It is missing, cannot be read, is too large, or holds no object.
    """
    try:
        with open_file(path) as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ModelError(f"{thing} cannot be read ({why})", path=path, remedy=remedy) from error
    if len(data) > LARGEST_FILE:
        raise ModelError(f"{thing} is larger than {LARGEST_FILE} bytes", path=path, remedy=remedy)
    try:
        plain = json.loads(data.decode())
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        raise ModelError(f"{thing} is damaged", path=path, remedy=remedy)
    return plain


def write_object(path: Path, data: Mapping[str, Any], thing: str) -> None:
    """Writes a JSON object so that the file is never half written.

    Raises:
        ModelError: It cannot be written; what was there before is unchanged.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with writing(thing, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode(errors="backslashreplace"))


@contextmanager
def writing(thing: str, path: Path) -> Iterator[None]:
    """Says what could not be written.

    Raises:
        ModelError: The file system refused.
    """
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{thing} cannot be saved ({error.strerror or error})",
            path=path,
            remedy="Make sure that you may write to this folder, and that its disk has room.",
        ) from error


@contextmanager
def damage_in(thing: str, path: Path, remedy: str) -> Iterator[None]:
    """Says which file has a mistake in it.

    Raises:
        ModelError: Something is missing, of another kind, or not possible.
    """
    try:
        yield
    except EmotionShortFormError as error:
        raise ModelError(f"{thing}: {error.happened}", path=path, remedy=remedy) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise ModelError(f"{thing} is damaged", path=path, remedy=remedy) from None


def whole(value: Any, least: int = 0) -> int:
    """A whole number.

    Raises:
        TypeError: It is none.
        ValueError: It is too small or too large.
    """
    if type(value) is not int:
        raise TypeError(value)
    if not least <= value < 2**63:
        raise ValueError(value)
    return value


def finite(value: Any) -> float:
    """A finite number.

    Raises:
        TypeError: It is none.
        ValueError: It is infinite or not a number.
    """
    if type(value) not in (int, float):
        raise TypeError(value)
    if not math.isfinite(value):
        raise ValueError(value)
    return float(value)
