"""The settings: what can be preferred, the usual values, and what a value must be like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from core.cutting.suggest import LONGEST_TARGET, SHORTEST_TARGET
from core.export.framing import ASPECTS
from desktop.i18n import LANGUAGES

THEMES = ("dark", "light", "system")
SYSTEM = "system"
"""The language or the theme that the desktop of the user has."""
MOST_RECENT = 12
SMALLEST_CACHE, LARGEST_CACHE = 0.1, 10_000.0
"""Limits of what the analyses may take, in GB."""
SPEECH_LANGUAGES = ("", "ko", "en", "ja", "zh", "es", "fr", "de", "pt", "it", "ru", "vi", "id")
"""Codes of the languages of speech that are offered; empty to hear which it is."""


def _one_of(*choices: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError
        return value

    return read


def _number(least: float, most: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError
        if not least <= value <= most:
            raise ValueError
        return float(value)

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    return value.strip()


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _texts(value: object) -> tuple[str, ...]:
    """Texts without repetitions, in their order."""
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(dict.fromkeys(_text(item) for item in value))


def _latest(value: object) -> tuple[str, ...]:
    return _texts(value)[:MOST_RECENT]


def _keys(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise ValueError
    return MappingProxyType({_text(name): _texts(keys) for name, keys in value.items()})


def _heights(value: object) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        raise ValueError
    read = _number(1, 10_000)
    return MappingProxyType({_text(name): round(read(height)) for name, height in value.items()})


def _kept(default: object, read: Callable[[object], object]) -> Any:
    return field(default=default, metadata={"read": read})


def _kept_mapping(read: Callable[[object], object]) -> Any:
    return field(default_factory=lambda: read({}), metadata={"read": read})


@dataclass(frozen=True)
class Settings:
    """What the user prefers.

    Attributes:
        theme: ``dark``, ``light`` or ``system``.
        language: ``system``, or one of :data:`desktop.i18n.LANGUAGES`.
        cache_folder: Where analyses are kept; empty for the usual folder.
        cache_limit: GB that the analyses may take.
        length: Seconds of a new short.
        aspect: Shape of a new short, one of :data:`core.export.framing.ASPECTS`.
        emotion_model: Folder of weights; empty for the shipped ones.
        fusion_model: Folder of weights; empty for the shipped ones.
        visual_model: Folder or name of a Vision Transformer; empty for the shipped network.
        speech_model: Folder or name of a network that writes down speech; empty for none.
        speech_language: Which language is spoken, one of :data:`SPEECH_LANGUAGES`.
        allow_downloads: The user agreed that a model that is missing is fetched.
        collect_corrections: What the user decides is kept in the library of corrections.
        snapping: Edges of cuts snap to what is near.
        safe_area: The safe area is drawn over the picture.
        volume: Of the player, 0…1.
        shortcuts: Keys by the name of their command, only where they differ from the defaults.
        lane_order: Names of the lanes, the upmost first.
        hidden_lanes: Names of the lanes that are not shown.
        lane_heights: Pixels by the name of the lane.
        recent: Paths of videos and projects, the newest first.
        welcomed: The welcome was seen.
    """

    theme: str = _kept("dark", _one_of(*THEMES))
    language: str = _kept(SYSTEM, _one_of(SYSTEM, *LANGUAGES))
    cache_folder: str = _kept("", _text)
    cache_limit: float = _kept(20.0, _number(SMALLEST_CACHE, LARGEST_CACHE))
    length: float = _kept(30.0, _number(SHORTEST_TARGET, LONGEST_TARGET))
    aspect: str = _kept("9:16", _one_of(*ASPECTS))
    emotion_model: str = _kept("", _text)
    fusion_model: str = _kept("", _text)
    visual_model: str = _kept("", _text)
    speech_model: str = _kept("", _text)
    speech_language: str = _kept("", _one_of(*SPEECH_LANGUAGES))
    allow_downloads: bool = _kept(False, _truth)
    collect_corrections: bool = _kept(True, _truth)
    snapping: bool = _kept(True, _truth)
    safe_area: bool = _kept(False, _truth)
    volume: float = _kept(1.0, _number(0.0, 1.0))
    shortcuts: Mapping[str, tuple[str, ...]] = _kept_mapping(_keys)
    lane_order: tuple[str, ...] = _kept((), _texts)
    hidden_lanes: tuple[str, ...] = _kept(("questions",), _texts)
    lane_heights: Mapping[str, int] = _kept_mapping(_heights)
    recent: tuple[str, ...] = _kept((), _latest)
    welcomed: bool = _kept(False, _truth)


READERS: dict[str, Callable[[object], object]] = {
    each.name: each.metadata["read"] for each in fields(Settings)
}
"""Gives the value of a field by its name as it is kept, or raises a ValueError."""
