"""Moves the window as a calm operator would: still while it can be, then smoothly and not too fast.

The way is the one that moves, changes its speed and jerks least in sum while the subject stays in
the middle of the window: a linear program over all views at once, which sees what comes
(M. Grundmann, V. Kwatra and I. Essa, Auto-Directed Video Stabilization with Robust L1 Optimal
Camera Paths, 2011). Sums of absolute values make it rest exactly, or move at one speed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEADBAND = 0.15
"""How far the subject may be from the middle of the window, in parts of the window's length, before
the window begins to move."""

FASTEST, STRONGEST = 0.9, 1.8
"""Highest speed in windows per second, and acceleration in windows per second squared."""

_MOVE, _ACCELERATE, _JERK = 10.0, 3.0, 1.0
_LOSE, _OFF_MIDDLE = 60.0, 0.01
_HARDLY_MOVING = 0.004
_LEAST_REST, _SPARE = 1.5, 0.2


def calm_path(
    targets: NDArray[np.float64], seconds: NDArray[np.float64], length: float
) -> NDArray[np.float64]:
    """Middle of the window along one axis, ``(views,)``, in parts of the picture.

    Args:
        targets: Where the subject is, ``(views,)``.
        seconds: Times of the views, rising.
        length: Length of the window, in parts of the picture.
    """
    if len(targets) < 2:
        return targets.copy()
    wanted = targets / length
    low, high = wanted.max() - DEADBAND, wanted.min() + DEADBAND
    if low <= high:
        return np.full(len(targets), np.clip(np.median(wanted), low, high) * length)
    way = _solve(wanted, seconds, _rests(wanted, seconds))
    way = np.clip(way, wanted.min(), wanted.max())
    return _rested(way) * length


def _rests(wanted: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the window rests from a view to the next, ``(views - 1,)``.

    It does while the subject stays for long where one place of the window suffices: else the
    program would rather creep from one place to the next.
    """
    stays: list[tuple[int, int, float]] = []
    first = 0
    while first < len(wanted):
        end = first + 1
        while end < len(wanted) and np.ptp(wanted[first : end + 1]) <= 2 * DEADBAND:
            end += 1
        stays.append((first, end - 1, float(np.median(wanted[first:end]))))
        first = end
    resting = np.zeros(len(wanted) - 1, np.bool_)
    for number, (first, last, place) in enumerate(stays):
        if seconds[last] - seconds[first] < _LEAST_REST:
            continue
        begin, until = seconds[first], seconds[last]
        if number:
            begin += _half_of_a_move(place - stays[number - 1][2])
        if number + 1 < len(stays):
            until -= _half_of_a_move(place - stays[number + 1][2])
        resting |= (seconds[:-1] >= begin) & (seconds[1:] <= until)
    return resting


def _half_of_a_move(way: float) -> float:
    """Seconds that half of the movement from one place of rest to the next needs."""
    return (abs(way) / FASTEST + FASTEST / STRONGEST) / 2 + _SPARE


@dataclass(frozen=True, eq=False)
class _Term:
    """Holds ``|rows @ way - offsets| <= free + slack``; the sum of the slack has a price."""

    rows: NDArray[np.float64]
    offsets: NDArray[np.float64] | float
    free: float
    price: float
    most: NDArray[np.float64] | float


def _solve(
    wanted: NDArray[np.float64], seconds: NDArray[np.float64], resting: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The cheapest way, in lengths of the window."""
    from scipy import sparse
    from scipy.optimize import linprog

    count = len(wanted)
    steps = np.maximum(np.diff(seconds), 1e-3)
    usual = float(np.median(steps))
    speed = np.diff(np.eye(count), axis=0) / steps[:, None]
    change = np.diff(speed, axis=0) / ((steps[1:] + steps[:-1]) / 2)[:, None]
    endless = np.inf
    fastest = np.where(resting, 0.0, FASTEST)
    terms = [
        _Term(np.eye(count), wanted, 0.0, _OFF_MIDDLE, endless),
        _Term(np.eye(count), wanted, DEADBAND, _LOSE, endless),
        _Term(speed, 0.0, 0.0, _MOVE * usual, fastest),
        _Term(change, 0.0, 0.0, _ACCELERATE * usual**2, STRONGEST),
        _Term(np.diff(change, axis=0), 0.0, 0.0, _JERK * usual**2, endless),
    ]
    matrix = sparse.vstack([sparse.csr_matrix(term.rows) for term in terms if len(term.rows)])
    slack = sparse.identity(matrix.shape[0])
    offsets, free, prices, most = (
        np.concatenate([np.broadcast_to(getattr(term, name), len(term.rows)) for term in terms])
        for name in ("offsets", "free", "price", "most")
    )
    lower = np.concatenate([np.full(count, -endless), np.zeros(len(most))])
    upper = np.concatenate([np.full(count, endless), most])
    solved = linprog(
        np.concatenate([np.zeros(count), prices]),
        sparse.vstack([sparse.hstack([matrix, -slack]), sparse.hstack([-matrix, -slack])]).tocsr(),
        np.concatenate([free + offsets, free - offsets]),
        bounds=np.stack([lower, upper], axis=1),
        method="highs",
    )
    return wanted if solved.x is None else np.asarray(solved.x[:count], np.float64)


def _rested(way: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way without movements that nobody would see: stretches that hardly move rest."""
    rested = way.copy()
    first = 0
    while first < len(way):
        end = first + 1
        while end < len(way) and np.ptp(way[first : end + 1]) <= _HARDLY_MOVING:
            end += 1
        if end - first > 2:
            rested[first:end] = way[first:end].mean()
        first = end
    return rested
