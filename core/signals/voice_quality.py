"""How a voice sounds beside what it says: pitch, voicing, and the slope of its spectrum."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.signals.framing import SAMPLE_RATE, WINDOW

if TYPE_CHECKING:
    import torch

COLUMNS = (
    "pitch", "voicing", "harmonicity", "alpha ratio", "hammarberg index", "slope to 500 Hz",
    "slope to 1500 Hz", "flux", "centroid",
)  # fmt: skip
PITCH, VOICING = 0, 1
VOICED = 0.6
"""Voicing from which a frame has a pitch that means something."""
TRANSFORM = 2 * WINDOW
"""Samples of the zero-padded Fourier transform that :func:`voice_quality` reads."""
REFERENCE_PITCH = 100.0
"""Hz that count as 0 semitones."""

_SHORTEST_LAG, _LONGEST_LAG = 32, 267
_OCTAVE_COST = 0.03
_RUMBLE_BINS = 7
"""Bins of the transform (up to 50 Hz) that no voice is looked for in: the lobe of 20 Hz."""
_QUIET = 1e-9


def voice_quality(power: torch.Tensor) -> torch.Tensor:
    """The measures of each frame, from its power spectrum.

    ``pitch`` is in semitones over 100 Hz, 60 to 500 Hz, at the highest peak of the normalised
    autocorrelation, shorter lags preferred by 0.03 per octave (Boersma 1993); without meaning
    where ``voicing``, the height of that peak (0 to 1), is low. ``harmonicity`` is that height as
    a ratio of harmonic to other power in dB. ``alpha ratio`` (50 to 1000 Hz over 1 to 5 kHz),
    ``hammarberg index`` (strongest below 2 kHz over strongest of 2 to 5 kHz), both dB, and the
    spectral ``slope`` of 0 to 500 and of 500 to 1500 Hz in dB per kHz are those of the Geneva
    minimalistic set (Eyben et al. 2016). ``flux`` is the mean rise of the magnitude spectrum since
    the frame before, relative to its sum; ``centroid`` the logarithm of the mean frequency in Hz.

    Args:
        power: (C, F, TRANSFORM / 2 + 1) float32, consecutive frames under a Hann window.

    Returns:
        (C, F, 9) float32, finite.
    """
    import torch

    pitch, voicing = _pitch(power)
    fine = power[..., ::2]
    frequency = torch.arange(WINDOW // 2 + 1) * (SAMPLE_RATE / WINDOW)

    def between(low: float, high: float) -> torch.Tensor:
        return fine[..., (frequency >= low) & (frequency < high)] + _QUIET

    def decibels(above: torch.Tensor, below: torch.Tensor) -> torch.Tensor:
        return 10.0 * torch.log10(above / below)

    def slope(low: float, high: float) -> torch.Tensor:
        inside = (frequency >= low) & (frequency < high)
        kilohertz = frequency[inside] / 1000.0
        offset = kilohertz - kilohertz.mean()
        level = 10.0 * torch.log10(fine[..., inside] + _QUIET)
        return (level * offset).sum(-1) / offset.square().sum()

    magnitude = torch.sqrt(fine)
    magnitude = magnitude / (magnitude.sum(-1, keepdim=True) + 1e-6)
    flux = torch.zeros_like(pitch)
    flux[:, 1:] = (magnitude[:, 1:] - magnitude[:, :-1]).clamp(min=0).sum(-1)
    flux[:, :1] = flux[:, 1:2] if flux.shape[1] > 1 else 0.0
    centroid = (fine * frequency).sum(-1) / (fine.sum(-1) + _QUIET)
    return torch.stack(
        [
            pitch,
            voicing,
            decibels(voicing, 1.0 - voicing),
            decibels(between(50, 1000).sum(-1), between(1000, 5000).sum(-1)),
            decibels(between(0, 2000).amax(-1), between(2000, 5000).amax(-1)),
            slope(20, 500),
            slope(500, 1500),
            flux,
            torch.log(centroid + 100.0),
        ],
        dim=-1,
    )


def _pitch(power: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pitch in semitones and voicing of each frame."""
    import torch

    audible = power.clone()
    audible[..., :_RUMBLE_BINS] = 0.0
    correlation = torch.fft.irfft(audible)[..., : _LONGEST_LAG + 1]
    correlation = correlation / (correlation[..., :1] + _QUIET) / torch.from_numpy(_taper())
    lags = torch.arange(_SHORTEST_LAG, _LONGEST_LAG)
    before = correlation[..., _SHORTEST_LAG - 1 : _LONGEST_LAG - 1]
    height = correlation[..., _SHORTEST_LAG:_LONGEST_LAG]
    after = correlation[..., _SHORTEST_LAG + 1 : _LONGEST_LAG + 1]
    # Between the samples: else a multiple of the period that falls on one would look higher.
    curve = before - 2.0 * height + after
    shift = torch.where(curve < -1e-9, 0.5 * (before - after) / curve, 0.0).clamp(-0.5, 0.5)
    top = height - 0.25 * (before - after) * shift
    score = top - _OCTAVE_COST * torch.log2(lags / _SHORTEST_LAG)
    peak = (height >= before) & (height >= after)
    best = torch.where(peak, score, -1.0).argmax(-1, keepdim=True)
    lag = lags[best.squeeze(-1)] + shift.gather(-1, best).squeeze(-1)
    voicing = top.gather(-1, best).squeeze(-1).clamp(1e-3, 0.999)
    return 12.0 * torch.log2(SAMPLE_RATE / lag / REFERENCE_PITCH), voicing


@lru_cache(maxsize=1)
def _taper() -> NDArray[np.float32]:
    """Autocorrelation of the Hann window, 1 at lag 0, that every frame's is divided by."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    spectrum = np.abs(np.fft.rfft(window, TRANSFORM)) ** 2
    own = np.fft.irfft(spectrum)[: _LONGEST_LAG + 1]
    return np.asarray(own / own[0], np.float32)
