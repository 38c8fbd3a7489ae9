"""The page of the export: presets, files and hand-off, by mouse and keys, to real files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import opentimelineio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.cutting.cut import Cut, Reason
from core.export.captions.caption import Caption
from core.project.document import EditedCut
from core.project.queued_export import ExportState
from core.time import Span
from desktop.main_window import MainWindow
from desktop.panels.export_page import ExportPage
from tests.desktop.conftest import PATIENCE
from tests.synthetic import make_video

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "이야기.mp4"
    make_video(path, seconds=8, fps=10, size=(320, 180), tone=0.05)
    return path


@pytest.fixture
def small(window: MainWindow, qtbot: QtBot, video: Path) -> MainWindow:
    """A small video with one cut of a second, and the page in front."""
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(video)
    window.editor.add_span(Span(Fraction(2), Fraction(3)))
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    ready(window, qtbot)
    return window


def ready(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.export_page.start.isEnabled, timeout=PATIENCE)


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT)


def choose(page: ExportPage, *names: str) -> None:
    """Exactly these presets, by their boxes and the space bar."""
    for name, row in page.presets.rows.items():
        if row.check.isChecked() != (name in names):
            row.check.setFocus()
            QTest.keyClick(row.check, Qt.Key.Key_Space)
    assert page.presets.chosen == list(names)


def done(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: (
            bool(window.exporter.exports)
            and all(one.state.over for one in window.exporter.exports)
            and not window.exporter.busy
        ),
        timeout=PATIENCE,
    )


def test_two_presets_become_two_files_beside_the_video(
    small: MainWindow, qtbot: QtBot, video: Path
) -> None:
    page = small.export_page
    choose(page, "source", "gif")
    ready(small, qtbot)
    assert page.start.text() == "Export 2 files"
    click(page.start)
    done(small, qtbot)
    with av.open(str(video.with_name("이야기-source.mp4"))) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height) == (320, 180)
        assert len(list(film.decode(stream))) == 10
    with av.open(str(video.with_name("이야기-gif.gif"))) as preview:
        assert len(list(preview.decode(video=0))) == 10
    states = [row.state.toPlainText() for row in page.queue.rows.values()]
    assert all("00:01.00" in state for state in states)


def test_the_notice_says_what_was_written_and_shows_its_folder(
    small: MainWindow, qtbot: QtBot, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(small.export_page, "source")
    ready(small, qtbot)
    with qtbot.waitSignal(small.exporter.exported, timeout=PATIENCE):
        click(small.export_page.start)
    [told] = small.notices.messages()
    assert str(video.with_name("이야기-source.mp4")) in told
    for word in ("00:01.00", "320 × 180", "MB", "LUFS"):
        assert word in told
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    buttons = small.notices.findChildren(QAbstractButton)
    click(next(button for button in buttons if button.text() == "Show in folder"))
    assert opened == [str(video.parent)]
    done(small, qtbot)


def test_a_file_that_is_there_gets_a_neighbour_or_is_replaced_when_asked(
    small: MainWindow, qtbot: QtBot, video: Path
) -> None:
    page = small.export_page
    there = video.with_name("이야기-gif.gif")
    there.write_bytes(b"mine")
    choose(page, "gif")
    ready(small, qtbot)
    row = page.presets.rows["gif"]
    assert "이야기-gif.gif is there already" in row.existing.toolTip()
    assert row.existing.currentText() == "There already: keep both"
    assert row.file.text == "이야기-gif-2.gif"
    click(page.start)
    done(small, qtbot)
    assert there.read_bytes() == b"mine"
    assert video.with_name("이야기-gif-2.gif").exists()
    ready(small, qtbot)
    row.existing.setFocus()
    QTest.keyClick(row.existing, Qt.Key.Key_Down)
    assert row.existing.currentText() == "There already: replace"
    assert row.file.text == "이야기-gif.gif"
    click(page.start)
    qtbot.waitUntil(lambda: there.read_bytes() != b"mine", timeout=PATIENCE)
    done(small, qtbot)
    assert not video.with_name("이야기-gif-3.gif").exists()


def test_the_same_short_twice_in_the_queue_gets_two_names(
    small: MainWindow, qtbot: QtBot, video: Path
) -> None:
    page = small.export_page
    choose(page, "gif")
    for _ in range(2):
        ready(small, qtbot)
        click(page.start)
    done(small, qtbot)
    assert [one.state for one in small.exporter.exports] == 2 * [ExportState.DONE]
    assert len(list(video.parent.glob("*.gif"))) == 2


def test_what_is_written_is_the_short_as_it_was_when_it_was_queued(
    small: MainWindow, qtbot: QtBot, video: Path
) -> None:
    choose(small.export_page, "source")
    ready(small, qtbot)
    click(small.export_page.start)
    small.editor.select(small.editor.project.short[0].identifier)
    small.editor.delete(small.editor.selection)
    done(small, qtbot)
    with av.open(str(video.with_name("이야기-source.mp4"))) as film:
        assert len(list(film.decode(video=0))) == 10


def test_a_short_that_is_too_short_for_a_platform_is_said_before(
    small: MainWindow, qtbot: QtBot
) -> None:
    page = small.export_page
    choose(page, "shorts", "reels")
    ready(small, qtbot)
    assert "at least 3 s are needed" in page.presets.rows["reels"].warnings.toPlainText()
    assert page.presets.rows["shorts"].warnings.toPlainText() == ""
    assert page.presets.rows["shorts"].figures.text().startswith("≈ ")
    cut = small.editor.project.short[0]
    small.editor.change_cut(cut.identifier, Span(Fraction(2), Fraction(6)))
    qtbot.waitUntil(
        lambda: "at least 3 s" not in page.presets.rows["reels"].warnings.toPlainText(),
        timeout=PATIENCE,
    )
    ready(small, qtbot)


def test_a_short_that_is_too_long_is_said_before(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    video = tmp_path / "long.mp4"
    make_video(video, seconds=200, fps=2, size=(64, 64))
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(video)
    window.editor.add_span(Span(Fraction(0), Fraction(190)))
    click(window.bar.export)
    ready(window, qtbot)
    told = window.export_page.presets.rows["shorts"].warnings.toPlainText()
    assert "190 s long; at most 180 s" in told


def test_without_a_short_the_page_says_what_to_do(
    window: MainWindow, qtbot: QtBot, video: Path
) -> None:
    assert not window.bar.export.isEnabled()
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(video)
    click(window.bar.export)
    page = window.export_page
    assert page.isVisible()
    assert "There is no short yet" in page.nothing.text.text()
    assert page.nothing.isVisible()
    assert not page.start.isVisible()
    window.editor.add_span(Span(Fraction(1), Fraction(2)))
    ready(window, qtbot)
    assert not page.nothing.isVisible()


def test_escape_goes_back_and_keys_of_the_page_do_not_edit(small: MainWindow, qtbot: QtBot) -> None:
    page = small.export_page
    assert page.isVisible()
    assert not small.timeline.isVisible()
    page.presets.rows["square"].check.setFocus()
    before = small.editor.project
    QTest.keyClick(page.presets.rows["square"].check, Qt.Key.Key_C)
    assert small.editor.project == before
    QTest.keyClick(page.presets.rows["square"].check, Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert small.timeline.isVisible()


def test_all_is_within_reach_of_the_keyboard(small: MainWindow, qtbot: QtBot) -> None:
    page = small.export_page
    page.more.heading.click()
    named = [
        one
        for one in page.findChildren(QWidget)
        if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isEnabled()
        if not (isinstance(one, QLineEdit) and one.parent() is not None and one.focusProxy())
    ]
    assert page.start in named
    for one in named:
        said = one.accessibleName() or (one.text() if isinstance(one, QAbstractButton) else "")
        inner = one.objectName() == "qt_spinbox_lineedit"
        assert said or inner, f"{one} has no name"
    choose(page, "gif")
    ready(small, qtbot)
    QTest.keyClick(page.presets.rows["gif"].check, Qt.Key.Key_Return, CONTROL)
    done(small, qtbot)
    assert small.exporter.exports[0].state is ExportState.DONE


def test_a_caption_file_comes_beside_the_short_in_its_own_time(
    small: MainWindow, qtbot: QtBot, video: Path
) -> None:
    page = small.export_page
    assert not page.place.captions.isEnabled()
    small.editor.add_caption(Caption(Span(Fraction(2), Fraction(4)), "안녕하세요"))
    qtbot.waitUntil(page.place.captions.isEnabled, timeout=PATIENCE)
    page.place.captions.setFocus()
    QTest.keyClick(page.place.captions, Qt.Key.Key_Down)
    choose(page, "source")
    ready(small, qtbot)
    click(page.start)
    done(small, qtbot)
    written = video.with_name("이야기-source.srt").read_text(encoding="utf-8")
    assert "안녕하세요" in written
    assert "00:00:00,000 --> 00:00:01,000" in written


def test_the_folder_and_the_name_can_be_others(
    small: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = small.export_page
    folder = tmp_path / "for/the phone"
    folder.mkdir(parents=True)
    page.set_folder(folder)
    choose(page, "gif")
    page.place.name.selectAll()
    QTest.keyClicks(page.place.name, "a/b: first")
    ready(small, qtbot)
    click(page.start)
    done(small, qtbot)
    assert [path.name for path in folder.iterdir()] == ["ab first-gif.gif"]
    folder.joinpath("ab first-gif.gif").unlink()
    folder.rmdir()
    page.place.name.selectAll()
    QTest.keyClicks(page.place.name, "other")
    qtbot.waitUntil(lambda: "does not exist" in page.problem.text(), timeout=PATIENCE)
    assert not page.start.isEnabled()


def test_more_changes_how_the_file_is_written(small: MainWindow, qtbot: QtBot, video: Path) -> None:
    page = small.export_page
    click(page.more.heading)
    qtbot.waitUntil(lambda: "Looking" not in page.more.encoder.text(), timeout=PATIENCE)
    page.more.codec.setFocus()
    QTest.keyClick(page.more.codec, Qt.Key.Key_Down)
    page.more.way.setFocus()
    QTest.keyClick(page.more.way, Qt.Key.Key_Down)
    assert "titles, captions and crossfades" in page.more.way_meaning.text()
    choose(page, "source")
    ready(small, qtbot)
    click(page.start)
    done(small, qtbot)
    with av.open(str(video.with_name("이야기-source.mp4"))) as film:
        assert film.streams.video[0].codec_context.name == "hevc"


def test_a_way_that_is_not_possible_says_why(small: MainWindow, qtbot: QtBot) -> None:
    page = small.export_page
    choose(page, "shorts")
    page.more.way.setCurrentIndex(page.more.way.findData("lossless"))
    row = page.presets.rows["shorts"]
    qtbot.waitUntil(lambda: "cannot be copied" in row.warnings.toPlainText(), timeout=PATIENCE)
    assert not page.start.isEnabled()


def test_a_timeline_for_another_editor_carries_the_reasons(
    small: MainWindow, qtbot: QtBot, video: Path
) -> None:
    page = small.export_page
    medium = small.editor.medium
    why = Cut(Span(Fraction(4), Fraction(6)), 0.8, {}, (Reason("emotion", 0.7, "happy 70\u00a0%"),))
    project = small.editor.project
    small.editor.push("Add cut", project.with_cuts((*project.cuts, EditedCut(why, medium))))
    qtbot.waitUntil(page.hand_off.write.isEnabled, timeout=PATIENCE)
    for expected in ("이야기.otio", "이야기-2.otio"):
        with qtbot.waitSignal(page.handed_over, timeout=PATIENCE) as told:
            click(page.hand_off.write)
        assert told.args[0].path == video.with_name(expected)
        qtbot.waitUntil(page.hand_off.write.isEnabled, timeout=PATIENCE)
    timeline = opentimelineio.adapters.read_from_file(str(video.with_name("이야기.otio")))
    clips = timeline.video_tracks()[0].find_clips()
    markers = [marker.to_json_string() for clip in clips for marker in clip.markers]
    assert len(clips) == 2
    assert any("happy 70" in marker for marker in markers)
    assert any("이야기.otio" in message for message in small.notices.messages())


@pytest.mark.parametrize("size", [(1000, 700), (1360, 860), (1920, 1080)])
def test_nothing_is_cut_off_sideways(
    small: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    page = small.export_page
    small.resize(*size)
    choose(page, "shorts", "reels", "gif")
    ready(small, qtbot)
    for row in page.presets.rows.values():
        right = row.mapTo(page, row.rect().topRight()).x()
        assert right <= page.width()
        assert row.figures.geometry().right() <= row.width()
    right = page.start.mapTo(page, page.start.rect().topRight()).x()
    assert right <= page.width()
