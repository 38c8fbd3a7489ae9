"""The side panel: its tabs, and the threshold of the suggestions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.cutting.suggest import usual_threshold
from desktop.editor import Editor
from desktop.panels.side_panel import SidePanel
from tests.desktop.exposed import expose
from tests.project.analyses import SILENCE, analysis_of, track

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, editor: Editor) -> Iterator[SidePanel]:
    pages = [QLabel(name) for name in ("cuts", "look", "captions", "emotion", "history")]
    made = SidePanel(editor, *pages)
    yield expose(qtbot, made, 400, 500)
    made.hide()


def threshold(editor: Editor) -> float | None:
    return editor.project.wishes.threshold


def test_tabs_are_shown_by_name(panel: SidePanel) -> None:
    assert [panel.tabText(n) for n in range(panel.count())] == [
        "Short",
        "Look",
        "Captions",
        "Emotion",
        "History",
    ]
    for number, name in enumerate(("short", "look", "captions", "emotion", "history")):
        panel.show_tab(name)
        assert panel.currentIndex() == number
        assert panel.currentWidget().isVisible()


def test_tabs_are_reached_by_mouse_and_keys(panel: SidePanel) -> None:
    QTest.mouseClick(panel.tabBar(), LEFT, pos=panel.tabBar().tabRect(1).center())
    assert panel.currentIndex() == 1
    panel.tabBar().setFocus()
    QTest.keyClick(panel.tabBar(), Qt.Key.Key_Right)
    assert panel.currentIndex() == 2


def test_the_threshold_is_left_to_the_curve_at_first(panel: SidePanel, editor: Editor) -> None:
    field = panel.short.threshold
    assert threshold(editor) is None
    assert field.value.text() == "automatic"
    assert not field.automatic.isVisible()


def test_a_typed_threshold_is_an_edit_and_automatic_takes_it_back(
    panel: SidePanel, editor: Editor
) -> None:
    field = panel.short.threshold
    field.value.setFocus()
    field.value.selectAll()
    QTest.keyClicks(field.value, "0.35")
    assert threshold(editor) is None
    QTest.keyClick(field.value, Qt.Key.Key_Return)
    assert threshold(editor) == 0.35
    assert editor.undo_stack.count() == 1
    QTest.mouseClick(field.automatic, LEFT)
    assert threshold(editor) is None
    assert field.value.text() == "automatic"
    editor.undo_stack.undo()
    assert field.value.text() == "0.35"
    editor.undo_stack.undo()
    assert threshold(editor) is None


def test_steps_begin_at_the_threshold_of_the_curve_and_are_one_edit(
    panel: SidePanel, editor: Editor
) -> None:
    analysis = analysis_of(track(*[SILENCE] * 6))
    editor.set_analysis(editor.medium, analysis)
    field = panel.short.threshold
    field.value.setFocus()
    for _ in range(3):
        QTest.keyClick(field.value, Qt.Key.Key_Up)
    usual = usual_threshold(analysis.highlight.score)
    assert threshold(editor) == pytest.approx(round(usual, 2) + 0.02)
    assert editor.undo_stack.count() == 1
