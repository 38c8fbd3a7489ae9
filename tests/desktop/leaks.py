"""What a test must not leave behind: threads, timers that run, windows, jobs that are done."""

from __future__ import annotations

import gc
import threading
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.exceptions import TimeoutError as WaitedTooLong
from pytestqt.qtbot import QtBot

from desktop.jobs.job import Job

_QT_OWN = {"QTipLabel"}
"""Windows that Qt makes once and keeps."""


@dataclass(frozen=True)
class Present:
    """What there was before a test; Qt's objects by their addresses."""

    threads: frozenset[threading.Thread]
    objects: frozenset[int]


def own_threads() -> set[threading.Thread]:
    """Threads made in Python; those of Qt leave shadows that count as alive."""
    return {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}


def present() -> Present:
    """What runs and what is open now."""
    return Present(
        frozenset(own_threads()), frozenset(_address(o) for o in (*_busy(), *_windows()))
    )


def leaks(before: Present) -> list[str]:
    """What has been left since, in words; what belongs to a window of before is not counted."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = [f"thread '{thread.name}'" for thread in own_threads() - before.threads]
    for one in (*_busy(), *_windows()):
        if not {_address(one), _address(_root(one))} & before.objects:
            name = f" '{one.objectName()}'" if one.objectName() else ""
            found.append(f"{_kind(one)} {type(one).__name__}{name} of {_root(one)!r}")
    return found


def left_behind(before: Present, qtbot: QtBot, patience: int = 10_000) -> list[str]:
    """As :func:`leaks`, after everything had a chance to end.

    Args:
        before: From before the test.
        qtbot: Waits.
        patience: Milliseconds.
    """
    if not leaks(before):
        return []
    # A window whose last reference is part of a circle is no leak.
    gc.collect()
    try:
        qtbot.waitUntil(lambda: not leaks(before), timeout=patience)
    except WaitedTooLong:
        return leaks(before)
    return []


def ended_jobs() -> list[Job]:
    """Jobs whose thread has ended, but which are still there."""
    return [one for one in _busy() if isinstance(one, Job) and not _runs(one)]


def _busy() -> list[QObject]:
    """Timers and threads of Qt that run and that Python knows, and jobs that ended."""
    found: list[QObject] = []
    for one in gc.get_objects():
        # The type is asked, not the object: some stand for something that is not there any more.
        kind = type(one)
        if not issubclass(kind, QTimer | QThread) or not shiboken6.isValid(one):
            continue
        if isinstance(one, QTimer):
            stays = one.isActive()
        else:
            stays = _runs(one) or (isinstance(one, Job) and one.isFinished())
        if stays:
            found.append(one)
    return found


def _runs(thread: QThread) -> bool:
    # Qt gives every thread that touches it an object, the main thread too.
    return shiboken6.createdByPython(thread) and thread.isRunning()


def _windows() -> list[QWidget]:
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.metaObject().className() not in _QT_OWN
    ]


def _root(one: QObject) -> QObject:
    while (parent := one.parent()) is not None:
        one = parent
    return one


def _address(one: QObject) -> int:
    return int(shiboken6.getCppPointer(one)[0])


def _kind(one: QObject) -> str:
    if isinstance(one, QTimer):
        return "running timer"
    if isinstance(one, QThread):
        return "running thread" if _runs(one) else "ended job"
    return "window"
