from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QProgressBar,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.panels.notices import Notice, Notices

LONG = "The video cannot be read: /home/me/" + "a-folder-without-a-space/" * 12 + "clip.mp4."


class Stage(QWidget):
    """A picture with a transport below and messages over both."""

    def __init__(self, stay: int = 10_000) -> None:
        super().__init__()
        self.picture = QLabel("picture")
        self.transport = QPushButton("Play")
        column = QVBoxLayout(self)
        column.addWidget(self.picture, 1)
        column.addWidget(self.transport)
        self.notices = Notices(stay=stay)
        self.notices.float_over(self, clear_of=self.transport)
        self.resize(700, 500)


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication) -> Iterator[Stage]:
    theme.apply(qapp)
    made = Stage()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    QTest.mouseMove(made, QPoint(1, 1))
    yield made
    made.close()


def button(notices: Notices, text: str) -> QPushButton:
    return next(b for b in notices.findChildren(QPushButton) if b.text() == text and b.isVisible())


def shown(notices: Notices) -> list[Notice]:
    return [n for n in notices.findChildren(Notice) if n.isVisible()]


def test_a_message_starts_with_a_capital_and_is_shown_once(stage: Stage) -> None:
    stage.notices.inform("the cut is gone.")
    stage.notices.inform("The cut is gone.")
    assert stage.notices.messages() == ["The cut is gone."]
    assert stage.notices.isVisible()


def test_a_click_closes_a_message(stage: Stage) -> None:
    stage.notices.error("This went wrong.")
    QTest.mouseClick(shown(stage.notices)[0].close_button, Qt.MouseButton.LeftButton)
    assert stage.notices.messages() == []
    assert not stage.notices.isVisible()


def test_the_keyboard_closes_a_message(stage: Stage) -> None:
    stage.notices.error("This went wrong.")
    stage.transport.setFocus()
    closing = shown(stage.notices)[0].close_button
    for _ in range(10):
        if QApplication.focusWidget() is closing:
            break
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert stage.notices.messages() == []


def test_an_action_is_done_once_and_closes_its_message(stage: Stage) -> None:
    undone: list[str] = []
    stage.notices.inform("Cut deleted.", action="Undo", act=lambda: undone.append("first"))
    stage.notices.inform("Cut deleted.", action="Undo", act=lambda: undone.append("second"))
    assert stage.notices.messages() == ["Cut deleted."]
    QTest.mouseClick(button(stage.notices, "Undo"), Qt.MouseButton.LeftButton)
    assert undone == ["second"]
    assert stage.notices.messages() == []


def test_an_action_may_say_something_itself(stage: Stage) -> None:
    stage.notices.error(
        "The clip is gone.", action="Find it…", act=lambda: stage.notices.inform("Found.")
    )
    QTest.mouseClick(button(stage.notices, "Find it…"), Qt.MouseButton.LeftButton)
    assert stage.notices.messages() == ["Found."]


