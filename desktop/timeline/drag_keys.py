"""Keys that mean something while the pointer drags, whatever has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

_KEYS = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


class DragKeys(QObject):
    """Listens to the keyboard from :meth:`start` to :meth:`stop`.

    Signals:
        cancelled: Escape was pressed; nothing else hears of it.
        alt_changed: Alt went down (true) or up.
    """

    cancelled = Signal()
    alt_changed = Signal(bool)

    def start(self) -> None:
        """The pointer was pressed."""
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def stop(self) -> None:
        """The drag is over."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _KEYS or not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            if kind == QEvent.Type.KeyPress:
                self.cancelled.emit()
            return True
        if event.key() == Qt.Key.Key_Alt and kind != QEvent.Type.ShortcutOverride:
            self.alt_changed.emit(kind == QEvent.Type.KeyPress)
            # The menu bar would take the focus.
            return True
        return False
