"""Frames to learn from: the visual features of labelled seconds and of described moments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.tags import centre_of
from core.errors import CorpusError
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers import Moment
from core.learning.highlights.readers.sources import load_object
from core.learning.highlights.systems import Fold, positive_cells
from core.learning.highlights.tables import FEWEST_VIDEOS
from core.networks.frame_heads import HEADS
from core.signals.visual_features import VisualFeatures

TEST_SHARE, VALIDATION_SHARE = 0.2, 0.15
UNKNOWN = -1
"""The class of a moment that nobody described."""


class FrameSource:
    """The visual features of labelled videos, as a head reads them.

    Args:
        store: With visual features.
        centred: The mean of each video is taken off.

    Raises:
        CorpusError: No video of the store has visual features.

    Attributes:
        backbone: Version of the network that they come from.
        dimension: F.
    """

    def __init__(self, store: FeatureStore, *, centred: bool = False) -> None:
        self._store = store
        self._centred = centred
        self.backbone = store.versions(VisualFeatures.name)
        self.dimension = len(store.columns(VisualFeatures.name))

    def rows(self, video: LabelledVideo) -> NDArray[np.float32]:
        """The features of the cells of a video, ``(T, F) float32``, NaN where there are none.

        Raises:
            CorpusError: The video has no features, or its labels do not fit their cells.
            StoreError: A file is missing or damaged.
        """
        rows = self._store.cells(video, VisualFeatures.name)
        if not self._centred:
            return rows
        stored = self._store.tracks(self._store.match([video])[video.key])
        whole = stored.get(VisualFeatures.name)
        return rows if whole is None else rows - centre_of(whole)


@dataclass(frozen=True)
class Parts:
    """Videos to learn from, to choose by, and to measure on; no group is in two of them.

    Attributes:
        train: Videos.
        validation: Videos.
        test: Videos.
    """

    train: tuple[LabelledVideo, ...]
    validation: tuple[LabelledVideo, ...]
    test: tuple[LabelledVideo, ...]

    @property
    def fold(self) -> Fold:
        """The same by the keys of the videos."""
        keys = (frozenset(v.key for v in part) for part in (self.train, self.validation, self.test))
        return Fold("held-out videos", *keys)

    def as_json(self) -> dict[str, list[str]]:
        """Names of the videos, sorted."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {
            name: sorted(f"{video.corpus}/{video.name}" for video in videos)
            for name, videos in parts.items()
        }


