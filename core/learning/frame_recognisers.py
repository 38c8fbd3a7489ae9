"""Training of the small networks that hear emotion in speech frames."""

from __future__ import annotations

import zlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.errors import Cancelled
from core.learning.balance import thin
from core.learning.checkpoints import Checkpoint, training_key
from core.learning.corpora import Utterance
from core.learning.emotion_evaluation import claims_of
from core.learning.emotion_features import CellFrames
from core.learning.recogniser import Recogniser, digest
from core.learning.targets import has_labels, learned_labels, utterance_key
from core.learning.training_material import Training, TrainingMaterial, cropped, padded
from core.networks.emotion import EmotionNetwork, EmotionOutput
from core.networks.emotion_recurrent import RecurrentNetwork, RecurrentSettings
from core.networks.emotion_statistics import StatisticsNetwork, StatisticsSettings
from core.signals.mfcc import COEFFICIENTS
from core.signals.speech_emotion import SpeechEmotion, emotion_contract
from core.signals.speech_frames import DIMENSION, PITCH, VOICING

PIECES = 3
"""Random pieces of each version of an utterance that statistics are made of."""

Cells = Sequence[Sequence[CellFrames]]
"""For each utterance: as recorded, then its disturbed copies."""


class FrameClaimant:
    """A trained network; claims are made by the signal that tags videos.

    Attributes:
        network: In evaluation mode.
    """

    def __init__(
        self, network: EmotionNetwork, utterances: Sequence[Utterance], cells: Cells
    ) -> None:
        self.network = network
        self.utterances = utterances
        self._cells = cells

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(N, CLAIMS) float32; NaN for utterances without speech."""
        signal = SpeechEmotion.of(self.network, {"sha256": "in training"})
        return claims_of(
            signal, [self.utterances[row] for row in rows], [self._cells[row][0] for row in rows]
        )


class FrameRecogniser(Recogniser):
    """Trains a network on descriptions of pieces of speech.

    What is usual for a speaker, which the pieces are normalised by, is taken anew in each epoch
    of a random part of that speaker's utterances: some videos are short.

    Args:
        utterances: The whole table.
        cells: The frames of each.
        training: How to train.
        checkpoints: Folder that the state is kept in after each epoch, so that an interrupted
            training goes on.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        cells: Cells,
        training: Training,
        checkpoints: Path | None = None,
    ) -> None:
        self.training = training
        self.utterances = utterances
        self._cells = cells
        self._checkpoints = checkpoints
        self._heard = digest(
            part for own in cells for version in own for part in (version.frames, version.speech)
        )

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """The shape of the network, as its card names it."""

    @abstractmethod
    def _network(self) -> EmotionNetwork:
        """An untrained network."""

    @abstractmethod
    def versions(self, row: int) -> Sequence[NDArray[np.float32]]:
        """(n, C) rows to describe an utterance by, once for each version."""

    @abstractmethod
    def piece(
        self, version: NDArray[np.float32], random: np.random.Generator
    ) -> NDArray[np.float32]:
        """(n, C): a random part of a version, as long as a window at use or shorter."""

    @abstractmethod
    def _parts(
        self, network: EmotionNetwork
    ) -> Iterator[tuple[nn.Module, Callable[[torch.Tensor, torch.Tensor], EmotionOutput]]]:
        """What is trained by itself, one after the other, and how it is called."""

    def identity(self) -> Any:
        how = asdict(self.training), emotion_contract(), self._heard
        return self.name, self.settings, how

    def fit(
        self,
        rows: NDArray[np.int64],
        *,
        seed: int,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> FrameClaimant:
        """Trains on some of the utterances; the others are not looked at.

        Raises:
            CorpusError: None of the rows has an emotion to learn from.
            Cancelled: ``cancelled()`` returned true.
        """
        rows = np.array(
            [row for row in rows if has_labels(self.utterances[row]) and len(self._spoken(row))],
            np.int64,
        )
        own = [self.utterances[row] for row in rows]
        learned = learned_labels(own)
        if self.training.thin_neutral:
            rows = rows[thin([row.emotion for row in own], seed=seed)]
        torch.manual_seed(seed)
        network = self._network()
        material = TrainingMaterial(
            [self.utterances[row] for row in rows],
            [self.versions(int(row)) for row in rows],
            self.piece,
            self.training,
        )
        network.training_mean.copy_(torch.from_numpy(material.prior.mean))
        network.training_deviation.copy_(torch.from_numpy(material.prior.deviation))
        network.learned_labels.copy_(torch.from_numpy(learned))
        parts = list(self._parts(network))
        for index, (part, call) in enumerate(parts):

            def told(done: float, index: int = index) -> None:
                progress((index + done) / len(parts))

            part.train()
            self._fit_part(part, call, material, rows, seed, index, network.prior, told, cancelled)
        return FrameClaimant(network.eval().requires_grad_(False), self.utterances, self._cells)

    def _fit_part(
        self,
        part: nn.Module,
        call: Callable[[torch.Tensor, torch.Tensor], EmotionOutput],
        material: TrainingMaterial,
        rows: NDArray[np.int64],
        seed: int,
        index: int,
        prior: int,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> None:
        training = self.training
        torch.manual_seed(1000 * seed + index)
        random = np.random.default_rng([seed, index])
        batch = max(8, min(training.batch, len(material) // 8))
        steps = max(1, len(material) // batch)
        optimiser = torch.optim.AdamW(part.parameters(), training.rate, weight_decay=training.decay)
        total = training.epochs * steps
        # OneCycleLR divides by the steps of the rise but one, so a rise of one step is none.
        rise = 0.25 if total == 5 else 0.2
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, training.rate, total_steps=total, pct_start=rise
        )
        checkpoint = self._checkpoint(rows, seed, index)
        done = checkpoint.load(part, optimiser, schedule, random) if checkpoint else 0
        for epoch in range(done, training.epochs):
            material.begin_epoch(random, prior)
            for step in range(steps):
                if cancelled():
                    raise Cancelled
                frames, mask, targets, weights = material.draw(batch, random)
                loss = targets.loss(call(frames, mask), weights)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(part.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                progress((epoch * steps + step + 1) / total)
            if checkpoint:
                checkpoint.save(epoch + 1, part, optimiser, schedule, random)

    def _checkpoint(self, rows: NDArray[np.int64], seed: int, index: int) -> Checkpoint | None:
        if self._checkpoints is None:
            return None
        heard = [utterance_key(self.utterances[row]) for row in rows]
        key = training_key(self.identity(), heard, seed, index)
        return Checkpoint(self._checkpoints / key[:16], key)

    def _spoken(self, row: int) -> NDArray[np.float32]:
        return self._cells[row][0].spoken


class StatisticsRecogniser(FrameRecogniser):
    """The mean of a few perceptrons over statistics of a window; see StatisticsNetwork."""

    name = "statistics"

    def __init__(
        self,
        utterances: Sequence[Utterance],
        cells: Cells,
        training: Training,
        checkpoints: Path | None = None,
    ) -> None:
        # One training takes seconds: only results of whole folds are worth keeping.
        super().__init__(utterances, cells, training)
        self._settings = StatisticsSettings(DIMENSION, PITCH, VOICING)
        self._described: list[list[NDArray[np.float32]]] | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        return asdict(self._settings)

    def _network(self) -> StatisticsNetwork:
        return StatisticsNetwork(self._settings)

    def versions(self, row: int) -> Sequence[NDArray[np.float32]]:
        if self._described is None:
            self._described = self._describe_all()
        return self._described[row]

    def piece(
        self, version: NDArray[np.float32], random: np.random.Generator
    ) -> NDArray[np.float32]:
        at = int(random.integers(len(version)))
        return version[at : at + 1]

    def _parts(
        self, network: EmotionNetwork
    ) -> Iterator[tuple[nn.Module, Callable[[torch.Tensor, torch.Tensor], EmotionOutput]]]:
        assert isinstance(network, StatisticsNetwork)
        for index, member in enumerate(network.members):

            def call(
                described: torch.Tensor, mask: torch.Tensor, index: int = index
            ) -> EmotionOutput:
                return network.member(index, described.squeeze(1))

            yield member, call

    def _describe_all(self) -> list[list[NDArray[np.float32]]]:
        """Statistics (PIECES, S) of random pieces of every version of every utterance."""
        network = self._network()
        pieces = []
        for utterance, versions in zip(self.utterances, self._cells, strict=True):
            random = np.random.default_rng(zlib.crc32(utterance.name.encode()))
            pieces += [
                cropped(version.spoken, random) for version in versions for _ in range(PIECES)
            ]
        described = np.full((len(pieces), self._settings.statistics), np.nan, np.float32)
        spoken = [index for index, piece in enumerate(pieces) if len(piece)]
        spoken.sort(key=lambda index: len(pieces[index]))
        for start in range(0, len(spoken), 128):
            batch = spoken[start : start + 128]
            with torch.inference_mode():
                found = network.describe(*padded([pieces[index] for index in batch]))
            described[batch] = found.numpy()
        rows = iter(described.reshape(-1, PIECES, described.shape[1]))
        return [[next(rows) for _ in versions] for versions in self._cells]


class RecurrentRecogniser(FrameRecogniser):
    """A recurrent network over the sequence of cepstral coefficients; see RecurrentNetwork."""

    def __init__(
        self,
        utterances: Sequence[Utterance],
        cells: Cells,
        training: Training,
        checkpoints: Path | None = None,
        *,
        kind: str = "lstm",
    ) -> None:
        super().__init__(utterances, cells, training, checkpoints)
        self.name = kind
        self._settings = RecurrentSettings(COEFFICIENTS, kind=kind)

    @property
    def settings(self) -> Mapping[str, Any]:
        return asdict(self._settings)

    def _network(self) -> RecurrentNetwork:
        return RecurrentNetwork(self._settings)

    def versions(self, row: int) -> Sequence[NDArray[np.float32]]:
        return [version.spoken[:, :COEFFICIENTS] for version in self._cells[row]]

    def piece(
        self, version: NDArray[np.float32], random: np.random.Generator
    ) -> NDArray[np.float32]:
        return cropped(version, random)

    def _parts(
        self, network: EmotionNetwork
    ) -> Iterator[tuple[nn.Module, Callable[[torch.Tensor, torch.Tensor], EmotionOutput]]]:
        yield network, network
