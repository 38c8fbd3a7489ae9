"""Mel-frequency cepstral coefficients of single analysis cells, the input of speech emotion."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

if TYPE_CHECKING:
    import torch

SAMPLE_RATE = 16_000
"""Hz; the only rate that the coefficients are defined for."""
HOP = 320
"""Samples from one frame to the next: 20 ms."""
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
WINDOW = 1024
"""Samples of one frame's Hann window: 64 ms."""
MELS = 64
COEFFICIENTS = 32
FLOOR = 1e-9
"""Power under which a mel band counts as silent, about the rounding noise of 16-bit sound."""
DIMENSION = COEFFICIENTS
"""Columns of a frame."""
LOUDNESS_COLUMN = 0
"""The coefficient that is proportional to the mean mel level in dB."""


def feature_contract() -> dict[str, Any]:
    """What weights must have been trained with to be used with these features.

    The card of weights stores it, and :func:`core.networks.weights.load_weights` compares it.
    """
    return {
        "front_end": "mfcc",
        "version": 1,
        "sample_rate": SAMPLE_RATE,
        "window": WINDOW,
        "hop": HOP,
        "mels": MELS,
        "coefficients": COEFFICIENTS,
        "padding": "reflected inside the cell",
        "normalisation": "mean and deviation of the speech frames of a speaker or video",
    }


def frame_count(samples: int) -> int:
    """Number of frames of a cell of so many samples: the nearest to 50 a second, at least 1."""
    return max(1, (2 * samples + HOP) // (2 * HOP))


def mfcc_cell(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coefficients of one analysis cell, from the samples of that cell alone.

    Args:
        samples: (n,) float32, mono, -1 to 1, 16 kHz.

    Returns:
        (F, DIMENSION) float32 with ``F = frame_count(n)``; frame ``i`` is centred on sample
        ``(i + 1/2) · HOP``.

    Raises:
        UsageError: The cell is empty or not one row of samples.
    """
    if samples.ndim != 1:
        raise UsageError(f"a cell is one row of samples, not an array of shape {samples.shape}")
    return np.asarray(mfcc_cells(samples[np.newaxis])[0])


def mfcc_cells(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coefficients of many cells of one length; row ``c`` depends on row ``c`` alone.

    Power spectrum, Slaney's mel bands (Slaney 1998), decibels, orthonormal DCT-II (Davis and
    Mermelstein 1980).

    Args:
        samples: (C, n) float32, mono, -1 to 1, 16 kHz.

    Returns:
        (C, F, DIMENSION) float32 with ``F = frame_count(n)``. Samples that are not finite count
        as silence.

    Raises:
        UsageError: There are no samples, or the array has another number of axes.
    """
    if samples.ndim != 2 or samples.shape[1] == 0:
        raise UsageError(f"cells are rows of samples, not an array of shape {samples.shape}")
    import torch

    rows = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)
    parts = [_frames(torch.from_numpy(part)) for part in _pieces(rows)]
    if not parts:
        return np.zeros((0, frame_count(samples.shape[1]), DIMENSION), np.float32)
    return np.concatenate(parts)


def _pieces(rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Runs of rows that are small enough for the caches of the processor."""
    step = max(1, 64 * SAMPLE_RATE // rows.shape[1])
    return [rows[first : first + step] for first in range(0, len(rows), step)]


def _frames(cells: torch.Tensor) -> NDArray[np.float32]:
    import torch
    from torch.nn.functional import pad

    samples = cells.shape[1]
    count = frame_count(samples)
    before = (WINDOW - HOP) // 2
    after = count * HOP + before - samples
    mode = "reflect" if samples > max(before, after) else "constant"
    padded = pad(cells.unsqueeze(1), (before, after), mode=mode).squeeze(1)
    window = torch.hann_window(WINDOW)
    frames = padded.unfold(1, WINDOW, HOP)
    power = torch.fft.rfft(frames * window).abs().square()
    level = 10.0 * torch.log10(torch.clamp(power @ torch.from_numpy(mel_basis().T), min=FLOOR))
    return (level @ torch.from_numpy(_cosines().T)).numpy()


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
