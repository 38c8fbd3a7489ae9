"""What the window should be on: faces first, then what moves, then what stands out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.export.reframe.faces import Track
from core.export.reframe.interest import MAP_HEIGHT, MAP_WIDTH
from core.export.reframe.views import View

FACES, MOTION, SALIENCY = 0.8, 0.12, 0.08
"""Shares of the interest where there are faces: people look at people, and hardly at anything else.

Motion and what stands out only break ties between faces.
"""

MOTION_ALONE, SALIENCY_ALONE = 0.6, 0.4
"""Shares where there are none: what moves is the subject more often than what is colourful."""

_MIDDLE = 0.15
_BODY = 1.5
_TALKING = 12.0
_PLACES = 97
_RELUCTANCE = 1.2


def interest_maps(views: Sequence[View], tracks: Sequence[Track]) -> NDArray[np.float32]:
    """How much there is to see where, ``(views, h, w) float32``, each summing to 1 at most.

    Args:
        views: What was seen in one shot.
        tracks: The faces in it.
    """
    maps = np.zeros((len(views), MAP_HEIGHT, MAP_WIDTH), np.float32)
    for number, view in enumerate(views):
        # Motion is measured against the view before, so the first of a shot says nothing.
        motion = view.motion if number else np.zeros_like(view.motion)
        faces = _face_map(float(view.time), tracks)
        if faces.any():
            maps[number] = FACES * faces + MOTION * motion + SALIENCY * view.saliency
        else:
            maps[number] = MOTION_ALONE * motion + SALIENCY_ALONE * view.saliency
    return maps


def _face_map(seconds: float, tracks: Sequence[Track]) -> NDArray[np.float32]:
    """The faces of a moment, large, certain and moving ones weighing more; sums to 1, or all 0."""
    drawn = np.zeros((MAP_HEIGHT, MAP_WIDTH), np.float32)
    across = (np.arange(MAP_WIDTH) + 0.5) / MAP_WIDTH
    down = (np.arange(MAP_HEIGHT) + 0.5) / MAP_HEIGHT
    for track in tracks:
        face = track.at(seconds)
        if face is None:
            continue
        talking = 1 + min(1.0, face.motion / _TALKING)
        weight = np.sqrt(face.width * face.height) * track.coverage * talking
        # The body below a face belongs to the subject, too.
        column = np.exp(-0.5 * ((across - face.x) / (face.width / 2)) ** 2)
        below = np.where(down > face.y, _BODY, 1.0) * face.height / 2
        row = np.exp(-0.5 * ((down - face.y) / below) ** 2)
        blob = row[:, None] * column[None, :]
        drawn += (weight * blob / max(blob.sum(), 1e-6)).astype(np.float32)
    total = float(drawn.sum())
    return drawn / total if total > 0 else drawn


def window_targets(
    profiles: NDArray[np.float32], length: float, seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The middle of the window along one axis for each view, ``(views,)``, in parts of the picture.

    A place is the better, the more of the interest lies in the window and the nearer to its middle;
    changes of the place are paid for (the best sequence is found by dynamic programming), so that
    the window stays with one subject unless another is more interesting for long.

    Args:
        profiles: Interest along the axis, ``(views, n)``.
        length: Length of the window, in parts of the picture.
        seconds: Times of the views, ``(views,)``.
    """
    reach = length / 2
    places = np.linspace(reach, 1 - reach, _PLACES)
    points = (np.arange(profiles.shape[1]) + 0.5) / profiles.shape[1]
    away = np.abs(points[:, None] - places[None, :]) / reach
    kernel = np.where(away < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(away, 1)), 0.0)
    scores = _steadied(profiles) @ kernel
    scores -= _MIDDLE * np.abs(places - 0.5)[None, :] * 0.2
    chosen = _best_sequence(scores, places / length, np.diff(seconds, prepend=seconds[0]))
    return np.array([_finer(scores[i], places, place) for i, place in enumerate(chosen)])


def _steadied(profiles: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean with the neighbours in time."""
    padded = np.concatenate([profiles[:1], profiles, profiles[-1:]]).astype(np.float64)
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]


def _best_sequence(
    scores: NDArray[np.float64], places: NDArray[np.float64], steps: NDArray[np.float64]
) -> list[int]:
    """Indices of places with the greatest sum of scores less what their changes cost."""
    usual = float(np.median(steps[1:])) if len(steps) > 1 else 1.0
    cost = _RELUCTANCE * np.abs(places[:, None] - places[None, :])
    best = scores[0]
    origins = np.zeros(scores.shape, np.intp)
    for number in range(1, len(scores)):
        reached = best[:, None] - cost * min(1.0, usual / max(steps[number], 1e-3))
        origins[number] = reached.argmax(axis=0)
        best = reached.max(axis=0) + scores[number]
    place = int(best.argmax())
    chosen = [place]
    for number in range(len(scores) - 1, 0, -1):
        place = int(origins[number, place])
        chosen.append(place)
    return chosen[::-1]


def _finer(scores: NDArray[np.float64], places: NDArray[np.float64], place: int) -> float:
    """The top of the parabola through a local maximum and its neighbours."""
    if not 0 < place < len(places) - 1:
        return float(places[place])
    left, middle, right = scores[place - 1 : place + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 and middle >= max(left, right) else 0.0
    return float(places[place] + shift * (places[1] - places[0]))
