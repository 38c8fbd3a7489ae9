"""What a network must beat, on a made-up table of utterances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.corpora import AROUSAL_VALENCE, Utterance, one_hot
from core.learning.metrics import concordance, unweighted_recall
from core.learning.recogniser import AROUSAL, CLAIMS, VALENCE, Claimant
from core.learning.references import (
    GradientBoosting,
    LoudnessAlone,
    Majority,
    MeanMfccPerceptron,
    Reference,
)
from core.networks.emotion_classes import LABELS

Make = Callable[[list[Utterance], list[np.ndarray]], Reference]


def resampled(utterances: list[Utterance], spoken: list[np.ndarray]) -> Reference:
    return MeanMfccPerceptron(utterances, spoken, resampled=True)


ALL: list[Make] = [Majority, LoudnessAlone, MeanMfccPerceptron, resampled, GradientBoosting]
LEARNING: list[Make] = [MeanMfccPerceptron, resampled, GradientBoosting]


@pytest.fixture(scope="module")
def table() -> tuple[list[Utterance], list[np.ndarray]]:
    """Eight speakers, mostly neutral; the class is in the colour, the arousal in the level."""
    random = np.random.default_rng(0)
    utterances, spoken = [], []
    names = ["neutral"] * 14 + ["happy"] * 6 + ["angry"] * 6 + ["sad"] * 6 + ["boredom"] * 4
    for speaker in range(8):
        offset = random.normal(0, 5, 32)
        for take, emotion in enumerate(names):
            arousal, valence = AROUSAL_VALENCE[emotion]
            frames = random.normal(0, 1, (int(random.integers(20, 40)), 33)) + np.append(offset, 0)
            frames[:, 0] += 2 * arousal
            frames[:, 1] += 2 * valence
            frames[:, 2 + LABELS.index(emotion)] += 1.5
            spoken.append(frames.astype(np.float32))
            distribution = None if emotion == "boredom" else one_hot(emotion)
            utterances.append(
                Utterance("made", f"{speaker}-{take}", Path("none.wav"), 0.0, None, f"s{speaker}",
                          f"s{speaker}", emotion, distribution, arousal, valence, (), "CC0-1.0")
            )  # fmt: skip
    return utterances, spoken


LEARNED = np.arange(6 * 36)
TEST = np.arange(6 * 36, 8 * 36)


def fitted(model: Reference, rows: np.ndarray = LEARNED, seed: int = 0) -> Claimant:
    return model.fit(rows, seed=seed, progress=lambda done: None, cancelled=lambda: False)


def truth_of(utterances: list[Utterance]) -> np.ndarray:
    return np.array([LABELS.index(row.emotion or "") for row in utterances])


@pytest.mark.parametrize("make", ALL)
def test_claims_are_probabilities_and_dimensions(make: Make, table: tuple) -> None:
    model = make(*table)
    seen: list[float] = []
    claim = model.fit(LEARNED, seed=0, progress=seen.append, cancelled=lambda: False)
    claims = claim(TEST)
    assert claims.shape == (len(TEST), CLAIMS)
    assert claims.dtype == np.float32
    np.testing.assert_allclose(claims[:, : len(LABELS)].sum(axis=1), 1, atol=1e-5)
    assert (claims[:, : len(LABELS)] >= 0).all()
    assert (np.abs(claims[:, AROUSAL:]) <= 1).all()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert claim(TEST[:0]).shape == (0, CLAIMS)
    np.testing.assert_array_equal(claim(TEST[::-1]), claims[::-1], "row by row")


@pytest.mark.parametrize("make", ALL)
def test_the_same_seed_gives_the_same_claims(make: Make, table: tuple) -> None:
    model = make(*table)
    np.testing.assert_array_equal(fitted(model)(TEST), fitted(model)(TEST))
    np.testing.assert_array_equal(fitted(model)(TEST), fitted(make(*table))(TEST))


@pytest.mark.parametrize("make", ALL)
def test_labels_of_other_rows_are_not_looked_at(make: Make, table: tuple) -> None:
    utterances, spoken = table
    lied = [
        replace(row, emotion="fear", distribution=one_hot("fear"), arousal=-1.0, valence=1.0)
        if index in set(TEST.tolist())
        else row
        for index, row in enumerate(utterances)
    ]
    honest, deceived = fitted(make(utterances, spoken)), fitted(make(lied, spoken))
    np.testing.assert_array_equal(honest(TEST), deceived(TEST))


@pytest.mark.parametrize("make", LEARNING)
def test_the_class_is_heard_in_new_speakers(make: Make, table: tuple) -> None:
    claims = fitted(make(*table))(TEST)
    truth = truth_of(table[0])[TEST]
    assert unweighted_recall(truth, claims[:, : len(LABELS)].argmax(axis=1)) > 0.6
    valence = np.array([table[0][row].valence for row in TEST])
    assert concordance(valence, claims[:, VALENCE]) > 0.4


def test_the_majority_says_the_shares_of_its_training_rows(table: tuple) -> None:
    utterances, _ = table
    (claim,) = np.unique(fitted(Majority(*table))(TEST), axis=0)
    shares = np.bincount(truth_of(utterances)[LEARNED], minlength=len(LABELS)) / len(LEARNED)
    np.testing.assert_allclose(claim[: len(LABELS)], shares, atol=1e-6)
    means = np.mean([[utterances[row].arousal, utterances[row].valence] for row in LEARNED], axis=0)
    np.testing.assert_allclose(claim[AROUSAL:], means, atol=1e-6)


def test_loudness_alone_knows_arousal_but_no_valence(table: tuple) -> None:
    claims = fitted(LoudnessAlone(*table))(TEST)
    arousal = np.array([table[0][row].arousal for row in TEST])
    assert concordance(arousal, claims[:, AROUSAL]) > 0.6
    assert np.ptp(claims[:, VALENCE]) == 0
    loudest, quietest = claims[claims[:, AROUSAL].argmax()], claims[claims[:, AROUSAL].argmin()]
    angry, sad = LABELS.index("angry"), LABELS.index("sad")
    assert loudest[angry] > quietest[angry]
    assert quietest[sad] > loudest[sad]
    assert len(np.unique(claims[:, : len(LABELS)], axis=0)) <= 5


def test_the_level_is_that_of_the_speaker_and_not_of_the_microphone(table: tuple) -> None:
    utterances, spoken = table
    nearer = [frames.copy() for frames in spoken]
    for row, frames in zip(utterances, nearer, strict=True):
        frames[:, 0] += 5.0 * (row.speaker == "s7")
    first = fitted(LoudnessAlone(utterances, spoken))(TEST)[:, AROUSAL]
    again = fitted(LoudnessAlone(utterances, nearer))(TEST)[:, AROUSAL]
    np.testing.assert_array_equal(first[:36], again[:36], "nothing changes for the other speaker")
    assert (np.diff(again[36:][np.argsort(first[36:])]) >= 0).all(), "the same order"
    assert abs(np.mean(again[36:] - first[36:])) < np.std(first[36:]) / 2


def test_resampling_finds_more_of_the_rare_and_keeps_the_test_rows(table: tuple) -> None:
    utterances, spoken = table
    rare = [
        index
        for index in LEARNED
        if utterances[index].emotion in ("neutral", "sad")
        and (utterances[index].emotion == "neutral" or utterances[index].speaker == "s0")
    ]
    rows = np.array(rare)
    sad = LABELS.index("sad")
    at = TEST[truth_of(utterances)[TEST] == sad]
    plain = fitted(MeanMfccPerceptron(utterances, spoken), rows)(at)[:, sad]
    balanced = fitted(resampled(utterances, spoken), rows)(at)[:, sad]
    assert balanced.mean() > plain.mean()
    assert len(fitted(resampled(utterances, spoken), rows)(TEST)) == len(TEST)


@pytest.mark.parametrize("make", ALL)
def test_rows_without_speech_have_no_claim(make: Make, table: tuple) -> None:
    utterances, spoken = table
    muted = list(spoken)
    for row in (3, 250):
        muted[row] = np.zeros((0, 33), np.float32)
    claims = fitted(make(utterances, muted))(np.array([249, 250, 251]))
    assert np.isnan(claims[1]).all()
    assert np.isfinite(claims[[0, 2]]).all()


@pytest.mark.parametrize("make", ALL)
def test_rows_without_a_class_teach_the_dimensions_alone(make: Make, table: tuple) -> None:
    utterances, spoken = table
    unnamed = [
        replace(row, emotion=None, distribution=None) if row.emotion == "sad" else
        replace(row, valence=None)
        for row in utterances
    ]  # fmt: skip
    claims = fitted(make(unnamed, spoken))(TEST)
    assert (claims[:, LABELS.index("sad")] < 1e-6).all(), "never heard, never claimed"
    assert claims[:, VALENCE].mean() < -0.3, "only the sad have a valence, -0.7"


@pytest.mark.parametrize("make", ALL)
def test_one_class_and_no_ratings_are_claimed_as_such(make: Make, table: tuple) -> None:
    utterances, spoken = table
    bare = [replace(row, arousal=None, valence=None) for row in utterances]
    rows = np.array([row for row in LEARNED if utterances[row].emotion == "happy"])
    claims = fitted(make(bare, spoken), rows)(TEST)
    np.testing.assert_allclose(claims[:, LABELS.index("happy")], 1, atol=1e-5)
    assert (claims[:, AROUSAL:] == 0).all()


@pytest.mark.parametrize("make", ALL)
def test_learning_can_be_stopped(make: Make, table: tuple) -> None:
    with pytest.raises(Cancelled):
        make(*table).fit(LEARNED, seed=0, progress=lambda done: None, cancelled=lambda: True)


@pytest.mark.parametrize("make", LEARNING)
def test_learning_can_be_stopped_on_the_way(make: Make, table: tuple) -> None:
    seen: list[float] = []
    with pytest.raises(Cancelled):
        make(*table).fit(
            LEARNED, seed=0, progress=seen.append, cancelled=lambda: max(seen, default=0) > 0.3
        )
    assert max(seen) < 0.5


def test_a_table_without_any_class_is_refused(table: tuple) -> None:
    utterances, spoken = table
    unnamed = [replace(row, emotion=None, distribution=None) for row in utterances]
    with pytest.raises(CorpusError, match="no utterance has an emotion"):
        fitted(Majority(unnamed, spoken))


def test_frames_that_do_not_fit_are_refused(table: tuple) -> None:
    utterances, spoken = table
    with pytest.raises(UsageError):
        Majority(utterances, spoken[:-1])
    with pytest.raises(UsageError):
        Majority(utterances[:1], [spoken[0][:, :31]])


def test_the_rows_of_a_report_have_different_names(table: tuple) -> None:
    assert len({make(*table).name for make in ALL}) == len(ALL)
