"""The picture on the whole screen; its controls come with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import tr
from desktop.player.transport import Transport
from desktop.player.video_view import VideoView
from desktop.widgets import single_timer

_QUIET = 2000
_LEAVING_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_F11)


class FullScreen(QWidget):
    """Borrows the view and the transport of a window, and gives them back.

    A double click on the view or the button of the transport enters; Esc, F11 or another double
    click leaves. The actions of the window go on working by their keys.

    Signals:
        changed: Whether the picture is on the whole screen.
    """

    changed = Signal(bool)

    def __init__(self, view: VideoView, transport: Transport) -> None:
        super().__init__()
        self._view = view
        self._transport = transport
        self._places: list[tuple[QWidget, QWidget]] = []
        self._lent_by: QWidget | None = None
        self.setWindowTitle(tr("Full screen"))
        self.setMouseTracking(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._quiet = single_timer(self, _QUIET)
        self._quiet.timeout.connect(self._hide_controls)
        view.full_screen_wanted.connect(self.toggle)
        transport.full_screen_wanted.connect(self.toggle)

    @property
    def active(self) -> bool:
        """Whether the picture is on the whole screen."""
        return bool(self._places)

    def toggle(self) -> None:
        """Enters or leaves."""
        if self.active:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Shows the picture on the screen that its window is on."""
        if self.active:
            return
        window = self._view.window()
        self._lent_by = window
        for widget in (self._view, self._transport):
            self._borrow(widget)
        self._layout.addWidget(self._view)
        self._transport.setParent(self)
        for watched in (self._view, self._transport):
            watched.setMouseTracking(True)
            watched.installEventFilter(self)
        self.addActions(window.actions())
        self.setScreen(window.screen())
        self.setGeometry(window.screen().geometry())
        self.showFullScreen()
        self._view.show()
        self._show_controls()
        self.changed.emit(True)

    def leave(self) -> None:
        """Puts everything back."""
        if not self.active:
            return
        self._quiet.stop()
        self._view.unsetCursor()
        for widget, placeholder in self._places:
            widget.removeEventFilter(self)
            holder = placeholder.parentWidget()
            layout = holder.layout() if holder is not None else None
            if layout is not None:
                layout.replaceWidget(placeholder, widget)
            placeholder.setParent(None)
            placeholder.deleteLater()
            widget.show()
        self._places.clear()
        for action in self.actions():
            self.removeAction(action)
        self.hide()
        if self._lent_by is not None:
            self._lent_by.activateWindow()
            self._lent_by = None
        self.changed.emit(False)

    def event(self, event: QEvent) -> bool:
        """Takes the keys that leave before an action of the window gets them."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _LEAVING_KEYS
        ):
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The mouse brings the controls."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.Enter):
            self._show_controls()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _LEAVING_KEYS:
            self.leave()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_controls()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.leave()
        super().closeEvent(event)

    def _borrow(self, widget: QWidget) -> None:
        placeholder = QWidget()
        placeholder.setSizePolicy(widget.sizePolicy())
        placeholder.setMinimumSize(widget.size())
        holder = widget.parentWidget()
        layout = holder.layout() if holder is not None else None
        if layout is not None:
            layout.replaceWidget(widget, placeholder)
        self._places.append((widget, placeholder))

    def _show_controls(self) -> None:
        if not self.active:
            return
        self._view.unsetCursor()
        self._place_controls()
        self._transport.show()
        self._transport.raise_()
        self._quiet.start()

    def _hide_controls(self) -> None:
        if self._transport.underMouse():
            self._quiet.start()
            return
        self._transport.hide()
        self._view.setCursor(Qt.CursorShape.BlankCursor)

    def _place_controls(self) -> None:
        if self.active:
            height = self._transport.sizeHint().height()
            self._transport.setGeometry(0, self.height() - height, self.width(), height)
