"""Trains the heads that score and tag frames, and measures them on videos that they never saw.

The features come from a store and stay as they are: a linear head on those of a Vision Transformer
is the original's frame scorer with its transformer frozen. The transformer is not fine-tuned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.balance import class_weights
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.frame_evaluation import (
    frame_scores,
    scorer_results,
    tagger_results,
    tell,
)
from core.learning.highlights.frame_fitting import FramePlan, as_tensor, fit, normalise
from core.learning.highlights.frame_rows import (
    UNKNOWN,
    DescribedFrames,
    FrameSource,
    Parts,
    described_frames,
    numbered,
    part_videos,
    read_names,
    scored_frames,
)
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import best_threshold
from core.learning.highlights.readers import Moment, read_moments, read_videos
from core.learning.highlights.readers.aihub616 import NAME as DESCRIBED
from core.learning.losses import check_same_shape, soft_cross_entropy
from core.networks.frame_heads import (
    HEADS,
    FrameScorer,
    FrameSettings,
    FrameTagger,
)
from core.networks.frame_weights import save_scorer, save_tagger

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]

_READ, _FITTED = 0.3, 0.9


def train_scorer(
    corpora: Mapping[str, Path],
    features: Path,
    out: Path,
    plan: FramePlan | None = None,
    *,
    progress: Progress = lambda share, message: None,
    cancelled: Cancel = lambda: False,
) -> dict[str, Any]:
    """Trains a frame scorer on labelled seconds, measures it, and saves it.

    Binary cross-entropy on logits against the labels, which may be soft. The epoch and the
    threshold are chosen on validation videos; the test videos are read once, at the end.

    Args:
        corpora: File or folder of each corpus by its name in
            :data:`core.learning.highlights.readers.READERS`.
        features: What ``emotion-shortform features`` made of the videos.
        out: Folder that ``weights.safetensors`` and ``card.json`` go to.
        plan: How to train.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each video and each batch.

    Returns:
        The card: contract, data, protocol, split, threshold, and ``results`` beside the trivial
        systems.

    Raises:
        CorpusError: Labels or features cannot be read, are too few, or are all alike.
        StoreError: A file with features is missing or damaged.
        UsageError: A label is made in an unknown way, or all test cells are alike.
        ModelError: The weights cannot be saved.
        Cancelled: ``cancelled()`` returned true; nothing was written.
    """
    plan = plan or FramePlan()
    problems: list[str] = []
    videos = [
        video
        for name, path in corpora.items()
        for video in read_videos(name, path, lambda problem: problems.append(_named(problem)))
    ]
    joined = _Joined.of(videos, FeatureStore(features), plan, problems)
    parts, source = joined.parts, joined.source
    progress(0.05, "reading the features")
    training = scored_frames(_each(parts.train, cancelled), source, plan.combination)
    validation = scored_frames(_each(parts.validation, cancelled), source, plan.combination)
    if not len(training.labels) or not np.ptp(training.labels):
        raise CorpusError(
            "the cells of the training videos are all alike",
            path=features,
            remedy="Add videos with highlights and with other cells.",
        )
    if not len(validation.labels):
        raise CorpusError(
            "no cell of the validation videos has a label and features",
            path=features,
            remedy="Add videos, or choose another seed.",
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        network = FrameScorer(_shape(plan, source))
        network.begin_at(float(training.labels.mean()))
        normalise(network, training.features)
        epochs = fit(
            network,
            len(training.labels),
            lambda rows: _score_loss(network, training.features[rows], training.labels[rows]),
            lambda rows: {
                "": _score_loss(network, validation.features[rows], validation.labels[rows])
            },
            len(validation.labels),
            plan,
            _between(progress, _READ, _FITTED, "training"),
            cancelled,
        )
    chances = frame_scores(network, validation.features)
    threshold = best_threshold(validation.positive, chances)
    progress(_FITTED, "measuring")
    card = {
        "name": "frame-scorer",
        **scorer_results(
            network,
            source,
            parts,
            threshold,
            combination=plan.combination,
            rounds=plan.rounds,
            seed=plan.seed,
        ),
        **joined.told(corpora, epochs),
        "command": _command("scorer", corpora, plan),
    }
    return save_scorer(out, network, source.backbone, threshold, card)


def train_tagger(
    corpora: Mapping[str, Path],
    features: Path,
    out: Path,
    plan: FramePlan | None = None,
    *,
    names: Path | None = None,
    progress: Progress = lambda share, message: None,
    cancelled: Cancel = lambda: False,
) -> dict[str, Any]:
    """Trains a frame tagger on described moments, measures it, and saves it.

    Four cross-entropies on logits, each by the logarithm of its classes, with weights against
    rare classes from the training videos. What nobody described teaches nothing. The epoch is
    chosen on validation videos; the test videos are read once, at the end.

    Args:
        corpora: Folder of AI Hub 616 by the name ``aihub616``.
        features: What ``emotion-shortform features`` made of the videos.
        out: Folder that ``weights.safetensors`` and ``card.json`` go to.
        plan: How to train.
        names: JSON file with the names of the classes by head; numbers if None.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each video and each batch.

    Returns:
        The card: contract with the names, data, protocol, split, and ``heads``, each beside its
        majority class.

    Raises:
        CorpusError: Moments, names or features cannot be read, or are too few.
        StoreError: A file with features is missing or damaged.
        UsageError: Another corpus was given.
        ModelError: The weights cannot be saved.
        Cancelled: ``cancelled()`` returned true; nothing was written.
    """
    plan = plan or FramePlan()
    if set(corpora) != {DESCRIBED}:
        raise UsageError(
            "only AI Hub 616 describes its moments", remedy=f"Give --corpus {DESCRIBED}=PATH."
        )
    labels = numbered() if names is None else read_names(names)
    problems: list[str] = []
    place = corpora[DESCRIBED]
    videos = read_videos(DESCRIBED, place, lambda problem: problems.append(_named(problem)))
    moments: defaultdict[str, list[Moment]] = defaultdict(list)
    for moment in read_moments(place, lambda problem: None):
        moments[moment.video].append(moment)
    joined = _Joined.of(videos, FeatureStore(features), plan, problems)
    parts, source = joined.parts, joined.source
    progress(0.05, "reading the features")
    training = described_frames(_each(parts.train, cancelled), moments, source)
    validation = described_frames(_each(parts.validation, cancelled), moments, source)
    for name, part in (("training", training), ("validation", validation)):
        if not (part.targets != UNKNOWN).any():
            raise CorpusError(
                f"the {name} videos have no described moments",
                path=place,
                remedy="Add videos, or choose another seed.",
            )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        network = FrameTagger(_shape(plan, source))
        for number, (head, classes) in enumerate(HEADS.items()):
            known = training.targets[:, number]
            sizes = np.bincount(known[known != UNKNOWN], minlength=classes)
            network.begin_at(head, torch.from_numpy(sizes))
        taught = _Taught.of(training, network, plan, balance=plan.balance)
        checked = _Taught.of(validation, network, plan, balance=0.0)
        normalise(network, taught.features)
        epochs = fit(
            network,
            len(taught.features),
            lambda rows: taught.loss(network, rows),
            lambda rows: checked.by_part(network, rows),
            len(checked.features),
            plan,
            _between(progress, _READ, _FITTED, "training"),
            cancelled,
        )
    progress(_FITTED, "measuring")
    test = described_frames(_each(parts.test, cancelled), moments, source)
    heads, notes = tagger_results(
        tell(network, test), test, parts.test, labels, rounds=plan.rounds, seed=plan.seed
    )
    for number, head in enumerate(HEADS):
        heads[head]["training_moments"] = int(np.sum(training.targets[:, number] != UNKNOWN))
        heads[head]["learned_classes"] = int(network.learned(head).sum())
    card = {
        "name": "frame-tagger",
        "heads": heads,
        "notes": list(notes),
        **joined.told(corpora, epochs),
        "command": _command("tagger", corpora, plan) + (" --names FILE" if names else ""),
    }
    return save_tagger(out, network, source.backbone, labels, card)


@dataclass(frozen=True, eq=False)
class _Joined:
    """Labelled videos that have features, split, and what was left out."""

    parts: Parts
    source: FrameSource
    plan: FramePlan
    without_features: list[str]
    problems: list[str]

    @classmethod
    def of(
        cls,
        videos: Sequence[LabelledVideo],
        store: FeatureStore,
        plan: FramePlan,
        problems: list[str],
    ) -> _Joined:
        stored = store.match(videos)
        taken: dict[str, LabelledVideo] = {}
        for video in videos:
            if video.key in stored:
                first = taken.setdefault(stored[video.key], video)
                if first is not video:
                    raise CorpusError(
                        f"{first.corpus}/{first.name} and {video.corpus}/{video.name} are the same "
                        "video: it could stand on both sides of the split",
                        path=store.root,
                        remedy="Give one corpus less.",
                    )
        return cls(
            part_videos(list(taken.values()), plan.seed),
            FrameSource(store, centred=plan.centred),
            plan,
            sorted(video.name for video in store.missing(videos)),
            problems,
        )

    def told(self, corpora: Mapping[str, Path], epochs: Mapping[str, int]) -> dict[str, Any]:
        """What the card says of data and protocol."""
        videos = [*self.parts.train, *self.parts.validation, *self.parts.test]
        return {
            "data": [
                {"corpus": name, "videos": sum(video.corpus == name for video in videos)}
                for name in sorted({video.corpus for video in videos})
            ],
            "readers": sorted(corpora),
            "left_out": {"without_features": self.without_features, "problems": self.problems},
            "protocol": {
                "split": "by video, or group of videos, seeded; test videos read once",
                "epoch": "the best by the loss on the validation videos, 0 for the prior alone; "
                "each linear head has its own",
                "epochs": {part.strip(".") or "all": epoch for part, epoch in epochs.items()},
                "backbone": "frozen; only the head was trained",
                "plan": asdict(self.plan),
            },
            "split": self.parts.as_json(),
        }


@dataclass(frozen=True, eq=False)
class _Taught:
    """Frames with the distributions over the classes that they teach."""

    features: NDArray[np.float16]
    classes: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(
        cls, frames: DescribedFrames, network: FrameTagger, plan: FramePlan, *, balance: float
    ) -> _Taught:
        """Every moment counts the same, however many of its frames are taken."""
        rows = np.flatnonzero(frames.is_middle | (plan.frames == "all"))
        moment = frames.moment[rows]
        share = 1.0 / np.bincount(moment, minlength=len(frames.targets))[moment]
        share /= share.mean()
        targets = frames.targets.copy()
        weights = np.ones(targets.shape, np.float32)
        for number, head in enumerate(HEADS):
            own = targets[:, number]
            learned = network.learned(head).numpy()
            own[(own != UNKNOWN) & ~learned[own]] = UNKNOWN
            names = [None if each == UNKNOWN else str(each) for each in own.tolist()]
            scale = class_weights(names, balance)
            weights[:, number] = [0.0 if name is None else scale[name] for name in names]
        return cls(
            frames.features[rows],
            targets[moment],
            (weights[moment] * share[:, None]).astype(np.float32),
        )

    def losses(self, network: FrameTagger, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """By head, 1 where the head knows no more than that all its classes are alike."""
        logits = network(as_tensor(self.features[rows]))
        found = {}
        for number, (head, classes) in enumerate(HEADS.items()):
            own = torch.from_numpy(self.classes[rows, number])
            wanted = torch.nn.functional.one_hot(own.clamp(min=0), classes).float()
            weights = torch.from_numpy(self.weights[rows, number])
            each = soft_cross_entropy(logits[head], wanted, own != UNKNOWN, weights)
            found[head] = each / np.log(max(2, int(network.learned(head).sum())))
        return found

    def loss(self, network: FrameTagger, rows: NDArray[np.int64]) -> torch.Tensor:
        return torch.stack(list(self.losses(network, rows).values())).sum()

    def by_part(self, network: FrameTagger, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Linear heads share nothing that is learned, so that each may have its own epoch."""
        if network.settings.hidden:
            return {"": self.loss(network, rows)}
        return {f"heads.{head}.": loss for head, loss in self.losses(network, rows).items()}


