"""Captions in the window: brought in from files, written, drawn over the picture, undone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from core.export.captions.caption import Caption, Captions, Word
from core.export.captions.files import read_captions
from core.export.captions.transcribe_child import INSTALL
from core.time import Span
from desktop.jobs.caption_work import speech_to_text_is_installed
from desktop.main_window import MainWindow
from desktop.panels.side_panel import TABS
from desktop.player.guides import in_picture
from tests.desktop.conftest import PATIENCE

LEFT = Qt.MouseButton.LeftButton
TWO = """1
00:00:01,000 --> 00:00:03,000
하나 둘

2
00:00:04,000 --> 00:00:06,500
three four
"""


def said(start: int, end: int, *words: str) -> Caption:
    step = Fraction(end - start, len(words))
    spans = [Span(start + n * step, start + (n + 1) * step) for n in range(len(words))]
    told = tuple(Word(span, word) for span, word in zip(spans, words, strict=True))
    return Caption(Span(Fraction(start), Fraction(end)), " ".join(words), told)


@pytest.fixture
def tab(opened: MainWindow) -> MainWindow:
    """A video on show, and its captions in front."""
    bar = opened.side.tabBar()
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(TABS.index("captions")).center())
    assert opened.captions.isVisible()
    return opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "자막 1.srt"
    path.write_text(TWO, encoding="utf-8")
    return path


def choose(monkeypatch: pytest.MonkeyPatch, path: Path, kind: str = "") -> None:
    """What the user answers to the next dialogs."""
    for question in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, question, lambda *_: (str(path), kind))


def bring(window: MainWindow, qtbot: QtBot) -> None:
    heard = len(window.notices.messages())
    QTest.mouseClick(window.captions.bring, LEFT)
    qtbot.waitUntil(lambda: len(window.notices.messages()) > heard, timeout=PATIENCE)


def texts(window: MainWindow) -> list[str]:
    model = window.captions.model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def notice_button(window: MainWindow, text: str) -> QPushButton:
    buttons = window.notices.findChildren(QPushButton)
    return next(one for one in buttons if one.text() == text and one.isVisible())


def put(window: MainWindow, *captions: Caption) -> Captions:
    window.editor.replace_captions("Import captions", window.editor.medium, captions)
    window.editor.set_look("Draw captions", captions=True)
    return captions


def go(window: MainWindow, qtbot: QtBot, seconds: float) -> None:
    window.player.seek(seconds)
    qtbot.waitUntil(lambda: abs(window.player.position - seconds) < 0.05, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.view.image().isNull(), timeout=PATIENCE)


def painted(window: MainWindow) -> QRectF:
    """Where the picture differs from what it is without a caption, in pixels of the view."""
    view = window.view
    caption = view.caption
    image = view.grab().toImage()
    view.set_caption(None)
    plain = view.grab().toImage()
    view.set_caption(caption)
    places = [
        (x, y)
        for y in range(0, image.height(), 2)
        for x in range(0, image.width(), 2)
        if image.pixel(x, y) != plain.pixel(x, y)
    ]
    if not places:
        return QRectF()
    across, down = [x for x, _ in places], [y for _, y in places]
    return QRectF(min(across), min(down), max(across) - min(across), max(down) - min(down))


def has_colour(window: MainWindow, colour: QColor) -> bool:
    image = window.view.grab().toImage()
    return any(
        image.pixel(x, y) == colour.rgb()
        for y in range(image.height())
        for x in range(image.width())
    )


def test_captions_of_a_file_are_shown_and_can_be_undone(
    tab: MainWindow, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, file)
    bring(tab, qtbot)
    assert texts(tab) == ["하나 둘", "three four"]
    assert tab.editor.undo_stack.undoText() == "Import captions"
    assert tab.notices.messages() == [f"2 captions come from {file.name}."]
    QTest.keyClick(tab, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert texts(tab) == []


def test_what_a_file_replaces_comes_back(
    tab: MainWindow, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tab, said(2, 3, "mine"))
    choose(monkeypatch, file)
    bring(tab, qtbot)
    assert len(texts(tab)) == 2
    assert "1 that were there are gone" in tab.notices.messages()[-1]
    tab.editor.edit_caption(0, "edited since")
    QTest.mouseClick(notice_button(tab, "Undo"), LEFT)
    assert texts(tab) == ["mine"]
    QTest.keyClick(tab, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert texts(tab) == ["edited since", "three four"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.srt", b"1\n00:00:0x,000 --> 00:00:02,000\nhello\n"),
        ("picture.srt", bytes(range(256)) * 8),
        ("other.txt", b"hello"),
        ("empty.vtt", b"WEBVTT\n"),
    ],
)
def test_a_file_that_holds_no_captions_leaves_those_that_are_there(
    tab: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
) -> None:
    put(tab, said(2, 3, "mine"))
    (tmp_path / name).write_bytes(content)
    choose(monkeypatch, tmp_path / name)
    bring(tab, qtbot)
    assert name in tab.notices.messages()[-1]
    assert texts(tab) == ["mine"]


def test_a_caption_file_is_dropped_on_the_window(tab: MainWindow, qtbot: QtBot, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    event = QDropEvent(
        QPointF(200, 200), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    tab.dropEvent(event)
    qtbot.waitUntil(lambda: texts(tab) == ["하나 둘", "three four"], timeout=PATIENCE)


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("out.srt", "", "out.srt"),
        ("out", "WebVTT (*.vtt)", "out.vtt"),
        ("ver. 2", "SubStation (*.ass)", "ver. 2.ass"),
    ],
)
def test_captions_are_written_in_the_kind_that_was_chosen(
    tab: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    kind: str,
    written: str,
) -> None:
    captions = put(tab, said(1, 3, "하나", "둘"), said(4, 6, "three"))
    choose(monkeypatch, tmp_path / typed, kind)
    QTest.mouseClick(tab.captions.write, LEFT)
    qtbot.waitUntil(lambda: bool(tab.notices.messages()), timeout=PATIENCE)
    assert str(tmp_path / written) in tab.notices.messages()[-1]
    back = read_captions(tmp_path / written)
    assert [(one.span, one.text) for one in back] == [(one.span, one.text) for one in captions]


def test_a_file_that_the_dialog_did_not_ask_about_is_not_overwritten(
    tab: MainWindow, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tab, said(1, 3, "mine"))
    choose(monkeypatch, file.with_suffix(""), "SubRip (*.srt)")
    QTest.mouseClick(tab.captions.write, LEFT)
    qtbot.waitUntil(lambda: bool(tab.notices.messages()), timeout=PATIENCE)
    assert str(file) in tab.notices.messages()[-1]
    assert file.read_text(encoding="utf-8") == TWO
    choose(monkeypatch, file)
    QTest.mouseClick(tab.captions.write, LEFT)
    qtbot.waitUntil(lambda: "mine" in file.read_text(encoding="utf-8"), timeout=PATIENCE)


@pytest.mark.skipif(speech_to_text_is_installed(), reason="the package is there")
def test_without_the_package_it_is_said_how_to_install_it(tab: MainWindow) -> None:
    tab.captions.hear_all.trigger()
    assert INSTALL in tab.notices.messages()[-1]
    QTest.mouseClick(notice_button(tab, "Copy the command"), LEFT)
    assert QApplication.clipboard().text() == INSTALL
    assert not tab.captioner.busy


@pytest.mark.skipif(not speech_to_text_is_installed(), reason="the package is not there")
def test_without_a_model_the_preferences_are_offered(tab: MainWindow) -> None:
    tab.captions.hear_all.trigger()
    QTest.mouseClick(notice_button(tab, "Preferences"), LEFT)
    assert tab.preferences_page == "models"


def test_only_the_cuts_are_offered_where_there_are_some(tab: MainWindow) -> None:
    assert not tab.captions.hear_cuts.isEnabled()
    tab.editor.add_span(Span(Fraction(2), Fraction(5)))
    assert tab.captions.hear_cuts.isEnabled()
    assert tab.captions.hear_all.isEnabled()


def test_a_click_on_a_caption_moves_the_playhead_and_playing_marks_the_row(
    tab: MainWindow, qtbot: QtBot
) -> None:
    put(tab, said(1, 3, "one"), said(4, 6, "two"))
    view = tab.captions.view
    place = view.visualRect(tab.captions.model.index(1)).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=place)
    qtbot.waitUntil(lambda: tab.captions.model.said == 1, timeout=PATIENCE)
    assert tab.player.position == pytest.approx(4, abs=0.05)


def test_the_caption_of_the_moment_is_drawn_inside_of_the_window_of_the_short(
    tab: MainWindow, qtbot: QtBot
) -> None:
    tab.editor.set_look("Shape", aspect="9:16")
    put(tab, said(2, 4, "hello", "there"))
    for seconds in (1.0, 5.0):
        go(tab, qtbot, seconds)
        assert painted(tab).isEmpty()
    go(tab, qtbot, 3.0)
    [window] = (in_picture(tab.view.place(), one) for one in tab.view.windows)
    where = painted(tab)
    assert where.width() > 10
    assert window.contains(where)
    assert where.center().x() == pytest.approx(window.center().x(), abs=4)
    assert 0.6 < (where.center().y() - window.top()) / window.height() < 0.8


def test_captions_are_drawn_as_long_as_the_look_wants_them(tab: MainWindow, qtbot: QtBot) -> None:
    put(tab, said(2, 4, "hello"))
    go(tab, qtbot, 3.0)
    assert not painted(tab).isEmpty()
    assert tab.captions.drawn.isChecked()
    QTest.mouseClick(tab.captions.drawn, LEFT, pos=QPoint(10, tab.captions.drawn.height() // 2))
    assert not tab.editor.project.wishes.look.captions
    assert painted(tab).isEmpty()


@pytest.mark.parametrize("layout", ["whole", "blur", "split"])
def test_a_caption_is_in_the_picture_in_every_layout(
    tab: MainWindow, qtbot: QtBot, layout: str
) -> None:
    tab.editor.set_look("Shape", aspect="9:16", layout=layout)
    put(tab, said(2, 4, "hello"))
    go(tab, qtbot, 3.0)
    where = painted(tab)
    assert where.width() > 10
    assert tab.view.place().adjusted(-2, -2, 2, 2).contains(where)


def test_the_word_that_is_being_said_has_its_colour(tab: MainWindow, qtbot: QtBot) -> None:
    yellow = QColor(255, 214, 10)
    put(tab, said(2, 4, "HHHH", "HHHH"))
    go(tab, qtbot, 3.5)
    assert not has_colour(tab, yellow)
    tab.editor.set_look("Style of captions", caption_style="word")
    assert has_colour(tab, yellow)
    shown = tab.view.caption
    assert shown is not None
    assert shown.spoken == ((0, 5, 9),)


def test_inside_of_a_cut_only_what_is_said_there_is_shown(tab: MainWindow, qtbot: QtBot) -> None:
    put(tab, said(2, 6, "one", "two", "three", "four"))
    go(tab, qtbot, 4.5)
    shown = tab.view.caption
    assert shown is not None
    assert shown.lines == ("one two three four",)
    tab.editor.add_span(Span(Fraction(4), Fraction(8)))
    shown = tab.view.caption
    assert shown is not None
    assert shown.lines == ("three four",)
