"""What a network is told of utterances, and the loss of what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import CorpusError
from core.learning.corpora import Utterance
from core.learning.losses import concordance_loss, soft_cross_entropy
from core.networks.emotion import EmotionOutput
from core.networks.emotion_classes import LABELS

DIMENSION_WEIGHT = 0.5
"""Of the loss of arousal, and of that of valence, beside that of the classes."""


def label_distribution(row: Utterance) -> tuple[float, ...] | None:
    """Probabilities of LABELS; boredom is none of the classes that a table tells shares of."""
    if row.emotion == "boredom":
        return tuple(float(name == "boredom") for name in LABELS)
    return None if row.distribution is None else (*row.distribution, 0.0)


def has_labels(row: Utterance) -> bool:
    """Whether there is anything to learn from an utterance."""
    known = (label_distribution(row), row.arousal, row.valence)
    return any(value is not None for value in known)


def utterance_key(row: Utterance) -> tuple[Any, ...]:
    """Plain data that another training would follow from, if it were other."""
    return (
        row.corpus, row.name, row.start, row.end, row.speaker,
        row.emotion, row.distribution, row.arousal, row.valence,
    )  # fmt: skip


def learned_labels(utterances: Sequence[Utterance]) -> NDArray[np.bool_]:
    """(8,) the labels that some utterance gives a share to.

    Raises:
        CorpusError: There is none.
    """
    told = [shares for row in utterances if (shares := label_distribution(row)) is not None]
    if not told:
        raise CorpusError("no utterance has an emotion to learn from")
    return np.asarray(np.array(told).max(axis=0) > 0)


@dataclass(frozen=True)
class Targets:
    """Labels of N utterances; NaN where something is not known.

    Args:
        values: (N, 10) float32: probabilities of LABELS, arousal, valence.
    """

    values: torch.Tensor

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> Targets:
        """The labels of a table."""
        unknown = (float("nan"),) * len(LABELS)
        rows = [
            [
                *(label_distribution(row) or unknown),
                *(float("nan") if value is None else value for value in (row.arousal, row.valence)),
            ]
            for row in utterances
        ]
        return cls(torch.tensor(rows, dtype=torch.float32))

    def among(self, rows: NDArray[np.int64]) -> Targets:
        """Those of some rows."""
        return Targets(self.values[torch.from_numpy(rows)])

    def loss(self, output: EmotionOutput, weights: torch.Tensor | None = None) -> torch.Tensor:
        """Cross-entropy of the classes and concordance losses of the dimensions, on what is known.

        Args:
            output: Of N rows.
            weights: (N,) of the rows in the cross-entropy, 1 if None.
        """
        values = self.values.to(output.arousal.device)
        known = torch.isfinite(values)
        classes = torch.where(known, values, 0.0)[:, : len(LABELS)]
        loss = soft_cross_entropy(output.logits, classes, known[:, 0], weights)
        for predicted, column in ((output.arousal, -2), (output.valence, -1)):
            target = torch.where(known[:, column], values[:, column], 0.0)
            loss = loss + DIMENSION_WEIGHT * concordance_loss(predicted, target, known[:, column])
        return loss
