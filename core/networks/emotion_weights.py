"""Which network a card of speech emotion weights means."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import ModelError
from core.networks.emotion import EmotionNetwork
from core.networks.emotion_classes import LABELS
from core.networks.emotion_recurrent import RecurrentNetwork, RecurrentSettings
from core.networks.emotion_statistics import StatisticsNetwork, StatisticsSettings
from core.networks.weights import load_weights

NETWORKS: Mapping[str, Callable[[Mapping[str, Any]], EmotionNetwork]] = {
    "statistics": lambda settings: StatisticsNetwork(StatisticsSettings(**settings)),
    "lstm": lambda settings: RecurrentNetwork(RecurrentSettings(**settings)),
    "gru": lambda settings: RecurrentNetwork(RecurrentSettings(**settings)),
}
"""By the ``kind`` of their settings."""


def load_emotion_network(
    folder: str | os.PathLike[str], *, contract: Mapping[str, Any]
) -> tuple[EmotionNetwork, dict[str, Any]]:
    """The network of a folder of weights, ready to use, and its card.

    Raises:
        ModelError: The folder is damaged, was trained with other features, or holds something
            else than an emotion network.
    """
    tensors, card = load_weights(folder, contract=contract)
    remedy = "Install the application again, or choose another folder of weights."
    if card.get("labels") != list(LABELS):
        raise ModelError("the weights know other emotions", path=folder, remedy=remedy)
    try:
        settings = card["network"]
        network = NETWORKS[settings["kind"]](settings)
        network.load_state_dict(tensors)
        if not bool(network.learned_labels.any()):
            raise ModelError("the network has learned no label")
    except (KeyError, TypeError, RuntimeError, ModelError) as error:
        raise ModelError(
            "the weights are not those of an emotion network", path=folder, remedy=remedy
        ) from error
    return network.eval().requires_grad_(False), card
