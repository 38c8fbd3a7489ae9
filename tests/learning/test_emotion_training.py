"""From a tiny made corpus to weights and their report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.cli import main
from core.errors import Cancelled, CorpusError, ModelError, UsageError
from core.learning.corpora import read_corpora
from core.learning.emotion_evaluation import LoudnessBaseline, evaluate_emotion, loudness
from core.learning.emotion_features import cell_frames, read_cells, read_samples
from core.learning.emotion_training import NETWORKS, Plan, train_emotion
from core.learning.scenes import disturbed
from core.networks.emotion_classes import EMOTIONS, LABELS
from core.networks.speech_encoder import load_speech_encoder
from core.networks.weights import load_card
from core.signals.speech_emotion import SpeechEmotion
from tests.learning.made import (
    RATE,
    SPEAKERS,
    TAKES,
    kept_folders,
    made_cells,
    made_utterance,
    make_emodb,
    make_table,
    voice,
)
from tests.networks.test_speech_encoder import save_tiny_encoder

Trained = tuple[Path, dict[str, Any]]
UTTERANCES = len(SPEAKERS) * sum(TAKES.values())
PLAN = Plan(folds=2, epochs=6)
BRIEF = Plan(folds=2, epochs=2)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six speakers, happy, sad, bored and neutral, named like EMO-DB."""
    return make_emodb(tmp_path_factory.mktemp("emodb"))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four speakers, happy, sad and mostly neutral."""
    emotions = ("happy", "neutral", "sad", "neutral", "neutral")
    return make_table(tmp_path_factory.mktemp("table") / "mine.csv",
                      dict.fromkeys("abcd", ""), emotions)  # fmt: skip


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out = tmp_path_factory.mktemp("out") / "weights"
    seen: list[float] = []
    card = train_emotion(
        {"emodb": corpus}, out, PLAN, progress=lambda share, message: seen.append(share)
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    return out, card


@pytest.fixture(scope="module")
def brief(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out = tmp_path_factory.mktemp("out") / "brief"
    return out, train_emotion({"table": table}, out, BRIEF)


@pytest.fixture(scope="module")
def recurrent(corpus: Path, table: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out = tmp_path_factory.mktemp("out") / "lstm"
    plan = Plan("lstm", folds=2, epochs=1, balance="weights", thin_neutral=True)
    return out, train_emotion({"table": table}, out, plan, tests={"emodb": corpus})


@pytest.fixture(scope="module")
def encoder(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Made from the command line, like everyone does."""
    folder = tmp_path_factory.mktemp("encoder")
    base = save_tiny_encoder(folder / "tiny")
    out = folder / "weights"
    words = ["train", "emotion", "--corpus", f"table={table}", "--network", "encoder"]
    words += ["--encoder", str(base), "--epochs", "1", "--folds", "2", "--out", str(out), "--json"]
    assert main(words) == 0
    return out, load_card(out)


def result(rows: list[dict], measure: str) -> dict:
    (row,) = [row for row in rows if row["measure"].startswith(measure)]
    return row


def texts(folder: Path) -> str:
    """All that a folder of weights says in words."""
    files = [file for ending in ("md", "json") for file in folder.rglob(f"*.{ending}")]
    return "\n".join(file.read_text() for file in files)


def test_manners_of_voice_are_told_apart_in_new_speakers(trained: Trained) -> None:
    _, card = trained
    arousal = result(card["results"], "AUC high/low arousal")
    assert arousal["value"] > 0.9 > arousal["trivial"]["constant"]
    assert {"constant", "loudness"} <= set(arousal["trivial"])
    assert result(card["results"], "CCC arousal")["trivial"]["constant"] == 0
    classes = result(card["results"], "UAR of 4 classes")
    assert classes["value"] > 0.6
    assert classes["trivial"]["majority"] == 0.25


def test_every_utterance_is_tested_once_at_its_natural_prevalence(trained: Trained) -> None:
    found = trained[1]["confusion"]["emodb"]
    assert found["labels"] == ["neutral", "happy", "sad", "boredom"], "boredom is a class"
    sizes = dict(zip(found["labels"], np.sum(found["matrix"], axis=1).tolist(), strict=True))
    assert sizes == {name: count * len(SPEAKERS) for name, count in TAKES.items()}
    row = result(trained[1]["results"], "UAR of 4 classes")
    assert (row["utterances"], row["speakers"]) == (UTTERANCES, len(SPEAKERS))
    assert set(found["recalls"]) == set(found["labels"])


