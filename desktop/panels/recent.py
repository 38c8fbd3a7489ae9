"""The projects that were open lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.widgets import icon_button, label

_WEEK = 7


@dataclass(frozen=True)
class RecentItem:
    """A project that was open lately.

    Attributes:
        path: The project's or the video's file, as it is handed back.
        name: What the user calls it.
        folder: Where it is.
        when: It was open last, in local time; None if nobody knows.
        gone: The file is not there any more; whoever makes the item looks, in a job.
    """

    path: str
    name: str
    folder: str
    when: datetime | None = None
    gone: bool = False


class RecentList(QWidget):
    """One row each: a click opens it; what is gone can only be forgotten."""

    recent_wanted = Signal(str)
    forget_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(label(tr("RECENT"), "heading"))
        self.hide()

    def set_items(self, items: Sequence[RecentItem]) -> None:
        """Shows these, in this order; nothing at all if there are none."""
        for row in self.findChildren(_Row):
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for item in items:
            row = _Row(item)
            row.open.clicked.connect(lambda *, path=item.path: self.recent_wanted.emit(path))
            row.forget.clicked.connect(lambda *, path=item.path: self.forget_wanted.emit(path))
            self._column.addWidget(row)
        self.setVisible(bool(items))


class _Row(QWidget):
    def __init__(self, item: RecentItem) -> None:
        super().__init__()
        self.open = _Entry(item, _state(item))
        self.forget = icon_button("close", tr("Remove from this list"), role="flat")
        self.forget.setAccessibleName(tr("Remove {name} from this list", name=item.name))
        self.forget.setVisible(item.gone)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.open, 1)
        row.addWidget(self.forget)


class _Entry(QPushButton):
    def __init__(self, item: RecentItem, when: str) -> None:
        super().__init__()
        self.setObjectName("flat")
        self.setEnabled(not item.gone)
        self.setToolTip(item.path)
        self.setAccessibleName(", ".join(filter(None, (item.name, item.folder, when))))
        self.setMinimumHeight(4 * theme.SPACING)
        self._folder = item.folder
        self._place = label(role="secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACING, 0, theme.SPACING, 0)
        row.setSpacing(2 * theme.SPACING)
        parts = (label(item.name), self._place, label(when, "secondary"))
        for part, stretch in zip(parts, (0, 1, 0), strict=True):
            part.setTextFormat(Qt.TextFormat.PlainText)
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part, stretch)
            if item.gone:
                part.setStyleSheet(f"color: {theme.palette().disabled};")
            else:
                part.setStyleSheet("background: transparent;")
        self._place.setMinimumWidth(40)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() // 2
        middle = Qt.TextElideMode.ElideMiddle
        self._place.setText(self.fontMetrics().elidedText(self._folder, middle, room))


def _state(item: RecentItem) -> str:
    if item.gone:
        return tr("not found")
    return day(item.when.date()) if item.when is not None else ""


def day(then: date, today: date | None = None) -> str:
    """A day as one would say it: today, yesterday, some days ago, or its date.

    Args:
        then: The day.
        today: Seen from there; by default from the present day.
    """
    ago = ((today or date.today()) - then).days
    if ago == 0:
        return tr("today")
    if ago == 1:
        return tr("yesterday")
    if 1 < ago < _WEEK:
        return tr("{days} days ago", days=ago)
    return then.isoformat()
