"""The length of the short: in words, as a bar, and as a handle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QColor, QHelpEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.project.document import Decision, Project, Wishes
from desktop import theme
from desktop.editor import Editor
from desktop.panels.length_bar import LengthBar, LengthTrack
from tests.desktop.exposed import expose
from tests.project.projects import cut

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Made = Callable[..., tuple[LengthBar, Editor]]


@pytest.fixture
def made(qtbot: QtBot, qapp: QApplication) -> Made:
    """Makes a bar over cuts of these lengths."""
    theme.apply(qapp)

    def make(*lengths: float, target: float = 30.0) -> tuple[LengthBar, Editor]:
        editor = Editor()
        cuts = tuple(
            cut(Fraction(100 * n), 100 * n + Fraction(str(length)), identifier=f"c{n}")
            for n, length in enumerate(lengths)
        )
        editor.project = Project((), cuts, Wishes(length=target))
        bar = LengthBar(editor)
        editor.setParent(bar)
        return expose(qtbot, bar, 376, 60), editor

    return make


def at(track: LengthTrack, seconds: float) -> QPoint:
    return QPoint(round(track.place_of(seconds)), track.height() // 2)


def move(track: LengthTrack, place: QPoint, modifier: Qt.KeyboardModifier = NONE) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, track.mapToGlobal(place), LEFT, LEFT, modifier
    )
    QApplication.sendEvent(track, event)


def test_the_length_is_told_in_words(made: Made) -> None:
    bar, editor = made(8.2, 20.2)
    assert bar.words.text() == "28.4 s of 30 s"
    assert not bar.over.isVisible()
    editor.decide(["c1"], Decision.MAYBE)
    assert bar.words.text() == "8.2 s of 30 s"


def test_too_long_is_said_in_words_and_in_red(made: Made) -> None:
    bar, _ = made(20, 12.1)
    assert bar.over.isVisible()
    assert bar.over.text() == "2.1 s too long"
    image = bar.track.grab().toImage()
    colour = image.pixelColor(at(bar.track, 31.4) * image.devicePixelRatio())
    assert colour == QColor(theme.palette().danger)


def test_dragging_the_handle_is_live_in_whole_seconds_and_one_edit(made: Made) -> None:
    bar, editor = made(10)
    lengths: list[float] = []
    editor.project_changed.connect(lambda: lengths.append(editor.project.wishes.length))
    end = at(bar.track, 41.3)
    QTest.mousePress(bar.track, LEFT, pos=at(bar.track, 30))
    for seconds in (33.2, 37.9):
        move(bar.track, at(bar.track, seconds))
    move(bar.track, end)
    QTest.mouseRelease(bar.track, LEFT, pos=end)
    assert lengths[:3] == [33, 38, 41]
    assert editor.undo_stack.count() == 1
    editor.undo_stack.undo()
    assert editor.project.wishes.length == 30


def test_two_drags_are_two_edits(made: Made) -> None:
    bar, editor = made(10)
    for target in (35, 40):
        start, end = at(bar.track, editor.project.wishes.length), at(bar.track, target)
        QTest.mousePress(bar.track, LEFT, pos=start)
        move(bar.track, end)
        QTest.mouseRelease(bar.track, LEFT, pos=end)
    assert editor.undo_stack.count() == 2


def test_shift_drags_by_tenths(made: Made) -> None:
    bar, editor = made(10)
    QTest.mousePress(bar.track, LEFT, pos=at(bar.track, 30))
    move(bar.track, at(bar.track, 30) + QPoint(4, 0), SHIFT)
    QTest.mouseRelease(bar.track, LEFT, pos=at(bar.track, 30))
    assert editor.project.wishes.length == pytest.approx(30.7, abs=0.051)


@pytest.mark.parametrize(("place", "wanted"), [(-500, 1), (5000, 180)])
def test_the_handle_stops_at_one_second_and_at_three_minutes(
    made: Made, place: int, wanted: float
) -> None:
    bar, editor = made(10)
    QTest.mousePress(bar.track, LEFT, pos=at(bar.track, 30))
    move(bar.track, QPoint(place, 10))
    assert editor.project.wishes.length == wanted
    QTest.mouseRelease(bar.track, LEFT, pos=QPoint(place, 10))
    assert bar.track.place_of(wanted) <= bar.track.width()


def test_arrows_change_the_length_and_are_one_edit(made: Made) -> None:
    bar, editor = made(10)
    bar.activateWindow()
    bar.track.setFocus()
    action = QAction(bar)
    action.setShortcut("Right")
    stolen: list[bool] = []
    action.triggered.connect(stolen.append)
    bar.addAction(action)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Left):
        QTest.keyClick(bar.track, key)
    assert editor.project.wishes.length == 36
    QTest.keyClick(bar.track, Qt.Key.Key_Right, SHIFT)
    assert editor.project.wishes.length == 36.1
    assert editor.undo_stack.count() == 1
    assert stolen == []


def test_a_screen_reader_says_and_sets_the_target(made: Made) -> None:
    bar, editor = made(28.4)
    assert bar.track.accessibleName() == "Target length"
    assert bar.track.accessibleDescription() == "28.4 s of 30 s"
    assert bar.track.value() == 30
    bar.track.setValue(45)
    assert editor.project.wishes.length == 45
    editor.undo_stack.undo()
    assert bar.track.value() == 30


def test_a_length_beyond_the_handle_is_shown_and_kept(made: Made) -> None:
    bar, editor = made(10)
    editor.set_wish("Target length", length=600.0)
    assert bar.words.text() == "10.0 s of 600 s"
    assert editor.project.wishes.length == 600
    assert bar.track.place_of(600) <= bar.track.width()


def test_a_piece_names_its_cut_and_selects_it(made: Made) -> None:
    bar, editor = made(8, 10)
    place = at(bar.track, 12)
    event = QHelpEvent(QEvent.Type.ToolTip, place, bar.track.mapToGlobal(place))
    QApplication.sendEvent(bar.track, event)
    assert QToolTip.text() == "01:40.00 – 01:50.00 · 10.0 s · undecided"
    QToolTip.hideText()
    QTest.mouseClick(bar.track, LEFT, pos=place)
    assert editor.selection == ("c1",)
    assert editor.project.wishes.length == 30


def test_the_wheel_leaves_the_target_alone(made: Made) -> None:
    bar, editor = made(8)
    QTest.wheelEvent(bar.track.window().windowHandle(), QPoint(50, 40), QPoint(0, 120))
    assert editor.project.wishes.length == 30
