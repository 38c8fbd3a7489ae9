"""Where profiles lie: a folder each, and one lock around what changes their names."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ModelError
from core.learning.personal.profile_state import locked
from core.learning.personal.version_files import GONE
from core.places import data_folder

USUAL = "usual"
"""Folder of the profile without a name."""

_TAKEN = re.compile(r"usual|con|prn|aux|nul|com\d|lpt\d")
"""Names of folders that are ours, or that some systems do not have."""
_LONGEST_FOLDER = 40
_PATIENCE = 5.0
"""Seconds to wait for another window that changes the profiles."""


def profiles_folder() -> Path:
    """Where the profiles of this user are, each in a folder of its own."""
    return data_folder() / "profiles"


def free_folder(name: str) -> Path:
    """A folder that is not there yet, called after a profile as far as every system can.

    Args:
        name: Of the profile.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub("[^a-z0-9]+", "-", plain)[:_LONGEST_FOLDER].strip("-") or "profile"
    number = 1
    while True:
        chosen = slug if number == 1 else f"{slug}-{number}"
        place = profiles_folder() / chosen
        if not _TAKEN.fullmatch(chosen) and not place.exists():
            return place
        number += 1


@contextmanager
def writing_profiles() -> Iterator[None]:
    """The right to change profiles, for one window at a time; not to be asked for within itself.

    Raises:
        ModelError: Another window has it all the time, or the folder cannot be written to.
    """
    folder = profiles_folder()
    refusal = ModelError(
        "the profiles are being changed by another window", path=folder, remedy="Try again."
    )
    with locked(folder / ".lock", refusal, _PATIENCE, lambda: False):
        for pattern in (f"{GONE}*", f"*/versions/{GONE}*"):  # of a removal that was killed
            for left in folder.glob(pattern):
                shutil.rmtree(left, ignore_errors=True)
        yield