def test_the_card_says_what_was_done(trained: Trained) -> None:
    out, card = trained
    assert json.loads((out / "card.json").read_text()) == card
    assert card["trained_emotions"] == ["neutral", "happy", "sad"]
    assert card["labels"] == list(LABELS)
    assert card["emotions"] == list(EMOTIONS)
    (data,) = card["data"]
    assert data == {"corpus": "emodb", "licence": "CC0-1.0", "utterances": UTTERANCES,
                    "speakers": len(SPEAKERS), "rated": False}  # fmt: skip
    tested = [name for fold in card["protocol"]["folds"]["0"] for name in fold["emodb"]]
    assert sorted(tested) == [f"emodb-{speaker}" for speaker in SPEAKERS]
    assert card["protocol"]["training"]["epochs"] == PLAN.epochs
    assert card["network"]["kind"] == "statistics"
    assert card["temperature"] > 0
    assert set(card["calibration"]) == {"error_before", "error_after"}
    assert all(0 <= error <= 1 for error in card["calibration"].values())
    assert set(card["baselines"]["loudness"]) == {"slope", "intercept", "threshold"}
    assert sum(card["baselines"]["constant"][: len(LABELS)]) == pytest.approx(1, abs=1e-3)
    assert card["baselines"]["constant"][LABELS.index("neutral")] == pytest.approx(5 / 12, abs=1e-3)
    assert card["command"] == (
        "emotion-shortform train emotion --corpus emodb=PATH --folds 2 --epochs 6 --out FOLDER"
    )


