from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.editor import Editor
from desktop.jobs.job import JobSlot
from desktop.main_window import MainWindow
from desktop.settings import SettingsStore
from tests.desktop.leaks import left_behind, present
from tests.desktop.timelines import Shown, show_timeline
from tests.synthetic import make_video

PATIENCE = 60_000
"""Milliseconds that a signal may take on a busy machine."""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "긴 영상 '1'.mp4"
    make_video(path, seconds=24, fps=25, shots=[6, 13, 18], beeps=[8, 15.5], tone=0.02)
    return path


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication, qtbot: QtBot) -> Iterator[None]:
    """A thread, a running timer or a window that outlives its test fails it."""
    before = present()
    yield
    left = left_behind(before, qtbot)
    assert not left, f"the test left behind: {'; '.join(left)}"


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    """An empty project; panels have the colours of the application."""
    theme.apply(qapp)
    return Editor()


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Shown:
    """A timeline on the screen; nothing of its video is known."""
    theme.apply(qapp)
    return show_timeline(qtbot)


@pytest.fixture
def settings(own_folders: None) -> Iterator[SettingsStore]:
    """Those of a user who has seen the welcome."""
    made = SettingsStore()
    made.change(welcomed=True)
    yield made
    made.flush()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, settings: SettingsStore) -> Iterator[MainWindow]:
    """A shown window; a job that outlives it fails the test."""
    theme.apply(qapp)
    made = MainWindow(settings)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    assert not [slot for slot in made.findChildren(JobSlot) if slot.busy]


@pytest.fixture
def opened(window: MainWindow, qtbot: QtBot, clip: Path) -> MainWindow:
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(clip)
    return window


@pytest.fixture
def analysed(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    opened.editor.set_wish("Target length", length=12.0)
    opened.analyse()
    qtbot.waitUntil(
        lambda: (
            opened.editor.analysis is not None
            and opened.editor.analysis.complete
            and bool(opened.editor.project.cuts)
            and not any(slot.busy for slot in opened.findChildren(JobSlot))
        ),
        timeout=PATIENCE,
    )
    return opened
