"""Measures of highlights, against their definitions, scikit-learn, SciPy and published figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from core.errors import UsageError
from core.learning.highlights.measures import (
    THRESHOLDS,
    all_positive_f1,
    area_under_curve,
    average_precision,
    best_threshold,
    count,
    hit_at_top,
    kendall,
    published_average_precision,
    roc_curve,
    spearman,
    sweep,
)
from tests.conftest import SHARED

Video = tuple[np.ndarray, np.ndarray]


@st.composite
def videos(draw: st.DrawFn) -> Video:
    """Labels of both kinds, and scores of which many are equal."""
    cells = draw(st.integers(2, 40))
    labels = draw(st.lists(st.booleans(), min_size=cells, max_size=cells))
    levels = draw(st.integers(1, 30))
    scores = draw(st.lists(st.integers(0, levels), min_size=cells, max_size=cells))
    return np.array([True, False, *labels]), np.array([levels, 0, *scores]) / levels


@given(videos(), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_claims_at_a_threshold_are_measured_as_scikit_learn_does(
    video: Video, threshold: float
) -> None:
    positive, score = video
    found, claimed = count(positive, score, threshold), score >= threshold
    assert found.precision == pytest.approx(
        metrics.precision_score(positive, claimed, zero_division=0)
    )
    assert found.recall == pytest.approx(metrics.recall_score(positive, claimed))
    assert found.f1 == pytest.approx(metrics.f1_score(positive, claimed))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(positive, claimed))
    hits, alarms, misses, passes = found.as_row()
    assert [[passes, alarms], [misses, hits]] == metrics.confusion_matrix(
        positive, claimed
    ).tolist()


@given(videos())
def test_rankings_are_measured_as_scikit_learn_does(video: Video) -> None:
    positive, score = video
    assert average_precision(positive, score) == pytest.approx(
        metrics.average_precision_score(positive, score)
    )
    assert area_under_curve(positive, score) == pytest.approx(
        metrics.roc_auc_score(positive, score)
    )
    alarms, hits, _ = metrics.roc_curve(positive, score, drop_intermediate=False)
    np.testing.assert_allclose(roc_curve(positive, score), [alarms, hits])


@given(videos())
def test_a_sweep_counts_at_every_threshold(video: Video) -> None:
    found = sweep(*video)
    for index in (0, 1, 33, 50, 99, 100):
        at = count(*video, THRESHOLDS[index])
        assert found.precision[index] == pytest.approx(at.precision)
        assert found.recall[index] == pytest.approx(at.recall)
        assert found.f1[index] == pytest.approx(at.f1)


@given(videos())
def test_no_threshold_has_a_higher_f1_than_the_best(video: Video) -> None:
    positive, score = video
    best = count(positive, score, best_threshold(positive, score)).f1
    assert best >= max(count(positive, score, value).f1 for value in (*score, 0.0, 1.0)) - 1e-12
    assert best >= all_positive_f1(positive.mean()) - 1e-12


@given(st.integers(0, 2**32 - 1), st.integers(3, 30), st.integers(1, 9))
def test_agreement_with_annotators_is_that_of_scipy(seed: int, cells: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    ratings = random.integers(0, 5, (cells, 4)).astype(np.float32)
    scores = random.integers(0, levels + 1, (cells, 3)).astype(np.float32)
    ratings[: cells // 3, 1] = np.nan  # someone who came late
    ratings[:, 3] = 2.0  # and someone who did not care
    for found, expected in (
        (kendall(ratings, scores), stats.kendalltau), (spearman(ratings, scores), stats.spearmanr)
    ):  # fmt: skip
        assert found.shape == (4, 3)
        for annotator in range(4):
            known = np.isfinite(ratings[:, annotator])
            rated = ratings[known, annotator]
            for score in range(3):
                value = found[annotator, score]
                if not np.ptp(rated):
                    assert np.isnan(value)
                elif not np.ptp(scores[known, score]):
                    assert value == 0
                else:
                    assert value == pytest.approx(
                        expected(rated, scores[known, score]).statistic, abs=1e-9
                    )


def test_the_published_precision_is_the_trapezoid_of_its_definition() -> None:
    positive = np.array([False, True, False, True, True])
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.1])
    precision = [1, 0, 1 / 2, 1 / 3, 2 / 4, 3 / 5]
    expected = ((precision[1] + precision[2]) + (precision[3] + precision[4])) / 2
    expected += (precision[4] + precision[5]) / 2
    assert published_average_precision(positive, score) == pytest.approx(expected / 3)
    among_two = (precision[1] + precision[2]) / 2
    assert published_average_precision(positive, score, top=2) == pytest.approx(among_two)
    assert published_average_precision(positive, score, top=1) == 0
    assert published_average_precision(positive, score, top=9) == pytest.approx(expected / 3)


def test_a_perfect_order_is_worth_one_and_nothing_to_find_is_worth_none() -> None:
    positive = np.array([True, False, True, False])
    score = np.array([0.9, 0.1, 0.8, 0.2])
    assert published_average_precision(positive, score) == 1
    assert average_precision(positive, score) == 1
    assert hit_at_top(positive, score) == 1
    assert hit_at_top(~positive, score) == 0
    assert hit_at_top(~positive, score, top=3) == 1
    nothing = np.zeros(4, bool)
    assert published_average_precision(nothing, score) == 0
    assert np.isnan(average_precision(nothing, score))
    assert np.isnan(hit_at_top(nothing, score))
    assert best_threshold(nothing, score) == 0
    with pytest.raises(UsageError, match="positives and negatives"):
        roc_curve(nothing, score)


def test_equal_scores_keep_the_order_of_time() -> None:
    late = np.array([False] * 5 + [True])
    assert hit_at_top(late, np.ones(6), top=5) == 0
    assert published_average_precision(late, np.ones(6)) < published_average_precision(
        late[::-1], np.ones(6)
    )


def test_claiming_everything_has_the_f1_of_the_prevalence() -> None:
    positive = np.arange(100) < 15
    assert count(positive, np.ones(100), 0.0).f1 == pytest.approx(all_positive_f1(0.15))


def test_what_is_no_row_of_numbers_is_refused() -> None:
    positive = np.array([True, False])
    for measure in (average_precision, published_average_precision, hit_at_top, best_threshold,
                    sweep, roc_curve):  # fmt: skip
        with pytest.raises(UsageError, match="cannot be scored"):
            measure(positive, np.zeros((2, 1)))
        with pytest.raises(UsageError, match="not a number"):
            measure(positive, np.array([0.0, np.nan]))
        with pytest.raises(UsageError, match="neither positive nor negative"):
            measure(positive.astype(float), np.zeros(2))
    with pytest.raises(UsageError, match="do not fit"):
        kendall(np.zeros((3, 1)), np.zeros((2, 1)))


@pytest.fixture(scope="module")
def benchmarks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = SHARED / "highlights" / "unpack.py"
    if not script.is_file():
        pytest.skip("the benchmarks (../shared/data/highlights) are not on this machine")
    folder = tmp_path_factory.mktemp("highlights")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("feature", "youtube", "tvsum"), [("rgb", 61.2, 53.7), ("opt", 64.5, 48.5)]
)
def test_known_floors_of_the_benchmarks_are_met(
    benchmarks: Path, feature: str, youtube: float, tvsum: float
) -> None:
    """The norm of a feature, untrained, has the figures that were measured independently."""

    def norm(corpus: str, name: str) -> np.ndarray:
        file = benchmarks / corpus / "video_features" / f"{name}_{feature}.npy"
        return np.linalg.norm(np.load(file), axis=1)

    labels = json.loads((benchmarks / "youtube" / "labels.json").read_text())
    parts = json.loads((benchmarks / "youtube" / "splits.json").read_text())
    domains = [
        np.mean([
            published_average_precision(np.ravel(labels[name]["labels"]) > 0, norm("youtube", name))
            for name in part["val"] if name in labels
        ])
        for part in parts.values()
    ]  # fmt: skip
    assert 100 * np.mean(domains) == pytest.approx(youtube, abs=0.05)

    values = []
    for name, entry in json.loads((benchmarks / "tvsum" / "labels.json").read_text()).items():
        ratings, score = np.array(entry["labels"], float), norm("tvsum", name)
        median = np.sort(ratings, axis=0)[(len(ratings) - 1) // 2]
        values += [published_average_precision(row, score, 5) for row in (ratings > median).T]
    assert 100 * np.mean(values) == pytest.approx(tvsum, abs=0.05)
