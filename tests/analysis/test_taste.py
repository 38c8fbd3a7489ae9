from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save

from core.analysis.taste import LARGEST_WEIGHT, Taste
from core.analysis.taste_file import load_taste, save_taste
from core.errors import ModelError, UsageError

CONTRACT = {"groups": ["sound", "picture"], "version": 1}
CELLS = 30


def a_taste(**changes: Any) -> Taste:
    weights = {
        "sound": np.array([2.0, 0.0, -1.0], np.float32),
        "picture": np.array([0.5, 0.25], np.float32),
    }
    return Taste(**{"weights": weights, "smoothing": 0.0, **changes})


def a_video(
    seed: int = 0,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.bool_]], NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    groups = {
        "sound": random.normal(0, 1, (CELLS, 3)).astype(np.float32),
        "picture": random.normal(0, 1, (CELLS, 2)).astype(np.float32),
    }
    present = {name: np.ones(CELLS, bool) for name in groups}
    return groups, present, random.random(CELLS).astype(np.float32)


def saved(folder: Path, taste: Taste | None = None) -> Path:
    save_taste(folder, taste or a_taste(smoothing=1.5), {"contract": CONTRACT})
    return folder


def rewrite_card(folder: Path, **changes: Any) -> None:
    file = folder / "card.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def rewrite_weights(folder: Path, tensors: dict[str, NDArray[Any]]) -> None:
    data = save(tensors)
    (folder / "weights.safetensors").write_bytes(data)
    rewrite_card(folder, sha256=hashlib.sha256(data).hexdigest())


def test_parts_shift_the_log_odds_of_the_curve_and_are_0_on_average() -> None:
    groups, present, base = a_video()
    parts = a_taste().parts(groups, present, base)
    assert list(parts) == ["sound", "picture"]
    assert all(abs(part.mean()) < 1e-6 for part in parts.values())
    shift = parts["sound"] + parts["picture"]
    score = a_taste().apply(groups, present, base).astype(np.float64)
    before = base.astype(np.float64)
    assert np.log(score / (1 - score)) - np.log(before / (1 - before)) == pytest.approx(
        shift, abs=1e-3
    )
    assert (np.sign(score - before) == np.sign(shift)).all()


def test_a_taste_without_strength_is_the_very_same_curve() -> None:
    groups, present, base = a_video()
    base[:2] = 0, 1
    assert np.array_equal(a_taste(strength=0.0).apply(groups, present, base), base)
    assert np.array_equal(Taste({}).apply(groups, present, base), base)


def test_scores_stay_between_0_and_1_however_strong_a_taste_is() -> None:
    groups, present, base = a_video()
    base[:2] = 0, 1
    strong = Taste({"sound": np.full(3, LARGEST_WEIGHT, np.float32)})
    score = strong.apply(groups, present, base)
    assert score.dtype == np.float32
    assert ((score >= 0) & (score <= 1)).all()


def test_a_group_adds_nothing_where_it_is_not_known() -> None:
    groups, present, base = a_video()
    present["sound"][10:20] = False
    taste = a_taste(smoothing=2.0)
    parts = taste.parts(groups, present, base)
    assert not parts["sound"][10:20].any()
    changed = {**groups, "sound": groups["sound"].copy()}
    changed["sound"][10:20] = 100
    assert np.array_equal(taste.parts(changed, present, base)["sound"], parts["sound"])
    del groups["sound"]
    assert not taste.parts(groups, present, base)["sound"].any()


def test_an_empty_video_has_an_empty_curve() -> None:
    groups = {"sound": np.zeros((0, 3), np.float32), "picture": np.zeros((0, 2), np.float32)}
    present = {name: np.zeros(0, bool) for name in groups}
    assert a_taste().apply(groups, present, np.zeros(0, np.float32)).shape == (0,)


def test_features_of_another_width_or_length_are_refused() -> None:
    groups, present, base = a_video()
    with pytest.raises(UsageError, match="do not fit"):
        a_taste().apply({**groups, "sound": groups["sound"][:, :2]}, present, base)
    with pytest.raises(UsageError, match="do not fit"):
        a_taste().apply(groups, present, base[:-1])


@pytest.mark.parametrize("number", [np.nan, np.inf, 2 * LARGEST_WEIGHT])
def test_weights_that_nobody_fitted_are_refused(number: float) -> None:
    with pytest.raises(UsageError, match="sound"):
        Taste({"sound": np.array([number], np.float32)})


@pytest.mark.parametrize(
    "changes", [{"smoothing": -1.0}, {"smoothing": np.nan}, {"strength": 2.0}, {"strength": np.nan}]
)
def test_impossible_smoothing_and_strength_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        a_taste(**changes)


def test_what_is_saved_gives_the_very_same_scores(tmp_path: Path) -> None:
    groups, present, base = a_video()
    taste = a_taste(smoothing=1.5, strength=0.75)
    written = save_taste(tmp_path, taste, {"contract": CONTRACT, "videos": 3})
    found, card = load_taste(tmp_path, CONTRACT)
    assert card == written
    assert card["videos"] == 3
    assert np.array_equal(found.apply(groups, present, base), taste.apply(groups, present, base))
    assert list(found.weights) == list(taste.weights)


