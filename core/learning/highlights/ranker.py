"""A linear ranker of the cells of a video, solved in closed form.

All pairs of cells of one video are to differ as their labels do, in least squares. For features
and labels centred within the video that is ridge regression, each video weighing the same however
long it is. Every domain has weights of its own, held near those that all share (Evgeniou and
Pontil 2004). A group of features weighs as much as it was found to know on videos of the training
part that it had not seen. It was the best of what was tried on few labelled videos: networks
overfit sooner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.highlights.sequences import VideoSequence

INNER_FOLDS = 4
"""Parts of the training videos that tell how much each group knows."""
_LEAST_SHARE = 0.05


@dataclass(frozen=True)
class RankerSettings:
    """How a ranker is fitted.

    Attributes:
        components: Principal components of each group that are kept.
        strength: Of the penalty, in mean variances of the components.
        sharing: How far a domain's own weights may leave the shared ones; 0 for not at all.
        smoothing: Deviation in cells of the Gaussian over the scores.

    Raises:
        UsageError: No ranker can be fitted so.
    """

    components: int = 128
    strength: float = 10.0
    sharing: float = 1.0
    smoothing: float = 1.0

    def __post_init__(self) -> None:
        if self.components < 1 or not self.strength > 0 or min(self.sharing, self.smoothing) < 0:
            raise UsageError(
                f"no ranker can be fitted with {self}",
                remedy="Choose one component or more, a strength above 0, and nothing below 0.",
            )


@dataclass(frozen=True, eq=False)
class Ranker:
    """A fitted ranker.

    Attributes:
        bases: ``(F, components) float32`` by group.
        shares: How much each group weighs, 1 for the best of them.
        shared: ``(D,) float64`` weights for domains that it does not know.
        domains: ``(D,) float64`` weights by domain.
        scale: Deviation of the scores over the training videos.
        smoothing: As in the settings.
    """

    bases: Mapping[str, NDArray[np.float32]]
    shares: Mapping[str, float]
    shared: NDArray[np.float64]
    domains: Mapping[str, NDArray[np.float64]]
    scale: float
    smoothing: float

    def score(self, sequence: VideoSequence) -> NDArray[np.float32]:
        """How much each cell should be kept, ``(T,) float32`` in 0…1.

        Scores are centred within the video: 0.5 is its mean cell, however good the video is.
        """
        weights = self.domains.get(sequence.video.domain, self.shared)
        parts = [
            share * _components(sequence, name, self.bases[name])
            for name, share in self.shares.items()
        ]
        raw = np.concatenate(parts, axis=1) @ weights
        scores = smoothed(raw - raw.mean(), self.smoothing) / self.scale
        return (1 / (1 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)


def fit_ranker(
    sequences: Sequence[VideoSequence], groups: Sequence[str], settings: RankerSettings
) -> Ranker:
    """Fits a ranker to labelled videos; nothing is drawn at random.

    Args:
        sequences: The training part, in any order.
        groups: Names of the groups of columns to look at.
        settings: How.

    Raises:
        UsageError: No video has two cells with different labels.
    """
    ordered = [
        sequence
        for sequence in sorted(sequences, key=lambda sequence: sequence.video.key)
        if sequence.teaches
    ]
    if not ordered:
        raise UsageError(
            "nothing can be learned: no video has a cell that is kept beside one that is not",
            remedy="Add videos in which some cells are highlights and others are not.",
        )
    bases = {name: _basis(ordered, name, settings.components) for name in groups}
    by_group = {
        name: [_lesson(sequence, _components(sequence, name, basis)) for sequence in ordered]
        for name, basis in bases.items()
    }
    shares = _shares(by_group, settings)
    joined = [
        _Lesson(
            lessons[0].domain,
            lessons[0].group,
            np.concatenate(
                [
                    share * lesson.rows
                    for share, lesson in zip(shares.values(), lessons, strict=True)
                ],
                axis=1,
            ),
            lessons[0].wanted,
        )
        for lessons in zip(*by_group.values(), strict=True)
    ]
    shared, domains = _solve(joined, settings)
    spread = np.concatenate([lesson.rows @ domains.get(lesson.domain, shared) for lesson in joined])
    return Ranker(bases, shares, shared, domains, float(spread.std()) or 1.0, settings.smoothing)


def smoothed(scores: NDArray[np.floating], deviation: float) -> NDArray[np.float64]:
    """Scores under a Gaussian; the ends of the video are held.

    Args:
        scores: ``(T,) float``.
        deviation: In cells; 0 leaves the scores as they are.
    """
    from scipy.ndimage import gaussian_filter1d

    if not deviation or not len(scores):
        return scores.astype(np.float64)
    return gaussian_filter1d(scores.astype(np.float64), deviation, mode="nearest")


@dataclass(frozen=True, eq=False)
class _Lesson:
    """The labelled cells of one video, rows and labels centred."""

    domain: str
    group: tuple[str, str]
    rows: NDArray[np.float64]
    wanted: NDArray[np.float64]


def _lesson(sequence: VideoSequence, components: NDArray[np.float64]) -> _Lesson:
    known = sequence.known
    rows = components[known]
    wanted = sequence.relevance[known].astype(np.float64)
    video = sequence.video
    return _Lesson(
        video.domain, (video.corpus, video.group), rows - rows.mean(axis=0), wanted - wanted.mean()
    )


def _shares(
    by_group: Mapping[str, Sequence[_Lesson]], settings: RankerSettings
) -> dict[str, float]:
    """How well each group alone ranks videos of the training part that it has not seen."""
    found = {}
    for name, lessons in by_group.items():
        owners = sorted({lesson.group for lesson in lessons})
        if len(by_group) == 1 or len(owners) < 2 * INNER_FOLDS:
            found[name] = 1.0
            continue
        agreement = []
        for part in range(INNER_FOLDS):
            held = set(owners[part::INNER_FOLDS])
            shared, domains = _solve(
                [lesson for lesson in lessons if lesson.group not in held], settings
            )
            for lesson in lessons:
                if lesson.group in held:
                    scores = lesson.rows @ domains.get(lesson.domain, shared)
                    length = np.linalg.norm(scores) * np.linalg.norm(lesson.wanted)
                    agreement.append(float(scores @ lesson.wanted) / max(float(length), 1e-12))
        found[name] = max(0.0, float(np.mean(agreement)))
    best = max(found.values()) or 1.0
    return {name: max(_LEAST_SHARE, value / best) for name, value in found.items()}


def _solve(
    lessons: Sequence[_Lesson], settings: RankerSettings
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    from scipy.linalg import solve

    width = lessons[0].rows.shape[1]
    names = sorted({lesson.domain for lesson in lessons}) if settings.sharing else []
    size = width * (1 + len(names))
    matrix, right = np.zeros((size, size)), np.zeros(size)
    shared = slice(0, width)
    free = settings.sharing
    for lesson in lessons:
        gram = lesson.rows.T @ lesson.rows / len(lesson.rows)
        aim = lesson.rows.T @ lesson.wanted / len(lesson.rows)
        matrix[shared, shared] += gram
        right[shared] += aim
        if names:
            first = width * (1 + names.index(lesson.domain))
            own = slice(first, first + width)
            matrix[own, own] += free * gram
            matrix[shared, own] += np.sqrt(free) * gram
            matrix[own, shared] += np.sqrt(free) * gram
            right[own] += np.sqrt(free) * aim
    penalty = settings.strength * np.trace(matrix[shared, shared]) / width
    matrix[np.diag_indices(size)] += penalty + 1e-12
    found = solve(matrix, right, assume_a="pos")
    apart = found[width:].reshape(len(names), width)
    return found[shared], {
        name: found[shared] + np.sqrt(free) * own for name, own in zip(names, apart, strict=True)
    }


def _basis(sequences: Sequence[VideoSequence], group: str, components: int) -> NDArray[np.float32]:
    """Principal directions of a group, of length 1 over the deviation of the whole group."""
    from sklearn.utils.extmath import randomized_svd

    rows = np.concatenate(
        [sequence.groups[group][sequence.present[group]] for sequence in sequences]
    )
    width = rows.shape[1]
    deviation = np.sqrt(max(float(np.square(rows).sum()) / max(1, len(rows)), 1e-12))
    if width <= components:
        return (np.eye(width) / deviation).astype(np.float32)
    _, _, directions = randomized_svd(rows, min(components, len(rows)), n_iter=4, random_state=0)
    return (directions.T / deviation).astype(np.float32)


def _components(
    sequence: VideoSequence, group: str, basis: NDArray[np.float32]
) -> NDArray[np.float64]:
    known = sequence.present[group][:, None]
    return (np.where(known, sequence.groups[group], 0.0) @ basis).astype(np.float64)