def part_videos(videos: Sequence[LabelledVideo], seed: int) -> Parts:
    """Splits videos by their groups; the order that they are given in changes nothing.

    Args:
        videos: All of them.
        seed: Of the shuffling.

    Raises:
        CorpusError: There are fewer than three groups.
    """
    groups: dict[tuple[str, str], list[LabelledVideo]] = {}
    for video in sorted(videos, key=lambda video: video.key):
        groups.setdefault((video.corpus, video.group), []).append(video)
    names = sorted(groups)
    if len(names) < 3:
        raise CorpusError(
            f"{len(names)} videos, or groups of videos, cannot be learned from, chosen by and "
            "tested",
            remedy="Label and measure three videos or more; thirty give intervals worth reading.",
        )
    count = len(names)
    test = max(1, round(TEST_SHARE * count), min(FEWEST_VIDEOS, count // 3))
    validation = max(1, round(VALIDATION_SHARE * count))
    shuffled = [names[place] for place in np.random.default_rng(seed).permutation(count)]
    held_out = shuffled[:test], shuffled[test : test + validation], shuffled[test + validation :]
    tested, chosen, learned = (
        tuple(sorted((v for name in part for v in groups[name]), key=lambda video: video.key))
        for part in held_out
    )
    return Parts(learned, chosen, tested)


@dataclass(frozen=True, eq=False)
class ScoredFrames:
    """Labelled cells with features.

    Attributes:
        features: ``(N, F) float16``.
        labels: ``(N,) float32``, 0…1.
        positive: ``(N,) bool``.
    """

    features: NDArray[np.float16]
    labels: NDArray[np.float32]
    positive: NDArray[np.bool_]


def scored_frames(
    videos: Iterable[LabelledVideo], source: FrameSource, combination: str
) -> ScoredFrames:
    """The cells of some videos that have a label and features.

    Args:
        videos: In any order.
        source: Gives the features.
        combination: How one label is made of several annotators'.

    Raises:
        CorpusError: A video has no features, or its labels do not fit their cells.
        StoreError: A file is missing or damaged.
        UsageError: The combination is unknown.
    """
    features: list[NDArray[np.float16]] = [np.zeros((0, source.dimension), np.float16)]
    labels, positive = [np.zeros(0, np.float32)], [np.zeros(0, bool)]
    for video in videos:
        relevance, rows = video.relevance(combination), source.rows(video)
        known = np.isfinite(relevance) & np.isfinite(rows).all(axis=1)
        features.append(rows[known].astype(np.float16))
        labels.append(relevance[known])
        positive.append(positive_cells(video, combination)[known])
    return ScoredFrames(np.concatenate(features), np.concatenate(labels), np.concatenate(positive))


@dataclass(frozen=True, eq=False)
class DescribedFrames:
    """Cells of described moments.

    Attributes:
        features: ``(N, F) float16``.
        moment: ``(N,) int64``, the moment of each cell, counted from 0 to M.
        is_middle: ``(N,) bool``, the cell at the middle of its moment.
        targets: ``(M, 4) int64``, classes from 0 in the order of the heads, or UNKNOWN.
        owner: ``(M,) int64``, the video of each moment, by its place among the videos.
    """

    features: NDArray[np.float16]
    moment: NDArray[np.int64]
    is_middle: NDArray[np.bool_]
    targets: NDArray[np.int64]
    owner: NDArray[np.int64]


def described_frames(
    videos: Iterable[LabelledVideo], moments: Mapping[str, Sequence[Moment]], source: FrameSource
) -> DescribedFrames:
    """The cells of the moments of some videos, joined by the video's name and the second.

    Moments that begin after the last frame of the video are left out.

    Args:
        videos: In the order that ``owner`` counts in.
        moments: By name of the video; seconds, of which the last belongs to the moment.
        source: Gives the features.

    Raises:
        CorpusError: A video has no features, or its labels do not fit their cells.
        StoreError: A file is missing or damaged.
    """
    features: list[NDArray[np.float16]] = [np.zeros((0, source.dimension), np.float16)]
    numbers: list[int] = []
    middles: list[bool] = []
    targets: list[list[int]] = []
    owners: list[int] = []
    for place, video in enumerate(videos):
        own = moments.get(video.name, ())
        rows = source.rows(video) if own else None
        for moment in sorted(own, key=_order):
            assert rows is not None
            first = math.floor(moment.start / video.step)
            after = math.ceil((moment.end + 1) / video.step)
            cells = np.arange(first, min(after, len(rows)))
            cells = cells[np.isfinite(rows[cells]).all(axis=1)]
            if not len(cells):
                continue
            middle = math.floor((moment.start + moment.end + 1) / (2 * video.step))
            features.append(rows[cells].astype(np.float16))
            numbers += [len(targets)] * len(cells)
            # The nearest frame stands for a middle that lies after the end of the video.
            middles += (cells == cells[np.abs(cells - middle).argmin()]).tolist()
            targets.append(_targets(moment))
            owners.append(place)
    return DescribedFrames(
        np.concatenate(features),
        np.array(numbers, np.int64),
        np.array(middles, bool),
        np.array(targets, np.int64).reshape(-1, len(HEADS)),
        np.array(owners, np.int64),
    )


def read_names(path: Path) -> dict[str, tuple[str, ...]]:
    """Names of the classes by head, from a JSON file; heads that it lacks keep their numbers.

    Raises:
        CorpusError: It cannot be read, or a head has not as many different names as classes.
    """
    data = load_object(path)
    if unknown := sorted(data.keys() - HEADS.keys()):
        raise CorpusError(
            f"there is no head {', '.join(unknown)}",
            path=path,
            remedy=f"Name the classes of {', '.join(HEADS)}.",
        )
    names = dict(numbered())
    for head, given in data.items():
        if (
            not isinstance(given, list)
            or not all(isinstance(name, str) and name.strip() for name in given)
            or len(given) != HEADS[head]
            or len({name.strip() for name in given}) != HEADS[head]
        ):
            raise CorpusError(
                f"{head} needs a list of {HEADS[head]} different names",
                path=path,
                remedy="Write the names in the order of the codes, the first for code 1.",
            )
        names[head] = tuple(name.strip() for name in given)
    return names


def numbered() -> dict[str, tuple[str, ...]]:
    """The codes as names, by head."""
    return {
        head: tuple(str(code) for code in range(1, classes + 1)) for head, classes in HEADS.items()
    }


def _order(moment: Moment) -> tuple[int, int, str]:
    return moment.start, moment.end, moment.annotator


def _targets(moment: Moment) -> list[int]:
    codes = ((getattr(moment, head), classes) for head, classes in HEADS.items())
    return [code - 1 if 1 <= code <= classes else UNKNOWN for code, classes in codes]
