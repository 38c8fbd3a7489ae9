"""The look of the short: every field is an edit, and an undone edit is shown."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.cutting.cut import Cut
from core.export.clip import Join
from core.export.look import Look
from core.project.document import Decision, EditedCut, Medium, Project
from core.time import Span
from desktop.editor import Editor
from desktop.main_window import MainWindow
from desktop.panels.look_panel import LookPanel
from tests.desktop.exposed import expose


@pytest.fixture
def panel(
    qtbot: QtBot, editor: Editor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LookPanel]:
    path = tmp_path_factory.mktemp("none") / "a.mp4"
    cuts = tuple(
        EditedCut(Cut(Span(Fraction(at), Fraction(at + 4))), "a", Decision.KEPT, identifier=f"{at}")
        for at in (0, 10)
    )
    editor.push("Made", Project((Medium("a", path),), cuts))
    made = LookPanel(editor, lambda name: "")
    yield expose(qtbot, made, 380, 700)
    made.hide()


def look(editor: Editor) -> Look:
    return editor.project.wishes.look


def test_a_layout_is_chosen_by_keys_and_undone(panel: LookPanel, editor: Editor) -> None:
    panel.layout_choice.setFocus()
    QTest.keyClick(panel.layout_choice, Qt.Key.Key_End)
    assert look(editor).layout == "split"
    assert not panel.follow_cut.isEnabled()
    editor.undo_stack.undo()
    assert panel.layout_choice.currentData() == look(editor).layout == "fill"


def test_what_is_typed_in_one_go_is_one_edit(panel: LookPanel, editor: Editor) -> None:
    before = editor.undo_stack.count()
    panel.end_card.setFocus()
    QTest.keyClicks(panel.end_card, "Bye")
    QTest.keyClick(panel.end_card, Qt.Key.Key_Return)
    assert look(editor).end_card == "Bye"
    assert editor.undo_stack.count() == before + 1
    editor.undo_stack.undo()
    assert panel.end_card.text() == look(editor).end_card == ""


def test_checks_are_edits(panel: LookPanel, editor: Editor) -> None:
    for check, field in panel._checks():
        if not check.isEnabled():
            continue
        was = getattr(look(editor), field)
        check.setFocus()
        QTest.keyClick(check, Qt.Key.Key_Space)
        assert getattr(look(editor), field) is not was
    assert panel.caption_style.isEnabled()


def test_a_crossfade_belongs_to_a_cut_that_follows_another(
    panel: LookPanel, editor: Editor
) -> None:
    editor.select("0")
    assert not panel.join.crossfade.isEnabled()
    assert panel.join.hint.text()
    editor.select("10")
    field = panel.join.crossfade
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.8")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert editor.project.find("10").join == Join(Fraction(4, 5))  # type: ignore[union-attr]
    editor.undo_stack.undo()
    assert field.value() == 0


def test_space_is_the_check_boxs_while_it_has_the_focus(opened: MainWindow) -> None:
    opened.side.show_tab("look")
    opened.look.captions.setFocus()
    QTest.keyClick(opened.look.captions, Qt.Key.Key_Space)
    assert opened.editor.project.wishes.look.captions
    assert not opened.player.playing


def turn(panel: LookPanel, field: QWidget, by: int) -> None:
    """Turns the wheel while the pointer is over a field."""
    at = QPointF(field.mapTo(panel, field.rect().center()))
    QTest.wheelEvent(panel.windowHandle(), at, QPoint(0, by))


def test_scrolling_over_a_field_changes_nothing(panel: LookPanel, editor: Editor) -> None:
    editor.set_look("Captions", captions=True, music=Path("/nowhere/song.mp3"))
    panel.resize(380, 220)
    panel.follow.setFocus()
    before, stack = look(editor), editor.undo_stack.index()
    bar = panel.verticalScrollBar()
    for field in (panel.layout_choice, panel.caption_style, panel.music_level):
        panel.ensureWidgetVisible(field, 0, 0)
        scrolled = bar.value()
        turn(panel, field, -120)
        assert bar.value() > scrolled
    assert look(editor) == before
    assert editor.undo_stack.index() == stack
    panel.ensureWidgetVisible(panel.layout_choice)
    panel.layout_choice.setFocus()
    turn(panel, panel.layout_choice, -120)
    assert look(editor).layout == "whole"
