"""Values of frames as a short expression that ffmpeg evaluates for each frame."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_LEAST_REST = 3
_LONGEST = 1024
_ROUNDING = 0.002


def curve_expression(values: NDArray[np.float64], tolerance: float, variable: str) -> str:
    """An expression of the frame's number that gives its value.

    It is a balanced tree of ``if``, so that thousands of pieces are neither nested deeper nor
    evaluated longer than a dozen; each piece is a constant, a line or a cubic. Stretches in which
    the value stays the same are exact.

    Args:
        values: ``(N,)``, one for each frame.
        tolerance: How far the expression may be from a value.
        variable: What stands for the number of the frame, from 0; the expression itself uses
            ffmpeg's variable 9.
    """
    pieces: list[tuple[int, str]] = []
    for first, end in _stretches(values):
        while first < end:
            length, text = _longest_piece(values[first:end], tolerance, variable, first)
            pieces.append((first, text))
            first += length
    return _tree(pieces, variable)


def _stretches(values: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Begin and end of each stretch that rests or moves."""
    same = np.concatenate([[False], np.diff(values) == 0, [False]])
    edges = np.flatnonzero(same[1:] != same[:-1])
    cuts = {0, len(values)}
    for begin, end in edges.reshape(-1, 2).tolist():
        if end - begin + 1 >= _LEAST_REST:
            cuts |= {begin, end + 1}
    ordered = sorted(cuts)
    return list(pairwise(ordered))


def _longest_piece(
    values: NDArray[np.float64], tolerance: float, variable: str, first: int
) -> tuple[int, str]:
    """The longest begin of the values that one piece describes."""
    if np.all(values == values[0]):
        return len(values), f"{values[0]:.9g}"
    length, best = 1, f"{values[0]:.9g}"
    step, most = 1, min(len(values), _LONGEST)
    while step and length < most:
        tried = min(length + step, most)
        text = _polynomial(values[:tried], tolerance, variable, first)
        if text is None:
            step //= 2
        else:
            length, best = tried, text
            step *= 2
    return length, best


def _polynomial(
    values: NDArray[np.float64], tolerance: float, variable: str, first: int
) -> str | None:
    """The simplest polynomial within the tolerance, if there is one."""
    count = len(values)
    way = np.arange(count) / max(1, count - 1)
    for degree in (0, 1, 3):
        if degree >= max(2, count):
            break
        powers = way[:, None] ** np.arange(degree + 1)
        factors = np.linalg.lstsq(powers, values, rcond=None)[0]
        if np.abs(powers @ factors - values).max() <= max(tolerance, 1e-9):
            scaled = factors / max(1, count - 1) ** np.arange(degree + 1)
            return _horner(scaled.tolist(), count, variable, first)
    return None


def _horner(factors: list[float], count: int, variable: str, first: int) -> str:
    """A polynomial of the frames since the first, with no more digits than a value needs."""
    digits = [
        max(0, math.ceil(math.log10(count**power / _ROUNDING))) for power in range(len(factors))
    ]
    texts = [f"{factor:+.{places}f}" for factor, places in zip(factors, digits, strict=True)]
    if len(texts) == 1:
        return texts[0].lstrip("+")
    text = f"{texts[-1]}*st(9,{variable}-{first})"
    for written in texts[-2:0:-1]:
        text = f"({text}{written})*ld(9)"
    return f"{text}{texts[0]}".lstrip("+")


def _tree(pieces: list[tuple[int, str]], variable: str) -> str:
    if len(pieces) == 1:
        return pieces[0][1]
    middle = len(pieces) // 2
    earlier, later = _tree(pieces[:middle], variable), _tree(pieces[middle:], variable)
    return f"if(lt({variable},{pieces[middle][0]}),{earlier},{later})"
