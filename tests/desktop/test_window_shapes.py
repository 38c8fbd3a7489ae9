"""Every shape of a short: in the preferences, the bar and over the picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from core.export.framing import ASPECT_RATIOS
from desktop import theme
from desktop.main_window import MainWindow
from tests.desktop.conftest import PATIENCE


def choose(choice: QComboBox, aspect: str) -> None:
    """Chooses by the keys."""
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Home)
    for _ in range(choice.findData(aspect)):
        QTest.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentData() == aspect


def outline(window: MainWindow) -> QRect:
    """The line around what the short shows of the picture; empty if there is none."""
    image = window.view.grab().toImage()
    accent = QColor(theme.palette().accent).rgb()
    across, down = range(image.width()), range(image.height())
    columns = [x for x in across if image.pixel(x, image.height() // 2) == accent]
    rows = [y for y in down if image.pixel(image.width() // 2, y) == accent]
    if not columns or not rows:
        return QRect()
    return QRect(columns[0], rows[0], columns[-1] - columns[0], rows[-1] - rows[0])


def assert_outlined(window: MainWindow, qtbot: QtBot, aspect: str) -> None:
    # Tall enough for room above and below the picture: the whole outline is in view.
    window.resize(1000, 1000)
    qtbot.waitUntil(lambda: not window.view.image().isNull(), timeout=PATIENCE)
    ratio = ASPECT_RATIOS[aspect]
    line = outline(window)
    if ratio is None:
        assert line.isEmpty()
    else:
        assert line.width() / line.height() == pytest.approx(float(ratio), rel=0.02)


@pytest.mark.parametrize("aspect", ASPECT_RATIOS)
def test_a_video_opens_in_the_preferred_shape(
    window: MainWindow, qtbot: QtBot, clip: Path, aspect: str
) -> None:
    window.show_preferences()
    choose(window.preferences.general.aspect, aspect)
    with qtbot.waitSignal(window.editor.media_changed, timeout=PATIENCE):
        window.open(clip)
    assert window.editor.project.wishes.look.aspect == aspect
    assert window.bar.aspect.currentData() == aspect
    assert_outlined(window, qtbot, aspect)


def test_the_bar_offers_every_shape_and_the_picture_follows(
    opened: MainWindow, qtbot: QtBot
) -> None:
    for aspect in ASPECT_RATIOS:
        choose(opened.bar.aspect, aspect)
        assert opened.editor.project.wishes.look.aspect == aspect
        assert_outlined(opened, qtbot, aspect)
    opened.editor.undo_stack.undo()
    assert_outlined(opened, qtbot, opened.bar.aspect.currentData())
