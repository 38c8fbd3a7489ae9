"""What fusion weights are trained on and measured on, and what must be true of it beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.analysis.fusion import LEARNED
from core.analysis.fusion_features import feature_contract
from core.analysis.highlight import CONTRIBUTIONS, WEIGHTS
from core.errors import CorpusError, UsageError
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.network_training import NetworkSettings
from core.learning.highlights.protocols import check_apart
from core.learning.highlights.sequences import FEATURE_GROUPS
from core.learning.highlights.systems import Key

FUSION_NETWORK = NetworkSettings(loss="bce", batch=4, epochs=40, patience=12, rate=5e-3)
"""Calibrated by its loss, so that its parts can be mixed with others; few long videos need small
batches."""


@dataclass(frozen=True)
class LabelledStore:
    """Labelled videos with the features of our own signals.

    Attributes:
        name: Of the set, for the report.
        videos: With labels for each cell of the features, as the application analyses.
        store: Their features.
    """

    name: str
    videos: Sequence[LabelledVideo]
    store: FeatureStore


@dataclass(frozen=True)
class FusionPlan:
    """What fusion weights are trained to be.

    Attributes:
        name: What they learned from, for the curve's source.
        features: The feature set that is learned.
        network: The network and how it is trained.
        seeds: Trainings with other weights and validation parts; the first is kept, the others
            tell how much chance matters.
        combination: How one label is made of several annotators'.
        cautions: What the weights cannot do, for their card; sentences.
        credits: Whom to name for what was learned from.

    Raises:
        UsageError: There is no such feature set, or nothing is to be trained.
    """

    name: str = "your labels"
    features: str = "Audio+Emotion"
    network: NetworkSettings = FUSION_NETWORK
    seeds: int = 3
    combination: str = "mean"
    cautions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.features not in FEATURE_GROUPS:
            raise UsageError(
                f"there is no feature set {self.features!r}",
                remedy=f"Choose out of {', '.join(FEATURE_GROUPS)}.",
            )
        if self.seeds < 1:
            raise UsageError("weights need one seed at least")

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of columns that the network learns."""
        return FEATURE_GROUPS[self.features]

    @property
    def mixture(self) -> dict[str, float]:
        """The baseline's weights; the network has those of all groups that it learned."""
        learned = sum(WEIGHTS[name] for name in self.groups)
        others = {name: WEIGHTS[name] for name in CONTRIBUTIONS if name not in self.groups}
        return {LEARNED: round(learned, 6), **others}


def check_sets(
    training: Sequence[LabelledStore], tests: Sequence[LabelledStore], plan: FusionPlan
) -> None:
    """Refuses sets that cannot be trained or measured on; no feature is read for that.

    Raises:
        UsageError: There is nothing to learn from, sets or videos cannot be told apart by their
            names, one is learned from and tested, or a video has no such combination of labels.
        CorpusError: Features were made by other signals or eyes than those in use, or their cells
            are not those of the labels.
    """
    if not any(part.videos for part in training):
        raise UsageError("there are no videos to learn from")
    names = [test.name for test in tests]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(
            f"two test sets are named {twice[0]}",
            remedy="Rename the folder of one of the stores; reports are called like them.",
        )
    for part in (*training, *tests):
        if not part.videos:
            raise UsageError(f"the set {part.name} has no videos")
        for video in part.videos:
            video.relevance(plan.combination)
    keys = _distinct_keys(training)
    learned = [video for part in training for video in part.videos]
    contents = _fingerprints(training)
    for test in tests:
        tested = _fingerprints([test])
        same = [tested[content] for content in contents.keys() & tested.keys()]
        same += [video.name for video in test.videos if video.key in keys]
        if same:
            raise UsageError(
                f"{min(same)} is learned from, and tested in {test.name} as well",
                remedy="Keep every video on one side. If they are others, rename a table: a corpus "
                "is called like its table.",
            )
        check_apart(learned, test.videos, f"what is learned from and {test.name}")
    _check_features([*training, *tests], plan)


def _distinct_keys(training: Sequence[LabelledStore]) -> set[Key]:
    keys: set[Key] = set()
    for part in training:
        for video in part.videos:
            if video.key in keys:
                raise UsageError(
                    f"two videos to learn from are named {video.name} of {video.corpus}",
                    remedy="Rename one of the tables; a corpus is called like its table.",
                )
            keys.add(video.key)
    return keys


def _fingerprints(parts: Sequence[LabelledStore]) -> dict[str, str]:
    """Names of the labelled videos by that of their content."""
    return {
        part.store.video(name).fingerprint: name
        for part in parts
        for name in part.store.match(part.videos).values()
    }


def _check_features(parts: Sequence[LabelledStore], plan: FusionPlan) -> None:
    first = parts[0].store
    eyes = _eyes(first)
    wanted = feature_contract(*eyes, plan.groups)
    for part in parts:
        store = part.store
        for signal, version in wanted["signals"].items():
            if signal in store.signals and store.versions(signal) != version:
                raise CorpusError(
                    f"the {signal} was made by version {store.versions(signal)} of the signal, and "
                    f"this is version {version}",
                    path=store.root,
                    remedy="Make the features anew.",
                )
        if "visual_features" in wanted and _eyes(store) != eyes:
            raise CorpusError(
                f"the pictures were seen by {_eyes(store)[0]}, and those of {first.root.name} by "
                f"{eyes[0]}",
                path=store.root,
                remedy="Make all features with the same backbone.",
            )
        for video in part.videos:
            if video.step != store.step:
                raise CorpusError(
                    f"{video.name} has labels of {float(video.step):g} s and features of "
                    f"{float(store.step):g} s",
                    path=store.root,
                    remedy=f"Make the features anew with --step {float(video.step):g}.",
                )


def _eyes(store: FeatureStore) -> tuple[str, int]:
    return store.versions("visual-features"), len(store.columns("visual-features"))
