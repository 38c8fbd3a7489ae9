"""Faces in small pictures, and which of them are the same one over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SCALE_STEP, _LEAST_NEIGHBOURS = 1.2, 4
_LEAST_FRONTAL, _LEAST_PROFILE = 1 / 10, 1 / 7
_MOST_GAP = 1.5
_LARGEST_RATIO = 1.8
_LEAST_HITS = 3
_LEAST_COVERAGE = 0.3
_REACH = 0.8


@dataclass(frozen=True)
class Face:
    """A face in one picture, in fractions of its width and height.

    Attributes:
        x: Middle.
        y: Middle.
        width: Width of the box.
        height: Height of the box.
        motion: Mean change of its lower half since the picture before, 0…255.
    """

    x: float
    y: float
    width: float
    height: float
    motion: float = 0.0


@dataclass(frozen=True)
class Track:
    """One person's face over time.

    Attributes:
        seconds: When it was found, rising.
        faces: Where.
        coverage: Part of the looks between the first and the last that found it.
    """

    seconds: tuple[float, ...]
    faces: tuple[Face, ...]
    coverage: float

    def at(self, seconds: float) -> Face | None:
        """Where it is at a time, between looks on the way from one to the next.

        None where it was not found for long.
        """
        times = np.array(self.seconds)
        if not times[0] - _REACH <= seconds <= times[-1] + _REACH:
            return None
        after = int(np.searchsorted(times, seconds))
        if 0 < after < len(times) and times[after] - times[after - 1] > _MOST_GAP:
            return None
        boxes = np.array([(f.x, f.y, f.width, f.height) for f in self.faces])
        x, y, width, height = (float(np.interp(seconds, times, edge)) for edge in boxes.T)
        return Face(x, y, width, height, self.motion)

    @property
    def motion(self) -> float:
        """Mean change of the lower half of the face: of several, the speaker's moves most."""
        return float(np.mean([face.motion for face in self.faces]))


class FaceFinder:
    """Finds frontal faces and profiles with Haar cascades.

    P. Viola and M. Jones, Rapid Object Detection using a Boosted Cascade of Simple Features, 2001.
    """

    def __init__(self) -> None:
        import cv2

        self._cv2 = cv2
        folder = cv2.data.haarcascades  # type: ignore[attr-defined]
        self._frontal = cv2.CascadeClassifier(f"{folder}haarcascade_frontalface_alt2.xml")
        self._profile = cv2.CascadeClassifier(f"{folder}haarcascade_profileface.xml")

    def find(
        self,
        grey: NDArray[np.uint8],
        before: NDArray[np.uint8] | None = None,
        *,
        profiles: bool = True,
    ) -> list[Face]:
        """The faces in a picture, from left to right.

        Args:
            grey: ``(h, w) uint8``.
            before: The picture before, of the same size, to see which faces move.
            profiles: Look for profiles where there is no frontal face.
        """
        equal = self._cv2.equalizeHist(grey)
        boxes = self._boxes(self._frontal, equal, _LEAST_FRONTAL)
        if not boxes and profiles:
            width = grey.shape[1]
            mirrored = self._boxes(self._profile, equal[:, ::-1].copy(), _LEAST_PROFILE)
            boxes = self._boxes(self._profile, equal, _LEAST_PROFILE)
            boxes += [(width - x - w, y, w, h) for x, y, w, h in mirrored]
        return [_face(box, grey, before) for box in sorted(boxes)]

    def _boxes(
        self, cascade: object, grey: NDArray[np.uint8], least: float
    ) -> list[tuple[int, int, int, int]]:
        side = max(20, round(least * grey.shape[0]))
        found = cascade.detectMultiScale(  # type: ignore[attr-defined]
            grey, _SCALE_STEP, _LEAST_NEIGHBOURS, minSize=(side, side)
        )
        return [(int(x), int(y), int(w), int(h)) for x, y, w, h in found]


def _face(
    box: tuple[int, int, int, int], grey: NDArray[np.uint8], before: NDArray[np.uint8] | None
) -> Face:
    x, y, width, height = box
    motion = 0.0
    if before is not None:
        mouth = np.s_[y + height // 2 : y + height, x : x + width]
        motion = float(np.abs(grey[mouth].astype(np.int16) - before[mouth]).mean())
    down, across = grey.shape
    return Face(
        (x + width / 2) / across, (y + height / 2) / down, width / across, height / down, motion
    )


def track_faces(looks: Sequence[tuple[float, Sequence[Face]]]) -> list[Track]:
    """Faces that were found again and again at nearly the same place.

    A face that was only found now and then is a mistake of the finder and left out.

    Args:
        looks: Times in seconds, rising, and the faces found then; without a shot change.

    Returns:
        Tracks, those that were found most often first.
    """
    open_tracks: list[list[tuple[int, Face]]] = []
    for number, (seconds, faces) in enumerate(looks):
        pairs = sorted(
            (_distance(track[-1][1], face), which, place)
            for which, track in enumerate(open_tracks)
            for place, face in enumerate(faces)
            if seconds - looks[track[-1][0]][0] <= _MOST_GAP
        )
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for distance, which, place in pairs:
            if distance < 1 and which not in taken_tracks and place not in taken_faces:
                open_tracks[which].append((number, faces[place]))
                taken_tracks.add(which)
                taken_faces.add(place)
        open_tracks += [
            [(number, face)] for place, face in enumerate(faces) if place not in taken_faces
        ]
    tracks = []
    for track in open_tracks:
        coverage = len(track) / (track[-1][0] - track[0][0] + 1)
        needed = min(_LEAST_HITS, max(1, len(looks) - 1))
        if len(track) >= needed and coverage >= _LEAST_COVERAGE:
            times = tuple(looks[number][0] for number, _ in track)
            tracks.append(Track(times, tuple(face for _, face in track), coverage))
    return sorted(tracks, key=lambda track: (-len(track.seconds), track.seconds, track.faces[0].x))


def _distance(one: Face, other: Face) -> float:
    """Below 1 if two boxes may be of one face."""
    larger, smaller = max(one.height, other.height), min(one.height, other.height)
    if larger > _LARGEST_RATIO * smaller:
        return 9.0
    across = (one.x - other.x) / max(one.width, other.width)
    down = (one.y - other.y) / larger
    return float(np.hypot(across, down)) / 0.8
