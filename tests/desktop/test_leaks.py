from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.jobs.job import Job, JobSlot
from desktop.main_window import MainWindow
from tests.desktop.conftest import PATIENCE
from tests.desktop.leaks import ended_jobs, leaks, left_behind, present


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


def test_a_job_that_ended_is_found_until_it_is_deleted(qtbot: QtBot) -> None:
    before = present()
    job = Job(lambda controls: None)
    with qtbot.waitSignal(job.finished):
        job.start()
    job.wait()
    found = left_behind(before, qtbot, patience=50)
    job.deleteLater()
    assert len(found) == 1
    assert "ended job" in found[0]
    assert left_behind(before, qtbot) == []


def test_a_slot_keeps_no_job_that_ended(qtbot: QtBot) -> None:
    owner = QObject()
    slot = JobSlot(owner)
    kept = [slot.start(lambda controls: None) for _ in range(3)]
    for job in kept:
        job.start()
    qtbot.waitUntil(lambda: not any(isValid(job) for job in kept))


def test_many_changes_of_the_length_leave_no_jobs(analysed: MainWindow, qtbot: QtBot) -> None:
    def settled() -> bool:
        timers = analysed.analyst.findChildren(QTimer)
        slots = analysed.findChildren(JobSlot)
        return not any([t.isActive() for t in timers] + [slot.busy for slot in slots])

    suggested: list[float] = []
    analysed.editor.project_changed.connect(
        lambda: suggested.append(float(analysed.editor.project.duration))
    )
    for number in range(40):
        analysed.editor.set_wish("Target length", length=5.0 + number / 4)
        qtbot.waitUntil(settled, timeout=PATIENCE)
    assert len(set(suggested)) > 1
    qtbot.waitUntil(lambda: ended_jobs() == [], timeout=PATIENCE)


@pytest.mark.parametrize("repetition", range(3))
def test_a_thread_that_asked_qt_for_itself_is_no_leak(qtbot: QtBot, repetition: int) -> None:
    before = present()
    seen: list[QThread] = []
    thread = threading.Thread(target=lambda: seen.append(QThread.currentThread()))
    thread.start()
    thread.join()
    seen.append(QThread.currentThread())
    assert leaks(before) == []
