"""What is shown while no video is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from desktop import theme


class DropArea(QFrame):
    """An invitation: drop a video, or try the sample."""

    sample_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        colour = theme.palette().accent
        label = QLabel(
            f'Drop a video, or <a href="sample" style="color:{colour}">try the sample</a>'
        )
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        links = Qt.TextInteractionFlag
        label.setTextInteractionFlags(
            links.LinksAccessibleByMouse | links.LinksAccessibleByKeyboard
        )
        label.linkActivated.connect(lambda link: self.sample_wanted.emit())
        QVBoxLayout(self).addWidget(label)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.open_wanted.emit()
