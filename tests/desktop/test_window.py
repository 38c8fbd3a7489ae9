from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.time import Span
from desktop.main_window import MainWindow
from tests.desktop.conftest import PATIENCE
from tests.desktop.exports import export_of
from tests.synthetic import make_video


def press(window: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(window, key, modifier or Qt.KeyboardModifier.NoModifier)


def spans(window: MainWindow) -> list[tuple[Fraction, Fraction]]:
    return [(c.span.start, c.span.end) for c in window.editor.project.short]


def place(window: MainWindow, seconds: float) -> QPoint:
    """The pixel of a time on the lane of cuts."""
    timeline = window.timeline
    lane = timeline.cuts.sceneBoundingRect()
    low, high = timeline.range()
    x = lane.left() + (seconds - low) / (high - low) * lane.width()
    return timeline._view.mapFromScene(QPointF(x, lane.center().y()))


def drag(window: MainWindow, start: float, end: float) -> None:
    view = window.timeline._view.viewport()
    first, last = place(window, start), place(window, end)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=first)
    for share in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(view, first + (last - first) * share)
        QTest.qWait(20)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=last)


def test_an_empty_window_says_what_to_do(window: MainWindow) -> None:
    assert not window.bar.analyse.isEnabled()
    assert not window.bar.export.isEnabled()
    assert window.start.isVisible()


def test_opening_shows_the_first_picture(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not opened.view.image().isNull(), timeout=PATIENCE)
    assert "긴 영상" in opened.windowTitle()
    assert opened.bar.analyse.isEnabled()


def test_the_analysis_fills_the_timeline_and_suggests_cuts(analysed: MainWindow) -> None:
    assert analysed.editor.project.short
    assert analysed.cuts.model.rowCount() == len(analysed.editor.project.cuts)
    assert analysed.bar.export.isEnabled()
    assert analysed.notices.messages() == []


