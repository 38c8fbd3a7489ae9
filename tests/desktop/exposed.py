"""Puts a widget on the screen, as most tests of panels begin."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

Made = TypeVar("Made", bound=QWidget)


def expose(qtbot: QtBot, widget: Made, width: int = 0, height: int = 0) -> Made:
    """Shows a widget of a size, or of its own, in an active window that the test closes."""
    qtbot.addWidget(widget)
    if width and height:
        widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget
