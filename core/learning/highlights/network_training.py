"""Trains networks of the fusion family on labelled sequences, stopping on validation videos."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.learning.highlights.measures import average_precision
from core.learning.highlights.sequences import VideoSequence
from core.learning.highlights.systems import positive_cells

if TYPE_CHECKING:
    import torch

    from core.networks.fusion import FusionNetwork
    from core.networks.fusion_design import FusionDesign

LOSSES = ("bce", "pairwise", "listwise")


@dataclass(frozen=True)
class NetworkSettings:
    """A network and how it is trained.

    Attributes:
        temporal: ``none``, ``gru``, ``lstm`` or ``attention``.
        fusion: ``early`` or ``gated``.
        loss: One of :data:`LOSSES`.
        hidden: Units of each layer.
        dropout: Share of units left out in training.
        group_dropout: Share of the sequences that lose a whole group in training, so that a video
            without sound or speech still works.
        rate: Highest learning rate.
        decay: Weight decay (AdamW).
        epochs: The most passes over the training part.
        patience: Epochs without a better validation after which training stops.
        batch: Sequences per step.
        longest: Cells of a training sequence; longer ones are cut at random.
        positive_weight: How much the positive share of a label counts against the negative, in
            ``bce`` only.

    Raises:
        UsageError: No network can be trained so.
    """

    temporal: str = "gru"
    fusion: str = "gated"
    loss: str = "pairwise"
    hidden: int = 32
    dropout: float = 0.4
    group_dropout: float = 0.15
    rate: float = 2e-3
    decay: float = 0.1
    epochs: int = 12
    patience: int = 4
    batch: int = 16
    longest: int = 160
    positive_weight: float = 1.0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise UsageError(
                f"there is no loss {self.loss!r}", remedy=f"Choose out of {', '.join(LOSSES)}."
            )
        if min(self.epochs, self.patience, self.batch, self.longest) < 1:
            raise UsageError(
                f"no network can be trained in {self.epochs} epochs, with a patience of "
                f"{self.patience}, in batches of {self.batch} sequences of {self.longest} cells",
                remedy="Choose 1 or more of each.",
            )
        if not (self.rate > 0 and self.decay >= 0 and 0 <= self.group_dropout <= 1):
            raise UsageError(
                f"no network can be trained with a rate of {self.rate:g}, a decay of "
                f"{self.decay:g} and {self.group_dropout:g} of the groups dropped",
                remedy="Choose a rate above 0, a decay of 0 or more, and a share from 0 to 1.",
            )
        if not 0 < self.positive_weight < math.inf:
            raise UsageError(
                f"highlights cannot weigh {self.positive_weight:g}", remedy="Choose more than 0."
            )
        if self.positive_weight != 1 and self.loss != "bce":
            raise UsageError(
                f"the loss {self.loss} has no weight of highlights", remedy="Choose bce."
            )
        self.design({"any": 1})

    def design(self, columns: Mapping[str, int]) -> FusionDesign:
        """The shape of a network for these groups of columns.

        Raises:
            UsageError: There is no such network.
        """
        from core.networks.fusion_design import FusionDesign

        return FusionDesign(
            columns=columns,
            temporal=self.temporal,
            fusion=self.fusion,
            hidden=self.hidden,
            dropout=self.dropout,
        )


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained network with the groups that it looks at.

    Attributes:
        network: In evaluation mode.
        groups: In the order of its columns.
        epochs: Passes after which it was best on the validation part.
        validation: Mean average precision there.
    """

    network: FusionNetwork
    groups: tuple[str, ...]
    epochs: int
    validation: float

    def score(self, sequence: VideoSequence) -> NDArray[np.float32]:
        """How much each cell should be kept, ``(T,) float32`` in 0…1."""
        import torch

        features, present = _inputs(sequence, self.groups)
        with torch.inference_mode():
            logits = self.network(
                features[None], torch.tensor([len(features)]), present[None]
            ).logits[0]
            return torch.sigmoid(logits).numpy()


def train_network(
    training: Sequence[VideoSequence],
    validation: Sequence[VideoSequence],
    groups: Sequence[str],
    settings: NetworkSettings,
    *,
    combination: str = "mean",
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> TrainedNetwork:
    """Trains a network; the same seed and videos give the same weights.

    Args:
        training: Sequences to learn from, in any order.
        validation: Those that tell when to stop; of other videos.
        groups: Names of the groups of columns to look at, in the order of the network's input.
        settings: The network and how it is trained.
        combination: How the labels were made, for the validation.
        seed: Of the weights, the order and the dropout.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked at every step.

    Raises:
        UsageError: There is nothing to learn from or to validate on, or a video is in both parts.
        Cancelled: ``cancelled()`` returned true.
    """
    import torch

    from core.networks.fusion import FusionNetwork

    _check_material(training, validation, combination)
    ordered = sorted(training, key=lambda sequence: sequence.video.key)
    names = tuple(groups)
    design = settings.design({name: ordered[0].groups[name].shape[1] for name in names})
    generator = torch.Generator().manual_seed(seed)
    order = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = FusionNetwork(design)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=settings.rate, weight_decay=settings.decay
        )
        steps = -(-len(ordered) // settings.batch)
        total = settings.epochs * steps
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            settings.rate,
            total_steps=total,
            # A rise of exactly one step divides by zero in there.
            pct_start=0.3 if total == 5 else 0.2,
        )
        best, kept, since = -1.0, None, 0
        chosen = 0
        for epoch in range(settings.epochs):
            network.train()
            for number, members in enumerate(_batches(ordered, settings.batch, order)):
                if cancelled():
                    raise Cancelled
                progress((epoch + number / steps) / settings.epochs)
                batch = _batch(members, names, settings.longest, order)
                loss = _loss(network, batch, settings, generator)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
            network.eval()
            trained = TrainedNetwork(network, names, epoch + 1, 0.0)
            value = mean_average_precision(trained, validation, combination)
            since += 1
            if value > best:
                best, chosen, since = value, epoch + 1, 0
                kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
            if since >= settings.patience:
                break
    if kept is not None:
        network.load_state_dict(kept)
    progress(1.0)
    return TrainedNetwork(network.eval(), names, chosen, best)


