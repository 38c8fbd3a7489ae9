"""How much each weight of a fusion network matters to what the network learned.

The videos that shipped weights learned from cannot be given away; this is the statistic of them
that can: the diagonal of the Fisher information, by which a network may learn something new without
forgetting (elastic weight consolidation, Kirkpatrick et al. 2017). It lies beside the weights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Cancelled, ModelError, UsageError
from core.files import open_file, replace_file

if TYPE_CHECKING:
    import torch

    from core.learning.highlights.network_training import TrainedNetwork
    from core.learning.highlights.sequences import VideoSequence
    from core.networks.fusion import FusionNetwork

IMPORTANCE_FILE = "importance.safetensors"
DRAWS = 8
"""Times that labels are drawn for each video."""
MOST_VIDEOS = 64
"""Videos that are looked at; more do not change the mean."""

_LARGEST = 50_000_000
_RESTORE = "Install the application again, or train the weights again."


def measure_importance(
    trained: TrainedNetwork,
    sequences: Sequence[VideoSequence],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, torch.Tensor]:
    """The diagonal Fisher information of a network's weights, per cell of these videos.

    Labels are drawn from what the network itself says; the mean square of the slope of their
    likelihood is the Fisher information, whatever the true labels are. Half the sum of it times
    the squares of small changes of the weights is how far, in nats per cell, the changed network's
    probabilities are from the unchanged one's on such videos.

    Args:
        trained: The network, in evaluation mode.
        sequences: What it learned from; their labels are not looked at. Of more than
            :data:`MOST_VIDEOS`, so many are drawn.
        draws: Times that labels are drawn for each video.
        seed: Of the drawing.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked at every draw.

    Returns:
        A tensor of each parameter's shape by its name; nothing is negative.

    Raises:
        UsageError: There are no videos or no draws.
        Cancelled: ``cancelled()`` returned true.
    """
    import torch

    if not sequences or draws < 1:
        raise UsageError("the importance of weights needs videos and draws")
    network = trained.network
    names, parameters = zip(*network.named_parameters(), strict=True)
    found = [torch.zeros_like(parameter) for parameter in parameters]
    generator = torch.Generator().manual_seed(seed)
    ordered = sorted(sequences, key=lambda sequence: sequence.video.key)
    drawn = np.random.default_rng(seed).permutation(len(ordered))[:MOST_VIDEOS]
    cells = 0
    for index, sequence in enumerate(ordered[place] for place in sorted(drawn.tolist())):
        features, present = (
            torch.from_numpy(rows)
            for rows in (
                np.concatenate([sequence.groups[name] for name in trained.groups], axis=1),
                np.stack([sequence.present[name] for name in trained.groups], axis=1),
            )
        )
        logits = network(features[None], torch.tensor([len(features)]), present[None]).logits[0]
        chances = torch.sigmoid(logits.detach())
        for draw in range(draws):
            if cancelled():
                raise Cancelled
            progress((index + draw / draws) / len(drawn))
            labels = torch.bernoulli(chances, generator=generator)
            # The slope of the labels' likelihood by the logits is what they differ by.
            slopes = torch.autograd.grad(
                logits, parameters, labels - chances, retain_graph=True, materialize_grads=True
            )
            for total, slope in zip(found, slopes, strict=True):
                total += slope.square() / draws
        cells += len(features)
    progress(1.0)
    return {name: total / cells for name, total in zip(names, found, strict=True)}


def save_importance(folder: Path, importance: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Writes the file; it belongs to a folder of weights once their card holds what this gives.

    Args:
        folder: Of the weights, which are saved afterwards; made if it does not exist.
        importance: Of :func:`measure_importance`.

    Returns:
        The entry ``importance`` of the card.

    Raises:
        ModelError: The folder cannot be written.
    """
    from safetensors.torch import save

    data = save({name: tensor.contiguous() for name, tensor in importance.items()})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / IMPORTANCE_FILE, data)
    except OSError as error:
        raise ModelError(
            f"the importance of the weights cannot be saved ({error.strerror or error})",
            path=folder / IMPORTANCE_FILE,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error
    return {"file": IMPORTANCE_FILE, "sha256": hashlib.sha256(data).hexdigest()}


def load_importance(
    folder: Path, card: Mapping[str, Any], network: FusionNetwork
) -> dict[str, torch.Tensor]:
    """The importance of a network's weights, checked before anything is made of it.

    Args:
        folder: Of the weights.
        card: Of the weights.
        network: Whose parameters it is about.

    Raises:
        ModelError: The file is missing or damaged, its checksum is not the card's, or it is about
            another network.
    """
    path = folder / IMPORTANCE_FILE
    entry = card.get("importance")
    if not isinstance(entry, Mapping):
        raise ModelError(
            "the card of the weights says nothing of their importance", path=folder, remedy=_RESTORE
        )
    try:
        with open_file(path) as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ModelError(
            f"the importance of the weights cannot be read ({error.strerror or error})",
            path=path,
            remedy=_RESTORE,
        ) from error
    if len(data) > _LARGEST:
        raise ModelError(f"the file is larger than {_LARGEST} bytes", path=path, remedy=_RESTORE)
    if hashlib.sha256(data).hexdigest() != entry.get("sha256"):
        raise ModelError(
            "the importance of the weights is damaged: its checksum is not the card's",
            path=path,
            remedy=_RESTORE,
        )
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        found = load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            "the importance of the weights is not a safetensors file", path=path, remedy=_RESTORE
        ) from error
    wanted = {name: parameter.shape for name, parameter in network.named_parameters()}
    if {name: tensor.shape for name, tensor in found.items()} != wanted:
        raise ModelError(
            "the importance is that of another network's weights", path=path, remedy=_RESTORE
        )
    for name, tensor in found.items():
        if not tensor.is_floating_point() or not bool((tensor.isfinite() & (tensor >= 0)).all()):
            raise ModelError(
                f"the importance of '{name}' holds numbers that make no sense",
                path=path,
                remedy=_RESTORE,
            )
    return found
