"""The transparent baseline: a highlight curve whose parts anybody can check.

Arousal, loudness, visual energy and a centre prior are normalised robustly within the video,
squeezed to 0…1, weighted, added and smoothed. No part of it was trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

BASELINE = "baseline"
"""Name of what this module makes."""
CONTRIBUTIONS = ("emotion", "sound", "picture", "position")
WEIGHTS = {"emotion": 0.3, "sound": 0.3, "picture": 0.3, "position": 0.1}
SMOOTHING = 1.0
"""Standard deviation in seconds of the Gaussian over the curve."""

LEAST_DEVIATION = {"arousal": 0.1, "loudness": 3.0, "motion": 1.0, "change": 0.05}
"""Differences under these are not stretched to look like more: −1…1, LU, 0…255, 0…1."""

_MEASURED = {
    "emotion": "arousal",
    "sound": "loudness",
    "picture": "visual energy",
    "position": "centre prior",
}
_STEEPNESS = 1.2
_LARGEST = 3.0
_MAD_TO_DEVIATION = 1.4826


@dataclass(frozen=True)
class Highlight:
    """The highlight curve.

    Attributes:
        score: ``(n,) float32`` in 0…1, one per cell.
        contributions: ``(n, 4) float32``, the parts of the score that :data:`CONTRIBUTIONS` names;
            they add up to it. None is negative, but where a network that mixes its groups early
            made the curve: there a part below zero says how much its group lowers the score.
        source: What computed it, as a sentence.
        model: What computed it, as a name that is another for other weights.
    """

    score: NDArray[np.float32]
    contributions: NDArray[np.float32]
    source: str
    model: str = BASELINE

    @property
    def notice(self) -> str:
        """What the user should know about the curve."""
        return f"Highlights found by the {self.source}."


def robust_deviation(values: NDArray[np.floating], least: float) -> NDArray[np.float64]:
    """How far each value is from the video's usual one, in robust standard deviations.

    Median and median absolute deviation over the known values; NaN where unknown.

    Args:
        values: ``(n,)``, NaN where unknown.
        least: The deviation counts as at least this much.
    """
    exact = values.astype(np.float64)
    known = exact[np.isfinite(exact)]
    if known.size == 0:
        return np.full(len(exact), np.nan)
    centre = np.median(known)
    spread = max(least, _MAD_TO_DEVIATION * float(np.median(np.abs(known - centre))))
    return np.clip((exact - centre) / spread, -_LARGEST, _LARGEST)


def transparent_parts(
    tracks: Mapping[str, NDArray[Any]], count: int, total: int, step: Fraction
) -> dict[str, NDArray[np.float64]]:
    """How much each part stands out over the first ``count`` of ``total`` cells, before weights.

    Args:
        tracks: Rows of ``speech-emotion``, ``loudness`` and ``motion``, as long as known.
        count: Cells wanted.
        total: Cells of the whole video, for the centre prior.
        step: Seconds per cell.

    Returns:
        ``(count,)`` in 0…1, smoothed, by the names of :data:`CONTRIBUTIONS`, in their order; what
        the video does not have (no sound, no speech anywhere) is left out. Where only single cells
        lack it, they count as usual.
    """
    deviations = {
        "emotion": _column(tracks, "speech-emotion", 7, count, LEAST_DEVIATION["arousal"]),
        "sound": _column(tracks, "loudness", 0, count, LEAST_DEVIATION["loudness"]),
        "picture": _picture(tracks, count),
    }
    parts = {
        name: 1 / (1 + np.exp(-_STEEPNESS * np.nan_to_num(deviation)))
        for name, deviation in deviations.items()
        if np.isfinite(deviation).any()
    }
    place = (np.arange(count) + 0.5) / max(total, 1)
    parts["position"] = np.sin(np.pi * np.clip(place, 0, 1))
    sigma = SMOOTHING / float(step)
    return {name: _smoothed(part, sigma) for name, part in parts.items()}


def baseline(
    tracks: Mapping[str, NDArray[Any]], count: int, total: int, step: Fraction
) -> Highlight:
    """The curve over the first ``count`` of ``total`` cells, from the tracks known so far.

    A part that the video does not have leaves its weight to the others.

    Args:
        tracks: Rows of ``speech-emotion``, ``loudness`` and ``motion``, as long as known.
        count: Cells wanted.
        total: Cells of the whole video, for the centre prior.
        step: Seconds per cell.
    """
    parts = transparent_parts(tracks, count, total, step)
    weight = sum(WEIGHTS[name] for name in parts)
    contributions = np.zeros((count, len(CONTRIBUTIONS)), np.float32)
    for name, part in parts.items():
        contributions[:, CONTRIBUTIONS.index(name)] = WEIGHTS[name] / weight * part
    return Highlight(
        contributions.sum(axis=1),
        contributions,
        f"transparent baseline ({', '.join(_MEASURED[name] for name in parts)})",
    )


def _smoothed(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Convolved with a Gaussian of four deviations' reach; the ends are held."""
    if not len(values):
        return values
    reach = max(1, round(4 * sigma))
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / sigma))
    kernel /= kernel.sum()
    return np.convolve(np.pad(values, reach, mode="edge"), kernel, mode="valid")


def _picture(tracks: Mapping[str, NDArray[Any]], count: int) -> NDArray[np.float64]:
    motion = _column(tracks, "motion", 0, count, LEAST_DEVIATION["motion"])
    change = _column(tracks, "motion", 1, count, LEAST_DEVIATION["change"])
    return 0.7 * motion + 0.3 * change


def _column(
    tracks: Mapping[str, NDArray[Any]], name: str, column: int, count: int, least: float
) -> NDArray[np.float64]:
    values = np.full(count, np.nan)
    rows = tracks.get(name)
    if rows is not None:
        known = rows[:count, column]
        values[: len(known)] = known
    return robust_deviation(values, least)
