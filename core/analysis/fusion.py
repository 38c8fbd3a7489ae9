"""Fuses the tracks into the highlight curve: trained weights where they have earned it.

A trained network is used only if its card says that it beat the transparent baseline on videos that
it never saw; until then the baseline is used, and the curve says so. What the network has not
learned may be mixed in from the baseline, by the shares that stand in the card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.fusion_features import feature_contract, fusion_features, group_columns
from core.analysis.highlight import (
    CONTRIBUTIONS,
    WEIGHTS,
    Highlight,
    baseline,
    transparent_parts,
)
from core.analysis.personal_curve import with_taste
from core.analysis.shapley import shapley
from core.analysis.taste import Taste
from core.analysis.taste_file import load_taste
from core.errors import ModelError, UsageError
from core.networks.fusion_design import FusionDesign
from core.networks.weights import check_contract, load_card, load_weights
from core.places import MODELS

if TYPE_CHECKING:
    from core.networks.fusion import FusionNetwork, FusionOutput

DEFAULT_WEIGHTS = MODELS / "fusion"
LEARNED = "learned"
"""What the network's share is called in a card's mixture, beside the names of the baseline's."""

_VARIANT_VALUES = 2**25
"""Input values of the variants of a video that go through a network at once (0.1 GB)."""


class Fusion:
    """Makes the highlight curve of a video.

    Args:
        weights: Folder of a trained network; the baseline is used where there is none, or where it
            did not beat the baseline. Its card holds, beside what all cards hold, ``design``
            (:meth:`FusionDesign.as_json`), ``beats_baseline``, the ``name`` of what it learned
            from, and ``mixture``: the share of the score that is ``learned``, and those of parts
            of the transparent baseline.
        picture_version: Version of the backbone in use; weights that use pictures of another one
            are not used.
        picture_features: Dimension of its features.
        taste: Folder of a taste, which shifts the curve; one that was learned from features of
            another version is not used.

    Attributes:
        problem: Why a taste is not used; empty for nothing.

    Raises:
        ModelError: A folder holds weights that are damaged or made for other features.
    """

    def __init__(
        self,
        weights: Path | None,
        picture_version: str,
        picture_features: int,
        taste: Path | None = None,
    ) -> None:
        self._network: FusionNetwork | None = None
        self._design: FusionDesign | None = None
        self._features = picture_features
        self._taste: Taste | None = None
        self.problem = ""
        if taste is not None:
            self._read_taste(taste, feature_contract(picture_version, picture_features))
        if weights is None or not (weights / "card.json").exists():
            return
        self._weights = weights
        card = load_card(weights)
        if card.get("beats_baseline"):
            self._read(card, picture_version)

    @property
    def version(self) -> str:
        """Of the network; empty where the baseline is used."""
        return "" if self._design is None else self._version

    @property
    def parts(self) -> int:
        """Groups that the network looks at, 0 where the baseline is used."""
        return 0 if self._design is None else len(self._design.columns)

    def _read_taste(self, folder: Path, contract: dict[str, Any]) -> None:
        card = load_card(folder)
        if card["contract"] != contract:
            self.problem = (
                "What was learned from your corrections belongs to other networks for sound and "
                "pictures, and is not used. Learn again."
            )
            return
        self._taste, card = load_taste(folder, contract)
        self._taste_version = str(card["sha256"])[:12]

    def _read(self, card: dict[str, Any], picture_version: str) -> None:
        try:
            design = FusionDesign.from_json(card.get("design"))
            groups = tuple(design.columns)
            contract = feature_contract(picture_version, self._features, groups)
            mixture = _checked_mixture(card.get("mixture"))
        except (ModelError, UsageError) as error:
            raise _misfit(self._weights) from error
        if card["contract"].get("visual_features") != contract.get("visual_features"):
            return
        check_contract(card["contract"], contract, self._weights)
        widths = group_columns(self._features, groups)
        if list(design.columns.items()) != list(widths.items()):
            raise _misfit(self._weights)
        self._contract = contract
        self._mixture = mixture
        self._name = str(card.get("name", self._weights.name))
        self._version = str(card["sha256"])[:12]
        self._design = design

    def _loaded(self, design: FusionDesign) -> FusionNetwork:
        """The network, read when it is first needed: an analysed video opens without torch."""
        if self._network is None:
            from core.networks.fusion import FusionNetwork

            tensors, _ = load_weights(self._weights, contract=self._contract)
            network = FusionNetwork(design)
            try:
                network.load_state_dict(tensors)
            except RuntimeError as error:
                raise _misfit(self._weights) from error
            self._network = network.eval()
        return self._network

    def learned(
        self, tracks: Mapping[str, NDArray[Any]], count: int, total: int
    ) -> NDArray[np.float32]:
        """What each group adds to the network's score, over the first ``count`` of ``total`` cells.

        Returns:
            ``(count, parts) float32``, zero where the video has none of the groups but the
            position.

        Raises:
            ModelError: The weights are damaged.
        """
        if self._design is None:
            return np.zeros((count, 0), np.float32)
        groups = tuple(self._design.columns)
        features, _, present = fusion_features(tracks, count, total, self._features, groups)
        if not _tells(groups, present):
            return np.zeros((count, len(groups)), np.float32)
        return self._told(self._design, features, present)

    def _told(
        self, design: FusionDesign, features: NDArray[np.float32], present: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        found = _learned(self._loaded(design), features, present).astype(np.float32)
        if not np.isfinite(found).all():
            raise ModelError(
                "the fusion weights give scores that are not numbers",
                path=self._weights,
                remedy="Train them again, or remove the folder to use the baseline.",
            )
        return found

    def highlight(
        self,
        tracks: Mapping[str, NDArray[Any]],
        count: int,
        total: int,
        step: Fraction,
        learned: NDArray[np.float32] | None = None,
    ) -> Highlight:
        """The curve over the first ``count`` of ``total`` cells, shifted by the taste if any.

        See :meth:`shipped` for the curve that is shifted, and for the arguments.

        Raises:
            ModelError: The weights are damaged.
        """
        curve = self.shipped(tracks, count, total, step, learned)
        if self._taste is None or count == 0:
            return curve
        features, columns, present = fusion_features(tracks, count, total, self._features)
        groups = {name: features[:, place] for name, place in columns.items()}
        known = {name: present[:, index] for index, name in enumerate(columns)}
        return with_taste(curve, self._taste, groups, known, self._taste_version)

    def shipped(
        self,
        tracks: Mapping[str, NDArray[Any]],
        count: int,
        total: int,
        step: Fraction,
        learned: NDArray[np.float32] | None = None,
    ) -> Highlight:
        """The curve over the first ``count`` of ``total`` cells.

        A part that the video does not have leaves its share to the others. Where the video has none
        of the network's groups but the position, the baseline makes the curve. A network that
        learned emotion is asked only where somebody speaks: elsewhere its sound is what it never
        learned, and what is louder than usual counts by the baseline's share instead.

        Args:
            tracks: Rows by track, as long as known.
            count: Cells wanted.
            total: Cells of the whole video.
            step: Seconds per cell.
            learned: What :meth:`learned` gave for the same tracks, where that is known.

        Raises:
            ModelError: The weights are damaged.
        """
        if self._design is None or count == 0:
            return baseline(tracks, count, total, step)
        groups = tuple(self._design.columns)
        features, _, present = fusion_features(tracks, count, total, self._features, groups)
        there = [groups[index] for index in np.flatnonzero(present.any(axis=0))]
        if not _tells(groups, present):
            return baseline(tracks, count, total, step)
        parts = transparent_parts(tracks, count, total, step)
        usable = {*parts, LEARNED}
        mixture = {name: share for name, share in self._mixture.items() if name in usable}
        contributions = np.zeros((count, len(CONTRIBUTIONS)))
        for name, share in mixture.items():
            if name == LEARNED:
                places = [CONTRIBUTIONS.index(group) for group in groups]
                found = self._told(self._design, features, present) if learned is None else learned
                asked = _asked(groups, present)
                contributions[:, places] += share * np.where(asked[:, None], found, 0.0)
                if "sound" in groups and "sound" in parts:
                    loud = np.maximum(0.0, 2 * parts["sound"] - 1)
                    sound = CONTRIBUTIONS.index("sound")
                    contributions[:, sound] += np.where(asked, 0.0, WEIGHTS["sound"] * loud)
            else:
                contributions[:, CONTRIBUTIONS.index(name)] += share * parts[name]
        exact = (contributions / sum(mixture.values())).astype(np.float32)
        return Highlight(
            exact.sum(axis=1), exact, self._source(there, mixture), f"fusion-{self._version}"
        )

    def _source(self, there: Sequence[str], mixture: Mapping[str, float]) -> str:
        heard, plain = (
            _listed([name for name in CONTRIBUTIONS if name in used]) for used in (there, mixture)
        )
        learned = f"fusion of {heard} learned from {self._name}"
        return f"{learned}; {plain} by the transparent baseline" if plain else learned


def _tells(groups: tuple[str, ...], present: NDArray[np.bool_]) -> bool:
    """Whether the network has something to go by: speech if it learned emotion, else anything."""
    if "emotion" in groups:
        return bool(present[:, groups.index("emotion")].any())
    return any(name != "position" and present[:, index].any() for index, name in enumerate(groups))


def _asked(groups: tuple[str, ...], present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """``(count,)``: the cells that a network is asked about."""
    if "emotion" in groups:
        return present[:, groups.index("emotion")]
    return np.ones(len(present), bool)


def _learned(
    network: FusionNetwork, features: NDArray[np.float32], present: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """``(n, G)``: what each group adds to the network's score."""
    import torch

    if network.design.fusion == "gated":
        parts = _output(network, features, present[None]).parts
        assert parts is not None
        return parts[0].numpy()
    there = np.flatnonzero(present.any(axis=0))
    variants = np.stack([_with_only(present, there, chosen) for chosen in range(2 ** len(there))])
    at_once = max(1, _VARIANT_VALUES // features.size)
    scores = [
        torch.sigmoid(_output(network, features, variants[begin : begin + at_once]).logits).numpy()
        for begin in range(0, len(variants), at_once)
    ]
    shares = np.zeros(present.shape)
    shares[:, there] = shapley(np.concatenate(scores).astype(np.float64))
    return shares


def _output(
    network: FusionNetwork, features: NDArray[np.float32], variants: NDArray[np.bool_]
) -> FusionOutput:
    """What a network says of one video of which these groups are present, ``(V, n, G)``."""
    import torch

    with torch.inference_mode():
        same = torch.from_numpy(features).expand(len(variants), -1, -1)
        lengths = torch.full((len(variants),), len(features))
        output: FusionOutput = network(same, lengths, torch.from_numpy(variants))
    return output


def _with_only(
    present: NDArray[np.bool_], groups: NDArray[np.intp], chosen: int
) -> NDArray[np.bool_]:
    """Only those groups present whose bits are set."""
    kept = np.zeros(present.shape[1], bool)
    kept[[group for bit, group in enumerate(groups) if chosen >> bit & 1]] = True
    return present & kept


def _checked_mixture(mixture: object) -> dict[str, float]:
    if (
        not isinstance(mixture, dict)
        or LEARNED not in mixture
        or not mixture.keys() <= {LEARNED, *CONTRIBUTIONS}
        or not all(type(share) in (int, float) and 0 < share <= 1 for share in mixture.values())
    ):
        raise UsageError(f"{mixture!r} is no mixture of learned and transparent parts")
    return mixture


def _misfit(weights: Path) -> ModelError:
    return ModelError(
        "the fusion weights do not fit their card",
        path=weights,
        remedy="Train them again, or remove the folder to use the baseline.",
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