def test_a_report_is_copied_with_its_message(stage: Stage) -> None:
    stage.notices.error("This went wrong.", "Traceback …")
    QTest.mouseClick(button(stage.notices, "Copy report"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "This went wrong.\n\nTraceback …"
    assert stage.notices.messages() == ["This went wrong."]


def test_three_are_shown_and_information_makes_room_for_errors(stage: Stage) -> None:
    stage.notices.error("First problem.")
    stage.notices.inform("Good to know.")
    stage.notices.error("Second problem.")
    stage.notices.error("Third problem.")
    assert stage.notices.messages() == ["First problem.", "Second problem.", "Third problem."]
    stage.notices.error("Fourth problem.")
    assert stage.notices.messages() == ["Second problem.", "Third problem.", "Fourth problem."]


def test_information_goes_by_itself_and_errors_stay(qtbot: QtBot) -> None:
    made = Stage(stay=30)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.notices.error("This went wrong.")
    made.notices.inform("Saved.")
    qtbot.waitUntil(lambda: made.notices.messages() == ["This went wrong."])
    assert made.notices.isVisible()


def test_the_pointer_holds_information(stage: Stage, qtbot: QtBot) -> None:
    stage.notices.inform("Saved.")
    notice = shown(stage.notices)[0]
    timer = notice.findChild(QTimer)
    assert timer.isActive()
    QTest.mouseMove(stage, notice.mapTo(stage, notice.rect().center()))
    qtbot.waitUntil(lambda: not timer.isActive())
    QTest.mouseMove(stage, QPoint(2, 2))
    qtbot.waitUntil(timer.isActive)


def test_the_focus_holds_information(stage: Stage, qtbot: QtBot) -> None:
    stage.notices.inform("Cut deleted.", action="Undo", act=lambda: None)
    timer = shown(stage.notices)[0].findChild(QTimer)
    button(stage.notices, "Undo").setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: not timer.isActive())
    stage.transport.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(timer.isActive)


@pytest.mark.parametrize("width", [320, 700, 1600])
def test_long_paths_are_broken_and_can_be_selected(stage: Stage, width: int) -> None:
    stage.resize(width, 500)
    stage.notices.error(LONG)
    QApplication.processEvents()
    text = shown(stage.notices)[0].findChild(QTextEdit)
    assert stage.rect().contains(stage.notices.geometry())
    assert not text.verticalScrollBar().isVisible()
    assert text.height() >= text.document().size().height()
    assert text.document().idealWidth() <= text.viewport().width() + 1
    text.selectAll()
    text.copy()
    assert QGuiApplication.clipboard().text() == LONG


def test_messages_move_nothing_and_leave_the_transport_free(stage: Stage, qtbot: QtBot) -> None:
    before = stage.picture.geometry(), stage.transport.geometry()
    for number in range(3):
        stage.notices.error(f"{number}: {LONG}")
    QApplication.processEvents()
    assert (stage.picture.geometry(), stage.transport.geometry()) == before
    assert not stage.notices.geometry().intersects(stage.transport.geometry())
    stage.resize(500, 400)
    qtbot.waitUntil(lambda: stage.notices.geometry().right() <= 500)
    assert not stage.notices.geometry().intersects(stage.transport.geometry())
    assert stage.notices.geometry().bottom() < stage.transport.y()
    lower = stage.notices.geometry().bottom()
    stage.transport.hide()
    qtbot.waitUntil(lambda: stage.notices.geometry().bottom() > lower)


def test_a_short_wait_shows_nothing(stage: Stage) -> None:
    progress = stage.notices.progress("Opening the project")
    progress.show_progress(0.5)
    progress.finish()
    progress.finish()
    QApplication.processEvents()
    assert stage.notices.messages() == []
    assert not stage.notices.isVisible()


def test_a_long_wait_shows_how_far_it_is_and_goes_when_it_ends(stage: Stage, qtbot: QtBot) -> None:
    progress = stage.notices.progress("Opening the project")
    qtbot.waitUntil(lambda: stage.notices.messages() == ["Opening the project"])
    bar = stage.notices.findChild(QProgressBar)
    assert bar.maximum() == 0
    progress.show_progress(0.4, "reading frames")
    assert bar.value() == 400
    assert any(text.text() == "40%" for text in stage.notices.findChildren(QLabel))
    stage.notices.clear()
    assert stage.notices.messages() == ["Opening the project"]
    progress.finish()
    progress.show_progress(0.9)
    assert stage.notices.messages() == []


def test_a_wait_is_cancelled_once_and_stays_until_the_work_stops(
    stage: Stage, qtbot: QtBot
) -> None:
    progress = stage.notices.progress("Exporting")
    asked: list[bool] = []
    progress.cancel_wanted.connect(lambda: asked.append(True))
    qtbot.waitUntil(lambda: bool(stage.notices.messages()))
    cancel = button(stage.notices, "Cancel")
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert asked == [True]
    assert stage.notices.messages() == ["Exporting"]
    progress.finish()
    assert stage.notices.messages() == []


def test_errors_do_not_drive_out_a_wait(stage: Stage, qtbot: QtBot) -> None:
    progress = stage.notices.progress("Exporting")
    qtbot.waitUntil(lambda: bool(stage.notices.messages()))
    for number in range(4):
        stage.notices.error(f"Problem {number}.")
    assert stage.notices.messages() == ["Exporting", "Problem 2.", "Problem 3."]
    progress.finish()
