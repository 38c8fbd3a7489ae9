"""The signal that hears emotion in speech."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, ModelError, UsageError
from core.networks.emotion_classes import EMOTIONS, LABELS
from core.networks.emotion_weights import load_emotion_network
from core.places import MODELS
from core.signals.speech_emotion import SpeechEmotion, emotion_contract, gated, shown_claims
from core.signals.speech_frames import DIMENSION, VOICING
from tests.networks.test_emotion_weights import save_random_weights

CONFIDENCE = SpeechEmotion.columns.index("confidence")


@pytest.fixture(scope="module", params=["statistics", "lstm"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights that never learned surprise."""
    place = tmp_path_factory.mktemp("weights")
    return save_random_weights(place, request.param, seed=1, unknown=["surprise"])


@pytest.fixture(scope="module")
def signal(folder: Path) -> SpeechEmotion:
    return SpeechEmotion(folder)


def cells(count: int, frames: int = 50, seed: int = 0) -> np.ndarray:
    """Frames of which about half are voiced."""
    random = np.random.default_rng([count, frames, seed])
    made = random.normal(0, 1, (count, frames, DIMENSION)).astype(np.float32)
    made[..., VOICING] = random.uniform(0.2, 1, made.shape[:2])
    return made


def test_a_track_has_ten_columns(signal: SpeechEmotion) -> None:
    track = signal.tag(cells(5), np.ones(5))
    assert track.shape == (5, 10)
    assert track.dtype == np.float32
    assert signal.columns == (*EMOTIONS, "arousal", "valence", "confidence")
    np.testing.assert_allclose(track[:, :7].sum(axis=1), 1, atol=1e-5)
    assert np.abs(track[:, 7:9]).max() <= 1
    assert 0 < track[:, CONFIDENCE].min() <= track[:, CONFIDENCE].max() <= 1


def test_an_emotion_that_was_never_learned_is_never_claimed(signal: SpeechEmotion) -> None:
    assert (signal.tag(cells(5), np.ones(5))[:, EMOTIONS.index("surprise")] == 0).all()


def test_no_speech_no_claim(signal: SpeechEmotion) -> None:
    speech = np.zeros((6, 50))
    speech[2] = 0.9
    speech[4, :9] = 1.0
    speech[5, :10] = 1.0
    track = signal.tag(cells(6), speech)
    assert np.isfinite(track).all(axis=1).tolist() == [False, False, True, False, False, True]
    assert np.isnan(track).all(axis=1).tolist() == [True, True, False, True, True, False]
    assert np.isnan(signal.tag(cells(3), np.zeros(3))).all()
    assert np.isnan(signal.tag(cells(3), np.full(3, np.nan))).all()


def test_speech_without_any_voice_is_still_claimed(signal: SpeechEmotion) -> None:
    whispered = cells(5)
    whispered[..., VOICING] = 0.1
    assert np.isfinite(signal.tag(whispered, np.ones(5))).all()


def test_frames_that_are_no_speech_change_nothing(signal: SpeechEmotion) -> None:
    frames, speech = cells(6), np.ones((6, 50))
    speech[:, 20:30] = 0
    other = frames.copy()
    other[:, 20:30] = 1e6
    missing = frames.copy()
    missing[:, 20:30] = np.nan
    expected = signal.tag(frames, speech)
    np.testing.assert_array_equal(signal.tag(other, speech), expected)
    np.testing.assert_array_equal(signal.tag(missing, np.ones((6, 50))), expected)


def test_one_probability_per_cell_is_that_of_all_its_frames(signal: SpeechEmotion) -> None:
    speech = np.array([0.9, 0.2, 0.5, np.nan, 1.0])
    whole = signal.tag(cells(5), np.repeat(speech[:, None], 50, axis=1))
    np.testing.assert_array_equal(signal.tag(cells(5), speech), whole)


