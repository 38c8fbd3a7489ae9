"""The window is made anew in another theme or language; the project goes on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.time import Span
from desktop import theme
from desktop.i18n import set_language
from desktop.settings import SettingsStore
from desktop.windows import Windows
from tests.desktop.conftest import PATIENCE
from tests.desktop.exports import export_of
from tests.desktop.learnings import fill_teachable


@pytest.fixture
def windows(qapp: QApplication, qtbot: QtBot, own_folders: None) -> Iterator[Windows]:
    before = SettingsStore()
    before.change(welcomed=True, language="en")
    before.flush()
    made = Windows(qapp)
    made.window.show()
    yield made
    made.window.close()
    made.settings.flush()
    made.window.deleteLater()
    made.deleteLater()
    set_language("en")
    theme.apply(qapp)


@pytest.fixture
def edited(windows: Windows, qtbot: QtBot, clip: Path) -> Windows:
    with qtbot.waitSignal(windows.window.desk.opened, timeout=PATIENCE):
        windows.window.open(clip)
    windows.window.editor.add_span(Span(Fraction(2), Fraction(5)))
    return windows


def test_the_cuts_and_their_history_outlive_a_change_of_theme(
    edited: Windows, qtbot: QtBot
) -> None:
    old, project = edited.window, edited.window.editor.project
    edited.settings.change(theme="light")
    qtbot.waitUntil(lambda: edited.window is not old, timeout=PATIENCE)
    window = edited.window
    assert not shiboken6.isValid(old)
    assert theme.palette().name == "light"
    assert window.editor.project == project
    assert window.cuts.model.rowCount() == 1
    assert window.player.info == window.editor.info
    window.editor.undo_stack.undo()
    assert window.editor.project.cuts == ()
    assert not window.editor.read_only


def test_a_change_waits_for_an_export(edited: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    old, output = edited.window, tmp_path / "short.mp4"
    with qtbot.waitSignal(old.exporter.exported, timeout=PATIENCE):
        old.exporter.add(export_of(old, output))
        edited.settings.change(theme="light")
        qtbot.waitUntil(lambda: bool(old.notices.messages()), timeout=PATIENCE)
        assert edited.window is old
    assert output.exists()
    qtbot.waitUntil(lambda: edited.window is not old, timeout=PATIENCE)


def test_the_page_of_the_export_is_in_front_again(edited: Windows, qtbot: QtBot) -> None:
    old = edited.window
    old.show_export()
    edited.settings.change(theme="light")
    qtbot.waitUntil(lambda: edited.window is not old, timeout=PATIENCE)
    assert edited.window.export_page.isVisible()
    qtbot.waitUntil(edited.window.export_page.start.isEnabled, timeout=PATIENCE)


def test_an_analysis_goes_on_and_none_begins_that_was_not_asked_for(
    edited: Windows, qtbot: QtBot
) -> None:
    first = edited.window
    edited.settings.change(theme="light")
    qtbot.waitUntil(lambda: edited.window is not first, timeout=PATIENCE)
    second = edited.window
    assert not second.analyst.busy
    second.analyse()
    edited.settings.change(theme="dark")
    qtbot.waitUntil(lambda: edited.window is not second, timeout=PATIENCE)
    third = edited.window
    qtbot.waitUntil(
        lambda: third.editor.analysis is not None and third.editor.analysis.complete,
        timeout=PATIENCE,
    )
    qtbot.waitUntil(lambda: not third.analyst.busy, timeout=PATIENCE)


def test_a_training_goes_on(edited: Windows, qtbot: QtBot) -> None:
    fill_teachable(2)
    old = edited.window
    old.learning.learn("")
    qtbot.waitUntil(lambda: old.learning.teacher.busy, timeout=PATIENCE)
    edited.settings.change(theme="light")
    qtbot.waitUntil(lambda: edited.window is not old, timeout=PATIENCE)
    learning = edited.window.learning
    qtbot.waitUntil(
        lambda: len(learning.librarian.state.of("").versions) == 1 and not learning.teacher.busy,
        timeout=PATIENCE,
    )
