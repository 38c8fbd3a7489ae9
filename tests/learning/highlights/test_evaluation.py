from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled, UsageError
from core.learning.highlights.comparison import Comparison
from core.learning.highlights.evaluation import EvaluationPlan, evaluate_highlights
from core.learning.highlights.network_training import NetworkSettings
from core.learning.highlights.ranker import RankerSettings
from core.learning.highlights.readers import read_benchmark
from core.learning.highlights.report import write_report
from core.learning.highlights.sequences import VideoSequence, read_sequences
from core.learning.highlights.systems import ALWAYS, System
from tests.learning.highlights.made import COLUMNS, make_benchmark
from tests.learning.highlights.own import labelled, sequence

CLIPS, VIDEOS = 16, 24
TINY = NetworkSettings(hidden=4, dropout=0.0, rate=2e-2, batch=8, epochs=2, fusion="early")
PLAN = EvaluationPlan(
    models=("ranker", "none"), folds=3, seeds=2, network=TINY, ranker=RankerSettings(smoothing=0)
)


def make(folder: Path) -> Path:
    """A benchmark of two domains whose sounds, not whose pictures, tell what is kept."""
    random = np.random.default_rng(0)
    labels: dict[str, list[int]] = {}
    features: dict[str, Mapping[str, np.ndarray]] = {}
    for number in range(VIDEOS):
        kept = random.permutation(CLIPS) < 4
        sound = random.normal(0, 1, (CLIPS, COLUMNS["audio"])).astype(np.float32)
        sound[:, 0] = np.where(kept, 3, -3)  # as loud as the others, but of another kind
        name = f"v{number:02}"
        labels[name] = [1 if on else -1 for on in kept]
        features[name] = {"audio": sound}
    names = [*labels]
    domains = {name: "dog" if number % 2 else "cat" for number, name in enumerate(names)}
    split = {"dog": {"train": names[8:], "val": names[:8]}}
    return make_benchmark(folder, labels, domains=domains, split=split, features=features)


@pytest.fixture(scope="module")
def sequences(tmp_path_factory: pytest.TempPathFactory) -> list[VideoSequence]:
    return read_sequences(read_benchmark(make(tmp_path_factory.mktemp("made"))))


@pytest.fixture(scope="module")
def compared(sequences: list[VideoSequence]) -> tuple[Comparison, list[str]]:
    return evaluate_highlights(sequences, PLAN)


def relabelled(sequences: Sequence[VideoSequence], part: str) -> list[VideoSequence]:
    """The labels of the videos in one part of the split turned round."""
    result = []
    for row in sequences:
        if row.video.split == part:
            video = replace(row.video, ratings=1 - row.video.ratings)
            result.append(replace(row, video=video, relevance=video.relevance()))
        else:
            result.append(row)
    return result


def systems(comparison: Comparison) -> dict[str, System]:
    return {row.system.label: row.system for row in comparison.rows}


def same(one: System, other: System) -> bool:
    return list(one.thresholds) == list(other.thresholds) and all(
        np.array_equal(run[key], again[key])
        for run, again in zip(one.runs, other.runs, strict=True)
        for key in run
    )


def test_what_knows_beats_what_does_not(compared: tuple[Comparison, list[str]]) -> None:
    rows = {row.system.label: row for row in compared[0].rows}
    assert rows["ranker (Audio)"].findings["map"].interval.value > 0.8
    assert rows["ranker (Audio)"].findings["map"].beats_trivial
    assert not rows["ranker (Video)"].findings["map"].beats_trivial
    assert "ranker (Video)" in compared[0].losing()
    assert "ranker (Audio)" not in compared[0].losing()


def test_every_feature_set_and_model_stands_on_the_same_cells(
    compared: tuple[Comparison, list[str]],
) -> None:
    models = {name for name, system in systems(compared[0]).items() if not system.trivial}
    assert models == {
        f"{model} ({features})"
        for model in ("ranker", "none")
        for features in ("Video", "Audio", "Video+Audio")
    }
    keys = {frozenset(run) for system in systems(compared[0]).values() for run in system.runs}
    assert len(keys) == 1
    assert compared[0].cells == CLIPS * VIDEOS
    assert compared[0].prevalence == 0.25


def test_the_trivial_rows_are_always_there(compared: tuple[Comparison, list[str]]) -> None:
    comparison, sentences = compared
    trivial = {name for name, system in systems(comparison).items() if system.trivial}
    assert trivial >= {*ALWAYS, "energy of rgb alone", "energy of audio alone"}
    for name in ("loudness", "visual energy"):
        assert any(f"No row of {name} alone" in sentence for sentence in sentences), name


