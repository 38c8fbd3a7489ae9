"""How cuts follow one another and where their window lies, as plain data and within limits."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

from core.export.camera import Camera, Keyframe
from core.export.clip import Join
from core.project.cuts_file import finite, time_from_json, time_to_json
from core.project.plain_data import is_moment

LONGEST_JOIN = Fraction(10)
"""Seconds; a crossfade cannot be longer, and the sound cannot change farther from the picture."""

CLOSEST = 16.0
"""The largest zoom of the window."""

MOST_KEYFRAMES = 10_000
"""Of one cut."""


def join_flaw(join: Join) -> str:
    """What is wrong with a join, empty if nothing is."""
    if not 0 <= join.crossfade <= LONGEST_JOIN or not is_moment(join.crossfade):
        return f"a crossfade lasts 0 to {LONGEST_JOIN} s, not {_seconds(join.crossfade)}"
    if abs(join.sound) > LONGEST_JOIN or not is_moment(abs(join.sound)):
        return (
            f"the sound can change at most {LONGEST_JOIN} s before or after the picture, "
            f"not {_seconds(join.sound)}"
        )
    return ""


def camera_flaw(camera: Camera) -> str:
    """What is wrong with keyframes of a window, empty if nothing is."""
    if len(camera) > MOST_KEYFRAMES:
        return f"a cut has at most {MOST_KEYFRAMES} keyframes, not {len(camera)}"
    for one in camera:
        if not is_moment(one.time):
            return f"a keyframe cannot be at {_seconds(one.time)}"
        if not (0 <= one.x <= 1 and 0 <= one.y <= 1):
            return f"the window cannot be at {one.x:g}, {one.y:g}: the picture goes from 0 to 1"
        if not 1 <= one.zoom <= CLOSEST:
            return f"the zoom goes from 1 to {CLOSEST:g}, not to {one.zoom:g}"
    if any(one.time > other.time for one, other in pairwise(camera)):
        return "the keyframes of the window are not in order of time"
    if any(one.time == third.time for one, third in zip(camera, camera[2:], strict=False)):
        return "more than two keyframes of the window have the same time"
    return ""


def limited_keyframe(keyframe: Keyframe) -> Keyframe:
    """A keyframe whose window is inside the picture and of a possible size.

    Raises:
        ValueError: A number is not finite.
    """
    if not all(map(math.isfinite, (keyframe.x, keyframe.y, keyframe.zoom))):
        raise ValueError(keyframe)
    return Keyframe(
        keyframe.time,
        min(1.0, max(0.0, float(keyframe.x))),
        min(1.0, max(0.0, float(keyframe.y))),
        min(CLOSEST, max(1.0, float(keyframe.zoom))),
    )


def join_to_json(join: Join) -> dict[str, Any]:
    """Plain data of how a cut follows the one before."""
    return {**time_to_json("crossfade", join.crossfade), **time_to_json("sound", join.sound)}


def join_from_json(data: Any) -> Join:
    """How a cut follows the one before, to be called inside of :func:`.plain_data.damage_in`."""
    return Join(
        *(
            time_from_json(data, name) if name in data or f"{name}_exact" in data else Fraction(0)
            for name in ("crossfade", "sound")
        )
    )


def camera_to_json(camera: Camera) -> list[dict[str, Any]]:
    """Plain data of where a window lies."""
    return [
        {**time_to_json("time", one.time), "x": one.x, "y": one.y, "zoom": one.zoom}
        for one in camera
    ]


def camera_from_json(data: Any) -> Camera:
    """Where a window lies, to be called inside of :func:`.plain_data.damage_in`."""
    if not isinstance(data, list):
        raise TypeError(data)
    usual = Keyframe(Fraction(0))
    return tuple(
        Keyframe(
            time_from_json(item, "time"),
            finite(item.get("x", usual.x)),
            finite(item.get("y", usual.y)),
            finite(item.get("zoom", usual.zoom)),
        )
        for item in data
    )


def _seconds(seconds: Fraction) -> str:
    return f"{float(seconds):g} s"
