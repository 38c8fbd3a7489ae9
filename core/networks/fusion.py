"""The recurrent model that fuses what is heard and seen into a highlight score per cell."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FusionNetwork(nn.Module):
    """Bidirectional GRU over the whole sequence (Cho et al. 2014), one logit per cell.

    Args:
        features: Number of columns per cell.
        hidden: Units per direction.
        dropout: Share of the inputs and of the states left out in training.
    """

    def __init__(self, features: int, hidden: int = 48, dropout: float = 0.3) -> None:
        super().__init__()
        self.hidden = hidden
        self.inner = nn.Sequential(nn.Linear(features, hidden), nn.Tanh(), nn.Dropout(dropout))
        self.recurrent = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)
        self.score = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * hidden, 1))

    def forward(self, features: Tensor, lengths: Tensor) -> Tensor:
        """Logits of the cells.

        Args:
            features: ``(B, T, F) float32``, normalised per video; what lies behind a sequence's
                length is never looked at.
            lengths: ``(B,) int64`` cells of each sequence.

        Returns:
            ``(B, T) float32`` logits, zero behind each sequence's length.
        """
        packed = nn.utils.rnn.pack_padded_sequence(
            self.inner(features), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=features.shape[1]
        )
        inside = torch.arange(features.shape[1], device=features.device) < lengths[:, None]
        return self.score(states).squeeze(-1).masked_fill(~inside, 0.0)