def test_a_claim_hears_two_seconds_before_and_one_after(signal: SpeechEmotion) -> None:
    frames, fixed = cells(9), signal.training
    before = signal.tag(frames, np.ones(9), fixed)
    changed = frames.copy()
    changed[4] += 2.0
    differs = (signal.tag(changed, np.ones(9), fixed) != before).any(axis=1)
    assert differs.tolist() == [False, False, False, True, True, True, True, False, False]


@pytest.mark.parametrize("frames", [25, 50, 100])
def test_tagging_piece_by_piece_equals_tagging_at_once(signal: SpeechEmotion, frames: int) -> None:
    heard = cells(70, frames)
    speech = np.random.default_rng(0).random((70, frames))
    usual = signal.normalisation(heard, speech)
    whole = signal.tag(heard, speech, usual)
    before, after = signal.context(frames)
    pieces = []
    for first in range(0, 70, 17):
        last = min(first + 17, 70)
        start, stop = max(0, first - before), min(70, last + after)
        pieces.append(
            signal.tag(
                heard[start:stop], speech[start:stop], usual, first=first - start, last=last - start
            )
        )
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-5)


def test_a_tail_cell_is_claimed_from_what_it_has(signal: SpeechEmotion) -> None:
    frames = cells(5)
    frames[4, 12:] = np.nan
    track = signal.tag(frames, np.ones(5))
    assert np.isfinite(track).all()
    frames[4, 9:] = np.nan
    assert np.isfinite(signal.tag(frames, np.ones(5))).all(axis=1).tolist() == [True] * 4 + [False]


def test_normalisation_is_part_of_the_claim_by_default(signal: SpeechEmotion) -> None:
    frames = cells(4)
    usual = signal.normalisation(frames, np.ones(4))
    expected = signal.tag(frames, np.ones(4), usual)
    np.testing.assert_array_equal(signal.tag(frames, np.ones(4)), expected)
    assert not np.array_equal(signal.tag(frames, np.ones(4), signal.training), expected)


def test_nothing_heard_is_as_usual_as_the_training(signal: SpeechEmotion) -> None:
    usual = signal.normalisation(cells(4), np.zeros(4))
    np.testing.assert_array_equal(usual.mean, signal.training.mean)


def test_the_silent_part_of_a_long_video_changes_no_claim(signal: SpeechEmotion) -> None:
    frames, silent = cells(20), np.full((700, 50, DIMENSION), np.nan, np.float32)
    longer = signal.tag(np.concatenate([frames, silent]), np.repeat([1.0, 0.0], [20, 700]))
    np.testing.assert_allclose(longer[:20], signal.tag(frames, np.ones(20)), atol=1e-6)


def test_a_long_video_is_normalised_by_a_part_of_it_that_is_spread_evenly(
    signal: SpeechEmotion,
) -> None:
    frames = cells(900)
    frames[450:, :, 3] += 4.0
    usual = signal.normalisation(frames, np.ones(900))
    exact = signal.normalisation(np.concatenate([frames[:150], frames[-150:]]), np.ones(300))
    np.testing.assert_allclose(usual.mean, exact.mean, atol=0.25)


VOICE, PAUSE = 60, 4
"""Cells of each of two voices, and of the silence between them."""


