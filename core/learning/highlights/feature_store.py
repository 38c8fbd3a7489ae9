"""Rows of our own signals by video and second, as ``emotion-shortform features`` leaves them.

``<root>/videos.json`` says of every video which tracks it has, how they were made and in which
folder of the store of analyses, ``<root>/tracks/``, they lie.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError, StoreError
from core.files import replace_file
from core.learning.highlights.labelled_video import LabelledVideo
from core.media.fingerprint import fingerprint
from core.signals.shots import COLUMNS as SHOT_COLUMNS
from core.signals.shots import Shots
from core.time import exact

VIDEO_ENDINGS = (
    *(".mp4", ".mov", ".mkv", ".webm", ".m4v", ".avi"),
    *(".ts", ".mts", ".m2ts", ".mpg", ".wmv", ".flv"),
)
"""Endings of the files that the window offers to open."""

_INDEX = "videos.json"
_LAYOUT = 1
_SHOT_SUMMARY = ("changes", "strength")


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


class FeatureStore:
    """Reads the features of a folder of videos.

    Args:
        root: What was given to ``emotion-shortform features`` as ``--out``.

    Raises:
        StoreError: There are no features, they are damaged, or they were not all made alike.

    Attributes:
        root: The folder.
        problems: What the last run could not read, a line each.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._videos, self.problems = read_index(root)
        self._check_alike()

    @property
    def videos(self) -> tuple[str, ...]:
        """Names of all videos, in order."""
        return tuple(sorted(self._videos))

    @property
    def step(self) -> Fraction:
        """Seconds per cell.

        Raises:
            StoreError: There is no video.
        """
        for video in self._videos.values():
            return video.step
        raise StoreError(
            "no video has features", path=self.root, remedy=f"Make them: {_command(self.root)}."
        )

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the tracks that any video has."""
        return tuple(sorted({name for video in self._videos.values() for name in video.tracks}))

    def video(self, name: str) -> StoredVideo:
        """What is known about a video.

        Raises:
            CorpusError: There is no such video.
        """
        try:
            return self._videos[name]
        except KeyError:
            raise CorpusError(
                f"there are no features of {name}",
                path=self.root,
                remedy=f"Put it beside the other videos and run: {_command(self.root)}.",
            ) from None

    def versions(self, track: str) -> str:
        """The version of a signal, which is the same for all videos.

        Raises:
            CorpusError: No video has this track.
        """
        return self._made(track).version

    def columns(self, track: str) -> tuple[str, ...]:
        """Names of the columns of :meth:`cells`, numbered where they have none.

        Raises:
            CorpusError: No video has this track.
        """
        made = self._made(track)
        if track == Shots.name:
            return _SHOT_SUMMARY
        return made.columns or tuple(f"{track} {number}" for number in range(made.shape[-1]))

    def tracks(self, video: str) -> dict[str, NDArray[Any]]:
        """All tracks of a video, as the signals gave them: ``(cells, …)`` by signal name.

        The rows are read from the files when they are looked at; row i covers the time
        ``[i · step, (i + 1) · step)``.

        Raises:
            CorpusError: There is no such video.
            StoreError: A file is missing or damaged.
        """
        stored = self.video(video)
        return {name: self._rows(stored, name) for name in stored.tracks}

    def match(self, videos: Sequence[LabelledVideo]) -> dict[tuple[str, str], str]:
        """Joins labelled videos to stored ones by name, never by their order.

        A video is found by its name, with or without ending, or else by the path of its file, of
        which the stored name must be the end.

        Returns:
            Stored names by :attr:`LabelledVideo.key`; videos without features are left out, and
            :meth:`missing` gives them.

        Raises:
            CorpusError: None of the videos has features.
        """
        found = {video.key: name for video in videos if (name := self._name_of(video)) is not None}
        if videos and not found:
            wanted, there = videos[0].name, next(iter(self.videos), "nothing")
            raise CorpusError(
                f"no labelled video has features: the labels name {wanted}, the features {there}",
                path=self.root,
                remedy="Name the videos in the labels by their paths in the folder of the videos.",
            )
        return found

    def missing(self, videos: Sequence[LabelledVideo]) -> tuple[LabelledVideo, ...]:
        """The labelled videos that have no features here."""
        return tuple(video for video in videos if self._name_of(video) is None)

    def cells(self, video: LabelledVideo, track: str) -> NDArray[np.float32]:
        """The rows of a track at the times of a video's labels.

        Where labels are as long as several cells, they get the mean of those that are known. Cells
        of speech activity have the probabilities of their 20 ms frames. Shots are summed up
        as ``changes``, their number in the cell, and ``strength``, that of the strongest, 0 where
        there is none.

        Args:
            video: With labels for T cells.
            track: Name of a signal.

        Returns:
            ``(T, F) float32``, columns as :meth:`columns`; NaN after the end of the video, and
            everywhere where it has no such track.

        Raises:
            CorpusError: The video has no features, no video has this track, or the cells of the
                labels are not made of whole cells of the features.
            StoreError: A file is missing or damaged.
        """
        stored = self.video(self._name_of(video) or video.name)
        width = len(self.columns(track))
        each = video.step / stored.step
        if each.denominator != 1:
            raise CorpusError(
                f"labels of {float(video.step):g} s do not fit features of {float(stored.step):g} s"
                f" ({video.name})",
                path=self.root,
                remedy=f"Make the features anew: {_command(self.root)} "
                f"--step {float(video.step):g}, or a whole part of it.",
            )
        joined = np.full((video.cells * int(each), width), np.nan, np.float32)
        if track in stored.tracks:
            rows = self._rows(stored, track)[: len(joined)]
            joined[: len(rows)] = _shot_summary(rows) if track == Shots.name else rows
        return _known_mean(joined.reshape(video.cells, int(each), width))

    def _made(self, track: str) -> StoredTrack:
        for video in self._videos.values():
            if track in video.tracks:
                return video.tracks[track]
        raise CorpusError(
            f"no video has the track {track}",
            path=self.root,
            remedy=f"Those that there are: {', '.join(self.signals) or 'none'}.",
        )

    def _rows(self, video: StoredVideo, track: str) -> NDArray[Any]:
        made = video.tracks[track]
        path = self.root / made.folder / "track.npy"
        remedy = f"Make it anew: delete it if it is there, and run: {_command(self.root)}."
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise StoreError(
                f"the {track} of {video.name} cannot be read ({error.__class__.__name__})",
                path=path,
                remedy=remedy,
            ) from error
        if rows.shape != (video.cells, *made.shape) or rows.dtype != np.dtype(made.dtype):
            raise StoreError(
                f"the {track} of {video.name} is {rows.dtype} {rows.shape}, and should be "
                f"{made.dtype} {(video.cells, *made.shape)}",
                path=path,
                remedy=remedy,
            )
        return rows

    def _name_of(self, video: LabelledVideo) -> str | None:
        for name in _names(video):
            if name in self._videos:
                return name
        for name in _paths(video):
            # Another folder may hold another video of the same name.
            if name in self._videos and self._is(video, self._videos[name]):
                return name
        return None

    def _is(self, video: LabelledVideo, stored: StoredVideo) -> bool:
        if video.file is None or not video.file.is_file():
            return True
        return fingerprint(video.file) == stored.fingerprint

    def _check_alike(self) -> None:
        """Refuses features that were made in several ways, which nothing could learn from."""
        usual: dict[str, tuple[str, tuple[object, ...]]] = {}
        for name, video in sorted(self._videos.items()):
            ways: list[tuple[str, str, tuple[object, ...]]] = [
                ("grid", f"{float(video.step):g} s", (video.step,))
            ]
            ways += [
                (track, made.version, (made.version, made.columns, made.shape, made.dtype))
                for track, made in video.tracks.items()
            ]
            for what, shown, way in ways:
                shown = f"{shown} ({name})"
                before, first = usual.setdefault(what, (shown, way))
                if way != first:
                    raise StoreError(
                        f"the features were not all made alike, the {what} is {before} and {shown}",
                        path=self.root / _INDEX,
                        remedy=f"Make them alike: {_command(self.root)}, with the options of your "
                        "choice; what is already known is kept.",
                    )


def video_name(path: str | Path) -> str:
    """The name of a video by its path relative to the folder of all videos."""
    return unicodedata.normalize("NFC", Path(path).with_suffix("").as_posix())


def read_index(root: Path) -> tuple[dict[str, StoredVideo], tuple[str, ...]]:
    """The stored videos by name, and the problems of the last run.

    Raises:
        StoreError: There is no index, or it is damaged.
    """
    path = root / _INDEX
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["layout"] != _LAYOUT:
            raise ValueError(f"layout {data['layout']}")
        videos = {str(name): _video_of(str(name), item) for name, item in data["videos"].items()}
        return videos, tuple(map(str, data["problems"]))
    except FileNotFoundError:
        raise StoreError(
            "there are no features here", path=path, remedy=f"Make them: {_command(root)}."
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError) as error:
        raise StoreError(
            f"the list of the features cannot be read ({error})",
            path=path,
            remedy=f"Make it anew: delete it and run: {_command(root)}; tracks are kept.",
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
        replace_file(root / _INDEX, text.encode("utf-8", errors="backslashreplace"))
    except OSError as error:
        raise StoreError(
            f"the list of the features cannot be written ({error.strerror or error})",
            path=root / _INDEX,
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


def _names(video: LabelledVideo) -> Iterator[str]:
    """Names that a labelled video may be stored under."""
    yield unicodedata.normalize("NFC", video.name)
    if Path(video.name).suffix.lower() in VIDEO_ENDINGS:
        yield video_name(video.name)


def _paths(video: LabelledVideo) -> Iterator[str]:
    """The path of its file from every folder on, the longest first."""
    if video.file is not None:
        parts = Path(video_name(video.file)).parts
        yield from ("/".join(parts[start:]) for start in range(len(parts)))


def _shot_summary(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Number and greatest strength of the shot changes of each cell, ``(n, 2)``."""
    found = np.isfinite(rows[..., SHOT_COLUMNS.index("begins")])
    strength = np.where(found, rows[..., SHOT_COLUMNS.index("strength")], 0.0)
    return np.stack((found.sum(axis=1), strength.max(axis=1)), axis=1).astype(np.float32)


def _known_mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over the middle axis of what is not NaN, ``(T, n, F)`` to ``(T, F)``."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _command(root: Path) -> str:
    return f"emotion-shortform features DIR --out {root}"
