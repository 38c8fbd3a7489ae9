from __future__ import annotations

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QThread
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.export.clip import Clip
from core.media.frame_index import read_frame_index
from core.media.probe import MediaInfo, probe
from core.time import Span
from desktop import theme
from desktop.player.full_screen import FullScreen
from desktop.player.player import Player
from desktop.player.transport import Transport
from desktop.player.video_view import VideoView
from tests.synthetic import make_video

PATIENCE = 60_000


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return probe(make_video(tmp_path_factory.mktemp("controls") / "clip.mp4", seconds=4, fps=25))


class Bench(QWidget):
    """A window with a view and a transport, as the main window has them."""

    def __init__(self) -> None:
        super().__init__()
        self.view = VideoView()
        self.player = Player(self.view, self)
        self.transport = Transport(self.player)
        column = QVBoxLayout(self)
        column.addWidget(self.view, 1)
        column.addWidget(self.transport)
        self.full_screen = FullScreen(self.view, self.transport)
        self.resize(1100, 600)


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication, info: MediaInfo) -> Iterator[Bench]:
    theme.apply(qapp)
    made = Bench()
    qtbot.addWidget(made)
    qtbot.addWidget(made.full_screen)
    with qtbot.waitExposed(made):
        made.show()
    made.player.open(info)
    made.transport.set_duration(float(info.duration))
    qtbot.waitUntil(lambda: not made.view.image().isNull(), timeout=PATIENCE)
    yield made
    made.player.close()


def texts(bench: Bench) -> list[str]:
    return [bench.transport._time.text(), bench.transport._frame.text()]


def click(bench: Bench, role: str) -> None:
    QTest.mouseClick(bench.transport.buttons[role], Qt.MouseButton.LeftButton)


def test_the_frame_number_is_told_as_soon_as_frames_are_known(
    bench: Bench, info: MediaInfo
) -> None:
    assert texts(bench) == ["00:00.00 / 00:04.00", "≈ 1 / 100"]
    bench.player.set_frame_index(read_frame_index(info), info)
    bench.player.seek(2.0)
    assert texts(bench) == ["00:02.00 / 00:04.00", "51 / 100"]


def test_buttons_step_and_play(bench: Bench, qtbot: QtBot, info: MediaInfo) -> None:
    bench.player.set_frame_index(read_frame_index(info), info)
    click(bench, "frame-on")
    click(bench, "frame-on")
    click(bench, "frame-back")
    assert bench.player.frame_number == 1
    click(bench, "play")
    qtbot.waitUntil(lambda: bench.player.position > 0.3, timeout=PATIENCE)
    click(bench, "play")
    assert not bench.player.playing


def test_times_that_run_move_nothing(bench: Bench) -> None:
    widths = {(w.x(), w.width()) for w in bench.transport.buttons.values()}
    for seconds in (0.0, 1.11, 3.88):
        bench.player.seek(seconds)
        QApplication.processEvents()
        assert {(w.x(), w.width()) for w in bench.transport.buttons.values()} == widths


def test_the_speed_menu_sets_the_speed_and_shows_it(bench: Bench) -> None:
    menu = bench.transport.buttons["speed"].menu()
    assert [action.text() for action in menu.actions()] == [
        "0.25×",
        "0.5×",
        "1×",
        "1.5×",
        "2×",
        "4×",
    ]
    menu.actions()[4].trigger()
    assert bench.player.rate == 2
    assert bench.transport.buttons["speed"].text() == "2×"
    bench.transport.slower()
    assert bench.player.rate == 1.5
    bench.player.shuttle(-1)
    assert bench.transport.buttons["speed"].text() == "−1×"
    bench.player.pause()
    assert bench.transport.buttons["speed"].text() == "1.5×"


def test_toggles_say_what_is_wanted(bench: Bench, qtbot: QtBot) -> None:
    for role, signal in (
        ("loop-cut", bench.transport.loop_toggled),
        ("safe-area", bench.transport.safe_area_toggled),
    ):
        with qtbot.waitSignal(signal) as told:
            click(bench, role)
        assert told.args == [True]


def test_every_control_has_a_name_and_a_tooltip_with_its_key(bench: Bench) -> None:
    bench.transport.set_shortcuts({"play": "Space"})
    assert "(Space)" in bench.transport.buttons["play"].toolTip()
    for button in bench.transport.buttons.values():
        assert button.accessibleName()
        assert button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_narrow_window_keeps_what_is_needed_most(bench: Bench) -> None:
    bench.resize(460, 400)
    QApplication.processEvents()
    row = bench.transport
    for role in ("play", "frame-on", "loop-cut", "full-screen"):
        button = row.buttons[role]
        assert button.isVisible()
        assert row.rect().contains(button.geometry())
    assert not row._volume.isVisible()
    bench.resize(1100, 400)
    QApplication.processEvents()
    assert row._volume.isVisible()


