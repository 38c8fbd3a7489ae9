"""The queue of exports in the window: one after the other, cancelled, tried again, gone on with."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.export.encoding import Encoding
from core.export.look import Look
from core.project.export_queue import ExportQueue
from core.project.queued_export import ExportState, QueuedExport
from core.time import Span
from desktop.main_window import MainWindow
from desktop.panels.export_queue import QueueRow
from desktop.settings import SettingsStore
from tests.desktop.conftest import PATIENCE
from tests.desktop.exports import export_of
from tests.desktop.exposed import expose
from tests.synthetic import make_video

LEFT = Qt.MouseButton.LeftButton
SLOW = Encoding(height=1920, speed="slower", way="composed")


@pytest.fixture
def cutting(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A small video with one cut of two seconds."""
    video = tmp_path / "video.mp4"
    make_video(video, seconds=8, fps=10, size=(320, 180), tone=0.05)
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(video)
    window.editor.add_span(Span(Fraction(2), Fraction(4)))
    return window


def export(window: MainWindow, output: Path, encoding: Encoding | None = None) -> QueuedExport:
    return export_of(window, output, encoding, aspect="9:16" if encoding is SLOW else "source")


def states(window: MainWindow) -> list[ExportState]:
    return [one.state for one in window.exporter.exports]


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"video.mp4"}


