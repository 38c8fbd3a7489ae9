"""A tiny speech encoder, fine-tuned on a tiny made corpus."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.corpora import Utterance, one_hot
from core.learning.encoder_training import EncoderClaimant, EncoderRecogniser, FineTuning, windows
from core.learning.recogniser import AROUSAL, CLAIMS, VALENCE
from core.networks.emotion_classes import LABELS
from core.networks.speech_encoder import load_speech_encoder
from tests.networks.test_speech_encoder import save_tiny_encoder

RATE = 16_000
QUICK = FineTuning(epochs=2, batch=8, encoder_rate=1e-3, head_rate=1e-2)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_encoder(tmp_path_factory.mktemp("encoder")))


@pytest.fixture(scope="module")
def corpus() -> tuple[list[Utterance], list[np.ndarray]]:
    """Angry noise that hisses and sad noise that rumbles, of three lengths."""
    random = np.random.default_rng(0)
    utterances, sounds = [], []
    for number in range(32):
        angry = number % 2 == 1
        noise = random.normal(0, 0.1, (8000, 9600, 12_000)[number % 3] + 1)
        sound = np.diff(noise) if angry else np.cumsum(noise)[1:] * 0.05
        emotion = "angry" if angry else "sad"
        utterances.append(
            Utterance(
                "made", f"{number:02d}", Path(f"{number:02d}.wav"), 0.0, None,
                f"s{number % 4}", f"s{number % 4}", emotion,
                one_hot(emotion),
                0.8 if angry else -0.5, -0.7, (), "CC0-1.0",
            )
        )  # fmt: skip
        sounds.append(sound.astype(np.float32))
    return utterances, sounds


def fit(
    recogniser: EncoderRecogniser, rows: range = range(24), *, seed: int = 0
) -> EncoderClaimant:
    return recogniser.fit(
        np.array(rows), seed=seed, progress=lambda share: None, cancelled=lambda: False
    )


def same(one: EncoderClaimant, other: EncoderClaimant) -> bool:
    theirs = other.network.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.network.state_dict().items())


def test_two_emotions_are_told_apart_in_sounds_that_were_not_learned(
    checkpoint: str, corpus: tuple, tmp_path: Path
) -> None:
    settings = replace(QUICK, epochs=20)
    recogniser = EncoderRecogniser(*corpus, checkpoint, settings)
    assert recogniser.name == "speech-encoder wav2vec2"
    claimant = fit(recogniser)
    claims = claimant(np.arange(24, 32))
    assert claims.shape == (8, CLAIMS)
    assert claims[:, :8].sum(axis=1) == pytest.approx(1, abs=1e-5)
    angry = np.arange(24, 32) % 2 == 1
    assert ((claims[:, LABELS.index("angry")] > 0.5) == angry).all()
    assert claims[angry, AROUSAL].min() > claims[~angry, AROUSAL].max()
    assert np.isfinite(claims[:, VALENCE]).all()
    unlearned = [index for index, name in enumerate(LABELS) if name not in ("angry", "sad")]
    assert (claims[:, unlearned] == 0).all()
    card = claimant.save(tmp_path, {"name": "mine"})
    loaded, found = load_speech_encoder(tmp_path)
    assert found == card
    assert np.array_equal(EncoderClaimant(loaded, corpus[1])(np.arange(24, 32)), claims)


def test_the_seed_decides_everything(checkpoint: str, corpus: tuple) -> None:
    recogniser = EncoderRecogniser(*corpus, checkpoint, QUICK)
    one = fit(recogniser)
    torch.manual_seed(1234)
    assert same(one, fit(recogniser))
    assert not same(one, fit(recogniser, seed=1))


def test_other_rows_are_not_looked_at(checkpoint: str, corpus: tuple) -> None:
    utterances, sounds = corpus
    others = [replace(row, emotion="happy", arousal=0.0) for row in utterances[24:]]
    changed = EncoderRecogniser(
        [*utterances[:24], *others], [*sounds[:24], *(sound * 0 for sound in sounds[24:])],
        checkpoint, QUICK,
    )  # fmt: skip
    assert same(fit(EncoderRecogniser(*corpus, checkpoint, QUICK)), fit(changed))


def test_the_convolutions_stay_as_they_were(checkpoint: str, corpus: tuple) -> None:
    from transformers import AutoModel

    before = AutoModel.from_pretrained(checkpoint).state_dict()
    after = fit(EncoderRecogniser(*corpus, checkpoint, QUICK)).network.encoder.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert not any(name.startswith("feature_extractor") for name in moved)
    assert any("q_proj" in name for name in moved)


@pytest.mark.parametrize("adapters", [False, True])
def test_an_interrupted_training_goes_on_to_the_same_weights(
    adapters: bool, checkpoint: str, corpus: tuple, tmp_path: Path
) -> None:
    if adapters:
        pytest.importorskip("peft", reason="low-rank adapters need the package peft")
    settings = replace(QUICK, epochs=3, adapters=adapters)
    whole = fit(EncoderRecogniser(*corpus, checkpoint, settings))
    interrupted = EncoderRecogniser(*corpus, checkpoint, settings, checkpoints=tmp_path)
    seen: list[float] = []
    with pytest.raises(Cancelled):
        interrupted.fit(
            np.arange(24), seed=0, progress=seen.append, cancelled=lambda: max(seen) > 0.5
        )
    again = EncoderRecogniser(*corpus, checkpoint, settings, checkpoints=tmp_path)
    resumed: list[float] = []
    claimant = again.fit(np.arange(24), seed=0, progress=resumed.append, cancelled=lambda: False)
    assert resumed[0] == pytest.approx(1 / 3)
    assert resumed[-1] == 1
    assert same(claimant, whole)
    finished: list[float] = []
    assert same(
        again.fit(np.arange(24), seed=0, progress=finished.append, cancelled=lambda: False), whole
    )
    assert finished == [1]
    again.remove_checkpoints()
    assert list(tmp_path.iterdir()) == []


def test_another_fold_does_not_go_on_from_this_one(
    checkpoint: str, corpus: tuple, tmp_path: Path
) -> None:
    kept = EncoderRecogniser(*corpus, checkpoint, QUICK, checkpoints=tmp_path)
    fit(kept)
    other = fit(kept, range(8, 32))
    assert same(other, fit(EncoderRecogniser(*corpus, checkpoint, QUICK), range(8, 32)))


def test_dimensions_teach_where_the_emotion_is_not_known(checkpoint: str, corpus: tuple) -> None:
    utterances, sounds = corpus
    partly = [
        row if number % 4 < 2 else replace(row, emotion=None, distribution=None)
        for number, row in enumerate(utterances)
    ]
    claimant = fit(EncoderRecogniser(partly, sounds, checkpoint, replace(QUICK, epochs=1)))
    assert np.isfinite(claimant(np.arange(32))).all()
    nothing = [replace(row, emotion=None, distribution=None) for row in utterances]
    with pytest.raises(CorpusError, match="no utterance has an emotion"):
        fit(EncoderRecogniser(nothing, sounds, checkpoint, QUICK))


def test_boredom_is_learned_though_it_has_no_distribution(checkpoint: str, corpus: tuple) -> None:
    utterances, sounds = corpus
    bored = [
        replace(row, emotion="boredom", distribution=None) if row.emotion == "sad" else row
        for row in utterances
    ]
    claims = fit(EncoderRecogniser(bored, sounds, checkpoint, QUICK))(np.arange(24, 32))
    assert (claims[:, LABELS.index("boredom")] > 0).all()
    assert (claims[:, LABELS.index("sad")] == 0).all()


def test_a_table_that_does_not_fit_the_sounds_is_refused(checkpoint: str, corpus: tuple) -> None:
    utterances, sounds = corpus
    with pytest.raises(UsageError, match="31 sounds do not fit 32 utterances"):
        EncoderRecogniser(utterances, sounds[:-1], checkpoint, QUICK)


def test_a_long_utterance_is_the_mean_of_its_windows(checkpoint: str, corpus: tuple) -> None:
    network = fit(EncoderRecogniser(*corpus, checkpoint, QUICK)).network
    sound = np.random.default_rng(1).normal(0, 0.1, 7 * RATE).astype(np.float32)
    sound[: 4 * RATE] *= 0.1
    (found,) = EncoderClaimant(network, [sound])(np.array([0]))
    pieces = [sound[: 4 * RATE], sound[2 * RATE : 6 * RATE], sound[3 * RATE :]]
    assert found == pytest.approx(network.claims(pieces).mean(axis=0), abs=1e-5)
    silence = np.zeros(RATE, np.float32)
    assert np.isnan(EncoderClaimant(network, [silence])(np.array([0]))).all()


@pytest.mark.parametrize("seconds", [0.5, 4, 4.5, 6, 9.1])
def test_the_windows_of_an_utterance_hold_all_of_it(seconds: float) -> None:
    samples = np.arange(round(seconds * RATE), dtype=np.float32)
    cut = windows(samples)
    assert np.array_equal(np.unique(np.concatenate(cut)), samples)
    assert all(len(piece) == min(len(samples), 4 * RATE) for piece in cut)


def test_rates_that_teach_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="positive"):
        FineTuning(epochs=0)
    with pytest.raises(UsageError, match="positive"):
        FineTuning(encoder_rate=0.0)
