"""The bar along the top: the project, its videos, its wishes, what is going on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from core.media.probe import MediaInfo, probe
from core.project.document import Medium
from desktop.editor import Editor
from desktop.panels.command_bar import CommandBar
from tests.desktop.exposed import expose
from tests.synthetic import make_video

LEFT = Qt.MouseButton.LeftButton
KEYS: dict[str, str] = {}
"""Keys of commands that have others than their name in angle brackets."""


@pytest.fixture
def bar(qtbot: QtBot, editor: Editor) -> CommandBar:
    return expose(qtbot, CommandBar(editor, lambda name: KEYS.get(name, f"<{name}>")), 1360, 46)


@pytest.fixture(scope="session")
def info(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    path = tmp_path_factory.mktemp("bar") / "one.mp4"
    make_video(path, seconds=2, fps=10)
    return probe(path)


def type_length(bar: CommandBar, text: str) -> None:
    line = bar.length.lineEdit()
    assert line is not None
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def two_videos(editor: Editor, info: MediaInfo) -> None:
    editor.add_medium(Medium("a", info.path), info)
    media = (*editor.project.media, Medium("b", Path("/nowhere/holiday.mp4")))
    editor.project = replace(editor.project, media=media)
    editor.project_changed.emit()


def test_a_typed_length_is_one_edit_that_can_be_undone(bar: CommandBar, editor: Editor) -> None:
    type_length(bar, "45,5 s")
    assert editor.project.wishes.length == 45.5
    assert editor.undo_stack.count() == 1
    QTest.keyClick(bar.length, Qt.Key.Key_Return)
    assert bar.length.count() == 4
    editor.undo_stack.undo()
    assert editor.project.wishes.length == 30
    assert bar.length.currentText() == "30 s"


def test_a_chosen_length_is_an_edit(bar: CommandBar, editor: Editor) -> None:
    bar.length.setFocus()
    QTest.keyClick(bar.length, Qt.Key.Key_Down)
    assert editor.project.wishes.length == 60
    assert editor.undo_stack.count() == 1


@pytest.mark.parametrize("text", ["", "soon", "0", "-3", "9999", "nan"])
def test_what_is_no_length_is_shown_as_wrong_and_ignored(
    bar: CommandBar, editor: Editor, text: str
) -> None:
    line = bar.length.lineEdit()
    assert line is not None
    line.setFocus()
    bar.length.setEditText(text)
    assert editor.project.wishes.length == 30
    assert editor.undo_stack.count() == 0
    assert bar.length.toolTip() == "Write seconds from 1 to 3600"
    editor.set_look("Title", title="suggestions came in meanwhile")
    assert bar.length.currentText() == text
    bar.title.setFocus()
    assert bar.length.currentText() == "30 s"


def test_the_length_follows_the_project_without_answering(bar: CommandBar, editor: Editor) -> None:
    editor.set_wish("Target length", length=42.0)
    assert bar.length.currentText() == "42 s"
    assert editor.undo_stack.count() == 1


def test_typing_a_title_is_one_edit(bar: CommandBar, editor: Editor) -> None:
    bar.title.setFocus()
    QTest.keyClicks(bar.title, "Best of")
    assert editor.project.wishes.look.title == "Best of"
    assert editor.undo_stack.count() == 1
    QTest.keyClick(bar.title, Qt.Key.Key_Return)
    QTest.keyClicks(bar.title, " 2")
    assert editor.undo_stack.count() == 2
    editor.undo_stack.undo()
    assert bar.title.text() == "Best of"


def test_a_letter_typed_inside_a_title_leaves_the_cursor_there(bar: CommandBar) -> None:
    bar.title.setFocus()
    QTest.keyClicks(bar.title, "Bst")
    bar.title.setCursorPosition(1)
    QTest.keyClicks(bar.title, "e")
    assert bar.title.text() == "Best"
    assert bar.title.cursorPosition() == 2


def test_the_shape_is_bound_both_ways(bar: CommandBar, editor: Editor) -> None:
    bar.aspect.setFocus()
    QTest.keyClick(bar.aspect, Qt.Key.Key_Down)
    assert editor.project.wishes.look.aspect == "16:9"
    editor.undo_stack.undo()
    assert bar.aspect.currentText() == "9:16"
    assert editor.undo_stack.count() == 1


def test_the_videos_are_shown_once_there_are_several(
    bar: CommandBar, editor: Editor, info: MediaInfo, qtbot: QtBot
) -> None:
    editor.add_medium(Medium("a", info.path), info)
    assert not bar.switcher.isVisible()
    two_videos(editor, info)
    assert bar.switcher.isVisible()
    names = [bar.switcher.itemText(n) for n in range(bar.switcher.count())]
    assert names == ["one.mp4", "holiday.mp4 (missing)"]
    bar.switcher.setFocus()
    with qtbot.waitSignal(bar.relink_wanted) as told:
        QTest.keyClick(bar.switcher, Qt.Key.Key_Down)
    assert told.args == ["b"]
    assert bar.switcher.currentText() == "one.mp4"
    editor.add_medium(Medium("b", info.path), info)
    assert editor.medium == "b"
    assert bar.switcher.currentIndex() == 1
    QTest.keyClick(bar.switcher, Qt.Key.Key_Up)
    assert editor.medium == "a"


def test_the_project_is_named_with_its_state(bar: CommandBar) -> None:
    bar.show_project("Holiday", unsaved=False, read_only=False)
    assert bar._project.text == "Holiday"
    bar.show_project("Holiday", unsaved=True, read_only=False)
    assert bar._project.text == "• Holiday"
    assert not bar._lock.isVisible()
    bar.show_project("Holiday", unsaved=False, read_only=True)
    assert bar._project.text == "Holiday (read-only)"
    assert bar._lock.isVisible()


def test_progress_can_be_seen_and_cancelled(bar: CommandBar, qtbot: QtBot) -> None:
    bar.show_ready(can_analyse=True)
    bar.show_export(possible=True)
    with qtbot.waitSignal(bar.analyse_wanted):
        QTest.mouseClick(bar.analyse, LEFT)
    bar.show_busy("Opening")
    assert not bar.analyse.isVisible()
    assert bar.export.isEnabled()
    bar._started -= 30
    bar.show_progress(0.5, "Listening")
    assert bar._message.text.startswith("50 % · 30 s left")
    bar._started -= 570
    bar.show_progress(0.5, "Listening")
    assert "10 min left" in bar._message.text
    with qtbot.waitSignal(bar.cancel_wanted):
        QTest.mouseClick(bar.cancel, LEFT)


def test_the_tooltips_show_the_keys(bar: CommandBar) -> None:
    assert bar.analyse.toolTip().endswith("(<analyse>)")
    assert bar.export.toolTip().endswith("(<export>)")
    assert bar.cancel.toolTip() == "Cancel (<cancel>)"


def test_the_tooltips_follow_other_keys(bar: CommandBar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KEYS, "project.open", "F2")
    monkeypatch.setitem(KEYS, "export", "F9")
    monkeypatch.setitem(KEYS, "cancel", "")
    bar.show_keys()
    assert bar.open.toolTip() == "Open video (F2)"
    assert bar.export.toolTip() == "Write the short (F9)"
    assert bar.export.accessibleDescription() == "Write the short (F9)"
    assert bar.cancel.toolTip() == "Cancel"


def test_the_menu_opens_from_the_bar(bar: CommandBar) -> None:
    menu = QMenu(bar)
    menu.addAction("New")
    bar.set_menu(menu)
    assert bar.menu.menu() is menu
    assert bar.menu.accessibleName() == "Menu"


@pytest.mark.parametrize("width", [1000, 1360, 1920])
@pytest.mark.parametrize("busy", [False, True])
def test_nothing_overflows(
    bar: CommandBar, editor: Editor, info: MediaInfo, width: int, busy: bool
) -> None:
    two_videos(editor, info)
    bar.show_project("A project with quite a long name that nobody reads", True, read_only=True)
    bar.show_ready(can_analyse=True)
    bar.show_export(possible=True)
    if busy:
        bar.show_busy("Opening")
        bar.show_progress(0.74, "Listening")
    bar.resize(width, bar.height())
    QApplication.processEvents()
    assert bar.width() == width
    right = 0
    shown: list[QWidget] = [
        child for child in bar.children() if isinstance(child, QWidget) and child.isVisible()
    ]
    for child in sorted(shown, key=lambda w: w.x()):
        assert child.x() >= right
        right = child.geometry().right()
    assert right < width
    assert bar.childAt(bar.export.geometry().center() - QPoint(2, 0)) is bar.export
