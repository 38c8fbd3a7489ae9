"""The networks that fuse what is heard and seen into a highlight score per cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from core.errors import UsageError
from core.networks.fusion_design import HEADS, FusionDesign

CHUNK = 600
"""Cells of a longer sequence that are read at a time, beside others of its chunks."""
CONTEXT = 60
"""Cells before and after a chunk that are read with it."""


@dataclass(frozen=True)
class FusionOutput:
    """What a network says about the cells of sequences; zero behind their ends.

    Attributes:
        logits: ``(B, T) float32``; the score is their sigmoid.
        parts: ``(B, T, G) float32``, what each group adds to the score, not negative; they add up
            to it. None where groups cannot be told apart.
    """

    logits: Tensor
    parts: Tensor | None


class FusionNetwork(nn.Module):
    """Groups of columns over time to one score per cell.

    ``early``: all columns → inner layer → temporal network → logit. ``gated``: the same for each
    group by itself, an expert whose logit becomes a probability; a gate, a softmax over the groups
    that are known in the cell, computed from the inner layers of all, says how much each counts
    (mixture of experts, Jacobs et al. 1991). The score is the sum of what the groups give, so its
    parts are the network's own. Where no group is known, the score is one learned number, shared
    equally.

    Sequences of more than :data:`CHUNK` cells are read in chunks that overlap by
    :data:`CONTEXT` cells on either side, in training as in use.

    Args:
        design: The shape of the network.
    """

    def __init__(self, design: FusionDesign) -> None:
        super().__init__()
        self.design = design
        self.linear: nn.Linear | None = None
        self.gate: nn.Linear | None = None
        self.experts = nn.ModuleList()
        total = sum(design.columns.values())
        if design.linear:
            self.linear = nn.Linear(total, 1)
        elif design.fusion == "early":
            self.experts.append(_Expert(total, design))
        else:
            self.experts.extend(_Expert(count, design) for count in design.columns.values())
            self.gate = nn.Linear(len(design.columns) * design.hidden, len(design.columns))
            self.unknown = nn.Parameter(torch.zeros(()))

    def forward(self, features: Tensor, lengths: Tensor, present: Tensor) -> FusionOutput:
        """Scores of the cells.

        Args:
            features: ``(B, T, F) float32``, normalised per video, the groups side by side as in
                the design; what stands behind a sequence's end, or in a group that is not present,
                is never looked at and may be NaN.
            lengths: ``(B,) int64`` cells of each sequence.
            present: ``(B, T, G) bool``, whether a group is known in a cell.

        Raises:
            UsageError: The shapes are not those of the design.
        """
        widths = list(self.design.columns.values())
        expected = (*features.shape[:2], len(widths))
        if features.dim() != 3 or features.shape[2] != sum(widths) or present.shape != expected:
            raise UsageError(
                f"features of shape {tuple(features.shape)} with groups of shape "
                f"{tuple(present.shape)} do not fit a network of {dict(self.design.columns)}"
            )
        inside = torch.arange(features.shape[1], device=features.device) < lengths[:, None]
        present = present & inside[:, :, None]
        groups = [
            torch.where(present[:, :, index, None], group, 0.0)
            for index, group in enumerate(features.split(widths, dim=2))
        ]
        parts = None
        if self.linear is not None:
            logits = self.linear(torch.cat(groups, dim=2)).squeeze(2)
        elif self.gate is None:
            _, logits = self.experts[0](torch.cat(groups, dim=2), lengths, inside)
        else:
            logits, parts = self._gated(groups, lengths, present, self.gate)
            parts = parts.masked_fill(~inside[:, :, None], 0.0)
        return FusionOutput(logits.masked_fill(~inside, 0.0), parts)

    def _gated(
        self, groups: Sequence[Tensor], lengths: Tensor, present: Tensor, gate: nn.Linear
    ) -> tuple[Tensor, Tensor]:
        answers = [
            expert(group, lengths, present[:, :, index])
            for index, (expert, group) in enumerate(zip(self.experts, groups, strict=True))
        ]
        inner = torch.cat([inner for inner, _ in answers], dim=2)
        logits = torch.stack([logit for _, logit in answers], dim=2)
        anything = present.any(dim=2)
        # Cells of which nothing is known are replaced below; until then their softmax needs a term.
        open_to = present | ~anything[:, :, None]
        shares = torch.log_softmax(gate(inner).masked_fill(~open_to, -torch.inf), dim=2)
        # The logit of the sum of shares times probabilities, without leaving the logarithms.
        above = shares + nn.functional.logsigmoid(logits)
        below = shares + nn.functional.logsigmoid(-logits)
        score = torch.logsumexp(above, dim=2) - torch.logsumexp(below, dim=2)
        nothing = torch.sigmoid(self.unknown) / len(groups)
        return (
            torch.where(anything, score, self.unknown),
            torch.where(anything[:, :, None], above.exp(), nothing),
        )


class _Expert(nn.Module):
    """Inner layer → temporal network → one logit per cell."""

    def __init__(self, columns: int, design: FusionDesign) -> None:
        super().__init__()
        hidden, dropout = design.hidden, nn.Dropout(design.dropout)
        self.inner = nn.Sequential(nn.Linear(columns, hidden), nn.Tanh(), dropout)
        self.temporal: nn.ModuleList = nn.ModuleList()
        for layer in range(0 if design.temporal == "none" else design.layers):
            if design.temporal == "attention":
                self.temporal.append(_Attention(hidden, design.dropout))
            else:
                inputs = hidden if layer == 0 else 2 * hidden
                self.temporal.append(_BothWays(design.temporal, inputs, hidden))
        states = 2 * hidden if design.temporal in ("gru", "lstm") else hidden
        self.dropout = dropout
        self.score = nn.Linear(states, 1)

    def forward(self, features: Tensor, lengths: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """Inner states ``(B, T, hidden)``, zero where nothing is known, and logits ``(B, T)``."""
        inner = torch.where(known[:, :, None], self.inner(features), 0.0)
        states = inner
        if len(self.temporal):
            states = _in_chunks(self._joined, inner, lengths)
        return inner, self.score(self.dropout(states)).squeeze(2)

    def _joined(self, states: Tensor, lengths: Tensor) -> Tensor:
        for index, layer in enumerate(self.temporal):
            states = layer(self.dropout(states) if index else states, lengths)
        return states


class _BothWays(nn.Module):
    """A recurrent layer over each sequence, forwards and backwards.

    The backward half reads every sequence from its own last cell, so padding comes last in both
    halves and touches nothing; faster than packed sequences on a CPU.
    """

    def __init__(self, kind: str, inputs: int, hidden: int) -> None:
        super().__init__()
        recurrent = nn.LSTM if kind == "lstm" else nn.GRU
        self.forwards = recurrent(inputs, hidden, batch_first=True)
        self.backwards = recurrent(inputs, hidden, batch_first=True)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """``(B, T, inputs)`` to ``(B, T, 2 · hidden)``."""
        position = torch.arange(states.shape[1], device=states.device)
        mirrored = torch.where(
            position < lengths[:, None], lengths[:, None] - 1 - position, position
        ).unsqueeze(2)
        ahead, _ = self.forwards(states)
        back, _ = self.backwards(states.gather(1, mirrored.expand_as(states)))
        return torch.cat((ahead, back.gather(1, mirrored.expand_as(back))), dim=2)


class _Attention(nn.Module):
    """A transformer layer, normalised first, of which only distances between cells are known.

    Distance and direction turn queries and keys (rotary position, Su et al. 2021).
    """

    frequencies: Tensor

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.projection = nn.Linear(hidden, 3 * hidden)
        self.together = nn.Linear(hidden, hidden)
        self.cells = nn.Sequential(
            nn.Linear(hidden, 2 * hidden), nn.GELU(), nn.Linear(2 * hidden, hidden)
        )
        self.dropout = nn.Dropout(dropout)
        exponents = torch.arange(0, hidden // HEADS, 2) / (hidden // HEADS)
        self.register_buffer("frequencies", 10_000.0**-exponents, persistent=False)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """``(B, T, hidden)`` to the same."""
        batch, count, hidden = states.shape
        position = torch.arange(count, device=states.device)
        split = self.projection(self.first(states)).view(batch, count, 3, HEADS, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        angles = position[:, None] * self.frequencies
        seen = (position < lengths[:, None])[:, None, None]
        joined = nn.functional.scaled_dot_product_attention(
            _turned(query, angles), _turned(key, angles), value, attn_mask=seen
        )
        joined = self.together(joined.transpose(1, 2).reshape(batch, count, hidden))
        states = states + self.dropout(joined)
        added: Tensor = states + self.dropout(self.cells(self.second(states)))
        return added


def _turned(states: Tensor, angles: Tensor) -> Tensor:
    even, odd = states[..., 0::2], states[..., 1::2]
    cosine, sine = angles.cos(), angles.sin()
    return torch.cat((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1)


class _Temporal(Protocol):
    def __call__(self, states: Tensor, lengths: Tensor) -> Tensor: ...


def _in_chunks(temporal: _Temporal, states: Tensor, lengths: Tensor) -> Tensor:
    """A temporal network over all cells; long sequences as batches of chunks with their context.

    Where chunks begin depends on nothing but the cell's number. Ten thousand steps one after the
    other take seconds, and attention between all of them takes gigabytes.
    """
    batch, count = states.shape[:2]
    if count <= CHUNK:
        return temporal(states, lengths)
    device = states.device
    begins = torch.arange(math.ceil(count / CHUNK), device=device) * CHUNK
    row, chunk = torch.nonzero(begins < lengths[:, None], as_tuple=True)
    first = (begins - CONTEXT).clamp(min=0)[chunk]
    sizes = torch.minimum(lengths[row], begins[chunk] + CHUNK + CONTEXT) - first
    cells = first[:, None] + torch.arange(CHUNK + 2 * CONTEXT, device=device)
    pieces = temporal(states[row[:, None], cells.clamp(max=count - 1)], sizes)
    kept = (begins[chunk] - first)[:, None] + torch.arange(CHUNK, device=device)
    kept = kept[:, :, None].expand(-1, -1, pieces.shape[2])
    joined = pieces.new_zeros(batch, len(begins), CHUNK, pieces.shape[2])
    joined[row, chunk] = pieces.gather(1, kept)
    return joined.flatten(1, 2)[:, :count]


def drop_groups(present: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Takes whole groups from whole sequences, so that a network learns to do without them.

    Args:
        present: ``(B, T, G) bool``, false behind the ends of the sequences.
        share: Probability of each group of each sequence to be taken, 0…1; one of those that a
            sequence has always stays.
        generator: Of the choice.

    Returns:
        ``(B, T, G) bool``.

    Raises:
        UsageError: The share is not one.
    """
    if not 0 <= share <= 1:
        raise UsageError(f"groups cannot be dropped with a probability of {share!r}")
    drawn = torch.rand(
        (present.shape[0], present.shape[2]), generator=generator, device=generator.device
    ).to(present.device)
    there = present.any(dim=1)
    # If all are drawn, the one with the highest number stays; if not, it was not drawn anyway.
    staying = drawn.masked_fill(~there, -1.0).argmax(dim=1, keepdim=True)
    kept = (drawn >= share).scatter(1, staying, True)
    return present & kept[:, None, :]