def test_a_cancelled_export_leaves_nothing_and_the_next_one_begins(
    cutting: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    exporter = cutting.exporter
    first = export(cutting, tmp_path / "first.mp4", SLOW)
    second = export(cutting, tmp_path / "second.mp4")
    cutting.show_export()
    exporter.add(first, second)
    rows = cutting.export_page.queue.rows
    qtbot.waitUntil(lambda: exporter.current == first.identifier, timeout=PATIENCE)
    qtbot.waitUntil(lambda: rows[first.identifier].bar.isVisible(), timeout=PATIENCE)
    assert exporter.busy
    assert rows[second.identifier].state.toPlainText() == "Waiting"
    click(rows[first.identifier].cancel)
    with qtbot.waitSignal(exporter.ended, timeout=PATIENCE):
        pass
    assert states(cutting) == [ExportState.CANCELLED, ExportState.DONE]
    assert left_in(tmp_path) == {"second.mp4"}
    assert rows[first.identifier].state.toPlainText() == "Cancelled"


def test_a_failed_export_says_why_and_can_be_tried_again(
    cutting: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    output = tmp_path / "short.mp4"
    output.write_bytes(b"mine")
    cutting.show_export()
    one = export(cutting, output)
    with qtbot.waitSignal(cutting.exporter.ended, timeout=PATIENCE):
        cutting.exporter.add(one)
    assert output.read_bytes() == b"mine"
    assert any("already a file" in message for message in cutting.notices.messages())
    row = cutting.export_page.queue.rows[one.identifier]
    assert "already a file" in row.state.toPlainText()
    assert row.again.isVisible()
    output.unlink()
    with qtbot.waitSignal(cutting.exporter.ended, timeout=PATIENCE):
        click(row.again)
    assert states(cutting) == [ExportState.DONE]
    assert output.exists()
    assert not row.again.isVisible()
    click(cutting.export_page.queue.clear)
    qtbot.waitUntil(lambda: not cutting.exporter.exports, timeout=PATIENCE)
    assert not cutting.export_page.queue.rows
    assert output.exists()


def test_an_analysis_and_an_export_wait_for_each_other(
    cutting: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(cutting.analyst.began, timeout=PATIENCE):
        cutting.analyse()
    one = export(cutting, tmp_path / "short.mp4")
    cutting.exporter.add(one)
    assert not cutting.exporter.busy
    qtbot.waitUntil(lambda: states(cutting) == [ExportState.WAITING], timeout=PATIENCE)
    told = cutting.export_page.queue.rows[one.identifier].state.toPlainText()
    assert told == "Waiting for the analysis"
    with qtbot.waitSignal(cutting.exporter.exported, timeout=PATIENCE):
        cutting.cancel()
        qtbot.waitUntil(lambda: cutting.exporter.busy, timeout=PATIENCE)
        cutting.analyse()
        assert not cutting.analyst.busy
    qtbot.waitUntil(lambda: cutting.analyst.busy, timeout=PATIENCE)


def test_what_is_closed_in_the_middle_waits_and_goes_on_when_asked(
    cutting: MainWindow, qtbot: QtBot, tmp_path: Path, settings: SettingsStore
) -> None:
    one = export(cutting, tmp_path / "short.mp4", SLOW)
    cutting.exporter.add(one)
    qtbot.waitUntil(lambda: bool(cutting.exporter.current), timeout=PATIENCE)
    cutting.close()
    assert left_in(tmp_path) == set()
    [kept] = ExportQueue().exports()
    assert kept.state is ExportState.WAITING


@pytest.fixture
def died(cutting: MainWindow, tmp_path: Path) -> QueuedExport:
    """An export that was running in a process that was killed."""
    one = export(cutting, tmp_path / "short.mp4")
    ExportQueue().add(one)
    script = """
        import core, os
        from core.project.export_queue import ExportQueue
        assert ExportQueue().take() is not None
        os._exit(9)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert ran.returncode == 9
    cutting.close()
    return one


@pytest.fixture
def again(died: QueuedExport, qtbot: QtBot, settings: SettingsStore) -> MainWindow:
    made = MainWindow(settings)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.exporter.left_over, timeout=PATIENCE), qtbot.waitExposed(made):
        made.show()
    return made


def test_what_a_dead_process_left_is_offered_and_goes_on_when_asked(
    again: MainWindow, died: QueuedExport, qtbot: QtBot
) -> None:
    assert states(again) == [ExportState.WAITING]
    assert not again.exporter.busy
    assert again.notices.messages() == ["One export of last time was not finished."]
    click(again.bar.export)
    earlier = again.export_page.queue.earlier
    assert earlier.isVisible()
    with qtbot.waitSignal(again.exporter.ended, timeout=PATIENCE):
        click(earlier.go_on)
    assert died.output.exists()
    assert not earlier.isVisible()
    again.close()


def test_what_a_dead_process_left_can_be_discarded(
    again: MainWindow, died: QueuedExport, qtbot: QtBot
) -> None:
    click(again.bar.export)
    click(again.export_page.queue.earlier.discard)
    qtbot.waitUntil(lambda: states(again) == [ExportState.CANCELLED], timeout=PATIENCE)
    assert not died.output.exists()
    assert not again.export_page.queue.earlier.isVisible()
    again.close()


def test_a_new_export_does_not_start_what_an_earlier_session_left(
    again: MainWindow, died: QueuedExport, qtbot: QtBot, tmp_path: Path
) -> None:
    new = QueuedExport("new", died.project, tmp_path / "new.mp4", Look(), Encoding())
    with qtbot.waitSignal(again.exporter.ended, timeout=PATIENCE):
        again.exporter.add(new)
    assert new.output.exists()
    assert not died.output.exists()
    assert states(again) == [ExportState.WAITING, ExportState.DONE]
    assert again.exporter.waiting_from_before == [died.identifier]
    again.close()


def test_the_time_left_comes_with_the_progress(
    cutting: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    one = replace(export(cutting, tmp_path / "short.mp4"), state=ExportState.RUNNING)
    row = expose(qtbot, QueueRow(one))
    row.show_export(one)
    row.show_progress(0.01, "", 100.0)
    row.show_progress(0.1, "Reading the cuts", 101.0)
    assert row.state.toPlainText() == "10 % · Reading the cuts"
    row.show_progress(0.5, "", 110.0)
    assert row.state.toPlainText() == "50 % · 10 s left"
    assert row.bar.value() == 500
