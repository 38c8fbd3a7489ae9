from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from core.places import RESOURCES
from desktop import theme
from desktop.icons import icon
from desktop.theme import DARK, LIGHT, Palette
from desktop.widgets import icon_button, push_button

NAMES = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))


def colours(image: QImage) -> set[str]:
    """Of all pixels that cover fully."""
    seen = set()
    for x in range(image.width()):
        for y in range(image.height()):
            colour = QColor(image.pixelColor(x, y))
            if colour.alpha() == 255:
                seen.add(colour.name())
    return seen


def drawn(made: QIcon, points: int, ratio: float, mode: QIcon.Mode, state: QIcon.State) -> QImage:
    return made.pixmap(QSize(points, points), ratio, mode, state).toImage()


@pytest.mark.parametrize("colour", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("name", NAMES)
def test_icons_have_the_colours_of_the_theme(
    qapp: QApplication, name: str, colour: Palette
) -> None:
    theme.apply(qapp, colour)
    made = icon(name)
    off, on = QIcon.State.Off, QIcon.State.On
    assert colours(drawn(made, 32, 1, QIcon.Mode.Normal, off)) == {colour.text}
    assert colours(drawn(made, 32, 1, QIcon.Mode.Active, off)) == {colour.text}
    assert colours(drawn(made, 32, 1, QIcon.Mode.Disabled, off)) == {colour.disabled}
    assert colours(drawn(made, 32, 1, QIcon.Mode.Normal, on)) == {colour.on_accent}
    theme.apply(qapp, DARK)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("points", [16, 24])
def test_icons_are_drawn_for_the_pixels_of_the_screen(
    qapp: QApplication, points: int, ratio: float
) -> None:
    image = drawn(icon("play"), points, ratio, QIcon.Mode.Normal, QIcon.State.Off)
    wanted = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    wanted.fill(0)
    painter = QPainter(wanted)
    QSvgRenderer(str(RESOURCES / "icons" / "play.svg")).render(painter)
    painter.end()
    assert image.width() == image.height() == points * ratio
    assert covered(image) == covered(wanted)


def covered(image: QImage) -> list[int]:
    """How much each pixel is covered."""
    return [
        image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height())
    ]


def test_an_icon_on_a_primary_button_stands_out_from_the_accent(qapp: QApplication) -> None:
    theme.apply(qapp, LIGHT)
    button = push_button("Open", "Opens", "primary", "open")
    pixels = drawn(button.icon(), 16, 2, QIcon.Mode.Normal, QIcon.State.Off)
    assert colours(pixels) == {LIGHT.on_accent}
    theme.apply(qapp, DARK)
    button.deleteLater()


def test_a_name_without_an_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        icon("no-such-icon")


def test_buttons_are_named_for_screen_readers(qapp: QApplication) -> None:
    button = icon_button("close", "Close", "Esc")
    assert button.accessibleName() == "Close"
    assert button.toolTip() == "Close (Esc)"
    button.deleteLater()
