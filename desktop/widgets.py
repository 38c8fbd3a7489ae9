"""Small parts that many panels use."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QResizeEvent,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextEdit,
    QToolButton,
    QWidget,
)

from desktop import theme
from desktop.icons import icon


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A text; its role is a name that the style sheet knows."""
    made = QLabel(text)
    made.setObjectName(role)
    made.setWordWrap(wrap)
    return made


def icon_button(image: str, name: str, keys: str = "", role: str = "") -> QToolButton:
    """A button with an icon; its tooltip shows what it does and the shortcut."""
    made = QToolButton()
    made.setObjectName(role)
    made.setIcon(icon(image, _on_button(role)))
    made.setToolTip(with_keys(name, keys))
    made.setAccessibleName(name)
    return made


def with_keys(text: str, keys: str) -> str:
    """A tooltip: what is done, and the keys for it if there are any."""
    return f"{text} ({keys})" if keys else text


def push_button(text: str, tip: str = "", role: str = "", image: str = "") -> QPushButton:
    """A button with a text."""
    made = QPushButton(text)
    made.setObjectName(role)
    if image:
        made.setIcon(icon(image, _on_button(role)))
    made.setToolTip(tip)
    made.setAccessibleName(text)
    made.setAccessibleDescription(tip)
    return made


def single_timer(parent: QObject, milliseconds: int) -> QTimer:
    """A timer that fires once after it was started."""
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(milliseconds)
    return made


def announce(widget: QWidget, message: str, *, urgent: bool = False) -> None:
    """Lets a screen reader say something that came up without the focus.

    Args:
        widget: Where it came up.
        message: What is said.
        urgent: Interrupts what is being said.
    """
    event = QAccessibleAnnouncementEvent(widget, message)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)


class WrappedText(QTextEdit):
    """A text to read and to copy from, as high as it needs; long paths are broken anywhere."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTextEdit { background: transparent; border: none; padding: 0; }")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._measure = QTextDocument(self)
        self._measure.setDocumentMargin(0)
        self._measure.setDefaultTextOption(self.document().defaultTextOption())
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Shows another text."""
        self.setPlainText(text)
        self.setAccessibleName(text)
        self._measure.setPlainText(text)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # A bar that comes up on the way to the right size would take the room that keeps it up.
        policy, needed = Qt.ScrollBarPolicy, self.heightForWidth(self.width())
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if self.height() < needed else policy.ScrollBarAlwaysOff
        )
        super().resizeEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        self._measure.setDefaultFont(self.font())
        self._measure.setTextWidth(width)
        return round(self._measure.size().height()) + 1

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(320))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.fontMetrics().height())


class Float(QObject):
    """Keeps a panel above the bottom of another widget, whatever becomes of that one's size.

    Args:
        panel: What floats; it becomes a child of ``over``.
        over: What it floats over.
        clear_of: A widget in the lower part of ``over`` that stays uncovered.
        widest: Pixels that the panel has at most.
    """

    def __init__(
        self, panel: QWidget, over: QWidget, *, clear_of: QWidget | None = None, widest: int = 640
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._over = over
        self._clear_of = clear_of
        self._widest = widest
        panel.setParent(over)
        panel.installEventFilter(self)
        over.installEventFilter(self)
        step = clear_of
        while step is not None and step is not over:
            step.installEventFilter(self)
            step = step.parentWidget()
        self.settle()

    def settle(self) -> None:
        """Puts the panel where it belongs."""
        gap = 2 * theme.SPACING
        width = max(0, min(self._widest, self._over.width() - 2 * gap))
        bottom = self._over.height()
        if self._clear_of is not None and self._clear_of.isVisibleTo(self._over):
            bottom = self._clear_of.mapTo(self._over, self._clear_of.rect().topLeft()).y()
        bottom -= theme.SPACING
        layout = self._panel.layout()
        height = self._panel.sizeHint().height()
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalHeightForWidth(width)
        height = max(0, min(height, bottom - theme.SPACING))
        left = (self._over.width() - width) // 2
        self._panel.setGeometry(left, bottom - height, width, height)
        self._panel.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._panel:
            if kind in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
                self.settle()
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self.settle()
        return False


def _on_button(role: str) -> str:
    """The colour of an icon on a button of that role."""
    return theme.palette().on_accent if role == "primary" else ""
