"""Folders of frame heads: which backbone they were trained on, and what their classes mean."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import torch

from core.errors import ModelError, UsageError
from core.networks.frame_heads import (
    HEADS,
    FrameNetwork,
    FrameScorer,
    FrameSettings,
    FrameTagger,
)
from core.networks.weights import load_card, load_weights, save_weights

SCORER, TAGGER = "frame-scorer", "frame-tagger"
"""What the contract says that a folder holds."""

_USUAL = "mean and deviation of the training data"
_CENTRED = f"mean of the video taken off, then {_USUAL}"
_REMEDY = "Train the head again, or choose another folder of weights."

Network = TypeVar("Network", bound=FrameNetwork)


@dataclass(frozen=True)
class LoadedScorer:
    """A frame scorer, ready to use.

    Attributes:
        network: In evaluation mode.
        threshold: Probability that a highlight needs, chosen on validation videos.
        card: As it was saved.
    """

    network: FrameScorer
    threshold: float
    card: Mapping[str, Any]


@dataclass(frozen=True)
class LoadedTagger:
    """A frame tagger, ready to use.

    Attributes:
        network: In evaluation mode.
        labels: Names of the classes by head.
        useful: Heads that beat their majority class on videos that they never saw.
        card: As it was saved.
    """

    network: FrameTagger
    labels: Mapping[str, tuple[str, ...]]
    useful: tuple[str, ...]
    card: Mapping[str, Any]


def save_scorer(
    folder: str | os.PathLike[str],
    network: FrameScorer,
    backbone: str,
    threshold: float,
    card: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes a folder with a frame scorer.

    Args:
        folder: Made if it does not exist.
        network: The scorer.
        backbone: Version of the network that the features come from.
        threshold: Probability that a highlight needs.
        card: How it was trained and measured.

    Returns:
        The card as written.

    Raises:
        ModelError: The folder cannot be written.
    """
    return _save(
        folder, network, {**card, "threshold": threshold}, _contract(SCORER, network, backbone)
    )


def save_tagger(
    folder: str | os.PathLike[str],
    network: FrameTagger,
    backbone: str,
    labels: Mapping[str, Sequence[str]],
    card: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes a folder with a frame tagger.

    Args:
        folder: Made if it does not exist.
        network: The tagger.
        backbone: Version of the network that the features come from.
        labels: Names of the classes by head.
        card: How it was trained and measured; ``heads`` says of each ``beats_trivial``.

    Returns:
        The card as written.

    Raises:
        ModelError: The folder cannot be written, or the labels are not those of the heads.
    """
    named = _labels(labels, folder)
    return _save(folder, network, card, _contract(TAGGER, network, backbone, named))


def load_scorer(
    folder: str | os.PathLike[str], backbone: str, dimension: int | None = None
) -> LoadedScorer:
    """The frame scorer of a folder.

    Args:
        folder: Holds the weights and their card.
        backbone: Version of the network whose features will be fed.
        dimension: Of these features, if it is known already.

    Raises:
        ModelError: The folder is damaged, holds something else, or was trained on the features
            of another backbone.
    """
    network, card = _load(folder, FrameScorer, SCORER, backbone, dimension)
    threshold = card.get("threshold")
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        raise ModelError("the card has no threshold", path=folder, remedy=_REMEDY)
    if not math.isfinite(threshold):
        raise ModelError("the threshold is not a number", path=folder, remedy=_REMEDY)
    return LoadedScorer(network, float(threshold), card)


def load_tagger(
    folder: str | os.PathLike[str], backbone: str, dimension: int | None = None
) -> LoadedTagger:
    """The frame tagger of a folder.

    Args:
        folder: Holds the weights and their card.
        backbone: Version of the network whose features will be fed.
        dimension: Of these features, if it is known already.

    Raises:
        ModelError: The folder is damaged, holds something else, or was trained on the features
            of another backbone.
    """
    network, card = _load(folder, FrameTagger, TAGGER, backbone, dimension)
    measured = card.get("heads")
    if not isinstance(measured, Mapping):
        raise ModelError("the card does not say how good the heads are", path=folder)
    useful = tuple(
        name
        for name in HEADS
        if isinstance(found := measured.get(name), Mapping) and found.get("beats_trivial") is True
    )
    return LoadedTagger(network, _labels(card["contract"]["labels"], folder), useful, card)


def _contract(
    kind: str,
    network: FrameNetwork,
    backbone: str,
    labels: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    settings = network.settings
    return {
        "network": kind,
        "signal": "visual-features",
        "backbone": backbone,
        "features": settings.features,
        "normalisation": _CENTRED if settings.centred else _USUAL,
        "version": 1,
        **({} if labels is None else {"labels": {name: list(labels[name]) for name in HEADS}}),
    }


def _save(
    folder: str | os.PathLike[str],
    network: FrameNetwork,
    card: Mapping[str, Any],
    contract: Mapping[str, Any],
) -> dict[str, Any]:
    written = {**card, "contract": contract, "shape": asdict(network.settings)}
    return save_weights(folder, network.state_dict(), written)


def _load(
    folder: str | os.PathLike[str],
    made: type[Network],
    kind: str,
    backbone: str,
    dimension: int | None,
) -> tuple[Network, dict[str, Any]]:
    card = load_card(folder)
    theirs = card["contract"]
    if theirs.get("network") != kind:
        raise ModelError(
            f"this folder holds no {kind.replace('-', ' ')}", path=folder, remedy=_REMEDY
        )
    if theirs.get("backbone") != backbone:
        raise ModelError(
            f"these weights read frames as {theirs.get('backbone')} sees them, not as {backbone} "
            "does",
            path=folder,
            remedy="Choose the visual model that they were trained on, or train them on features "
            "of this one.",
        )
    labels = _labels(theirs.get("labels"), folder) if kind == TAGGER else None
    try:
        network = made(FrameSettings(**card["shape"]))
    except (KeyError, TypeError, ValueError, RuntimeError, UsageError) as error:
        raise ModelError(
            "the card does not say the shape of the network", path=folder, remedy=_REMEDY
        ) from error
    ours = _contract(kind, network, backbone, labels)
    if dimension is not None:
        ours["features"] = dimension
    tensors, card = load_weights(folder, contract=ours)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(
            "the weights do not fit their card", path=folder, remedy=_REMEDY
        ) from error
    if not bool(torch.all(network.training_deviation > 0)):
        raise ModelError(
            "the weights have an impossible normalisation", path=folder, remedy=_REMEDY
        )
    return network.eval().requires_grad_(False), card


def _labels(labels: Any, folder: str | os.PathLike[str]) -> dict[str, tuple[str, ...]]:
    """The names of the classes of all heads, checked."""
    if not isinstance(labels, Mapping) or labels.keys() != HEADS.keys():
        raise ModelError("the classes of the heads have no names", path=folder, remedy=_REMEDY)
    for name, classes in HEADS.items():
        given = labels[name]
        if (
            not isinstance(given, list | tuple)
            or not all(isinstance(label, str) and label.strip() for label in given)
            or len(set(given)) != classes
            or len(given) != classes
        ):
            raise ModelError(
                f"the head {name} has not {classes} different names", path=folder, remedy=_REMEDY
            )
    return {name: tuple(labels[name]) for name in HEADS}
