from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import Cancelled, UsageError
from core.learning.highlights.network_training import (
    NetworkSettings,
    TrainedNetwork,
    mean_average_precision,
    train_network,
)
from core.learning.highlights.sequences import VideoSequence
from tests.learning.highlights.own import labelled, sequence

SMALL = NetworkSettings(hidden=8, dropout=0.0, rate=2e-2, decay=0.0, batch=4, epochs=8)
GROUPS = ("sound", "picture")


def echo(number: int, cells: int = 24) -> VideoSequence:
    """A cell is a highlight if the cell before it is loud: no cell by itself tells anything."""
    random = np.random.default_rng(number)
    sound = random.normal(0, 1, (cells, 2))
    loud = random.permutation(cells) < cells // 4
    sound[:, 0] += 3 * loud
    kept = np.concatenate([[False], loud[:-1]])
    picture = random.normal(0, 1, (cells, 3))
    return sequence(labelled(f"v{number:03}", kept), sound=sound, picture=picture)


TRAINING = [echo(number, cells=20 + number % 7) for number in range(16)]
VALIDATION = [echo(number) for number in range(50, 54)]
UNSEEN = [echo(number) for number in range(100, 106)]


@cache
def trained(temporal: str = "gru", fusion: str = "gated", **changes: Any) -> TrainedNetwork:
    settings = replace(SMALL, temporal=temporal, fusion=fusion, **changes)
    return train_network(TRAINING, VALIDATION, GROUPS, settings)


def tensors(model: TrainedNetwork) -> dict[str, torch.Tensor]:
    return model.network.state_dict()


def test_a_recurrent_network_learns_what_no_single_cell_tells() -> None:
    heard = mean_average_precision(trained("gru"), UNSEEN, "mean")
    alone = mean_average_precision(trained("none"), UNSEEN, "mean")
    assert alone < 0.45
    assert heard > 0.8


@pytest.mark.parametrize("temporal", ["lstm", "attention"])
def test_other_networks_train_as_well(temporal: str) -> None:
    for fusion in ("early", "gated"):
        model = trained(temporal, fusion, epochs=2)
        score = model.score(UNSEEN[0])
        assert score.shape == (24,)
        assert score.dtype == np.float32
        assert ((score > 0) & (score < 1)).all()


@pytest.mark.parametrize("loss", ["bce", "pairwise", "listwise"])
def test_every_loss_finds_the_highlights(loss: str) -> None:
    assert mean_average_precision(trained(loss=loss), UNSEEN, "mean") > 0.5


def test_highlights_that_weigh_more_are_claimed_more() -> None:
    usual, heavy = (
        trained(loss="bce", epochs=2, positive_weight=weight).score(UNSEEN[0]).mean()
        for weight in (1.0, 9.0)
    )
    assert heavy > usual


def test_the_same_seed_gives_the_same_weights_whatever_the_order() -> None:
    settings = replace(SMALL, epochs=2, dropout=0.2)
    order = np.random.default_rng(5).permutation(len(TRAINING))
    one, other, third = (
        train_network(rows, VALIDATION[::step], GROUPS, settings, seed=seed)
        for rows, step, seed in (
            (TRAINING, 1, 0),
            ([TRAINING[index] for index in order], -1, 0),
            (TRAINING, 1, 1),
        )
    )
    assert all(torch.equal(tensors(one)[name], tensor) for name, tensor in tensors(other).items())
    assert not all(
        torch.equal(tensors(one)[name], tensor) for name, tensor in tensors(third).items()
    )


def test_training_leaves_the_random_numbers_of_others_alone() -> None:
    before = torch.random.get_rng_state()
    train_network(TRAINING, VALIDATION, GROUPS, replace(SMALL, epochs=1))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_training_stops_when_the_validation_gets_no_better() -> None:
    """Labels by chance: what is learned of them helps nobody."""
    random = np.random.default_rng(0)

    def guess(row: VideoSequence) -> VideoSequence:
        video = labelled(row.video.name, random.permutation(row.relevance))
        return replace(row, video=video, relevance=video.relevance())

    told: list[float] = []
    settings = replace(SMALL, epochs=40, patience=2)
    model = train_network(
        [guess(row) for row in TRAINING],
        [guess(row) for row in VALIDATION],
        GROUPS,
        settings,
        progress=told.append,
    )
    passes = 1 + int(max(told[:-1]) * settings.epochs + 1e-6)
    assert passes < settings.epochs
    assert passes == model.epochs + settings.patience
    assert told == sorted(told)
    assert told[-1] == 1


