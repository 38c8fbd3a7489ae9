"""Frames of the sound of single analysis cells: 64 ms every 20 ms, from the cell's own samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SAMPLE_RATE = 16_000
"""Hz; the only rate that frames of speech are defined for."""
HOP = 320
"""Samples from one frame to the next: 20 ms."""
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
WINDOW = 1024
"""Samples of one frame's Hann window: 64 ms."""


def frame_count(samples: int) -> int:
    """Number of frames of a cell of so many samples: the nearest to 50 a second, at least 1."""
    return max(1, (2 * samples + HOP) // (2 * HOP))


def windowed(cells: torch.Tensor) -> torch.Tensor:
    """(C, F, WINDOW) float32: the frames of (C, n) samples under a Hann window.

    Frame ``i`` is centred on sample ``(i + 1/2) · HOP``; the cell is reflected at its ends.
    """
    import torch
    from torch.nn.functional import pad

    samples = cells.shape[1]
    before = (WINDOW - HOP) // 2
    after = frame_count(samples) * HOP + before - samples
    mode = "reflect" if samples > max(before, after) else "constant"
    padded = pad(cells.unsqueeze(1), (before, after), mode=mode).squeeze(1)
    return padded.unfold(1, WINDOW, HOP) * torch.hann_window(WINDOW)