def test_the_files_are_for_people_and_name_no_place(trained: Trained, corpus: Path) -> None:
    out, card = trained
    names = sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
    assert names == [
        "CARD.md", "card.json", "replay.safetensors", "report/confusion-emodb.png",
        "report/report.json", "report/report.md", "weights.safetensors",
    ]  # fmt: skip
    assert not kept_folders(out)
    text = (out / "CARD.md").read_text()
    assert text.index("cannot do") < text.index("held-out speakers")
    for name in ("surprise", "angry", "fear", "disgust"):
        assert name in text.partition("They never heard ")[2].partition(":")[0]
    assert card["command"] in text
    assert "Burkhardt" in text, "whom to name"
    assert (out / "report" / "confusion-emodb.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads((out / "report" / "report.json").read_text())
    assert (report["results"], report["confusion"]) == (card["results"], card["confusion"])
    assert "UAR of 4 classes" in (out / "report" / "report.md").read_text()
    everything = texts(out)
    for place in (str(corpus), str(out), str(out.parent), str(Path.home()), str(Path.cwd())):
        assert place not in everything


def test_the_weights_load_and_tag_and_never_show_boredom(trained: Trained, corpus: Path) -> None:
    out, card = trained
    signal = SpeechEmotion(out)
    assert signal.card == card
    rows = read_corpora({"emodb": corpus})
    speaker = [row for row in rows if row.speaker == "emodb-03"]
    cells = [cell_frames(read_samples(row)) for row in speaker]
    frames = np.concatenate([part.frames for part in cells])
    speech = np.concatenate([part.speech for part in cells])
    track = signal.tag(frames, speech)
    assert track.shape == (2 * len(speaker), 10)
    assert "boredom" not in signal.columns
    np.testing.assert_allclose(track[:, : len(EMOTIONS)].sum(axis=1), 1, atol=1e-5)
    never = [EMOTIONS.index(name) for name in EMOTIONS if name not in card["trained_emotions"]]
    assert len(never) == 4
    assert (track[:, never] == 0).all(), "never heard, never claimed"
    heard = signal.hear(frames, speech)
    bored = heard[:, LABELS.index("boredom")] > 0.8
    assert bored.any(), "the network hears it"
    assert (track[bored, -1] < 0.5).all(), "and then nothing that is shown is sure"


def test_evaluation_warns_of_what_was_trained_on(trained: Trained, corpus: Path) -> None:
    report = evaluate_emotion(trained[0], {"emodb": corpus})
    (warning,) = report["warnings"]
    assert "emodb was trained on" in warning
    assert report["version"] == SpeechEmotion(trained[0]).version
    assert result(report["results"], "AUC high/low arousal")["value"] > 0.9
    assert result(report["results"], "UAR of 4 classes")["value"] > 0.6
    for row in report["results"]:
        assert row["trivial"]


def test_an_evaluation_of_strangers_is_written(
    trained: Trained, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    words = ["evaluate", "emotion", "--corpus", f"table={table}", "--weights", str(trained[0])]
    assert main([*words, "--out", str(out)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["warnings"] == []
    assert report == json.loads((out / "report.json").read_text())
    assert sorted(file.name for file in out.iterdir()) == [
        "confusion-mine.png", "report.json", "report.md",
    ]  # fmt: skip
    text = (out / "report.md").read_text()
    assert "Warning" not in text
    assert str(table.parent) not in texts(out)
    (row,) = [row for row in report["results"] if row["measure"].startswith("CCC arousal")]
    assert row["utterances"] == 20


def test_an_interrupted_training_goes_on_to_the_same_numbers(
    brief: Trained, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "weights"
    now = 0.0

    def told(share: float, message: str) -> None:
        nonlocal now
        now = share

    with pytest.raises(Cancelled):
        train_emotion({"table": table}, out, BRIEF, progress=told, cancelled=lambda: now > 0.65)
    assert not out.exists()
    (kept,) = kept_folders(out)
    finished = {file.name: file.stat().st_mtime_ns for file in kept.iterdir()}
    assert len(finished) == 4 * 2 + 1, "two folds of the references, one of the network"
    measuring: list[float] = []
    late: dict[str, int] = {}

    def again(share: float, message: str) -> None:
        if message == "measuring on held-out speakers":
            measuring.append(share)
        if message == "training on all speakers" and not late:
            late.update({file.name: file.stat().st_mtime_ns for file in kept.iterdir()})

    card = train_emotion({"table": table}, out, BRIEF, progress=again)
    assert card == brief[1]
    weights, whole = (folder / "weights.safetensors" for folder in (out, brief[0]))
    assert weights.read_bytes() == whole.read_bytes()
    assert not kept.exists()
    assert sum(share < now - 0.15 for share in measuring) < len(finished), "it jumps over them"
    assert {name: late[name] for name in finished} == finished, "they are not written again"
    assert len(late) == len(finished) + 1


def test_other_options_do_not_go_on_from_the_folds_of_these(
    brief: Trained, table: Path, tmp_path: Path
) -> None:
    """Folds of another plan lie beside the weights."""
    out = tmp_path / "weights"
    done = ""

    def told(share: float, message: str) -> None:
        nonlocal done
        done = message

    with pytest.raises(Cancelled):
        train_emotion(
            {"table": table}, out, Plan(folds=2, epochs=1), progress=told,
            cancelled=lambda: done == "training on all speakers",
        )  # fmt: skip
    assert train_emotion({"table": table}, out, BRIEF) == brief[1]


def test_a_recurrent_network_is_trained_and_tested_elsewhere(
    recurrent: Trained, corpus: Path
) -> None:
    out, card = recurrent
    assert card["network"]["kind"] == "lstm"
    assert card["protocol"]["training"]["balance"] == "weights"
    assert card["protocol"]["training"]["thin_neutral"]
    assert {row["corpus"] for row in card["results"]} == {"mine"}
    assert {row["corpus"] for row in card["other_corpora"]} == {"emodb"}
    (row,) = [row for row in card["other_corpora"] if row["measure"].startswith("CCC valence")]
    assert row["utterances"] == UTTERANCES
    assert card["command"] == (
        "emotion-shortform train emotion --corpus table=PATH --test emodb=PATH --network lstm "
        "--folds 2 --epochs 1 --balance weights --thin-neutral --out FOLDER"
    )
    text = (out / "CARD.md").read_text()
    assert text.index("never trained or tuned on") < text.index("On held-out speakers")
    assert "bidirectional LSTM" in text
    assert {file.name for file in (out / "report").glob("*.png")} == {
        "confusion-emodb.png", "confusion-mine.png",
    }  # fmt: skip
    assert evaluate_emotion(out, {"emodb": corpus})["results"] == card["other_corpora"]
    assert str(corpus) not in texts(out)
    assert not kept_folders(out)


def test_an_encoder_is_trained_from_the_command_line(encoder: Trained, table: Path) -> None:
    out, card = encoder
    assert card["command"] == (
        "emotion-shortform train emotion --corpus table=PATH --network encoder --encoder PATH "
        "--folds 2 --epochs 1 --out FOLDER"
    )
    assert card["protocol"]["training"]["epochs"] == 1
    assert card["protocol"]["copies"] == 0
    assert card["results"]
    assert card["trained_emotions"] == ["neutral", "happy", "sad"]
    assert "fine-tuned wav2vec2" in (out / "CARD.md").read_text()
    assert (out / "report" / "report.md").is_file()
    assert not kept_folders(out)
    for place in (str(table.parent), str(out.parent)):
        assert place not in texts(out)
    _, loaded = load_speech_encoder(out)
    assert loaded == card
    report = evaluate_emotion(out, {"table": table})
    assert report["version"].startswith("encoder-")
    assert "mine was trained on" in report["warnings"][0]
    measures = [row["measure"] for row in report["results"]]
    assert measures == [row["measure"] for row in card["results"]]
    with pytest.raises(ModelError, match="other features"):
        SpeechEmotion(out)


def test_an_encoder_keeps_its_folds_but_not_their_states(
    encoder: Trained, table: Path, tmp_path: Path
) -> None:
    """A state of a large encoder is a gigabyte; the claims of a fold are all that is needed."""
    now = ""

    def told(share: float, message: str) -> None:
        nonlocal now
        now = message

    base = str(encoder[0].parent / "tiny")
    plan = Plan("encoder", encoder=base, folds=2, epochs=1)
    with pytest.raises(Cancelled):
        train_emotion(
            {"table": table}, tmp_path / "out", plan, progress=told,
            cancelled=lambda: now == "training on all speakers",
        )  # fmt: skip
    kept = [file.name for file in kept_folders(tmp_path / "out")[0].rglob("*")]
    assert len(kept) == 5 * 2
    assert all(name.endswith(".npy") for name in kept)


@pytest.mark.parametrize("balance", ["drawing", "weights", "smote"])
def test_nothing_is_measured_without_folds(balance: str, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    card = train_emotion({"table": table}, out, Plan(folds=0, epochs=1, balance=balance))
    assert card["results"] == []
    assert card["protocol"]["folds"] == {}
    assert card["protocol"]["seeds"] == []
    assert "held-out speakers of the training" not in (out / "CARD.md").read_text()
    assert not (out / "report").exists()
    assert np.isfinite(SpeechEmotion(out).training.mean).all()


def test_the_seed_of_a_training_is_fixed(table: Path, tmp_path: Path) -> None:
    plan = Plan(folds=0, epochs=1)
    one, other = (train_emotion({"table": table}, tmp_path / name, plan) for name in "ab")
    assert one == other
    assert (
        one["sha256"]
        != train_emotion({"table": table}, tmp_path / "c", Plan(folds=0, epochs=2))["sha256"]
    )


def test_the_current_folder_can_hold_the_weights(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.chdir(folder)
    train_emotion({"table": table}, Path(), Plan(folds=0, epochs=1))
    assert SpeechEmotion(folder).card["name"] == "speech-emotion"
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Plan("transformer"), ModelError, "no network 'transformer'"),
        (lambda: Plan("encoder"), UsageError, "--encoder FOLDER"),
        (lambda: Plan("lstm", encoder="x"), UsageError, "go together"),
        (lambda: Plan("encoder", encoder="x", balance="smote"), UsageError, "balanced drawing"),
        (lambda: Plan("encoder", encoder="x", thin_neutral=True), UsageError, "balanced drawing"),
        (lambda: Plan(adapters=True), UsageError, "belong to an encoder"),
        (lambda: Plan(seeds=0), UsageError, "1 or more seeds"),
        (lambda: Plan(folds=1), UsageError, "2 or more folds"),
        (lambda: Plan(folds=-2), UsageError, "2 or more folds"),
        (lambda: Plan(epochs=0), UsageError, "positive"),
        (lambda: Plan("encoder", encoder="x", epochs=0), UsageError, "positive"),
        (lambda: Plan(balance="luck"), UsageError, "no way to balance.*drawing, weights, smote"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    make: Callable[[], Plan], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--network", "magic"], 1, NETWORKS[1]),
        (["--network", "encoder"], 2, "--encoder FOLDER"),
        (["--folds", "1"], 2, "2 or more folds"),
        (["--balance", "luck"], 2, "drawing, weights, smote"),
        (["--test", "table=SAME"], 1, "both trained on and tested"),
    ],
)
def test_the_command_line_says_in_one_line_what_is_wrong(
    words: list[str], code: int, message: str, table: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    given = ["train", "emotion", "--corpus", f"table={table}", "--out", str(tmp_path / "out")]
    assert main([*given, *(word.replace("SAME", str(table)) for word in words)]) == code
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_or_silent_corpus_is_refused(table: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no reader"):
        train_emotion({"ravel": table}, tmp_path / "out")
    calm = make_table(tmp_path / "calm.csv", {"a": "", "b": ""}, ("sad", "sad"),
                      relabelled={"a": "calm", "b": "calm"})  # fmt: skip
    with pytest.raises(CorpusError, match="no utterance has an emotion"):
        train_emotion({"table": calm}, tmp_path / "out", PLAN)
    assert not (tmp_path / "out").exists()


def test_a_corpus_is_not_both_trained_on_and_tested(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="both"):
        train_emotion({"emodb": corpus}, tmp_path / "out", tests={"emodb": corpus})


def test_nothing_is_written_when_cancelled(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        train_emotion({"emodb": corpus}, tmp_path / "out", cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_the_names_of_the_files_do_not_matter_to_the_order(corpus: Path) -> None:
    rows = read_corpora({"emodb": corpus})
    assert [row.name for row in rows] == sorted(row.name for row in rows)
    assert len(rows) == UTTERANCES


def test_silence_beside_a_voice_is_no_speech() -> None:
    random = np.random.default_rng(0)
    sound = voice("happy", 120.0, random, 1.0)
    speech = cell_frames(np.concatenate([sound, np.zeros(RATE, np.float32)])).speech
    assert speech[0].mean() > 0.9
    assert speech[1].sum() == 0


def test_copies_differ_and_are_the_same_each_time(corpus: Path) -> None:
    rows = read_corpora({"emodb": corpus})[:2]
    first, again = (read_cells(rows, copies=1, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first[1][1].frames, again[1][1].frames)
    assert first[0][1].frames.shape != first[0][0].frames.shape or not np.array_equal(
        first[0][1].frames, first[0][0].frames, equal_nan=True
    )
    silent = disturbed(np.zeros(RATE, np.float32), np.random.default_rng(0))
    assert np.isfinite(silent).all()


def test_other_rates_and_stereo_are_read_and_broken_files_named(tmp_path: Path) -> None:
    def corpus_of(data: np.ndarray, rate: int) -> Path:
        soundfile.write(tmp_path / "03a01Wa.wav", data, rate)
        return tmp_path

    stereo = np.zeros((44_100, 2), np.float32)
    (row,) = read_corpora({"emodb": corpus_of(stereo, 44_100)})
    assert read_samples(row).shape == (RATE,)
    (row,) = read_corpora({"emodb": corpus_of(stereo[:100], 44_100)})
    with pytest.raises(CorpusError, match="shorter"):
        read_samples(row)
    (tmp_path / "03a01Wa.wav").write_bytes(b"no sound")
    with pytest.raises(CorpusError, match="cannot be read") as caught:
        read_samples(row)
    assert caught.value.path == row.file


def test_loudness_is_told_beside_the_usual_of_the_speaker() -> None:
    random = np.random.default_rng(0)
    rows = [
        made_utterance(f"{speaker}-{emotion}", speaker, emotion)
        for speaker in ("a", "b")
        for emotion in ("happy", "sad")
    ]
    cells = [made_cells(row.emotion, random)[0] for row in rows]
    for quiet in cells[2:]:
        quiet.frames[..., 0] -= 50.0
    level = loudness(rows, cells)
    np.testing.assert_allclose(level[:2], level[2:], atol=0.2)
    assert level[0] > 0 > level[1]
    arousal, high = LoudnessBaseline.fit(rows, level).run(level)
    assert high.tolist() == [True, False, True, False]
    np.testing.assert_allclose(arousal, [0.6, -0.5, 0.6, -0.5], atol=0.1)


def test_one_utterance_per_speaker_has_no_loudness_to_compare() -> None:
    """Where every level is the same there is no slope, and no number that is none."""
    random = np.random.default_rng(0)
    rows = [made_utterance(name, name, emotion) for name, emotion in (("a", "happy"), ("b", "sad"))]
    level = loudness(rows, [made_cells(row.emotion, random)[0] for row in rows])
    baseline = LoudnessBaseline.fit(rows, level)
    assert baseline.as_json() == {"slope": 0.0, "intercept": 0.05, "threshold": 0.0}
    arousal, _ = baseline.run(level)
    np.testing.assert_allclose(arousal, 0.05)