def test_a_dropped_video_is_opened_and_analysed(
    window: MainWindow, qtbot: QtBot, clip: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clip))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    window.dropEvent(event)
    qtbot.waitUntil(lambda: window.editor.analysis is not None, timeout=PATIENCE)


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_a_bad_file_is_a_message_and_nothing_is_lost(
    analysed: MainWindow, qtbot: QtBot, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    before = spans(analysed)
    analysed.open(path)
    qtbot.waitUntil(lambda: bool(analysed.notices.messages()), timeout=PATIENCE)
    assert str(path) in analysed.notices.messages()[0]
    assert "Traceback" not in analysed.notices.messages()[0]
    assert spans(analysed) == before


def test_a_video_without_sound_says_so(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    make_video(path, seconds=6, fps=10, audio=None)
    window.open(path, analyse=True)
    qtbot.waitUntil(lambda: bool(window.notices.messages()), timeout=PATIENCE)
    assert "no sound" in window.notices.messages()[0]


def test_cancelling_keeps_what_is_known_and_allows_another_start(
    opened: MainWindow, qtbot: QtBot
) -> None:
    opened.analyse()
    assert opened.bar.cancel.isVisible()
    press(opened, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: opened.bar.analyse.isVisible(), timeout=PATIENCE)
    opened.analyse()
    qtbot.waitUntil(
        lambda: opened.editor.analysis is not None and opened.editor.analysis.complete,
        timeout=PATIENCE,
    )


def test_opening_another_video_lets_go_of_the_analysis(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    other = tmp_path / "other.mp4"
    make_video(other, seconds=5, fps=10)
    opened.analyse()
    opened.open(other, analyse=True)
    qtbot.waitUntil(
        lambda: opened.editor.analysis is not None and opened.editor.analysis.complete,
        timeout=PATIENCE,
    )
    assert opened.editor.analysis is not None
    assert opened.editor.analysis.info.path == other


def test_closing_in_the_middle_of_an_analysis_ends_it(opened: MainWindow) -> None:
    opened.analyse()
    opened.close()


def test_a_cut_is_added_trimmed_deleted_and_all_of_it_undone(
    opened: MainWindow, qtbot: QtBot
) -> None:
    opened.player.seek(9.9)
    press(opened, Qt.Key.Key_C)
    assert spans(opened) == [(Fraction(37, 5), Fraction(62, 5))]
    opened.player.seek(9.0)
    press(opened, Qt.Key.Key_I)
    opened.player.seek(11.0)
    press(opened, Qt.Key.Key_O)
    assert spans(opened) == [(Fraction(9), Fraction(276, 25))]
    press(opened, Qt.Key.Key_Delete)
    assert spans(opened) == []
    for _ in range(4):
        press(opened, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert spans(opened) == []
    assert not opened.editor.undo_stack.canUndo()
    for _ in range(3):
        press(
            opened,
            Qt.Key.Key_Z,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
    assert spans(opened) == [(Fraction(9), Fraction(276, 25))]


def test_a_drag_moves_a_cut_and_one_undo_puts_it_back(opened: MainWindow, qtbot: QtBot) -> None:
    opened.player.seek(9.9)
    press(opened, Qt.Key.Key_C)
    before = spans(opened)
    with qtbot.waitSignal(opened.editor.project_changed, timeout=PATIENCE):
        drag(opened, 9.9, 14.9)
    (moved,) = spans(opened)
    assert float(moved[0]) == pytest.approx(12.4, abs=0.2)
    assert moved[1] - moved[0] == pytest.approx(5, abs=0.05)
    assert (moved[0] * 25).denominator == 1
    opened.editor.undo_stack.undo()
    assert spans(opened) == before


def test_a_drag_at_its_end_trims_a_cut(opened: MainWindow, qtbot: QtBot) -> None:
    opened.player.seek(9.9)
    press(opened, Qt.Key.Key_C)
    with qtbot.waitSignal(opened.editor.project_changed, timeout=PATIENCE):
        drag(opened, 12.4, 16.0)
    (trimmed,) = spans(opened)
    assert trimmed[0] == Fraction(37, 5)
    assert float(trimmed[1]) == pytest.approx(16, abs=0.2)


def test_a_touched_cut_survives_new_suggestions(analysed: MainWindow, qtbot: QtBot) -> None:
    first = analysed.editor.project.short[0]
    analysed.editor.select(first.identifier)
    start = first.span.start + Fraction(1, 5)
    analysed.editor.trim_cut(first.identifier, start, begin=True)
    analysed.editor.set_wish("Target length", length=8.0)
    qtbot.waitUntil(
        lambda: sum((b - a for a, b in spans(analysed)), Fraction(0)) <= 8.1, timeout=PATIENCE
    )
    kept = analysed.editor.project.find(first.identifier)
    assert kept is not None
    assert kept.span.start == start


def test_the_playhead_follows_clicks_on_the_timeline(opened: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.player.moved, timeout=PATIENCE):
        QTest.mouseClick(
            opened.timeline._view.viewport(), Qt.MouseButton.LeftButton, pos=place(opened, 12.0)
        )
    assert opened.player.position == pytest.approx(12.0, abs=0.1)


def test_a_frame_step_is_one_frame(opened: MainWindow) -> None:
    opened.player.seek(2.0)
    press(opened, Qt.Key.Key_Right)
    assert int(opened.player.position * 25) == 51
    press(opened, Qt.Key.Key_Left)
    press(opened, Qt.Key.Key_Left)
    assert int(opened.player.position * 25) == 49


def test_a_cut_begins_and_ends_with_the_frames_that_were_shown(opened: MainWindow) -> None:
    opened.player.seek(9.9)
    press(opened, Qt.Key.Key_C)
    opened.player.seek(9.0)
    press(opened, Qt.Key.Key_Right)
    press(opened, Qt.Key.Key_I)
    press(opened, Qt.Key.Key_Right)
    press(opened, Qt.Key.Key_O)
    # Two frames are too short for a cut: it ends a fifth of a second after its begin.
    assert spans(opened) == [(Fraction(226, 25), Fraction(231, 25))]


def test_a_cut_can_be_added_at_the_very_end(opened: MainWindow) -> None:
    opened.player.seek(24.0)
    press(opened, Qt.Key.Key_C)
    press(opened, Qt.Key.Key_C)
    assert spans(opened) == [(Fraction(19), Fraction(24))]
    assert "already a cut" in opened.notices.messages()[0]


def test_cuts_stay_in_order_and_apart_when_they_are_dragged(opened: MainWindow) -> None:
    for seconds in (3.0, 12.0):
        opened.player.seek(seconds)
        press(opened, Qt.Key.Key_C)
    first = opened.editor.project.short[0]
    opened.editor.change_cut(first.identifier, Span(Fraction(17), Fraction(22)))
    assert [c.identifier for c in opened.editor.project.short][1] == first.identifier
    opened.editor.change_cut(first.identifier, Span(Fraction(13), Fraction(18)))
    (_, end), (start, _) = spans(opened)
    assert start >= end


def test_playing_moves_the_playhead(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not opened.view.image().isNull(), timeout=PATIENCE)
    press(opened, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: opened.player.position > 0.3, timeout=PATIENCE)
    press(opened, Qt.Key.Key_Space)
    assert not opened.player.playing


def test_zooming_keeps_the_playhead_in_view(opened: MainWindow) -> None:
    opened.player.seek(20.0)
    for _ in range(4):
        press(opened, Qt.Key.Key_Plus)
    low, high = opened.timeline.range()
    assert high - low < 3
    assert low <= 20 <= high
    press(opened, Qt.Key.Key_0)
    assert opened.timeline.range() == pytest.approx((0, 24), abs=0.1)


def test_export_writes_the_cuts_and_never_replaces_silently(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened.player.seek(5.0)
    press(opened, Qt.Key.Key_C)
    output = tmp_path / "짧은 영상.mp4"
    with qtbot.waitSignal(opened.exporter.ended, timeout=PATIENCE):
        opened.exporter.add(export_of(opened, output))
    assert str(output) in opened.notices.messages()[0]
    with av.open(str(output)) as container:
        assert container.streams.video[0].height == 1920
        assert container.duration / av.time_base == pytest.approx(5, abs=0.1)
    opened.notices.clear()
    with qtbot.waitSignal(opened.exporter.ended, timeout=PATIENCE):
        opened.exporter.add(export_of(opened, output))
    assert "already" in opened.notices.messages()[0]


def test_typing_a_title_is_not_a_shortcut(opened: MainWindow) -> None:
    opened.bar.title.setFocus()
    QTest.keyClicks(opened.bar.title, "cio 0")
    assert opened.bar.title.text() == "cio 0"
    assert spans(opened) == []


def test_what_was_edited_is_there_when_the_video_is_opened_again(
    opened: MainWindow, qtbot: QtBot, clip: Path
) -> None:
    opened.player.seek(9.9)
    press(opened, Qt.Key.Key_C)
    before = spans(opened)
    opened.close()
    again = MainWindow(opened.settings)
    qtbot.addWidget(again)
    with qtbot.waitSignal(again.editor.media_changed, timeout=PATIENCE):
        again.open(clip)
    assert spans(again) == before
    again.close()
