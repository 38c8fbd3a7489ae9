"""What each run is worth on each video, and what resampled videos make of it.

Every measure is a sum over videos that is finished at the end: of values of single videos, of
counts of claims, or of histograms of scores. So a resampling of the videos is one product of
matrices, and thousands of them are cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import (
    Counts,
    Sweep,
    area_under_curve,
    average_precision,
    count,
    hit_at_top,
    kendall,
    published_average_precision,
    roc_curve,
    spearman,
    sweep,
)
from core.learning.highlights.protocols import linked_groups
from core.learning.highlights.systems import System, positive_cells

FEWEST_VIDEOS = 6
"""With fewer, even a system that is ahead on every video could be so by chance (2 / 2⁵ > 0.05)."""
FEWEST_OF_DOMAIN = 5
"""Videos that every domain needs to be resampled by itself."""
BINS = 256
"""Steps of the scores' distribution that pooled rankings are resampled with."""
FALSE_ALARMS = np.linspace(0.0, 1.0, 201)
"""False positive rates at which ROC curves are averaged over seeds."""


@dataclass(frozen=True)
class Measure:
    """How a measure is named and shown.

    Args:
        title: Short name.
        group: Measures of one group stand in one table.
        meaning: What is measured, as part of a sentence.
        share: It is a share, to be shown in percent.
        decides: More of it alone is better; precision and recall are bought with one another.
    """

    title: str
    group: str
    meaning: str
    share: bool = True
    decides: bool = True


WITHIN = "Ranking of the cells within each video"
BEST = "The best cells of each video"
AGREEMENT = "Agreement with each annotator"
CLAIMS = "Claims at the validation threshold, all cells at their natural prevalence"
POOLED = "Ranking of the cells of all videos at their natural prevalence"

MEASURES: Mapping[str, Measure] = {
    "map": Measure("mAP", WITHIN, "the benchmarks' AP (by trapezoids), mean of the domains' means"),
    "top5": Measure(
        "top-5 mAP", WITHIN, "the benchmarks' AP of the 5 best cells, mean of annotators and videos"
    ),
    "ap": Measure("AP", WITHIN, "average precision by steps, mean of the videos"),
    "auc": Measure("AUC", WITHIN, "area under the ROC curve, mean of the videos"),
    "hit": Measure("hit at 1", BEST, "share of videos whose best cell is positive"),
    "hit5": Measure("hit at 5", BEST, "share of videos with a positive among the 5 best cells"),
    "tau": Measure("Kendall τ", AGREEMENT, "τ-b, mean of annotators, then of videos", share=False),
    "rho": Measure("Spearman ρ", AGREEMENT, "mean of annotators, then of videos", share=False),
    "precision": Measure(
        "precision", CLAIMS, "share of the claimed cells that are positive", decides=False
    ),
    "recall": Measure(
        "recall", CLAIMS, "share of the positive cells that are claimed", decides=False
    ),
    "f1": Measure("F1", CLAIMS, "harmonic mean of precision and recall"),
    "accuracy": Measure(
        "accuracy", CLAIMS, "share of cells that are claimed if, and only if, positive"
    ),
    "pooled_ap": Measure("pooled AP", POOLED, "average precision by steps"),
    "pooled_auc": Measure("pooled AUC", POOLED, "area under the ROC curve"),
}
"""All that is measured; higher is better."""
_COUNTED = ("precision", "recall", "f1", "accuracy")
_HISTOGRAMS = ("pooled_ap", "pooled_auc")
_OF_VIDEOS = tuple(name for name in MEASURES if name not in (*_COUNTED, *_HISTOGRAMS))


