"""Messages in the window: nothing modal, nothing lost, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.widgets import (
    Float,
    WrappedText,
    announce,
    icon_button,
    label,
    push_button,
    single_timer,
)

_MOST = 3
_STAY = 10_000
_SHORT_WAIT = 300
_STEPS = 1000

Act = Callable[[], None]


class Kind(IntEnum):
    """What a message is; the lower one makes room for the higher one."""

    INFORMATION = 0
    ERROR = 1
    PROGRESS = 2


class Notices(QWidget):
    """The latest messages.

    Errors stay until they are closed; what is good to know goes after a while, unless the pointer
    or the focus is on it.

    Args:
        parent: The widget around.
        stay: Milliseconds that information stays.
    """

    def __init__(self, parent: QWidget | None = None, *, stay: int = _STAY) -> None:
        super().__init__(parent)
        self._stay = stay
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.SPACING, 0, theme.SPACING, 4)
        self._column.setSpacing(4)
        self.setAccessibleName(tr("Messages"))
        self.hide()

    def float_over(self, widget: QWidget, clear_of: QWidget | None = None) -> None:
        """Lies over the lower end of a widget instead of taking room in a layout.

        Args:
            widget: What is covered; messages are as wide as it allows.
            clear_of: A part of it along its lower end that is never covered.
        """
        Float(self, widget, clear_of=clear_of)

    def error(
        self, message: str, report: str = "", *, action: str = "", act: Act | None = None
    ) -> None:
        """Says what went wrong.

        Args:
            message: A sentence, starting with a capital or made to.
            report: What "Copy report" puts into the clipboard besides.
            action: The text of a button; it closes the message.
            act: What that button does.
        """
        self._say(message, Kind.ERROR, report, action, act)

    def inform(self, message: str, *, action: str = "", act: Act | None = None) -> None:
        """Says what is good to know, perhaps with one button ("Undo", "Show")."""
        self._say(message, Kind.INFORMATION, "", action, act)

    def progress(self, title: str) -> Progress:
        """Shows a wait that can be cancelled, from when it lasts longer than 300 ms.

        The handle lives until its ``finish()`` is called.
        """
        return Progress(self, title)

    def messages(self) -> list[str]:
        """The texts that are shown, the oldest first."""
        return [notice.text for notice in self._notices()]

    def clear(self) -> None:
        """Closes all messages; what still goes on stays visible."""
        for notice in self._notices():
            if notice.kind is not Kind.PROGRESS:
                self.take_away(notice)

    def put(self, notice: Notice) -> None:
        """Shows a message and makes room for it."""
        shown = self._notices()
        for old in sorted(shown, key=lambda old: old.kind)[: max(0, len(shown) + 1 - _MOST)]:
            self.take_away(old)
        self._column.addWidget(notice)
        self.show()
        announce(notice, notice.text, urgent=notice.kind is Kind.ERROR)

    def take_away(self, notice: Notice) -> None:
        """Closes one message."""
        notice.end()
        self._column.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        self.setVisible(bool(self._notices()))

    def _notices(self) -> list[Notice]:
        return [child for child in self.children() if isinstance(child, Notice) and child.open]

    def _say(self, message: str, kind: Kind, report: str, action: str, act: Act | None) -> None:
        message = tr_message(message)
        message = message[:1].upper() + message[1:]
        for same in [notice for notice in self._notices() if notice.text == message]:
            if not action:
                same.rest()
                return
            self.take_away(same)
        notice = Notice(message, kind, self._stay if kind is Kind.INFORMATION else 0)
        if action and act is not None:
            button = notice.add_button(action)
            button.clicked.connect(lambda: self._act(notice, act))
        if report:
            copy = notice.add_button(tr("Copy report"))
            copy.clicked.connect(lambda: QApplication.clipboard().setText(f"{message}\n\n{report}"))
        notice.closed.connect(lambda: self.take_away(notice))
        self.put(notice)

    def _act(self, notice: Notice, act: Act) -> None:
        self.take_away(notice)
        act()


class Notice(QFrame):
    """One message: its text, buttons, and one to close it."""

    closed = Signal()

    def __init__(self, message: str, kind: Kind, stay: int = 0) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.text = message
        self.kind = kind
        self.open = True
        self.setProperty("severity", "error" if kind is Kind.ERROR else "information")
        self.setAccessibleName(
            tr("Problem: {message}", message=message) if kind is Kind.ERROR else message
        )
        self.close_button = icon_button("close", tr("Close this message"), role="flat")
        self.close_button.clicked.connect(self.closed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.SPACING + 4, 6, 6, 6)
        self._row.setSpacing(theme.SPACING)
        self._row.addWidget(WrappedText(message), 1, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = single_timer(self, stay)
        self._stay = stay
        if stay:
            self._timer.timeout.connect(self.closed)
            self._timer.start()
            for part in self.findChildren(QWidget):
                part.installEventFilter(self)

    def add_button(self, text: str) -> QPushButton:
        """A button before the one that closes."""
        button = push_button(text)
        self._row.insertWidget(self._row.count() - 1, button, 0, Qt.AlignmentFlag.AlignTop)
        if self._stay:
            button.installEventFilter(self)
        return button

    def rest(self) -> None:
        """Stays as long again, and as long as the pointer or the focus is here."""
        if not self._stay or not self.open:
            return
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.stop()
        else:
            self._timer.start()

    def end(self) -> None:
        """Is not shown any more."""
        self.open = False
        self._timer.stop()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.rest()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.rest()
        return False


class Progress(QObject):
    """A wait, as the work sees it; nothing is shown if the work ends at once.

    ``cancel_wanted`` is emitted once, when the user wants the work to stop.
    """

    cancel_wanted = Signal()

    def __init__(self, notices: Notices, title: str) -> None:
        super().__init__(notices)
        self._notices = notices
        self._title = title
        self._notice: _Wait | None = None
        self._finished = False
        self._told = (-1.0, "")
        self._soon = single_timer(self, _SHORT_WAIT)
        self._soon.timeout.connect(self._show)
        self._soon.start()

    def show_progress(self, fraction: float, message: str = "") -> None:
        """How far the work is, 0…1; below 0 if nobody knows."""
        self._told = (fraction, message)
        if self._notice is not None and self._notice.open:
            self._notice.tell(fraction, message)

    def finish(self) -> None:
        """The work has ended, well or not; may be called again."""
        if self._finished:
            return
        self._finished = True
        self._soon.stop()
        if self._notice is not None and self._notice.open:
            self._notices.take_away(self._notice)
        self.deleteLater()

    def _show(self) -> None:
        self._notice = _Wait(self._title)
        self._notice.closed.connect(self.cancel_wanted)
        self._notice.tell(*self._told)
        self._notices.put(self._notice)


class _Wait(Notice):
    """The message of a wait: its button stops the work, and it stays until that has ended."""

    def __init__(self, title: str) -> None:
        super().__init__(title, Kind.PROGRESS)
        self.close_button.hide()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName(title)
        self._message = label(role="secondary")
        self._message.setFont(theme.tabular(self.font()))
        self._cancel = push_button(tr("Cancel"))
        self._cancel.clicked.connect(self._stop)
        for place, part in enumerate((self._bar, self._message, self._cancel), start=1):
            self._row.insertWidget(place, part, 0, Qt.AlignmentFlag.AlignVCenter)

    def tell(self, fraction: float, message: str) -> None:
        """Shows how far it is; a range without an end runs to and fro."""
        self._bar.setRange(0, _STEPS if fraction >= 0 else 0)
        self._bar.setValue(round(_STEPS * fraction))
        self._bar.setToolTip(tr_message(message))
        if self._cancel.isEnabled():
            self._message.setText(f"{fraction:.0%}" if fraction >= 0 else "")

    def _stop(self) -> None:
        self._cancel.setEnabled(False)
        self._message.setText(tr("Stopping…"))
        self.closed.emit()
