"""Measures fusion weights as the application would use them, on videos that they never saw.

What is measured is the application's own curve: tracks of the signals through
:class:`core.analysis.fusion.Fusion`, not the network beside it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.fusion import Fusion
from core.analysis.highlight import baseline
from core.errors import Cancelled
from core.learning.highlights.comparison import Comparison, compare
from core.learning.highlights.evaluation import validated_threshold
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.fusion_plan import FusionPlan, LabelledStore
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import best_threshold
from core.learning.highlights.network_training import TrainedNetwork
from core.learning.highlights.original import OriginalDesign, mean_mfcc, train_original
from core.learning.highlights.protocols import members
from core.learning.highlights.sequences import VideoSequence
from core.learning.highlights.systems import Fold, Key, System, positive_cells
from core.learning.highlights.trivial import trivial_systems
from core.networks.weights import save_weights

SHIPPED, ALONE, BASELINE, ORIGINAL = (
    "fusion",
    "its learned part alone",
    "transparent baseline",
    "original design (mean MFCC, LSTM of length 1)",
)
"""Names of the rows, beside the trivial ones of any comparison."""
HEADLINE = "ap"
"""The measure that decides whether weights are used: mean over videos of average precision."""

Scores = dict[Key, NDArray[np.float32]]
"""``(T,) float32`` by video."""
Split = tuple[list[VideoSequence], list[VideoSequence]]
"""What one training learned from, and what told it when to stop."""


@dataclass(frozen=True, eq=False)
class Trained:
    """Everything that was learned, by seed, and by what.

    Attributes:
        plan: What was trained.
        card: Of the weights, without results.
        stores: The features of each training video.
        splits: One by seed.
        networks: One by seed.
        originals: One by seed, with its threshold; empty where sounds are not at hand.
    """

    plan: FusionPlan
    card: Mapping[str, Any]
    stores: Mapping[Key, FeatureStore]
    splits: Sequence[Split]
    networks: Sequence[TrainedNetwork]
    originals: Sequence[tuple[OriginalDesign, float]]


def heard_sounds(
    videos: Sequence[LabelledVideo],
    *,
    progress: Callable[[float], None] = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Scores:
    """Mean MFCC of all videos, for the original design; nothing if one of them is not at hand.

    Args:
        videos: With files.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked before each video.

    Returns:
        ``(T, COEFFICIENTS) float32`` by video.

    Raises:
        MediaError: A video cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    if any(video.file is None for video in videos):
        return {}
    heard = {}
    for number, video in enumerate(videos):
        if cancelled():
            raise Cancelled
        progress(number / len(videos))
        heard[video.key] = mean_mfcc(video)
    return heard


