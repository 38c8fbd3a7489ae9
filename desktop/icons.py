"""The icons: one set, drawn for this application."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from core.places import RESOURCES


def icon(name: str) -> QIcon:
    """The icon of a name, as ``resources/icons`` has it."""
    return QIcon(str(RESOURCES / "icons" / f"{name}.svg"))
