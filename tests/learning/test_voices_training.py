from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import CorpusError
from core.learning.corpora import Utterance
from core.learning.voice_registers import voice_registers
from core.learning.voices_training import LEAST_SURENESS, Regression, Stretches, train_voices
from core.signals.voices import DIMENSION, PITCH, VOICING, Voices

SPEAKERS = 10
"""Of each corpus, every second of the high register."""


def utterance(corpus: str, speaker: int, number: int) -> Utterance:
    excited = number % 2 == 1
    name = f"{corpus}-{speaker}"
    return Utterance(corpus, f"{name}-{number}", Path("none.wav"), 0.0, None, name, name,
                     "angry" if excited else "sad", None, 0.8 if excited else -0.5, -0.7, (),
                     "CC0-1.0")  # fmt: skip


def sound(row: Utterance, high: bool, random: np.random.Generator) -> NDArray[np.float32]:
    """Registers differ in tract and pitch; excitement raises the pitch about as much."""
    frames = random.normal(0.0, 1.0, (150, DIMENSION)).astype(np.float32)
    frames[:, 1:4] += 6.0 * high
    frames[:, PITCH] += 8.0 * high + 6.0 * (row.emotion == "angry")
    frames[:, VOICING] = 0.9
    return frames


@pytest.fixture
def table() -> tuple[list[Utterance], list[NDArray[np.float32]], dict[str, bool]]:
    random = np.random.default_rng(0)
    rows = [
        utterance(corpus, speaker, number)
        for corpus in ("a", "b")
        for speaker in range(SPEAKERS)
        for number in range(12)
    ]
    high = {row.speaker: int(row.speaker[2:]) % 2 == 1 for row in rows}
    return rows, [sound(row, high[row.speaker], random) for row in rows], high


def test_trained_weights_tell_registers_apart_and_keep_an_excited_voice_whole(
    table: tuple[list[Utterance], list[NDArray[np.float32]], dict[str, bool]], tmp_path: Path
) -> None:
    rows, spoken, high = table
    card = train_voices(rows, spoken, high, tmp_path)
    assert card["sureness"] >= LEAST_SURENESS
    assert [entry["speakers"] for entry in card["data"]] == [SPEAKERS, SPEAKERS]
    shares = {(r["test"], r["corpus"], r["videos of"]): r["two voices heard"]
              for r in card["results"]}  # fmt: skip
    assert shares["held-out speakers", "a", "one voice"] <= 0.02
    assert shares["held-out corpus", "b", "one voice"] <= 0.02
    assert shares["held-out speakers", "a", "low and high"] > 0.3
    signal = Voices(tmp_path)
    one = np.concatenate(spoken[:8]).reshape(-1, 50, DIMENSION)
    other = np.concatenate(spoken[12:20]).reshape(-1, 50, DIMENSION)
    frames = np.concatenate([one, other])
    labels = signal.labels(frames, np.ones(len(frames), np.float32))
    assert (labels == np.repeat([0, 1], [len(one), len(other)])).mean() > 0.95
    assert set(signal.labels(one, np.ones(len(one), np.float32)).tolist()) == {0}


def test_the_same_corpora_make_the_same_weights(
    table: tuple[list[Utterance], list[NDArray[np.float32]], dict[str, bool]], tmp_path: Path
) -> None:
    first = train_voices(*table, tmp_path / "first")
    assert train_voices(*table, tmp_path / "second") == first


def test_a_speaker_of_unknown_register_is_refused(
    table: tuple[list[Utterance], list[NDArray[np.float32]], dict[str, bool]],
) -> None:
    rows, spoken, high = table
    del high["a-0"]
    with pytest.raises(CorpusError, match="a-0"):
        Stretches.of(rows, spoken, high)


def test_one_register_alone_teaches_nothing(
    table: tuple[list[Utterance], list[NDArray[np.float32]], dict[str, bool]],
) -> None:
    rows, spoken, high = table
    with pytest.raises(CorpusError, match="one register"):
        Regression.fit(Stretches.of(rows, spoken, dict.fromkeys(high, True)))


def test_silent_corpora_are_refused(
    table: tuple[list[Utterance], list[NDArray[np.float32]], dict[str, bool]],
) -> None:
    rows, spoken, high = table
    with pytest.raises(CorpusError, match="enough speech"):
        Stretches.of(rows, [frames[:5] for frames in spoken], high)


def test_the_registers_are_those_that_the_corpora_name(tmp_path: Path) -> None:
    (tmp_path / "speakers.csv").write_text(
        "ActorID,Age,Sex\n1001,51,Male\n1002,21,Female\n1003,30, female \n"
    )
    registers = voice_registers({"emodb": tmp_path / "emodb", "crema-d": tmp_path})
    assert {name: high for name, high in registers.items() if name.startswith("crema-d")} == {
        "crema-d-1001": False, "crema-d-1002": True, "crema-d-1003": True,
    }  # fmt: skip
    german = {name: high for name, high in registers.items() if name.startswith("emodb")}
    assert len(german) == 10
    assert sum(german.values()) == 5
    assert german["emodb-08"]
    assert not german["emodb-03"]


def test_a_corpus_that_names_no_registers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"'nemo' does not say.*emodb and crema-d"):
        voice_registers({"nemo": tmp_path})
    with pytest.raises(CorpusError, match="cannot be read"):
        voice_registers({"crema-d": tmp_path})
    (tmp_path / "speakers.csv").write_text("ActorID,Age\n1001,51\n")
    with pytest.raises(CorpusError, match=r"columns are missing \(Sex\)"):
        voice_registers({"crema-d": tmp_path})
