"""A text on one line that gives way when there is little room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme


class ElidedLabel(QWidget):
    """Shows as much of a text as there is room for, and all of it in its tooltip.

    Args:
        role: ``secondary`` for a text of less weight.
        least: Pixels that it keeps in a narrow window.
        most: Pixels that it takes at most.
        elide: Which part of the text gives way.
        parent: Owner.
    """

    def __init__(
        self,
        role: str = "",
        *,
        least: int,
        most: int,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.text = ""
        self._least = least
        self._most = most
        self._elide = elide
        colours = theme.palette()
        colour = colours.secondary if role == "secondary" else colours.text
        self.setStyleSheet(f"background: transparent; color: {colour};")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str, tip: str = "") -> None:
        """Shows another text; the tooltip says it too unless there is another one."""
        self.text = text
        self.setToolTip(tip or text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(min(self._most, metrics.horizontalAdvance(self.text) + 2), metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._least, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text, self._elide, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
