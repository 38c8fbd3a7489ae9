from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.highlights.measures import average_precision
from core.learning.highlights.ranker import Ranker, RankerSettings, fit_ranker, smoothed
from core.learning.highlights.sequences import VideoSequence
from tests.learning.highlights.own import kept_cells, labelled, sequence

WIDTH = 6
PLAIN = RankerSettings(smoothing=0)


def planted(
    number: int, *, domain: str = "dog", sign: float = 1.0, strength: float = 2.0
) -> VideoSequence:
    """Sounds whose first column tells the highlights, beside pictures that tell nothing."""
    random = np.random.default_rng(number)
    kept = kept_cells(random)
    sound = random.normal(0, 1, (len(kept), WIDTH))
    sound[:, 0] += sign * strength * kept
    video = labelled(f"video {number:03}", kept, domain=domain)
    return sequence(video, sound=sound, picture=random.normal(0, 1, (len(kept), WIDTH)))


def precision(model: Ranker, sequences: list[VideoSequence]) -> float:
    return float(
        np.mean([average_precision(row.relevance > 0.5, model.score(row)) for row in sequences])
    )


def scores(model: Ranker, sequences: list[VideoSequence]) -> NDArray[np.float32]:
    return np.concatenate([model.score(row) for row in sequences])


TRAINING = [planted(number) for number in range(16)]
UNSEEN = [planted(number) for number in range(100, 108)]


def test_a_planted_direction_is_found_in_videos_that_it_never_saw() -> None:
    model = fit_ranker(TRAINING, ["sound"], PLAIN)
    assert precision(model, UNSEEN) > 0.75
    direction = np.abs(model.bases["sound"] @ model.shared)
    assert int(direction.argmax()) == 0
    assert precision(fit_ranker(TRAINING, ["picture"], PLAIN), UNSEEN) < 0.4
    for row in UNSEEN:
        score = model.score(row)
        assert score.dtype == np.float32
        assert score.shape == (row.video.cells,)
        assert ((score >= 0) & (score <= 1)).all()


def test_a_group_that_knows_nothing_weighs_little() -> None:
    model = fit_ranker(TRAINING, ["sound", "picture"], PLAIN)
    assert model.shares["sound"] == 1
    assert model.shares["picture"] < 0.3
    alone = fit_ranker(TRAINING, ["sound"], PLAIN)
    assert precision(model, UNSEEN) > precision(alone, UNSEEN) - 0.05


def test_few_videos_cannot_tell_what_a_group_knows() -> None:
    model = fit_ranker(TRAINING[:6], ["sound", "picture"], PLAIN)
    assert model.shares == {"sound": 1, "picture": 1}


def test_the_order_of_the_videos_changes_nothing() -> None:
    shuffled = [TRAINING[index] for index in np.random.default_rng(3).permutation(len(TRAINING))]
    one, other = (fit_ranker(rows, ["sound", "picture"], PLAIN) for rows in (TRAINING, shuffled))
    np.testing.assert_array_equal(scores(one, UNSEEN), scores(other, UNSEEN))


def test_domains_have_weights_of_their_own_near_the_shared() -> None:
    """What tells a highlight of cats tells the opposite in dogs."""
    training = [
        *(planted(number) for number in range(12)),
        *(planted(number, domain="cat", sign=-1.0) for number in range(20, 32)),
    ]
    cats = [planted(number, domain="cat", sign=-1.0) for number in range(200, 206)]
    own = fit_ranker(training, ["sound"], PLAIN)
    assert min(precision(own, UNSEEN), precision(own, cats)) > 0.6
    shared = fit_ranker(training, ["sound"], replace(PLAIN, sharing=0))
    assert not shared.domains
    assert min(precision(shared, UNSEEN), precision(shared, cats)) < 0.4


def test_an_unknown_domain_is_ranked_by_the_shared_weights() -> None:
    model = fit_ranker(TRAINING, ["sound"], PLAIN)
    strange = replace(UNSEEN[0], video=replace(UNSEEN[0].video, domain="parkour"))
    without = replace(model, domains={})
    np.testing.assert_array_equal(model.score(strange), without.score(UNSEEN[0]))
    assert average_precision(strange.relevance > 0.5, model.score(strange)) > 0.5


def test_what_is_not_there_is_not_looked_at() -> None:
    model = fit_ranker(TRAINING, ["sound", "picture"], PLAIN)
    row = UNSEEN[0]
    absent = replace(row, present={**row.present, "picture": np.zeros(row.video.cells, bool)})
    empty = replace(absent, groups={**row.groups, "picture": np.full((row.video.cells, WIDTH), 9)})
    np.testing.assert_array_equal(model.score(absent), model.score(empty))
    assert np.isfinite(model.score(absent)).all()


def test_labels_of_cells_that_nobody_rated_do_not_exist() -> None:
    """The label of an unknown cell is neither 0 nor 1, even if its features are those of one."""
    holes = []
    for row in TRAINING:
        ratings = row.video.ratings.copy()
        ratings[np.flatnonzero(row.relevance > 0.5)[:4]] = np.nan
        video = replace(row.video, ratings=ratings)
        holes.append(replace(row, video=video, relevance=video.relevance()))
    assert precision(fit_ranker(holes, ["sound"], PLAIN), UNSEEN) > 0.7


def test_the_loudness_of_a_video_does_not_decide_about_its_cells() -> None:
    model = fit_ranker(TRAINING, ["sound"], PLAIN)
    row = UNSEEN[0]
    louder = replace(row, groups={**row.groups, "sound": row.groups["sound"] + 5})
    np.testing.assert_allclose(model.score(louder), model.score(row), atol=1e-4)


def test_nothing_to_learn_is_refused() -> None:
    flat = [
        sequence(labelled("all", np.ones(5)), sound=np.ones((5, 2))),
        sequence(labelled("none", np.zeros(5)), sound=np.ones((5, 2))),
        sequence(labelled("unknown", np.full(5, np.nan)), sound=np.ones((5, 2))),
    ]
    for rows in (flat, []):
        with pytest.raises(UsageError, match="nothing can be learned"):
            fit_ranker(rows, ["sound"], PLAIN)


@pytest.mark.parametrize(
    "wrong", [{"components": 0}, {"strength": 0.0}, {"sharing": -1.0}, {"smoothing": -0.1}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="no ranker can be fitted"):
        RankerSettings(**wrong)  # type: ignore[arg-type]


def test_fewer_components_than_columns_keep_what_varies_most() -> None:
    rows = [
        replace(row, groups={"sound": row.groups["sound"] * np.array([4, 1, 1, 1, 1, 1])})
        for row in (*TRAINING, *UNSEEN)
    ]
    model = fit_ranker(rows[:16], ["sound"], replace(PLAIN, components=2))
    assert model.bases["sound"].shape == (WIDTH, 2)
    assert precision(model, rows[16:]) > 0.75


def test_smoothing_keeps_the_ends_and_the_sum_of_the_middle() -> None:
    values = np.zeros(21)
    values[10] = 1.0
    spread = smoothed(values, 1.5)
    assert spread.sum() == pytest.approx(1)
    assert spread[10] == spread.max() < 1
    np.testing.assert_array_equal(smoothed(values, 0), values)
    np.testing.assert_allclose(smoothed(np.full(5, 2.0), 3), np.full(5, 2.0))
    assert len(smoothed(np.zeros(0), 1)) == 0
