"""Fusion weights moved by corrections, on made videos in which it is known what is wanted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from core.analysis.fusion import Fusion
from core.analysis.fusion_features import feature_contract, fusion_features, group_columns
from core.analysis.highlight import Highlight
from core.errors import Cancelled, ModelError, UsageError
from core.learning.highlights.fusion_importance import (
    IMPORTANCE_FILE,
    measure_importance,
    save_importance,
)
from core.learning.highlights.network_training import TrainedNetwork
from core.learning.personal.fusion_tuning import tune_fusion
from core.learning.personal.lessons import Lesson
from core.learning.personal.network_tuning import TuningSettings
from core.networks.fusion import FusionNetwork
from core.networks.fusion_design import FusionDesign
from core.networks.weights import WEIGHTS_FILE, load_card, save_weights
from tests.learning.highlights.own import (
    CELLS,
    EYES,
    PICTURE,
    kept_cells,
    labelled,
    own_tracks,
    sequence,
)

GROUPS = ("emotion", "sound")
QUICK = TuningSettings(steps=12, rate=2e-2)
UNGUARDED = replace(QUICK, half=0.0, consolidation=0.0, distillation=0.0, leash=100.0)

Tracks = dict[str, NDArray[np.float32]]
Kept = NDArray[np.bool_]


def made_video(seed: int) -> tuple[Tracks, Kept]:
    """Noise whose flux is higher where the editor wants it."""
    random = np.random.default_rng([7, seed])
    kept = kept_cells(random)
    return own_tracks(kept, random), kept


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that know nothing, with their importance."""
    folder = tmp_path_factory.mktemp("shipped")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = FusionNetwork(FusionDesign(group_columns(PICTURE, GROUPS), hidden=6)).eval()
    learned = []
    for seed in range(100, 104):
        tracks, kept = made_video(seed)
        features, columns, _ = fusion_features(tracks, CELLS, CELLS, PICTURE, GROUPS)
        rows = {name: features[:, part] for name, part in columns.items()}
        learned.append(sequence(labelled(f"learned {seed}", kept.astype(np.float32)), **rows))
    importance = measure_importance(TrainedNetwork(network, GROUPS, 1, 0.0), learned, draws=4)
    card = {
        "name": "made talks",
        "contract": feature_contract(EYES, PICTURE, GROUPS),
        "design": network.design.as_json(),
        "mixture": {"learned": 0.6, "picture": 0.3, "position": 0.1},
        "beats_baseline": True,
        "importance": save_importance(folder, importance),
    }
    save_weights(folder, network.state_dict(), card)
    return folder


def curve(weights: Path, tracks: Tracks) -> Highlight:
    return Fusion(weights, EYES, PICTURE).highlight(tracks, CELLS, CELLS, Fraction(1))


def lesson(shipped: Path, seed: int, *, said: int = CELLS, **changes: Any) -> Lesson:
    """A video whose first cells are all decided; of the rest nothing is known."""
    tracks, kept = made_video(seed)
    features, columns, present = fusion_features(tracks, CELLS, CELLS, PICTURE)
    wanted = np.where(np.arange(CELLS) < said, kept, np.nan).astype(np.float32)
    made = Lesson(
        f"video {seed}",
        {name: features[:, part] for name, part in columns.items()},
        {name: present[:, index] for index, name in enumerate(columns)},
        curve(shipped, tracks).score,
        wanted,
        np.isfinite(wanted).astype(np.float32),
    )
    return replace(made, **changes)


@pytest.fixture(scope="module")
def lessons(shipped: Path) -> list[Lesson]:
    return [lesson(shipped, seed) for seed in range(4)]


def lead(weights: Path, seed: int) -> float:
    """How far above the other cells those are that this editor would want."""
    tracks, kept = made_video(seed)
    score = curve(weights, tracks).score
    return float(score[kept].mean() - score[~kept].mean())


