"""The language of the window: English in the code, Korean from ``resources/translations``."""

from __future__ import annotations

import json

from core.places import RESOURCES

LANGUAGES = {"en": "English", "ko": "한국어"}

_catalogue: dict[str, str] = {}


def set_language(language: str) -> None:
    """Chooses the language of all texts that are made from now on.

    Args:
        language: One of :data:`LANGUAGES`.
    """
    _catalogue.clear()
    if language != "en":
        path = RESOURCES / "translations" / f"{language}.json"
        _catalogue.update(json.loads(path.read_text(encoding="utf-8")))


def tr(text: str, **values: object) -> str:
    """A text of the window in the language that was chosen.

    Args:
        text: In English, as a literal: a test looks for its translation. ``{name}`` stands for a
            value.
        values: What the places stand for.
    """
    told = _catalogue.get(text, text)
    return told.format(**values) if values else told