def mean_average_precision(
    model: TrainedNetwork, sequences: Sequence[VideoSequence], combination: str
) -> float:
    """Mean over the videos that have a highlight of the average precision of their cells.

    Args:
        model: Scores the videos.
        sequences: Of validation videos.
        combination: How one label is made of several annotators'.
    """
    values = []
    for sequence in sequences:
        positive = positive_cells(sequence.video, combination)[sequence.known]
        if positive.any():
            values.append(average_precision(positive, model.score(sequence)[sequence.known]))
    return float(np.mean(values)) if values else 0.0


def _check_material(
    training: Sequence[VideoSequence], validation: Sequence[VideoSequence], combination: str
) -> None:
    remedy = "Add videos in which some cells are highlights and others are not."
    if not any(sequence.teaches for sequence in training):
        raise UsageError(
            "nothing can be learned: no video has a cell that is kept beside one that is not",
            remedy=remedy,
        )
    kept = [positive_cells(row.video, combination)[row.known] for row in validation]
    if not any(positive.any() and not positive.all() for positive in kept):
        raise UsageError(
            f"nothing tells when to stop: none of the {len(validation)} validation videos has a "
            "highlight beside other cells",
            remedy=remedy,
        )
    groups = {(sequence.video.corpus, sequence.video.group) for sequence in training}
    for sequence in validation:
        if (sequence.video.corpus, sequence.video.group) in groups:
            raise UsageError(
                f"{sequence.video.name} is learned from, and tells when to stop",
                remedy="Keep every video, and all of its group, on one side of the split.",
            )


@dataclass(frozen=True, eq=False)
class _Batch:
    features: torch.Tensor
    lengths: torch.Tensor
    present: torch.Tensor
    relevance: torch.Tensor
    known: torch.Tensor


def _batches(
    sequences: Sequence[VideoSequence], size: int, random: np.random.Generator
) -> list[list[VideoSequence]]:
    """Sequences of similar length together, in random order."""
    lengths = np.array([sequence.video.cells for sequence in sequences])
    similar = np.argsort(lengths * random.uniform(0.7, 1.3, len(lengths)), kind="stable")
    batches = [similar[first : first + size] for first in range(0, len(similar), size)]
    random.shuffle(batches)
    return [[sequences[index] for index in batch] for batch in batches]


def _inputs(
    sequence: VideoSequence, groups: Sequence[str], part: slice = slice(None)
) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    features = np.concatenate([sequence.groups[name][part] for name in groups], axis=1)
    present = np.stack([sequence.present[name][part] for name in groups], axis=1)
    return torch.from_numpy(features), torch.from_numpy(present)


def _batch(
    sequences: Sequence[VideoSequence],
    groups: Sequence[str],
    longest: int,
    random: np.random.Generator,
) -> _Batch:
    import torch

    rows = []
    for sequence in sequences:
        spare = sequence.video.cells - longest
        first = int(random.integers(0, spare + 1)) if spare > 0 else 0
        part = slice(first, first + longest)
        relevance = torch.from_numpy(sequence.relevance[part])
        rows.append((*_inputs(sequence, groups, part), relevance))
    pad = torch.nn.utils.rnn.pad_sequence
    features, present, relevance = (pad(list(column), True) for column in zip(*rows, strict=True))
    lengths = torch.tensor([len(row[2]) for row in rows])
    inside = torch.arange(features.shape[1]) < lengths[:, None]
    known = inside & torch.isfinite(relevance)
    return _Batch(features, lengths, present, torch.nan_to_num(relevance), known)


def _loss(
    network: FusionNetwork,
    batch: _Batch,
    settings: NetworkSettings,
    generator: torch.Generator,
) -> torch.Tensor:
    from core.learning.highlights import losses
    from core.networks.fusion import drop_groups

    present = drop_groups(batch.present, settings.group_dropout, generator)
    logits = network(batch.features, batch.lengths, present).logits
    labelled = (logits, batch.relevance, batch.known)
    if settings.loss == "bce":
        return losses.weighted_bce(*labelled, positive_weight=settings.positive_weight)
    return losses.pairwise(*labelled) if settings.loss == "pairwise" else losses.listwise(*labelled)