def test_the_first_line_of_the_report_names_who_loses(
    compared: tuple[Comparison, list[str]], tmp_path: Path
) -> None:
    comparison, absent = compared
    protocol = [*PLAN.sentences(), *absent]
    write_report(tmp_path, comparison, title="T", command="make it", facts={}, protocol=protocol)
    text = (tmp_path / "report.md").read_text()
    first = next(line for line in text.splitlines() if line and not line.startswith("#"))
    assert "do not beat the best trivial row" in first
    assert "ranker (Video)" in first
    assert "3-fold cross-validation" in text
    assert "No row of loudness alone" in text
    data = json.loads((tmp_path / "report.json").read_text())
    assert {fold["name"] for fold in data["split"]} == {"fold 1", "fold 2", "fold 3"}


def test_the_order_of_the_videos_changes_nothing(
    sequences: list[VideoSequence], compared: tuple[Comparison, list[str]]
) -> None:
    order = np.random.default_rng(4).permutation(len(sequences))
    again, _ = evaluate_highlights([sequences[index] for index in order], PLAN)
    assert again.as_json() == compared[0].as_json()


def test_labels_of_the_test_change_no_score_and_no_threshold(
    sequences: list[VideoSequence],
) -> None:
    plan = replace(PLAN, protocol="published", seeds=1)
    honest, lied, learned = (
        systems(evaluate_highlights(rows, plan)[0])
        for rows in (sequences, relabelled(sequences, "test"), relabelled(sequences, "train"))
    )
    assert honest.keys() == lied.keys()
    assert all(same(system, lied[name]) for name, system in honest.items())
    models = [name for name, system in honest.items() if not system.trivial]
    assert not any(same(honest[name], learned[name]) for name in models), "labels do matter"


def test_a_group_on_both_sides_is_refused(sequences: list[VideoSequence]) -> None:
    rows = [
        replace(row, video=replace(row.video, group="kim"))
        if row.video.name in ("v01", "v20")
        else row
        for row in sequences
    ]
    with pytest.raises(UsageError, match="both sides of the split published: kim"):
        evaluate_highlights(rows, replace(PLAN, protocol="published"))


def test_the_plan_is_checked_by_labels_alone(sequences: list[VideoSequence]) -> None:
    videos = [row.video for row in sequences]
    PLAN.check(videos)
    PLAN.check(videos[::-1])
    for plan, given, message in (
        (replace(PLAN, protocol="published"), videos[8:], "no published split"),
        (replace(PLAN, folds=30), videos, "cannot be split into 30 folds"),
        (PLAN, [], "0 groups"),
        (replace(PLAN, combination="bo"), videos, "no annotator 'bo'"),
        (
            PLAN,
            [replace(video, ratings=0 * video.ratings) for video in videos],
            "are alike: none is positive",
        ),
        (
            PLAN,
            [replace(video, ratings=0 * video.ratings + 1) for video in videos],
            "are alike: none is negative",
        ),
    ):
        with pytest.raises(UsageError, match=message):
            plan.check(given)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"protocol": "luck"}, "no protocol 'luck'"),
        ({"models": ("oracle",)}, "no model 'oracle'"),
        ({"models": ("gru", "gru")}, "a model is named twice"),
        ({"models": ()}, "no model is named"),
        ({"features": ("Smell",)}, "no feature set 'Smell'"),
        ({"headline": "luck"}, "no deciding measure 'luck'"),
        ({"headline": "recall"}, "no deciding measure 'recall'"),
        ({"seeds": 0}, "one seed"),
        ({"folds": 1}, "two folds"),
        ({"models": ("attention",), "network": replace(TINY, hidden=4)}, "attention of 4 units"),
    ],
)
def test_plans_that_make_no_sense_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        EvaluationPlan(**wrong)


def test_features_that_not_all_videos_have_are_refused(sequences: list[VideoSequence]) -> None:
    with pytest.raises(UsageError, match="not every video has the features of Audio"):
        evaluate_highlights(sequences, replace(PLAN, features=("Audio+Emotion",)))
    bare = [
        sequence(labelled(f"v{number}", np.arange(4) == 1, group=f"g{number}"))
        for number in range(12)
    ]
    with pytest.raises(UsageError, match="no feature set that all videos have"):
        evaluate_highlights(bare, PLAN)


def test_signals_that_some_videos_lack_give_no_row(sequences: list[VideoSequence]) -> None:
    rows = [replace(sequences[0], signals={}), *sequences[1:]]
    plan = replace(PLAN, models=("ranker",), features=("Audio",), seeds=1)
    comparison, sentences = evaluate_highlights(rows, plan)
    assert "energy of rgb alone" not in systems(comparison)
    assert any("energy of rgb" in sentence and "v00" in sentence for sentence in sentences)


def test_it_can_be_cancelled_and_tells_how_far_it_is(sequences: list[VideoSequence]) -> None:
    told: list[tuple[float, str]] = []
    with pytest.raises(Cancelled):
        evaluate_highlights(
            sequences, PLAN,
            progress=lambda share, name: told.append((share, name)),
            cancelled=lambda: len(told) == 7,
        )  # fmt: skip
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert {name for _, name in told} == {"ranker, Video", "none, Video"}