class Table:
    """All runs of all systems, measured video by video.

    Args:
        videos: The test videos.
        systems: What scored them.
        combination: How one label is made of several annotators'.

    Raises:
        UsageError: All labelled cells are alike.
    """

    def __init__(
        self, videos: Sequence[LabelledVideo], systems: Sequence[System], combination: str
    ) -> None:
        runs = [
            pair for system in systems for pair in zip(system.runs, system.thresholds, strict=True)
        ]
        ends = np.cumsum([0, *(len(system.runs) for system in systems)]).tolist()
        self._ranges = [range(*pair) for pair in pairwise(ends)]
        self._domain = np.unique([video.domain for video in videos], return_inverse=True)[1]
        self._values = {name: np.full((len(runs), len(videos)), np.nan) for name in _OF_VIDEOS}
        self._counts = np.zeros((len(runs), len(videos), 4))
        positives, scores = [], []
        for place, video in enumerate(videos):
            said = np.isfinite(video.relevance(combination))
            positive = positive_cells(video, combination)[said]
            score = np.column_stack([run[video.key] for run, _ in runs])
            positives.append(positive)
            scores.append(score[said])
            if not len(positive):
                continue
            ratings = video.ratings[said]
            for name, measure in (("tau", kendall), ("rho", spearman)):
                self._values[name][:, place] = _mean_known(measure(ratings, score[said]))
            chosen = _choices(video)
            for run, (_, thresholds) in enumerate(runs):
                for name, value in _rankings(positive, score[said, run]):
                    self._values[name][run, place] = value
                best = [
                    published_average_precision(kept, score[cells, run], 5)
                    for kept, cells in chosen
                ]
                self._values["top5"][run, place] = np.mean(best)
                claims = count(positive, score[said, run], thresholds[video.key])
                self._counts[run, place] = claims.as_row()
        self.positive = np.concatenate(positives)
        if self.positive.all() or not self.positive.any():
            raise UsageError(
                f"all {len(self.positive)} labelled cells are alike: none is "
                f"{'negative' if self.positive.any() else 'positive'}",
                remedy="Compare on videos that have highlights and other moments.",
            )
        self._owner = np.repeat(np.arange(len(videos)), [len(part) for part in positives])
        self._scores = np.concatenate(scores)
        self._histograms = {run: self._histogram(run) for run in range(len(runs))}

    def runs_of(self, system: int) -> Sequence[int]:
        """The places of a system's runs."""
        return self._ranges[system]

    def counts(self, run: int) -> Counts:
        """The claims of a run on all cells."""
        return Counts(*self._counts[run].sum(axis=0).astype(int).tolist())

    def curves(self, runs: Sequence[int]) -> tuple[Sweep, NDArray[np.float64]]:
        """The sweep over the cells of all these runs, and their mean ROC curve."""
        scores = self._scores[:, list(runs)]
        together = sweep(np.tile(self.positive, len(runs)), scores.T.ravel())
        rates = [np.interp(FALSE_ALARMS, *roc_curve(self.positive, score)) for score in scores.T]
        return together, np.mean(rates, axis=0)

    def draws(self, measure: str, run: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """A measure on weighted videos.

        Args:
            measure: A name of :data:`MEASURES`.
            run: Of :meth:`runs_of`.
            weights: ``(R, V) float64``, how often each video counts.

        Returns:
            ``(R,) float64``, NaN where the measure has no value.
        """
        if measure in _COUNTED:
            return _counted(measure, weights @ self._counts[run])
        if measure in _HISTOGRAMS:
            # In resamplings scores of one bin count as equal; the first row is set to be exact.
            exact = {"pooled_ap": average_precision, "pooled_auc": area_under_curve}[measure]
            positive, negative = (weights @ part for part in self._histograms[run])
            binned = _ranked(measure, positive, negative)
            everything = _ranked(
                measure, *(part.sum(axis=0, keepdims=True) for part in self._histograms[run])
            )
            return binned + exact(self.positive, self._scores[:, run]) - everything
        values = self._values[measure][run]
        known = np.isfinite(values)
        owner = self._domain if measure == "map" else np.zeros_like(self._domain)
        member = np.equal.outer(owner, np.unique(owner)) * known[:, None]
        sums, sizes = weights @ (np.nan_to_num(values)[:, None] * member), weights @ member
        return _mean_known(_divided(sums, sizes).T)

    def _histogram(self, run: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(V, bins) positives and negatives of each video, from the lowest scores to the highest.

        Every distinct score has a bin if they are few.
        """
        score = self._scores[:, run]
        edges = np.unique(score)
        if len(edges) > BINS:
            edges = np.unique(np.quantile(score, np.linspace(0, 1, BINS + 1)[1:-1]))
        place = np.searchsorted(edges, score, "right")
        bins, videos = len(edges) + 1, len(self._counts[run])
        index = self._owner * bins + place
        positive, negative = (
            np.bincount(index[chosen], minlength=videos * bins).reshape(videos, bins).astype(float)
            for chosen in (self.positive, ~self.positive)
        )
        return positive, negative


def resampled(
    videos: Sequence[LabelledVideo], rounds: int, seed: int
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """How often each video is drawn, with replacement, in each of many rounds.

    Videos of one group are drawn together, and those of each domain by themselves if every domain
    has at least :data:`FEWEST_OF_DOMAIN`.

    Args:
        videos: In an order that does not depend on where they came from.
        rounds: How often.
        seed: Of the drawing.

    Returns:
        ``(1 + rounds, V) float64``, of which the first row has every video once; no further row if
        there are fewer than :data:`FEWEST_VIDEOS`. And sentences about what is unusual.
    """
    names = [(video.corpus, video.group) for video in videos]
    groups = sorted(set(names))
    owner = np.array([groups.index(name) for name in names])
    once, notes = np.ones((1, len(videos))), []
    if len(groups) < FEWEST_VIDEOS:
        notes.append(
            f"There are no intervals: {len(groups)} videos, or groups of videos, are too few to "
            f"tell a difference from chance; {FEWEST_VIDEOS} are the least."
        )
        return once, tuple(notes)
    if len(set(linked_groups(videos).values())) < len(groups):
        notes.append(
            "Some videos share people with others, so over strangers intervals would be wider."
        )
    if len(groups) < len(videos):
        notes.append(
            f"Intervals are over {len(groups)} groups of videos that share footage or an author."
        )
    domain = np.array(
        [videos[int(np.argmax(owner == place))].domain for place in range(len(groups))]
    )
    sizes = np.unique(domain, return_counts=True)[1]
    if sizes.min() < FEWEST_OF_DOMAIN:
        notes.append(
            f"Domains of fewer than {FEWEST_OF_DOMAIN} videos cannot be resampled by themselves, "
            "so intervals are over all videos at once."
        )
        domain[:] = ""
    random = np.random.default_rng(seed)
    drawn = np.zeros((rounds, len(groups)))
    for name in np.unique(domain):
        members = np.flatnonzero(domain == name)
        shares = np.full(len(members), 1 / len(members))
        drawn[:, members] = random.multinomial(len(members), shares, size=rounds)
    return np.concatenate([once, drawn[:, owner]]), tuple(notes)


def _rankings(
    positive: NDArray[np.bool_], score: NDArray[np.float32]
) -> Iterator[tuple[str, float]]:
    yield "map", published_average_precision(positive, score)
    yield "ap", average_precision(positive, score)
    yield "auc", area_under_curve(positive, score)
    yield "hit", hit_at_top(positive, score)
    yield "hit5", hit_at_top(positive, score, 5)


def _choices(video: LabelledVideo) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """What each annotator would keep of the cells that he rated, and which those are."""
    known = np.isfinite(video.ratings)
    return [
        (kept[cells], cells)
        for kept, cells in zip(video.positives().T, known.T, strict=True)
        if cells.any()
    ]


def _counted(measure: str, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    hits, alarms, misses, passes = counts.T
    part, whole = {
        "precision": (hits, hits + alarms),
        "recall": (hits, hits + misses),
        "f1": (2 * hits, 2 * hits + alarms + misses),
        "accuracy": (hits + passes, counts.sum(axis=1)),
    }[measure]
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _ranked(
    measure: str, positive: NDArray[np.float64], negative: NDArray[np.float64]
) -> NDArray[np.float64]:
    """AP or AUC of (R, bins) histograms; scores of one bin count as equal."""
    if measure == "pooled_ap":
        hits = np.cumsum(positive[:, ::-1], axis=1)
        claims = hits + np.cumsum(negative[:, ::-1], axis=1)
        gained = np.sum(positive[:, ::-1] * hits / np.maximum(1, claims), axis=1)
        return _divided(gained, positive.sum(axis=1))
    below = np.cumsum(negative, axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return _divided(np.sum(positive * below, axis=1), pairs)


def _divided(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _mean_known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the first axis, without NaN."""
    known = np.isfinite(values)
    return _divided(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0).astype(float))
