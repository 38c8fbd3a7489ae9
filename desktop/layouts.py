"""How widgets share the room of a window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget


def column(*widgets: QWidget, stretched: QWidget | None = None) -> QWidget:
    """Widgets below each other without gaps; one of them, by default the first, takes the room."""
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget, int(widget is (stretched or widgets[0])))
    return made


def splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    """Widgets that share their room; the first takes what is left over, none goes away."""
    made = QSplitter(orientation)
    for widget in widgets:
        made.addWidget(widget)
    made.setStretchFactor(0, 1)
    made.setChildrenCollapsible(False)
    return made
