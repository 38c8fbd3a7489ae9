"""Losses of the emotion network, with the checks that a silent mistake needs."""

from __future__ import annotations

import torch

from core.errors import UsageError


def check_same_shape(predicted: torch.Tensor, target: torch.Tensor) -> None:
    """Refuses (N, 1) against (N,), which broadcasting would turn into (N, N).

    Raises:
        UsageError: The shapes differ.
    """
    if predicted.shape != target.shape:
        raise UsageError(
            f"predictions of shape {tuple(predicted.shape)} cannot be compared with targets of "
            f"shape {tuple(target.shape)}"
        )


def soft_cross_entropy(
    logits: torch.Tensor,
    distribution: torch.Tensor,
    known: torch.Tensor,
    weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """Mean cross-entropy of label distributions over the rows that have one.

    Args:
        logits: (N, K) float32, *before* any softmax; classes that are not to be learned are -inf.
        distribution: (N, K) float32, rows sum to 1, 0 where the logits are -inf.
        known: (N,) bool, false in rows without a label.
        weights: (N,) float32 of the rows, 1 if None.

    Raises:
        UsageError: The shapes differ, or probabilities were given instead of logits.
    """
    check_same_shape(logits, distribution)
    check_same_shape(logits[:, 0], known)
    if len(logits) and bool((logits.detach() >= 0).all()):
        sums = logits.detach().sum(dim=1)
        if bool(torch.isclose(sums, torch.ones_like(sums), atol=1e-4).all()):
            raise UsageError("cross-entropy wants logits, not probabilities")
    if not bool(known.any()):
        return logits.new_zeros(())
    log = torch.log_softmax(logits[known], dim=1)
    wanted = distribution[known]
    each = -torch.where(wanted > 0, wanted * log, 0.0).sum(dim=1)
    if weights is None:
        return each.mean()
    check_same_shape(weights, known)
    return (weights[known] * each).mean()


def concordance_loss(
    predicted: torch.Tensor, target: torch.Tensor, known: torch.Tensor
) -> torch.Tensor:
    """1 minus the concordance correlation coefficient (Lin 1989) over the rows with a target.

    Args:
        predicted: (N,) float32.
        target: (N,) float32.
        known: (N,) bool.

    Returns:
        A scalar, 0 to 2; 0 without gradient where fewer than two rows have a target.

    Raises:
        UsageError: The shapes differ.
    """
    check_same_shape(predicted, target)
    check_same_shape(predicted, known)
    if int(known.sum()) < 2:
        return predicted.new_zeros(())
    ours, theirs = predicted[known], target[known]
    difference = ours.mean() - theirs.mean()
    covariance = ((ours - ours.mean()) * (theirs - theirs.mean())).mean()
    spread = ours.var(unbiased=False) + theirs.var(unbiased=False) + difference.square()
    return 1.0 - 2.0 * covariance / (spread + 1e-6)
