"""What must be true of every number about speech emotion (METHOD, section 3), rule by rule."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.cli import main
from core.errors import Cancelled, ModelError, UsageError
from core.learning.corpora import Utterance, one_hot, read_corpora
from core.learning.emotion_features import CellFrames, cell_frames, read_cells, read_samples
from core.learning.emotion_report import Run, report_rows
from core.learning.emotion_training import Plan, train_emotion
from core.learning.frame_recognisers import (
    FrameClaimant,
    FrameRecogniser,
    RecurrentRecogniser,
    StatisticsRecogniser,
)
from core.learning.recogniser import AROUSAL, CLAIMS, VALENCE
from core.learning.references import GradientBoosting, Majority, MeanMfccPerceptron
from core.learning.splits import check_disjoint
from core.learning.targets import Targets
from core.learning.training_material import Training, padded
from core.networks.emotion import EmotionNetwork, EmotionOutput
from core.networks.emotion_classes import LABELS
from core.networks.emotion_recurrent import RecurrentNetwork, RecurrentSettings
from core.networks.emotion_statistics import StatisticsNetwork, StatisticsSettings
from core.networks.weights import load_weights, save_weights
from core.signals.mfcc import COEFFICIENTS
from core.signals.speech_emotion import Normalisation, SpeechEmotion, emotion_contract
from core.signals.speech_frames import DIMENSION, PITCH, VOICING, speech_frames
from tests.learning.made import RATE, kept_folders, made_table, make_table, voice

SESSIONS = {"a": "1", "b": "1 2", "c": "2", "d": "", "e": "3", "f": "3", "g": "3"}
"""Speakers a, b and c are linked by two sessions, e, f and g by one."""
GROUPS = ({"a", "b", "c"}, {"d"}, {"e", "f", "g"})
BRIEF = Plan(folds=2, epochs=1)

Make = Callable[..., EmotionNetwork]


def statistics() -> EmotionNetwork:
    torch.manual_seed(1)
    return StatisticsNetwork(StatisticsSettings(DIMENSION, PITCH, VOICING, hidden=16)).eval()


def lstm() -> EmotionNetwork:
    torch.manual_seed(1)
    return RecurrentNetwork(RecurrentSettings(COEFFICIENTS, hidden=16)).eval()


def gru() -> EmotionNetwork:
    torch.manual_seed(1)
    return RecurrentNetwork(RecurrentSettings(COEFFICIENTS, kind="gru", hidden=16)).eval()


NETWORKS: list[Make] = [statistics, lstm, gru]


def signal(network: EmotionNetwork) -> SpeechEmotion:
    return SpeechEmotion.of(network, {"sha256": "0" * 64})


def some_cells(count: int) -> np.ndarray:
    frames = np.random.default_rng(0).normal(0, 1, (count, 50, DIMENSION)).astype(np.float32)
    frames[..., VOICING] = 0.9
    return frames


def usual(network: EmotionNetwork) -> Normalisation:
    """A fixed one: what changes then does not come from the rest of the video."""
    columns = len(network.training_mean)
    return Normalisation(np.zeros(columns, np.float32), np.ones(columns, np.float32))


def fold_claims(corpus: Path, out: Path) -> list[np.ndarray]:
    """What every recogniser said of the test part of every fold, before the last training."""
    now = ""

    def told(share: float, message: str) -> None:
        nonlocal now
        now = message

    with pytest.raises(Cancelled):
        train_emotion(
            {"table": corpus}, out, BRIEF, progress=told,
            cancelled=lambda: now == "training on all speakers",
        )  # fmt: skip
    (kept,) = kept_folders(out)
    return [np.load(file) for file in sorted(kept.iterdir())]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[dict[str, Any], Path]:
    """The card of a table with sessions, and its weights."""
    out = folder / "weights"
    return train_emotion({"table": make_table(folder / "made.csv", SESSIONS)}, out, BRIEF), out


class TestRule1JoinedByNameNeverByPosition:
    def test_the_order_of_a_table_changes_nothing(
        self, trained: tuple[dict[str, Any], Path], folder: Path, tmp_path: Path
    ) -> None:
        order = np.random.default_rng(3).permutation(len(SESSIONS) * 4).tolist()
        (folder / "shuffled").mkdir()
        (folder / "shuffled" / "sounds").symlink_to(folder / "sounds")
        shuffled = make_table(folder / "shuffled" / "made.csv", SESSIONS, order=order)
        assert shuffled.read_text() != (folder / "made.csv").read_text()
        first, again = (read_corpora({"table": f}) for f in (folder / "made.csv", shuffled))
        assert [row.name for row in again] == [row.name for row in first]
        assert train_emotion({"table": shuffled}, tmp_path / "out", BRIEF) == trained[0]

    @pytest.mark.parametrize("make", [Majority, MeanMfccPerceptron, GradientBoosting])
    def test_claims_of_references_are_of_the_rows_asked_for(self, make: Any) -> None:
        rows, cells = made_table(4)
        model = make(rows, [versions[0].spoken for versions in cells])
        claimant = model.fit(
            np.arange(24), seed=0, progress=lambda done: None, cancelled=lambda: False
        )
        test = np.arange(24, 48)
        order = np.random.default_rng(0).permutation(test)
        np.testing.assert_array_equal(claimant(order), claimant(test)[order - 24])


class TestRule2SecondsAreTheirOwnSamples:
    @pytest.mark.parametrize("seconds", [3.0, 2.5, 2.03])
    def test_a_cell_follows_from_its_own_second_alone(self, seconds: float) -> None:
        sound = voice("happy", 140.0, np.random.default_rng(0), seconds)
        before = cell_frames(sound).frames
        assert len(before) == 3
        for second in range(3):
            changed = sound.copy()
            changed[second * RATE : (second + 1) * RATE] *= -0.5
            after = cell_frames(changed).frames
            same = [np.array_equal(after[t], before[t], equal_nan=True) for t in range(3)]
            assert same == [t != second for t in range(3)]

    def test_the_tail_is_that_of_the_analysis(self) -> None:
        sound = voice("sad", 120.0, np.random.default_rng(0), 1.4)
        frames = cell_frames(sound).frames
        np.testing.assert_allclose(frames[0], speech_frames(sound[np.newaxis, :RATE])[0], atol=1e-4)
        tail = speech_frames(sound[np.newaxis, RATE:])[0]
        np.testing.assert_allclose(frames[1, :20], tail, atol=1e-4)
        assert np.isnan(frames[1, 20:]).all()

    def test_a_start_in_the_file_is_the_first_sample_of_second_0(self, tmp_path: Path) -> None:
        table = make_table(tmp_path / "made.csv", {"a": ""})
        (row, *_) = read_corpora({"table": table})
        later = replace(row, start=0.25, end=0.85)
        samples = read_samples(row)
        np.testing.assert_array_equal(
            read_samples(later), samples[round(0.25 * RATE) : round(0.85 * RATE)]
        )


class TestRule3TheModelSeesASequence:
    @pytest.mark.parametrize("make", [lstm, gru])
    def test_the_second_before_changes_the_claim(self, make: Make) -> None:
        network = make()
        frames, speech = some_cells(6), np.ones(6)
        before = signal(network).tag(frames, speech, usual(network))
        changed = frames.copy()
        changed[2] = changed[2][::-1]
        after = signal(network).tag(changed, speech, usual(network))
        moved = np.abs(after - before).max(axis=1) > 1e-6
        assert moved[3], "second 3 hears second 2, and in which order it was spoken"
        assert not moved[5], "what is 3 s ago is not heard"
        assert not moved[0]

    @pytest.mark.parametrize("make", NETWORKS)
    def test_every_network_hears_the_second_before(self, make: Make) -> None:
        network = make()
        frames = some_cells(4)
        before = signal(network).tag(frames, np.ones(4), usual(network))[3]
        frames[2] += 1.0
        after = signal(network).tag(frames, np.ones(4), usual(network))[3]
        assert np.abs(after - before).max() > 1e-6


class TestRule4PaddingIsMasked:
    @pytest.mark.parametrize("make", NETWORKS)
    @pytest.mark.parametrize("filling", [0.0, 7.0, float("nan")])
    def test_padding_changes_no_loss(self, make: Make, filling: float) -> None:
        network = make()
        rows, _ = made_table(1)
        targets = Targets.of(rows[:4])
        frames = torch.from_numpy(some_cells(4))
        mask = torch.ones(4, 50, dtype=torch.bool)
        mask[1:, 40:] = False

        def loss(frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            described = network.describe(frames, mask)
            columns = described.ndim == 3
            normal = usual(network).apply(described.detach().numpy())
            assert columns == (not isinstance(network, StatisticsNetwork))
            return targets.loss(network(torch.from_numpy(normal), mask))

        expected = loss(torch.where(mask.unsqueeze(2), frames, 0.0), mask)
        padded = torch.where(mask.unsqueeze(2), frames, filling)
        torch.testing.assert_close(loss(padded, mask), expected)
        longer = torch.nn.functional.pad(padded, (0, 0, 0, 30), value=filling)
        more = torch.nn.functional.pad(mask, (0, 30), value=False)
        torch.testing.assert_close(loss(longer, more), expected)

    def test_a_training_batch_of_unequal_pieces_says_what_each_says_alone(self) -> None:
        network = lstm()
        spoken = some_cells(3)[..., :COEFFICIENTS]
        pieces = [spoken[0], spoken[1, :17], spoken[2, :31]]
        together = network(*padded(pieces))
        alone = [network(*padded([piece])) for piece in pieces]
        for name in ("logits", "arousal", "valence"):
            expected = torch.cat([getattr(said, name) for said in alone])
            torch.testing.assert_close(getattr(together, name), expected)

    @pytest.mark.parametrize("make", NETWORKS)
    def test_what_is_no_speech_changes_no_claim(self, make: Make) -> None:
        frames, speech = some_cells(4), np.ones((4, 50))
        speech[:, 35:] = 0
        quiet, loud, none = frames.copy(), frames.copy(), frames.copy()
        quiet[:, 35:], loud[:, 35:], none[:, 35:] = 0.0, 9.0, np.nan
        expected = signal(make()).hear(quiet, speech)
        for other in (loud, none):
            np.testing.assert_array_equal(signal(make()).hear(other, speech), expected)

    def test_silent_seconds_after_the_end_change_no_claim(self) -> None:
        frames, speech = some_cells(3), np.ones((3, 50))
        longer = np.concatenate([frames, np.full((4, 50, DIMENSION), np.nan, np.float32)])
        padded = np.concatenate([speech, np.zeros((4, 50))])
        for make in NETWORKS:
            claims = signal(make()).hear(longer, padded)
            np.testing.assert_allclose(claims[:3], signal(make()).hear(frames, speech), atol=1e-6)
            assert np.isnan(claims[3:]).all()


class TestRule5NobodyStandsOnBothSides:
    def test_a_leak_is_refused_by_name(self) -> None:
        with pytest.raises(UsageError, match="both sides of the split: b"):
            check_disjoint(["a", "b", "b"], np.array([0, 1]), np.array([2]))

    def test_the_card_tells_the_split_and_sessions_stay_together(
        self, trained: tuple[dict[str, Any], Path]
    ) -> None:
        protocol = trained[0]["protocol"]
        folds = [set(fold["made"]) for fold in protocol["folds"]["0"]]
        tested = sorted(name.removeprefix("made-") for fold in folds for name in fold)
        assert tested == sorted(SESSIONS), "everyone is tested, and once"
        assert len(folds) == 2
        for group in GROUPS:
            assert sum(bool(fold & {f"made-{name}" for name in group}) for fold in folds) == 1
        assert "session-disjoint" in protocol["split"]
        assert protocol["seeds"] == [0]

    def test_a_corpus_of_one_session_cannot_be_measured(self, tmp_path: Path) -> None:
        table = make_table(tmp_path / "made.csv", {"a": "1", "b": "1"})
        with pytest.raises(UsageError, match="share a session"):
            train_emotion({"table": table}, tmp_path / "out", BRIEF)
        assert not (tmp_path / "out").exists()


class TestRule6ResamplingTouchesTrainingRowsOnly:
    @pytest.mark.parametrize("balance", ["drawing", "weights", "smote"])
    def test_the_test_rows_keep_their_prevalence(self, balance: str) -> None:
        rows, cells = made_table(4, ("happy",) + ("sad",) * 2 + ("neutral",) * 9)
        training = Training(epochs=1, batch=16, balance=balance, thin_neutral=True)
        claimant = fit(StatisticsRecogniser(rows, cells, training), np.arange(24))
        test = np.arange(24, 48)
        claims = claimant(test)
        assert claims.shape == (24, CLAIMS)
        assert np.isfinite(claims).all()
        run = Run(test, claims, np.zeros(24), np.zeros(24, bool))
        (found,) = report_rows(rows, [run], {"constant": claims})["confusion"].values()
        (neutral,) = (sum(row) for row in found["matrix"] if any(row))
        assert neutral == 18, "classes of fewer than 10 are not measured, none is thinned out"

    def test_the_original_resampling_stays_in_the_training_rows(self) -> None:
        rows, cells = made_table(4, ("happy",) * 3 + ("sad",) * 3 + ("neutral",) * 9)
        spoken = [versions[0].spoken for versions in cells]
        model = MeanMfccPerceptron(rows, spoken, resampled=True)
        claimant = model.fit(
            np.arange(30), seed=0, progress=lambda done: None, cancelled=lambda: False
        )
        assert claimant(np.arange(30, 60)).shape == (30, CLAIMS)
        swapped = MeanMfccPerceptron(
            [*rows[:30], *(relabelled(row) for row in rows[30:])], spoken, resampled=True
        ).fit(np.arange(30), seed=0, progress=lambda done: None, cancelled=lambda: False)
        np.testing.assert_array_equal(claimant(np.arange(30, 60)), swapped(np.arange(30, 60)))


class TestRule7TheTestIsReadOnce:
    def test_labels_of_a_fold_change_no_claim_about_it(self, folder: Path, tmp_path: Path) -> None:
        before = fold_claims(make_table(folder / "made.csv", SESSIONS), tmp_path / "one")
        card = json.loads((folder / "weights" / "card.json").read_text())
        held_out = {
            name.removeprefix("made-") for name in card["protocol"]["folds"]["0"][0]["made"]
        }
        lies = dict.fromkeys(held_out, "angry")
        (folder / "lies").mkdir()
        (folder / "lies" / "sounds").symlink_to(folder / "sounds")
        lied = make_table(folder / "lies" / "made.csv", SESSIONS, relabelled=lies)
        after = fold_claims(lied, tmp_path / "two")
        assert len(before) == len(after) == 10, "five recognisers, two folds"
        own = 4 * len(held_out)
        assert own != 4 * (len(SESSIONS) - len(held_out)), "the folds differ in size"
        told = [one for one in after if len(one) == own]
        for one in before:
            same = any(np.array_equal(one, other) for other in told)
            assert same == (len(one) == own), "claims follow from the other speakers alone"
        learned = [one for one in after if len(one) != own]
        assert not any(np.array_equal(one, other) for one in before for other in learned)

    @pytest.fixture(autouse=True)
    def after_training(self, trained: tuple[dict[str, Any], Path]) -> None:
        """The card with the folds has been written."""

    def test_epochs_are_fixed_beforehand(self, trained: tuple[dict[str, Any], Path]) -> None:
        protocol = trained[0]["protocol"]
        assert protocol["training"]["epochs"] == BRIEF.epochs
        assert protocol["development"]


class TestRule8TrivialBaselinesStandBeside:
    def test_every_row_of_a_training_has_its_trivial_values(
        self, trained: tuple[dict[str, Any], Path]
    ) -> None:
        rows = trained[0]["results"]
        assert rows
        for row in rows:
            assert row["trivial"], row["measure"]
            known = set(row["trivial"])
            assert known & {"majority", "constant"}, row["measure"]
            assert {"gradient boosting", "MLP on mean MFCC, thinned and SMOTE"} <= known
            assert ("loudness" in known) == ("arousal" in row["measure"])

    @pytest.mark.parametrize("level", [0.0, 1.0])
    def test_a_constant_is_reported_as_such(self, level: float) -> None:
        rows, _ = made_table(5, ("happy",) * 3 + ("sad",) * 3 + ("neutral",) * 3)
        constant = np.zeros((len(rows), CLAIMS), np.float32)
        constant[:, LABELS.index("neutral")] = 1.0
        constant[:, AROUSAL:] = level * 0.1
        means = constant.copy()
        means[:, AROUSAL] = np.mean([row.arousal for row in rows])
        means[:, VALENCE] = np.mean([row.valence for row in rows])
        run = Run(np.arange(len(rows)), constant, np.zeros(len(rows)), np.zeros(len(rows), bool))
        found = {
            row["measure"]: row for row in report_rows(rows, [run], {"mean": means})["results"]
        }
        for start in ("UAR of 3", "macro F1", "CCC arousal", "MAE arousal", "CCC valence", "MAE v"):
            (name,) = [name for name in found if name.startswith(start)]
            assert not found[name]["beats_trivial"], name
        assert found["UAR of 3 classes"]["value"] == pytest.approx(1 / 3, abs=1e-3)

    def test_what_does_not_beat_them_is_marked(self, trained: tuple[dict[str, Any], Path]) -> None:
        card, out = trained
        failing = [row for row in card["results"] if not row["beats_trivial"]]
        assert failing, "one epoch on 24 utterances is not worth anything"
        report = (out / "report" / "report.md").read_text()
        assert "Does not beat its best trivial value" in report
        assert report.count("✗") == (out / "CARD.md").read_text().count("| ✗ |") == len(failing)


class TestRule9LossesRefuseSilentMistakes:
    def output(self) -> tuple[Targets, EmotionOutput]:
        rows, _ = made_table(1)
        torch.manual_seed(0)
        count = len(rows)
        said = EmotionOutput(
            torch.randn(count, len(LABELS)), torch.randn(count), torch.randn(count)
        )
        assert torch.isfinite(Targets.of(rows).loss(said))
        return Targets.of(rows), said

    def test_a_column_is_not_a_row(self) -> None:
        targets, said = self.output()
        column = EmotionOutput(said.logits, said.arousal, said.valence.unsqueeze(1))
        with pytest.raises(UsageError, match=r"\(12, 1\).*\(12,\)"):
            targets.loss(column)

    def test_probabilities_are_not_logits(self) -> None:
        targets, said = self.output()
        shares = torch.softmax(said.logits, dim=1)
        with pytest.raises(UsageError, match="logits"):
            targets.loss(EmotionOutput(shares, said.arousal, said.valence))

    @pytest.mark.parametrize("make", NETWORKS)
    def test_the_networks_give_what_the_loss_expects(self, make: Make) -> None:
        network = make()
        frames, mask = torch.from_numpy(some_cells(4)), torch.ones(4, 50, dtype=torch.bool)
        with torch.inference_mode():
            said = network(network.describe(frames, mask), mask)
        rows, _ = made_table(1)
        assert said.arousal.shape == said.valence.shape == (4,)
        assert torch.isfinite(Targets.of(rows[:4]).loss(said))


class TestRule10WeightsKnowTheirFeatures:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("sample_rate", 44_100),
            ("voice_quality", [*reversed(emotion_contract()["voice_quality"])]),
            ("coefficients", 20),
            ("padding", "zeros"),
            ("hop", 160),
            ("version", 1),
        ],
    )
    def test_weights_of_other_features_are_refused(
        self, key: str, value: Any, trained: tuple[dict[str, Any], Path], tmp_path: Path
    ) -> None:
        tensors, card = load_weights(trained[1], contract=emotion_contract())
        save_weights(tmp_path, tensors, {**card, "contract": {**card["contract"], key: value}})
        with pytest.raises(ModelError, match=f"other features \\({key}"):
            SpeechEmotion(tmp_path)

    def test_another_order_of_the_labels_is_refused(
        self, trained: tuple[dict[str, Any], Path], tmp_path: Path
    ) -> None:
        tensors, card = load_weights(trained[1], contract=emotion_contract())
        save_weights(tmp_path, tensors, {**card, "labels": [*reversed(LABELS)]})
        with pytest.raises(ModelError, match="other emotions"):
            SpeechEmotion(tmp_path)

    @pytest.mark.parametrize("name", ["training_mean", "training_deviation", "learned_labels"])
    def test_the_normalisation_is_stored_and_needed(
        self, name: str, trained: tuple[dict[str, Any], Path], tmp_path: Path
    ) -> None:
        tensors, card = load_weights(trained[1], contract=emotion_contract())
        save_weights(tmp_path, {key: t for key, t in tensors.items() if key != name}, card)
        with pytest.raises(ModelError, match="not those of an emotion network"):
            SpeechEmotion(tmp_path)

    def test_a_changed_normalisation_is_found(
        self, trained: tuple[dict[str, Any], Path], tmp_path: Path
    ) -> None:
        from safetensors.torch import save_file

        tensors, card = load_weights(trained[1], contract=emotion_contract())
        save_weights(tmp_path, tensors, card)
        save_file({**tensors, "training_mean": tensors["training_mean"] + 1},
                  tmp_path / "weights.safetensors")  # fmt: skip
        with pytest.raises(ModelError, match="checksum"):
            SpeechEmotion(tmp_path)

    def test_training_and_use_share_their_features(
        self, trained: tuple[dict[str, Any], Path], folder: Path
    ) -> None:
        assert trained[0]["contract"] == json.loads(json.dumps(emotion_contract()))
        (own,) = read_cells(read_corpora({"table": folder / "made.csv"})[:1])
        assert own[0].frames.shape[1:] == (50, DIMENSION)


class TestRule11SeedsIntervalsAndTheCommand:
    def test_the_command_makes_the_same_weights_and_numbers(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        corpus = make_table(folder / "made.csv", SESSIONS)
        plan = Plan(folds=2, epochs=1, seeds=2, balance="smote", thin_neutral=True)
        card = train_emotion({"table": corpus}, tmp_path / "out", plan)
        command = card["command"]
        assert command == (
            "emotion-shortform train emotion --corpus table=PATH --seeds 2 --folds 2 --epochs 1 "
            "--balance smote --thin-neutral --out FOLDER"
        )
        for row in card["results"]:
            assert len(row["seeds"]) == 2
            assert row["low"] <= row["value"] <= row["high"]
        assert card["protocol"]["seeds"] == [0, 1]
        words = shlex.split(command.replace("PATH", str(corpus)))[1:-1]
        assert main([*words, str(tmp_path / "again"), "--json"]) == 0
        again = json.loads(capsys.readouterr().out)
        assert again == card
        text = (tmp_path / "out" / "CARD.md").read_text()
        assert command in text
        assert "seeds [0, 1]" in text

    @pytest.mark.parametrize(
        ("plan", "options"),
        [
            (Plan(), ""),
            (Plan("gru", seeds=3, folds=0), "--network gru --seeds 3 --folds 0"),
            (Plan(balance="weights", thin_neutral=True), "--balance weights --thin-neutral"),
            (Plan("encoder", encoder="/home/me/x", adapters=True, epochs=3),
             "--network encoder --encoder PATH --epochs 3 --adapters"),
        ],
    )  # fmt: skip
    def test_the_options_are_those_that_differ_from_the_usual(
        self, plan: Plan, options: str
    ) -> None:
        assert " ".join(plan.options()) == options

    def test_all_that_decides_the_training_is_in_the_options_or_the_card(
        self, trained: tuple[dict[str, Any], Path]
    ) -> None:
        decided = asdict(BRIEF.training())
        assert trained[0]["protocol"]["training"] == decided
        assert trained[0]["protocol"]["augmentation"]


def fit(model: FrameRecogniser, rows: np.ndarray) -> FrameClaimant:
    return model.fit(rows, seed=0, progress=lambda done: None, cancelled=lambda: False)


def relabelled(row: Utterance) -> Utterance:
    return replace(row, emotion="fear", distribution=one_hot("fear"), arousal=-1.0, valence=1.0)


@pytest.mark.parametrize("kind", ["statistics", "lstm"])
def test_claims_do_not_follow_from_the_order_of_the_utterances(kind: str) -> None:
    """The same weights say the same of an utterance wherever it stands in the table."""
    rows, cells = made_table(3)
    training = Training(epochs=1, batch=16)
    model = (
        StatisticsRecogniser(rows, cells, training)
        if kind == "statistics"
        else RecurrentRecogniser(rows, cells, training)
    )
    network = fit(model, np.arange(24)).network
    order = np.random.default_rng(0).permutation(len(rows))
    shuffled: list[list[CellFrames]] = [cells[index] for index in order]
    claims = FrameClaimant(network, rows, cells)(np.arange(len(rows)))
    again = FrameClaimant(network, [rows[index] for index in order], shuffled)(np.argsort(order))
    np.testing.assert_allclose(again, claims, atol=1e-5)
