"""Training of the speech emotion network, from corpora to a folder of weights."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError
from core.files import replace_file
from core.learning.corpora import Utterance, read_corpora
from core.learning.emotion_card import human_card
from core.learning.emotion_evaluation import (
    Claims,
    LoudnessBaseline,
    claims_of,
    evaluate_emotion,
    report_rows,
)
from core.learning.emotion_features import CellFrames, read_cells
from core.learning.losses import concordance_loss, soft_cross_entropy
from core.learning.splits import check_disjoint, speaker_folds
from core.networks.emotion import EMOTIONS, EmotionNetwork, EmotionSettings
from core.networks.weights import save_weights
from core.signals.mfcc import DIMENSION, feature_contract
from core.signals.speech_emotion import AFTER, BEFORE, Normalisation, SpeechEmotion

EPOCHS = 16
"""Passes; fixed beforehand, so that no test part chooses when to stop."""
DEVELOPMENT = (
    "the default settings were fixed after two runs of 10 epochs, with and without pitch, "
    "seen on the first fold of seed 0 of EMO-DB and CREMA-D"
)
"""What was seen of the test parts before the settings were fixed; goes into every card."""
FOLDS = 5
COPIES = 3
"""Disturbed copies of each utterance, made once per training."""
BATCH = 48
PEAK_RATE = 3e-3
"""Largest learning rate of the one-cycle schedule (Smith and Topin 2019)."""
WEIGHT_DECAY = 1e-2
SHORTEST_CROP = 60
"""Frames (1.2 s) of the shortest piece that is trained on."""
LONGEST_CROP = BEFORE + AFTER + 50
"""Frames (4 s) of the longest piece, the window of a cell of 1 s at use."""

Progress = Callable[[float, str], None]
Cells = Sequence[Sequence[CellFrames]]
"""For each utterance: as recorded, then its disturbed copies."""


def train_emotion(
    corpora: Mapping[str, Path],
    out: Path,
    *,
    network: str = "lstm",
    seeds: int = 1,
    epochs: int = EPOCHS,
    folds: int = FOLDS,
    tests: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Measures on held-out speakers, then trains on everything and saves the weights.

    Nothing is written to ``out`` before everything is done.

    Args:
        corpora: Folder or table of each corpus by its name in
            :data:`core.learning.corpora.READERS`.
        out: Folder that the weights, ``card.json`` and ``CARD.md`` go to.
        network: ``lstm`` or ``gru``.
        seeds: How often to repeat the cross-validation; the weights are those of the first seed.
        epochs: Passes over the utterances.
        folds: Parts of the cross-validation over speakers; 0 to skip it, and report nothing.
        tests: Further corpora that the finished weights are only measured on.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each batch and each file.

    Returns:
        The card: data, protocol, contract, ``results`` on held-out speakers and
        ``other_corpora``, each measure beside its trivial baselines.

    Raises:
        CorpusError: A corpus cannot be read, has no labels, or is both trained on and tested.
        UsageError: There are fewer speakers than folds.
        ModelError: The network is not known, or the weights cannot be saved.
        Cancelled: ``cancelled()`` returned true.
    """
    settings = EmotionSettings(DIMENSION, kind=network)
    say = progress or _silent
    tests = tests or {}
    if both := sorted({*tests} & {*corpora}):
        raise CorpusError(f"a corpus is both trained on and tested ({', '.join(both)})")
    utterances = read_corpora(corpora)
    if not any(row.distribution for row in utterances):
        raise CorpusError("no utterance has an emotion to learn from")
    cells = read_cells(
        utterances,
        copies=COPIES,
        progress=_between(say, 0.0, 0.2, "reading the corpora"),
        cancelled=cancelled,
    )
    repeats = seeds if folds else 0
    each = 0.7 / (repeats * folds + 1)
    runs = []
    for seed in range(repeats):
        start = 0.2 + each * folds * seed
        measuring = _between(say, start, start + each * folds, "measuring on held-out speakers")
        runs.append(
            cross_validate(utterances, cells, settings, epochs, folds, seed, measuring, cancelled)
        )
    trained = fit_network(
        utterances,
        cells,
        np.arange(len(utterances)),
        settings,
        epochs,
        0,
        _between(say, 0.9 - each, 0.9, "training on all speakers"),
        cancelled,
    )
    baseline = LoudnessBaseline.fit(utterances, [versions[0] for versions in cells])
    results = report_rows(utterances, runs) if runs else []
    card = {
        "name": "speech-emotion",
        "network": asdict(settings),
        "contract": feature_contract(),
        "emotions": list(EMOTIONS),
        "trained_emotions": trained_emotions(utterances),
        "data": _data(utterances),
        "protocol": {
            "split": f"{folds}-fold cross-validation, speaker-disjoint within each corpus",
            "seeds": list(range(repeats)),
            "epochs": epochs,
            "development": DEVELOPMENT,
            "batch": BATCH,
            "copies": COPIES,
            "shipped": "seed 0, trained on all speakers",
        },
        "loudness_baseline": baseline.as_json(),
        "results": results,
        "command": " ".join(
            [
                "emotion-shortform train emotion",
                *(f"--corpus {name}=PATH" for name in sorted(corpora)),
                *(f"--test {name}=PATH" for name in sorted(tests)),
            ]
        ),
    }
    if tests:
        testing = _between(say, 0.9, 1.0, "measuring on other corpora")
        with tempfile.TemporaryDirectory() as folder:
            save_weights(folder, trained.state_dict(), card)
            report = evaluate_emotion(
                folder, tests, progress=lambda done, _: testing(done), cancelled=cancelled
            )
        card["other_corpora"] = report["results"]
    card = save_weights(out, trained.state_dict(), card)
    replace_file(out / "CARD.md", human_card(card).encode())
    say(1.0, "done")
    return card


