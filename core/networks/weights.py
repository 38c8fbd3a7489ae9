"""Folders of weights: ``weights.safetensors`` with a ``card.json`` that says what they are."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from core.files import open_file, replace_file

if TYPE_CHECKING:
    import torch

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.json"
FORMAT = 1
LARGEST_CARD = 1_000_000
"""Bytes; a larger card is not one of ours."""

_RESTORE = "Install the application again, or choose another folder of weights."
_RETRAIN = "Use weights that were trained with this version, or train them again."


def save_weights(
    folder: str | os.PathLike[str],
    tensors: Mapping[str, torch.Tensor],
    card: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes a folder of weights; each of its files is replaced whole or not at all.

    The card goes last: a crash between the two files leaves a folder that is refused, never one
    that is misread.

    Args:
        folder: Made if it does not exist.
        tensors: By name, as of ``module.state_dict()``.
        card: Plain JSON data; must hold the ``contract`` of the features. The ``format``, the
            ``sha256`` and the number of ``parameters`` are added here.

    Returns:
        The card as written.

    Raises:
        ModelError: The folder cannot be written, or the card is not plain JSON data.
    """
    from safetensors.torch import save

    place = Path(folder)
    data = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    written = {
        **card,
        "format": FORMAT,
        "sha256": hashlib.sha256(data).hexdigest(),
        "parameters": sum(tensor.numel() for tensor in tensors.values()),
    }
    if not isinstance(written.get("contract"), Mapping):
        raise ModelError("weights need a card with the contract of their features", path=place)
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
            f"the weights cannot be saved ({error.strerror or error})",
            path=place,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error
    return written


def load_card(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """The card of a folder of weights, without the weights.

    Raises:
        ModelError: There is no card, or it is not one of ours.
    """
    path = Path(folder) / CARD_FILE
    data = _read(path, LARGEST_CARD)
    try:
        card = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            "the card of the weights is damaged", path=path, remedy=_RESTORE
        ) from error
    if not isinstance(card, dict) or not isinstance(card.get("contract"), dict):
        raise ModelError(
            "the card of the weights says nothing of their features", path=path, remedy=_RESTORE
        )
    if not isinstance(card.get("sha256"), str):
        raise ModelError(
            "the card of the weights does not name its weights", path=path, remedy=_RESTORE
        )
    if card.get("format") != FORMAT:
        raise ModelError(
            f"the card of the weights has format {card.get('format')!r}, not {FORMAT}",
            path=path,
            remedy=_RETRAIN,
        )
    return card


def load_weights(
    folder: str | os.PathLike[str], *, contract: Mapping[str, Any]
) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The tensors and the card of a folder, checked before anything is made of them.

    Args:
        folder: Holds ``weights.safetensors`` and ``card.json``.
        contract: The features that the caller is going to feed; plain JSON data.

    Returns:
        Tensors by name, and the card.

    Raises:
        ModelError: A file is missing or damaged, the checksum is not the card's, a number is not
            finite, or the weights were trained with other features.
    """
    place = Path(folder)
    path = place / WEIGHTS_FILE
    card = load_card(place)
    check_contract(card["contract"], contract, place)
    data = _read(path, None)
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ModelError(
            "the weights are damaged: their checksum is not the card's", path=path, remedy=_RESTORE
        )
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            "the weights are not a safetensors file", path=path, remedy=_RESTORE
        ) from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise ModelError(
                f"the weights '{name}' hold numbers that are not finite", path=path, remedy=_RETRAIN
            )
    return tensors, card


def check_contract(theirs: Mapping[str, Any], ours: Mapping[str, Any], place: Path) -> None:
    """Refuses weights that were trained with other features.

    Args:
        theirs: The contract in the card of the weights.
        ours: That of the features that are going to be fed; plain JSON data.
        place: Folder of the weights, for the message.

    Raises:
        ModelError: It names what differs.
    """
    plain = json.loads(json.dumps(dict(ours)))
    differing = sorted(
        key for key in {*theirs, *plain} if theirs.get(key, ...) != plain.get(key, ...)
    )
    if differing:
        detail = "; ".join(
            f"{key}: {theirs.get(key, 'absent')!r} instead of {plain.get(key, 'absent')!r}"
            for key in differing[:3]
        )
        raise ModelError(
            f"the weights were trained with other features ({detail})", path=place, remedy=_RETRAIN
        )


def _read(path: Path, limit: int | None) -> bytes:
    try:
        with open_file(path) as file:
            data = file.read(-1 if limit is None else limit + 1)
    except FileNotFoundError as error:
        raise ModelError("the weights are missing", path=path, remedy=_RESTORE) from error
    except OSError as error:
        raise ModelError(
            f"the weights cannot be read ({error.strerror or error})", path=path, remedy=_RESTORE
        ) from error
    if limit is not None and len(data) > limit:
        raise ModelError(f"the file is larger than {limit} bytes", path=path, remedy=_RESTORE)
    return data
