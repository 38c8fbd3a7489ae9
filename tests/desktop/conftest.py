from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.jobs.job import JobSlot
from desktop.main_window import MainWindow
from tests.synthetic import make_video

PATIENCE = 60_000
"""Milliseconds that a signal may take on a busy machine."""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "긴 영상 '1'.mp4"
    make_video(path, seconds=24, fps=25, shots=[6, 13, 18], beeps=[8, 15.5], tone=0.02)
    return path


def own_threads() -> set[threading.Thread]:
    """Threads made in Python; those of Qt leave shadows that count as alive."""
    return {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    """A shown window; a thread or a timer that outlives it fails the test."""
    theme.apply(qapp)
    before = own_threads()
    made = MainWindow()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    assert not [slot for slot in made.findChildren(JobSlot) if slot.busy]
    assert own_threads() <= before


@pytest.fixture
def opened(window: MainWindow, qtbot: QtBot, clip: Path) -> MainWindow:
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(clip)
    return window


@pytest.fixture
def analysed(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    opened.bar.length.setCurrentText("12 s")
    opened.analyse()
    qtbot.waitUntil(
        lambda: (
            opened.editor.analysis is not None
            and opened.editor.analysis.complete
            and bool(opened.editor.edit.cuts)
            and not any(slot.busy for slot in opened.findChildren(JobSlot))
        ),
        timeout=PATIENCE,
    )
    return opened