def cross_validate(
    utterances: Sequence[Utterance],
    cells: Cells,
    settings: EmotionSettings,
    epochs: int,
    folds: int,
    seed: int,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool] | None,
) -> Claims:
    """What networks that never heard a speaker say of that speaker's utterances.

    Raises:
        UsageError: A corpus has fewer speakers than folds.
        Cancelled: ``cancelled()`` returned true.
    """
    corpora = sorted({row.corpus for row in utterances})
    splits = []
    for corpus in corpora:
        rows = np.array([i for i, row in enumerate(utterances) if row.corpus == corpus])
        parted = speaker_folds([utterances[row].speaker for row in rows], folds, seed=seed)
        splits.append([rows[test] for _, test in parted])
    parts = []
    speakers = [row.speaker for row in utterances]
    for fold in range(folds):
        test = np.concatenate([split[fold] for split in splits])
        learned = np.setdiff1d(np.arange(len(utterances)), test)
        check_disjoint(speakers, learned, test)
        within = _between(lambda done, _: progress(done), fold / folds, (fold + 1) / folds, "")
        network = fit_network(utterances, cells, learned, settings, epochs, seed, within, cancelled)
        baseline = LoudnessBaseline.fit(
            [utterances[row] for row in learned], [cells[row][0] for row in learned]
        )
        with tempfile.TemporaryDirectory() as folder:
            card = {
                "network": asdict(settings),
                "contract": feature_contract(),
                "emotions": list(EMOTIONS),
                "trained_emotions": trained_emotions([utterances[row] for row in learned]),
            }
            save_weights(folder, network.state_dict(), card)
            signal = SpeechEmotion(folder)
        parts.append(
            claims_of(
                signal, [utterances[row] for row in test], [cells[row][0] for row in test],
                baseline, rows=test,
            )
        )  # fmt: skip
    return Claims.joined(parts)


def fit_network(
    utterances: Sequence[Utterance],
    cells: Cells,
    rows: NDArray[np.int64],
    settings: EmotionSettings,
    epochs: int,
    seed: int,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool] | None,
) -> EmotionNetwork:
    """A network trained on some of the utterances; the others are not looked at.

    Utterances are drawn with replacement, each group of one corpus and one emotion in proportion
    to the square root of its size. A piece of 1.2 to 4 s of speech frames is taken of one of the
    versions, normalised by what a random part of that speaker's utterances look like.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    spoken = {row: [version.spoken for version in cells[row]] for row in rows}
    rows = np.array([row for row in rows if len(spoken[row][0])])
    network = EmotionNetwork(settings)
    frames = np.concatenate([spoken[row][0] for row in rows])
    prior = Normalisation(frames.mean(axis=0), frames.std(axis=0) + np.float32(1e-3))
    network.training_mean.copy_(torch.from_numpy(prior.mean))
    network.training_deviation.copy_(torch.from_numpy(prior.deviation))
    chance = _chances([utterances[row] for row in rows])
    learned = [name in trained_emotions(utterances) for name in EMOTIONS]
    batch = max(8, min(BATCH, len(rows) // 8))
    steps = max(1, len(rows) // batch)
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, PEAK_RATE, total_steps=epochs * steps, pct_start=0.2
    )
    network.train()
    for epoch in range(epochs):
        usual = _normalisations(utterances, spoken, rows, prior, random)
        for step in range(steps):
            if cancelled is not None and cancelled():
                raise Cancelled
            drawn = rows[random.choice(len(rows), size=batch, p=chance)]
            pieces = []
            for row in drawn:
                version = spoken[row][random.integers(len(spoken[row]))]
                piece = _piece(version if len(version) else spoken[row][0], random)
                pieces.append(usual[utterances[row].speaker].apply(piece))
            loss = _loss(network, pieces, [utterances[row] for row in drawn], learned)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            progress((epoch * steps + step + 1) / (epochs * steps))
    return network.eval()


def trained_emotions(utterances: Sequence[Utterance]) -> list[str]:
    """The classes that some utterance's label gives a share to, in the order of EMOTIONS."""
    return [
        name
        for index, name in enumerate(EMOTIONS)
        if any(row.distribution is not None and row.distribution[index] > 0 for row in utterances)
    ]


