"""The list of a folder of features: which tracks each video has, and how they were made."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import StoreError
from core.files import replace_file
from core.time import exact

VIDEO_ENDINGS = (
    *(".mp4", ".mov", ".mkv", ".webm", ".m4v", ".avi"),
    *(".ts", ".mts", ".m2ts", ".mpg", ".wmv", ".flv"),
)
"""Endings of the files that the window offers to open."""

INDEX = "videos.json"
"""Name of the list."""

_LAYOUT = 1


@dataclass(frozen=True)
class StoredTrack:
    """How one track of one video was made, and where it is.

    Attributes:
        version: Of the signal; other versions give other rows.
        columns: Names of the row's last axis, where the columns mean different things.
        shape: Of one cell's row.
        dtype: Of the rows.
        folder: Relative to the root of the features.
    """

    version: str
    columns: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    folder: str


@dataclass(frozen=True)
class StoredVideo:
    """One video whose features are in the store.

    Attributes:
        name: Its path in the folder of the videos, without ending, with ``/`` between folders.
        file: The same with ending.
        fingerprint: Name of its content.
        duration: Seconds.
        cells: Rows of every track.
        step: Seconds per cell.
        tracks: By name of the signal; those of the sound are absent where there is none.
    """

    name: str
    file: str
    fingerprint: str
    duration: Fraction
    cells: int
    step: Fraction
    tracks: Mapping[str, StoredTrack]


def video_name(path: str | Path) -> str:
    """The name of a video by its path relative to the folder of all videos."""
    return unicodedata.normalize("NFC", Path(path).with_suffix("").as_posix())


def read_index(root: Path) -> tuple[dict[str, StoredVideo], tuple[str, ...]]:
    """The stored videos by name, and the problems of the last run.

    Raises:
        StoreError: There is no index, or it is damaged.
    """
    path = root / INDEX
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["layout"] != _LAYOUT:
            raise ValueError(f"layout {data['layout']}")
        videos = {str(name): _video_of(str(name), item) for name, item in data["videos"].items()}
        return videos, tuple(map(str, data["problems"]))
    except FileNotFoundError:
        raise StoreError(
            "there are no features here", path=path, remedy=f"Make them: {command(root)}."
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError) as error:
        raise StoreError(
            f"the list of the features cannot be read ({error})",
            path=path,
            remedy=f"Make it anew: delete it and run: {command(root)}; tracks are kept.",
        ) from error


def write_index(root: Path, videos: Mapping[str, StoredVideo], problems: Sequence[str]) -> None:
    """Replaces the index in one step.

    Raises:
        StoreError: It cannot be written.
    """
    data = {
        "layout": _LAYOUT,
        "videos": {name: _json_of(videos[name]) for name in sorted(videos)},
        "problems": list(problems),
    }
    try:
        text = json.dumps(data, indent=1, ensure_ascii=False)
        # A file name may hold bytes that are no UTF-8; its video is listed all the same.
        replace_file(root / INDEX, text.encode("utf-8", errors="backslashreplace"))
    except OSError as error:
        raise StoreError(
            f"the list of the features cannot be written ({error.strerror or error})",
            path=root / INDEX,
            remedy="Free some space, or choose another folder.",
        ) from error


def _video_of(name: str, item: Mapping[str, Any]) -> StoredVideo:
    tracks = {
        str(track): StoredTrack(
            str(made["version"]),
            tuple(map(str, made["columns"])),
            tuple(map(int, made["shape"])),
            str(np.dtype(made["dtype"])),
            str(made["folder"]),
        )
        for track, made in item["tracks"].items()
    }
    duration, step = exact(str(item["duration"])), exact(str(item["step"]))
    cells = int(item["cells"])
    if step <= 0 or cells <= 0:
        raise ValueError(f"{name}: {cells} cells of {step} s")
    return StoredVideo(
        name, str(item["file"]), str(item["fingerprint"]), duration, cells, step, tracks
    )


def _json_of(video: StoredVideo) -> dict[str, Any]:
    return {
        "file": video.file,
        "fingerprint": video.fingerprint,
        "duration": str(video.duration),
        "cells": video.cells,
        "step": str(video.step),
        "tracks": {
            name: {
                "version": made.version,
                "columns": list(made.columns),
                "shape": list(made.shape),
                "dtype": made.dtype,
                "folder": made.folder,
            }
            for name, made in sorted(video.tracks.items())
        },
    }


def command(root: Path) -> str:
    """The command that makes these features again."""
    return f"emotion-shortform features DIR --out {root}"
