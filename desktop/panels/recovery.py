"""What a session that broke off has left: to be recovered or discarded."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.widgets import label, push_button


@dataclass(frozen=True)
class RecoverableItem:
    """Edits that were made and not saved.

    Attributes:
        path: The journal or project, as it is handed back.
        name: What the user calls the project.
        edits: How many there are.
    """

    path: str
    name: str
    edits: int


class RecoveryOffer(QFrame):
    """One project that was not closed properly."""

    recover_wanted = Signal(str)
    discard_wanted = Signal(str)

    def __init__(self, item: RecoverableItem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        sentence = (
            tr("'{name}' was not closed properly: one edit is not saved", name=item.name)
            if item.edits == 1
            else tr(
                "'{name}' was not closed properly: {edits} edits are not saved",
                name=item.name,
                edits=item.edits,
            )
        )
        self.setAccessibleName(sentence)
        text = label(sentence, wrap=True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setToolTip(item.path)
        self.recover = push_button(
            tr("Recover"), tr("Open it as it was after the last edit"), "primary"
        )
        self.discard = push_button(tr("Discard"), tr("Keep what was saved last"))
        self.recover.clicked.connect(lambda: self.recover_wanted.emit(item.path))
        self.discard.clicked.connect(lambda: self.discard_wanted.emit(item.path))
        for button in (self.recover, self.discard):
            button.setAccessibleName(f"{button.text()}: {item.name}")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING + 4, 6, 6, 6)
        row.setSpacing(theme.SPACING)
        row.addWidget(text, 1)
        row.addWidget(self.recover)
        row.addWidget(self.discard)