def _loss(
    network: EmotionNetwork,
    pieces: Sequence[NDArray[np.float32]],
    utterances: Sequence[Utterance],
    learned: Sequence[bool],
) -> torch.Tensor:
    longest = max(len(piece) for piece in pieces)
    frames = torch.zeros(len(pieces), longest, DIMENSION)
    mask = torch.zeros(len(pieces), longest, dtype=torch.bool)
    for index, piece in enumerate(pieces):
        frames[index, : len(piece)] = torch.from_numpy(piece)
        mask[index, : len(piece)] = True
    output = network(frames, mask)
    classes = torch.tensor([row.distribution or (0.0,) * len(EMOTIONS) for row in utterances])
    known = torch.tensor([row.distribution is not None for row in utterances])
    logits = output.logits.masked_fill(~torch.tensor(learned), -torch.inf)
    loss = soft_cross_entropy(logits, classes, known)
    for predicted, targets in (
        (output.arousal, [row.arousal for row in utterances]),
        (output.valence, [row.valence for row in utterances]),
    ):
        rated = torch.tensor([target is not None for target in targets])
        wanted = torch.tensor([target or 0.0 for target in targets])
        loss = loss + 0.5 * concordance_loss(predicted, wanted, rated)
    return loss


def _piece(frames: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    length = min(len(frames), int(random.integers(SHORTEST_CROP, LONGEST_CROP + 1)))
    start = int(random.integers(0, len(frames) - length + 1))
    return frames[start : start + length]


def _chances(utterances: Sequence[Utterance]) -> NDArray[np.float64]:
    groups = [(row.corpus, row.emotion) for row in utterances]
    sizes = Counter(groups)
    chance = np.array([sizes[group] ** -0.5 for group in groups])
    return np.asarray(chance / chance.sum())


def _normalisations(
    utterances: Sequence[Utterance],
    spoken: Mapping[int, Sequence[NDArray[np.float32]]],
    rows: NDArray[np.int64],
    prior: Normalisation,
    random: np.random.Generator,
) -> dict[str, Normalisation]:
    """For each speaker, from 8 to all of the utterances, as a video would have them."""
    of_speaker: dict[str, list[int]] = {}
    for row in rows:
        of_speaker.setdefault(utterances[row].speaker, []).append(int(row))
    result = {}
    for speaker, own in of_speaker.items():
        count = int(random.integers(min(8, len(own)), len(own) + 1))
        chosen = random.choice(own, size=count, replace=False)
        versions = [spoken[row][int(random.integers(len(spoken[row])))] for row in chosen]
        result[speaker] = Normalisation.of(np.concatenate(versions), prior)
    return result


def _data(utterances: Sequence[Utterance]) -> list[dict[str, Any]]:
    result = []
    for corpus in sorted({row.corpus for row in utterances}):
        own = [row for row in utterances if row.corpus == corpus]
        result.append(
            {
                "corpus": corpus,
                "licence": own[0].licence,
                "utterances": len(own),
                "speakers": len({row.speaker for row in own}),
                "rated": own[0].rated,
            }
        )
    return result


def _between(say: Progress, low: float, high: float, message: str) -> Callable[[float], None]:
    """Progress of a part of the work, 0 to 1, as that of the whole."""
    return lambda done: say(min(high, low + (high - low) * done), message)


def _silent(share: float, message: str) -> None:
    """Nobody watches."""
