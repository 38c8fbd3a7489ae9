"""Where the short's window lies in the picture of a video, over time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Keyframe:
    """A place of the window at a time; between two the window moves from one to the other.

    Attributes:
        time: On the media time axis, in seconds.
        x: Middle of the window, 0 (left edge of the upright picture) to 1 (right edge).
        y: Middle of the window, 0 (upper edge) to 1 (lower edge).
        zoom: How much smaller than the largest possible window it is; 1 or more.
    """

    time: Fraction
    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0


Camera = tuple[Keyframe, ...]
"""Keyframes in order of time; before the first and after the last the window stands still."""
