"""Losses of highlight scores: by the cell, by pairs of cells, and by the whole ranking.

All take the logits of sequences ``(B, T) float32``, their soft labels ``(B, T) float32`` in 0…1 and
``(B, T) bool`` that is false in padding and where nothing was said: what stands there, NaN too,
counts nothing and gets no gradient. A batch without anything to learn from has the loss 0.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd.graph import Node
from torch.nn import functional

from core.errors import UsageError
from core.learning.losses import check_same_shape

_PROBABILITIES = ("SigmoidBackward0", "SoftmaxBackward0")
"""What autograd calls the last step of numbers that are no logits any more."""
_BLOCK = 128
"""Cells that are compared with all others at a time."""


def weighted_bce(
    logits: Tensor, relevance: Tensor, known: Tensor, *, positive_weight: float = 1.0
) -> Tensor:
    """Binary cross-entropy with soft labels, mean over all known cells.

    Args:
        logits: ``(B, T) float32``.
        relevance: ``(B, T) float32``, 0…1.
        known: ``(B, T) bool``.
        positive_weight: How much the positive share of a label counts against the negative.

    Raises:
        UsageError: The shapes differ, probabilities were given instead of logits, labels are
            outside of 0…1, or the weight is not positive.
    """
    if not 0 < positive_weight < float("inf"):
        raise UsageError(f"positives cannot weigh {positive_weight!r}")
    logits, relevance = _checked(logits, relevance, known)
    each = functional.binary_cross_entropy_with_logits(
        logits, relevance, reduction="none", pos_weight=logits.new_tensor(positive_weight)
    )
    return torch.where(known, each, 0.0).sum() / known.sum().clamp(min=1)


def pairwise(logits: Tensor, relevance: Tensor, known: Tensor) -> Tensor:
    """Logistic loss of all pairs of cells of a sequence with different labels.

    RankNet (Burges et al. 2005): ``log(1 + exp(-(s_i - s_j)))`` where cell i is labelled higher
    than cell j, weighted by the difference of the labels. Weighted mean over the pairs of each
    sequence, then the mean over sequences that have pairs. Memory grows with T, not with T²; the
    gradient cannot be differentiated again.

    Args:
        logits: ``(B, T) float32``.
        relevance: ``(B, T) float32``, 0…1.
        known: ``(B, T) bool``.

    Raises:
        UsageError: The shapes differ, probabilities were given instead of logits, or labels are
            outside of 0…1.
    """
    logits, relevance = _checked(logits, relevance, known)
    losses = []
    for scores, labels, there in zip(logits, relevance, known, strict=True):
        labels = labels[there]
        if len(labels) and bool(labels.max() > labels.min()):
            losses.append(_of_pairs(scores[there], labels))
    return torch.stack(losses).mean() if losses else _nothing(logits)


def listwise(
    logits: Tensor, relevance: Tensor, known: Tensor, *, temperature: float = 1.0
) -> Tensor:
    """Cross-entropy between the softmax over the labels and that over the logits of a sequence.

    ListNet with the probabilities of the first place (Cao et al. 2007); mean over sequences of two
    known cells or more.

    Args:
        logits: ``(B, T) float32``.
        relevance: ``(B, T) float32``, 0…1.
        known: ``(B, T) bool``.
        temperature: Divides the labels; the lower, the more the best cells count.

    Raises:
        UsageError: The shapes differ, probabilities were given instead of logits, labels are
            outside of 0…1, or the temperature is not positive.
    """
    if not 0 < temperature < float("inf"):
        raise UsageError(f"labels cannot have the temperature {temperature!r}")
    logits, relevance = _checked(logits, relevance, known)
    ranked = known.sum(dim=1) > 1
    if not bool(ranked.any()):
        return _nothing(logits)
    padding = ~known[ranked]
    wanted = torch.softmax((relevance[ranked] / temperature).masked_fill(padding, -torch.inf), 1)
    found = torch.log_softmax(logits[ranked].masked_fill(padding, -torch.inf), 1)
    return -(wanted * found.masked_fill(padding, 0.0)).sum(dim=1).mean()


def _of_pairs(scores: Tensor, labels: Tensor) -> Tensor:
    """The loss of one sequence; its gradient is worked out beside it, block by block."""
    labels, order = labels.sort(descending=True)
    scores = scores[order]
    now = scores.detach()
    loss, slopes, total = now.new_zeros(()), torch.zeros_like(now), now.new_zeros(())
    above_others = int((labels > labels[-1]).sum())
    for begin in range(0, above_others, _BLOCK):
        rows, below = slice(begin, min(begin + _BLOCK, above_others)), slice(begin, None)
        weights = (labels[rows, None] - labels[None, below]).clamp(min=0)
        lead = now[None, below] - now[rows, None]
        loss += (weights * functional.softplus(lead)).sum()
        total += weights.sum()
        slope = weights * torch.sigmoid(lead)
        slopes[rows] -= slope.sum(dim=1)
        slopes[below] += slope.sum(dim=0)
    return (loss + (slopes * (scores - now)).sum()) / total


def _checked(logits: Tensor, relevance: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Logits and labels with zeros where nothing is known."""
    check_same_shape(logits, relevance)
    check_same_shape(logits, known)
    if logits.dim() != 2 or known.dtype != torch.bool:
        raise UsageError(
            f"losses of highlights want (B, T) logits and bool, not {tuple(logits.shape)} and "
            f"{known.dtype}"
        )
    if _are_probabilities(logits.detach(), logits.grad_fn):
        raise UsageError("losses of highlights want logits, not probabilities")
    logits = torch.where(known, logits, 0.0)
    relevance = torch.where(known, relevance, 0.0)
    if not bool(((relevance >= 0) & (relevance <= 1)).all()):
        raise UsageError(
            "labels of highlights must be 0 to 1 where they are known",
            remedy="Scale the ratings first, and mark cells that nobody rated as unknown.",
        )
    return logits, relevance


def _are_probabilities(values: Tensor, made_by: Node | None) -> bool:
    """Only where there is no doubt: numbers between 0 and 1 may be logits, too."""
    if made_by is not None and made_by.name() in _PROBABILITIES:
        return True
    sums = values.sum(dim=1)
    return (
        min(values.shape) > 1
        and bool((values >= 0).all())
        and bool(torch.isclose(sums, torch.ones_like(sums), atol=1e-4).all())
    )


def _nothing(logits: Tensor) -> Tensor:
    """Zero, with a gradient of zeros."""
    return 0.0 * logits.sum()
