"""Training of the small networks, on made frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.corpora import Utterance, one_hot
from core.learning.emotion_features import CellFrames
from core.learning.frame_recognisers import (
    FrameClaimant,
    FrameRecogniser,
    RecurrentRecogniser,
    StatisticsRecogniser,
)
from core.learning.metrics import concordance, unweighted_recall
from core.learning.recogniser import AROUSAL, CLAIMS
from core.learning.training_material import BALANCES, Training
from core.networks.emotion_classes import LABELS
from core.networks.emotion_recurrent import RecurrentNetwork, RecurrentSettings
from core.signals.mfcc import COEFFICIENTS
from core.signals.speech_frames import DIMENSION
from tests.learning.made import made_cells, made_table

Table = tuple[list[Utterance], list[list[CellFrames]]]
NETWORKS = ("statistics", "lstm", "gru")
LEARNED, TEST = np.arange(48), np.arange(48, 72)
QUICK = Training(epochs=2, batch=16, rate=3e-3, decay=1e-2)


@pytest.fixture(scope="module")
def table() -> Table:
    """Six speakers with 3 happy, 3 sad and 6 neutral utterances each; two are for the test."""
    return made_table()


def recogniser(
    network: str, table: Table, training: Training = QUICK, checkpoints: Path | None = None
) -> FrameRecogniser:
    if network == "statistics":
        return StatisticsRecogniser(*table, training, checkpoints)
    return RecurrentRecogniser(*table, training, checkpoints, kind=network)


def fit(model: FrameRecogniser, rows: np.ndarray = LEARNED, seed: int = 0) -> FrameClaimant:
    return model.fit(rows, seed=seed, progress=lambda done: None, cancelled=lambda: False)


def same(one: FrameClaimant, other: FrameClaimant) -> bool:
    theirs = other.network.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.network.state_dict().items())


def truth_of(utterances: Sequence[Utterance], rows: np.ndarray) -> np.ndarray:
    return np.array([LABELS.index(utterances[row].emotion or "") for row in rows])


@pytest.mark.parametrize(("network", "epochs"), [("statistics", 4), ("lstm", 10)])
def test_classes_and_arousal_are_heard_in_new_speakers(
    network: str, epochs: int, table: Table
) -> None:
    seen: list[float] = []
    model = recogniser(network, table, replace(QUICK, epochs=epochs))
    claimant = model.fit(LEARNED, seed=0, progress=seen.append, cancelled=lambda: False)
    claims = claimant(TEST)
    assert claims.shape == (len(TEST), CLAIMS)
    assert claims.dtype == np.float32
    np.testing.assert_allclose(claims[:, : len(LABELS)].sum(axis=1), 1, atol=1e-5)
    truth = truth_of(table[0], TEST)
    assert unweighted_recall(truth, claims[:, : len(LABELS)].argmax(axis=1)) > 0.8
    arousal = np.array([table[0][row].arousal for row in TEST])
    assert concordance(arousal, claims[:, AROUSAL]) > 0.5
    unlearned = [index for index, name in enumerate(LABELS) if index not in set(truth)]
    assert (claims[:, unlearned] == 0).all(), "never heard, never claimed"
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("network", NETWORKS)
def test_the_seed_decides_everything(network: str, table: Table) -> None:
    one = fit(recogniser(network, table))
    torch.manual_seed(1234)
    np.random.default_rng(5).random()
    assert same(one, fit(recogniser(network, table)))
    assert not same(one, fit(recogniser(network, table), seed=1))


@pytest.mark.parametrize(
    ("balance", "thin_neutral"), [("drawing", False), ("weights", True), ("smote", True)]
)
@pytest.mark.parametrize("network", ["statistics", "lstm"])
def test_labels_of_other_rows_are_not_looked_at(
    network: str, balance: str, thin_neutral: bool, table: Table
) -> None:
    utterances, cells = table
    lied = [
        replace(row, emotion="fear", distribution=one_hot("fear"), arousal=-1.0, valence=1.0)
        if index >= TEST[0]
        else row
        for index, row in enumerate(utterances)
    ]
    training = replace(QUICK, epochs=1, balance=balance, thin_neutral=thin_neutral)
    honest = fit(recogniser(network, table, training))
    deceived = fit(recogniser(network, (lied, cells), training))
    assert same(honest, deceived)
    np.testing.assert_array_equal(honest(TEST), deceived(TEST))
    assert len(honest(TEST)) == len(TEST), "resampling leaves the test rows alone"


@pytest.mark.parametrize("network", ["statistics", "lstm"])
def test_every_balance_trains_another_network(network: str, table: Table) -> None:
    trained = [
        fit(recogniser(network, table, replace(QUICK, epochs=1, balance=name))) for name in BALANCES
    ]
    trained.append(fit(recogniser(network, table, replace(QUICK, epochs=1, thin_neutral=True))))
    for index, one in enumerate(trained):
        assert np.isfinite(one(TEST)).all()
        assert not any(same(one, other) for other in trained[index + 1 :])


@pytest.mark.parametrize("balance", ["drawing", "weights", "smote"])
def test_balance_makes_a_rare_class_more_likely_where_nothing_is_heard(balance: str) -> None:
    """Unbalanced training says the share of the class, here 8 %."""
    utterances, _ = made_table(6, ("neutral",) * 11 + ("happy",))
    random = np.random.default_rng(0)
    cells = [made_cells(None, random) for _ in utterances]
    training = replace(QUICK, epochs=4, balance=balance)
    claims = fit(recogniser("statistics", (utterances, cells), training))(TEST)
    share = np.mean([row.emotion == "happy" for row in utterances])
    assert claims[:, LABELS.index("happy")].mean() > 1.25 * share


@pytest.mark.parametrize("balance", BALANCES)
def test_rows_without_a_class_teach_their_dimensions(balance: str, table: Table) -> None:
    utterances, cells = table
    partly = [
        row if index % 2 else replace(row, emotion=None, distribution=None)
        for index, row in enumerate(utterances)
    ]
    model = recogniser("statistics", (partly, cells), replace(QUICK, balance=balance))
    assert np.isfinite(fit(model)(TEST)).all()
    nothing = [replace(row, emotion=None, distribution=None) for row in utterances]
    with pytest.raises(CorpusError, match="no utterance has an emotion"):
        fit(recogniser("statistics", (nothing, cells)))


@pytest.mark.parametrize("network", ["statistics", "lstm"])
def test_an_utterance_without_speech_teaches_nothing_and_is_not_claimed(
    network: str, table: Table
) -> None:
    utterances, cells = table
    silent = [CellFrames(version.frames, version.speech * 0) for version in cells[0]]
    muted = [silent, *cells[1:-1], silent]
    claims = fit(recogniser(network, (utterances, muted)))(np.arange(len(utterances)))
    assert np.isnan(claims[[0, -1]]).all()
    assert np.isfinite(claims[1:-1]).all()


@pytest.mark.parametrize("network", ["statistics", "lstm"])
def test_what_is_no_speech_teaches_nothing(network: str, table: Table) -> None:
    utterances, cells = table
    filled = [
        [
            CellFrames(np.where(version.speech[..., None] > 0, version.frames, 7.0), version.speech)
            for version in versions
        ]
        for versions in cells
    ]
    model = recogniser(network, (utterances, filled), replace(QUICK, epochs=1))
    assert same(fit(model), fit(recogniser(network, table, replace(QUICK, epochs=1))))


@pytest.mark.parametrize("network", ["statistics", "lstm"])
def test_claims_are_of_the_rows_that_are_asked_for(network: str, table: Table) -> None:
    claimant = fit(recogniser(network, table))
    np.testing.assert_allclose(claimant(TEST[::-1]), claimant(TEST)[::-1], atol=1e-5)
    speaker = TEST[:12]
    np.testing.assert_allclose(
        claimant(speaker), claimant(TEST)[:12], atol=1e-5, err_msg="each speaker by itself"
    )


@pytest.mark.parametrize("rows", [5, 16, 43])
@pytest.mark.parametrize("epochs", [1, 5])
def test_few_utterances_and_few_epochs_train(rows: int, epochs: int, table: Table) -> None:
    model = recogniser("statistics", table, replace(QUICK, epochs=epochs, batch=64))
    assert np.isfinite(fit(model, np.arange(rows))(TEST)).all()


def test_an_interrupted_training_goes_on_to_the_same_weights(table: Table, tmp_path: Path) -> None:
    training = replace(QUICK, epochs=3, balance="smote")
    whole = fit(recogniser("lstm", table, training))
    seen: list[float] = []
    with pytest.raises(Cancelled):
        recogniser("lstm", table, training, tmp_path).fit(
            LEARNED, seed=0, progress=seen.append, cancelled=lambda: max(seen, default=0) > 0.5
        )
    resumed: list[float] = []
    claimant = recogniser("lstm", table, training, tmp_path).fit(
        LEARNED, seed=0, progress=resumed.append, cancelled=lambda: False
    )
    assert resumed[0] > 1 / 3, "the first epoch is not trained again"
    assert same(claimant, whole)


def test_a_state_of_other_labels_is_not_gone_on_from(table: Table, tmp_path: Path) -> None:
    utterances, cells = table
    fit(recogniser("lstm", table, QUICK, tmp_path))
    swapped = {"happy": "sad", "sad": "happy", "neutral": "neutral"}
    other = [
        replace(row, emotion=(name := swapped[row.emotion or ""]), distribution=one_hot(name))
        for row in utterances
    ]
    resumed = fit(recogniser("lstm", (other, cells), QUICK, tmp_path))
    assert same(resumed, fit(recogniser("lstm", (other, cells))))
    moved = [replace(row, speaker="s0") for row in utterances]
    resumed = fit(recogniser("lstm", (moved, cells), QUICK, tmp_path))
    assert same(resumed, fit(recogniser("lstm", (moved, cells))))


def test_who_would_train_another_network_has_another_identity(table: Table) -> None:
    identities = [
        recogniser(network, table, training).identity()
        for network in NETWORKS
        for training in (QUICK, replace(QUICK, epochs=3), replace(QUICK, balance="smote"))
    ]
    assert len({repr(identity) for identity in identities}) == len(identities)
    assert recogniser("lstm", table).identity() == recogniser("lstm", table).identity()


def test_what_the_network_was_trained_on_is_in_its_buffers(table: Table) -> None:
    network = fit(recogniser("lstm", table)).network
    heard = [LABELS[index] for index in np.flatnonzero(network.learned_labels.numpy())]
    assert sorted(heard) == ["happy", "neutral", "sad"]
    spoken = np.concatenate([table[1][row][0].spoken for row in LEARNED])[:, :COEFFICIENTS]
    np.testing.assert_allclose(network.training_mean.numpy(), spoken.mean(axis=0), atol=0.01)


@pytest.mark.parametrize(
    "values",
    [{"epochs": 0}, {"batch": 0}, {"rate": 0.0}, {"decay": -0.1}, {"balance": "luck"}],
)
def test_a_training_that_teaches_nothing_is_refused(values: dict) -> None:
    with pytest.raises(UsageError, match=r"positive|no way to balance"):
        Training(**values)


@pytest.mark.parametrize("length", [1, 2, 15, 150])
def test_a_voice_of_any_length_is_described(length: int) -> None:
    """A click or a word is less than one usual piece."""
    table = made_table(2, ("happy", "sad"))
    random = np.random.default_rng(3)
    short = []
    for row in table[0]:
        (whole,) = made_cells(row.emotion, random, cells=4, copies=0)
        speech = np.zeros_like(whole.speech)
        speech.reshape(-1)[:length] = 1
        short.append([CellFrames(whole.frames, speech)])
    for network in ("statistics", "lstm"):
        claims = fit(recogniser(network, (table[0], short)), np.arange(4))(np.arange(4))
        assert np.isfinite(claims).all() == (length >= 10), "0.2 s are the least for a claim"


def test_the_shape_of_the_network_is_that_of_its_card(table: Table) -> None:
    model = recogniser("gru", table)
    again = RecurrentNetwork(RecurrentSettings(**model.settings))
    again.load_state_dict(fit(model).network.state_dict())
    assert model.settings["inputs"] == COEFFICIENTS < DIMENSION
