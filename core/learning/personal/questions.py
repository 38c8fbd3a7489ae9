"""The few moments of a video whose answer would teach most about the rest of it.

A moment teaches by what its answer would tell about all other moments: by how much it would shrink
the variance of the process that :mod:`core.learning.personal.propagation` spreads decisions with
(Cohn, Ghahramani and Jordan 1996). The moments are taken one after another, each given those before
it, which keeps them apart in time and in features. Promising ones are asked about first: on
labelled videos, moments that could go either way taught less than these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.learning.personal.propagation import (
    DEFAULT,
    Kernel,
    PropagationSettings,
    Rows,
    standing,
)
from core.time import Grid, Span

MOST = 5
"""Questions that are asked at once, at the most."""
SHORTEST, LONGEST = 2.0, 8.0
"""Seconds that a question may last."""
USUAL = 4.0
"""Seconds that a question lasts, as far as the grid allows."""
SECONDS_PER_QUESTION = 20.0
"""A video is asked about once for so many seconds of it, so that short ones are left alone."""
PROMISING = 0.5
"""How much more a moment one deviation above the curve's mean counts, as a logarithm."""

_MOST_MOMENTS = 500


class Why(StrEnum):
    """Why a moment is asked about."""

    UNLIKE = "unlike anything that you have decided about"
    PROMISING = "perhaps one of the best moments"
    UNSURE = "could go either way"


@dataclass(frozen=True)
class Question:
    """A moment whose answer would teach much.

    Attributes:
        span: The moment.
        why: Why it is asked about.
        worth: Share of what is not known about the video that its answer would tell, 0…1.
    """

    span: Span
    why: Why
    worth: float


def questions(
    score: Rows,
    groups: Mapping[str, Rows],
    present: Mapping[str, NDArray[np.bool_]],
    wanted: Rows,
    weight: Rows,
    known: Sequence[Span],
    grid: Grid,
    *,
    count: int = 3,
    settings: PropagationSettings = DEFAULT,
) -> list[Question]:
    """Moments to ask the editor about; the same input gives the same questions.

    Args:
        score: ``(T,) float32``, the present curve.
        groups: ``(T, F) float32`` by group, normalised within the video.
        present: ``(T,) bool`` by group.
        wanted: ``(T,) float32``, what was decided; NaN where nothing was.
        weight: ``(T,) float32``, how much that counts.
        known: Stretches that must not be asked about.
        grid: The grid of the cells.
        count: How many are wished for; there are never more than :data:`MOST`.
        settings: How decisions spread.

    Returns:
        In order of time, none over another; none for a video that is too short.
    """
    step = float(grid.step)
    width = max(1, round(USUAL / step))
    count = min(count, MOST, int(len(score) * step / SECONDS_PER_QUESTION))
    starts = _moments(score, width, known, grid)
    if count < 1 or not starts.size or width * step < SHORTEST:
        return []
    decided = np.flatnonzero(np.isfinite(wanted) & (weight > 0))
    middles = starts + width // 2
    kernel = Kernel(len(score), groups, present, step, settings)
    before, after = _covariance(kernel, middles, decided, weight, settings.noise)
    height = np.convolve(standing(score), np.ones(width) / width, mode="valid")[starts]
    chosen = most_telling(
        after, settings.noise / width, np.exp(PROMISING * height), count, starts, width
    )
    return sorted(
        (
            Question(
                Span(grid.start(int(starts[index])), grid.start(int(starts[index]) + width)),
                _why(after[index, index] / before[index], height[index]),
                float(worth),
            )
            for index, worth in chosen
        ),
        key=lambda question: question.span,
    )


def most_telling(
    covariance: NDArray[np.float64],
    noise: float,
    promise: NDArray[np.float64],
    count: int,
    starts: NDArray[np.intp],
    width: int,
) -> list[tuple[int, float]]:
    """Moments whose answers tell most about all of them, one given those before it.

    Args:
        covariance: ``(n, n)`` of the moments, given what is decided.
        noise: Variance of an answer.
        promise: ``(n,)``, how much more each of them counts.
        count: How many are wanted.
        starts: ``(n,)`` first cells of the moments, in order.
        width: Cells of a moment; those that overlap a chosen one are not chosen.

    Returns:
        Number of each moment, and the share of the variance of all that its answer takes away.
    """
    left = covariance.copy()
    free = np.ones(len(starts), bool)
    whole = max(float(np.trace(covariance)), 1e-12)
    chosen: list[tuple[int, float]] = []
    while len(chosen) < count and free.any():
        told = np.square(left).sum(axis=0) / (np.diag(left) + noise)
        index = int(np.argmax(np.where(free, told * promise, -np.inf)))
        chosen.append((index, float(told[index]) / whole))
        column = left[:, index].copy()
        left -= np.outer(column, column) / (column[index] + noise)
        free &= np.abs(starts - starts[index]) >= width
    return chosen


def _moments(score: Rows, width: int, known: Sequence[Span], grid: Grid) -> NDArray[np.intp]:
    """First cells of the moments that may be asked about, evenly thinned out in long videos."""
    taken = np.zeros(len(score), bool)
    for span in known:
        if span.start < grid.start(len(score)) and span.end > 0:
            last = -(-span.end // grid.step)
            taken[grid.index(max(span.start, grid.start(0))) : int(last)] = True
    possible = len(score) - width + 1
    if possible < 1:
        return np.zeros(0, np.intp)
    free = np.convolve(taken, np.ones(width), mode="valid") == 0
    starts = np.arange(0, possible, max(1, width // 2, -(-possible // _MOST_MOMENTS)))
    return starts[free[starts]]


def _covariance(
    kernel: Kernel,
    moments: NDArray[np.intp],
    decided: NDArray[np.intp],
    weight: Rows,
    noise: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variance of each moment before anything was decided, and the covariance since."""
    decided = decided[:: -(-len(decided) // _MOST_MOMENTS)] if len(decided) else decided
    both = kernel.between(np.concatenate([moments, decided]))
    count = len(moments)
    free, across = both[:count, :count], both[:count, count:]
    before = np.diag(free).copy()
    if len(decided):
        known = both[count:, count:] + np.diag(noise / weight[decided].astype(np.float64))
        free = free - across @ np.linalg.solve(known, across.T)
    return before, free


def _why(open_share: float, height: float) -> Why:
    if height > 1:
        return Why.PROMISING
    return Why.UNLIKE if open_share > 0.6 else Why.UNSURE
