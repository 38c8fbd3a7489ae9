"""The bundled font: what it can draw, and how wide a text is."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from core.errors import ExportError

FONT = Path(__file__).resolve().parents[3] / "resources" / "fonts" / "NanumGothic-Bold.ttf"
"""The bundled font, with Latin and Hangul."""

_LONGEST = 200
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_NEVER_DRAWN = ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me")


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The bundled font at a size in pixels.

    Raises:
        ExportError: The font is missing.
    """
    try:
        return ImageFont.truetype(str(FONT), size)
    except OSError as error:
        raise ExportError(
            "the font of the titles is missing", path=FONT, remedy="Install the application again."
        ) from error


@cache
def has_glyph(sign: str) -> bool:
    """Whether the font can draw a sign."""
    if unicodedata.category(sign) in _NEVER_DRAWN:
        return False
    drawn = font(32)
    return bytes(drawn.getmask(sign)) != bytes(drawn.getmask("\U0010fffe"))


@lru_cache(maxsize=20_000)
def width_of(text: str, size: int) -> float:
    """Width of a line in pixels at a font size in pixels."""
    return font(size).getlength(text)


def drawable(text: str, longest: int = _LONGEST) -> str:
    """The text without what the font cannot draw, on one line, at most ``longest`` signs long."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    kept = "".join(sign for sign in composed if sign == " " or has_glyph(sign))
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else f"{kept[: longest - 1].rstrip()}…"


def undrawable(text: str) -> str:
    """The signs of a text that people would miss as the font cannot draw them, each once.

    Marks that only change the sign before them are not among them.
    """
    signs = dict.fromkeys(unicodedata.normalize("NFC", text))
    return "".join(
        sign
        for sign in signs
        if not sign.isspace()
        and unicodedata.category(sign) not in _NEVER_DRAWN
        and not has_glyph(sign)
        and not _SKIN_TONES[0] <= sign <= _SKIN_TONES[1]
    )
