"""Rare classes in the training rows; the other rows are nobody's business here."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.errors import UsageError
from core.learning.balance import (
    class_weights,
    drawing_chances,
    smote,
    smote_sequences,
    thin,
)

EMOTIONS = ["neutral"] * 83 + ["happy"] * 12 + ["sad"] * 5


def test_weights_undo_the_prevalence_and_keep_the_scale_of_the_loss() -> None:
    weights = class_weights([*EMOTIONS, None], power=1.0)
    totals = {name: weights[name] * EMOTIONS.count(name) for name in weights}
    assert list(totals.values()) == pytest.approx([100 / 3] * 3)
    softer = class_weights(EMOTIONS)
    assert np.mean([softer[name] for name in EMOTIONS]) == pytest.approx(1)
    assert softer["sad"] / softer["neutral"] == pytest.approx((83 / 5) ** 0.5)
    assert class_weights(EMOTIONS, power=0.0) == pytest.approx(dict.fromkeys(weights, 1.0))
    assert class_weights([]) == {}


def test_groups_are_drawn_by_the_root_of_their_size() -> None:
    groups = [("a", name) for name in EMOTIONS]
    chances = drawing_chances(groups)
    assert chances.sum() == pytest.approx(1)
    share = {name: chances[[g == ("a", name) for g in groups]].sum() for name in set(EMOTIONS)}
    assert share["neutral"] / share["sad"] == pytest.approx((83 / 5) ** 0.5)
    np.testing.assert_allclose(drawing_chances(groups, power=0.0), 0.01)
    alike = drawing_chances(groups, power=1.0)
    assert alike[:83].sum() == pytest.approx(1 / 3)
    with pytest.raises(UsageError):
        drawing_chances([])


def test_neutral_is_thinned_to_the_second_largest_class() -> None:
    shuffled = list(np.random.default_rng(0).permutation(EMOTIONS))
    kept = thin(shuffled, seed=1)
    assert Counter(shuffled[row] for row in kept) == {"neutral": 12, "happy": 12, "sad": 5}
    assert (np.diff(kept) > 0).all(), "in their order, none twice"
    np.testing.assert_array_equal(kept, thin(shuffled, seed=1))
    assert kept.tolist() != thin(shuffled, seed=2).tolist()


def test_neutral_is_thinned_to_a_share() -> None:
    for share in (0.2, 0.5, 0.7):
        kept = thin(EMOTIONS, share=share)
        names = [EMOTIONS[row] for row in kept]
        assert names.count("neutral") / len(names) == pytest.approx(share, abs=0.03)
        assert names.count("neutral") / len(names) <= share
        assert names.count("sad") == 5
    assert len(thin(EMOTIONS, share=0.9)) == 100
    with pytest.raises(UsageError):
        thin(EMOTIONS, share=1.0)


def test_small_classes_and_rows_without_a_class_are_kept() -> None:
    assert thin(["neutral", "happy", "happy", None]).tolist() == [0, 1, 2, 3]
    assert thin(["happy", "sad"], "fear").tolist() == [0, 1]
    assert thin(["neutral", "neutral"]).tolist() == [0, 1], "nothing to be measured against"


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = np.repeat([0, 3, 5, 6], [40, 12, 6, 2])
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10]])[np.searchsorted([0, 3, 5, 6], labels)]
    return (centres + random.normal(size=(60, 2))).astype(np.float32), labels


def test_synthetic_rows_lie_among_those_of_their_class(
    rows: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = rows
    more, names = smote(features, labels, 0)
    np.testing.assert_array_equal(more[:60], features)
    np.testing.assert_array_equal(names[:60], labels)
    assert Counter(names.tolist()) == {0: 40, 3: 40, 5: 40, 6: 2}, "two rows are too few"
    assert more.dtype == np.float32
    for label in (3, 5):
        own, made = features[labels == label], more[60:][names[60:] == label]
        assert (made >= own.min(axis=0) - 1e-5).all()
        assert (made <= own.max(axis=0) + 1e-5).all()
        away = np.abs(made[:, None] - features[None]).sum(axis=2).min(axis=1)
        assert (away > 1e-6).mean() > 0.9, "no copies"


def test_smote_is_seeded_and_leaves_what_it_was_given_alone(
    rows: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = rows
    before = features.copy()
    first, again, other = (smote(features, labels, seed)[0] for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(features, before)


def test_balanced_classes_need_no_synthetic_rows() -> None:
    features, labels = np.zeros((4, 3)), np.array([0, 0, 1, 1])
    assert smote(features, labels, 0)[0].shape == (4, 3)


def test_the_rest_keeps_its_natural_prevalence(rows: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = rows
    test = np.arange(0, 60, 3)
    learned = np.setdiff1d(np.arange(60), test)
    before = features[test].copy(), Counter(labels[test].tolist())
    smote(features[learned], labels[learned], 0)
    kept = learned[thin([str(label) for label in labels[learned]], "0")]
    assert not set(kept) & set(test)
    np.testing.assert_array_equal(features[test], before[0])
    assert Counter(labels[test].tolist()) == before[1]


def test_synthetic_sequences_carry_soft_targets() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [30, 8])
    pieces = (random.normal(size=(38, 20, 4)) + 3 * labels[:, None, None]).astype(np.float32)
    targets = np.stack([1.0 - labels, labels, random.uniform(-1, 1, 38)], axis=1)
    sequences, wanted = smote_sequences(pieces, labels, targets, 0)
    assert sequences.shape == (22, 20, 4)
    assert wanted.shape == (22, 3)
    np.testing.assert_allclose(wanted[:, :2], [[0, 1]] * 22, atol=1e-6)
    lowest, highest = targets[labels == 1, 2].min(), targets[labels == 1, 2].max()
    assert ((wanted[:, 2] >= lowest - 1e-6) & (wanted[:, 2] <= highest + 1e-6)).all()
    own, goals = pieces[labels == 1].reshape(8, -1), targets[labels == 1, 2]
    for sequence, goal in zip(sequences.reshape(22, -1), wanted[:, 2], strict=True):
        errors = []
        for a in range(8):
            for b in range(8):
                step = own[b] - own[a]
                place = float((sequence - own[a]) @ step / max(step @ step, 1e-9))
                if 0 <= place <= 1:
                    off = np.abs(own[a] + place * step - sequence).max()
                    errors.append(off + abs(goals[a] + place * (goals[b] - goals[a]) - goal))
        assert min(errors) < 1e-3, "frames and targets at one place between the same two pieces"


def test_an_unknown_target_stays_unknown() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [12, 5])
    pieces = random.normal(size=(17, 3, 2)).astype(np.float32)
    targets = np.stack([labels, np.full(17, np.nan)], axis=1)
    _, wanted = smote_sequences(pieces, labels, targets, 0)
    np.testing.assert_allclose(wanted[:, 0], 1)
    assert np.isnan(wanted[:, 1]).all()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError):
        smote(np.zeros((4, 2)), np.zeros((4, 1), int), 0)
    with pytest.raises(UsageError, match="finite"):
        smote(np.full((4, 2), np.nan), np.array([0, 0, 0, 1]), 0)
    with pytest.raises(UsageError):
        smote_sequences(np.zeros((4, 2, 2), np.float32), np.zeros(4, int), np.zeros(4), 0)
