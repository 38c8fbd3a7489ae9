"""The pieces of speech that the small networks learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.balance import class_weights, drawing_chances, smote_sequences
from core.learning.corpora import Utterance
from core.learning.targets import Targets
from core.signals.speech_emotion import AFTER, BEFORE, Normalisation

BALANCES = ("drawing", "weights", "smote")
"""What is done against rare classes: drawing them more often, weighing them more in the loss, or
adding synthetic ones (SMOTE, Chawla et al. 2002)."""
SHORTEST_PIECE = 60
"""Speech frames (1.2 s) of the shortest piece that is trained on."""
LONGEST_PIECE = BEFORE + AFTER + 50
"""Speech frames (4 s) of the longest piece, the window of a cell of 1 s at use."""
SMOTE_FRAMES = 100
"""Frames (2 s) of the pieces that synthetic sequences lie between."""
LEAST_USUAL = 8
"""Utterances that a speaker's statistics are made of at the least, as in a short video."""


@dataclass(frozen=True)
class Training:
    """How a network is trained; goes into the card of its weights.

    Args:
        epochs: Passes; fixed beforehand, so that no test part chooses when to stop.
        batch: Pieces of a step.
        rate: Largest learning rate of the one-cycle schedule (Smith and Topin 2019).
        decay: Weight decay of AdamW (Loshchilov and Hutter 2019).
        balance: One of :data:`BALANCES`.
        recorded: Share of the epochs in which a speaker is heard as recorded; in the others in
            one of the scenes that the copies were made in.
        thin_neutral: Leaves out neutral utterances until there are as many as of the second
            largest class.

    Raises:
        UsageError: A value is not positive, or the balance is not known.
    """

    epochs: int = 40
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.1
    balance: str = "drawing"
    recorded: float = 0.5
    thin_neutral: bool = False

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch, self.rate) <= 0 or self.decay < 0:
            raise UsageError("epochs, batch and learning rate are positive")
        if self.balance not in BALANCES:
            raise UsageError(
                f"{self.balance!r} is no way to balance classes",
                remedy=f"Choose out of {', '.join(BALANCES)}.",
            )


