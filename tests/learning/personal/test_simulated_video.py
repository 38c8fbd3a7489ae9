import json

import numpy as np
import pytest

from core.errors import Cancelled, UsageError
from core.learning.highlights.ranker import RankerSettings
from core.learning.highlights.readers import read_benchmark
from core.learning.highlights.sequences import read_sequences
from core.learning.personal import within_report
from core.learning.personal.propagation import DEFAULT
from core.learning.personal.simulated_questions import (
    ASKED,
    DRAWN,
    SUGGESTED,
    Asking,
    asked_cells,
    measure_asking,
)
from core.learning.personal.simulated_video import (
    BOTH,
    BY_FEATURES,
    NEAREST,
    ONE_BY_ONE,
    STRETCHES,
    SUGGESTIONS,
    Kinds,
    ScoredVideo,
    candidates,
    decided_cells,
    gain,
    generator,
    nearest_decided,
    rest_of,
)
from core.learning.personal.within_measuring import Gains, WithinPlan, measure_following, pick
from core.learning.personal.within_report import run_within, write_within
from tests.learning.highlights.made import COLUMNS, make_benchmark

CLIPS = 36
PLAN = WithinPlan(draws=2, seeds=(0,), shares=(0.2,))
KINDS = ("cats", "dogs", "fish")
OPTIONS = {name: several[:2] for name, several in candidates().items()}


def corpus(folder, *, telling=True, kinds=KINDS):
    """Labels without any order in time, that features tell by directions of each video's own."""
    random = np.random.default_rng(0)
    labels, domains, features, split = {}, {}, {}, {}
    for kind in kinds:
        names = [f"{kind}{number}" for number in range(6)]
        split[kind] = {"train": names[:3], "val": names[3:]}
        for name in names:
            wanted = random.random(CLIPS) < 0.4
            labels[name] = [1 if one else -1 for one in wanted]
            domains[name] = kind
            features[name] = {}
            for group, columns in COLUMNS.items():
                looks = random.normal(0, 1, (2, columns)) if telling else np.zeros((2, columns))
                noise = random.normal(0, 0.3, (CLIPS, columns))
                features[name][group] = (looks[wanted.astype(int)] + noise).astype(np.float32)
    return make_benchmark(folder, labels, domains=domains, split=split, features=features)


def kinds_of(folder):
    return Kinds(read_sequences(read_benchmark(folder)), RankerSettings(components=4))


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    return kinds_of(corpus(tmp_path_factory.mktemp("telling")))


@pytest.fixture(scope="module")
def measured(kinds):
    return measure_following(kinds, PLAN, options=OPTIONS)


def video(clips=60, seed=0):
    random = np.random.default_rng(seed)
    return ScoredVideo(
        f"made{seed}", "cats", random.random(clips).astype(np.float32), {}, {},
        random.random(clips) < 0.4, 1.0,
    )  # fmt: skip


def test_features_that_tell_are_followed_where_time_tells_nothing(measured):
    gains, _ = measured
    assert pick(gains, share=0.2, apart=0).mean > 10
    assert pick(gains, system=BY_FEATURES, share=0.2, apart=0).better > 0.8
    nearest = pick(gains, system=NEAREST, share=0.2, apart=0).mean
    assert nearest < pick(gains, share=0.2, apart=0).mean - 10


def test_nothing_is_gained_where_nothing_can_be_known(tmp_path):
    gains, _ = measure_following(kinds_of(corpus(tmp_path, telling=False)), PLAN, options=OPTIONS)
    for one in gains:
        interval = one.interval()
        assert interval.low < 4
        assert one.mean < 8


def test_the_kind_that_is_tested_has_no_say_in_settings_and_curves(tmp_path, kinds, measured):
    folder = corpus(tmp_path)
    table = json.loads((folder / "labels.json").read_text())
    for name, entry in table.items():
        if name.startswith("cats"):
            entry["labels"] = [-label for label in entry["labels"]]
    (folder / "labels.json").write_text(json.dumps(table))
    other = kinds_of(folder)
    _, chosen = measure_following(other, PLAN, options=OPTIONS)
    assert chosen["cats"] == measured[1]["cats"]
    for before, after in zip(kinds.tested("cats"), other.tested("cats"), strict=True):
        assert (before.base == after.base).all()
        assert (before.positive != after.positive).all()


def test_settings_are_chosen_on_training_videos_and_measured_on_test_videos(kinds):
    inside = kinds.inside("cats")
    assert sorted(inside) == ["dogs", "fish"]
    assert {v.name for v in inside["dogs"]} == {"dogs0", "dogs1", "dogs2"}
    assert {v.name for v in kinds.tested("cats")} == {"cats3", "cats4", "cats5"}


def test_the_same_seeds_give_the_same_gains(kinds, measured):
    again, chosen = measure_following(kinds, PLAN, options=OPTIONS)
    assert chosen == measured[1]
    assert [one.mean for one in again] == [one.mean for one in measured[0]]


@pytest.mark.parametrize("way", [ONE_BY_ONE, STRETCHES, SUGGESTIONS])
def test_every_way_decides_about_exactly_the_share(way):
    for seed in range(20):
        made = video(seed=seed)
        for share, clips in ((0.1, 6), (0.2, 12), (0.001, 1)):
            decided = decided_cells(made, way, share, generator(made, seed, 0))
            assert decided.sum() == clips


