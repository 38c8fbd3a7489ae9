"""The library as a folder that people can read, and that another machine can take in.

``library.json`` holds the corrections by project and video, times as numbers for people and as
fractions; ``features/<fingerprint>.safetensors`` holds the tracks of each video, whose checksum is
in the JSON.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from hashlib import blake2b, sha256
from itertools import groupby
from pathlib import Path

import numpy as np

from core.errors import EmotionShortFormError, LibraryError
from core.learning.library import tracks
from core.learning.library.exchange_json import (
    ExportedFeatures,
    ExportedLibrary,
    ExportedProject,
    ExportedVideo,
    read_exported,
    write_exported,
)
from core.learning.library.library import Library
from core.learning.library.merging import merge
from core.learning.library.records import VideoFeatures

FEATURES_FOLDER = "features"

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LARGEST_FEATURES = 4 << 30
_AGAIN = "Make the export anew, and import that."


def export_library(library: Library, folder: Path, profile: str | None = None) -> None:
    """Writes corrections and features to a new folder, which is there when all of it is.

    Videos that are left out are not in it, nor what was forgotten.

    Args:
        library: Is open.
        folder: Must be new or empty.
        profile: Only what this profile learns from; None for all.

    Raises:
        LibraryError: The folder is not empty or cannot be written, or the library is damaged.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LibraryError(
            "the export needs a new folder", path=folder, remedy="Choose a name that is not taken."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            _fill(library, unfinished, profile)
            unfinished.chmod(0o755)
            if folder.exists():
                folder.rmdir()
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise LibraryError(
            f"the library cannot be exported ({error.strerror or error})",
            path=folder,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error


def import_library(library: Library, folder: Path) -> int:
    """Takes in what :func:`export_library` wrote, beside what there is.

    All of it is checked first, so that a damaged export changes nothing. Of a cut that is there
    already, the one that was changed last counts; features that are there stay. Corrections that
    were forgotten come back, for the user asks for them; of videos that are left out nothing is
    taken.

    Args:
        library: Is open.
        folder: With an export.

    Returns:
        How many corrections are new or changed.

    Raises:
        LibraryError: It is no export, not all of one, or a damaged one; or the library cannot be
            written.
    """
    exported = read_exported(folder)
    for video, features in exported.features.items():
        _read_features(folder, video, features)
    return merge(
        library.connection,
        library.path,
        exported,
        lambda video: _read_features(folder, video, exported.features[video]),
    )


def _fill(library: Library, folder: Path, profile: str | None) -> None:
    known = {one.video: one for one in library.videos(profile) if not one.left_out}
    stored = [one for one in library.corrections(profile) if one.video in known]
    stored.sort(key=lambda one: (one.project, one.video))
    projects = []
    for (project, of), corrections in groupby(stored, key=lambda one: (one.project, one.profile)):
        videos = []
        for video, ones in groupby(corrections, key=lambda one: one.video):
            said = [(one.correction, one.collected) for one in ones]
            seen = library.seen(None, video, project=project)
            there = known[video]
            videos.append(ExportedVideo(video, there.path, there.duration, tuple(said), seen))
        projects.append(ExportedProject(project, of, tuple(videos)))
    (folder / FEATURES_FOLDER).mkdir()
    features = {}
    for video in sorted({one.video for one in stored}):
        found = library.features(video)
        if found is not None:
            features[video] = _write_features(folder, video, found)
    write_exported(folder, ExportedLibrary(tuple(projects), features))


def _write_features(folder: Path, video: str, features: VideoFeatures) -> ExportedFeatures:
    from safetensors.numpy import save

    data = save({name: np.ascontiguousarray(rows) for name, rows in features.tracks.items()})
    with _place(folder, video).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return ExportedFeatures(features.step, dict(features.versions), sha256(data).hexdigest())


def _read_features(folder: Path, video: str, exported: ExportedFeatures) -> VideoFeatures:
    """The features of a video in an export.

    Raises:
        LibraryError: They are missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = _place(folder, video)
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_FEATURES:
            raise LibraryError("the features of a video are missing", path=path, remedy=_AGAIN)
        data = path.read_bytes()
    except OSError as error:
        raise LibraryError(
            f"the features of a video cannot be read ({error.strerror or error})",
            path=path, remedy=_AGAIN,
        ) from error  # fmt: skip
    if sha256(data).hexdigest() != exported.checksum:
        raise LibraryError("the features of a video are damaged", path=path, remedy=_AGAIN)
    try:
        features = VideoFeatures(exported.step, load(data), exported.versions)
        tracks.check(features)
    except EmotionShortFormError as error:
        raise LibraryError(
            f"the features of a video are damaged: {error.happened}", path=path, remedy=_AGAIN
        ) from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryError(
            "the features of a video are damaged", path=path, remedy=_AGAIN
        ) from error
    return features


def _place(folder: Path, video: str) -> Path:
    """The file of a video's features; a fingerprint that is no name for a file gets another one."""
    name = video if _SAFE_NAME.fullmatch(video) else blake2b(video.encode()).hexdigest()[:32]
    return folder / FEATURES_FOLDER / f"{name}.safetensors"
