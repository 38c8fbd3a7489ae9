"""What must be true of every number about highlights (METHOD, section 3), rule by rule.

Rule 9 is tested beside the losses; what single modules do stands in their own tests.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.analysis.fusion import Fusion
from core.errors import ModelError, UsageError
from core.learning.highlights import losses
from core.learning.highlights.evaluation import EvaluationPlan, evaluate_highlights
from core.learning.highlights.fusion_plan import FusionPlan, LabelledStore
from core.learning.highlights.fusion_training import train_fusion
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import all_positive_f1
from core.learning.highlights.network_training import (
    NetworkSettings,
    TrainedNetwork,
    train_network,
)
from core.learning.highlights.original import train_original
from core.learning.highlights.ranker import RankerSettings, fit_ranker
from core.learning.highlights.readers import read_highlight_table
from core.learning.highlights.sequences import FEATURE_GROUPS, VideoSequence, read_sequences
from core.learning.highlights.systems import ALWAYS
from core.networks.fusion import FusionNetwork
from core.networks.fusion_design import FusionDesign
from core.networks.weights import load_card, load_weights, save_weights
from core.signals.mfcc import COEFFICIENTS
from tests.learning.highlights.own import (
    CELLS,
    EYES,
    PICTURE,
    kept_cells,
    labelled,
    make_own,
    own_tracks,
    put_own,
    write_labels,
)

SETTINGS = NetworkSettings(hidden=8, dropout=0.1, rate=2e-2, batch=4, epochs=2, loss="bce")
TEMPORAL = ("gru", "lstm", "attention")
COLUMNS = {"sound": 3, "picture": 2}


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> LabelledStore:
    return make_own(tmp_path_factory.mktemp("sets"), "talks", seed=1)


@pytest.fixture(scope="module")
def weights(
    talks: LabelledStore, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, torch.Tensor]]:
    """Weights that the application would use."""
    folder = tmp_path_factory.mktemp("weights")
    card = train_fusion([talks], folder, FusionPlan(seeds=1, network=SETTINGS))
    tensors, _ = load_weights(folder, contract=card["contract"])
    save_weights(folder, tensors, {**card, "beats_baseline": True})
    return folder, tensors


def plan(**changes: Any) -> EvaluationPlan:
    usual = EvaluationPlan(
        models=("ranker", "none"), features=("Audio",), folds=3, seeds=1, network=SETTINGS,
        ranker=RankerSettings(smoothing=0),
    )  # fmt: skip
    return replace(usual, **changes)


def network(temporal: str, fusion: str = "gated") -> FusionNetwork:
    torch.manual_seed(0)
    return FusionNetwork(FusionDesign(COLUMNS, temporal, fusion, hidden=8)).eval()


def some_rows(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(count).normal(0, 1, (count, 5)).astype(np.float32)


def logits(model: FusionNetwork, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    present = torch.ones(1, len(rows), 2, dtype=torch.bool)
    with torch.inference_mode():
        return model(torch.from_numpy(rows)[None], torch.tensor([len(rows)]), present).logits[
            0
        ].numpy()  # fmt: skip


class TestRule1JoinedByVideoAndSecond:
    def test_shuffled_labels_and_files_give_identical_measures(self, tmp_path: Path) -> None:
        random = np.random.default_rng(0)
        kept = {f"v{number:02}": kept_cells(random) for number in range(9)}
        tracks = {name: own_tracks(cells, random) for name, cells in kept.items()}
        order = [[*kept][index] for index in np.random.default_rng(8).permutation(len(kept))]
        found = []
        for name, names in (("usual", [*kept]), ("shuffled", order)):
            store = put_own(tmp_path / name, {video: tracks[video] for video in names})
            table = write_labels(tmp_path / name / "made.csv", kept, order=names)
            videos = LabelledStore(name, read_table(table, names), store).videos
            found.append(evaluate_highlights(read_sequences(videos, store), plan())[0].as_json())
        assert found[0] == found[1]


class TestRule2SecondsAreAligned:
    def test_the_tail_of_a_video_is_its_own_cell(self, tmp_path: Path) -> None:
        """What happens in the last, shorter second is learned and scored there."""
        random = np.random.default_rng(0)
        kept, tracks = {}, {}
        for number in range(10):
            cells = np.zeros(7 + number, bool)
            cells[-1] = True
            kept[f"v{number}"], tracks[f"v{number}"] = cells, own_tracks(cells, random, strength=9)
        store = put_own(tmp_path / "store", tracks)
        table = write_labels(tmp_path / "made.csv", kept)
        rows = read_sequences(read_table(table, [*kept]), store)
        model = fit_ranker(rows[:6], FEATURE_GROUPS["Audio"], RankerSettings(smoothing=0))
        for row in rows[6:]:
            assert int(model.score(row).argmax()) == row.video.cells - 1


class TestRule3TheModelSeesASequence:
    @pytest.mark.parametrize("temporal", TEMPORAL)
    @pytest.mark.parametrize("fusion", ["early", "gated"])
    def test_the_second_before_changes_what_is_said_of_a_second(
        self, temporal: str, fusion: str
    ) -> None:
        rows = some_rows(20)
        changed = rows.copy()
        changed[8] += 3
        model = network(temporal, fusion)
        assert abs(logits(model, changed) - logits(model, rows))[9] > 1e-4

    def test_the_original_design_is_the_one_that_fails(self) -> None:
        random = np.random.default_rng(0)
        rows = random.normal(0, 1, (60, COEFFICIENTS)).astype(np.float32)
        design = train_original([rows], [kept_cells(random, 60)])
        changed = rows.copy()
        changed[8] += 3
        apart = np.abs(design.score(changed) - design.score(rows))
        assert apart[8] > 1e-4
        assert np.delete(apart, 8).max() < 1e-6


class TestRule4PaddingIsMasked:
    @pytest.mark.parametrize("temporal", ["none", *TEMPORAL])
    @pytest.mark.parametrize("loss", [losses.weighted_bce, losses.pairwise, losses.listwise])
    def test_padding_changes_no_loss_and_no_score(self, temporal: str, loss: Any) -> None:
        model = network(temporal)
        lengths = (11, 7)
        found = []
        for longest, fill in ((11, 0.0), (15, 9.0), (30, float("nan"))):
            features = torch.full((2, longest, 5), fill)
            relevance = torch.full((2, longest), fill)
            for index, length in enumerate(lengths):
                features[index, :length] = torch.from_numpy(some_rows(length))
                relevance[index, :length] = (torch.arange(length) % 3 == 0).float()
            inside = torch.arange(longest) < torch.tensor(lengths)[:, None]
            present = torch.ones(2, longest, 2, dtype=torch.bool)
            said = model(features, torch.tensor(lengths), present).logits
            found.append((loss(said, relevance, inside), said[:, :11] * inside[:, :11]))
        for value, said in found[1:]:
            torch.testing.assert_close(value, found[0][0], atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(said, found[0][1], atol=1e-5, rtol=1e-5)

    def test_a_score_does_not_depend_on_the_other_videos_of_its_batch(
        self, talks: LabelledStore
    ) -> None:
        rows = read_sequences(talks.videos, talks.store)
        model = train_network(rows[:8], rows[8:], ("sound",), SETTINGS)
        for row in rows[:3]:
            short = cut(row, 17)
            alone = model.score(short)
            both = batched(model, [short, row])
            np.testing.assert_allclose(both[0, :17], alone, atol=1e-5)

    def test_cells_that_nobody_rated_are_in_no_measure(self, talks: LabelledStore) -> None:
        videos = []
        for video in talks.videos:
            ratings = video.ratings.copy()
            ratings[30:] = np.nan
            videos.append(replace(video, ratings=ratings))
        comparison, _ = evaluate_highlights(read_sequences(videos, talks.store), plan())
        assert comparison.cells == 30 * len(videos)
        (everything,) = [row for row in comparison.rows if row.system.name == "all-positive"]
        assert sum(everything.counts[0].as_row()) == comparison.cells


class TestRule5NobodyStandsOnBothSides:
    def test_folds_keep_groups_and_are_in_the_report(self, tmp_path: Path) -> None:
        groups = {f"talks-{n:02}": f"{'abcdef'[n % 6]}+{'uvwxyz'[n % 6]}" for n in range(12)}
        made = make_own(tmp_path, "talks", groups=groups)
        comparison, _ = evaluate_highlights(read_sequences(made.videos, made.store), plan())
        names = {video.key: set(video.group.split("+")) for video in made.videos}
        data = comparison.as_json()["split"]
        assert len(data) == 3
        for fold in data:
            learned, tested = (
                {person for part in parts for key in fold[part] for person in names[tuple(key)]}
                for parts in (("train", "validation"), ("test",))
            )
            assert learned
            assert tested
            assert not learned & tested

    def test_a_cast_that_cannot_be_parted_is_refused(self, tmp_path: Path) -> None:
        groups = {f"talks-{n:02}": f"{n}+{n + 1}" for n in range(12)}
        made = make_own(tmp_path, "talks", groups=groups)
        with pytest.raises(UsageError, match="of 1 group that share nobody"):
            evaluate_highlights(read_sequences(made.videos, made.store), plan())


class TestRule6ResamplingTouchesTrainingOnly:
    def test_test_and_validation_keep_their_prevalence(self, talks: LabelledStore) -> None:
        rows = read_sequences(talks.videos, talks.store)
        weighted = replace(SETTINGS, positive_weight=9.0)
        comparison, _ = evaluate_highlights(rows, plan(models=("none",), network=weighted))
        truth = np.concatenate([row.relevance for row in rows]) > 0.5
        assert comparison.prevalence == truth.mean() == 0.2
        for row in comparison.rows:
            for counts in row.counts:
                assert counts.hits + counts.misses == truth.sum()
                assert sum(counts.as_row()) == len(truth)
        (everything,) = [row for row in comparison.rows if row.system.name == "all-positive"]
        assert everything.counts[0].f1 == pytest.approx(all_positive_f1(0.2))


class TestRule7TheTestIsReadOnce:
    def test_labels_of_the_test_change_neither_weights_nor_thresholds(
        self, talks: LabelledStore, tmp_path: Path
    ) -> None:
        honest = make_own(tmp_path, "others", seed=2, videos=6)
        lied = replace(
            honest, videos=[replace(v, ratings=1 - v.ratings) for v in honest.videos]
        )  # fmt: skip
        found = []
        for name, test in (("honest", honest), ("lied", lied)):
            card = train_fusion(
                [talks], tmp_path / name, FusionPlan(seeds=1, network=SETTINGS), tests=[test]
            )
            report = json.loads(
                (tmp_path / name / "reports" / "others" / "report.json").read_text()
            )
            thresholds = {row["label"]: row["thresholds"] for row in report["systems"]}
            found.append((card["sha256"], card["epochs"], thresholds))
        assert found[0] == found[1]


class TestRule8TrivialRowsStandBeside:
    @pytest.mark.parametrize("protocol", ["folds", "domains"])
    def test_no_comparison_goes_without_them(self, protocol: str, talks: LabelledStore) -> None:
        rows = [
            replace(row, video=replace(row.video, domain="cat" if number % 2 else "dog"))
            for number, row in enumerate(read_sequences(talks.videos, talks.store))
        ]
        comparison, absent = evaluate_highlights(rows, plan(protocol=protocol, models=("ranker",)))
        names = {row.system.name for row in comparison.rows if row.system.trivial}
        assert names == {*ALWAYS, "loudness alone", "visual energy alone"}
        assert not absent

    def test_what_learned_noise_is_reported_as_such(self, tmp_path: Path) -> None:
        noise = make_own(tmp_path, "noise", strength=0.0)
        comparison, _ = evaluate_highlights(read_sequences(noise.videos, noise.store), plan())
        assert comparison.losing() == ["ranker (Audio)", "none (Audio)"]


class TestRule10WeightsKnowTheirFeatures:
    def test_the_application_scores_as_the_training_did(
        self, weights: tuple[Path, dict[str, torch.Tensor]], talks: LabelledStore
    ) -> None:
        """The learned part of the curve is the network's score of the features it learned from."""
        folder, tensors = weights
        card = load_card(folder)
        learned = FusionNetwork(FusionDesign.from_json(card["design"])).eval()
        learned.load_state_dict(tensors)
        save_weights(folder / "alone", tensors, {**card, "mixture": {"learned": 1.0}})
        fusion = Fusion(folder / "alone", EYES, PICTURE)
        for row in read_sequences(talks.videos, talks.store)[:3]:
            tracks = talks.store.tracks(talks.store.match([row.video])[row.video.key])
            curve = fusion.highlight(tracks, CELLS, CELLS, row.video.step).score
            model = TrainedNetwork(learned, FEATURE_GROUPS["Audio+Emotion"], 1, 0.0)
            np.testing.assert_allclose(model.score(row), curve, atol=1e-5)

    @pytest.mark.parametrize("key", ["signals", "normalisation", "groups"])
    def test_weights_of_other_features_are_refused(
        self, key: str, weights: tuple[Path, dict[str, torch.Tensor]], tmp_path: Path
    ) -> None:
        card = load_card(weights[0])
        contract = {**card["contract"], key: "other"}
        save_weights(tmp_path, weights[1], {**card, "contract": contract})
        with pytest.raises(ModelError, match=f"other features \\({key}"):
            Fusion(tmp_path, EYES, PICTURE)


def read_table(table: Path, names: list[str]) -> list[LabelledVideo]:
    by_name = {Path(video.name).stem: video for video in read_highlight_table(table)}
    return [by_name[name] for name in names]


def cut(row: VideoSequence, cells: int) -> VideoSequence:
    video = labelled(row.video.name, row.relevance[:cells])
    return replace(
        row,
        video=video,
        groups={name: rows[:cells] for name, rows in row.groups.items()},
        present={name: there[:cells] for name, there in row.present.items()},
        relevance=row.relevance[:cells],
    )


def batched(model: TrainedNetwork, rows: list[VideoSequence]) -> NDArray[np.float32]:
    """Scores of several videos at once, padded to the longest."""
    lengths = torch.tensor([row.video.cells for row in rows])
    width = rows[0].groups["sound"].shape[1]
    features = torch.full((len(rows), int(lengths.max()), width), 7.0)
    present = torch.ones(len(rows), int(lengths.max()), 1, dtype=torch.bool)
    for index, row in enumerate(rows):
        features[index, : row.video.cells] = torch.from_numpy(row.groups["sound"])
    with torch.inference_mode():
        return torch.sigmoid(model.network(features, lengths, present).logits).numpy()
