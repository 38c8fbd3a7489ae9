"""Fuses the tracks into the highlight curve: trained weights where they have earned it.

A trained network is used only if its card says that it beat the transparent baseline on videos that
it never saw; until then the baseline is used, and the curve says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.highlight import CONTRIBUTIONS, Highlight, baseline
from core.errors import ModelError
from core.networks.weights import load_card, load_weights
from core.places import MODELS

if TYPE_CHECKING:
    from core.networks.fusion import FusionNetwork

DEFAULT_WEIGHTS = MODELS / "fusion"

_GROUPS: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "emotion": (("speech-emotion", tuple(range(9))),),
    "sound": (("loudness", (0, 1)), ("spectrum", (0, 1, 2, 4, 5))),
    "picture": (("motion", (0, 1, 2, 3)),),
}
POSITION_COLUMNS = 2


def feature_contract(picture_version: str, picture_features: int) -> dict[str, Any]:
    """What a fusion network must have been trained on to be used.

    Args:
        picture_version: Version of the backbone of the visual features.
        picture_features: Their dimension.
    """
    return {
        "groups": {
            name: [[track, list(columns)] for track, columns in parts]
            for name, parts in _GROUPS.items()
        },
        "visual_features": [picture_version, picture_features],
        "position": POSITION_COLUMNS,
        "normalisation": "per video: median and median absolute deviation; visual features by "
        "mean and overall deviation; unknown cells are zero",
        "version": 1,
    }


def fusion_features(
    tracks: Mapping[str, NDArray[Any]], count: int, total: int, picture_features: int
) -> tuple[NDArray[np.float32], dict[str, slice]]:
    """The network's input for the first ``count`` cells of a video, normalised within it.

    Args:
        tracks: Rows by track, as long as known.
        count: Cells wanted.
        total: Cells of the whole video.
        picture_features: Dimension of the visual features.

    Returns:
        ``(count, F) float32`` and the columns of each group of :data:`CONTRIBUTIONS`.
    """
    blocks: list[NDArray[np.float32]] = []
    columns: dict[str, slice] = {}
    begin = 0
    for name in CONTRIBUTIONS:
        if name == "position":
            place = (np.arange(count) + 0.5) / max(total, 1)
            group = [np.stack((np.sin(np.pi * place), 2 * place - 1), axis=1)]
        else:
            group = [_normalised(tracks.get(track), parts, count) for track, parts in _GROUPS[name]]
        if name == "picture":
            group.append(_centred(tracks.get("visual-features"), count, picture_features))
        block = np.concatenate(group, axis=1).astype(np.float32)
        blocks.append(block)
        columns[name] = slice(begin, begin + block.shape[1])
        begin += block.shape[1]
    return np.concatenate(blocks, axis=1), columns


def _normalised(
    rows: NDArray[Any] | None, columns: tuple[int, ...], count: int
) -> NDArray[np.float64]:
    values = np.zeros((count, len(columns)))
    if rows is None or len(rows) == 0:
        return values
    known = rows[:count, columns].astype(np.float64)
    finite = np.isfinite(known)
    if not finite.any():
        return values
    known = np.where(finite, known, np.nan)
    with np.errstate(all="ignore"):
        seen = known[:, finite.any(axis=0)]
        centre = np.nanmedian(seen, axis=0)
        spread = 1.4826 * np.nanmedian(np.abs(seen - centre), axis=0) + 1e-3
    scaled = np.zeros_like(known)
    scaled[:, finite.any(axis=0)] = np.nan_to_num(np.clip((seen - centre) / spread, -4, 4))
    values[: len(known)] = scaled
    return values


def _centred(rows: NDArray[Any] | None, count: int, dimension: int) -> NDArray[np.float64]:
    values = np.zeros((count, dimension))
    if rows is not None and len(rows):
        known = rows[:count].astype(np.float64)
        centred = known - known.mean(axis=0)
        values[: len(known)] = centred / (centred.std() + 1e-6)
    return values


class Fusion:
    """Makes the highlight curve of a video.

    Args:
        weights: Folder of a trained network; the baseline is used where there is none or where it
            did not beat the baseline.
        picture_version: Version of the backbone in use.
        picture_features: Dimension of its features.

    Raises:
        ModelError: The folder holds weights that are damaged or made for other features.
    """

    def __init__(self, weights: Path, picture_version: str, picture_features: int) -> None:
        self._network: FusionNetwork | None = None
        self._features = picture_features
        self.source = ""
        if not (weights / "card.json").exists():
            return
        card = load_card(weights)
        if not card.get("beats_baseline"):
            return
        contract = feature_contract(picture_version, picture_features)
        if card["contract"].get("visual_features") != contract["visual_features"]:
            return
        self._load(weights, contract)

    def _load(self, weights: Path, contract: dict[str, Any]) -> None:
        from core.networks.fusion import FusionNetwork

        tensors, card = load_weights(weights, contract=contract)
        try:
            network = FusionNetwork(int(card["features"]), int(card["hidden"]))
            network.load_state_dict(tensors)
        except (KeyError, ValueError, RuntimeError) as error:
            raise ModelError(
                "the fusion weights do not fit their card",
                path=weights,
                remedy="Train them again, or remove the folder to use the baseline.",
            ) from error
        self._network = network.eval()
        self.source = f"recurrent fusion network ({card.get('name', weights.name)})"

    def highlight(
        self, tracks: Mapping[str, NDArray[Any]], count: int, total: int, step: Fraction
    ) -> Highlight:
        """The curve over the first ``count`` of ``total`` cells."""
        if self._network is None or count == 0:
            return baseline(tracks, count, total, step)
        import torch

        features, columns = fusion_features(tracks, count, total, self._features)
        variants = [features]
        for name in CONTRIBUTIONS:
            without = features.copy()
            without[:, columns[name]] = 0
            variants.append(without)
        with torch.inference_mode():
            logits = self._network(
                torch.from_numpy(np.stack(variants)), torch.full((len(variants),), count)
            )
            scores = torch.sigmoid(logits).numpy()
        drop = np.maximum(scores[0] - scores[1:], 1e-6).T
        contributions = drop / drop.sum(axis=1, keepdims=True) * scores[0][:, None]
        return Highlight(scores[0], contributions.astype(np.float32), self.source)
