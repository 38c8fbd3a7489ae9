"""The design of the published system that this project grew out of, as a row to compare with.

Mean MFCC of each second go into an LSTM whose sequences have length 1, so that no second knows of
another (see METHOD.md). It is rebuilt with its flaw, and trained and tested as all other rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.highlights.labelled_video import LabelledVideo
from core.media.probe import probe
from core.media.sound import read_sound
from core.signals.mfcc import COEFFICIENTS, cepstrum
from core.time import Grid

if TYPE_CHECKING:
    import torch

HIDDEN, LAYERS = 128, 3
_EPOCHS, _BATCH, _RATE = 8, 256, 1e-3


@dataclass(frozen=True, eq=False)
class OriginalDesign:
    """A trained network of the original design.

    Attributes:
        recurrent: LSTM that is fed single seconds.
        output: To one logit.
        centre: ``(COEFFICIENTS,) float32``, mean of the training seconds.
        deviation: The same of their standard deviation.
    """

    recurrent: torch.nn.LSTM
    output: torch.nn.Linear
    centre: NDArray[np.float32]
    deviation: NDArray[np.float32]

    def score(self, coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much each cell should be kept.

        Args:
            coefficients: ``(T, COEFFICIENTS) float32`` of one video, of :func:`mean_mfcc`.

        Returns:
            ``(T,) float32`` in 0…1.
        """
        import torch

        with torch.inference_mode():
            return torch.sigmoid(self.logits(torch.from_numpy(coefficients))).numpy()

    def logits(self, coefficients: torch.Tensor) -> torch.Tensor:
        """``(T,)`` for ``(T, COEFFICIENTS)``: each row is a sequence of its own."""
        import torch

        centre, deviation = map(torch.from_numpy, (self.centre, self.deviation))
        states, _ = self.recurrent(((coefficients - centre) / deviation)[:, None])
        logits: torch.Tensor = self.output(states[:, 0]).squeeze(1)
        return logits


def mean_mfcc(video: LabelledVideo) -> NDArray[np.float32]:
    """Mean coefficients of the sound of each cell.

    Args:
        video: Whose file is at hand.

    Returns:
        ``(T, COEFFICIENTS) float32`` of T labelled cells, 0 where there is no sound: throughout in
        a video without any, and behind its end.

    Raises:
        CorpusError: The video is not at hand.
        UsageError: Its cells are not those of an analysis (0.5 to 2 s, in steps of 0.1 s).
        MediaError: It cannot be read.
    """
    import torch

    from core.signals.framing import SAMPLE_RATE, windowed

    if video.file is None:
        raise CorpusError(
            f"{video.name} is not at hand, so its sound cannot be heard",
            remedy="Put the table of labels beside the videos.",
        )
    rows = np.zeros((video.cells, COEFFICIENTS), np.float32)
    for cell in read_sound(probe(Path(video.file)), Grid(Fraction(video.step))):
        if cell.index >= len(rows):
            break
        if len(cell.speech) < SAMPLE_RATE // 50:
            continue
        spectrum = torch.fft.rfft(windowed(torch.from_numpy(cell.speech)[None]))
        power = spectrum.real.square() + spectrum.imag.square()
        rows[cell.index] = cepstrum(power)[0].mean(dim=0).numpy()
    return rows


def train_original(
    coefficients: Sequence[NDArray[np.float32]],
    positive: Sequence[NDArray[np.bool_]],
    *,
    seed: int = 0,
    cancelled: Callable[[], bool] = lambda: False,
) -> OriginalDesign:
    """Trains it by binary cross-entropy on single seconds.

    Args:
        coefficients: ``(T, COEFFICIENTS) float32`` of the labelled seconds of each training video.
        positive: ``(T,) bool`` of each.
        seed: Of the weights and the order.
        cancelled: Asked at every step.

    Raises:
        UsageError: There is not one coefficient row for each label, or none at all.
        Cancelled: ``cancelled()`` returned true.
    """
    import torch

    lengths = [len(part) for part in coefficients]
    if not sum(lengths) or lengths != [len(part) for part in positive]:
        raise UsageError("the original design learns from one row of coefficients for each label")
    rows = np.concatenate(list(coefficients))
    wanted = torch.from_numpy(np.concatenate(list(positive)).astype(np.float32))
    random = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        design = OriginalDesign(
            torch.nn.LSTM(COEFFICIENTS, HIDDEN, LAYERS, batch_first=True),
            torch.nn.Linear(HIDDEN, 1),
            rows.mean(axis=0),
            rows.std(axis=0) + np.float32(1e-6),
        )
        parameters = [*design.recurrent.parameters(), *design.output.parameters()]
        optimizer = torch.optim.Adam(parameters, lr=_RATE)
        for _ in range(_EPOCHS):
            order = random.permutation(len(rows))
            for first in range(0, len(rows), _BATCH):
                if cancelled():
                    raise Cancelled
                chosen = order[first : first + _BATCH]
                logits = design.logits(torch.from_numpy(rows[chosen]))
                loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return design
