"""Keys that belong to a text or a check box go there, not to a command."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

TYPED_INTO = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QKeySequenceEdit)
"""Widgets whose keys are not commands."""


class TypingGuard(QObject):
    """Watches the keys of a window while it lives."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QCoreApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            focus = QApplication.focusWidget()
            theirs = isinstance(focus, TYPED_INTO) or (
                isinstance(focus, QCheckBox)
                and isinstance(event, QKeyEvent)
                and event.keyCombination().toCombined() == Qt.Key.Key_Space.value
            )
            if theirs and focus is not None and focus.window() is self._window:
                event.accept()
                return True
        return False
