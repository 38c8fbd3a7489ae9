"""Folders that hold a taste: safetensors with a card in plain JSON, read without torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.taste import Taste
from core.errors import ModelError, UsageError
from core.files import open_file, replace_file
from core.networks.weights import CARD_FILE, FORMAT, WEIGHTS_FILE, check_contract, load_card

LARGEST_FILE = 50_000_000
"""Bytes; a larger file holds no taste."""

_REMEDY = "Go back to an earlier version of what was learned, or to the shipped weights."


def save_taste(
    folder: str | os.PathLike[str], taste: Taste, card: Mapping[str, Any]
) -> dict[str, Any]:
    """Writes a taste; each of the two files is replaced whole or not at all, the card last.

    Args:
        folder: Made if it does not exist.
        taste: What was learned.
        card: Plain JSON data; must hold the ``contract`` of the features. ``format``, ``sha256``,
            ``parameters`` and ``taste`` are added here.

    Returns:
        The card as written.

    Raises:
        ModelError: The folder cannot be written, or the card is not plain JSON data.
    """
    from safetensors.numpy import save

    place = Path(folder)
    data = save(
        {name: np.ascontiguousarray(values, np.float32) for name, values in taste.weights.items()}
    )
    written = {
        **card,
        "format": FORMAT,
        "sha256": hashlib.sha256(data).hexdigest(),
        "parameters": sum(taste.columns.values()),
        "taste": {
            "columns": [[name, width] for name, width in taste.columns.items()],
            "smoothing": float(taste.smoothing),
            "strength": float(taste.strength),
        },
    }
    if not isinstance(written.get("contract"), Mapping):
        raise ModelError("a taste needs a card with the contract of its features", path=place)
    try:
        text = json.dumps(written, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ModelError(f"the card is not plain JSON data ({error})", path=place) from error
    try:
        place.mkdir(parents=True, exist_ok=True)
        replace_file(place / WEIGHTS_FILE, data)
        replace_file(place / CARD_FILE, text.encode())
    except OSError as error:
        raise ModelError(
            f"what was learned cannot be saved ({error.strerror or error})",
            path=place,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error
    return written


def load_taste(
    folder: str | os.PathLike[str], contract: Mapping[str, Any]
) -> tuple[Taste, dict[str, Any]]:
    """The taste in a folder and its card, checked before anything is made of them.

    Args:
        folder: As :func:`save_taste` wrote it.
        contract: The features that the caller is going to feed; plain JSON data.

    Raises:
        ModelError: A file is missing or damaged, the checksum is not the card's, the card and the
            numbers do not fit each other, or the taste was learned from other features.
    """
    place = Path(folder)
    card = load_card(place)
    check_contract(card["contract"], contract, place)
    columns, smoothing, strength = _described(card.get("taste"), place)
    tensors = _tensors(place / WEIGHTS_FILE, card["sha256"])
    if {name: values.shape for name, values in tensors.items()} != {
        name: (width,) for name, width in columns.items()
    } or any(values.dtype != np.float32 for values in tensors.values()):
        raise _refused("what was learned does not fit its card", place)
    try:
        return Taste({name: tensors[name] for name in columns}, smoothing, strength), card
    except UsageError as error:
        raise _refused(f"what was learned is no taste: {error.happened}", place) from error


def _described(found: Any, place: Path) -> tuple[dict[str, int], float, float]:
    """Columns by group, smoothing and strength, as the card tells them."""
    numbers: list[Any] = []
    columns: Any = None
    if isinstance(found, dict):
        numbers = [found.get("smoothing"), found.get("strength")]
        columns = found.get("columns")
    fitting = isinstance(columns, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and type(pair[1]) is int
        and pair[1] > 0
        for pair in columns
    )
    if (
        not fitting
        or len({name for name, _ in columns}) < len(columns)
        or not all(type(number) in (int, float) for number in numbers)
    ):
        raise _refused("the card does not describe a taste", place / CARD_FILE)
    try:
        smoothing, strength = (float(number) for number in numbers)
    except OverflowError as error:
        raise _refused("the card does not describe a taste", place / CARD_FILE) from error
    return dict(columns), smoothing, strength


def _tensors(path: Path, checksum: str) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        with open_file(path) as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise _refused(
            f"what was learned cannot be read ({error.strerror or error})", path
        ) from error
    if len(data) > LARGEST_FILE:
        raise _refused(f"the file is larger than {LARGEST_FILE} bytes", path)
    if hashlib.sha256(data).hexdigest() != checksum:
        raise _refused("what was learned is damaged: its checksum is not the card's", path)
    try:
        tensors: dict[str, NDArray[Any]] = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _refused("what was learned is not a safetensors file", path) from error
    return tensors


def _refused(happened: str, path: Path) -> ModelError:
    return ModelError(happened, path=path, remedy=_REMEDY)
