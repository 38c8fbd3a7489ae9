"""The window of the short over the picture: moved by mouse and keys, followed, undone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.export.camera import window_at, window_rectangle
from core.project.document import EditedCut
from core.time import Span
from desktop.main_window import MainWindow
from desktop.player.video_view import Window
from tests.desktop.conftest import PATIENCE
from tests.synthetic import make_video

_WIDTH = 81 / 256


@pytest.fixture
def framed(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    """A video with one cut, 2 s to 6 s, and the playhead at 3 s."""
    opened.editor.set_look("Shape", aspect="9:16")
    opened.editor.add_span(Span(Fraction(2), Fraction(6)))
    go(opened, qtbot, 3.0)
    return opened


def go(window: MainWindow, qtbot: QtBot, seconds: float) -> None:
    window.player.seek(seconds)
    qtbot.waitUntil(lambda: abs(window.player.position - seconds) < 0.05, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.view.image().isNull(), timeout=PATIENCE)


def cut(window: MainWindow) -> EditedCut:
    return window.editor.project.short[0]


def shown(window: MainWindow) -> Window:
    [one] = window.view.windows
    return one


def middle(window: MainWindow) -> QPoint:
    left, top, width, height = shown(window)
    place = window.view.place()
    return QPoint(
        round(place.left() + (left + width / 2) * place.width()),
        round(place.top() + (top + height / 2) * place.height()),
    )


def drag(window: MainWindow, by: QPoint, steps: int = 4) -> None:
    start = middle(window)
    QTest.mousePress(window.view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, steps + 1):
        QTest.mouseMove(window.view, start + by * step / steps)
    QTest.mouseRelease(window.view, Qt.MouseButton.LeftButton, pos=start + by)


def turn(window: MainWindow, by: int) -> None:
    """Turns the wheel over the window."""
    at = QPointF(middle(window))
    turned = QWheelEvent(
        at,
        window.view.mapToGlobal(at),
        QPoint(),
        QPoint(0, by),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.view, turned)


def test_the_window_is_in_the_middle_until_it_is_moved(framed: MainWindow) -> None:
    left, top, width, height = shown(framed)
    assert (left, width) == pytest.approx(((1 - _WIDTH) / 2, _WIDTH), abs=0.01)
    assert (top, height) == pytest.approx((0, 1))


def test_dragging_the_picture_moves_the_window_as_one_edit(framed: MainWindow) -> None:
    across = framed.view.place().width()
    before = shown(framed)
    drag(framed, QPoint(round(0.2 * across), 0))
    assert shown(framed)[0] == pytest.approx(before[0] + 0.2, abs=0.02)
    [keyframe] = cut(framed).camera
    assert keyframe.x == pytest.approx(0.7, abs=0.02)
    framed.editor.undo_stack.undo()
    assert cut(framed).camera == ()
    assert shown(framed) == before


def test_the_window_stays_inside_the_picture(framed: MainWindow) -> None:
    drag(framed, QPoint(4000, 4000))
    left, top, width, height = shown(framed)
    assert left + width == pytest.approx(1)
    assert top + height == pytest.approx(1)
    [keyframe] = cut(framed).camera
    assert keyframe.x == pytest.approx(1 - _WIDTH / 2, abs=0.01)


def test_between_two_keyframes_the_window_is_where_the_export_puts_it(
    framed: MainWindow, qtbot: QtBot
) -> None:
    drag(framed, QPoint(-200, 0))
    go(framed, qtbot, 5.0)
    drag(framed, QPoint(200, 0))
    go(framed, qtbot, 4.2)
    info, camera = framed.editor.info, cut(framed).camera
    assert info is not None
    assert len(camera) == 2
    now = framed.editor.frames.shown(Fraction(framed.player.position))  # type: ignore[union-attr]
    assert shown(framed) == pytest.approx(
        window_rectangle(info.video, "9:16", window_at(camera, now))
    )
    assert camera[0].x < window_at(camera, now).x < camera[1].x


def test_the_wheel_and_the_keys_change_size_and_place(framed: MainWindow, qtbot: QtBot) -> None:
    turn(framed, 120)
    assert cut(framed).camera[0].zoom > 1
    smaller = shown(framed)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(framed, Qt.Key.Key_Right, keys)
    assert shown(framed)[0] > smaller[0]
    QTest.keyClick(framed, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert cut(framed).camera == ()


def test_many_steps_at_one_frame_are_undone_together(framed: MainWindow, qtbot: QtBot) -> None:
    stack = framed.editor.undo_stack
    begun = stack.index()
    for _ in range(20):
        turn(framed, 120)
    assert cut(framed).camera[0].zoom > 4
    assert stack.index() == begun + 1
    go(framed, qtbot, 4.0)
    turn(framed, -120)
    assert stack.index() == begun + 2
    stack.undo()
    stack.undo()
    assert cut(framed).camera == ()


def test_a_drag_that_the_layout_ends_does_not_hold_on_to_later_steps(framed: MainWindow) -> None:
    stack = framed.editor.undo_stack
    start = middle(framed)
    QTest.mousePress(framed.view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(framed.view, start + QPoint(40, 0))
    dragged = cut(framed).camera
    framed.editor.set_look("Layout", layout="blur")
    QTest.mouseMove(framed.view, start + QPoint(80, 0))
    QTest.mouseRelease(framed.view, Qt.MouseButton.LeftButton, pos=start + QPoint(80, 0))
    assert cut(framed).camera == dragged
    stack.undo()
    framed.reframer.move(0.05, 0)
    stack.undo()
    assert cut(framed).camera == dragged


def test_escape_in_the_middle_of_a_drag_puts_the_window_back(framed: MainWindow) -> None:
    stack = framed.editor.undo_stack
    begun, before = stack.index(), shown(framed)
    start = middle(framed)
    QTest.mousePress(framed.view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(framed.view, start + QPoint(20 * step, 0))
    assert shown(framed) != before
    QTest.keyClick(framed, Qt.Key.Key_Escape)
    QTest.mouseMove(framed.view, start + QPoint(120, 0))
    QTest.mouseRelease(framed.view, Qt.MouseButton.LeftButton, pos=start + QPoint(120, 0))
    assert shown(framed) == before
    framed.editor.undo_stack.setIndex(begun)
    assert cut(framed).camera == ()


def test_a_drag_moves_only_the_cut_that_it_began_in(framed: MainWindow, qtbot: QtBot) -> None:
    framed.editor.add_span(Span(Fraction(8), Fraction(12)))
    start = middle(framed)
    QTest.mousePress(framed.view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(framed.view, start + QPoint(40, 0))
    go(framed, qtbot, 9.0)
    QTest.mouseMove(framed.view, start + QPoint(80, 0))
    QTest.mouseRelease(framed.view, Qt.MouseButton.LeftButton, pos=start + QPoint(80, 0))
    assert [len(edited.camera) for edited in framed.editor.project.short] == [1, 0]


def test_outside_of_a_cut_nothing_is_moved(framed: MainWindow, qtbot: QtBot) -> None:
    go(framed, qtbot, 10.0)
    QTest.mousePress(framed.view, Qt.MouseButton.LeftButton, pos=middle(framed))
    QTest.mouseMove(framed.view, middle(framed) + QPoint(60, 0))
    QTest.mouseRelease(framed.view, Qt.MouseButton.LeftButton)
    assert cut(framed).camera == ()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(framed, Qt.Key.Key_Right, keys)
    assert cut(framed).camera == ()
    assert any("playhead" in message for message in framed.notices.messages())


def test_following_the_subject_makes_keyframes_that_can_be_undone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    video = make_video(tmp_path / "wide.mp4", seconds=4, size=(320, 180))
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(video)
    window.editor.set_look("Shape", aspect="9:16")
    window.editor.add_span(Span(Fraction(0), Fraction(3)))
    go(window, qtbot, 1.0)
    with qtbot.waitSignal(window.reframer.ended, timeout=PATIENCE):
        QTest.keyClick(window, Qt.Key.Key_F)
    assert cut(window).camera
    window.editor.undo_stack.undo()
    assert cut(window).camera == ()


def test_the_layout_that_shows_all_has_no_window(framed: MainWindow) -> None:
    framed.editor.set_look("Layout", layout="blur")
    assert list(framed.view.windows) == []
    framed.editor.set_look("Layout", layout="split")
    upper, lower = framed.view.windows
    assert upper[0] + upper[2] <= lower[0] + 0.01


def test_the_wanted_way_of_a_subject_is_found_although_the_playhead_goes_on(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    video = make_video(tmp_path / "wide.mp4", seconds=8, size=(320, 180))
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(video)
    window.editor.set_look("Shape", aspect="9:16")
    window.editor.add_span(Span(Fraction(0), Fraction(3)))
    window.editor.add_span(Span(Fraction(4), Fraction(7)))
    go(window, qtbot, 1.0)
    QTest.keyClick(window, Qt.Key.Key_F)
    window.editor.set_look("Follow", follow=True)
    window.player.seek(5.0)
    qtbot.waitUntil(lambda: bool(cut(window).camera), timeout=PATIENCE)
    assert window.editor.project.short[1].camera == ()
