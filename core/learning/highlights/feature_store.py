"""Rows of our own signals by video and second, as ``emotion-shortform features`` leaves them.

``<root>/videos.json`` says of every video which tracks it has, how they were made and in which
folder of the store of analyses, ``<root>/tracks/``, they lie.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError, StoreError
from core.learning.highlights.feature_index import (
    INDEX,
    VIDEO_ENDINGS,
    StoredTrack,
    StoredVideo,
    command,
    read_index,
    video_name,
)
from core.learning.highlights.labelled_video import LabelledVideo
from core.media.fingerprint import fingerprint
from core.signals.shots import COLUMNS as SHOT_COLUMNS
from core.signals.shots import Shots

_SHOT_SUMMARY = ("changes", "strength")


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
            "no video has features", path=self.root, remedy=f"Make them: {command(self.root)}."
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
                remedy=f"Put it beside the other videos and run: {command(self.root)}.",
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
                remedy=f"Make the features anew: {command(self.root)} "
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
        remedy = f"Make it anew: delete it if it is there, and run: {command(self.root)}."
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
                        path=self.root / INDEX,
                        remedy=f"Make them alike: {command(self.root)}, with the options of your "
                        "choice; what is already known is kept.",
                    )


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