def test_the_best_epoch_is_kept() -> None:
    model = trained()
    assert model.validation == pytest.approx(mean_average_precision(model, VALIDATION, "mean"))
    assert 1 <= model.epochs <= SMALL.epochs
    assert not model.network.training


def test_a_video_without_a_group_is_scored_by_the_others() -> None:
    model = trained()
    for row in UNSEEN:
        nothing = np.zeros(row.video.cells, bool)
        mute = replace(row, present={**row.present, "sound": nothing})
        deaf = replace(mute, groups={**row.groups, "sound": np.full((24, 2), np.nan, np.float32)})
        score = model.score(mute)
        assert np.isfinite(score).all()
        np.testing.assert_array_equal(score, model.score(deaf))
        assert not np.array_equal(score, model.score(row))
        blind = replace(row, present={**row.present, "sound": nothing, "picture": nothing})
        assert np.isfinite(model.score(blind)).all()


def test_long_sequences_are_cut_for_training_and_scored_whole() -> None:
    model = trained(longest=10, epochs=2)
    assert model.score(UNSEEN[0]).shape == (24,)


def test_cells_that_nobody_rated_teach_nothing() -> None:
    """Unrated cells behind the others give the weights that there are without them."""

    def longer(row: VideoSequence) -> VideoSequence:
        video = labelled(row.video.name, np.concatenate([row.relevance, np.full(6, np.nan)]))
        groups = {name: np.concatenate([row.groups[name], row.groups[name][:6]]) for name in GROUPS}
        return sequence(video, **groups)

    rows = [echo(number) for number in range(8)]
    settings = replace(SMALL, temporal="none", loss="bce", epochs=2)
    one, other = (
        train_network(training, VALIDATION, GROUPS, settings)
        for training in (rows, [longer(row) for row in rows])
    )
    for name, tensor in tensors(one).items():
        torch.testing.assert_close(tensors(other)[name], tensor, atol=1e-5, rtol=1e-4)


def test_training_can_be_cancelled() -> None:
    told: list[float] = []
    with pytest.raises(Cancelled):
        train_network(
            TRAINING, VALIDATION, GROUPS, SMALL,
            progress=told.append, cancelled=lambda: len(told) == 3,
        )  # fmt: skip
    assert len(told) == 3


def test_a_video_that_is_learned_from_and_stops_the_training_is_refused() -> None:
    with pytest.raises(UsageError, match="v003 is learned from, and tells when to stop"):
        train_network(TRAINING, [*VALIDATION, TRAINING[3]], GROUPS, SMALL)


def test_nothing_to_learn_or_to_stop_by_is_refused() -> None:
    flat = [
        replace(row, video=labelled(row.video.name, np.zeros(24)), relevance=np.zeros(24))
        for row in VALIDATION
    ]
    with pytest.raises(UsageError, match="nothing can be learned"):
        train_network(flat, VALIDATION, GROUPS, SMALL)
    with pytest.raises(UsageError, match="nothing can be learned"):
        train_network([], VALIDATION, GROUPS, SMALL)
    with pytest.raises(UsageError, match="none of the 4 validation videos"):
        train_network(TRAINING, flat, GROUPS, SMALL)
    with pytest.raises(UsageError, match="none of the 0 validation videos"):
        train_network(TRAINING, [], GROUPS, SMALL)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": "mse"}, "no loss 'mse'"),
        ({"temporal": "rnn"}, "'rnn': choose out of"),
        ({"fusion": "late"}, "'late' fusion"),
        ({"hidden": 0}, "no hidden units"),
        ({"dropout": 1.0}, "a dropout of"),
        ({"epochs": 0}, "in 0 epochs"),
        ({"batch": 0}, "batches of 0"),
        ({"longest": 0}, "of 0 cells"),
        ({"patience": 0}, "patience of 0"),
        ({"rate": 0.0}, "a rate of 0"),
        ({"group_dropout": 1.5}, "1.5 of the groups"),
        ({"positive_weight": 0.0}, "cannot weigh 0"),
        ({"positive_weight": 2.0}, "pairwise has no weight"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        NetworkSettings(**wrong)
