"""How a head on frames is trained: the plan, and steps until no validation loss falls any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.networks.frame_heads import FrameNetwork

FRAMES = ("middle", "all")
"""Frames of a moment that a tagger learns from; the original took the middle one."""

_LEAST_DROP = 1e-5
_LEAST_BATCH, _LEAST_STEPS = 8, 8
_BLOCK = 4096


@dataclass(frozen=True)
class FramePlan:
    """How a frame head is trained.

    Attributes:
        hidden: Units of a hidden layer, 0 for a linear head.
        centred: The mean of each video's features is taken off.
        combination: How one label is made of several annotators', for a scorer.
        frames: One of :data:`FRAMES`, for a tagger.
        balance: How much rare classes count, for a tagger: 1 by the inverse of their frequency in
            the training videos, 0.5 by that of its root, 0 not at all.
        seed: Of the split, of the first weights, and of the resampling.
        epochs: Passes over the training frames at most.
        patience: Passes without a better loss on the validation videos before it ends.
        batch: Frames per step at most; fewer where an epoch would have less than eight steps.
        rate: Learning rate of AdamW (Loshchilov and Hutter 2019).
        decay: Its weight decay.
        dropout: Share of the features left out in training.
        rounds: How often the test videos are resampled for the intervals.

    Raises:
        UsageError: A number or a name is not possible.
    """

    hidden: int = 0
    centred: bool = False
    combination: str = "mean"
    frames: str = "middle"
    balance: float = 0.5
    seed: int = 0
    epochs: int = 200
    patience: int = 15
    batch: int = 256
    rate: float = 1e-3
    decay: float = 1e-2
    dropout: float = 0.3
    rounds: int = 2000

    def __post_init__(self) -> None:
        if self.frames not in FRAMES:
            raise UsageError(
                f"there are no {self.frames} frames", remedy=f"Choose {' or '.join(FRAMES)}."
            )
        if self.hidden < 0 or self.seed < 0 or min(self.epochs, self.patience, self.batch) < 1:
            raise UsageError(
                "a frame head cannot be trained with such numbers",
                remedy="Choose 0 or more hidden units, a seed from 0 on, and at least one epoch.",
            )

    def options(self) -> list[str]:
        """The options of the command that differ from the usual."""
        usual = FramePlan()
        result = [f"--seed {self.seed}"]
        result += [f"--hidden {self.hidden}"] if self.hidden else []
        result += ["--centre"] if self.centred else []
        if self.combination != usual.combination:
            result.append(f"--label {self.combination}")
        return result + ([f"--frames {self.frames}"] if self.frames != usual.frames else [])


def fit(
    network: FrameNetwork,
    count: int,
    loss: Callable[[NDArray[np.int64]], torch.Tensor],
    check: Callable[[NDArray[np.int64]], Mapping[str, torch.Tensor]],
    checked: int,
    plan: FramePlan,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> dict[str, int]:
    """Trains until no validation loss falls any more; every part keeps its best weights.

    Args:
        network: On the way in as it begins, on the way out in evaluation mode.
        count: Training rows.
        loss: The mean loss of training rows by their numbers.
        check: The mean losses of validation rows, by how the names of a part's weights begin.
        checked: Validation rows.
        plan: How to train.
        progress: Called with the share that is done.
        cancelled: Asked before each batch.

    Returns:
        The epoch that was best by part, 0 where the part is best as it began: alike for every
        frame.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """

    def checked_losses() -> dict[str, float]:
        network.eval()
        sums: defaultdict[str, float] = defaultdict(float)
        with torch.inference_mode():
            for rows in np.split(np.arange(checked), range(_BLOCK, checked, _BLOCK)):
                for part, value in check(rows).items():
                    sums[part] += float(value) * len(rows) / checked
        return dict(sums)

    random = np.random.default_rng(plan.seed)
    batch = max(_LEAST_BATCH, min(plan.batch, count // _LEAST_STEPS))
    optimiser = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=plan.decay)
    best = checked_losses()
    epochs = dict.fromkeys(best, 0)
    kept = _copied(network, "")
    for epoch in range(1, plan.epochs + 1):
        network.train()
        order = random.permutation(count)
        for begin in range(0, count, batch):
            if cancelled():
                raise Cancelled
            optimiser.zero_grad()
            value = loss(order[begin : begin + batch])
            if value.requires_grad:  # a batch without any label teaches nothing
                value.backward()
                optimiser.step()
        for part, found in checked_losses().items():
            if found < best[part] - _LEAST_DROP:
                best[part], epochs[part] = found, epoch
                kept |= _copied(network, part)
        progress(epoch / plan.epochs)
        if epoch - max(epochs.values()) >= plan.patience:
            break
    network.load_state_dict(kept)
    return epochs


def normalise(network: FrameNetwork, features: NDArray[np.float16]) -> None:
    """Tells a network what is usual in its training frames, ``(N, F) float16``."""
    blocks = [features[begin : begin + _BLOCK] for begin in range(0, len(features), _BLOCK)]
    mean = sum(block.sum(axis=0, dtype=np.float64) for block in blocks) / len(features)
    squares = sum(np.square(block - mean).sum(axis=0) for block in blocks) / len(features)
    network.normalise_by(
        *(torch.from_numpy(row.astype(np.float32)) for row in (mean, np.sqrt(squares)))
    )


def as_tensor(rows: NDArray[np.float16]) -> torch.Tensor:
    """Frames as a network reads them, ``(N, F) float32``."""
    return torch.from_numpy(rows.astype(np.float32))


def _copied(network: FrameNetwork, part: str) -> dict[str, torch.Tensor]:
    return {
        name: tensor.clone()
        for name, tensor in network.state_dict().items()
        if name.startswith(part)
    }
