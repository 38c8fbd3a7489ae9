"""The readable part of an exported library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.errors import EmotionShortFormError, LibraryError
from core.files import replace_file
from core.learning.library.records import CutCorrection, Kind
from core.learning.library.rows import LONGEST_MODEL, moment_to_text
from core.project.cuts_file import span_from_json, span_to_json, time_from_json, time_to_json
from core.project.document import LONGEST_PROFILE, Suggestion
from core.project.emotion_corrections import (
    EmotionCorrection,
    correction_from_json,
    correction_to_json,
)
from core.project.plain_data import is_moment, name, text
from core.time import Grid, Span

LIBRARY_FILE = "library.json"

_FORMAT = "emotion-shortform library"
_VERSION = 1
_LARGEST_FILE = 256 << 20
_LONGEST_TEXT = 1000
_REMEDY = "Make the export anew, and import that."

Dated = tuple[CutCorrection | EmotionCorrection, datetime]
"""A correction and when it was last changed."""


@dataclass(frozen=True)
class ExportedVideo:
    """What a project says of a video.

    Attributes:
        video: Fingerprint.
        path: Where it was last seen.
        duration: Seconds.
        said: Corrections, each cut and each stretch once.
        seen: In order, none touching another.
    """

    video: str
    path: Path
    duration: Fraction
    said: tuple[Dated, ...]
    seen: tuple[Span, ...]


@dataclass(frozen=True)
class ExportedProject:
    """What a project says.

    Attributes:
        project: Path of its file.
        profile: That learns from it.
        videos: Each once.
    """

    project: str
    profile: str
    videos: tuple[ExportedVideo, ...]


@dataclass(frozen=True)
class ExportedFeatures:
    """What is said of a file with features.

    Attributes:
        step: Seconds per cell.
        versions: By track.
        checksum: SHA-256 of the file.
    """

    step: Fraction
    versions: Mapping[str, str]
    checksum: str


@dataclass(frozen=True)
class ExportedLibrary:
    """All that an export says.

    Attributes:
        projects: Each once.
        features: By fingerprint.
    """

    projects: tuple[ExportedProject, ...]
    features: Mapping[str, ExportedFeatures]


def write_exported(folder: Path, exported: ExportedLibrary) -> None:
    """Writes the readable part into a folder.

    Raises:
        OSError: The file cannot be written.
    """
    data = {
        "format": _FORMAT,
        "version": _VERSION,
        "projects": [
            {
                "project": project.project,
                "profile": project.profile,
                "videos": [_video_to_json(video) for video in project.videos],
            }
            for project in exported.projects
        ],
        "features": {
            video: {
                "sha256": one.checksum,
                **time_to_json("step", one.step),
                "versions": dict(one.versions),
            }
            for video, one in exported.features.items()
        },
    }
    plain = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    replace_file(folder / LIBRARY_FILE, plain.encode())


def read_exported(folder: Path) -> ExportedLibrary:
    """Reads the readable part of an export.

    Raises:
        LibraryError: It is not there, of a later version, or damaged.
    """
    path = folder / LIBRARY_FILE
    try:
        if path.is_symlink() or not path.is_file():
            raise LibraryError(
                "this folder is no exported library",
                path=folder, remedy=f"Choose a folder with {LIBRARY_FILE} in it.",
            )  # fmt: skip
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise LibraryError(
            f"the exported library cannot be read ({error.strerror or error})",
            path=path, remedy="Check the name and the folder.",
        ) from error  # fmt: skip
    if len(content) > _LARGEST_FILE:
        raise LibraryError("this file is too large for an exported library", path=path)
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise LibraryError(
            "this is no exported library, or a damaged one", path=path, remedy=_REMEDY
        ) from None
    return _exported_from_json(data, path)


def _exported_from_json(data: Any, path: Path) -> ExportedLibrary:
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise LibraryError("this is no exported library", path=path, remedy=_REMEDY)
    version = data.get("version")
    if isinstance(version, int) and version > _VERSION:
        raise LibraryError(
            f"this library was exported by a later version of the application (format {version})",
            path=path, remedy="Update the application to import it.",
        )  # fmt: skip
    try:
        if isinstance(version, bool) or version != _VERSION:
            raise ValueError(version)
        projects = tuple(_project_from_json(item, path) for item in _list(data["projects"]))
        _once([project.project for project in projects])
        features = {
            name(video): _features_from_json(one) for video, one in data["features"].items()
        }
    except EmotionShortFormError as error:
        raise LibraryError(
            f"this exported library is damaged: {error.happened}", path=path, remedy=_REMEDY
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise LibraryError("this exported library is damaged", path=path, remedy=_REMEDY) from None
    return ExportedLibrary(projects, features)


def _project_from_json(data: Any, path: Path) -> ExportedProject:
    videos = tuple(_video_from_json(item, path) for item in _list(data["videos"]))
    _once([video.video for video in videos])
    return ExportedProject(name(data["project"]), text(data["profile"], LONGEST_PROFILE), videos)


def _video_to_json(video: ExportedVideo) -> dict[str, Any]:
    cuts, emotions = [], []
    for one, collected in video.said:
        dated = {"collected": moment_to_text(collected)}
        if isinstance(one, EmotionCorrection):
            emotions.append({**correction_to_json(one), **dated})
            continue
        suggestion = one.suggestion and {
            **span_to_json(one.suggestion.span), "model": one.suggestion.model,
        }  # fmt: skip
        cuts.append(
            {
                "identifier": one.identifier,
                "kind": str(one.kind),
                **span_to_json(one.span),
                "suggestion": suggestion,
                **dated,
            }
        )
    return {
        "video": video.video,
        "path": str(video.path),
        **time_to_json("duration", video.duration),
        "cuts": cuts,
        "emotions": emotions,
        "seen": [span_to_json(span) for span in video.seen],
    }


def _video_from_json(data: Any, path: Path) -> ExportedVideo:
    cuts = [(_cut_from_json(item), _moment(item)) for item in _list(data["cuts"])]
    emotions = [
        (correction_from_json(item, path), _moment(item)) for item in _list(data["emotions"])
    ]
    _once([cut.identifier for cut, _ in cuts])
    _once([heard.span for heard, _ in emotions])
    spans = tuple(_span(item) for item in _list(data["seen"]))
    duration = time_from_json(data, "duration")
    if not all(map(is_moment, [duration, *(heard.span.end for heard, _ in emotions)])):
        raise ValueError(duration)
    return ExportedVideo(
        name(data["video"]), Path(name(data["path"])), duration, (*cuts, *emotions), spans
    )


def _cut_from_json(data: Any) -> CutCorrection:
    given, suggestion = data["suggestion"], None
    if given is not None:
        suggestion = Suggestion(_span(given), text(given["model"], LONGEST_MODEL))
    return CutCorrection(name(data["identifier"]), Kind(data["kind"]), _span(data), suggestion)


def _features_from_json(data: Any) -> ExportedFeatures:
    versions = {
        text(track, _LONGEST_TEXT): text(version, _LONGEST_TEXT)
        for track, version in data["versions"].items()
    }
    step = Grid(time_from_json(data, "step")).step
    return ExportedFeatures(step, versions, text(data["sha256"], _LONGEST_TEXT))


def _span(data: Any) -> Span:
    span = span_from_json(data)
    if not is_moment(span.start) or not is_moment(span.end):
        raise ValueError(span)
    return span


def _moment(data: Any) -> datetime:
    moment = datetime.fromisoformat(data["collected"])
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _once(keys: list[Any]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError(keys)