def train_originals(
    splits: Sequence[Split],
    heard: Mapping[Key, NDArray[np.float32]],
    combination: str,
    *,
    progress: Callable[[float], None] = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[tuple[OriginalDesign, float]]:
    """The original design, trained on the same videos as the networks, with its threshold.

    Args:
        splits: One by seed.
        heard: Of :func:`heard_sounds`; nothing is trained if it is empty.
        combination: How one label is made of several annotators'.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked at every step.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    result = []
    for seed, (learned, held) in enumerate(splits if heard else ()):
        progress(seed / len(splits))
        model = train_original(
            [heard[row.video.key][row.known] for row in learned],
            [positive_cells(row.video, combination)[row.known] for row in learned],
            seed=seed,
            cancelled=cancelled,
        )
        videos = [row.video for row in held]
        scores = {video.key: model.score(heard[video.key]) for video in videos}
        result.append((model, _threshold(videos, scores, combination)))
    return result


def measured(
    test: LabelledStore,
    sequences: Sequence[VideoSequence],
    trained: Trained,
    heard: Mapping[Key, NDArray[np.float32]],
) -> tuple[Comparison, list[str]]:
    """The application's curve beside its rivals, on one test set.

    Args:
        test: Nothing of it was learned from.
        sequences: Its videos as a network sees them.
        trained: What was learned.
        heard: Mean MFCC of its videos, if there are originals.

    Returns:
        The comparison, and sentences about it.

    Raises:
        UsageError: All labels are alike.
    """
    plan = trained.plan
    held = [[row.video for row in held] for _, held in trained.splits]
    stores = dict.fromkeys(_keys(test), test.store)
    curves: list[Scores] = []
    chosen = []
    for network, videos in zip(trained.networks, held, strict=True):
        with _as_used(network, trained.card, test.store) as fusion:
            curves.append(_curves(test.videos, stores, fusion))
            scores = _curves(videos, trained.stores, fusion)
        chosen.append(_threshold(videos, scores, plan.combination))
    plain = _curves(test.videos, stores, None)
    plain_chosen = _threshold(held[0], _curves(held[0], trained.stores, None), plan.combination)
    systems = [
        System(
            SHIPPED, "Video+Audio+Emotion", curves, [_everywhere(test, value) for value in chosen],
            trivial=False, choice="Shares of the mixture as in the baseline, fixed beforehand.",
        ),
        System(
            ALONE, plan.features,
            [
                {row.video.key: network.score(row) for row in sequences}
                for network in trained.networks
            ],
            [
                _everywhere(test, validated_threshold(network, part, plan.combination))
                for network, (_, part) in zip(trained.networks, trained.splits, strict=True)
            ],
            trivial=False, choice="Epochs and threshold by the validation part.",
        ),
        System(
            BASELINE, "-", [plain], [_everywhere(test, plain_chosen)], trivial=True,
            choice="Nothing is learned but the threshold of the best F1 on the validation part.",
        ),
    ]  # fmt: skip
    if trained.originals:
        systems.insert(2, _original(test, trained.originals, heard))
    rows = (*sequences, *trained.splits[0][0], *trained.splits[0][1])
    signals = {
        name: {row.video.key: row.signals[name] for row in rows} for name in sequences[0].signals
    }
    trivial, absent = trivial_systems(
        test.videos,
        {video.key: held[0] for video in test.videos},
        signals,
        combination=plan.combination,
    )
    fold = Fold(
        test.name,
        frozenset(row.video.key for row in trained.splits[0][0]),
        frozenset(row.video.key for row in trained.splits[0][1]),
        frozenset(_keys(test)),
    )
    comparison = compare(
        test.videos,
        [*systems, *trivial],
        headline=HEADLINE,
        combination=plan.combination,
        split={video.key: fold for video in test.videos},
    )
    return comparison, [*_sentences(trained), *absent]


def summary(comparison: Comparison) -> dict[str, Any]:
    """Average precision of every row, and how far ours is above the transparent baseline.

    ``beats_baseline`` is true if the mean over the seeds is above the best row that learns nothing,
    the transparent baseline among them, beyond the interval over videos, and the first seed, which
    is the one that is kept, is above it as well.
    """
    rows = {row.system.name: row for row in comparison.rows}
    ours = rows[SHIPPED].findings[HEADLINE]
    plain = rows[BASELINE].findings[HEADLINE]
    rival = ours.interval.value - ours.difference.value
    return {
        "average_precision": {
            name: row.findings[HEADLINE].interval.as_json() for name, row in rows.items()
        },
        "seeds": [round(value, 3) for value in ours.seeds],
        "best_trivial": ours.against,
        "difference_to_best_trivial": ours.difference.as_json(),
        "difference_to_baseline": round(ours.interval.value - plain.interval.value, 3),
        "beats_baseline": ours.beats_trivial and ours.seeds[0] > rival,
        "prevalence": round(comparison.prevalence, 3),
    }


def _original(
    test: LabelledStore,
    originals: Sequence[tuple[OriginalDesign, float]],
    heard: Mapping[Key, NDArray[np.float32]],
) -> System:
    return System(
        ORIGINAL, "Audio",
        [{key: model.score(heard[key]) for key in _keys(test)} for model, _ in originals],
        [_everywhere(test, value) for _, value in originals],
        trivial=False, choice="Threshold by the validation part.",
    )  # fmt: skip


def _sentences(trained: Trained) -> list[str]:
    sentences = [
        "The row 'fusion' is the application's own curve, from the video files on.",
        "One in five groups of the training videos told when to stop, and chose the thresholds.",
        "The split of the first seed is listed; the others follow from their seeds, 1 and on.",
    ]
    if any(
        members([row.video for row in learned]) & members([row.video for row in held])
        for learned, held in trained.splits
    ):
        sentences.append(
            "Some who appear in that part appear in what is learned from, too; nobody in the test "
            "does."
        )
    if not trained.originals:
        sentences.append(
            f"No row of the {ORIGINAL}: it hears the videos themselves, and not all are at hand."
        )
    return sentences


@contextmanager
def _as_used(
    network: TrainedNetwork, card: Mapping[str, Any], store: FeatureStore
) -> Iterator[Fusion]:
    """The network as the application loads it, when it is first needed, out of its folder."""
    version = store.versions("visual-features")
    with tempfile.TemporaryDirectory() as folder:
        # Fusion uses nothing that has not beaten the baseline; here that is being found out.
        save_weights(folder, network.network.state_dict(), {**card, "beats_baseline": True})
        yield Fusion(Path(folder), version, len(store.columns("visual-features")))


def _curves(
    videos: Sequence[LabelledVideo], stores: Mapping[Key, FeatureStore], fusion: Fusion | None
) -> Scores:
    """The application's curve of each video, or the transparent baseline's."""
    result = {}
    for video in videos:
        store = stores[video.key]
        stored = store.video(store.match([video])[video.key])
        tracks = store.tracks(stored.name)
        source = baseline if fusion is None else fusion.highlight
        score = source(tracks, stored.cells, stored.cells, stored.step).score
        cells = np.zeros(video.cells, np.float32)
        cells[: len(score)] = score[: video.cells]
        result[video.key] = np.clip(cells, 0, 1)
    return result


def _threshold(videos: Sequence[LabelledVideo], scores: Scores, combination: str) -> float:
    known = [np.isfinite(video.relevance(combination)) for video in videos]
    positive = [
        positive_cells(video, combination)[said] for video, said in zip(videos, known, strict=True)
    ]
    found = [scores[video.key][said] for video, said in zip(videos, known, strict=True)]
    return best_threshold(np.concatenate(positive), np.concatenate(found))


def _keys(test: LabelledStore) -> list[Key]:
    return [video.key for video in test.videos]


def _everywhere(test: LabelledStore, threshold: float) -> dict[Key, float]:
    return dict.fromkeys(_keys(test), threshold)
