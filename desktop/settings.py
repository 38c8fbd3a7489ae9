"""The settings in force: kept in one file, changed in one place, never lost to a bad value."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTimer, Signal

from core.errors import UsageError
from core.files import replace_file
from core.places import data_folder, use_cache_folder
from desktop.i18n import LANGUAGES, tr, tr_message
from desktop.jobs.job import JobControls, JobSlot, Work
from desktop.settings_values import READERS, SYSTEM, Settings
from desktop.widgets import single_timer

_SAVE_DELAY = 500
_LARGEST_FILE = 1 << 20


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
            if name not in READERS:
                raise UsageError(f"there is no setting {name!r}")
            try:
                read[name] = READERS[name](value)
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
        for name, reader in READERS.items():
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
        return names, {name: _plain(getattr(self.current, name)) for name in READERS}

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
