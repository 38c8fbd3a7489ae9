"""How a short looks and how it is written, as plain data and back."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from core.export.encoding import Encoding
from core.export.look import Look
from core.project.cuts_file import finite
from core.project.plain_data import beside, flag, name, relative_path, text
from core.time import exact

LONGEST_TEXT = 500
"""Characters of a title or a card."""

_LARGEST = 10**10
_TEXTS = ("title", "opening_card", "end_card")
_CHOICES = ("aspect", "layout", "caption_style")
_NUMBERS = ("title_seconds", "card_seconds", "music_level")
_FLAGS = ("follow", "captions", "duck", "gate")


def look_flaw(look: Look) -> str:
    """What of a look cannot be kept, empty if all of it can."""
    for words in (look.title, look.opening_card, look.end_card):
        if len(words) > LONGEST_TEXT:
            return f"a title or a card has at most {LONGEST_TEXT} characters, not {len(words)}"
    if look.music is not None and ("\0" in str(look.music) or len(str(look.music)) > 32_768):
        return "the name of the music cannot be that of a file"
    return ""


def look_to_json(look: Look, folder: Path | None = None) -> dict[str, Any]:
    """Plain data of how a short looks.

    Args:
        look: The look.
        folder: Where the file will lie, so that the music is found if both are moved; None leaves
            its relative path out.
    """
    data: dict[str, Any] = {key: getattr(look, key) for key in (*_CHOICES, *_FLAGS, *_TEXTS)}
    data.update({key: getattr(look, key) for key in _NUMBERS})
    data["music"] = None if look.music is None else str(look.music)
    if look.music is not None and folder is not None:
        relative = relative_path(look.music, folder)
        if relative is not None:
            data["music_relative"] = relative
    return data


def look_from_json(data: Any, usual: Look, folder: Path) -> Look:
    """How a short looks, to be called inside of :func:`.plain_data.damage_in`.

    Args:
        data: As :func:`look_to_json` makes it.
        usual: What counts where something is missing.
        folder: Where the file lies. The music is where its relative path leads if it is not where
            it was.
    """
    known: dict[str, Any] = {key: getattr(usual, key) for key in (*_CHOICES, *_TEXTS)}
    values: dict[str, Any] = {
        key: text(data.get(key, value), LONGEST_TEXT) for key, value in known.items()
    }
    values.update({key: flag(data, key, getattr(usual, key)) for key in _FLAGS})
    values.update({key: finite(data.get(key, getattr(usual, key))) for key in _NUMBERS})
    return Look(**values, music=_music(data, folder))


def _music(data: Any, folder: Path) -> Path | None:
    if data.get("music") is None:
        return None
    recorded, relative = Path(name(data["music"])), data.get("music_relative")
    if not recorded.is_absolute():
        return folder / recorded
    if relative is None:
        return recorded
    try:
        near = beside(folder, name(relative))
        return near if near.is_file() and not recorded.exists() else recorded
    except (OSError, RuntimeError):
        return recorded


def encoding_to_json(encoding: Encoding) -> dict[str, Any]:
    """Plain data of how a short is written."""
    data = {field.name: getattr(encoding, field.name) for field in fields(Encoding)}
    return {**data, "frame_rate": str(encoding.frame_rate)}


def encoding_from_json(data: Any) -> Encoding:
    """How a short is written, to be called inside of :func:`.plain_data.damage_in`.

    Args:
        data: As :func:`encoding_to_json` makes it; what is missing is as usual.
    """
    usual = Encoding()
    loudness = data.get("loudness", usual.loudness)
    return Encoding(
        codec=data.get("codec", usual.codec),
        hardware=flag(data, "hardware", usual.hardware),
        height=_limit(data, "height", usual.height),
        frame_rate=exact(str(data.get("frame_rate", usual.frame_rate))),
        crf=_count(data.get("crf", usual.crf)),
        speed=data.get("speed", usual.speed),
        most_bits=_limit(data, "most_bits", usual.most_bits),
        sound_bits=_count(data.get("sound_bits", usual.sound_bits)),
        loudness=None if loudness is None else finite(loudness),
        peak=finite(data.get("peak", usual.peak)),
        way=data.get("way", usual.way),
    )


def _limit(data: Any, key: str, usual: int | None) -> int | None:
    value = data.get(key, usual)
    return None if value is None else _count(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    if not 0 <= value <= _LARGEST:
        raise ValueError(value)
    return value