def test_unseen_videos_are_scored_more_as_the_editor_wants_them(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    tune_fusion(lessons, shipped, tmp_path, settings=QUICK)
    gains = [lead(tmp_path, seed) - lead(shipped, seed) for seed in range(20, 26)]
    assert min(gains) > 0
    assert np.mean(gains) > 0.02


def test_the_opposite_wishes_move_the_curve_the_other_way(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    turned = [replace(row, wanted=1 - row.wanted) for row in lessons]
    tune_fusion(turned, shipped, tmp_path, settings=QUICK)
    assert all(lead(tmp_path, seed) < lead(shipped, seed) for seed in range(20, 26))


def test_the_same_lessons_and_seed_give_the_same_bytes_in_any_order(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    first = tune_fusion(lessons, shipped, tmp_path / "a", settings=QUICK, seed=5)
    again = tune_fusion(lessons[::-1], shipped, tmp_path / "b", settings=QUICK, seed=5)
    assert first == again
    for name in (WEIGHTS_FILE, "card.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_global_random_numbers_and_threads_stay_as_they_were(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        state, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        tune_fusion(lessons, shipped, tmp_path, settings=replace(QUICK, steps=2))
        assert torch.get_num_threads() == 2
        assert torch.equal(torch.get_rng_state(), state)
        assert np.array_equal(np.random.get_state()[1], legacy)  # noqa: NPY002
    finally:
        torch.set_num_threads(threads)


def test_wishes_that_weigh_nothing_change_nothing(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    weight = np.where(np.arange(CELLS) < 30, 1, 0).astype(np.float32)
    cards = []
    for rest in (np.float32(1), np.float32(np.nan)):
        rows = [
            replace(row, weight=weight, wanted=np.where(weight > 0, row.wanted, rest))
            for row in lessons
        ]
        cards.append(tune_fusion(rows, shipped, tmp_path / f"{rest}", settings=QUICK))
    assert cards[0] == cards[1]
    nothing = [replace(row, weight=np.zeros(CELLS, np.float32)) for row in lessons]
    with pytest.raises(UsageError, match="nothing can be learned"):
        tune_fusion(nothing, shipped, tmp_path / "nothing", settings=QUICK)
    assert not (tmp_path / "nothing").exists()


def test_groups_that_the_network_does_not_look_at_are_ignored(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    bare = [
        replace(
            row,
            groups={name: row.groups[name] for name in GROUPS},
            present={name: row.present[name] for name in GROUPS},
        )
        for row in lessons
    ]
    one = tune_fusion(lessons, shipped, tmp_path / "all", settings=QUICK)
    other = tune_fusion(bare, shipped, tmp_path / "bare", settings=QUICK)
    assert one["sha256"] == other["sha256"]


def test_the_expert_of_a_group_that_no_video_has_stays_as_it_was(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    silent = [
        replace(row, present={**row.present, "sound": np.zeros(CELLS, bool)}) for row in lessons
    ]
    tune_fusion(silent, shipped, tmp_path, settings=QUICK)
    before, after = load_file(shipped / WEIGHTS_FILE), load_file(tmp_path / WEIGHTS_FILE)
    moved = {name.split(".")[1] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"0"}


def test_corrections_where_nobody_speaks_are_refused(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    mute = [
        replace(row, present={**row.present, "emotion": np.zeros(CELLS, bool)}) for row in lessons
    ]
    with pytest.raises(UsageError, match="somebody speaks"):
        tune_fusion(mute, shipped, tmp_path / "out", settings=QUICK)


def test_features_of_another_width_are_refused(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    wide = [
        replace(row, groups={**row.groups, "sound": np.zeros((CELLS, 8), np.float32)})
        for row in lessons
    ]
    with pytest.raises(UsageError, match="8 columns, the network 7"):
        tune_fusion(wide, shipped, tmp_path / "out", settings=QUICK)


@pytest.mark.parametrize("asked", [1, 2, 8])
def test_cancelling_leaves_nothing(
    shipped: Path, lessons: list[Lesson], tmp_path: Path, asked: int
) -> None:
    steps: list[float] = []

    def progress(fraction: float, message: str) -> None:
        steps.append(fraction)

    with pytest.raises(Cancelled):
        tune_fusion(
            lessons, shipped, tmp_path / "out", settings=QUICK,
            progress=progress, cancelled=lambda: len(steps) > asked,
        )  # fmt: skip
    assert len(steps) == asked + 1
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one(shipped: Path, lessons: list[Lesson], tmp_path: Path) -> None:
    steps: list[float] = []
    tune_fusion(
        lessons, shipped, tmp_path, settings=QUICK,
        progress=lambda fraction, message: steps.append(fraction),
    )  # fmt: skip
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def change(shipped: Path, tuned: Path, begin: int = 0) -> float:
    """How far the curve moves on the corrected videos, from a cell on."""
    changes = []
    for seed in range(4):
        tracks, _ = made_video(seed)
        moved = curve(tuned, tracks).score - curve(shipped, tracks).score
        changes.append(np.abs(moved[begin:]).mean())
    return float(np.mean(changes))


def test_where_nothing_was_said_replay_keeps_the_curve(shipped: Path, tmp_path: Path) -> None:
    half = [lesson(shipped, seed, said=CELLS // 2) for seed in range(4)]
    for name, settings in (
        ("unguarded", UNGUARDED),
        ("distilled", replace(UNGUARDED, distillation=30.0)),
        ("consolidated", replace(UNGUARDED, consolidation=1000.0)),
    ):
        tune_fusion(half, shipped, tmp_path / name, settings=settings)
    free, distilled, consolidated = (
        change(shipped, tmp_path / name, CELLS // 2)
        for name in ("unguarded", "distilled", "consolidated")
    )
    assert free > 0.01
    assert distilled < 0.8 * free
    assert consolidated < 0.8 * free


def test_the_curve_moves_no_further_than_its_leash(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    for leash in (100.0, 1e-4, 0.0):
        settings = replace(UNGUARDED, leash=leash)
        tune_fusion(lessons, shipped, tmp_path / f"{leash}", settings=settings)
    short = change(shipped, tmp_path / "0.0001")
    assert 0 < short < 0.3 * change(shipped, tmp_path / "100.0")
    assert change(shipped, tmp_path / "0.0") == 0


def test_few_videos_move_the_curve_less_than_many(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    tune_fusion(lessons[:1], shipped, tmp_path / "one", settings=QUICK)
    tune_fusion(lessons, shipped, tmp_path / "four", settings=QUICK)
    assert 0 < change(shipped, tmp_path / "one") < 0.7 * change(shipped, tmp_path / "four")


def test_the_application_draws_the_tuned_curve_and_its_parts_add_up(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    card = tune_fusion(lessons, shipped, tmp_path, settings=QUICK)
    tracks, _ = made_video(20)
    found, plain = curve(tmp_path, tracks), curve(shipped, tracks)
    assert not np.array_equal(found.score, plain.score)
    assert np.allclose(found.contributions.sum(axis=1), found.score, atol=1e-6)
    assert (found.contributions >= 0).all()
    assert "made talks, tuned on your corrections" in found.source
    assert found.model == f"fusion-{card['sha256'][:12]}" != plain.model


def test_the_card_says_where_the_weights_come_from(
    shipped: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    card = tune_fusion(lessons, shipped, tmp_path, settings=QUICK, seed=9)
    assert card == load_card(tmp_path)
    assert card["shipped"] == load_card(shipped)["sha256"]
    assert card["seed"] == 9
    assert card["tuning"]["rate"] == QUICK.rate
    assert card["data"][0] == {"video": "video 0", "cells": CELLS, "decided": CELLS, "kept": 8}


def changed_card(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        place = folder / "card.json"
        card = {**json.loads(place.read_text()), **changes}
        place.write_text(json.dumps({key: card[key] for key in card if card[key] is not None}))

    return change


def flipped(name: str) -> Callable[[Path], None]:
    def flip(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[-3] ^= 0x40
        (folder / name).write_bytes(data)

    return flip


def reweighed(values: Callable[[dict[str, torch.Tensor]], None]) -> Callable[[Path], None]:
    def reweigh(folder: Path) -> None:
        tensors = load_file(folder / IMPORTANCE_FILE)
        values(tensors)
        changed_card(importance=save_importance(folder, tensors))(folder)

    return reweigh


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a byte of the weights": (flipped(WEIGHTS_FILE), "checksum"),
    "a byte of the importance": (flipped(IMPORTANCE_FILE), "checksum"),
    "no importance": (lambda folder: (folder / IMPORTANCE_FILE).unlink(), "cannot be read"),
    "importance without end": (
        lambda folder: os.truncate(folder / IMPORTANCE_FILE, 10**8), "larger than",
    ),
    "importance not named": (changed_card(importance=None), "nothing of their importance"),
    "negative importance": (
        reweighed(lambda tensors: tensors["gate.bias"].neg_()), "make no sense",
    ),
    "importance of fewer weights": (
        reweighed(lambda tensors: tensors.__delitem__("gate.bias")), "another network",
    ),
    "another design": (changed_card(design={"columns": []}), "do not fit"),
    "no mixture": (changed_card(mixture=None), "do not fit"),
    "nothing learned in the mixture": (changed_card(mixture={"learned": 0}), "do not fit"),
    "weights that are not used": (changed_card(beats_baseline=False), "nothing to tune"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_or_statistics_are_refused(
    shipped: Path, lessons: list[Lesson], tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(shipped, folder)
    spoil, words = DAMAGES[damage]
    spoil(folder)
    with pytest.raises(ModelError, match=words):
        tune_fusion(lessons, folder, tmp_path / "out", settings=QUICK)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"steps": 0}, {"rate": 0.0}, {"rate": 2.0}, {"half": -1.0}, {"distillation": float("nan")}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        TuningSettings(**wrong)
