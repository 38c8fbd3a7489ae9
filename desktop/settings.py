"""What the user prefers: kept in one file, changed in one place, never lost to a bad value."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTimer, Signal

from core.errors import UsageError
from core.files import replace_file
from core.places import data_folder, use_cache_folder
from desktop.i18n import LANGUAGES, tr, tr_message
from desktop.jobs.job import JobControls, JobSlot, Work
from desktop.widgets import single_timer

THEMES = ("dark", "light", "system")
SYSTEM = "system"
"""The language or the theme that the desktop of the user has."""
MOST_RECENT = 12
SHORTEST, LONGEST = 1.0, 3600.0
"""Limits of the length of a short, in seconds."""
SMALLEST_CACHE, LARGEST_CACHE = 0.1, 10_000.0
"""Limits of what the analyses may take, in GB."""

_SAVE_DELAY = 500
_LARGEST_FILE = 1 << 20
_ASPECT = re.compile(r"source|[1-9]\d?:[1-9]\d?")


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


def _aspect(value: object) -> str:
    if not isinstance(value, str) or not _ASPECT.fullmatch(value):
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
        aspect: Shape of a new short, ``source`` or such as ``9:16``.
        emotion_model: Folder of weights; empty for the shipped ones.
        fusion_model: Folder of weights; empty for the shipped ones.
        visual_model: Folder or name of a Vision Transformer; empty for the shipped network.
        allow_downloads: The user agreed that a model that is missing is fetched.
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
    length: float = _kept(30.0, _number(SHORTEST, LONGEST))
    aspect: str = _kept("9:16", _aspect)
    emotion_model: str = _kept("", _text)
    fusion_model: str = _kept("", _text)
    visual_model: str = _kept("", _text)
    allow_downloads: bool = _kept(False, _truth)
    snapping: bool = _kept(True, _truth)
    safe_area: bool = _kept(False, _truth)
    volume: float = _kept(1.0, _number(0.0, 1.0))
    shortcuts: Mapping[str, tuple[str, ...]] = _kept_mapping(_keys)
    lane_order: tuple[str, ...] = _kept((), _texts)
    hidden_lanes: tuple[str, ...] = _kept((), _texts)
    lane_heights: Mapping[str, int] = _kept_mapping(_heights)
    recent: tuple[str, ...] = _kept((), _latest)
    welcomed: bool = _kept(False, _truth)


_READERS: dict[str, Callable[[object], object]] = {
    each.name: each.metadata["read"] for each in fields(Settings)
}


def resolved_language(language: str) -> str:
    """One of :data:`desktop.i18n.LANGUAGES` for a language of the settings."""
    if language != SYSTEM:
        return language
    spoken = QLocale.system().name().partition("_")[0]
    return spoken if spoken in LANGUAGES else "en"


class SettingsStore(QObject):
    """The settings in force; whoever shows one of them listens to ``changed``.

    Changes are in force at once and written a moment later, in a job; :meth:`flush` writes what is
    not yet written and must be called before the store goes. Only what was changed here is
    written over a file that another instance may have changed meanwhile, and fields that this
    version does not know stay in it.

    Args:
        parent: Owner.
        path: The file, ``settings.json`` in the data folder by default.

    Signals:
        changed: The names of the fields that have another value now, a ``frozenset``.
        problem: The file could not be read or written; a sentence. What is wrong with the file
            at the start is said when the event loop first runs.
    """

    changed = Signal(object)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None, path: Path | None = None) -> None:
        super().__init__(parent)
        self._path = path or data_folder() / "settings.json"
        self._unsaved: set[str] = set()
        self._being_saved: frozenset[str] = frozenset()
        self._said = ""
        self._writing = JobSlot(self)
        self._save_soon = single_timer(self, _SAVE_DELAY)
        self._save_soon.timeout.connect(self._save)
        self.current = self._load()
        self._apply()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.flush)

    def change(self, **values: object) -> None:
        """Gives fields other values.

        Raises:
            UsageError: There is no such field, or it cannot have this value; nothing is changed.
        """
        read: dict[str, Any] = {}
        for name, value in values.items():
            if name not in _READERS:
                raise UsageError(f"there is no setting {name!r}")
            try:
                read[name] = _READERS[name](value)
            except ValueError as error:
                raise UsageError(f"the setting {name!r} cannot be {value!r}") from error
        different = frozenset(n for n, value in read.items() if value != getattr(self.current, n))
        if not different:
            return
        self.current = replace(self.current, **read)
        self._unsaved |= different
        if not self._save_soon.isActive():
            self._save_soon.start()
        self._apply()
        self.changed.emit(different)

    def add_recent(self, path: Path) -> None:
        """Puts a video or a project at the head of those that were open recently."""
        newest = str(path)
        self.change(recent=(newest, *(old for old in self.current.recent if old != newest)))

    def flush(self) -> None:
        """Writes what is not yet written, and waits for it."""
        self._writing.close()
        self._save_soon.stop()
        self._unsaved |= self._being_saved
        if self._unsaved:
            self._written(_write(self._path, *self._taken()))

    def _apply(self) -> None:
        folder = self.current.cache_folder
        use_cache_folder(Path(folder).expanduser() if folder else None)

    def _load(self) -> Settings:
        try:
            data = _read(self._path)
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            reason = error.strerror or str(error)
            self._say_later(lambda: self._unreadable(reason))
            return Settings()
        except ValueError:
            aside = _set_aside(self._path)
            self._say_later(lambda: self._damaged(aside))
            return Settings()
        read: dict[str, Any] = {}
        for name, reader in _READERS.items():
            try:
                read[name] = reader(data[name])
            except (KeyError, ValueError):
                continue
        return Settings(**read)

    def _say_later(self, text: Callable[[], str]) -> None:
        """Says it when the window listens and its language is chosen."""
        QTimer.singleShot(0, self, lambda: self.problem.emit(text()))

    def _unreadable(self, reason: str) -> str:
        return tr(
            "Your settings cannot be read ({reason}): {file}. The usual ones are used.",
            reason=tr_message(reason),
            file=self._path,
        )

    def _damaged(self, aside: Path) -> str:
        return tr(
            "Your settings are damaged; the usual ones are used. The file is kept: {file}.",
            file=aside,
        )

    def _save(self) -> None:
        if self._writing.busy:
            self._save_soon.start()
            return
        names, values = self._taken()
        job = self._writing.start(_writer(self._path, names, values))
        job.succeeded.connect(self._written)
        job.start()

    def _taken(self) -> tuple[frozenset[str], dict[str, Any]]:
        self._being_saved = names = frozenset(self._unsaved)
        self._unsaved.clear()
        return names, {name: _plain(getattr(self.current, name)) for name in _READERS}

    def _written(self, outcome: _Outcome) -> None:
        self._being_saved = frozenset()
        if not outcome.problem:
            self._said = ""
            return
        self._unsaved |= outcome.names
        if outcome.problem != self._said:
            self._said = outcome.problem
            self.problem.emit(
                tr(
                    "Your settings cannot be kept ({reason}): {file}. "
                    "They hold until the application is closed.",
                    reason=tr_message(outcome.problem),
                    file=self._path,
                )
            )


@dataclass(frozen=True)
class _Outcome:
    """Of writing: the fields that were meant, and why it failed."""

    names: frozenset[str]
    problem: str


def _plain(value: object) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _read(path: Path) -> dict[str, Any]:
    """The fields of a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not one of ours.
    """
    with path.open("rb") as file:
        raw = file.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise ValueError
    try:
        data = json.loads(raw.decode("utf-8-sig", "surrogatepass"))
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(data, dict):
        raise ValueError
    return data


def _set_aside(path: Path) -> Path:
    aside = path.with_suffix(f".{time.strftime('%Y%m%d-%H%M%S')}.unread.json")
    try:
        os.replace(path, aside)
    except OSError:
        return path
    return aside


def _writer(path: Path, names: frozenset[str], values: dict[str, Any]) -> Work:
    def work(controls: JobControls) -> _Outcome:
        return _write(path, names, values)

    return work


def _write(path: Path, names: frozenset[str], values: dict[str, Any]) -> _Outcome:
    """Writes the named values over those in the file, or all of them where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            data = {**_read(path), **{name: values[name] for name in names}}
        except (FileNotFoundError, ValueError):
            data = values
        text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        # Paths that are no valid Unicode reach here as lone surrogates.
        replace_file(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        return _Outcome(names, error.strerror or str(error))
    return _Outcome(names, "")
