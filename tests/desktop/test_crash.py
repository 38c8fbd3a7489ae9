from __future__ import annotations

import faulthandler
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QThread, QTimer, qCritical
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core import __version__
from desktop import crash, theme
from desktop.panels.error_details import ErrorDetails

ROOT = Path(__file__).parents[2]
Told = list[tuple[str, str, QThread]]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """What is told, and in which thread."""
    heard: Told = []
    crash.install(
        tmp_path, lambda message, text: heard.append((message, text, QThread.currentThread()))
    )
    yield heard
    crash.uninstall()


def fail(sentence: str) -> None:
    raise ValueError(sentence)


def caught(sentence: str) -> ValueError:
    try:
        fail(sentence)
    except ValueError as error:
        return error
    raise AssertionError


def test_a_bug_in_a_slot_is_told_with_a_report(told: Told, qtbot: QtBot) -> None:
    QTimer.singleShot(0, lambda: fail("the lane is upside down"))
    qtbot.waitUntil(lambda: bool(told))
    message, report, _ = told[0]
    assert "ValueError" in message
    assert "Traceback" not in message
    assert "the lane is upside down" in report
    assert "in fail" in report


def test_a_bug_in_a_thread_is_told_in_the_thread_of_the_window(told: Told, qtbot: QtBot) -> None:
    thread = threading.Thread(target=fail, args=("in the dark",))
    thread.start()
    thread.join()
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert "in the dark" in told[0][1]
    assert told[0][2] is QThread.currentThread()


def test_the_same_bug_again_and_again_is_told_once(told: Told, qtbot: QtBot) -> None:
    timer = QTimer()
    rounds: list[int] = []

    def paint() -> None:
        rounds.append(1)
        fail("every frame")

    timer.timeout.connect(paint)
    timer.start(0)
    qtbot.waitUntil(lambda: len(rounds) >= 5)
    timer.stop()
    assert len(told) == 1


def test_what_cannot_be_told_goes_to_the_terminal(
    tmp_path: Path, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    crash.install(tmp_path, lambda message, text: fail("the window is gone"))
    sys.excepthook(ValueError, caught("first"), None)
    crash.uninstall()
    written = capsys.readouterr().err
    assert "first" in written
    assert "the window is gone" in written


def test_a_report_has_versions_and_the_log_but_not_the_home_folder(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("USERPROFILE", "/home/somebody")
    logging.getLogger("desktop").warning("cannot read /home/somebody/Videos/a.mp4")
    for number in range(60):
        logging.getLogger("desktop").warning("line %d", number)
    logging.getLogger("desktop").warning("last: /home/somebody/b.mp4 /home/somebodyelse/c.mp4")
    text = crash.report(caught("'/home/somebody/x' is odd"))
    for expected in (__version__, "Python", "Qt", "PySide6", "FFmpeg", "Platform"):
        assert expected in text
    assert "ValueError: '~/x' is odd" in text
    assert "last: ~/b.mp4 /home/somebodyelse/c.mp4" in text
    assert "/home/somebody/" not in text
    assert "line 59" in text
    assert "line 10\n" not in text


def test_critical_messages_of_qt_are_in_the_report_and_noise_is_not(
    told: Told, qtbot: QtBot
) -> None:
    with qtbot.captureExceptions():
        qCritical("the sound card burns")
        qCritical("This plugin does not support propagateSizeHints()")
    text = crash.report(caught("x"))
    assert "the sound card burns" in text
    assert "propagateSizeHints" not in text
    assert told == []


def test_everything_is_as_before_afterwards(tmp_path: Path) -> None:
    before = sys.excepthook, threading.excepthook, list(logging.getLogger().handlers)
    was_on = faulthandler.is_enabled()
    crash.install(tmp_path, lambda message, text: None)
    crash.install(tmp_path, lambda message, text: None)
    crash.uninstall()
    crash.uninstall()
    assert (sys.excepthook, threading.excepthook, logging.getLogger().handlers) == before
    assert faulthandler.is_enabled() == was_on


CRASH = """
import ctypes, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop import crash
application = QCoreApplication([])
crash.install(Path(sys.argv[1]), lambda message, text: None)
def draw_the_lane():
    {how}
draw_the_lane()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals end a process otherwise there")
@pytest.mark.parametrize(
    "how", ["ctypes.string_at(0)", "from PySide6.QtCore import qFatal; qFatal('no pixels left')"]
)
def test_a_native_crash_is_known_at_the_next_start_once(tmp_path: Path, how: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CRASH.format(how=how), str(tmp_path)],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode in (-signal.SIGSEGV, -signal.SIGABRT)
    crash.install(tmp_path, lambda message, text: None)
    trace = crash.last_crash(tmp_path)
    again = crash.last_crash(tmp_path)
    crash.uninstall()
    assert trace is not None
    assert "draw_the_lane" in trace
    assert __version__ in trace
    assert ("qFatal() call" in trace) == ("qFatal" in how)
    assert again is None
    assert crash.last_crash(tmp_path) is None


def test_a_session_that_ended_well_left_nothing(tmp_path: Path, told: Told) -> None:
    crash.uninstall()
    assert crash.last_crash(tmp_path) is None
    assert crash.last_crash(tmp_path / "never made") is None


def test_a_folder_that_cannot_be_written_keeps_nothing_from_starting(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    crash.install(in_the_way, lambda message, text: None)
    crash.uninstall()
    assert crash.last_crash(in_the_way) is None


@pytest.fixture
def details(qtbot: QtBot, qapp: QApplication) -> Iterator[ErrorDetails]:
    theme.apply(qapp)
    host = QWidget()
    host.resize(900, 600)
    qtbot.addWidget(host)
    made = ErrorDetails("Something went wrong.", "Traceback …\nValueError: 긴 영상")
    made.float_over(host)
    with qtbot.waitExposed(host):
        host.show()
    yield made
    host.close()


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def labels(widget: QObject) -> str:
    return " ".join(part.text() for part in widget.findChildren(QLabel))


def test_the_report_is_shown_on_demand_and_copied(details: ErrorDetails, qtbot: QtBot) -> None:
    assert not details.text.isVisible()
    low = details.height()
    click(details.expand)
    assert details.text.isVisible()
    assert "긴 영상" in details.text.toPlainText()
    qtbot.waitUntil(lambda: details.height() > low)
    assert details.parentWidget().rect().contains(details.geometry())
    click(details.copy)
    assert QGuiApplication.clipboard().text().startswith("Something went wrong.\n\nTraceback …")
    with qtbot.waitSignal(details.closed):
        click(details.close_button)


def test_the_report_is_saved_where_the_user_says(
    details: ErrorDetails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    click(details.save)
    assert "ValueError: 긴 영상" in path.read_text(encoding="utf-8")
    assert str(path) in labels(details)


def test_a_report_that_cannot_be_saved_says_so(details: ErrorDetails, tmp_path: Path) -> None:
    details.save_to(tmp_path / "no such folder" / "report.txt")
    assert "cannot be saved" in labels(details)
