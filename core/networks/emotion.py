"""What every network that hears emotion in speech frames has in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from core.errors import ModelError
from core.networks.emotion_classes import LABELS


@dataclass(frozen=True)
class EmotionOutput:
    """What a network says of a batch of speech.

    Args:
        logits: (B, 8) float32, not normalised, in the order of
            :data:`core.networks.emotion_classes.LABELS`; -inf for labels that were never learned.
        arousal: (B,) float32, -1 (calm) to 1 (excited).
        valence: (B,) float32, -1 (unpleasant) to 1 (pleasant).
    """

    logits: torch.Tensor
    arousal: torch.Tensor
    valence: torch.Tensor


class EmotionNetwork(nn.Module):
    """Speech frames → description → (normalised by what is usual) → classes and dimensions.

    What is described depends on nothing but the frames of a window; what is usual for a voice is
    the mean and the deviation of its descriptions.

    Args:
        columns: Columns of a description.

    Attributes:
        prior: Rows of :meth:`usual` that the training data's statistics weigh against a voice's.
        rows_per_second: Rows of :meth:`usual` for a second of speech.
        training_mean: (columns,) mean of the training data's descriptions.
        training_deviation: (columns,) their deviation within speakers.
        learned_labels: (8,) bool, the labels that the training data had.
    """

    prior: ClassVar[int]
    rows_per_second: ClassVar[int]
    training_mean: torch.Tensor
    training_deviation: torch.Tensor
    learned_labels: torch.Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("training_mean", torch.zeros(columns))
        self.register_buffer("training_deviation", torch.ones(columns))
        self.register_buffer("learned_labels", torch.ones(len(LABELS), dtype=torch.bool))

    @abstractmethod
    def describe(self, frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Descriptions of windows, not yet normalised.

        Args:
            frames: (B, F, C) float32, columns of :func:`core.signals.speech_frames.speech_frames`.
            mask: (B, F) bool, true where a frame is speech; at least one in each row.

        Returns:
            (B, …, columns) float32; NaN where there is nothing to measure.
        """

    @abstractmethod
    def usual(self, described: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(N, columns): the rows that the statistics of a voice are made of."""

    @abstractmethod
    def forward(self, described: torch.Tensor, mask: torch.Tensor) -> EmotionOutput:
        """Classes and dimensions of a batch of windows.

        Args:
            described: (B, …, columns) float32, normalised, finite inside of the mask.
            mask: (B, F) bool, as for :meth:`describe`.

        Raises:
            ModelError: The shapes do not fit, or a row has no speech at all.
        """


def speech_first(
    frames: torch.Tensor, mask: torch.Tensor, columns: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The frames inside the mask, moved to the front in their order, zeros after them.

    Args:
        frames: (B, F, C) float32; what lies outside of the mask is not looked at.
        mask: (B, F) bool, at least one true in each row.
        columns: What C must be.

    Returns:
        (B, longest, C) float32, and (B,) int64 the number of frames of each row.

    Raises:
        ModelError: The shapes do not fit, or a row has no speech at all.
    """
    if frames.ndim != 3 or frames.shape[2] != columns:
        raise ModelError(
            f"the emotion network reads frames of {columns} columns, "
            f"not an array of shape {tuple(frames.shape)}"
        )
    if mask.shape != frames.shape[:2] or mask.dtype is not torch.bool:
        raise ModelError("the mask of the frames has another shape or is not boolean")
    if not bool(mask.any(dim=1).all()):
        raise ModelError("a row without speech has no emotion")
    lengths = mask.sum(dim=1)
    order = torch.argsort(~mask, dim=1, stable=True)[:, : int(lengths.max())]
    moved = frames.gather(1, order.unsqueeze(2).expand(-1, -1, frames.shape[2]))
    valid = torch.arange(moved.shape[1], device=frames.device) < lengths[:, None]
    return torch.where(valid.unsqueeze(2), moved, 0.0), lengths