def test_stretches_hang_together_and_suggestions_are_where_the_curve_is_high():
    made = video()
    stretches = decided_cells(made, STRETCHES, 0.2, generator(made, 0, 0))
    assert (np.diff(stretches.astype(int)) == 1).sum() <= 5
    suggested = decided_cells(made, SUGGESTIONS, 0.2, generator(made, 0, 0))
    assert made.base[suggested].mean() > made.base[~suggested].mean() + 0.2


def test_the_nearest_decided_clip_lends_its_label():
    made = video(6)
    wanted = np.array([1, np.nan, np.nan, np.nan, np.nan, 0], np.float32)
    found = nearest_decided(made, wanted)
    assert (found[:3] > 0.9).all()
    assert (found[3:] < 0.1).all()


def test_the_rest_can_leave_out_what_lies_beside_decided_clips():
    decided = np.zeros(8, bool)
    decided[[0, 5]] = True
    assert np.flatnonzero(rest_of(decided)).tolist() == [1, 2, 3, 4, 6, 7]
    assert np.flatnonzero(rest_of(decided, 1)).tolist() == [2, 3, 7]
    assert not rest_of(np.ones(1, bool), 1).any()


def test_a_gain_is_that_of_the_rest_only():
    made = video(4)
    made = ScoredVideo(
        "m", "cats", np.array([0.9, 0.8, 0.2, 0.1], np.float32), {}, {},
        np.array([False, False, True, False]), 1.0,
    )  # fmt: skip
    rest = np.array([False, True, True, True])
    better = np.array([9.0, 0.1, 0.9, 0.2])
    assert gain(made, made.base, rest) == 0
    assert gain(made, better, rest) == pytest.approx(1 - 0.25)
    assert np.isnan(gain(made, better, ~rest))


def test_shares_of_videos_and_worst_draws_are_those_of_the_numbers():
    rows = {"a": np.array([[2.0, 4.0], [-1.0, -3.0], [np.nan, np.nan]]), "b": np.array([[6.0, 0]])}
    one = Gains(BOTH, ONE_BY_ONE, 0.2, 0, rows)
    assert one.of_kinds == {"a": 0.5, "b": 3.0}
    assert one.mean == 1.75
    assert (one.better, one.worse) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert one.worst_draw == pytest.approx((0.5 + 0.0) / 2)
    assert one.interval().low <= 1.75 <= one.interval().high


@pytest.mark.parametrize("asking", [Asking(share=0.1), Asking(spans=3)])
def test_as_many_clips_are_asked_about_as_are_answered(kinds, asking):
    for made in kinds.tested("cats"):
        asked = asked_cells(made, asking, 0.5, DEFAULT)
        assert asked.sum() == asking.answers(made)


def test_every_way_of_asking_is_measured_on_the_same_videos(kinds, measured):
    own, common = measure_asking(kinds, measured[1], PLAN)
    assert own.keys() == common.keys() != set()
    for several in (*own.values(), *common.values()):
        assert [one.system for one in several] == [DRAWN, SUGGESTED, ASKED]
        assert len({len(rows) for one in several for rows in one.by_kind.values()}) == 1
    for several in common.values():
        left = [[np.isfinite(rows).sum() for rows in one.by_kind.values()] for one in several]
        assert left[0] == left[1] == left[2]


def test_two_kinds_or_no_split_are_refused(tmp_path):
    with pytest.raises(UsageError, match="three kinds"):
        kinds_of(corpus(tmp_path / "two", kinds=KINDS[:2]))
    folder = corpus(tmp_path / "unsplit")
    (folder / "splits.json").write_text("{}")
    with pytest.raises(UsageError, match="published split"):
        kinds_of(folder)


def test_without_a_published_split_all_videos_of_a_kind_are_tested_by_all_others(tmp_path):
    folder = corpus(tmp_path)
    (folder / "splits.json").write_text("{}")
    sequences = read_sequences(read_benchmark(folder))
    found = Kinds(sequences, RankerSettings(components=4), published=False)
    assert len(found.tested("cats")) == 6
    assert {kind: len(videos) for kind, videos in found.inside("cats").items()} == {
        "dogs": 6, "fish": 6,
    }  # fmt: skip


def test_it_can_be_cancelled(kinds):
    with pytest.raises(Cancelled):
        measure_following(kinds, PLAN, cancelled=lambda: True)


def test_the_report_tells_the_gain_beside_the_trivial_one(tmp_path):
    told = []
    folder = corpus(tmp_path / "corpus")
    within = run_within(
        folder, PLAN, options=OPTIONS, progress=lambda fraction, message: told.append(fraction)
    )
    assert told == sorted(told)
    page, markdown = write_within(within, tmp_path / "out", command="emotion-shortform")
    text = markdown.read_text()
    found = pick(within.following, share=0.2, apart=0)
    assert f"{found.mean:+.1f} points on the rest" in text.splitlines()[0]
    for name in (NEAREST, BOTH, ASKED, SUGGESTED, "cats", "emotion-shortform"):
        assert name in text
    assert page.read_text().startswith("<!doctype html>")
    assert within_report.AIM == 4