def test_a_double_click_fills_the_screen_and_escape_gives_everything_back(
    bench: Bench, qtbot: QtBot
) -> None:
    QTest.mouseDClick(bench.view, Qt.MouseButton.LeftButton)
    full = bench.full_screen
    assert full.active
    assert bench.view.window() is full
    assert bench.view.size() == full.size()
    QTest.mouseMove(bench.view, QPoint(30, 30))
    assert bench.transport.isVisible()
    for leave in (
        lambda: QTest.keyClick(full, Qt.Key.Key_Escape),
        lambda: QTest.keyClick(full, Qt.Key.Key_F11),
        lambda: QTest.mouseDClick(bench.view, Qt.MouseButton.LeftButton),
    ):
        leave()
        assert not full.active
        assert bench.view.window() is bench
        assert bench.transport.window() is bench
        QApplication.processEvents()
        assert bench.view.y() < bench.transport.y()
        assert bench.transport.isVisible()
        bench.transport.full_screen_wanted.emit()
        assert full.active
    full.close()
    assert bench.view.window() is bench


def test_a_quiet_mouse_hides_the_controls_of_the_full_screen(bench: Bench, qtbot: QtBot) -> None:
    bench.full_screen.enter()
    bench.full_screen._quiet.setInterval(1)
    QApplication.sendEvent(bench.view, QEvent(QEvent.Type.Enter))
    qtbot.waitUntil(lambda: not bench.transport.isVisible(), timeout=PATIENCE)
    QApplication.sendEvent(bench.view, QEvent(QEvent.Type.Enter))
    assert bench.transport.isVisible()
    bench.full_screen.leave()


def test_the_shape_of_the_short_and_its_safe_areas_are_drawn(bench: Bench) -> None:
    plain = bench.view.grab().toImage()
    bench.view.set_windows([((1 - 81 / 256) / 2, 0, 81 / 256, 1)])
    shaped = bench.view.grab().toImage()
    bench.view.set_safe_area(True)
    safe = bench.view.grab().toImage()
    corner = QPoint(plain.width() // 8, plain.height() // 2)
    assert shaped.pixelColor(corner).lightness() < plain.pixelColor(corner).lightness()
    kept = bench.view.height() * 9 / 16
    edge = round((bench.view.width() - 0.9 * kept) / 2)
    row = [safe.pixelColor(x, 30) for x in range(edge - 3, edge + 4)]
    assert max(colour.lightness() for colour in row) > 150
    assert safe != shaped


def test_a_video_without_a_picture_says_so(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp)
    view = VideoView()
    qtbot.addWidget(view)
    view.set_message("Nothing")
    drawn = view.grab().toImage()
    stage = QColor(theme.STAGE)
    assert any(drawn.pixelColor(x, drawn.height() // 2) != stage for x in range(drawn.width()))


def test_closing_in_the_middle_of_anything_leaves_nothing_behind(
    qtbot: QtBot, qapp: QApplication, info: MediaInfo, tmp_path: Path
) -> None:
    theme.apply(qapp)
    stream = probe(make_video(tmp_path / "stream.ts", seconds=4, fps=25, b_frames=2))
    indices = {i.path: read_frame_index(i) for i in (info, stream)}
    before = {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}
    view = VideoView()
    qtbot.addWidget(view)
    view.show()
    clips = [Clip(i, Span(Fraction(1), Fraction(3, 2))) for i in (info, stream, info)]
    player = Player(view)
    for turn in range(20):
        source = stream if turn % 2 else info
        player.open(source)
        player.set_frame_index(indices[source.path], source)
        if turn % 5 == 0:
            player.toggle()
        elif turn % 5 == 1:
            for number in range(0, 90, 9):
                player.seek(number / 25)
                qapp.processEvents()
        elif turn % 5 == 2:
            player.play_short(clips)
        elif turn % 5 == 3:
            player.seek(3.0)
            player.shuttle(-1)
        for _ in range(turn):
            qapp.processEvents()
        player.close()
        assert not player.playing
        assert not player._tick.isActive()
        assert not player._reverse.running
        assert player._exact._stills._thread is None
    assert not [thread for thread in player.findChildren(QThread) if thread.isRunning()]
    after = {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}
    assert after <= before
