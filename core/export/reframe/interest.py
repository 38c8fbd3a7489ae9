"""Where something moves or stands out in small grey and coloured pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAP_HEIGHT, MAP_WIDTH = 54, 96
"""Size of the maps."""

_NOISE = 8.0
_BLACK = 24
_LEAST_SHIFT_CERTAINTY = 0.15
_MOST_SHIFT = 0.2
_RESIDUAL_SIZE = 64
_UNSURE_PIXELS = 0.25
_MOST_ENERGY, _LEAST_MOVING = 60.0, 0.05


def motion_map(before: NDArray[np.float32], now: NDArray[np.float32]) -> NDArray[np.float32]:
    """What moves otherwise than the camera, ``(h, w) float32``, summing to 1 or all 0.

    The movement of the camera is the shift that phase correlation finds between the pictures
    (C. D. Kuglin and D. C. Hines, The Phase Correlation Image Alignment Method, 1975); what still
    differs after it was taken back, moves.

    Args:
        before: Luma of the picture before, ``(h, w) float32``, 0…255.
        now: Luma of the picture.
    """
    import cv2

    height, width = now.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    # Copies: OpenCV multiplies its arguments with the window where they need no padding.
    (across, down), certainty = cv2.phaseCorrelate(before.copy(), now.copy(), window)
    moved = before
    inside = np.ones(now.shape, np.float32)
    shift = np.hypot(across / width, down / height)
    if certainty > _LEAST_SHIFT_CERTAINTY and 0.3 / width < shift < _MOST_SHIFT:
        matrix = np.array([[1, 0, across], [0, 1, down]], np.float32)
        moved = cv2.warpAffine(before, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        # What came in at the edges of the picture has nothing to be compared with.
        inside = cv2.erode(
            np.floor(cv2.warpAffine(inside, matrix, (width, height)) + 1e-3),
            np.ones((5, 5), np.uint8),
        )
        if np.abs(moved - now).mean() > np.abs(before - now).mean():
            moved, inside = before, np.ones(now.shape, np.float32)
    # Edges differ a little wherever the movement of the camera is not known to the pixel.
    across_edges, along_edges = (cv2.Sobel(now, cv2.CV_32F, *axes) / 8 for axes in ((1, 0), (0, 1)))
    excused = _NOISE + _UNSURE_PIXELS * np.hypot(across_edges, along_edges)
    energy = np.maximum(np.abs(cv2.blur(now - moved, (3, 3))) - excused, 0) * inside
    energy = np.minimum(energy, _MOST_ENERGY)
    if float(energy.mean()) < _LEAST_MOVING:
        return np.zeros(now.shape, np.float32)
    return _share(cv2.GaussianBlur(energy, (0, 0), 1.5))


def saliency_map(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What stands out, ``(h, w) float32``, summing to 1 or all 0.

    The mean of two measures: how far a colour is from that of the whole picture (R. Achanta et al.,
    Frequency-tuned Salient Region Detection, 2009), which sees large subjects, and the spectral
    residual (X. Hou and L. Zhang, Saliency Detection: A Spectral Residual Approach, 2007), which
    sees small ones on a busy ground.

    Args:
        picture: ``(h, w, 3) uint8`` RGB.
    """
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    saliency = np.zeros(grey.shape, np.float32)
    inside = _between_bars(grey)
    grey, picture = grey[inside], picture[inside]
    height, width = grey.shape
    if min(height, width) < 3:
        return saliency
    lab = cv2.cvtColor(cv2.GaussianBlur(picture, (5, 5), 0), cv2.COLOR_RGB2LAB).astype(np.float32)
    usual = np.median(lab.reshape(-1, 3), axis=0)
    contrast = np.maximum(np.linalg.norm(lab - usual, axis=2) - _NOISE, 0) ** 2

    small = cv2.resize(grey, (_RESIDUAL_SIZE, _RESIDUAL_SIZE), interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(small.astype(np.float64))
    logarithm = np.log(np.abs(spectrum) + 1)
    residual = logarithm - cv2.blur(logarithm, (3, 3))
    unusual = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    unusual = cv2.GaussianBlur(unusual.astype(np.float32), (0, 0), 2.5)
    unusual = cv2.resize(unusual, (width, height), interpolation=cv2.INTER_LINEAR)
    unusual = np.maximum(unusual - 2 * unusual.mean(), 0)
    if float(contrast.sum()) <= 1e-6:
        return saliency
    saliency[inside] = _share(_share(contrast) + _share(unusual))
    return saliency


def _between_bars(grey: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns of the picture without black bars at its edges."""
    sides = []
    for brightest in (grey.max(axis=1), grey.max(axis=0)):
        bright = np.flatnonzero(brightest > _BLACK)
        begin, end = (int(bright[0]), int(bright[-1]) + 1) if len(bright) else (0, 0)
        # The first line beside a bar is a mixture of both.
        begin, end = begin + (begin > 0), end - (end < len(brightest))
        sides.append(slice(begin, max(begin, end)))
    return sides[0], sides[1]


def _share(energy: NDArray[np.float32]) -> NDArray[np.float32]:
    total = float(energy.sum())
    if total <= 1e-6:
        return np.zeros(energy.shape, np.float32)
    return (energy / total).astype(np.float32)
