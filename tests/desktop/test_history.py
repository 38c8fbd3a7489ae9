"""The history: all edits by name, and the way back to each."""

from __future__ import annotations

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.editor import Editor
from desktop.main_window import MainWindow
from desktop.panels.history import HistoryPanel
from tests.desktop.conftest import PATIENCE
from tests.desktop.exposed import expose


@pytest.fixture
def panel(qtbot: QtBot, editor: Editor) -> HistoryPanel:
    made = HistoryPanel(editor)
    editor.setParent(made)
    return expose(qtbot, made, 300, 300)


def edit(panel: HistoryPanel, *lengths: float) -> Editor:
    editor = panel.findChild(Editor)
    assert editor is not None
    for length in lengths:
        editor.set_wish(f"To {length:g}", length=length)
    return editor


def texts(panel: HistoryPanel) -> list[str]:
    model = panel.view.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_an_empty_history_says_so(panel: HistoryPanel) -> None:
    assert texts(panel) == ["Nothing edited yet"]


def test_edits_are_listed_by_name(panel: HistoryPanel) -> None:
    edit(panel, 20, 40)
    assert texts(panel) == ["Start", "To 20", "To 40"]
    assert panel.view.currentIndex().row() == 2


def test_a_click_goes_back_and_forth(panel: HistoryPanel) -> None:
    editor = edit(panel, 20, 40, 60)
    for row, length in ((1, 20), (0, 30), (3, 60)):
        place = panel.view.visualRect(panel.view.model().index(row, 0)).center()
        QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert editor.project.wishes.length == length
        assert editor.undo_stack.index() == row
    assert texts(panel) == ["Start", "To 20", "To 40", "To 60"]


def test_arrows_go_back_and_forth(panel: HistoryPanel) -> None:
    editor = edit(panel, 20, 40)
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_Up)
    assert editor.project.wishes.length == 20
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    assert editor.project.wishes.length == 40


def test_the_present_state_is_marked_and_the_saved_one_too(panel: HistoryPanel) -> None:
    editor = edit(panel, 20, 40, 60)
    editor.undo_stack.undo()
    plain = panel.view.viewport().grab().toImage()
    editor.undo_stack.setClean()
    saved = panel.view.viewport().grab().toImage()
    assert saved != plain
    row = panel.view.visualRect(panel.view.model().index(2, 0))
    place = (row.topLeft() + row.bottomLeft()) / 2
    place.setX(row.left() + 2)
    colour = saved.pixelColor(place * saved.devicePixelRatio())
    assert colour == QColor(theme.palette().accent)


def test_a_cleared_history_is_empty_again(panel: HistoryPanel) -> None:
    edit(panel, 20).undo_stack.clear()
    assert texts(panel) == ["Nothing edited yet"]


def test_an_editor_that_goes_after_its_window_tells_nobody(
    window: MainWindow, qtbot: QtBot, clip: Path
) -> None:
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(clip)
    window.editor.set_look("Shape", aspect="9:16")
    told: list[int] = []
    window.close()
    window.editor.undo_stack.indexChanged.connect(told.append)
    shiboken6.delete(window.editor)
    assert told == []
