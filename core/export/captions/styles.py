"""How captions look and where they stand, in measures that fit any size of picture."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]

_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)


@dataclass(frozen=True)
class Lettering:
    """How captions of a style look; lengths are fractions of the font size.

    Attributes:
        size: Font size as a fraction of the shorter side of the picture.
        colour: Colour of the letters, red, green and blue of 255.
        spoken: Colour of the word that is being said; None for all the same.
        weight: What is added around the letters to make them heavier.
        outline: Width of the black outline.
        shadow: How dark the soft shadow is, 0 to 1.
        box: How dark the box behind the text is, 0 to 1; 0 for none.
    """

    size: float
    colour: Colour = _WHITE
    spoken: Colour | None = None
    weight: float = 0.0
    outline: float = 0.0
    outline_colour: Colour = _BLACK
    shadow: float = 0.0
    box: float = 0.0


LETTERINGS: dict[str, Lettering] = {
    "clean": Lettering(size=0.06, outline=0.045, shadow=0.55),
    "boxed": Lettering(size=0.057, box=0.68),
    "bold": Lettering(size=0.077, weight=0.02, outline=0.085, shadow=0.6),
    "word": Lettering(
        size=0.077, weight=0.02, outline=0.085, shadow=0.6, spoken=(255, 214, 10)
    ),
}  # fmt: skip
"""One for each style of ``core.export.look.CAPTION_STYLES``."""

_SMALLEST_SIZE = 9
"""Font size in pixels below which nothing can be read."""

MOST_LINES = 2


@dataclass(frozen=True)
class TextArea:
    """Where captions may stand in a picture, in pixels.

    Attributes:
        left: Left edge.
        width: Width.
        bottom: Lower edge; captions grow upwards from it.
    """

    left: int
    width: int
    bottom: int


def text_area(size: tuple[int, int]) -> TextArea:
    """The part of a picture of a size in pixels that captions use.

    In upright pictures the lowest 20 % and the right 12 % stay free: there YouTube, Instagram and
    TikTok lay their buttons and the description over the video.
    """
    width, height = size
    upright = 2 * height >= 3 * width
    margin, bottom = (0.12, 0.78) if upright else (0.1, 0.91)
    left = round(width * margin)
    return TextArea(left, width - 2 * left, round(height * bottom))


def font_size_of(lettering: Lettering, size: tuple[int, int]) -> int:
    """Font size in pixels in a picture of a size in pixels."""
    return max(_SMALLEST_SIZE, round(min(size) * lettering.size))
