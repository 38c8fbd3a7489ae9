"""Small parts that many panels use."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from desktop.icons import icon


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A text; its role is a name that the style sheet knows."""
    made = QLabel(text)
    made.setObjectName(role)
    made.setWordWrap(wrap)
    return made


def icon_button(image: str, name: str, keys: str = "", role: str = "") -> QToolButton:
    """A button with an icon; its tooltip shows what it does and the shortcut."""
    made = QToolButton()
    made.setObjectName(role)
    made.setIcon(icon(image))
    made.setToolTip(f"{name} ({keys})" if keys else name)
    made.setAccessibleName(name)
    return made


def push_button(text: str, tip: str, role: str = "", image: str = "") -> QPushButton:
    """A button with a text."""
    made = QPushButton(text)
    made.setObjectName(role)
    if image:
        made.setIcon(icon(image))
    made.setToolTip(tip)
    return made


def single_timer(parent: QWidget, milliseconds: int) -> QTimer:
    """A timer that fires once after it was started."""
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(milliseconds)
    return made
