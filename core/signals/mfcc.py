"""Mel-frequency cepstral coefficients."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.signals.framing import SAMPLE_RATE, WINDOW

if TYPE_CHECKING:
    import torch

MELS = 64
COEFFICIENTS = 32
FLOOR = 1e-9
"""Power under which a mel band counts as silent, about the rounding noise of 16-bit sound."""
LOUDNESS_COLUMN = 0
"""The coefficient that is proportional to the mean mel level in dB."""


def cepstrum(power: torch.Tensor) -> torch.Tensor:
    """Slaney's mel bands (1998), decibels, orthonormal DCT-II (Davis and Mermelstein 1980).

    Args:
        power: (…, WINDOW / 2 + 1) float32, power spectra of frames.

    Returns:
        (…, COEFFICIENTS) float32.
    """
    import torch

    level = 10.0 * torch.log10(torch.clamp(power @ torch.from_numpy(mel_basis().T), min=FLOOR))
    return level @ torch.from_numpy(_cosines().T)


@lru_cache(maxsize=1)
def mel_basis() -> NDArray[np.float32]:
    """(MELS, WINDOW / 2 + 1) float32: Slaney's triangles of equal area, 0 Hz to 8 kHz."""
    edges = _slaney_hertz(np.linspace(0.0, _slaney_mels(SAMPLE_RATE / 2), MELS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def _slaney_mels(hertz: float) -> float:
    linear = 200.0 / 3.0
    return 15.0 + np.log(hertz / 1000.0) / (np.log(6.4) / 27.0) if hertz >= 1000 else hertz / linear


def _slaney_hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear up to 1 kHz, 27 steps to a factor of 6.4 above."""
    logarithmic = 1000.0 * np.exp((mels - 15.0) * (np.log(6.4) / 27.0))
    return np.where(mels < 15.0, mels * (200.0 / 3.0), logarithmic)


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    """(COEFFICIENTS, MELS): the orthonormal DCT-II."""
    order = np.arange(COEFFICIENTS)[:, None]
    basis = np.cos(np.pi * order * (np.arange(MELS) + 0.5) / MELS) * np.sqrt(2.0 / MELS)
    basis[0] /= np.sqrt(2.0)
    return np.asarray(basis, np.float32)
