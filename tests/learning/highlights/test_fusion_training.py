from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis.fusion import Fusion
from core.analysis.highlight import baseline
from core.errors import Cancelled, CorpusError, ModelError, UsageError
from core.learning.highlights.feature_store import FeatureStore
from core.learning.highlights.fusion_card import human_card
from core.learning.highlights.fusion_measuring import (
    BASELINE,
    SHIPPED,
    summary,
    train_originals,
)
from core.learning.highlights.fusion_plan import FusionPlan, LabelledStore
from core.learning.highlights.fusion_training import train_fusion
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import average_precision
from core.learning.highlights.network_training import NetworkSettings
from core.learning.highlights.readers import read_highlight_table
from core.learning.highlights.systems import System
from core.signals.mfcc import COEFFICIENTS
from tests.learning.highlights.own import (
    CELLS,
    EYES,
    PICTURE,
    labelled,
    make_own,
    own_tracks,
    sequence,
)
from tests.learning.highlights.scored import (
    compared,
    guessing,
    knowing,
    made_videos,
    system,
    worse_than_the_centre,
)
from tests.synthetic import make_video

SETTINGS = NetworkSettings(hidden=8, dropout=0.1, rate=2e-2, batch=4, epochs=5, loss="bce")
PLAN = FusionPlan("made talks", seeds=1, network=SETTINGS)
STEP = Fraction(1)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelledStore, LabelledStore]:
    """To learn from and to test: highlights are where the spectrum flows, and nothing else."""
    root = tmp_path_factory.mktemp("sets")
    return make_own(root, "talks", seed=1), make_own(root, "others", seed=2, videos=8)


