"""The wheel scrolls a page; it changes a field only where that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QWidget


class WheelKeeper(QObject):
    """Keeps the wheel from changing what only happens to come under the pointer.

    Args:
        page: What is scrolled, with all of its fields; it owns the keeper.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        for kind in (QComboBox, QAbstractSpinBox):
            for field in page.findChildren(kind):
                # Else Qt gives it the focus with the first turn of the wheel.
                field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return False
