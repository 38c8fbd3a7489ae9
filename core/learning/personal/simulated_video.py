"""What the first corrections in a video are worth for the rest of it, by simulated editors.

One kind of videos is left out, as a new user's are. The ranker of all other kinds makes the curve
of its test videos; a simulated editor, who knows the labels, decides about some clips of a video;
then the rest of this video is measured before and after. All settings are chosen by the same
simulation among the other kinds, each left out in turn of the ranker that makes its curve, on their
training videos: the kind that is left out has no say in anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.learning.highlights.measures import published_average_precision
from core.learning.highlights.ranker import Ranker, RankerSettings, fit_ranker
from core.learning.highlights.sequences import POSITION, VideoSequence
from core.learning.highlights.systems import positive_cells
from core.learning.personal.propagation import (
    DEFAULT,
    PropagationSettings,
    Reach,
    Rows,
    propagate,
)

ONE_BY_ONE, STRETCHES, SUGGESTIONS = "one by one", "stretches", "suggestions"
WAYS = (ONE_BY_ONE, STRETCHES, SUGGESTIONS)
"""How a simulated editor comes upon what is decided: single clips at random; stretches of three to
six clips at random; or what the curve suggests first, three clips at a time."""
STRETCH = (3, 6)
"""Clips of a stretch."""

NEAREST, IN_TIME, BY_FEATURES, BOTH, SHIPPED = (
    "nearest decided clip", "time alone", "features alone", "time and features", "as shipped",
)  # fmt: skip

_PRIORS = (0.1, 0.16, 0.25)
_TIMES = ((Reach(0.2, 6.7), Reach(0.1, 50.0)), (Reach(0.4, 6.7), Reach(0.3, 50.0)))
_PICTURES = (Reach(0.2, 0.7), Reach(0.7, 0.7))


@dataclass(frozen=True, eq=False)
class ScoredVideo:
    """A labelled video with a curve that was made without its kind.

    Attributes:
        name: Of the video.
        domain: Its kind.
        base: ``(T,) float32`` in 0…1, the curve.
        groups: ``(T, F) float32`` by group.
        present: ``(T,) bool`` by group.
        positive: ``(T,) bool``, what the simulated editor wants.
        step: Seconds per clip.
    """

    name: str
    domain: str
    base: Rows
    groups: Mapping[str, Rows]
    present: Mapping[str, NDArray[np.bool_]]
    positive: NDArray[np.bool_]
    step: float

    def wanted(self, decided: NDArray[np.bool_]) -> Rows:
        """The wishes that an editor tells who decides about these cells, NaN elsewhere."""
        return np.where(decided, self.positive, np.nan).astype(np.float32)


Scorer = Callable[[ScoredVideo, Rows], NDArray[np.floating]]
"""The scores of a video after what was wanted in it."""


Options = Mapping[str, Sequence[tuple[PropagationSettings | None, Scorer]]]
"""Ways to follow decisions by name, each with the settings to choose out of."""


def nearest_decided(video: ScoredVideo, wanted: Rows) -> NDArray[np.floating]:
    """What was decided about the nearest clip: knows neither features nor, but for ties, the curve.

    Args:
        video: With a curve.
        wanted: ``(T,)``, at least one of them not NaN.
    """
    decided = np.flatnonzero(np.isfinite(wanted))
    gaps = np.abs(np.arange(len(wanted))[:, None] - decided)
    nearest = gaps == gaps.min(axis=1, keepdims=True)
    told = (nearest * wanted[decided]).sum(axis=1) / nearest.sum(axis=1)
    result: NDArray[np.floating] = told + 1e-3 * video.base
    return result


def follows(settings: PropagationSettings) -> Scorer:
    """The scores after :func:`core.learning.personal.propagation.propagate`."""

    def scores(video: ScoredVideo, wanted: Rows) -> NDArray[np.floating]:
        weight = np.isfinite(wanted).astype(np.float32)
        return propagate(
            video.base, video.groups, video.present, wanted, weight,
            step=video.step, settings=settings,
        )  # fmt: skip

    return scores


def candidates() -> Options:
    """The ways to follow decisions that are compared, each with the settings to choose out of."""
    shipped = replace(DEFAULT, beside=False)
    found: dict[str, list[tuple[PropagationSettings | None, Scorer]]] = {
        NEAREST: [(None, nearest_decided)], IN_TIME: [], BY_FEATURES: [], BOTH: [],
        SHIPPED: [(shipped, follows(shipped))],
    }  # fmt: skip
    nothing = Reach(0.0, 1.0)
    for prior in _PRIORS:
        plain = replace(DEFAULT, prior=prior, alike={})
        several = [(IN_TIME, replace(plain, near=near, far=far)) for near, far in _TIMES]
        for picture in _PICTURES:
            alike = {"picture": picture}
            apart = replace(plain, near=nothing, far=nothing, alike=alike)
            several.append((BY_FEATURES, apart))
            several += [(BOTH, replace(apart, near=near, far=far)) for near, far in _TIMES]
        for name, settings in several:
            found[name].append((settings, follows(settings)))
    return found


def decided_cells(
    video: ScoredVideo, way: str, share: float, random: np.random.Generator
) -> NDArray[np.bool_]:
    """The clips that a simulated editor decides about, ``(T,) bool``.

    Args:
        video: With a curve.
        way: One of :data:`WAYS`.
        share: Of the clips; at least one of them.
        random: Draws the clips; what the curve suggests is not drawn.
    """
    cells = len(video.base)
    count = max(1, round(share * cells))
    if way == ONE_BY_ONE:
        order = random.permutation(cells)
    elif way == STRETCHES:
        order = np.zeros(0, np.intp)
        while len(np.unique(order)) < count:
            begin = int(random.integers(cells))
            end = begin + int(random.integers(STRETCH[0], STRETCH[1] + 1))
            order = np.append(order, np.arange(begin, min(cells, end)))
    else:
        smooth = np.convolve(video.base, np.ones(3) / 3, mode="same")
        middles = np.argsort(-smooth, kind="stable")
        order = (middles[:, None] + np.arange(-1, 2)).ravel()
        order = order[(order >= 0) & (order < cells)]
    _, first = np.unique(order, return_index=True)
    decided = np.zeros(cells, bool)
    decided[order[np.sort(first)][:count]] = True
    return decided


def generator(video: ScoredVideo, seed: int, draw: int) -> np.random.Generator:
    """Numbers that depend on nothing but the video, the seed and the draw."""
    digest = hashlib.sha256(video.name.encode()).digest()
    return np.random.default_rng([seed, draw, int.from_bytes(digest[:8], "big")])


def gain(video: ScoredVideo, scores: NDArray[np.floating], rest: NDArray[np.bool_]) -> float:
    """By how much the average precision of the rest is above that of the curve, 0…1.

    Returns:
        NaN where nothing of the rest is wanted, or all of it.
    """
    positive = video.positive[rest]
    if positive.all() or not positive.any():
        return float("nan")
    before = published_average_precision(positive, video.base[rest])
    return published_average_precision(positive, scores[rest]) - before


def rest_of(decided: NDArray[np.bool_], apart: int = 0) -> NDArray[np.bool_]:
    """The clips that are further than ``apart`` clips from all that were decided about."""
    near = np.convolve(decided, np.ones(2 * apart + 1))[apart : apart + len(decided)]
    return near == 0


class Kinds:
    """The videos of all kinds, with curves by rankers that know others only.

    Args:
        sequences: Of videos of at least three kinds.
        settings: Of the rankers.
        published: Learn from the training part of the published split and test on its test part;
            if not, on all videos: the kind that is tested is left out as well.
        progress: Receives the fraction that is done, 0…1, and what is being done.
        cancelled: Asked before each fit.

    Raises:
        UsageError: There are too few kinds, or no published split.
        Cancelled: ``cancelled()`` returned true.
    """

    def __init__(
        self,
        sequences: Sequence[VideoSequence],
        settings: RankerSettings | None = None,
        *,
        published: bool = True,
        progress: Callable[[float, str], None] = lambda fraction, message: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.names = sorted({sequence.video.domain for sequence in sequences})
        if len(self.names) < 3:
            raise UsageError(
                "one kind of videos can be left out, and another for the settings, only among "
                "three kinds",
                remedy="Give YouTube Highlights or TVSum.",
            )
        self._parts = {"train": list(sequences), "test": list(sequences)}
        if published:
            for part in self._parts:
                self._parts[part] = [one for one in sequences if one.video.split == part]
        if not all(self._parts.values()):
            raise UsageError(
                "these videos have no published split",
                remedy="Measure on all videos instead.",
            )
        self._settings = settings or RankerSettings()
        self._plain = {sequence.video.key: _plain(sequence) for sequence in sequences}
        self._made: dict[frozenset[str], Ranker] = {}
        pairs = [frozenset(pair) for pair in product(self.names, repeat=2)]
        for index, held in enumerate(dict.fromkeys(pairs)):
            if cancelled():
                raise Cancelled
            progress(index / len(set(pairs)), f"a ranker without {' and '.join(sorted(held))}")
            self._made[held] = self._ranker(held)

    def _ranker(self, held: frozenset[str]) -> Ranker:
        training = [one for one in self._parts["train"] if one.video.domain not in held]
        groups = [name for name in training[0].groups if name != POSITION]
        return fit_ranker(training, (*groups, POSITION), self._settings)

    def tested(self, kind: str) -> list[ScoredVideo]:
        """The test videos of a kind, with the curve that all other kinds make."""
        return self._scored(kind, frozenset({kind}), "test")

    def inside(self, held: str) -> dict[str, list[ScoredVideo]]:
        """The training videos of all other kinds, each with the curve of those but it and held."""
        return {
            kind: self._scored(kind, frozenset({kind, held}), "train")
            for kind in self.names
            if kind != held
        }

    def _scored(self, kind: str, held: frozenset[str], part: str) -> list[ScoredVideo]:
        ranker = self._made[held]
        return [
            replace(self._plain[sequence.video.key], base=ranker.score(sequence))
            for sequence in self._parts[part]
            if sequence.video.domain == kind
        ]


def chosen_settings(
    inside: Mapping[str, Sequence[ScoredVideo]],
    options: Sequence[tuple[PropagationSettings | None, Scorer]],
    shares: Sequence[float],
    *,
    seed: int,
) -> tuple[PropagationSettings | None, Scorer]:
    """The settings of the highest mean gain over kinds, ways and shares, one draw of each."""
    if len(options) == 1:
        return options[0]
    sums = np.zeros((len(options), len(inside)))
    for place, videos in enumerate(inside.values()):
        rows = [
            [gain(video, scores(video, video.wanted(decided)), rest_of(decided))
             for _, scores in options]
            for video in videos
            for way, share in product(WAYS, shares)
            for decided in [decided_cells(video, way, share, generator(video, seed, 0))]
            if _splits(video, rest_of(decided))
        ]  # fmt: skip
        sums[:, place] = np.mean(rows, axis=0) if rows else 0.0
    return options[int(np.argmax(sums.mean(axis=1)))]


def _splits(video: ScoredVideo, rest: NDArray[np.bool_]) -> bool:
    return len(np.unique(video.positive[rest])) == 2


def _plain(sequence: VideoSequence) -> ScoredVideo:
    """Without a curve; rows are turned into as few columns as keep all products of rows."""
    video = sequence.video
    groups = {
        name: np.asarray(np.linalg.qr(rows.T, mode="r")).T if rows.shape[1] > len(rows) else rows
        for name, rows in sequence.groups.items()
    }
    return ScoredVideo(
        name=video.name,
        domain=video.domain,
        base=np.zeros(video.cells, np.float32),
        groups={name: np.ascontiguousarray(rows, np.float32) for name, rows in groups.items()},
        present=sequence.present,
        positive=positive_cells(video),
        step=float(video.step),
    )