@pytest.fixture(scope="module")
def winner(
    sets: tuple[LabelledStore, LabelledStore], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    """The card of weights that know what the baseline does not, and their folder."""
    out = tmp_path_factory.mktemp("winner")
    card = train_fusion(sets[:1], out, replace(PLAN, seeds=2), tests=sets[1:], command="train it")
    return card, out


@pytest.fixture(scope="module")
def loser(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The card of weights that learned noise, and their folder."""
    root = tmp_path_factory.mktemp("loser")
    sets = [make_own(root, f"noise {n}", seed=n, videos=8, strength=0.0) for n in (3, 4)]
    return train_fusion(sets[:1], root / "out", PLAN, tests=sets[1:]), root / "out"


def used(out: Path) -> Fusion:
    return Fusion(out, EYES, PICTURE)


def curves(fusion: Fusion, part: LabelledStore) -> list[tuple[np.ndarray, np.ndarray]]:
    """What the application shows of each video, beside what is true."""
    result = []
    for video in part.videos:
        tracks = part.store.tracks(part.store.match([video])[video.key])
        score = fusion.highlight(tracks, CELLS, CELLS, STEP).score
        result.append((video.relevance() > 0.5, score))
    return result


def test_weights_that_beat_the_baseline_are_used_by_the_application(
    winner: tuple[dict[str, Any], Path], sets: tuple[LabelledStore, LabelledStore]
) -> None:
    card, out = winner
    assert card["beats_baseline"]
    fusion = used(out)
    tracks = sets[1].store.tracks("others-00")
    highlight = fusion.highlight(tracks, CELLS, CELLS, STEP)
    assert "learned from made talks" in highlight.source
    plain = baseline(tracks, CELLS, CELLS, STEP)
    assert not np.allclose(highlight.score, plain.score)
    kept = [average_precision(*pair) for pair in curves(fusion, sets[1])]
    row = card["results"]["others"]
    assert np.mean(kept) == pytest.approx(row["seeds"][0], abs=1e-3), "what ships was measured"
    assert row["difference_to_best_trivial"]["low"] > 0


def test_weights_that_learned_noise_are_written_and_not_used(
    loser: tuple[dict[str, Any], Path],
) -> None:
    card, out = loser
    assert not card["beats_baseline"]
    assert json.loads((out / "card.json").read_text())["beats_baseline"] is False
    tracks = own_tracks(np.zeros(CELLS, bool), np.random.default_rng(0))
    highlight = used(out).highlight(tracks, CELLS, CELLS, STEP)
    assert highlight.source.startswith("transparent baseline")
    assert "does not use them" in (out / "CARD.md").read_text()


def test_the_report_has_the_trivial_rows_and_the_first_line_tells_who_loses(
    winner: tuple[dict[str, Any], Path], loser: tuple[dict[str, Any], Path]
) -> None:
    for out, name in ((winner[1], "others"), (loser[1], "noise 4")):
        folder = out / "reports" / name
        text = (folder / "report.md").read_text()
        rows = {row["name"] for row in json.loads((folder / "report.json").read_text())["systems"]}
        assert rows >= {
            "fusion", "its learned part alone", "transparent baseline", "all-positive", "random",
            "centre of the video", "loudness alone", "visual energy alone",
        }  # fmt: skip
        assert "No row of the original design" in text
        first = next(line for line in text.splitlines() if line and not line.startswith("#"))
        assert ("no model row beats" in first) == (out == loser[1])
    assert "train it" in (winner[1] / "reports" / "others" / "report.md").read_text()


def test_the_card_tells_what_was_learned_and_from_what(
    winner: tuple[dict[str, Any], Path],
) -> None:
    card, out = winner
    assert card["data"] == [{"set": "talks", "videos": 12, "hours": round(12 * 40 / 3600, 2)}]
    assert len(card["epochs"]) == len(card["validation_average_precision"]) == 2
    assert card["mixture"] == {"learned": 0.6, "picture": 0.3, "position": 0.1}
    assert "visual_features" not in card["contract"], "any eyes will do"
    text = (out / "CARD.md").read_text()
    assert "made talks" in text
    assert "12 videos" in text
    assert "does not use them" not in text


def test_the_same_command_gives_the_same_weights_whatever_the_order(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    shuffled = replace(sets[0], videos=[*sets[0].videos][::-1])
    plan = replace(PLAN, network=replace(SETTINGS, epochs=1))
    one, other = (
        train_fusion([part], tmp_path / name, plan)["sha256"]
        for name, part in (("one", sets[0]), ("other", shuffled))
    )
    assert one == other


def test_untested_weights_are_not_used(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    plan = replace(PLAN, network=replace(SETTINGS, epochs=1))
    card = train_fusion(sets[:1], tmp_path / "out", plan)
    assert card["results"] == {}
    assert not card["beats_baseline"]
    assert "were not tested" in (tmp_path / "out" / "CARD.md").read_text()


def test_too_few_test_videos_prove_nothing(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    few = replace(sets[1], videos=sets[1].videos[:5])
    card = train_fusion(sets[:1], tmp_path / "out", PLAN, tests=[few])
    found = card["results"]["others"]["average_precision"]
    assert found["fusion"]["value"] > found["transparent baseline"]["value"] + 0.1
    assert not card["beats_baseline"]
    assert "too few videos for an interval" in (tmp_path / "out" / "CARD.md").read_text()


def test_the_kept_weights_must_be_better_themselves() -> None:
    """Good seeds beside it do not make the first, which is kept, a good one."""
    videos = made_videos()

    def ours(first: Callable[[LabelledVideo, int], np.ndarray]) -> System:
        good, kept = system(videos, knowing, SHIPPED, seeds=4), system(videos, first, seeds=1)
        return replace(
            good, runs=[*kept.runs, *good.runs], thresholds=[*good.thresholds, *kept.thresholds]
        )

    plain = replace(system(videos, worse_than_the_centre, seeds=1), name=BASELINE, trivial=True)
    for first, beats in ((knowing, True), (guessing, False)):
        comparison = compared(videos, ours(first), plain, headline="ap")
        row = next(row for row in comparison.rows if row.system.name == SHIPPED)
        assert row.findings["ap"].beats_trivial
        assert summary(comparison)["beats_baseline"] is beats


def test_all_test_sets_must_be_won(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    noise = make_own(tmp_path, "noise", seed=9, videos=8, strength=0.0)
    card = train_fusion(sets[:1], tmp_path / "out", PLAN, tests=[sets[1], noise])
    assert card["results"]["others"]["beats_baseline"]
    assert not card["results"]["noise"]["beats_baseline"]
    assert not card["beats_baseline"]
    assert "## noise" in human_card(card)


@pytest.mark.parametrize("features", ["Video", "Video+Audio+Emotion"])
def test_weights_that_look_are_for_the_eyes_that_they_learned_with(
    features: str, sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    plan = replace(PLAN, features=features, network=replace(SETTINGS, epochs=1))
    card = train_fusion(sets[:1], tmp_path / "out", plan, tests=sets[1:])
    assert card["contract"]["visual_features"] == [EYES, PICTURE]
    strange = make_own(tmp_path, "strange", versions={"visual-features": "other-eyes"})
    with pytest.raises(CorpusError, match="seen by other-eyes, and those of talks by made-eyes-1"):
        train_fusion(sets[:1], tmp_path / "no", plan, tests=[strange])
    assert not (tmp_path / "no").exists()


def test_the_original_design_is_compared_where_the_sounds_are_at_hand(tmp_path: Path) -> None:
    made = make_video(tmp_path / "made.mp4", seconds=CELLS, fps=1, size=(64, 64), beeps=[9, 25])
    sets = []
    for seed, name in enumerate(("talks", "others")):
        part = make_own(tmp_path / name, name, seed=seed, videos=6)
        for video in part.videos:
            (tmp_path / name / video.name).hardlink_to(made)
        sets.append(replace(part, videos=read_highlight_table(tmp_path / name / f"{name}.csv")))
    plan = replace(PLAN, network=replace(SETTINGS, epochs=1))
    card = train_fusion(sets[:1], tmp_path / "out", plan, tests=sets[1:])
    found = card["results"]["others"]["average_precision"]
    (original,) = [name for name in found if name.startswith("original design")]
    assert 0 < found[original]["value"] < 0.5, "all videos sound alike, and tell nothing"
    assert (
        "No row of the original"
        not in (tmp_path / "out" / "reports" / "others" / "report.md").read_text()
    )


def copied(part: LabelledStore, name: str) -> LabelledStore:
    """The same videos under another name of their table."""
    return replace(part, videos=[replace(video, corpus=name) for video in part.videos])


def grouped(part: LabelledStore, corpus: str, group: str) -> LabelledStore:
    """One of the videos shows other people."""
    videos = [replace(video, corpus=corpus) for video in part.videos]
    return replace(part, videos=[replace(videos[0], group=group), *videos[1:]])


def test_what_is_learned_from_cannot_be_tested(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    learned, other = sets
    for training, tests, message in (
        ([learned], [copied(learned, "renamed")], "is learned from, and tested in talks as well"),
        ([learned], [replace(learned, name="again")], "tested in again as well"),
        (
            [grouped(learned, "all", "ann+bo")],
            [grouped(other, "all", "cho+bo")],
            "both sides of what is learned from and others: bo",
        ),
        ([learned, learned], [other], "two videos to learn from are named talks-00.mp4 of talks"),
        ([learned], [other, copied(other, "more")], "two test sets are named others"),
        ([], [other], "no videos to learn from"),
        ([learned], [replace(other, videos=[])], "others has no videos"),
    ):
        with pytest.raises(UsageError, match=message):
            train_fusion(training, tmp_path / "out", PLAN, tests=tests)
    assert not (tmp_path / "out").exists()


def test_features_that_are_not_those_of_the_application_are_refused(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    old = make_own(tmp_path, "old", versions={"loudness": "0"})
    coarse = make_own(tmp_path, "coarse", step=Fraction(1, 2))
    strange = replace(sets[1], store=FeatureStore(tmp_path / "coarse"))
    for training, tests, message in (
        ([old], [], "the loudness was made by version 0 of the signal, and this is version 1"),
        (sets[:1], [old], "the loudness was made by version 0"),
        (sets[:1], [coarse], "has labels of 1 s and features of 0.5 s"),
        (sets[:1], [strange], "no labelled video has features"),
    ):
        with pytest.raises(CorpusError, match=message):
            train_fusion(training, tmp_path / "out", PLAN, tests=tests)
    assert not (tmp_path / "out").exists()


def test_a_test_video_without_features_is_found_before_the_training(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    lost = replace(sets[1].videos[0], name="lost.mp4", group="lost.mp4")
    test = replace(sets[1], videos=[*sets[1].videos, lost])
    told: list[str] = []
    with pytest.raises(CorpusError, match=r"1 of 9 labelled videos .* lost"):
        train_fusion(
            sets[:1], tmp_path / "out", PLAN, tests=[test],
            progress=lambda share, message: told.append(message),
        )  # fmt: skip
    assert told == ["reading the features"]


def test_unknown_labels_and_folders_are_found_before_the_training(
    sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no annotator 'bo'"):
        train_fusion(sets[:1], tmp_path / "out", replace(PLAN, combination="bo"))
    (tmp_path / "file").write_text("in the way")
    told: list[str] = []
    with pytest.raises(ModelError, match="cannot be saved"):
        train_fusion(
            sets[:1], tmp_path / "file", PLAN,
            progress=lambda share, message: told.append(message),
        )  # fmt: skip
    assert told == ["reading the features"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"features": "Smell"}, "no feature set 'Smell'"), ({"seeds": 0}, "one seed at least")],
)
def test_plans_that_make_no_sense_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        FusionPlan(**wrong)


@pytest.mark.parametrize("at", ["reading the features", "training 1", "training 2"])
def test_it_can_be_cancelled_and_leaves_no_weights(
    at: str, sets: tuple[LabelledStore, LabelledStore], tmp_path: Path
) -> None:
    told: list[tuple[float, str]] = []
    with pytest.raises(Cancelled):
        train_fusion(
            sets[:1], tmp_path / "out", replace(PLAN, seeds=2), tests=sets[1:],
            progress=lambda share, message: told.append((share, message)),
            cancelled=lambda: bool(told) and told[-1][1] == at,
        )  # fmt: skip
    assert not list(tmp_path.rglob("weights.safetensors"))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)


def test_cells_that_nobody_rated_choose_no_threshold() -> None:
    """Many unrated cells sound more like a highlight than the faintest of the rated ones does.

    Were they negative, it would be better not to claim the faint ones.
    """
    learned, held, heard = [], [], {}
    for number in range(160):
        random = np.random.default_rng(number)
        rows = random.normal(0, 0.1, (CELLS, COEFFICIENTS)).astype(np.float32)
        label = np.zeros(CELLS)
        rows[:, 0] -= 3
        label[:8], label[20:] = 1, np.nan
        rows[:4, 0] += 8
        rows[4:8, 0] += 4
        rows[20:, 0] += 5
        part = learned if number < 150 else held
        part.append(sequence(labelled(f"v{number:02}", label), sound=rows))
        heard[part[-1].video.key] = rows
    ((design, threshold),) = train_originals([(learned, held)], heard, "mean")
    score = design.score(heard[held[0].video.key])
    assert score[8:20].max() < score[4:8].min() < score[20:].mean() < score[:4].min()
    assert threshold <= score[4:8].min()
