"""From a tiny made corpus to weights and their report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import Cancelled, CorpusError
from core.learning.corpora import read_corpora
from core.learning.emotion_evaluation import evaluate_emotion
from core.learning.emotion_features import cell_frames, disturbed, read_cells, read_samples
from core.learning.emotion_training import train_emotion, trained_emotions
from core.signals.mfcc import mfcc_cell
from core.signals.speech_emotion import SpeechEmotion

RATE = 16_000


def voice(excited: bool, base: float, random: np.random.Generator) -> np.ndarray:
    """A buzz that is high, fast, bright and loud, or low, slow, dull and quiet."""
    time = np.arange(round(1.4 * RATE)) / RATE
    pitch = base * (1.4 if excited else 0.9) * random.uniform(0.9, 1.1)
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * 3 * time))) / RATE
    slope = random.uniform(0.8, 1.2) if excited else random.uniform(1.4, 2.0)
    sound = sum(np.sin(k * phase) / k**slope for k in range(1, 16))
    rhythm = 2 * np.pi * ((6 if excited else 3) * time + random.random())
    level = (0.1 if excited else 0.02) * random.uniform(0.7, 1.4)
    voiced = level * (0.6 + 0.4 * np.sin(rhythm)) * sound
    return (voiced + random.normal(0, 1e-3, len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six speakers, angry and sad, named like EMO-DB."""
    folder = tmp_path_factory.mktemp("emodb")
    random = np.random.default_rng(0)
    speakers = zip(("03", "08", "09", "10", "11", "12"), range(110, 230, 20), strict=True)
    for speaker, base in speakers:
        for take in range(12):
            letter, excited = ("W", True) if take % 2 else ("T", False)
            sound = voice(excited, base, random)
            soundfile.write(folder / f"{speaker}a{take:02d}{letter}a.wav", sound, RATE)
    return folder


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("out") / "weights"
    seen: list[float] = []
    card = train_emotion(
        {"emodb": corpus}, out, epochs=8, folds=2,
        progress=lambda share, message: seen.append(share),
    )  # fmt: skip
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    return out, card


def result(rows: list[dict], measure: str) -> dict:
    (row,) = [row for row in rows if row["measure"].startswith(measure)]
    return row


def test_excited_and_calm_voices_are_told_apart_in_new_speakers(trained: tuple) -> None:
    _, card = trained
    row = result(card["results"], "AUC high/low arousal")
    assert row["value"] > 0.9 > row["trivial"]["constant"]
    assert set(row["trivial"]) == {"constant", "loudness"}
    assert result(card["results"], "CCC arousal")["trivial"]["constant"] == 0


def test_the_weights_load_and_tag(trained: tuple, corpus: Path) -> None:
    out, card = trained
    signal = SpeechEmotion(out)
    assert signal.card == json.loads((out / "card.json").read_text()) == card
    samples = read_samples(read_corpora({"emodb": corpus})[0])
    cells = cell_frames(samples)
    track = signal.tag(cells.mfcc, cells.speech)
    assert track.shape == (2, 9)
    assert (track[:, [1, 2, 4, 6]] == 0).all(), "never heard, never claimed"
    assert sorted(file.name for file in out.iterdir()) == [
        "CARD.md", "card.json", "weights.safetensors",
    ]  # fmt: skip
    text = (out / "CARD.md").read_text()
    assert text.index("cannot do") < text.index("held-out speakers")
    assert str(corpus) not in text


def test_evaluation_warns_of_what_was_trained_on(trained: tuple, corpus: Path) -> None:
    report = evaluate_emotion(trained[0], {"emodb": corpus})
    assert any("emodb" in warning for warning in report["warnings"])
    assert result(report["results"], "AUC high/low arousal")["value"] > 0.9


def test_the_names_of_the_files_do_not_matter_to_the_order(corpus: Path) -> None:
    rows = read_corpora({"emodb": corpus})
    assert [row.name for row in rows] == sorted(row.name for row in rows)
    assert trained_emotions(rows) == ["angry", "sad"]


def test_a_corpus_is_not_both_trained_on_and_tested(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="both"):
        train_emotion({"emodb": corpus}, tmp_path / "out", tests={"emodb": corpus})


def test_nothing_is_written_when_cancelled(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        train_emotion({"emodb": corpus}, tmp_path / "out", cancelled=lambda: True)
    assert not (tmp_path / "out").exists()


def test_training_cells_are_those_of_the_analysis(corpus: Path) -> None:
    sound = read_samples(read_corpora({"emodb": corpus})[0])
    cells = cell_frames(sound)
    assert cells.mfcc.shape[:2] == (2, 50)
    np.testing.assert_allclose(cells.mfcc[0], mfcc_cell(sound[:RATE]), atol=1e-3)
    np.testing.assert_allclose(cells.mfcc[1, :20], mfcc_cell(sound[RATE:]), atol=1e-3)
    assert np.isnan(cells.mfcc[1, 20:]).all()
    assert (cells.speech[1, 20:] == 0).all()


def test_silence_beside_a_voice_is_no_speech() -> None:
    random = np.random.default_rng(0)
    sound = np.concatenate([voice(True, 120.0, random)[:RATE], np.zeros(RATE, np.float32)])
    speech = cell_frames(sound).speech
    assert speech[0].mean() > 0.9
    assert speech[1].sum() == 0


def test_copies_differ_and_are_the_same_each_time(corpus: Path) -> None:
    rows = read_corpora({"emodb": corpus})[:2]
    first, again = (read_cells(rows, copies=1, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first[1][1].mfcc, again[1][1].mfcc)
    assert first[0][1].mfcc.shape != first[0][0].mfcc.shape or not np.array_equal(
        first[0][1].mfcc, first[0][0].mfcc, equal_nan=True
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
