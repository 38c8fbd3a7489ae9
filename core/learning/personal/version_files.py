"""The versions of a profile on disk: a folder each, that appears whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.files import open_file
from core.learning.personal.plain_files import (
    damage_in,
    finite,
    read_object,
    whole,
    write_object,
    writing,
)
from core.learning.personal.trial import Measure, Trial, Verdict
from core.learning.personal.versions import EMOTION, FUSION, TASTE, Learnt, Version
from core.networks.weights import WEIGHTS_FILE, load_card
from core.project.plain_data import text

VERSION_FILE = "version.json"
FORMAT = 1
PARTS = (FUSION, TASTE, EMOTION)
GONE = ".gone-"
"""How the name of a folder begins that is being removed."""

_NAMED = re.compile(r"\d{4,9}")
_REMEDY = "Use another version, or go back to the shipped weights."
_MOST_VIDEOS = 100_000
_LONGEST = 2000
"""Characters of any text of a version."""


def version_folder(folder: Path, number: int) -> Path:
    """Where a version is.

    Args:
        folder: Of the versions.
        number: 1 or more.
    """
    return folder / f"{number:04d}"


def numbers(folder: Path) -> list[int]:
    """The numbers of the versions in a folder, the highest first, damaged ones too."""
    try:
        found = [place.name for place in folder.iterdir() if _NAMED.fullmatch(place.name)]
    except OSError:
        return []
    return sorted(
        (int(name) for name in found if version_folder(folder, int(name)).name == name),
        reverse=True,
    )


def write_version(version: Version, place: Path, *, origin: Mapping[str, Any]) -> Version:
    """Puts a version in its place, in one step.

    Args:
        version: Its folder holds the weights and nothing else, on the same disk as the place; it
            is moved.
        place: :func:`version_folder`; nothing is there.
        origin: What it was made of, as plain data, so that it is recognised.

    Returns:
        The version there.

    Raises:
        ModelError: It cannot be written, or weights are damaged; nothing is there then.
    """
    weights = {name: checked_weights(version.folder / name) for name in _parts(version.folder)}
    data = {**version_to_json(version), "weights": weights, "origin": dict(origin)}
    write_object(version.folder / VERSION_FILE, data, "the version")
    with writing("the version", place):
        place.parent.mkdir(parents=True, exist_ok=True)
        version.folder.rename(place)
    return read_version(place)


def read_version(folder: Path, *, check_weights: bool = False) -> Version:
    """The version in a folder.

    Args:
        folder: Named by its number.
        check_weights: Whether to read the weights too, and compare them with their checksums.

    Raises:
        ModelError: It is damaged, of a later format, or parts of its weights are not there.
    """
    path = folder / VERSION_FILE
    data = read_object(path, "the version", _REMEDY)
    if data.get("format") != FORMAT:
        raise ModelError(
            f"the version has format {data.get('format')!r}, not {FORMAT}",
            path=path,
            remedy=_REMEDY,
        )
    with damage_in("the version", path, _REMEDY):
        version = _from_json(data, folder)
        weights = {
            text(name, _LONGEST): text(digest, _LONGEST) for name, digest in data["weights"].items()
        }
        if version.number != int(folder.name):
            raise ValueError(version.number)
    if weights.keys() != set(_parts(folder)):
        raise ModelError("the version lacks some of its weights", path=folder, remedy=_REMEDY)
    for name, digest in weights.items():
        found = checked_weights(folder / name) if check_weights else _digest(folder / name)
        if found != digest:
            raise ModelError(
                "the weights are not those of the version", path=folder / name, remedy=_REMEDY
            )
    return version


def read_origin(folder: Path) -> dict[str, Any]:
    """What a version was made of, as it was given to :func:`write_version`; empty if unknown."""
    try:
        origin = read_object(folder / VERSION_FILE, "the version", _REMEDY).get("origin")
    except ModelError:
        return {}
    return origin if isinstance(origin, dict) else {}


def checked_weights(folder: Path) -> str:
    """The checksum of a folder of weights, after the file was compared with its card.

    Raises:
        ModelError: A file is missing or damaged.
    """
    digest = _digest(folder)
    path = folder / WEIGHTS_FILE
    try:
        with open_file(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"the weights cannot be read ({error.strerror or error})", path=path, remedy=_REMEDY
        ) from error
    if found != digest:
        raise ModelError(
            "the weights are damaged: their checksum is not the card's", path=path, remedy=_REMEDY
        )
    return found


def remove_folder(folder: Path) -> None:
    """Removes a folder so that it is gone in one step, even if its files take longer.

    Raises:
        ModelError: It cannot be removed.
    """
    aside = folder.with_name(f"{GONE}{folder.name}")
    with writing("the removal", folder):
        for step in (shutil.rmtree, lambda _: folder.rename(aside), shutil.rmtree):
            with contextlib.suppress(FileNotFoundError):
                step(aside)


def version_to_json(version: Version) -> dict[str, Any]:
    """Plain data of a version, but for where it is."""
    return {
        "format": FORMAT,
        "number": version.number,
        "made": version.made.isoformat(),
        "seed": version.seed,
        "videos": dict(sorted(version.videos.items())),
        "trial": trial_to_json(version.trial),
        "learnt": [{"subject": one.subject, "change": one.change} for one in version.learnt],
        "library": version.library,
    }


def trial_to_json(trial: Trial) -> dict[str, Any]:
    """Plain data of a trial."""
    return {
        "measures": [
            {
                "name": one.name,
                "before": one.before,
                "after": one.after,
                "low": one.low,
                "high": one.high,
                "videos": one.videos,
            }
            for one in trial.measures
        ],
        "verdict": trial.verdict.value,
        "reason": trial.reason,
    }


def trial_from_json(data: Any) -> Trial:
    """The trial of :func:`trial_to_json`.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    measures = tuple(
        Measure(
            text(one["name"], _LONGEST),
            finite(one["before"]),
            finite(one["after"]),
            finite(one["low"]),
            finite(one["high"]),
            whole(one["videos"]),
        )
        for one in _listed(data["measures"], 100)
    )
    return Trial(measures, Verdict(data["verdict"]), text(data["reason"], _LONGEST))


def learnt_from_json(data: Any) -> tuple[Learnt, ...]:
    """What a version learned, from plain data.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    return tuple(
        Learnt(text(one["subject"], _LONGEST), finite(one["change"])) for one in _listed(data)
    )


def _from_json(data: dict[str, Any], folder: Path) -> Version:
    made = datetime.fromisoformat(text(data["made"], _LONGEST))
    if made.tzinfo is None:
        raise ValueError(made)
    videos = {text(name, _LONGEST): whole(count) for name, count in data["videos"].items()}
    if len(videos) > _MOST_VIDEOS:
        raise ValueError(len(videos))
    return Version(
        number=whole(data["number"], 1),
        folder=folder,
        made=made,
        seed=whole(data["seed"]),
        videos=videos,
        trial=trial_from_json(data["trial"]),
        learnt=learnt_from_json(data["learnt"]),
        library=text(data["library"], _LONGEST),
    )


def _listed(data: Any, most: int = 1000) -> list[Any]:
    if not isinstance(data, list) or len(data) > most:
        raise TypeError(data)
    return data


def _parts(folder: Path) -> list[str]:
    return [name for name in PARTS if (folder / name).is_dir()]


def _digest(folder: Path) -> str:
    return str(load_card(folder)["sha256"])
