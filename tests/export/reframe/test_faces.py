"""Which found faces are one person, and which were no faces."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from core.export.reframe.faces import Face, FaceFinder, Track, track_faces
from core.export.reframe.targets import interest_maps
from core.export.reframe.views import View


def face(x: float, *, motion: float = 0.0, size: float = 0.1) -> Face:
    return Face(x, 0.4, size, size * 16 / 9, motion)


def looks(*faces: list[Face]) -> list[tuple[float, list[Face]]]:
    return [(0.5 * number, found) for number, found in enumerate(faces)]


def test_two_people_are_two_tracks_also_when_they_walk() -> None:
    tracks = track_faces(
        looks(*([face(0.2 + 0.02 * step), face(0.8 - 0.02 * step)] for step in range(8)))
    )
    assert len(tracks) == 2
    assert sorted(round(track.faces[0].x, 1) for track in tracks) == [0.2, 0.8]
    for track in tracks:
        assert np.ptp([f.x for f in track.faces]) < 0.2


def test_a_face_that_is_seen_once_is_a_mistake() -> None:
    found = [[face(0.3)] for _ in range(8)]
    found[4].append(face(0.9))
    [track] = track_faces(looks(*found))
    assert {f.x for f in track.faces} == {0.3}


def test_a_face_that_is_missed_for_a_moment_is_still_there() -> None:
    found = [[face(0.3 + 0.01 * step)] for step in range(8)]
    found[3] = []
    found[4] = []
    [track] = track_faces(looks(*found))
    between = track.at(1.75)
    assert between is not None
    assert abs(between.x - 0.335) < 0.005
    assert track.at(9.0) is None


def test_a_box_of_quite_another_size_is_another_face() -> None:
    found = [[face(0.5, size=0.3 if step % 2 else 0.08)] for step in range(8)]
    assert {len({f.width for f in track.faces}) for track in track_faces(looks(*found))} == {1}


def test_of_two_faces_the_one_that_speaks_is_more_interesting() -> None:
    quiet = Track((0.0, 0.5), (face(0.2), face(0.2)), 1.0)
    speaker = Track((0.0, 0.5), (face(0.8, motion=15.0), face(0.8, motion=15.0)), 1.0)
    nothing = np.zeros((54, 96), np.float32)
    [seen] = interest_maps([View(Fraction(0), nothing, nothing, None)], [quiet, speaker])
    assert seen[:, 48:].sum() > 1.5 * seen[:, :48].sum()


def test_no_face_is_found_where_there_is_none() -> None:
    assert FaceFinder().find(np.full((180, 320), 90, np.uint8)) == []
