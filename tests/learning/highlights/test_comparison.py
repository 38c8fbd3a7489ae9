"""Systems on identical rows: who beats what is trivial, and what may not be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from core.errors import UsageError
from core.learning.highlights.comparison import Comparison, Fold, Row, compare
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import all_positive_f1
from core.learning.highlights.systems import ALL_POSITIVE, ALWAYS, CENTRE, positive_cells
from core.learning.highlights.tables import MEASURES, Table
from core.learning.highlights.trivial import centre_score, random_score
from tests.learning.highlights.scored import (
    compared,
    guessing,
    knowing,
    made_videos,
    system,
    trivial,
    worse_than_the_centre,
)


def row(comparison: Comparison, label: str) -> Row:
    return next(row for row in comparison.rows if row.system.label == label)


def claims(comparison: Comparison) -> dict[str, list[int]]:
    return {
        row.system.label: [part.hits + part.false_alarms for part in row.counts]
        for row in comparison.rows
    }


def test_who_knows_beats_what_is_trivial_and_who_guesses_does_not() -> None:
    videos = made_videos()
    found = compared(
        videos, system(videos, knowing, "knows"), system(videos, guessing, "guesses"),
        system(videos, worse_than_the_centre, "edges"),
    )  # fmt: skip
    assert found.losing() == ["guesses (Video)", "edges (Video)"]
    good = row(found, "knows (Video)").findings["map"]
    assert good.beats_trivial
    assert good.against in ALWAYS
    assert 0 < good.difference.low <= good.difference.value <= good.difference.high
    assert good.p < 0.05
    assert row(found, "guesses (Video)").findings["map"].difference.low < 0
    assert {row.system.label for row in found.rows} >= set(ALWAYS)


def test_every_measure_is_that_of_its_definition() -> None:
    videos = made_videos()
    found = compared(videos, system(videos, knowing, seeds=1, threshold=0.6))
    positive = np.concatenate([positive_cells(video) for video in videos])
    score = np.concatenate([knowing(video, 0) for video in videos]).astype(np.float32)
    claimed = score >= 0.6
    values = {
        name: part.interval.value for name, part in row(found, "model (Video)").findings.items()
    }
    assert set(values) == set(MEASURES)
    for name, expected in {
        "precision": metrics.precision_score(positive, claimed),
        "recall": metrics.recall_score(positive, claimed),
        "f1": metrics.f1_score(positive, claimed),
        "accuracy": metrics.accuracy_score(positive, claimed),
        "pooled_ap": metrics.average_precision_score(positive, score),
        "pooled_auc": metrics.roc_auc_score(positive, score),
        "ap": np.mean([
            metrics.average_precision_score(positive_cells(video), knowing(video, 0))
            for video in videos
        ]),
        "auc": np.mean([
            metrics.roc_auc_score(positive_cells(video), knowing(video, 0)) for video in videos
        ]),
        "hit": np.mean([positive_cells(video)[knowing(video, 0).argmax()] for video in videos]),
    }.items():  # fmt: skip
        assert values[name] == pytest.approx(expected), name
    assert found.prevalence == pytest.approx(positive.mean())
    everything = row(found, ALL_POSITIVE).findings["f1"].interval.value
    assert everything == pytest.approx(all_positive_f1(found.prevalence))


def test_every_domain_counts_the_same_in_the_mean_of_domains() -> None:
    videos = [replace(video, domain="many") for video in made_videos(18)]
    videos[:6] = [replace(video, domain="few") for video in videos[:6]]

    def right_about_few(video: LabelledVideo, seed: int) -> np.ndarray:
        sure = np.nan_to_num(video.relevance())
        return sure if video.domain == "few" else 1 - sure

    found = row(compared(videos, system(videos, right_about_few)), "model (Video)")
    assert found.domains["few"] == 1
    assert found.findings["map"].interval.value == pytest.approx((1 + found.domains["many"]) / 2)
    assert found.findings["ap"].interval.value < 0.5


def test_the_interval_is_that_of_a_bootstrap_over_videos() -> None:
    videos = made_videos(40, domains=1)
    found = row(compared(videos, system(videos, guessing, seeds=1), rounds=4000), "model (Video)")
    for name in ("ap", "auc"):
        values = [
            {"ap": metrics.average_precision_score, "auc": metrics.roc_auc_score}[name](
                positive_cells(video), guessing(video, 0)
            )
            for video in videos
        ]
        error = 1.96 * np.std(values) / np.sqrt(len(values))
        interval = found.findings[name].interval
        assert interval.high - interval.low == pytest.approx(2 * error, rel=0.1)


def test_resampled_rankings_are_those_of_the_resampled_cells() -> None:
    videos = sorted(made_videos(12), key=lambda video: video.key)
    model = system(videos, lambda video, seed: np.round(knowing(video, seed), 1), seeds=1)
    table = Table(videos, [model], "mean")
    times = np.random.default_rng(0).integers(0, 3, (1, len(videos)))
    weights = np.repeat(times[0], [video.cells for video in videos])
    positive = np.concatenate([positive_cells(video) for video in videos])
    score = np.concatenate([model.runs[0][video.key] for video in videos])
    for name, expected in (
        ("pooled_ap", metrics.average_precision_score), ("pooled_auc", metrics.roc_auc_score)
    ):  # fmt: skip
        (found,) = table.draws(name, 0, times.astype(float))
        assert found == pytest.approx(expected(positive, score, sample_weight=weights))


def test_being_ahead_on_one_video_is_not_being_ahead() -> None:
    videos = []
    for video in made_videos(domains=1):
        liked = centre_score(video) + 0.5 * random_score(video)
        kept = (liked >= np.quantile(liked, 0.8)).astype(np.float32)
        videos.append(replace(video, ratings=np.column_stack([kept, kept])))

    def nearly_the_centre(video: LabelledVideo, seed: int) -> np.ndarray:
        return video.relevance() if video is videos[0] else centre_score(video)

    model = system(videos, nearly_the_centre, seeds=1)
    finding = row(compared(videos, model, headline="auc"), "model (Video)").findings["auc"]
    assert finding.against == CENTRE
    assert finding.difference.value > 0
    assert not finding.beats_trivial


def test_shuffled_videos_change_nothing() -> None:
    videos = made_videos()
    shuffled = [videos[place] for place in np.random.default_rng(1).permutation(len(videos))]
    one = compared(videos, system(videos, knowing))
    other = compared(shuffled, system(shuffled, knowing))
    assert one.as_json() == other.as_json()


def test_values_are_means_of_the_seeds() -> None:
    videos = made_videos()
    for part in row(
        compared(videos, system(videos, knowing, seeds=3)), "model (Video)"
    ).findings.values():
        assert len(part.seeds) == 3
        assert part.interval.value == pytest.approx(np.mean(part.seeds))


def test_other_test_labels_change_neither_thresholds_nor_claims() -> None:
    videos = made_videos()
    model = system(videos, knowing)
    other = [replace(video, ratings=1 - video.ratings) for video in videos]
    one, two = compared(videos, model), compared(other, model)
    assert claims(one) == claims(two)
    assert [row.system.thresholds for row in one.rows] == [
        row.system.thresholds for row in two.rows
    ]
    assert row(one, "model (Video)").findings["f1"] != row(two, "model (Video)").findings["f1"]


def test_cells_that_nobody_labelled_count_nowhere() -> None:
    videos = made_videos()
    part = [replace(video, ratings=video.ratings.copy()) for video in videos]
    for video in part:
        video.ratings[-3:] = np.nan

    def other_end(video: LabelledVideo, seed: int) -> np.ndarray:
        score = knowing(videos[int(video.name[5:])], seed)
        score[-3:] = 1 - score[-3:]
        return score

    def same_end(video: LabelledVideo, seed: int) -> np.ndarray:
        return knowing(videos[int(video.name[5:])], seed)

    one, two = (compared(part, system(part, score)) for score in (other_end, same_end))
    assert one.cells == sum(video.cells - 3 for video in videos)
    assert one.as_json() == two.as_json()


def test_grades_are_positive_above_their_lower_median() -> None:
    video = made_videos(1, cells=10)[0]
    grades = np.array([1, 1, 2, 2, 2, 3, 3, 4, 5, 5], np.float32)
    graded = replace(video, ratings=(grades[:, None] - 1) / 4, annotators=("ann",), graded=True)
    np.testing.assert_array_equal(positive_cells(graded), grades > 2)
    np.testing.assert_array_equal(positive_cells(graded, "majority"), grades > 2)
    plain = replace(graded, graded=False)
    np.testing.assert_array_equal(positive_cells(plain), grades > 3)
    silent = replace(graded, ratings=np.full((10, 1), np.nan, np.float32))
    assert not positive_cells(silent).any()


def test_few_videos_prove_nothing() -> None:
    videos = made_videos(5)
    found = compared(videos, system(videos, lambda video, seed: knowing(video, seed, 0.1)))
    assert found.losing() == ["model (Video)"]
    assert any("too few" in note for note in found.notes)
    assert np.isnan(row(found, CENTRE).findings["map"].interval.low)


def test_videos_of_one_group_are_not_evidence_each() -> None:
    videos = made_videos(24, domains=1)
    copies = [replace(video, group=f"group{number // 4}") for number, video in enumerate(videos)]
    apart, together = (compared(part, system(part, guessing)) for part in (videos, copies))
    assert any("6 groups" in note for note in together.notes)
    assert not apart.notes
    model = row(together, "model (Video)").findings["ap"].interval
    assert model != row(apart, "model (Video)").findings["ap"].interval


@pytest.mark.parametrize("change", ["missing", "extra", "shorter", "nan", "high", "threshold"])
def test_only_identical_rows_are_compared(change: str) -> None:
    videos = made_videos()
    model = system(videos, knowing)
    scores, chosen = dict(model.runs[1]), dict(model.thresholds[1])
    key = videos[3].key
    if change == "missing":
        del scores[key]
    elif change == "extra":
        scores["made", "unknown"] = scores[key]
    elif change == "shorter":
        scores[key] = scores[key][:-1]
    elif change == "threshold":
        del chosen[key]
    else:
        scores[key] = np.where(np.arange(30) == 4, np.nan if change == "nan" else 2, scores[key])
    odd = replace(model, runs=[model.runs[0], scores], thresholds=[model.thresholds[0], chosen])
    with pytest.raises(UsageError, match=r"model \(Video\)"):
        compared(videos, odd)


def test_nothing_is_compared_without_every_trivial_system() -> None:
    videos = made_videos()
    for left_out in ALWAYS:
        systems = [system(videos, knowing), *trivial(videos)]
        with pytest.raises(UsageError, match=left_out):
            compare(videos, [part for part in systems if part.name != left_out], headline="map")


def test_what_makes_no_sense_is_refused() -> None:
    videos = made_videos()
    model = system(videos, knowing)
    with pytest.raises(UsageError, match="no measure 'best'"):
        compared(videos, model, headline="best")
    with pytest.raises(UsageError, match="two systems"):
        compared(videos, model, model)
    with pytest.raises(UsageError, match="feature sets"):
        compared(videos, system(videos, knowing, features="Smell"))
    with pytest.raises(UsageError, match="each of them once"):
        compared([*videos, videos[0]], model)
    alike = [replace(video, ratings=np.ones_like(video.ratings)) for video in videos]
    with pytest.raises(UsageError, match="none is negative"):
        compared(alike, system(alike, guessing))


@pytest.mark.parametrize("leak", ["train", "validation", "group", "untested", "none"])
def test_what_was_learned_from_is_not_tested(leak: str) -> None:
    videos = made_videos()
    keys = [video.key for video in videos]
    names = [frozenset(keys[:12]), frozenset(keys[12:])]
    held_out = frozenset({("made", "held out")})
    folds = [
        Fold("first", names[1], held_out, names[0]),
        Fold("second", names[0], held_out, names[1]),
    ]
    if leak in ("train", "validation"):
        folds[0] = replace(folds[0], **{leak: getattr(folds[0], leak) | {keys[0]}})
    elif leak == "group":
        videos[0] = replace(videos[0], group=videos[20].group)
    elif leak == "untested":
        folds[0] = replace(folds[0], test=folds[0].test - {keys[0]})
    split = {key: folds[0] if place < 12 else folds[1] for place, key in enumerate(keys)}
    if leak == "none":
        assert compared(videos, system(videos, knowing), split=split).folds == tuple(folds)
    else:
        with pytest.raises(UsageError, match="video0"):
            compared(videos, system(videos, knowing), split=split)
