"""Learns by every feature set, tests each video once per seed, and compares on the same cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.learning.highlights.comparison import Comparison, compare
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import best_threshold
from core.learning.highlights.network_training import NetworkSettings, train_network
from core.learning.highlights.protocols import (
    cross_validation,
    leave_one_domain_out,
    published_split,
    tested_by,
)
from core.learning.highlights.ranker import RankerSettings, fit_ranker
from core.learning.highlights.sequences import (
    FEATURE_GROUPS,
    POSITION,
    VideoSequence,
    feature_sets,
)
from core.learning.highlights.systems import (
    FEATURE_SETS,
    Fold,
    Key,
    System,
    positive_cells,
)
from core.learning.highlights.tables import MEASURES
from core.learning.highlights.trivial import trivial_systems

PROTOCOLS = ("published", "folds", "domains")
"""The published split, cross-validation over videos, and leaving each domain out."""
MODELS = ("ranker", "none", "gru", "lstm", "attention")
"""The linear ranker in closed form, and the family of networks by their temporal part."""
WANTED = ("loudness", "visual energy")
"""Signals whose rows are missed, in a sentence, where the features do not hold them."""
DECIDING = tuple(name for name, measure in MEASURES.items() if measure.decides)
"""Measures that can decide; precision and recall are bought with one another."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class EvaluationPlan:
    """What is compared, and how.

    Attributes:
        protocol: One of :data:`PROTOCOLS`.
        models: Out of :data:`MODELS`.
        features: Feature sets; empty for all that the videos allow.
        folds: Of the cross-validation.
        seeds: Repetitions, each with its own folds, validation part and weights.
        headline: The measure that decides.
        combination: How one label is made of several annotators'.
        ranker: Settings of the linear ranker.
        network: Settings of the networks; the model gives the temporal part.

    Raises:
        UsageError: Nothing can be compared so.
    """

    protocol: str = "folds"
    models: tuple[str, ...] = ("ranker", "gru")
    features: tuple[str, ...] = ()
    folds: int = 5
    seeds: int = 3
    headline: str = "map"
    combination: str = "mean"
    ranker: RankerSettings = field(default_factory=RankerSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def __post_init__(self) -> None:
        for what, chosen, known in (
            ("protocol", (self.protocol,), PROTOCOLS),
            ("model", self.models, MODELS),
            ("feature set", self.features, FEATURE_SETS),
            ("deciding measure", (self.headline,), DECIDING),
        ):
            if len(set(chosen)) < len(chosen):
                raise UsageError(f"a {what} is named twice: {', '.join(chosen)}")
            if strange := [name for name in chosen if name not in known]:
                raise UsageError(
                    f"there is no {what} {strange[0]!r}",
                    remedy=f"Choose out of {', '.join(known)}.",
                )
        if not self.models:
            raise UsageError("no model is named", remedy=f"Choose out of {', '.join(MODELS)}.")
        if self.seeds < 1:
            raise UsageError("a comparison needs one seed at least")
        if self.folds < 2:
            raise UsageError("a cross-validation needs two folds at least")
        for name in set(self.models) - {"ranker"}:
            replace(self.network, temporal=name)

    def check(self, videos: Sequence[LabelledVideo]) -> None:
        """Refuses videos that do not allow the plan; cheap, for before their features are read.

        Raises:
            UsageError: There are too few videos or groups for the splits, one would stand on both
                sides, a video has no such combination of labels, or all tested cells are alike.
        """
        for seed in range(self.seeds):
            folds = self._folds(videos, seed)
        tested = tested_by(folds)
        positive = []
        for video in videos:
            known = np.isfinite(video.relevance(self.combination))
            if video.key in tested:
                positive.append(positive_cells(video, self.combination)[known])
        kept = np.concatenate(positive)
        if kept.all() or not kept.any():
            raise UsageError(
                f"all {len(kept)} labelled cells of the tested videos are alike: none is "
                f"{'negative' if kept.any() else 'positive'}",
                remedy="Compare on videos that have highlights and other moments.",
            )

    def split(self, sequences: Sequence[VideoSequence], seed: int) -> list[Fold]:
        """The folds of one repetition.

        Raises:
            UsageError: There are too few videos or groups, or one stands on both sides.
        """
        return self._folds([sequence.video for sequence in sequences], seed)

    def _folds(self, videos: Sequence[LabelledVideo], seed: int) -> list[Fold]:
        if self.protocol == "published":
            return published_split(videos, seed=seed)
        if self.protocol == "domains":
            return leave_one_domain_out(videos, seed=seed)
        return cross_validation(videos, self.folds, seed=seed)

    def sentences(self) -> list[str]:
        """How it is measured, for the report."""
        how = {
            "published": "The split that the corpus was published with.",
            "folds": f"{self.folds}-fold cross-validation over groups of videos.",
            "domains": "Each domain is tested by what was learned from all others.",
        }[self.protocol]
        return [
            how,
            f"{self.seeds} seeds: each has its own validation part and weights"
            + (", and its own folds." if self.protocol == "folds" else "."),
            "The split of the first seed is listed; the others follow from their seeds, 1 and on.",
            "One in five groups that are not tested is the validation part.",
            "It chooses the threshold and the epochs, and nothing else is chosen here.",
            "The ranker learns from the validation part, too, once its threshold is chosen.",
            "Networks know the position in the video besides each set; the ranker does not.",
            f"Settings of the ranker: {asdict(self.ranker)}.",
            f"Settings of the networks: {asdict(self.network)}.",
            "Test and validation keep their natural prevalence; nothing is resampled.",
        ]


class _Model(Protocol):
    def score(self, sequence: VideoSequence) -> NDArray[np.float32]: ...


def evaluate_highlights(
    sequences: Sequence[VideoSequence],
    plan: EvaluationPlan,
    *,
    progress: Progress = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Comparison, list[str]]:
    """Compares models by feature set with each other and with what learns nothing.

    Args:
        sequences: All videos of the corpora, in any order.
        plan: What to compare, and how.
        progress: Receives the fraction that is done, 0…1, and what is being learned.
        cancelled: Asked at every step of a training.

    Returns:
        The comparison, and sentences about trivial rows that could not be made.

    Raises:
        UsageError: The videos do not allow the plan.
        Cancelled: ``cancelled()`` returned true.
    """
    plan.check([sequence.video for sequence in sequences])
    by_key = {sequence.video.key: sequence for sequence in sequences}
    sets = _possible_sets(plan.features, sequences)
    splits = [plan.split(sequences, seed) for seed in range(plan.seeds)]
    tested = sorted({key for fold in splits[0] for key in fold.test})
    videos = [by_key[key].video for key in tested]
    jobs = [(model, features) for features in sets for model in plan.models]
    systems = []
    for number, (model, features) in enumerate(jobs):

        def step(share: float, first: int = number, name: str = f"{model}, {features}") -> None:
            progress((first + share) / len(jobs), name)

        systems.append(_system(model, features, by_key, splits, plan, step, cancelled))
    first = tested_by(splits[0])
    validation = {
        key: [by_key[other].video for other in sorted(first[key].validation)] for key in tested
    }
    signals = {
        name: {
            key: sequence.signals[name]
            for key, sequence in by_key.items()
            if name in sequence.signals
        }
        for name in sorted({*WANTED, *(name for row in sequences for name in row.signals)})
    }
    trivial, absent = trivial_systems(videos, validation, signals, combination=plan.combination)
    comparison = compare(
        videos,
        [*systems, *trivial],
        headline=plan.headline,
        combination=plan.combination,
        split=first,
    )
    progress(1.0, "done")
    return comparison, absent


def _possible_sets(wanted: Sequence[str], sequences: Sequence[VideoSequence]) -> tuple[str, ...]:
    possible = tuple(feature_sets(sequences))
    if lacking := [name for name in wanted if name not in possible]:
        raise UsageError(
            f"not every video has the features of {lacking[0]}",
            remedy=f"Choose out of {', '.join(possible) or 'none'}.",
        )
    if not possible:
        raise UsageError(
            "there is no feature set that all videos have",
            remedy="Compare videos with features of their pictures or of their sound.",
        )
    return tuple(wanted) or possible


def _system(
    name: str,
    features: str,
    by_key: Mapping[Key, VideoSequence],
    splits: Sequence[Sequence[Fold]],
    plan: EvaluationPlan,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> System:
    runs, thresholds = [], []
    total = sum(len(folds) for folds in splits)
    done = 0
    for seed, folds in enumerate(splits):
        scores: dict[Key, NDArray[np.float32]] = {}
        chosen: dict[Key, float] = {}
        for fold in folds:
            if cancelled():
                raise Cancelled

            def step(share: float, first: int = done) -> None:
                progress((first + share) / total)

            model, threshold = _fitted(name, features, by_key, fold, plan, seed, step, cancelled)
            for key in fold.test:
                scores[key] = model.score(by_key[key])
                chosen[key] = threshold
            done += 1
            progress(done / total)
        runs.append(scores)
        thresholds.append(chosen)
    choice = (
        "Settings as given; threshold by the validation part, then learned from as well."
        if name == "ranker"
        else "Settings as given; epochs and threshold by the validation part."
    )
    return System(name, features, runs, thresholds, trivial=False, choice=choice)


def _fitted(
    name: str,
    features: str,
    by_key: Mapping[Key, VideoSequence],
    fold: Fold,
    plan: EvaluationPlan,
    seed: int,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> tuple[_Model, float]:
    groups = FEATURE_GROUPS[features]
    training = [by_key[key] for key in sorted(fold.train)]
    validation = [by_key[key] for key in sorted(fold.validation)]
    model: _Model
    if name == "ranker":
        model = fit_ranker(training, groups, plan.ranker)
        threshold = validated_threshold(model, validation, plan.combination)
        # Nothing but the threshold was chosen by the validation part: it may be learned from, too.
        return fit_ranker([*training, *validation], groups, plan.ranker), threshold
    model = train_network(
        training,
        validation,
        (*groups, POSITION),
        replace(plan.network, temporal=name),
        combination=plan.combination,
        seed=seed,
        progress=progress,
        cancelled=cancelled,
    )
    return model, validated_threshold(model, validation, plan.combination)


def validated_threshold(
    model: _Model, validation: Sequence[VideoSequence], combination: str
) -> float:
    """The threshold of the best F1 over the labelled cells of the validation videos.

    Args:
        model: Scores the videos.
        validation: Never those of the test.
        combination: How one label is made of several annotators'.
    """
    positive = [
        positive_cells(sequence.video, combination)[sequence.known] for sequence in validation
    ]
    scores = [model.score(sequence)[sequence.known] for sequence in validation]
    return best_threshold(np.concatenate(positive), np.concatenate(scores))
