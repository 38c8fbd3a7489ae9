from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.desktop.leaks import leaks, left_behind, present


def test_a_clean_test_leaves_nothing(qtbot: QtBot) -> None:
    before = present()
    widget = QWidget()
    widget.show()
    timer = QTimer(widget)
    timer.start(10)
    widget.deleteLater()
    assert left_behind(before, qtbot) == []


def test_a_running_timer_is_found_and_a_stopped_one_is_not(qtbot: QtBot) -> None:
    before = present()
    timer = QTimer()
    timer.setObjectName("blink")
    timer.start(60_000)
    found = left_behind(before, qtbot, patience=50)
    timer.stop()
    assert len(found) == 1
    assert "running timer" in found[0]
    assert "blink" in found[0]
    assert left_behind(before, qtbot) == []


def test_a_timer_deep_in_a_parentless_object_is_found(qtbot: QtBot) -> None:
    before = present()
    owner = QObject()
    timer = QTimer(QObject(owner))
    timer.start(60_000)
    assert len(left_behind(before, qtbot, patience=50)) == 1
    timer.stop()


def test_a_window_is_found_though_it_is_hidden(qtbot: QtBot) -> None:
    before = present()
    widget = QWidget()
    found = left_behind(before, qtbot, patience=50)
    widget.deleteLater()
    assert len(found) == 1
    assert "window" in found[0]
    assert left_behind(before, qtbot) == []


def test_what_belongs_to_a_window_of_before_is_its_own_business(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    before = present()
    menu = QMenu(widget)
    timer = QTimer(menu)
    timer.start(60_000)
    assert left_behind(before, qtbot) == []


def test_a_window_in_a_circle_of_references_is_no_leak(qtbot: QtBot) -> None:
    before = present()
    widget = QWidget()
    widget.itself = widget  # type: ignore[attr-defined]
    del widget
    assert left_behind(before, qtbot) == []


def test_a_thread_is_found_until_it_ends(qtbot: QtBot) -> None:
    before = present()
    go_on = threading.Event()
    thread = threading.Thread(target=go_on.wait, name="dawdler")
    thread.start()
    found = left_behind(before, qtbot, patience=50)
    go_on.set()
    assert found == ["thread 'dawdler'"]
    assert left_behind(before, qtbot) == []
    thread.join()


def test_a_qthread_is_found_until_it_ends(qtbot: QtBot) -> None:
    before = present()
    thread = QThread()
    thread.start()
    found = left_behind(before, qtbot, patience=50)
    thread.quit()
    assert left_behind(before, qtbot) == []
    thread.wait()
    assert len(found) == 1
    assert "running thread" in found[0]


@pytest.mark.parametrize("repetition", range(3))
def test_a_thread_that_asked_qt_for_itself_is_no_leak(qtbot: QtBot, repetition: int) -> None:
    before = present()
    seen: list[QThread] = []
    thread = threading.Thread(target=lambda: seen.append(QThread.currentThread()))
    thread.start()
    thread.join()
    seen.append(QThread.currentThread())
    assert leaks(before) == []
