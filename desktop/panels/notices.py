"""Messages in the window: nothing modal, nothing lost, never a traceback."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.widgets import icon_button, label

_MOST = 3


class Notices(QWidget):
    """The latest messages, each until it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.SPACING, 0, theme.SPACING, 4)
        self._column.setSpacing(4)
        self.hide()

    def error(self, message: str, report: str = "") -> None:
        """Says what went wrong; a report can be copied."""
        self._add(message, "error", report)

    def inform(self, message: str) -> None:
        """Says what is good to know."""
        self._add(message, "information", "")

    def messages(self) -> list[str]:
        """The texts that are shown, the oldest first."""
        return [notice.text for notice in self._notices()]

    def clear(self) -> None:
        """Closes all messages."""
        for notice in self._notices():
            self._close(notice)

    def _notices(self) -> list[_Notice]:
        return [child for child in self.children() if isinstance(child, _Notice) and child.open]

    def _add(self, message: str, severity: str, report: str) -> None:
        message = message[:1].upper() + message[1:]
        shown = self._notices()
        if message in (notice.text for notice in shown):
            return
        for notice in shown[: max(0, len(shown) + 1 - _MOST)]:
            self._close(notice)
        notice = _Notice(message, severity, report)
        notice.close_button.clicked.connect(lambda: self._close(notice))
        self._column.addWidget(notice)
        self.show()

    def _close(self, notice: _Notice) -> None:
        notice.open = False
        self._column.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        self.setVisible(bool(self._notices()))


class _Notice(QFrame):
    def __init__(self, message: str, severity: str, report: str) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.text = message
        self.open = True
        self.setProperty("severity", severity)
        text = label(message, wrap=True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = icon_button("close", "Close this message", role="flat")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING + 4, 6, 6, 6)
        row.addWidget(text, 1)
        if report:
            copy = QPushButton("Copy report")
            copy.clicked.connect(lambda: QApplication.clipboard().setText(f"{message}\n\n{report}"))
            row.addWidget(copy)
        row.addWidget(self.close_button)
