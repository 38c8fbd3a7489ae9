"""Heads on the features that a vision network gives a frame: one that scores, one that tags.

Only the heads are learned. The network below them stays as it is: the embedded one, or any Vision
Transformer whose features were measured before; it is not fine-tuned here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from core.errors import ModelError, UsageError

HEADS: Mapping[str, int] = {"place": 21, "action": 65, "emotion": 7, "relationship": 12}
"""What a tagger tells of a frame, and how many classes each has (AI Hub 616)."""

LEAST_DEVIATION = 0.3
"""A feature that varies less than this share of the usual is not stretched to look like more."""


LARGEST_HIDDEN = 4096


@dataclass(frozen=True)
class FrameSettings:
    """Shape of a head.

    Attributes:
        features: Dimension of a frame's features, F.
        hidden: Units of a hidden layer, 0 for a linear head.
        dropout: Share of the features, and of the hidden units, left out in training.
        centred: The mean of a video's features is taken off before they are fed.
    """

    features: int
    hidden: int = 0
    dropout: float = 0.3
    centred: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.hidden <= LARGEST_HIDDEN:
            raise UsageError(
                f"a head cannot have {self.hidden} hidden units",
                remedy=f"Choose 0 to {LARGEST_HIDDEN}.",
            )


class FrameNetwork(nn.Module):
    """Normalises features by the training data's, drops some, and may have a hidden layer.

    Attributes:
        settings: Its shape.
        training_mean: (F,) mean of the training data's features.
        training_deviation: (F,) their deviation.
    """

    training_mean: torch.Tensor
    training_deviation: torch.Tensor

    def __init__(self, settings: FrameSettings) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("training_mean", torch.zeros(settings.features))
        self.register_buffer("training_deviation", torch.ones(settings.features))
        layers: list[nn.Module] = [nn.Dropout(settings.dropout)]
        if settings.hidden:
            layers += [
                nn.Linear(settings.features, settings.hidden),
                nn.ReLU(),
                nn.Dropout(settings.dropout),
            ]
        self.body = nn.Sequential(*layers)

    @property
    def width(self) -> int:
        """Columns that the heads read."""
        return self.settings.hidden or self.settings.features

    def normalise_by(self, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        """Takes over what is usual in the training data, both ``(F,) float32``.

        Other footage moves the features that hardly varied in training, too; the share of the
        overall deviation keeps them from drowning the others.
        """
        overall = float(deviation.square().mean().sqrt())
        self.training_mean.copy_(mean)
        self.training_deviation.copy_(deviation.clamp(min=LEAST_DEVIATION * overall or 1.0))

    def described(self, features: torch.Tensor) -> torch.Tensor:
        """What the heads read.

        Args:
            features: (N, F) float32, finite.

        Returns:
            (N, width) float32.

        Raises:
            ModelError: The features have another shape.
        """
        if features.ndim != 2 or features.shape[1] != self.settings.features:
            raise ModelError(
                f"the head reads {self.settings.features} features of each frame, "
                f"not an array of shape {tuple(features.shape)}"
            )
        normalised: torch.Tensor = (features - self.training_mean) / self.training_deviation
        described: torch.Tensor = self.body(normalised)
        return described


class FrameScorer(FrameNetwork):
    """Tells how much a frame looks like a highlight."""

    def __init__(self, settings: FrameSettings) -> None:
        super().__init__(settings)
        self.score = nn.Linear(self.width, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits of frames.

        Args:
            features: (N, F) float32, finite.

        Returns:
            (N,) float32, before the sigmoid.

        Raises:
            ModelError: The features have another shape.
        """
        logits: torch.Tensor = self.score(self.described(features)).squeeze(1)
        return logits

    def begin_at(self, prevalence: float) -> None:
        """Makes every frame as likely a highlight as one of the training data, 0 to 1."""
        odds = max(1e-4, min(1 - 1e-4, prevalence))
        with torch.no_grad():
            self.score.weight.zero_()
            self.score.bias.fill_(math.log(odds / (1 - odds)))


class FrameTagger(FrameNetwork):
    """Tells place, action, emotion and relationship of a frame.

    Classes that the training data did not have are never told: their logits are -inf.
    """

    def __init__(self, settings: FrameSettings) -> None:
        super().__init__(settings)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(self.width, classes) for name, classes in HEADS.items()}
        )
        for name, classes in HEADS.items():
            self.register_buffer(f"learned_{name}", torch.ones(classes, dtype=torch.bool))

    def begin_at(self, head: str, sizes: torch.Tensor) -> None:
        """Makes every class of a head as likely as it is in the training data.

        Args:
            head: Name of the head.
            sizes: (K,) int64, how often each class occurs; those that do not are never told.
        """
        layer = self.heads[head]
        assert isinstance(layer, nn.Linear)
        with torch.no_grad():
            self.learned(head).copy_(sizes > 0)
            layer.weight.zero_()
            layer.bias.copy_(torch.log(sizes.clamp(min=1) / max(1, int(sizes.sum()))))

    def learned(self, head: str) -> torch.Tensor:
        """(K,) bool, the classes of a head that the training data had."""
        return self.get_buffer(f"learned_{head}")

    def forward(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits of frames.

        Args:
            features: (N, F) float32, finite.

        Returns:
            By head (N, K) float32, before the softmax, -inf in classes that were never learned.

        Raises:
            ModelError: The features have another shape.
        """
        described = self.described(features)
        return {
            name: head(described).masked_fill(~self.learned(name), -torch.inf)
            for name, head in self.heads.items()
        }
