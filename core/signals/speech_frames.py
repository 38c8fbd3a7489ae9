"""What is measured of speech every 20 ms, the input of speech emotion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.signals import voice_quality
from core.signals.framing import (
    FRAMES_PER_SECOND,
    HOP,
    SAMPLE_RATE,
    WINDOW,
    frame_count,
    windowed,
)
from core.signals.mfcc import COEFFICIENTS, MELS, cepstrum

DIMENSION = COEFFICIENTS + len(voice_quality.COLUMNS)
"""Columns of a frame: the coefficients, then :data:`core.signals.voice_quality.COLUMNS`."""
PITCH = COEFFICIENTS + voice_quality.PITCH
VOICING = COEFFICIENTS + voice_quality.VOICING


def feature_contract() -> dict[str, Any]:
    """What weights must have been trained with to be used with these features.

    The card of weights stores it, and :func:`core.networks.weights.load_weights` compares it.
    """
    return {
        "front_end": "mfcc and voice quality",
        "version": 2,
        "sample_rate": SAMPLE_RATE,
        "window": WINDOW,
        "hop": HOP,
        "mels": MELS,
        "coefficients": COEFFICIENTS,
        "voice_quality": list(voice_quality.COLUMNS),
        "padding": "reflected inside the cell",
    }


def speech_frames(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """The frames of many cells of one length; row ``c`` depends on row ``c`` alone.

    Args:
        cells: (C, n) float32, mono, -1 to 1, 16 kHz.

    Returns:
        (C, F, DIMENSION) float32 with ``F = frame_count(n)``; frame ``i`` is centred on sample
        ``(i + 1/2) · HOP``. Samples that are not finite count as silence.

    Raises:
        UsageError: There are no samples, or the array has another number of axes.
    """
    if cells.ndim != 2 or cells.shape[1] == 0:
        raise UsageError(f"cells are rows of samples, not an array of shape {cells.shape}")
    rows = np.nan_to_num(cells, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)
    # Recorders add direct current, which is no sound.
    rows = rows - rows.mean(axis=1, keepdims=True)
    # Few rows at a time: the spectra of one second are small enough for the processor's caches.
    step = max(1, 16 * SAMPLE_RATE // rows.shape[1])
    parts = [_measured(rows[first : first + step]) for first in range(0, len(rows), step)]
    if not parts:
        return np.zeros((0, frame_count(cells.shape[1]), DIMENSION), np.float32)
    return np.concatenate(parts)


def _measured(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    import torch

    spectrum = torch.fft.rfft(windowed(torch.from_numpy(rows)), voice_quality.TRANSFORM)
    power = spectrum.real.square() + spectrum.imag.square()
    measures = [cepstrum(power[..., ::2]), voice_quality.voice_quality(power)]
    return np.asarray(torch.cat(measures, dim=-1).numpy())


__all__ = [
    "DIMENSION",
    "FRAMES_PER_SECOND",
    "HOP",
    "PITCH",
    "SAMPLE_RATE",
    "VOICING",
    "feature_contract",
    "frame_count",
    "speech_frames",
]
