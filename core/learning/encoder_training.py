"""Fine-tuning of a pre-trained speech encoder for emotion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import Cancelled, UsageError
from core.learning.balance import drawing_chances
from core.learning.checkpoints import Checkpoint, training_key
from core.learning.corpora import Utterance
from core.learning.recogniser import CLAIMS, Recogniser, digest
from core.learning.scenes import USUAL, Augmentation, disturbed
from core.learning.targets import Targets, has_labels, learned_labels, utterance_key
from core.networks.speech_encoder import (
    SAMPLE_RATE,
    SpeechEncoderNetwork,
    open_speech_encoder,
    padded_sounds,
    save_encoder,
)

WINDOW = 4 * SAMPLE_RATE
"""Samples (4 s) of the longest piece that is listened to, as at use."""
HOP = 2 * SAMPLE_RATE
"""Samples (2 s) from window to window of a longer utterance."""
FULL_RATE = 3e-5
"""Largest learning rate of an encoder all of whose layers are trained."""
ADAPTER_RATE = 3e-4
"""Largest learning rate of low-rank adapters."""
WARM_UP = 0.1
"""Share of the steps in which the rates rise; they fall to 0 in the others, both linearly."""
WEIGHT_DECAY = 1e-2
LARGEST_GRADIENT = 1.0
DISTURBED_SHARE = 0.5
"""Share of the pieces that are heard as another video might have them."""


@dataclass(frozen=True)
class FineTuning:
    """How an encoder is fine-tuned, stored in the card of its weights.

    Args:
        epochs: Passes; as many utterances as there are go through the network in each.
        batch: Utterances of a step.
        adapters: Low-rank adapters (Hu et al. 2021) in place of all weights of the encoder.
        encoder_rate: Largest learning rate of the encoder; None for the usual one.
        head_rate: Largest learning rate of the new layers.

    Raises:
        UsageError: A value is not positive.
    """

    epochs: int = 8
    batch: int = 16
    adapters: bool = False
    encoder_rate: float | None = None
    head_rate: float = 1e-3

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch, self.head_rate, self.rate) <= 0:
            raise UsageError("epochs, batch and learning rates are positive")

    @property
    def rate(self) -> float:
        """Largest learning rate of the encoder or of its adapters."""
        usual = ADAPTER_RATE if self.adapters else FULL_RATE
        return usual if self.encoder_rate is None else self.encoder_rate


class EncoderClaimant:
    """A fine-tuned encoder: hears utterances in windows of 4 s every 2 s and takes their mean.

    Attributes:
        network: In evaluation mode, its adapters merged.
    """

    def __init__(
        self, network: SpeechEncoderNetwork, samples: Sequence[NDArray[np.float32]]
    ) -> None:
        self.network = network
        self._samples = samples

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(N, CLAIMS) float32; NaN for utterances of digital silence."""
        parts: list[NDArray[np.float32]] = []
        owners: list[int] = []
        for position, row in enumerate(rows):
            cut = windows(self._samples[row])
            parts += cut
            owners += [position] * len(cut)
        claims = self.network.claims(parts).astype(np.float64)
        heard = np.isfinite(claims[:, 0])
        sums, counts = np.zeros((len(rows), CLAIMS)), np.zeros(len(rows))
        np.add.at(sums, np.array(owners, int)[heard], claims[heard])
        np.add.at(counts, np.array(owners, int)[heard], 1)
        result = np.full((len(rows), CLAIMS), np.nan, np.float32)
        result[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
        return result

    def save(self, out: Path, card: Mapping[str, Any]) -> dict[str, Any]:
        """Writes the weights and their card; see :func:`save_encoder`.

        Raises:
            ModelError: The folder cannot be written, or the card is not plain JSON data.
        """
        return save_encoder(self.network, out, card)


class EncoderRecogniser(Recogniser):
    """Fine-tunes a speech encoder of ``transformers``.

    The convolutions over the waveform stay as they are. Utterances are drawn with replacement,
    each group of one corpus and one emotion in proportion to the square root of its size, and a
    piece of up to 4 s is taken at random. The loss is the cross-entropy with the (soft) labels,
    and half of the concordance losses of arousal and valence over the utterances that have them.

    The result follows from the seed alone on one CPU; a GPU, which is used where there is one and
    computes the encoder in bfloat16, may differ in the last bits from run to run.

    Args:
        utterances: The whole table.
        samples: The sound of each, :func:`core.learning.emotion_features.read_samples`.
        base: Folder with a checkpoint, or the name of one on the hub.
        settings: How to fine-tune.
        augmentation: What half of the pieces are disturbed by.
        beds: Music (m,) float32 at 16 kHz to lay under voices; synthetic pieces if there are none.
        allow_download: The user agreed that missing files are fetched from the hub.
        checkpoints: Folder that the state of each training is kept in after each epoch, so that
            an interrupted one goes on. States of finished trainings are kept as well, so that a
            cross-validation does not begin anew, until :meth:`remove_checkpoints`.

    Raises:
        UsageError: The sounds do not fit the table.
        ConsentNeeded: The checkpoint is not on this machine, and downloads were not allowed.
        ModelError: The checkpoint cannot be loaded, or is not a speech encoder for 16 kHz.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        samples: Sequence[NDArray[np.float32]],
        base: str,
        settings: FineTuning | None = None,
        *,
        augmentation: Augmentation = USUAL,
        beds: Sequence[NDArray[np.float32]] = (),
        allow_download: bool = False,
        checkpoints: Path | None = None,
    ) -> None:
        if len(utterances) != len(samples):
            raise UsageError(f"{len(samples)} sounds do not fit {len(utterances)} utterances")
        self.settings = settings or FineTuning()
        self._utterances = utterances
        self._samples = samples
        self._augmentation = augmentation
        self._beds = beds
        self._base = base
        self._allow_download = allow_download
        self._checkpoints = checkpoints
        self._kept: list[Checkpoint] = []
        opened = open_speech_encoder(base, allow_download=allow_download)
        self._digest = opened.encoder_digest()
        self.name = f"speech-encoder {opened.model_type}"

    def identity(self) -> Any:
        how = asdict(self.settings), self._augmentation.as_json()
        return self.name, self._digest, how, digest(self._samples)

    def fit(
        self,
        rows: NDArray[np.int64],
        *,
        seed: int,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> EncoderClaimant:
        """Fine-tunes the encoder on some of the utterances; the others are not looked at.

        Raises:
            CorpusError: None of the rows has an emotion to learn from.
            ModelError: The checkpoint cannot be loaded, or ``peft`` is needed and missing.
            Cancelled: ``cancelled()`` returned true; the last whole epoch is kept.
        """
        settings = self.settings
        rows = np.array([row for row in rows if has_labels(self._utterances[row])], np.int64)
        own = [self._utterances[row] for row in rows]
        learned = torch.from_numpy(learned_labels(own))
        targets = Targets.of(own)
        torch.manual_seed(seed)
        random = np.random.default_rng(seed)
        network = open_speech_encoder(self._base, allow_download=self._allow_download)
        network.learned_labels.copy_(learned)
        network.freeze_convolutions()
        if settings.adapters:
            network.add_adapters()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        network.to(device).train()
        steps = max(1, len(rows) // settings.batch)
        optimiser = _optimiser(network, settings)
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimiser, _warm_up_and_fall(settings.epochs * steps)
        )
        checkpoint = self._checkpoint(own, seed)
        done = 0
        if checkpoint is not None:
            done = checkpoint.load(network, optimiser, scheduler, random)
        progress(done / settings.epochs)
        chance = drawing_chances([(row.corpus, row.emotion) for row in own])
        for epoch in range(done, settings.epochs):
            for step in range(steps):
                if cancelled():
                    raise Cancelled
                drawn = random.choice(len(rows), size=settings.batch, p=chance)
                pieces = [self._piece(self._samples[rows[index]], random) for index in drawn]
                samples, lengths = padded_sounds(pieces)
                with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                    output = network(samples.to(device), lengths.to(device))
                loss = targets.among(drawn).loss(output)
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
                optimiser.step()
                scheduler.step()
                progress((epoch * steps + step + 1) / (settings.epochs * steps))
            if checkpoint is not None:
                checkpoint.save(epoch + 1, network, optimiser, scheduler, random)
        if settings.adapters:
            network.merge_adapters()
        return EncoderClaimant(network.eval().requires_grad_(False), self._samples)

    def remove_checkpoints(self) -> None:
        """Forgets the states of all trainings of this recogniser, once their result is kept."""
        for checkpoint in self._kept:
            checkpoint.remove()
        self._kept.clear()

    def _piece(
        self, samples: NDArray[np.float32], random: np.random.Generator
    ) -> NDArray[np.float32]:
        start = int(random.integers(0, max(0, len(samples) - WINDOW) + 1))
        piece = samples[start : start + WINDOW]
        if random.random() >= DISTURBED_SHARE:
            return piece
        return disturbed(piece, random, self._augmentation, self._beds)

    def _checkpoint(self, own: Sequence[Utterance], seed: int) -> Checkpoint | None:
        if self._checkpoints is None:
            return None
        heard = [utterance_key(row) for row in own]
        how = (
            asdict(self.settings),
            self._augmentation.as_json(),
            [len(bed) for bed in self._beds],
        )
        key = training_key("encoder-1", self._digest, how, seed, heard)
        checkpoint = Checkpoint(self._checkpoints / key[:16], key)
        self._kept.append(checkpoint)
        return checkpoint


def windows(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Pieces of 4 s every 2 s, the last one at the end; the whole if it is not longer than 4 s."""
    last = len(samples) - WINDOW
    if last <= 0:
        return [samples]
    return [samples[start : start + WINDOW] for start in (*range(0, last, HOP), last)]


def _optimiser(network: SpeechEncoderNetwork, settings: FineTuning) -> torch.optim.AdamW:
    encoder = [weight for weight in network.encoder.parameters() if weight.requires_grad]
    head = [
        network.layer_weights,
        *network.emotion.parameters(),
        *network.dimensions.parameters(),
    ]
    return torch.optim.AdamW(
        [{"params": encoder, "lr": settings.rate}, {"params": head, "lr": settings.head_rate}],
        weight_decay=WEIGHT_DECAY,
    )


def _warm_up_and_fall(total: int) -> Callable[[int], float]:
    rising = max(1, round(WARM_UP * total))

    def share(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return (total - step) / max(1, total - rising)

    return share
