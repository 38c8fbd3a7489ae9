"""The icons: one set, drawn for this application, in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.places import RESOURCES
from desktop import theme

_PIXELS = (16, 20, 24, 28, 30, 32, 36, 40, 48, 64)
"""Edges that are drawn: 16 and 24 points at 1, 1.25, 1.5 and 2 pixels per point, 32 at some."""


def icon(name: str, colour: str = "") -> QIcon:
    """The icon of a name, in the colours of the theme in force.

    Args:
        name: As ``resources/icons`` has it, without its ending.
        colour: Of its strokes where it stands on something else than a panel; otherwise that of
            the theme's text. Disabled it is dim, and on a checked button it stands out from the
            accent.

    Raises:
        FileNotFoundError: There is no such icon.
    """
    return QIcon(_drawn(name, colour, theme.palette()))


@lru_cache(maxsize=256)
def _drawn(name: str, colour: str, colours: theme.Palette) -> QIcon:
    """The same icon for all that show it: forty pictures are drawn for one."""
    path = RESOURCES / "icons" / f"{name}.svg"
    drawing = QSvgRenderer(path.read_bytes())
    made = QIcon()
    for pixels in _PIXELS:
        shape = _shape(drawing, pixels)
        plain = _tinted(shape, colour or colours.text)
        disabled = _tinted(shape, colours.disabled)
        checked = _tinted(shape, colours.on_accent)
        made.addPixmap(plain, QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(plain, QIcon.Mode.Selected, QIcon.State.Off)
        made.addPixmap(checked, QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(checked, QIcon.Mode.Selected, QIcon.State.On)
        made.addPixmap(disabled, QIcon.Mode.Disabled, QIcon.State.Off)
        made.addPixmap(disabled, QIcon.Mode.Disabled, QIcon.State.On)
    return made


def _shape(drawing: QSvgRenderer, pixels: int) -> QPixmap:
    drawn = QPixmap(pixels, pixels)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    drawing.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return drawn


def _tinted(shape: QPixmap, colour: str) -> QPixmap:
    made = QPixmap(shape)
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(made.rect(), QColor(colour))
    painter.end()
    return made
