"""Keys that belong to a text go to the text, not to a command."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
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
            if isinstance(focus, TYPED_INTO) and focus.window() is self._window:
                event.accept()
                return True
        return False
