"""Folders of weights."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest
import torch

from core.errors import ModelError
from core.files import replace_file
from core.networks.weights import (
    CARD_FILE,
    WEIGHTS_FILE,
    load_card,
    load_weights,
    save_weights,
)

CONTRACT = {"front_end": "mfcc", "hop": 320}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_weights(tmp_path / "w", {"a": torch.arange(6.0).reshape(2, 3)}, {"contract": CONTRACT})
    return tmp_path / "w"


def test_what_was_saved_is_loaded(folder: Path) -> None:
    tensors, card = load_weights(folder, contract=CONTRACT)
    assert torch.equal(tensors["a"], torch.arange(6.0).reshape(2, 3))
    assert card["parameters"] == 6
    assert card == load_card(folder)
    assert sorted(file.name for file in folder.iterdir()) == [CARD_FILE, WEIGHTS_FILE]


def test_other_features_are_refused_and_named(folder: Path) -> None:
    with pytest.raises(ModelError, match="hop: 320 instead of 512"):
        load_weights(folder, contract={**CONTRACT, "hop": 512})
    with pytest.raises(ModelError, match="other features"):
        load_weights(folder, contract={**CONTRACT, "mels": 64})


def test_a_changed_byte_is_noticed(folder: Path) -> None:
    path = folder / WEIGHTS_FILE
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="checksum") as caught:
        load_weights(folder, contract=CONTRACT)
    assert caught.value.path == path
    assert caught.value.remedy


def test_half_a_file_is_noticed(folder: Path) -> None:
    path = folder / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ModelError, match="damaged"):
        load_weights(folder, contract=CONTRACT)


@pytest.mark.parametrize("name", [WEIGHTS_FILE, CARD_FILE])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match="missing") as caught:
        load_weights(folder, contract=CONTRACT)
    assert caught.value.path == folder / name


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "{}", '{"contract": 3}', '{"contract": {}, "format": 99}', "[" * 100_000],
)
def test_a_card_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / CARD_FILE).write_text(text)
    with pytest.raises(ModelError):
        load_card(folder)


def test_a_card_of_bytes_is_refused(folder: Path) -> None:
    (folder / CARD_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError):
        load_card(folder)


def test_an_endless_card_is_refused(folder: Path) -> None:
    (folder / CARD_FILE).write_text(" " * 1_000_001)
    with pytest.raises(ModelError, match="larger"):
        load_card(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
@pytest.mark.parametrize("name", [CARD_FILE, WEIGHTS_FILE])
def test_a_pipe_in_the_place_of_a_file_is_refused_without_waiting(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ModelError, match="not a file"):
        load_weights(folder, contract=CONTRACT)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_a_card_that_leads_to_an_endless_device_is_refused(folder: Path) -> None:
    (folder / CARD_FILE).unlink()
    (folder / CARD_FILE).symlink_to("/dev/zero")
    with pytest.raises(ModelError, match="not a file"):
        load_weights(folder, contract=CONTRACT)


def test_a_pickle_is_never_run(folder: Path, tmp_path: Path) -> None:
    import hashlib

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "attacked"),)

    data = pickle.dumps(Attack())
    (folder / WEIGHTS_FILE).write_bytes(data)
    card = json.loads((folder / CARD_FILE).read_text())
    card["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ModelError, match="not a safetensors file"):
        load_weights(folder, contract=CONTRACT)
    assert not (tmp_path / "attacked").exists()


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    save_weights(tmp_path, {"a": torch.tensor([1.0, float("nan")])}, {"contract": CONTRACT})
    with pytest.raises(ModelError, match="not finite"):
        load_weights(tmp_path, contract=CONTRACT)


def test_a_card_without_contract_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="contract"):
        save_weights(tmp_path / "w", {}, {})
    with pytest.raises(ModelError, match="JSON"):
        save_weights(tmp_path / "w", {}, {"contract": CONTRACT, "what": object()})
    assert not (tmp_path / "w").exists()


def test_a_failed_replacement_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    replace_file(path, b"old")

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
