from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QListWidget,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.places import RESOURCES
from desktop import theme
from desktop.theme import DARK, LIGHT, Palette

TEXT, GRAPHIC = 4.5, 3.0
"""The least contrasts of WCAG 2.2 AA."""

both = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str | QColor, other: str | QColor) -> float:
    low, high = sorted((luminance(QColor(one)), luminance(QColor(other))))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp)


@pytest.fixture
def drawn(
    qtbot: QtBot, qapp: QApplication, dark_again: None
) -> Callable[[Palette, QWidget], QImage]:
    """Draws a widget in a window of a theme; something else in the window has the focus."""

    def draw(colours: Palette, widget: QWidget, *, focused: bool = False) -> QImage:
        theme.apply(qapp, colours)
        window = QWidget()
        elsewhere = QLineEdit()
        column = QVBoxLayout(window)
        column.addWidget(elsewhere)
        column.addWidget(widget)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        (widget if focused else elsewhere).setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(lambda: widget.hasFocus() == focused)
        return window.grab(widget.geometry()).toImage()

    return draw


def colours_of(picture: QImage) -> dict[str, int]:
    """How many pixels have each colour."""
    counts: dict[str, int] = {}
    for x, y in product(range(picture.width()), range(picture.height())):
        name = picture.pixelColor(x, y).name()
        counts[name] = counts.get(name, 0) + 1
    return counts


def strongest(picture: QImage, ground: str) -> float:
    """The highest contrast that any pixel has to its ground."""
    return max(contrast(colour, ground) for colour in colours_of(picture))


@both
@pytest.mark.parametrize("ground", ["background", "panel", "raised"])
@pytest.mark.parametrize(
    ("ink", "least"),
    [
        ("text", TEXT),
        ("secondary", TEXT),
        ("danger", TEXT),
        ("accent", TEXT),
        ("outline", GRAPHIC),
    ],
)
def test_inks_stand_out_from_every_ground(
    colours: Palette, ground: str, ink: str, least: float
) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= least


@both
def test_text_stands_out_from_the_accent(colours: Palette) -> None:
    assert contrast(colours.on_accent, colours.accent) >= TEXT
    assert contrast(colours.on_accent, colours.accent_hover) >= TEXT


class Desktop:
    """A desktop that asks for light or dark windows; the offscreen one cannot."""

    def __init__(self, scheme: Qt.ColorScheme) -> None:
        self._scheme = scheme

    def styleHints(self) -> Desktop:
        return self

    def colorScheme(self) -> Qt.ColorScheme:
        return self._scheme


@pytest.mark.parametrize(
    ("name", "scheme", "expected"),
    [
        ("dark", Qt.ColorScheme.Light, DARK),
        ("light", Qt.ColorScheme.Dark, LIGHT),
        ("system", Qt.ColorScheme.Light, LIGHT),
        ("system", Qt.ColorScheme.Dark, DARK),
        ("system", Qt.ColorScheme.Unknown, DARK),
    ],
)
def test_the_desktop_decides_only_where_it_is_asked(
    name: str, scheme: Qt.ColorScheme, expected: Palette
) -> None:
    assert theme.palette_for(name, cast(QGuiApplication, Desktop(scheme))) == expected


@both
def test_the_theme_that_was_applied_last_is_in_force(
    qapp: QApplication, dark_again: None, colours: Palette
) -> None:
    theme.apply(qapp, colours)
    assert theme.palette() == colours
    assert qapp.palette().window().color().name() == colours.background


@both
def test_every_picture_of_the_style_sheet_is_there(
    qapp: QApplication, dark_again: None, colours: Palette
) -> None:
    theme.apply(qapp, colours)
    named = set(re.findall(r"url\(controls:([^)]+)\)", qapp.styleSheet()))
    assert len(named) >= 5
    assert all((RESOURCES / "icons" / "controls" / name).is_file() for name in named)


@both
@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
def test_boxes_show_whether_they_are_ticked(
    drawn: Callable[..., QImage], colours: Palette, kind: type[QCheckBox] | type[QRadioButton]
) -> None:
    empty = drawn(colours, kind())
    assert strongest(empty, colours.background) >= GRAPHIC
    assert colours.accent not in colours_of(empty)
    ticked = kind()
    ticked.setChecked(True)
    assert colours_of(drawn(colours, ticked))[colours.accent] > 20


@both
def test_a_tick_is_more_than_a_colour(drawn: Callable[..., QImage], colours: Palette) -> None:
    ticked = QCheckBox()
    ticked.setChecked(True)
    assert strongest(drawn(colours, ticked), colours.accent) >= GRAPHIC


def focusable() -> list[Callable[[], QWidget]]:
    def primary() -> QPushButton:
        made = QPushButton("Export")
        made.setObjectName("primary")
        return made

    def flat() -> QToolButton:
        made = QToolButton()
        made.setObjectName("flat")
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def tabs() -> QTabBar:
        made = QTabBar()
        made.addTab("One")
        made.addTab("Two")
        return made

    return [
        lambda: QPushButton("Button"), primary, flat, tabs, QCheckBox, QRadioButton, QComboBox,
        QSpinBox, QKeySequenceEdit, QListWidget, QTreeWidget,
        lambda: QSlider(Qt.Orientation.Horizontal),
    ]  # fmt: skip


@both
@pytest.mark.parametrize("make", focusable())
def test_the_focus_can_be_seen(
    drawn: Callable[..., QImage], colours: Palette, make: Callable[[], QWidget]
) -> None:
    without = drawn(colours, make())
    focused = drawn(colours, make(), focused=True)
    ring = colours_of(focused).keys() & {colours.accent, colours.text}
    more = max(colours_of(focused)[ink] - colours_of(without).get(ink, 0) for ink in ring)
    assert more >= 10
    assert focused.size() == without.size()


@both
@pytest.mark.parametrize(
    "make",
    [
        lambda: QPushButton("Button"),
        lambda: QCheckBox("Box"),
        lambda: QRadioButton("Choice"),
        lambda: QLineEdit("Line"),
    ],
)
def test_what_is_disabled_is_dimmer(
    drawn: Callable[..., QImage], colours: Palette, make: Callable[[], QWidget]
) -> None:
    enabled, disabled = make(), make()
    disabled.setEnabled(False)
    lit = strongest(drawn(colours, enabled), colours.panel)
    dim = strongest(drawn(colours, disabled), colours.panel)
    assert dim < TEXT < lit


@both
@pytest.mark.parametrize("kind", [QListWidget, QTreeWidget])
def test_a_selected_row_can_be_read(
    drawn: Callable[..., QImage], colours: Palette, kind: type[QListWidget] | type[QTreeWidget]
) -> None:
    view = kind()
    if isinstance(view, QListWidget):
        view.addItems(["MMMM", ""])
        view.setCurrentRow(0)
        ground = colours.raised
    else:
        view.setHeaderHidden(True)
        view.setRootIsDecorated(False)
        view.setColumnCount(1)
        view.setCurrentItem(QTreeWidgetItem(view, ["MMMM"]))
        ground = colours.accent
    picture = drawn(colours, view)
    row = picture.copy(12, 4, 40, 20)
    assert colours_of(row)[ground] > 50
    assert strongest(row, ground) >= TEXT
