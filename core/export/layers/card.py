"""A card for the begin or the end of a short: large text on a quiet dark picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.export.layers.lettering import drawable
from core.export.layers.painting import fit, letters, picture_at, write_png

_UPPER = (38, 42, 54)
_LOWER = (10, 11, 15)
_GLOW = 22
_WIDEST = 0.8
_MOST_LINES = 6


def draw_card(text: str, path: Path, *, size: tuple[int, int]) -> Path:
    """Draws a card that fills the picture.

    Long texts are wrapped and set smaller until they fit; signs that the font does not have
    (emoji) are left out, and a text of nothing else leaves the card empty.

    Args:
        text: What it says.
        path: The PNG to write.
        size: Width and height of the short in pixels.

    Returns:
        The path.

    Raises:
        ExportError: The font is missing or the picture cannot be written.
    """
    from moviepy import CompositeVideoClip, ImageClip

    clips = [ImageClip(_background(size))]
    shown = drawable(text)
    if shown:
        largest = max(12, round(min(size) * 0.11))
        lines, font_size = fit(
            shown,
            int(size[0] * _WIDEST),
            largest=largest,
            smallest=max(8, largest // 3),
            most_lines=_MOST_LINES,
        )
        clips.append(letters(lines, font_size).with_position("center"))
    card = CompositeVideoClip([clip.with_duration(1) for clip in clips], size=size)
    try:
        return write_png(picture_at(card.with_mask(), 0).convert("RGB"), path)
    finally:
        card.close()


def _background(size: tuple[int, int]) -> NDArray[np.uint8]:
    """A vertical gradient with a faint light behind the text, (height, width, 3) uint8.

    Noise of one level keeps the encoder from showing the steps of so slow a gradient.
    """
    width, height = size
    down = np.linspace(0, 1, height)[:, np.newaxis, np.newaxis]
    plain = (1 - down) * np.array(_UPPER) + down * np.array(_LOWER)
    across = np.linspace(-1, 1, width)[np.newaxis, :, np.newaxis]
    light = _GLOW * np.exp(-3 * (across**2 + ((down - 0.5) * 2.4) ** 2))
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (height, width, 1))
    return np.clip(plain + light + noise + 0.5, 0, 255).astype(np.uint8)
