"""Measures what the training data of speech emotion weights are like, to be replayed later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.corpora import Utterance, read_corpora
from core.learning.emotion_features import read_cells
from core.learning.emotion_replay import RANK, Replay, save_replay
from core.learning.frame_recognisers import StatisticsRecogniser
from core.learning.training_material import Training
from core.networks.emotion_classes import LABELS
from core.networks.emotion_statistics import StatisticsNetwork
from core.networks.emotion_weights import load_emotion_network
from core.signals.speech_emotion import Normalisation, emotion_contract

LEAST_ROWS = 50
"""Windows that a class needs to have a Gaussian."""


def measure_replay(
    network: StatisticsNetwork,
    utterances: Sequence[Utterance],
    described: Sequence[NDArray[np.float32]],
) -> Replay | None:
    """The statistics of training data, described as a trained network is given them.

    Every utterance is heard as recorded, beside all others of its speaker.

    Args:
        network: Trained on them.
        utterances: Those with an emotion are looked at.
        described: Of each, (n, S) descriptions of pieces of it.

    Returns:
        None where no class has data enough.
    """
    rows, labels = _normalised(network, utterances, described)
    counts = np.bincount(labels, minlength=len(LABELS)).astype(np.int64)
    counts[counts < LEAST_ROWS] = 0
    known = np.flatnonzero(counts)
    if not len(known):
        return None
    heard = np.isin(labels, known)
    exact, classes = rows[heard].astype(np.float64), labels[heard]
    means = np.zeros((len(LABELS), rows.shape[1]))
    for label in known:
        means[label] = exact[classes == label].mean(axis=0)
    # Each class counts the same, as it does when it is drawn.
    apart = (exact - means[classes]) / np.sqrt(len(known) * counts[classes])[:, None]
    covariance = apart.T @ apart
    values, vectors = np.linalg.eigh(covariance)
    factors = vectors[:, -RANK:] * np.sqrt(np.maximum(values[-RANK:], 0))
    left = np.diag(covariance) - np.square(factors).sum(axis=1)
    return Replay(
        means.astype(np.float32),
        factors.astype(np.float32),
        np.sqrt(np.maximum(left, 0)).astype(np.float32),
        counts,
    )


def _normalised(
    network: StatisticsNetwork,
    utterances: Sequence[Utterance],
    described: Sequence[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    training = Normalisation(network.training_mean.numpy(), network.training_deviation.numpy())
    speakers: dict[str, list[int]] = {}
    for index, row in enumerate(utterances):
        if row.emotion in LABELS:
            speakers.setdefault(row.speaker, []).append(index)
    rows, labels = [], []
    for own in speakers.values():
        parts = [described[index] for index in own]
        heard = np.concatenate(parts)
        spoken = np.isfinite(heard).any(axis=1)
        usual = Normalisation.of(heard[spoken], training, prior=network.prior)
        names = [LABELS.index(str(utterances[index].emotion)) for index in own]
        rows.append(usual.apply(heard[spoken]))
        labels.append(np.repeat(names, [len(part) for part in parts])[spoken])
    if not rows:
        return np.zeros((0, len(training.mean)), np.float32), np.zeros(0, np.int64)
    return np.concatenate(rows), np.concatenate(labels).astype(np.int64)


def renew_replay(
    folder: Path,
    corpora: Mapping[str, Path],
    *,
    progress: Callable[[float, str], None] = lambda share, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Measures the statistics of weights that are there, without training anything.

    The weights and their contract stay as they are.

    Args:
        folder: Of the weights.
        corpora: What they were trained on, by name.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each file.

    Returns:
        The card as written.

    Raises:
        ModelError: The weights cannot be read, or the folder not be written.
        CorpusError: A corpus cannot be read.
        UsageError: The weights are of another kind, or were trained on other data.
        Cancelled: ``cancelled()`` returned true.
    """
    network, card = load_emotion_network(folder, contract=emotion_contract())
    if not isinstance(network, StatisticsNetwork):
        raise UsageError(
            "only a network over statistics is kept with what it learned from", path=folder
        )
    utterances = read_corpora(corpora)
    counts = Counter(row.corpus for row in utterances)
    if counts != {entry["corpus"]: entry["utterances"] for entry in card["data"]}:
        raise UsageError(
            "the weights were trained on other data than these",
            path=folder,
            remedy="Name the corpora that the card of the weights names.",
        )
    cells = read_cells(
        utterances,
        progress=lambda done: progress(0.95 * done, "reading the corpora"),
        cancelled=cancelled,
    )
    recogniser = StatisticsRecogniser(utterances, cells, Training())
    described = [recogniser.versions(row)[0] for row in range(len(utterances))]
    replay = measure_replay(network, utterances, described)
    if replay is None:
        raise UsageError("the data are too few for statistics of a class")
    card = save_replay(folder, replay)
    progress(1.0, "done")
    return card
