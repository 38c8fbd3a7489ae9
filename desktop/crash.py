"""What is kept of a bug or a crash, for a report that the user may send; nothing is ever sent."""

from __future__ import annotations

import faulthandler
import importlib.metadata
import locale
import logging
import platform
import re
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TextIO

import PySide6
from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtGui import QGuiApplication

from core import __version__
from desktop.i18n import tr

_LINES = 50
_LOG, _BEFORE = "crash.log", "crash-before.log"
_NOISE = re.compile(
    r"propagateSizeHints|This plugin does not support|QThreadStorage: "
    r"|Could not (open|find) .*(va|vdpau|VDPAU|VAAPI)|QSocketNotifier: Can only be used"
)
"""What Qt says on healthy systems, too."""

Tell = Callable[[str, str], None]

_lines: deque[str] = deque(maxlen=_LINES)
_installed: _Hooks | None = None


def install(data_folder: Path, tell: Tell) -> None:
    """From now on no bug goes unheard, and a native crash leaves a trace.

    Args:
        data_folder: Where the trace is kept until the next start.
        tell: Takes a sentence and a report, in the thread that called this. The same bug twice in
            a row is told once.
    """
    global _installed
    uninstall()
    _installed = _Hooks(data_folder, tell)


def uninstall() -> None:
    """Puts everything back as it was before :func:`install`."""
    global _installed
    if _installed is not None:
        _installed.remove()
        _installed = None


def last_crash(data_folder: Path) -> str | None:
    """The trace of a native crash of the session before; it is given once.

    Returns:
        The trace with the versions, None if the session before ended well.
    """
    for name in (_BEFORE, _LOG):
        path = data_folder / name
        try:
            trace = path.read_text(encoding="utf-8", errors="replace").strip()
            if trace and name == _BEFORE:
                path.unlink()
            elif trace:
                path.write_bytes(b"")
        except OSError:
            continue
        if trace:
            return _without_home(f"{_versions()}\n\n{trace}\n")
    return None


def report(error: BaseException) -> str:
    """What a developer needs to know about a bug.

    Returns:
        Versions, platform, traceback and the last lines of the log, with the home folder as ``~``.
    """
    parts = [_versions(), "".join(traceback.format_exception(error)).strip()]
    if _lines:
        parts.append("\n".join(["Last lines of the log:", *_lines]))
    return _without_home("\n\n".join(parts) + "\n")


def _versions() -> str:
    found = {
        "EmotionShortForm": __version__,
        "Python": platform.python_version(),
        "Qt": qVersion(),
        "PySide6": PySide6.__version__,
        "PyTorch": _version_of("torch"),
        "FFmpeg": _ffmpeg(),
        "Platform": f"{platform.platform()}, {platform.machine()}, "
        f"{QGuiApplication.platformName() or 'no window'}, {locale.getlocale()[0]}",
    }
    return "\n".join(f"{name}: {value}" for name, value in found.items())


def _ffmpeg() -> str:
    """Of the libraries, if they are loaded, and of the packages that ship them and the program."""
    parts = [str(getattr(sys.modules.get("av"), "ffmpeg_version_info", ""))]
    for package in ("av", "imageio-ffmpeg"):
        try:
            parts.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            parts.append(f"{package} missing")
    return ", ".join(filter(None, parts))


def _version_of(module: str) -> str:
    """Of what is imported already: a report must not take seconds."""
    return str(getattr(sys.modules.get(module), "__version__", "not in use"))


def _without_home(text: str) -> str:
    try:
        home = Path.home()
    except RuntimeError:
        return text
    if home == Path(home.anchor):
        return text
    for form in {str(home), home.as_posix(), str(home).replace("\\", "\\\\")}:
        text = re.sub(re.escape(form) + r"(?![\w.-])", "~", text)
    return text


class _LogKeeper(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _lines.append(self.format(record))


class _Hooks(QObject):
    """Everything that is put in the way of bugs, and how it was before."""

    _told = Signal(str, str)

    def __init__(self, data_folder: Path, tell: Tell) -> None:
        super().__init__()
        self._tell = tell
        self._latest = ""
        self._file = _open_log(data_folder)
        self._fault_handler_was_on = faulthandler.is_enabled()
        if self._file is not None:
            faulthandler.enable(self._file)
        self._log = _LogKeeper()
        self._log.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(self._log)
        # Across threads the signal is queued: what is told is told where this was made.
        self._told.connect(self._pass_on)
        self._hook_before, sys.excepthook = sys.excepthook, self._caught
        self._thread_hook_before = threading.excepthook
        threading.excepthook = self._caught_in_thread
        self._handler_before = qInstallMessageHandler(self._qt_said)

    def remove(self) -> None:
        sys.excepthook = self._hook_before
        threading.excepthook = self._thread_hook_before
        qInstallMessageHandler(self._handler_before)
        logging.getLogger().removeHandler(self._log)
        if self._file is not None:
            faulthandler.disable()
            if self._fault_handler_was_on and sys.__stderr__ is not None:
                faulthandler.enable(sys.__stderr__)
            self._file.close()
        _lines.clear()
        self.deleteLater()

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            self._hook_before(kind, error, trace)
            return
        self._keep(error.with_traceback(trace))

    def _caught_in_thread(self, caught: threading.ExceptHookArgs) -> None:
        if isinstance(caught.exc_value, Exception):
            self._keep(caught.exc_value)
        elif caught.exc_type is not SystemExit:
            self._thread_hook_before(caught)

    def _keep(self, error: Exception) -> None:
        text = "".join(traceback.format_exception(error))
        _to_terminal(text)
        if text != self._latest:
            self._latest = text
            self._told.emit(
                tr(
                    "Something went wrong that should not have ({kind}). Your cuts are kept; "
                    "please report this.",
                    kind=type(error).__name__,
                ),
                report(error),
            )

    def _pass_on(self, message: str, text: str) -> None:
        try:
            self._tell(message, text)
        except Exception:
            # Whoever should tell it is what is broken: the terminal is left.
            _to_terminal(traceback.format_exc())

    def _qt_said(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if _NOISE.search(message):
            return
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            level = kind.name.removeprefix("Qt").removesuffix("Msg").upper()
            _lines.append(f"{level} {context.category or 'qt'}: {message}")
        if kind is QtMsgType.QtFatalMsg and self._file is not None:
            # Qt ends the program after this; the trace follows by the fault handler.
            self._file.write(f"{message}\n")
            self._file.flush()
        if self._handler_before is not None:
            self._handler_before(kind, context, message)
        else:
            _to_terminal(f"{message}\n")


def _to_terminal(text: str) -> None:
    """Programs without a terminal have no such stream."""
    if sys.stderr is not None:
        sys.stderr.write(text)


def _open_log(data_folder: Path) -> TextIO | None:
    """The file of the fault handler; None where nothing can be written."""
    path = data_folder / _LOG
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            path.replace(data_folder / _BEFORE)
        return path.open("a", encoding="utf-8")
    except OSError:
        return None
