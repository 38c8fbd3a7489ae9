"""A bug, and the report about it: a panel, not a dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.files import replace_file
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.widgets import Float, WrappedText, announce, label, push_button


class ErrorDetails(QFrame):
    """What happened, with a report to read, copy and save; nothing is sent.

    Args:
        message: What happened, as a sentence.
        report: See :func:`desktop.crash.report`.
        parent: The widget around.
    """

    closed = Signal()

    def __init__(self, message: str, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("severity", "error")
        self._told = tr_message(message)
        self.setAccessibleName(tr("Problem: {message}", message=self._told))
        self._message = message
        self._report = report
        self.text = QPlainTextEdit(report, readOnly=True, tabChangesFocus=True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setMinimumHeight(200)
        self.text.setAccessibleName(tr("Report"))
        self.text.hide()
        self.expand = push_button(tr("Show report"), tr("What a developer needs to know"))
        self.copy = push_button(tr("Copy report"), tr("Nothing is sent; you decide who gets it"))
        self.save = push_button(tr("Save report…"), tr("Nothing is sent; you decide who gets it"))
        self.close_button = push_button(tr("Close"))
        self._state = label(role="secondary", wrap=True)
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._state.hide()
        self.expand.clicked.connect(lambda: self._expand(self.text.isHidden()))
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._ask_where)
        self.close_button.clicked.connect(self._close)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACING)
        buttons.addWidget(self.expand)
        buttons.addStretch()
        for button in (self.copy, self.save, self.close_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [2 * theme.SPACING]))
        column.setSpacing(theme.SPACING)
        column.addWidget(WrappedText(self._told))
        column.addWidget(self.text, 1)
        column.addWidget(self._state)
        column.addLayout(buttons)

    def float_over(self, widget: QWidget, clear_of: QWidget | None = None) -> None:
        """Lies over the lower end of a widget; ``clear_of`` stays uncovered."""
        Float(self, widget, clear_of=clear_of, widest=800)
        self.show()
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self._told, urgent=True)

    def save_to(self, path: Path) -> None:
        """Writes the report to a file, and says whether that went well."""
        try:
            replace_file(path, self._whole().encode())
        except OSError as error:
            self._say(
                tr(
                    "The report cannot be saved: {path} ({error}).",
                    path=path,
                    error=tr_message(str(error.strerror)),
                )
            )
        else:
            self._say(tr("Saved: {path}", path=path))

    def _whole(self) -> str:
        return f"{self._message}\n\n{self._report}"

    def _expand(self, on: bool) -> None:
        self.text.setVisible(on)
        self.expand.setText(tr("Hide report") if on else tr("Show report"))
        self.expand.setAccessibleName(self.expand.text())

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._whole())
        self._say(tr("Copied."))

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save report"), "emotion-shortform-report.txt", tr("Text (*.txt)")
        )
        if name:
            self.save_to(Path(name))

    def _say(self, text: str) -> None:
        self._state.setText(text)
        self._state.show()
        announce(self, text)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
        self.deleteLater()