def two_voices(shift: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames of two alike voices, the second one's shifted; speech; voices."""
    heard = cells(2 * VOICE + PAUSE)
    heard[-VOICE:, :, :VOICING] += shift
    speech = np.repeat([1.0, 0.0, 1.0], [VOICE, PAUSE, VOICE])
    return heard, speech, np.repeat([0, -1, 1], [VOICE, PAUSE, VOICE])


def test_every_voice_is_heard_beside_its_own_speech(signal: SpeechEmotion) -> None:
    plain, speech, voices = two_voices(0.0)
    other, _, _ = two_voices(1.5)
    moved = {}
    for name, labels in (("apart", voices), ("together", None)):
        before, after = (signal.tag(frames, speech, voices=labels) for frames in (plain, other))
        moved[name] = np.abs(after - before)
    for part in (slice(0, VOICE), slice(-VOICE, None)):
        assert moved["apart"][part].mean() < 0.75 * moved["together"][part].mean()


def test_one_voice_is_as_if_nothing_were_known_of_voices(signal: SpeechEmotion) -> None:
    frames, speech, _ = two_voices(1.5)
    expected = signal.tag(frames, speech)
    for label in (0, 1):
        one = np.full(len(frames), label)
        np.testing.assert_array_equal(signal.tag(frames, speech, voices=one), expected)
    silent_cells = np.where(speech > 0, 0, -1)
    np.testing.assert_array_equal(signal.tag(frames, speech, voices=silent_cells), expected)


def test_the_names_of_the_voices_do_not_matter(signal: SpeechEmotion) -> None:
    frames, speech, voices = two_voices(1.5)
    swapped = np.where(voices < 0, -1, 1 - voices)
    np.testing.assert_array_equal(
        signal.tag(frames, speech, voices=swapped), signal.tag(frames, speech, voices=voices)
    )


def test_a_part_of_a_video_is_claimed_as_in_the_whole_with_its_voices(
    signal: SpeechEmotion,
) -> None:
    frames, speech, voices = two_voices(1.5)
    whole = signal.tag(frames, speech, voices=voices)
    part = signal.tag(frames, speech, voices=voices, first=50, last=80)
    np.testing.assert_allclose(part, whole[50:80], atol=1e-5)


def test_little_speech_in_the_window_lowers_the_confidence_in_proportion(
    signal: SpeechEmotion,
) -> None:
    speech = np.zeros((9, 50))
    speech[0] = 1.0
    speech[4, 10:30] = 1.0
    speech[8, :40] = 1.0
    frames = cells(9)
    track = signal.tag(frames, speech)
    sure = shown_claims(signal.hear(frames, speech), 1.0)
    np.testing.assert_allclose(track[:, :CONFIDENCE], sure[:, :CONFIDENCE])
    shares = track[[0, 4, 8], CONFIDENCE] / sure[[0, 4, 8], CONFIDENCE]
    np.testing.assert_allclose(shares, [1.0, 0.4, 0.8], atol=1e-5)


def test_speech_in_the_seconds_around_a_cell_counts_for_its_confidence(
    signal: SpeechEmotion,
) -> None:
    speech = np.zeros((6, 50))
    speech[:3, :20] = 1.0
    frames = cells(6)
    shares = (
        signal.tag(frames, speech)[:3, CONFIDENCE]
        / shown_claims(signal.hear(frames, speech), 1.0)[:3, CONFIDENCE]
    )
    np.testing.assert_allclose(shares, [0.8, 1.0, 1.0], atol=1e-5)


def test_the_temperature_of_the_card_lowers_the_confidence_and_nothing_else(
    tmp_path: Path,
) -> None:
    tracks = []
    for temperature in (1.0, 2.5):
        folder = save_random_weights(
            tmp_path / str(temperature), seed=1, unknown=["boredom"], temperature=temperature
        )
        tracks.append(SpeechEmotion(folder).tag(cells(8), np.ones(8)))
    cool, warm = tracks
    assert (warm[:, CONFIDENCE] < cool[:, CONFIDENCE]).all()
    assert (warm[:, :7].argmax(axis=1) == cool[:, :7].argmax(axis=1)).all()
    np.testing.assert_array_equal(warm[:, 7:9], cool[:, 7:9])
    np.testing.assert_allclose(warm[:, :7].sum(axis=1), 1, atol=1e-5)


def test_what_is_shown_leaves_boredom_out_but_is_less_sure_for_it() -> None:
    claims = np.zeros((2, 10), np.float32)
    claims[0, [0, 1]] = 0.6, 0.4
    claims[1, [0, 1, LABELS.index("boredom")]] = 0.3, 0.2, 0.5
    claims[:, 8:] = 0.25, -0.5
    shown = shown_claims(claims, 1.0)
    assert shown.shape == (2, 10)
    np.testing.assert_allclose(shown[:, :2], [[0.6, 0.4], [0.6, 0.4]], atol=1e-6)
    assert (shown[:, 2:7] == 0).all()
    np.testing.assert_allclose(shown[:, 7:9], claims[:, 8:])
    np.testing.assert_allclose(shown[:, CONFIDENCE], [0.6, 0.3], atol=1e-6)


def test_a_temperature_divides_the_logarithms() -> None:
    claims = np.zeros((1, 10), np.float32)
    claims[0, :2] = 0.8, 0.2
    warm = shown_claims(claims, 2.0)[0]
    np.testing.assert_allclose(warm[:2], [2 / 3, 1 / 3], atol=1e-6)
    assert warm[CONFIDENCE] == pytest.approx(2 / 3)


def test_what_is_shown_of_no_claim_is_no_claim() -> None:
    claims = np.full((3, 10), np.nan, np.float32)
    claims[1] = 0.1
    assert np.isnan(shown_claims(claims, 1.3)).all(axis=1).tolist() == [True, False, True]
    assert shown_claims(claims[:0], 1.3).shape == (0, 10)


def test_only_cells_with_a_fifth_of_a_second_of_speech_are_let_through() -> None:
    track = np.arange(50, dtype=np.float32).reshape(5, 10)
    speech = np.zeros((5, 50), np.float16)
    speech[0] = 1
    speech[1, :9] = 1
    speech[2, 5:15] = 0.5
    speech[3] = 0.49
    speech[4] = np.nan
    found = gated(track, speech)
    assert np.isfinite(found).all(axis=1).tolist() == [True, False, True, False, False]
    assert np.isnan(found).all(axis=1).tolist() == [False, True, False, True, True]
    np.testing.assert_array_equal(found[[0, 2]], track[[0, 2]])
    assert np.isfinite(track).all(), "the track itself was changed"


def test_what_does_not_fit_is_refused(signal: SpeechEmotion) -> None:
    with pytest.raises(UsageError, match="shape"):
        signal.tag(cells(3)[:, :, :13], np.ones(3))
    with pytest.raises(UsageError, match="shape"):
        signal.tag(cells(3)[0], np.ones(3))
    with pytest.raises(UsageError, match="does not fit"):
        signal.tag(cells(3), np.ones((50, 3)))
    with pytest.raises(UsageError, match="not inside"):
        signal.tag(cells(3), np.ones(3), first=2, last=4)
    with pytest.raises(UsageError, match="voices"):
        signal.tag(cells(3), np.ones(3), voices=np.zeros(2, int))


def test_no_cells_are_no_claims(signal: SpeechEmotion) -> None:
    assert signal.tag(cells(3), np.ones(3), first=1, last=1).shape == (0, 10)


def test_a_video_without_cells_has_an_empty_track(signal: SpeechEmotion) -> None:
    assert signal.tag(cells(3)[:0], np.ones(0)).shape == (0, 10)


def test_half_precision_says_nearly_the_same(signal: SpeechEmotion) -> None:
    frames = cells(6)
    stored = signal.tag(frames.astype(np.float16), np.ones(6, np.float16))
    np.testing.assert_allclose(stored, signal.tag(frames, np.ones(6)), atol=1e-2)


def test_progress_grows_to_the_whole_over_all_voices(signal: SpeechEmotion) -> None:
    frames, speech, voices = two_voices(0.5)
    seen: list[float] = []
    signal.tag(frames, speech, voices=voices, progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) >= 2
    assert seen[-1] == 1.0


def test_cancelling_stops_it(signal: SpeechEmotion) -> None:
    with pytest.raises(Cancelled):
        signal.tag(cells(3), np.ones(3), cancelled=lambda: True)


def test_what_the_network_says_itself_knows_boredom(signal: SpeechEmotion) -> None:
    said = signal.hear(cells(4), np.array([1.0, 1, 0, 1]))
    assert said.shape == (4, len(LABELS) + 2)
    assert np.isfinite(said).all(axis=1).tolist() == [True, True, False, True]
    np.testing.assert_allclose(said[[0, 1, 3], : len(LABELS)].sum(axis=1), 1, atol=1e-5)
    assert (said[[0, 1, 3], LABELS.index("boredom")] > 0).all()


def test_a_network_in_memory_says_what_its_folder_says(folder: Path) -> None:
    network, card = load_emotion_network(folder, contract=emotion_contract())
    made = SpeechEmotion.of(network.train(), {"sha256": card["sha256"]})
    loaded = SpeechEmotion(folder)
    assert made.version == loaded.version
    expected = loaded.tag(cells(4), np.ones(4))
    np.testing.assert_array_equal(made.tag(cells(4), np.ones(4)), expected)


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    save_random_weights(tmp_path, contract={**emotion_contract(), "hop": 512})
    with pytest.raises(ModelError, match="hop"):
        SpeechEmotion(tmp_path)


def test_the_version_follows_the_weights(folder: Path, tmp_path: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    version = SpeechEmotion(folder).version
    assert card["sha256"][:12] in version
    assert SpeechEmotion(save_random_weights(tmp_path, seed=2)).version != version


@pytest.fixture(scope="module")
def shipped() -> SpeechEmotion:
    if not (MODELS / SpeechEmotion.name / "card.json").is_file():
        pytest.skip("the shipped weights are not in this checkout")
    return SpeechEmotion()


def test_shipped_weights_are_small_and_name_nothing_of_a_machine(shipped: SpeechEmotion) -> None:
    folder = MODELS / SpeechEmotion.name
    assert (folder / "weights.safetensors").stat().st_size < 4_000_000
    for name in ("card.json", "CARD.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not any(word in text for word in ("/work/", "/home/", "/tmp/", "\\Users"))
    assert {entry["licence"] for entry in shipped.card["data"]} == {"CC0-1.0", "ODbL-1.0"}


def test_shipped_weights_are_in_the_order_of_the_labels(shipped: SpeechEmotion) -> None:
    assert shipped.card["labels"] == list(LABELS)
    assert shipped.card["emotions"] == list(EMOTIONS)
    assert shipped.training.mean.shape == shipped.training.deviation.shape
    assert (shipped.training.deviation > 0).all()


def test_shipped_weights_are_calibrated(shipped: SpeechEmotion) -> None:
    assert 0.3 < shipped.card["temperature"] < 5


def test_shipped_weights_claim_only_what_they_learned(shipped: SpeechEmotion) -> None:
    track = shipped.tag(cells(20), np.ones(20))
    assert np.isfinite(track).all()
    never = [name not in shipped.card["trained_emotions"] for name in EMOTIONS]
    assert (track[:, :7][:, never] == 0).all()


def test_the_shipped_chain_hears_anger_as_more_excited_than_sadness(
    shipped: SpeechEmotion,
) -> None:
    """Trained on these very clips: this checks the chain, not the network."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech" / "emodb"
    if not folder.is_dir():
        pytest.skip("the emodb corpus is not beside this checkout")
    from core.learning.corpora import read_corpora
    from core.learning.emotion_evaluation import claims_of
    from core.learning.emotion_features import read_cells
    from core.learning.recogniser import AROUSAL

    utterances = [row for row in read_corpora({"emodb": folder}) if row.speaker == "emodb-08"]
    heard = [versions[0] for versions in read_cells(utterances)]
    arousal = claims_of(shipped, utterances, heard)[:, AROUSAL]
    angry = np.array([row.emotion == "angry" for row in utterances])
    sad = np.array([row.emotion == "sad" for row in utterances])
    assert arousal[angry].mean() > arousal[sad].mean() + 0.5