def _score_loss(
    network: FrameScorer, features: NDArray[np.float16], labels: NDArray[np.float32]
) -> torch.Tensor:
    logits, wanted = network(as_tensor(features)), torch.from_numpy(labels)
    check_same_shape(logits, wanted)
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)


def _shape(plan: FramePlan, source: FrameSource) -> FrameSettings:
    return FrameSettings(source.dimension, plan.hidden, plan.dropout, plan.centred)


def _each(videos: Sequence[LabelledVideo], cancelled: Cancel) -> Iterator[LabelledVideo]:
    for video in videos:
        if cancelled():
            raise Cancelled
        yield video


def _named(problem: CorpusError) -> str:
    """What happened to which file, without its folder: cards travel."""
    where = "" if problem.path is None else f": {Path(problem.path).name}"
    return f"{problem.happened}{where}"


def _between(progress: Progress, low: float, high: float, what: str) -> Callable[[float], None]:
    return lambda done: progress(min(high, low + (high - low) * done), what)


def _command(network: str, corpora: Mapping[str, Path], plan: FramePlan) -> str:
    given = " ".join(f"--corpus {name}=PATH" for name in sorted(corpora))
    return " ".join(
        [
            f"emotion-shortform train {network} {given} --features STORE --out FOLDER",
            *plan.options(),
        ]
    )