def test_a_taste_of_other_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="other features"):
        load_taste(saved(tmp_path), {**CONTRACT, "version": 2})


def test_a_missing_taste_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        load_taste(tmp_path, CONTRACT)
    (saved(tmp_path) / "weights.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        load_taste(tmp_path, CONTRACT)


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    file = saved(tmp_path) / "weights.safetensors"
    data = file.read_bytes()
    for place in range(0, len(data), 7):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(ModelError):
            load_taste(tmp_path, CONTRACT)
    file.write_bytes(data[:-1])
    with pytest.raises(ModelError):
        load_taste(tmp_path, CONTRACT)


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    os.truncate(saved(tmp_path) / "weights.safetensors", 10**8)
    with pytest.raises(ModelError, match="larger than"):
        load_taste(tmp_path, CONTRACT)


@pytest.mark.parametrize(
    "described",
    [
        None,
        [],
        "taste",
        {},
        {"columns": {"sound": 3}, "smoothing": 1.5, "strength": 1.0},
        {"columns": [["sound", 3.0], ["picture", 2]], "smoothing": 1.5, "strength": 1.0},
        {"columns": [["sound", True], ["picture", 2]], "smoothing": 1.5, "strength": 1.0},
        {"columns": [["sound", 10**30], ["picture", 2]], "smoothing": 1.5, "strength": 1.0},
        {"columns": [["sound", 3], ["sound", 3], ["picture", 2]], "smoothing": 1, "strength": 1},
        {"columns": [[["sound"], 3], ["picture", 2]], "smoothing": 1.5, "strength": 1.0},
        {"columns": [["sound", 3]], "smoothing": 1.5, "strength": 1.0},
        {"columns": [["sound", 3], ["picture", 2]], "smoothing": "1.5", "strength": 1.0},
        {"columns": [["sound", 3], ["picture", 2]], "smoothing": 1e9, "strength": 1.0},
        {"columns": [["sound", 3], ["picture", 2]], "smoothing": 10**400, "strength": 1.0},
        {"columns": [["sound", 3], ["picture", 2]], "smoothing": float("nan"), "strength": 1.0},
        {"columns": [["sound", 3], ["picture", 2]], "smoothing": 1.5, "strength": True},
        {"columns": [["sound", 3], ["picture", 2]], "smoothing": 1.5, "strength": None},
    ],
)
def test_a_hostile_card_is_refused(tmp_path: Path, described: Any) -> None:
    rewrite_card(saved(tmp_path), taste=described)
    with pytest.raises(ModelError):
        load_taste(tmp_path, CONTRACT)


@pytest.mark.parametrize(
    "tensors",
    [
        {"sound": np.array([np.nan, 0, 0], np.float32), "picture": np.zeros(2, np.float32)},
        {"sound": np.array([1e30, 0, 0], np.float32), "picture": np.zeros(2, np.float32)},
        {"sound": np.zeros(3, np.float64), "picture": np.zeros(2, np.float32)},
        {"sound": np.zeros((3, 1), np.float32), "picture": np.zeros(2, np.float32)},
        {"sound": np.zeros(4, np.float32), "picture": np.zeros(2, np.float32)},
        {"sound": np.zeros(3, np.float32)},
        {},
    ],
)
def test_hostile_weights_are_refused_even_with_a_fitting_checksum(
    tmp_path: Path, tensors: dict[str, NDArray[Any]]
) -> None:
    rewrite_weights(saved(tmp_path), tensors)
    with pytest.raises(ModelError):
        load_taste(tmp_path, CONTRACT)


@pytest.mark.parametrize(
    "header",
    [
        {"sound": {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 12]}},
        {"sound": {"dtype": "BF16", "shape": [6], "data_offsets": [0, 12]}},
        {"sound": {"dtype": "F8_E4M3", "shape": [12], "data_offsets": [0, 12]}},
        {"sound": {"dtype": "F32", "shape": [3], "data_offsets": [0, 2**60]}},
        {"sound": 3},
    ],
)
def test_a_hostile_safetensors_header_is_refused(tmp_path: Path, header: Any) -> None:
    saved(tmp_path)
    text = json.dumps(header).encode()
    data = len(text).to_bytes(8, "little") + text + bytes(12)
    (tmp_path / "weights.safetensors").write_bytes(data)
    rewrite_card(tmp_path, sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(ModelError):
        load_taste(tmp_path, CONTRACT)


def test_a_card_that_is_not_plain_data_is_not_written(tmp_path: Path) -> None:
    for card in ({"contract": CONTRACT, "odd": np.zeros(2)}, {"contract": None}):
        with pytest.raises(ModelError):
            save_taste(tmp_path, a_taste(), card)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ModelError, match="taken"):
        save_taste(tmp_path / "taken", a_taste(), {"contract": CONTRACT})
