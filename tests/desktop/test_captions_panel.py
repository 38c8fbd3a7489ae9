"""The panel of captions, driven as a creator does."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.export.captions.caption import Caption, Word
from core.media.probe import MediaInfo, VideoStream
from core.project.document import Medium, Project
from core.project.session import ProjectSession
from core.time import Span
from desktop.editor import Editor
from desktop.panels.caption_rows import CaptionField
from desktop.panels.captions_panel import CaptionsPanel

VIDEO = VideoStream(0, "h264", 1280, 720, 1280, 720, 0, Fraction(25), Fraction(1, 25), Fraction(0))
INFO = MediaInfo(Path("/nowhere/a.mp4"), Fraction(0), Fraction(60), VIDEO, None)


def said(start: int, end: int, text: str) -> Caption:
    step = Fraction(end - start, len(text.split()))
    return Caption(
        Span(Fraction(start), Fraction(end)),
        text,
        tuple(
            Word(Span(start + n * step, start + (n + 1) * step), word)
            for n, word in enumerate(text.split())
        ),
    )


CAPTIONS = (said(1, 3, "one two"), said(4, 8, "three four five six"), said(9, 10, "seven"))


@pytest.fixture
def panel(qtbot: QtBot, editor: Editor) -> CaptionsPanel:
    project = Project((Medium("a", Path("/nowhere/a.mp4"), captions=CAPTIONS),))
    editor.open(ProjectSession.new().session, project, {"a": INFO})
    made = CaptionsPanel(editor)
    made.resize(340, 420)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def click(panel: CaptionsPanel, row: int, *, twice: bool = False) -> None:
    place = panel.view.visualRect(panel.model.index(row)).center()
    viewport = panel.view.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(place))
    if twice:
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(place))


def field(panel: CaptionsPanel) -> CaptionField:
    (found,) = (one for one in panel.view.findChildren(CaptionField) if one.isVisible())
    return found


def texts(editor: Editor) -> list[str]:
    return [one.text for one in editor.captions]


def test_a_click_and_the_arrow_keys_go_to_the_time_of_a_caption(panel: CaptionsPanel) -> None:
    sought: list[Fraction] = []
    panel.seek_wanted.connect(sought.append)
    click(panel, 1)
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    click(panel, 2)
    assert sought == [4, 9, 9]


def test_a_text_is_corrected_in_place_and_its_words_keep_their_time(
    panel: CaptionsPanel, editor: Editor
) -> None:
    click(panel, 1, twice=True)
    QTest.keyClicks(field(panel), "three four fife six")
    QTest.keyClick(field(panel), Qt.Key.Key_Return)
    assert texts(editor)[1] == "three four fife six"
    assert [float(word.span.start) for word in editor.captions[1].words] == [4, 5, 6, 7]
    assert editor.undo_stack.undoText() == "Edit caption"
    editor.undo_stack.undo()
    assert panel.model.index(1).data() == "three four five six"


def test_escape_leaves_the_text_as_it_was(panel: CaptionsPanel, editor: Editor) -> None:
    click(panel, 0)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    QTest.keyClicks(field(panel), "something")
    QTest.keyClick(field(panel), Qt.Key.Key_Escape)
    assert editor.captions == CAPTIONS
    assert editor.undo_stack.count() == 0


def test_shift_enter_breaks_the_line_and_ctrl_enter_splits_at_the_cursor(
    panel: CaptionsPanel, editor: Editor
) -> None:
    click(panel, 0, twice=True)
    QTest.keyClicks(field(panel), "one")
    QTest.keyClick(field(panel), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field(panel), "two")
    QTest.keyClick(field(panel), Qt.Key.Key_Return)
    assert texts(editor)[0] == "one\ntwo"
    click(panel, 1, twice=True)
    QTest.keyClicks(field(panel), "three for five six")
    for _ in range(9):
        QTest.keyClick(field(panel), Qt.Key.Key_Left)
    QTest.keyClick(field(panel), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert texts(editor) == ["one\ntwo", "three for", "five six", "seven"]
    assert editor.captions[2].span == Span(Fraction(6), Fraction(8))
    editor.undo_stack.undo()
    assert texts(editor) == ["one\ntwo", "three four five six", "seven"]


def test_captions_are_merged_split_at_the_playhead_and_deleted(
    panel: CaptionsPanel, editor: Editor
) -> None:
    click(panel, 0)
    QTest.mouseClick(panel.merge, Qt.MouseButton.LeftButton)
    assert texts(editor) == ["one two three four five six", "seven"]
    assert panel.chosen == [0]
    panel.follow(4.5)
    QTest.mouseClick(panel.split, Qt.MouseButton.LeftButton)
    assert texts(editor) == ["one two", "three four five six", "seven"]
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    assert texts(editor) == ["three four five six", "seven"]
    for _ in range(3):
        editor.undo_stack.undo()
    assert editor.captions == CAPTIONS


def test_a_new_caption_is_put_at_the_playhead_and_can_be_typed_at_once(
    panel: CaptionsPanel, editor: Editor
) -> None:
    panel.follow(8.5)
    QTest.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    assert editor.captions[2].span == Span(Fraction(17, 2), Fraction(9))
    QTest.keyClicks(field(panel), "between")
    QTest.keyClick(field(panel), Qt.Key.Key_Return)
    assert texts(editor)[2:] == ["between", "seven"]


def test_the_caption_that_is_being_said_is_marked(panel: CaptionsPanel) -> None:
    marked = []
    for seconds in (0, 2, Fraction(7, 2), 4, 9.5, 10):
        panel.follow(seconds)
        marked.append(panel.model.said)
    assert marked == [-1, 0, -1, 1, 2, -1]


def test_without_captions_it_says_what_to_do(panel: CaptionsPanel, editor: Editor) -> None:
    assert panel.split.isEnabled() is False
    panel.view.selectAll()
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    assert editor.captions == ()
    assert panel._empty.isVisible()
    assert not panel.write.isEnabled()
    assert not panel.merge.isEnabled()


def test_a_field_that_is_open_does_not_go_on_in_another_video(
    panel: CaptionsPanel, editor: Editor
) -> None:
    others = tuple(said(1 + n, 2 + n, f"other {n}") for n in range(len(CAPTIONS)))
    editor.add_medium(Medium("b", Path("/nowhere/b.mp4"), captions=others), INFO)
    editor.show_medium("a")
    click(panel, 1, twice=True)
    QTest.keyClicks(field(panel), "typed for the first")
    editor.show_medium("b")
    assert not [one for one in panel.view.findChildren(CaptionField) if one.isVisible()]
    assert editor.captions == others
