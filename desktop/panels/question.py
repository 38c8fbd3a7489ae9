"""Asks once more in its place, before something goes that does not come back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.widgets import WrappedText, announce, push_button


class Question(QFrame):
    """A question with two answers; nothing else is in the way while it is asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._act: Callable[[], object] | None = None
        self._before: QWidget | None = None
        self.text = WrappedText("")
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.confirm = push_button("", role="danger")
        self.keep = push_button(tr("Cancel"), tr("Change nothing"))
        answers = QHBoxLayout()
        answers.setSpacing(theme.SPACING)
        answers.addStretch(1)
        answers.addWidget(self.keep)
        answers.addWidget(self.confirm)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACING + 4, theme.SPACING, theme.SPACING, theme.SPACING)
        column.setSpacing(theme.SPACING)
        column.addWidget(self.text)
        column.addLayout(answers)
        self.confirm.clicked.connect(self._confirmed)
        self.keep.clicked.connect(self.take_back)
        self.hide()

    def ask(self, text: str, answer: str, act: Callable[[], object]) -> None:
        """Asks; a question that was asked before is taken back.

        Args:
            text: The question.
            answer: The words of the button that does it.
            act: What it does.
        """
        if self._act is None:
            self._before = QApplication.focusWidget()
        self._act = act
        self.text.set_text(text)
        self.confirm.setText(answer)
        self.confirm.setAccessibleName(answer)
        self.show()
        self.keep.setFocus()
        announce(self, text)

    def take_back(self) -> None:
        """Asks no more; the focus goes back to where it was."""
        self._act = None
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.take_back()
        else:
            super().keyPressEvent(event)

    def _confirmed(self) -> None:
        act = self._act
        self.take_back()
        if act is not None:
            act()
