"""What is left of the training data beside weights of speech emotion: statistics to replay.

Whoever tunes weights later has not the data that they were trained on. So the weights bring what
goes into the network: a Gaussian of the normalised descriptions of each class, with a covariance
that the classes share, as in linear discriminant analysis, of low rank and a diagonal. Drawing from
them stands in for the data (replay of generated data: Robins 1995; of Gaussians: Hayes et al.
2020). They hold sums over thousands of utterances and no utterance.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.files import replace_file
from core.networks.emotion_classes import LABELS
from core.networks.emotion_statistics import StatisticsNetwork
from core.networks.weights import CARD_FILE, load_card
from core.signals.speech_emotion import CLIP

REPLAY_FILE = "replay.safetensors"
RANK = 64
"""Directions that the shared covariance is kept in, beside its diagonal."""
_RESTORE = "Install the application again, or measure the statistics again."
_LARGEST = 20_000_000
_NAMES = ("means", "factors", "deviations", "rows")


@dataclass(frozen=True, eq=False)
class Replay:
    """Gaussians of the normalised descriptions of windows, by class.

    Attributes:
        means: ``(8, S) float32`` by label; 0 where there is no Gaussian.
        factors: ``(S, R) float32``, the directions of the shared covariance.
        deviations: ``(S,) float32``, what is left of it in each column.
        rows: ``(8,) int64``, windows that each class was measured on.
    """

    means: NDArray[np.float32]
    factors: NDArray[np.float32]
    deviations: NDArray[np.float32]
    rows: NDArray[np.int64]

    def drawn(self, count: int, random: np.random.Generator) -> NDArray[np.float32]:
        """``(N, S) float32`` windows, equally many of each class.

        Args:
            count: Of each class.
            random: Decides them.
        """
        labels = np.flatnonzero(self.rows)
        shape = (len(labels), count)
        along = random.standard_normal((*shape, self.factors.shape[1]), dtype=np.float32)
        apart = random.standard_normal((*shape, self.factors.shape[0]), dtype=np.float32)
        drawn = self.means[labels][:, None] + along @ self.factors.T + apart * self.deviations
        return np.clip(drawn.reshape(-1, drawn.shape[-1]), -CLIP, CLIP).astype(np.float32)


def save_replay(folder: Path, replay: Replay) -> dict[str, Any]:
    """Puts statistics beside weights, and their checksum into the card of those.

    The card goes last, so that a crash leaves weights that have no statistics, or their old ones.

    Args:
        folder: Of the weights.
        replay: Of the same weights.

    Returns:
        The card as written.

    Raises:
        ModelError: There are no weights, or the folder cannot be written.
    """
    from safetensors.numpy import save

    card = load_card(folder)
    tensors = {name: getattr(replay, name).astype(np.float16) for name in _NAMES[:-1]}
    data = save({**tensors, "rows": replay.rows})
    card["replay"] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "weights": card["sha256"],
        "rows": {name: int(count) for name, count in zip(LABELS, replay.rows, strict=True)},
    }
    text = json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        replace_file(folder / REPLAY_FILE, data)
        replace_file(folder / CARD_FILE, text.encode())
    except OSError as error:
        raise ModelError(
            f"the statistics cannot be saved ({error.strerror or error})",
            path=folder,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error
    return card


def load_replay(folder: str | os.PathLike[str], network: StatisticsNetwork) -> Replay:
    """The statistics that lie beside weights.

    Args:
        folder: Of the weights.
        network: Made of them.

    Raises:
        ModelError: There are none, they are damaged, or of other weights.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    place = Path(folder)
    path = place / REPLAY_FILE
    card = load_card(place)
    said = card.get("replay")
    if not isinstance(said, Mapping):
        raise ModelError(
            "the weights bring no statistics of what they were trained on, and forget it if tuned",
            path=place,
            remedy="Train them again, or tune those of the application.",
        )
    try:
        if path.stat().st_size > _LARGEST:
            raise ModelError(
                f"the file is larger than {_LARGEST} bytes", path=path, remedy=_RESTORE
            )
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"the statistics of the training data cannot be read ({error.strerror or error})",
            path=path,
            remedy=_RESTORE,
        ) from error
    if hashlib.sha256(data).hexdigest() != said.get("sha256"):
        raise ModelError(
            "the statistics of the training data are damaged: their checksum is not the card's",
            path=path,
            remedy=_RESTORE,
        )
    if said.get("weights") != card["sha256"]:
        raise ModelError(
            "the statistics of the training data are those of other weights",
            path=path,
            remedy=_RESTORE,
        )
    try:
        tensors = load(data)
        parts = [np.asarray(tensors[name], np.float32) for name in _NAMES[:-1]]
        rows = np.asarray(tensors["rows"], np.int64)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            "the file is none of statistics of training data", path=path, remedy=_RESTORE
        ) from error
    columns = network.settings.statistics
    shapes = [(len(LABELS), columns), (columns, RANK), (columns,)]
    if (
        [part.shape for part in parts] != shapes
        or rows.shape != (len(LABELS),)
        or not (rows >= 0).all()
        or not rows.any()
        or not all(np.isfinite(part).all() for part in parts)
    ):
        raise ModelError(
            "the statistics of the training data do not fit the network", path=path, remedy=_RESTORE
        )
    means, factors, deviations = parts
    return Replay(means, factors, deviations, rows)
