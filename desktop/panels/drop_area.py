"""The invitation while no video is open."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QFocusEvent, QHideEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.widgets import push_button


class DropArea(QFrame):
    """Drop a video, open one, or try the sample.

    The window around takes what is dropped, wherever on it; this area only shows that it would.
    """

    sample_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        colours = theme.palette()
        self.setStyleSheet(
            f"#drop:hover {{ border-color: {colours.secondary}; }}"
            f'#drop[over="true"] {{ border: 2px solid {colours.accent};'
            f" background: {colours.panel}; }}"
            "#drop QLabel { background: transparent; }"
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(140)
        sample = f'<a href="sample" style="color:{colours.accent}">{tr("try the sample")}</a>'
        self._watched: QWidget | None = None
        self._text = _Sentence(tr("Drop a video, or {sample}", sample=sample))
        self._text.setTextFormat(Qt.TextFormat.RichText)
        links = Qt.TextInteractionFlag
        self._text.setTextInteractionFlags(
            links.LinksAccessibleByMouse | links.LinksAccessibleByKeyboard
        )
        self._text.setAccessibleName(tr("Drop a video, or {sample}", sample=tr("try the sample")))
        self._text.linkActivated.connect(lambda link: self.sample_wanted.emit())
        self.open_button = push_button(tr("Open…"), tr("Open a video ({keys})", keys="Ctrl+O"))
        self.open_button.clicked.connect(self.open_wanted)
        column = QVBoxLayout(self)
        column.setSpacing(2 * theme.SPACING)
        column.addStretch()
        column.addWidget(self._text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def show_drag(self, over: bool) -> None:
        """Stands out while a file is held over the window."""
        self.setProperty("over", over)
        self.style().unpolish(self)
        self.style().polish(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            self.show_drag(any(url.isLocalFile() for url in event.mimeData().urls()))
        elif event.type() in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self.show_drag(False)
        return False

    def showEvent(self, event: QShowEvent) -> None:
        self._watched = self.window()
        self._watched.installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched = None
        self.show_drag(False)
        super().hideEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        left = event.button() is Qt.MouseButton.LeftButton
        if left and self.rect().contains(event.position().toPoint()):
            self.open_wanted.emit()


class _Sentence(QLabel):
    """A text whose link has the focus as soon as the tabulator comes to it."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focusNextPrevChild(True)
