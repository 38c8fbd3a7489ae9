"""From the mouse to the library of corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.learning.library.library import Library, library_file
from core.learning.library.records import CutCorrection, Kind
from core.media.probe import probe
from core.project.document import Medium
from core.project.emotion_corrections import EmotionCorrection
from core.project.session import ProjectSession
from core.time import Span
from desktop.collector import Collector
from desktop.editor import Editor
from desktop.main_window import MainWindow
from desktop.player.player import Player
from desktop.player.video_view import VideoView
from desktop.settings import SettingsStore
from tests.desktop.conftest import PATIENCE
from tests.synthetic import make_video


def known() -> list[tuple[Kind, float, float]]:
    """The cuts that the library holds."""
    if not library_file().exists():
        return []
    with Library.open() as library:
        found = [stored.correction for stored in library.corrections()]
    return [
        (one.kind, float(one.span.start), float(one.span.end))
        for one in found
        if isinstance(one, CutCorrection)
    ]


@dataclass
class Desk:
    """A project that is collected, without the window around."""

    editor: Editor
    collector: Collector
    folder: Path

    def open(self, name: str) -> Path:
        """Opens the project of a video, as the desk of the window does; gives its file."""
        video = self.folder / f"{name}.mp4"
        make_video(video, seconds=20, fps=5, size=(64, 48))
        opened = ProjectSession.working(name * 32, video)
        before, self.editor.session = self.editor.session, None
        if before is not None:
            before.close()
        medium = Medium(name * 32, video)
        project = opened.project.with_medium(medium)
        self.editor.open(opened.session, project, {medium.identifier: probe(video)})
        return opened.session.path

    def add(self, start: int, end: int) -> None:
        self.editor.add_span(Span(Fraction(start), Fraction(end)))

    def collect(self, qtbot: QtBot) -> None:
        """Collects now, and waits for it."""
        collect(self.collector, qtbot)


def collect(collector: Collector, qtbot: QtBot) -> None:
    """Collects now, and waits for it."""
    with qtbot.waitCallback(timeout=PATIENCE) as done:
        collector.collect(done)


@pytest.fixture
def desk(qtbot: QtBot, editor: Editor, settings: SettingsStore, tmp_path: Path) -> Iterator[Desk]:
    """The project of a video of 20 seconds is open."""
    view = VideoView()
    qtbot.addWidget(view)
    owner = QObject()
    player = Player(view, owner)
    made = Desk(editor, Collector(editor, player, settings, owner), tmp_path)
    made.open("a")
    yield made
    made.collector.close()
    player.close()
    assert editor.session is not None
    editor.session.close()


def test_a_cut_that_is_rejected_by_key_comes_into_the_library_by_itself_and_goes_with_undo(
    opened: MainWindow, qtbot: QtBot
) -> None:
    collector = opened.learning.collector
    opened.editor.add_span(Span(Fraction(2), Fraction(5)))
    with qtbot.waitSignal(collector.collected, timeout=PATIENCE) as told:
        QTest.keyClick(opened, Qt.Key.Key_X)
    assert told.args == [1]
    assert known() == [(Kind.REJECTED, 2, 5)]
    with qtbot.waitSignal(collector.collected, timeout=PATIENCE):
        QTest.keyClick(opened, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert known() == [(Kind.ADDED, 2, 5)]


def test_what_is_done_in_one_go_is_collected_once(desk: Desk, qtbot: QtBot) -> None:
    collected: list[int] = []
    desk.collector.collected.connect(collected.append)
    for start in (1, 8, 15):
        desk.add(start, start + 3)
    desk.editor.correct_emotion(EmotionCorrection(Span(Fraction(4), Fraction(6)), "happy"))
    qtbot.waitUntil(lambda: desk.collector.idle and bool(collected), timeout=PATIENCE)
    assert collected == [4]


def test_closing_the_window_loses_nothing(opened: MainWindow) -> None:
    opened.editor.add_span(Span(Fraction(2), Fraction(5)))
    opened.close()
    assert known() == [(Kind.ADDED, 2, 5)]


def test_leaving_a_project_collects_it_under_its_own_name(desk: Desk, qtbot: QtBot) -> None:
    session = desk.editor.session
    assert session is not None
    desk.add(2, 5)
    other = desk.open("b")
    desk.add(3, 4)
    desk.collect(qtbot)
    with Library.open() as library:
        spans = {stored.project: str(stored.correction.span) for stored in library.corrections()}
    assert spans == {str(session.path): "00:02.00 – 00:05.00", str(other): "00:03.00 – 00:04.00"}


def test_nothing_is_collected_while_that_is_switched_off(
    desk: Desk, settings: SettingsStore, qtbot: QtBot
) -> None:
    settings.change(collect_corrections=False)
    desk.add(2, 5)
    desk.collect(qtbot)
    desk.collector.close()
    assert not library_file().exists()


def test_switching_it_off_forgets_what_was_not_collected_yet_and_on_collects_again(
    desk: Desk, settings: SettingsStore, qtbot: QtBot
) -> None:
    desk.add(2, 5)
    settings.change(collect_corrections=False)
    desk.collect(qtbot)
    assert known() == []
    settings.change(collect_corrections=True)
    desk.collect(qtbot)
    assert known() == [(Kind.ADDED, 2, 5)]


def test_a_video_in_which_nothing_was_decided_leaves_no_trace(desk: Desk, qtbot: QtBot) -> None:
    desk.collector.collect_soon()
    desk.collect(qtbot)
    assert not library_file().exists()


def test_what_was_watched_is_known_with_the_decisions(opened: MainWindow, qtbot: QtBot) -> None:
    opened.editor.add_span(Span(Fraction(15), Fraction(18)))
    opened.player.seek(2.0)
    opened.player.toggle()
    qtbot.waitUntil(lambda: opened.player.position > 3.0, timeout=PATIENCE)
    opened.player.pause()
    opened.player.seek(10.0)
    until = opened.player.position
    collect(opened.learning.collector, qtbot)
    with Library.open() as library:
        (seen,) = library.seen("", opened.editor.medium)
    assert float(seen.start) == pytest.approx(2.0, abs=0.2)
    assert 2.5 < float(seen.end) < until


def test_what_training_needs_of_an_analysed_video_is_kept(
    analysed: MainWindow, qtbot: QtBot
) -> None:
    analysed.editor.select(analysed.editor.project.short[0].identifier)
    QTest.keyClick(analysed, Qt.Key.Key_X)
    collect(analysed.learning.collector, qtbot)
    with Library.open() as library:
        (video,) = library.videos("")
        features = library.features(video.video)
    assert video.counts == {Kind.REJECTED: 1}
    assert features is not None
    assert {len(rows) for rows in features.tracks.values()} == {24}


def test_a_library_that_cannot_be_used_is_told_once_and_left_as_it_is(
    desk: Desk, qtbot: QtBot
) -> None:
    library_file().parent.mkdir(parents=True)
    library_file().write_bytes(b"something else")
    failed: list[str] = []
    desk.collector.failed.connect(lambda message, report: failed.append(message))
    for start in (1, 8):
        desk.add(start, start + 3)
        desk.collect(qtbot)
    assert len(failed) == 1
    assert "not a library" in failed[0]
    assert library_file().read_bytes() == b"something else"
