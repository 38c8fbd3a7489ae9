"""The signal that hears emotion in speech."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, ModelError, UsageError
from core.networks.emotion import EMOTIONS, EmotionNetwork, EmotionSettings
from core.networks.weights import save_weights
from core.places import MODELS
from core.signals.mfcc import DIMENSION, feature_contract
from core.signals.speech_emotion import Normalisation, SpeechEmotion


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights that never learned surprise."""
    torch.manual_seed(1)
    settings = EmotionSettings(DIMENSION, hidden=8)
    place = tmp_path_factory.mktemp("weights")
    card = {
        "contract": feature_contract(),
        "emotions": list(EMOTIONS),
        "trained_emotions": [name for name in EMOTIONS if name != "surprise"],
        "network": asdict(settings),
    }
    save_weights(place, EmotionNetwork(settings).state_dict(), card)
    return place


@pytest.fixture(scope="module")
def signal(folder: Path) -> SpeechEmotion:
    return SpeechEmotion(folder)


def cells(count: int, frames: int = 50) -> np.ndarray:
    random = np.random.default_rng(count + frames)
    return random.normal(0, 1, (count, frames, DIMENSION)).astype(np.float32)


def test_a_track_has_nine_columns(signal: SpeechEmotion) -> None:
    track = signal.tag(cells(5), np.ones(5))
    assert track.shape == (5, 9)
    assert track.dtype == np.float32
    assert signal.columns == (*EMOTIONS, "arousal", "valence")
    np.testing.assert_allclose(track[:, :7].sum(axis=1), 1, atol=1e-5)
    assert np.abs(track[:, 7:]).max() <= 1


def test_an_emotion_that_was_never_learned_is_never_claimed(signal: SpeechEmotion) -> None:
    assert (signal.tag(cells(5), np.ones(5))[:, EMOTIONS.index("surprise")] == 0).all()


def test_no_speech_no_claim(signal: SpeechEmotion) -> None:
    speech = np.zeros((6, 50))
    speech[2] = 0.9
    speech[4, :9] = 1.0
    speech[5, :10] = 1.0
    claimed = np.isfinite(signal.tag(cells(6), speech)).all(axis=1)
    assert claimed.tolist() == [False, False, True, False, False, True]
    assert np.isnan(signal.tag(cells(3), np.zeros(3))).all()
    assert np.isnan(signal.tag(cells(3), np.full(3, np.nan))).all()


def test_frames_that_are_no_speech_change_nothing(signal: SpeechEmotion) -> None:
    mfcc, speech = cells(6), np.ones((6, 50))
    speech[:, 20:30] = 0
    other = mfcc.copy()
    other[:, 20:30] = 1e6
    missing = mfcc.copy()
    missing[:, 20:30] = np.nan
    expected = signal.tag(mfcc, speech)
    np.testing.assert_array_equal(signal.tag(other, speech), expected)
    np.testing.assert_array_equal(signal.tag(missing, np.ones((6, 50))), expected)


def test_a_claim_hears_two_seconds_before_and_one_after(signal: SpeechEmotion) -> None:
    mfcc, fixed = cells(9), signal.training
    before = signal.tag(mfcc, np.ones(9), fixed)
    changed = mfcc.copy()
    changed[4] += 2.0
    differs = (signal.tag(changed, np.ones(9), fixed) != before).any(axis=1)
    assert differs.tolist() == [False, False, False, True, True, True, True, False, False]


@pytest.mark.parametrize("frames", [25, 50, 100])
def test_tagging_piece_by_piece_equals_tagging_at_once(signal: SpeechEmotion, frames: int) -> None:
    mfcc = cells(70, frames)
    speech = np.random.default_rng(0).random((70, frames))
    usual = signal.normalisation(mfcc, speech)
    whole = signal.tag(mfcc, speech, usual)
    before, after = signal.context(frames)
    pieces = []
    for first in range(0, 70, 17):
        last = min(first + 17, 70)
        start, stop = max(0, first - before), min(70, last + after)
        pieces.append(
            signal.tag(
                mfcc[start:stop], speech[start:stop], usual, first=first - start, last=last - start
            )
        )
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-5)


def test_normalisation_is_part_of_the_claim_by_default(signal: SpeechEmotion) -> None:
    mfcc = cells(4)
    usual = signal.normalisation(mfcc, np.ones(4))
    np.testing.assert_array_equal(signal.tag(mfcc, np.ones(4)), signal.tag(mfcc, np.ones(4), usual))


