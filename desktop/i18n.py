"""The language of the window: English in the code, Korean from ``resources/translations``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QTranslator

from core.places import RESOURCES

LANGUAGES = {"en": "English", "ko": "한국어"}

_FOLDER = RESOURCES / "translations"
_PLACE = re.compile(r"\{(\w+)\}")
_SENTENCE = "message"
"""How the names of places end whose value has to be a known text itself."""

_VERBATIM = frozenset({"name", "path"})
"""Places whose values are the user's own words."""

_NUMBER = "number"
"""How the names of places end whose value is a number."""

_DIGITS = r"[-+]?\d[\d.,]*"

_LIST = "list"
"""How the names of places for several words or names end."""

_AND = re.compile(", | and ")
_REMEMBERED = 1024

_catalogue: dict[str, str] = {}


def set_language(language: str) -> None:
    """Chooses the language of all texts that are made from now on.

    Args:
        language: One of :data:`LANGUAGES`; any other, or one whose catalogue is missing or damaged,
            is English.
    """
    known = language in LANGUAGES
    _catalogue.clear()
    _catalogue.update(_read(_FOLDER / f"{language}.json") if known else {})
    _messages.fill(_read(_FOLDER / f"{language}-messages.json") if known else {})
    tr_message.cache_clear()


def qt_translator(language: str) -> QTranslator | None:
    """Qt's own texts, as those of its dialogs, in a language; None where it has none."""
    translator = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return translator if translator.load(f"qtbase_{language}", folder) else None


def tr(text: str, **values: object) -> str:
    """A text of the window in the language that was chosen.

    Args:
        text: In English, as a literal: a test looks for its translation. ``{name}`` stands for a
            value.
        values: What the places stand for.
    """
    told = _catalogue.get(text, text)
    return told.format(**values) if values else told


@lru_cache(maxsize=_REMEMBERED)
def tr_message(text: str) -> str:
    """A text that core made, in the language that was chosen.

    Core knows no language: the catalogue of messages holds its texts with ``{place}`` for what it
    puts into them. What is not known there stays as it is.

    Args:
        text: An error as ``str()`` gives it ("happened: path. Remedy."), what happened or what to
            do alone, a reason of a cut, a notice, or what a job is doing.
    """
    return _messages.told(text) or text


def _read(path: Path) -> dict[str, str]:
    """The entries of a catalogue that can be used, none if it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {
        text: told
        for text, told in data.items()
        if isinstance(told, str)
        if sorted(_PLACE.findall(text)) == sorted(_PLACE.findall(told))
    }


class _Template:
    """A text with places."""

    def __init__(self, text: str, told: str) -> None:
        literals = _PLACE.split(text)[::2]
        names = _PLACE.findall(text)
        pattern = re.escape(literals[0])
        for name, literal in zip(names, literals[1:], strict=True):
            value = _DIGITS if name.endswith(_NUMBER) else ".+?"
            pattern += f"(?P<{name}>{value}){re.escape(literal)}"
        self.told = told
        self.goes_on = bool(literals[-1]) and any(": " in literal for literal in literals)
        self.length = sum(map(len, literals))
        self._core = max(literals, key=len)
        word, space, _ = literals[0].partition(" ")
        self.first_word = word if space else ""
        self._whole = re.compile(pattern, re.DOTALL)

    def values(self, text: str) -> dict[str, str] | None:
        """What stands in the places, None if it is another text."""
        match = self._whole.fullmatch(text) if self._core in text else None
        return None if match is None else match.groupdict()


class _Messages:
    """The texts of core, found again in what they became."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._templates: dict[str, list[_Template]] = {"": []}

    def fill(self, catalogue: Mapping[str, str]) -> None:
        """Takes another catalogue."""
        self._texts = {text: told for text, told in catalogue.items() if not _PLACE.search(text)}
        made = [
            _Template(text, told) for text, told in catalogue.items() if text not in self._texts
        ]
        made.sort(key=lambda template: -template.length)
        words = {template.first_word for template in made}
        self._templates = {
            word: [each for each in made if each.first_word in ("", word)] for word in {"", *words}
        }

    def told(self, text: str) -> str | None:
        """A text in the other language, None if it is not known."""
        return self._texts.get(text) or self._error(text) or self._filled(text)

    def _error(self, text: str) -> str | None:
        """What "happened: path. Remedy." says; the path stays."""
        for happened, remedy in _sentences(text):
            said = self._known(remedy) if remedy else ""
            if said is None:
                continue
            start = self._happened(happened)
            if start is not None:
                return f"{start}. {said}".strip()
        return None

    def _happened(self, text: str) -> str | None:
        whole = self._texts.get(text) or self._filled(text, going_on=True)
        if whole is not None:
            return whole
        end = text.rfind(": ")
        while end >= 0:
            known = self._known(text[:end])
            if known is not None:
                return known + text[end:]
            end = text.rfind(": ", 0, end)
        return self._known(text)

    def _known(self, text: str) -> str | None:
        return self._texts.get(text) or self._filled(text) or self._within(text)

    def _within(self, text: str) -> str | None:
        """A sentence inside of another: it lost its full stop, or got a large first letter."""
        whole = self._texts.get(f"{text}.")
        if whole is not None:
            return whole.removesuffix(".")
        return self._known(text[0].lower() + text[1:]) if text[:1].isupper() else None

    def _filled(self, text: str, *, going_on: bool = False) -> str | None:
        """What a template says; one that goes on behind a colon, where that is no path."""
        first = text.partition(" ")[0]
        for template in self._templates.get(first, self._templates[""]):
            found = template.values(text) if template.goes_on or not going_on else None
            values = None if found is None else self._values(found)
            if values is not None:
                return template.told.format(**values)
        return None

    def _values(self, values: Mapping[str, str]) -> dict[str, str] | None:
        told: dict[str, str] = {}
        for name, value in values.items():
            if name in _VERBATIM:
                told[name] = value
            elif name.endswith(_LIST):
                told[name] = ", ".join(self._known(word) or word for word in _AND.split(value))
            else:
                known = self._known(value)
                if known is None and name.endswith(_SENTENCE):
                    return None
                told[name] = known or value
        return told


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """The ways to take a text apart into what happened and what to do about it."""
    end = text.find(". ")
    while end >= 0:
        yield text[:end], text[end + 2 :]
        end = text.find(". ", end + 1)
    if text.endswith("."):
        yield text[:-1], ""


_messages = _Messages()
