"""What learns nothing: its scores, its thresholds, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning.highlights.measures import count
from core.learning.highlights.systems import ALL_POSITIVE, ALWAYS, CENTRE, RANDOM, positive_cells
from core.learning.highlights.trivial import (
    centre_score,
    random_score,
    signal_score,
    trivial_systems,
)
from tests.learning.highlights.scored import made_videos, validation_videos


def test_the_middle_is_the_best_place_and_both_sides_are_alike() -> None:
    video = made_videos(1, cells=31)[0]
    score = centre_score(video)
    assert score.argmax() == 15
    assert (np.diff(score[:16]) > 0).all()
    np.testing.assert_array_equal(score, score[::-1])
    assert 0 <= score.min() < score.max() <= 1


def test_chance_depends_on_the_video_and_the_draw_alone() -> None:
    first, second = made_videos(2)
    np.testing.assert_array_equal(random_score(first, 1), random_score(made_videos(9)[0], 1))
    assert (random_score(first) != random_score(second)).any()
    assert (random_score(first, 0) != random_score(first, 1)).any()
    assert (random_score(first, seed=0) != random_score(first, seed=1)).any()


def test_a_signal_counts_by_its_order_within_the_video_not_by_its_unit() -> None:
    decibels = np.array([-60.0, -10.0, -30.0, -30.0])
    np.testing.assert_allclose(signal_score(decibels), [0.125, 0.875, 0.5, 0.5])
    np.testing.assert_array_equal(signal_score(decibels), signal_score(10 ** (decibels / 20)))


def test_what_needs_no_signal_is_always_there_and_everything_is_claimed_by_one() -> None:
    videos = made_videos(4)
    validation = {video.key: validation_videos() for video in videos}
    systems, absent = trivial_systems(videos, validation, {}, draws=3)
    assert tuple(row.name for row in systems) == ALWAYS
    assert all(row.trivial for row in systems)
    assert not absent
    by_name = {row.name: row for row in systems}
    assert len(by_name[RANDOM].runs) == 3
    for video in videos:
        claimed = by_name[ALL_POSITIVE].runs[0][video.key]
        assert (claimed >= by_name[ALL_POSITIVE].thresholds[0][video.key]).all()
        assert (
            by_name[CENTRE].thresholds[0][video.key] == by_name[CENTRE].thresholds[0][videos[0].key]
        )


def test_a_signal_that_is_not_at_hand_is_left_out_and_named() -> None:
    videos = made_videos(4)
    every = [*videos, *validation_videos()]
    validation = {video.key: validation_videos() for video in videos}
    whole = {video.key: np.arange(video.cells, dtype=float) for video in every}
    silent = {**whole, videos[2].key: np.full(videos[2].cells, np.nan)}
    systems, absent = trivial_systems(
        videos, validation, {"loudness": silent, "visual energy": whole}
    )
    assert [row.name for row in systems] == [*ALWAYS, "visual energy alone"]
    (said,) = absent
    assert "loudness" in said
    assert "1 of the 10 videos" in said
    assert videos[2].name in said


@pytest.mark.parametrize("name", [RANDOM, CENTRE])
def test_thresholds_are_those_of_the_validation_videos_alone(name: str) -> None:
    videos, other = made_videos(4), made_videos(4)
    for video in other:
        video.ratings[:] = 1 - video.ratings
    chosen = []
    for tested in (videos, other):
        validation = {video.key: validation_videos() for video in tested}
        systems, _ = trivial_systems(tested, validation, {})
        chosen.append({row.name: row.thresholds for row in systems}[name])
    assert chosen[0] == chosen[1]


def test_a_threshold_is_the_best_for_the_validation_videos() -> None:
    videos, held_out = made_videos(4), validation_videos()
    systems, _ = trivial_systems(videos, {video.key: held_out for video in videos}, {})
    (chosen,) = {row.name: row.thresholds for row in systems}[CENTRE]
    positive = np.concatenate([positive_cells(video) for video in held_out])
    score = np.concatenate([centre_score(video) for video in held_out])
    best = max(count(positive, score, value).f1 for value in score)
    assert count(positive, score, chosen[videos[0].key]).f1 == best