class TrainingMaterial:
    """Pieces to learn from, normalised anew in each epoch.

    Args:
        utterances: The training part, N rows.
        versions: Of each, (n, C) rows to describe it by: as recorded, then its copies.
        piece: Takes a random part of a version.
        training: How rows are drawn and balanced.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        versions: Sequence[Sequence[NDArray[np.float32]]],
        piece: Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]],
        training: Training,
    ) -> None:
        self._versions = [_heard(own) for own in versions]
        self._piece = piece
        self._training = training
        self._speakers = [row.speaker for row in utterances]
        self._of_speaker: dict[str, list[int]] = {}
        for index, speaker in enumerate(self._speakers):
            self._of_speaker.setdefault(speaker, []).append(index)
        self.prior = self._training_statistics()
        self._targets = Targets.of(utterances)
        groups = [(row.corpus, row.emotion) for row in utterances]
        balance = training.balance
        power = 0.5 if balance == "drawing" else 0.0
        self._chances = drawing_chances(groups, power)
        self._weights: torch.Tensor | None = None
        if balance == "weights":
            known = class_weights([row.emotion for row in utterances])
            weights = [known.get(row.emotion or "", 1.0) for row in utterances]
            self._weights = torch.tensor(weights, dtype=torch.float32)
        self._synthetic: tuple[NDArray[np.float32], torch.Tensor] | None = None
        names = sorted({str(row.emotion) for row in utterances})
        self._classes = np.array([names.index(str(row.emotion)) for row in utterances])

    def __len__(self) -> int:
        return len(self._versions)

    def _training_statistics(self) -> Normalisation:
        """Mean of all recordings, and their deviation within speakers."""
        own = {
            speaker: np.concatenate([self._versions[index][0] for index in indices])
            for speaker, indices in self._of_speaker.items()
        }
        everything = np.concatenate(list(own.values()))
        columns = everything.shape[1]
        zero = Normalisation(np.zeros(columns, np.float32), np.ones(columns, np.float32))
        mean = Normalisation.of(everything, zero, prior=1e-3).mean
        spreads = [Normalisation.of(part, zero, prior=1.0).deviation for part in own.values()]
        return Normalisation(mean, np.sqrt(np.mean(np.square(spreads), axis=0)) + np.float32(1e-3))

    def begin_epoch(self, random: np.random.Generator, prior: int) -> None:
        """Draws what is usual for each speaker, and the synthetic pieces."""
        self._usual = {}
        self._scene = {}
        for speaker, indices in self._of_speaker.items():
            count = int(random.integers(min(LEAST_USUAL, len(indices)), len(indices) + 1))
            chosen = random.choice(indices, size=count, replace=False)
            copies = min(len(self._versions[index]) for index in indices) - 1
            as_recorded = not copies or random.random() < self._training.recorded
            self._scene[speaker] = 0 if as_recorded else 1 + int(random.integers(copies))
            rows = np.concatenate([self._version(int(index)) for index in chosen])
            self._usual[speaker] = Normalisation.of(rows, self.prior, prior=prior)
        if self._training.balance == "smote":
            pieces = [self._normal(index, random) for index in range(len(self))]
            length = 1 if all(len(piece) == 1 for piece in pieces) else SMOTE_FRAMES
            even = np.stack([np.resize(piece, (length, piece.shape[1])) for piece in pieces])
            made, targets = smote_sequences(
                even, self._classes, self._targets.values.numpy(), int(random.integers(2**31))
            )
            self._synthetic = made, torch.from_numpy(targets)

    def draw(
        self, batch: int, random: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, Targets, torch.Tensor | None]:
        """Pieces (B, n, C), their mask (B, n), what they teach, and what they weigh."""
        real, made = len(self), 0 if self._synthetic is None else len(self._synthetic[0])
        if made:
            drawn = random.integers(0, real + made, size=batch)
        else:
            drawn = random.choice(real, size=batch, p=self._chances)
        pieces, values = [], []
        for index in drawn.tolist():
            if index < real:
                pieces.append(self._normal(index, random))
                values.append(self._targets.values[index])
            else:
                assert self._synthetic is not None
                pieces.append(self._synthetic[0][index - real])
                values.append(self._synthetic[1][index - real])
        weights = None if self._weights is None else self._weights[torch.from_numpy(drawn)]
        return *padded(pieces), Targets(torch.stack(values)), weights

    def _normal(self, index: int, random: np.random.Generator) -> NDArray[np.float32]:
        piece = self._piece(self._version(index), random)
        return self._usual[self._speakers[index]].apply(piece)

    def _version(self, index: int) -> NDArray[np.float32]:
        return self._versions[index][self._scene[self._speakers[index]]]


def _heard(versions: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """The versions, with the recorded one in the place of those without speech."""
    return [version if np.isfinite(version).any() else versions[0] for version in versions]


def cropped(frames: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """A random part of (n, C) frames, 1.2 to 4 s long, or all of them."""
    length = min(len(frames), int(random.integers(SHORTEST_PIECE, LONGEST_PIECE + 1)))
    start = int(random.integers(0, len(frames) - length + 1))
    return frames[start : start + length]


def padded(pieces: Sequence[NDArray[np.float32]]) -> tuple[torch.Tensor, torch.Tensor]:
    """(B, n, C) and the mask (B, n) of pieces of any lengths."""
    longest = max(len(piece) for piece in pieces)
    frames = torch.zeros(len(pieces), longest, pieces[0].shape[1])
    mask = torch.zeros(len(pieces), longest, dtype=torch.bool)
    for index, piece in enumerate(pieces):
        frames[index, : len(piece)] = torch.from_numpy(piece)
        mask[index, : len(piece)] = True
    return frames, mask