def test_much_speech_is_itself_and_little_is_usual() -> None:
    usual = Normalisation(np.zeros(2, np.float32), np.ones(2, np.float32))
    frames = np.random.default_rng(0).normal(5, 3, (20_000, 2)).astype(np.float32)
    much = Normalisation.of(frames, usual)
    np.testing.assert_allclose(much.mean, 5, atol=0.1)
    np.testing.assert_allclose(much.deviation, 3, atol=0.1)
    little = Normalisation.of(frames[:5], usual)
    assert little.mean.max() < 0.5
    assert little.deviation.min() > 0.9
    assert Normalisation.of(frames[:0], usual) is usual
    constant = Normalisation.of(np.full((10_000, 2), 4, np.float32), usual)
    assert np.isfinite(constant.apply(frames)).all()


def test_what_does_not_fit_is_refused(signal: SpeechEmotion) -> None:
    with pytest.raises(UsageError):
        signal.tag(cells(3)[:, :, :13], np.ones(3))
    with pytest.raises(UsageError):
        signal.tag(cells(3), np.ones((50, 3)))
    with pytest.raises(UsageError):
        signal.tag(cells(3), np.ones(3), first=2, last=4)


def test_no_cells_are_no_claims(signal: SpeechEmotion) -> None:
    assert signal.tag(cells(3), np.ones(3), first=1, last=1).shape == (0, 9)


def test_half_precision_says_nearly_the_same(signal: SpeechEmotion) -> None:
    mfcc = cells(6)
    stored = signal.tag(mfcc.astype(np.float16), np.ones(6, np.float16))
    np.testing.assert_allclose(stored, signal.tag(mfcc, np.ones(6)), atol=1e-2)


def test_cancelling_stops_it(signal: SpeechEmotion) -> None:
    with pytest.raises(Cancelled):
        signal.tag(cells(3), np.ones(3), cancelled=lambda: True)


def test_weights_of_other_features_are_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "other")
    card = json.loads((folder / "card.json").read_text())
    card["contract"]["hop"] = 512
    (tmp_path / "other" / "card.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="hop"):
        SpeechEmotion(tmp_path / "other")


def test_the_version_follows_the_weights(signal: SpeechEmotion, folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    assert signal.version.endswith(card["sha256"][:12])


@pytest.fixture(scope="module")
def shipped() -> SpeechEmotion:
    if not (MODELS / SpeechEmotion.name / "card.json").is_file():
        pytest.skip("the shipped weights are not in this checkout")
    return SpeechEmotion()


def test_shipped_weights_are_small_and_name_nothing_of_a_machine(shipped: SpeechEmotion) -> None:
    folder = MODELS / SpeechEmotion.name
    assert (folder / "weights.safetensors").stat().st_size < 3_000_000
    for name in ("card.json", "CARD.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not any(word in text for word in ("/work/", "/home/", "/tmp/", "\\Users"))
    assert {entry["licence"] for entry in shipped.card["data"]} == {"CC0-1.0", "ODbL-1.0"}


def test_shipped_weights_are_in_the_order_of_the_emotions(shipped: SpeechEmotion) -> None:
    assert shipped.card["emotions"] == list(EMOTIONS)
    assert shipped.training.mean.shape == (DIMENSION,)
    assert (shipped.training.deviation > 0).all()


def test_the_shipped_chain_hears_anger_as_more_excited_than_sadness(
    shipped: SpeechEmotion,
) -> None:
    """Trained on these very clips: this checks the chain, not the network."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech" / "emodb"
    if not folder.is_dir():
        pytest.skip("the emodb corpus is not beside this checkout")
    from core.learning.corpora import read_emodb
    from core.learning.emotion_evaluation import LoudnessBaseline, claims_of
    from core.learning.emotion_features import read_cells

    utterances = [row for row in read_emodb(folder) if row.speaker == "emodb-08"]
    cells = [versions[0] for versions in read_cells(utterances)]
    rows = np.arange(len(utterances))
    arousal = claims_of(shipped, utterances, cells, LoudnessBaseline(0, 0, 0), rows=rows).claims[
        :, 7
    ]
    angry = np.array([row.emotion == "angry" for row in utterances])
    sad = np.array([row.emotion == "sad" for row in utterances])
    assert arousal[angry].mean() > arousal[sad].mean() + 0.5
