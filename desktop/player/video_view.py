"""Paints the picture of the player, with guides over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtMultimedia import QVideoFrame
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.player import guides
from desktop.player.caption_overlay import ShownCaption, paint_caption

Window = tuple[float, float, float, float]
"""Left and upper edge, width and height, as fractions of the upright picture."""

_WHEEL_STEP = 120


class VideoView(QWidget):
    """The picture. QVideoWidget cannot be grabbed or painted over, so pictures are handed in.

    Signals:
        full_screen_wanted: The view was double-clicked.
        window_grabbed: The mouse went down on the window of the short.
        window_dragged: How far the window was dragged since, right and down, as fractions of the
            picture.
        window_released: The mouse let it go, or lost hold of it.
        window_zoomed: The wheel was turned over the window: by how many steps, away is more.
    """

    full_screen_wanted = Signal()
    window_grabbed = Signal()
    window_dragged = Signal(float, float)
    window_released = Signal()
    window_zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: QVideoFrame | None = None
        self._image = QImage()
        self._shape = QSize()
        self._message = ""
        self._windows: tuple[Window, ...] = ()
        self._movable = False
        self._grabbed: QPointF | None = None
        self._caption: ShownCaption | None = None
        self._safe_area = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 135)
        self.setAccessibleName(tr("Video"))

    def sizeHint(self) -> QSize:
        return QSize(854, 480)

    def clear(self) -> None:
        """Forgets the picture of the video before."""
        self._frame = None
        self._image = QImage()
        self._message = ""
        self.update()

    def set_shape(self, width: int, height: int) -> None:
        """Width and height that pictures are meant to be shown in, whatever they are coded in."""
        self._shape = QSize(width, height)
        self.update()

    def set_windows(self, windows: Sequence[Window], *, movable: bool = False) -> None:
        """Shades what the short will not show.

        Args:
            windows: What it will show; none for all.
            movable: Whether the mouse can move the window.
        """
        if not movable:
            self.let_go()
        if (self._windows, self._movable) != (tuple(windows), movable):
            self._windows, self._movable = tuple(windows), movable
            self.update()

    def let_go(self) -> None:
        """Ends a drag of the window."""
        if self._grabbed is not None:
            self._grabbed = None
            self.unsetCursor()
            self.window_released.emit()

    @property
    def windows(self) -> tuple[Window, ...]:
        """What the short will show, as it was handed in."""
        return self._windows

    def place(self) -> QRectF:
        """Where the picture lies in the view."""
        shape = self._shape if not self._shape.isEmpty() else self.image().size()
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def set_safe_area(self, visible: bool) -> None:
        """Outlines where action (90 %) and titles (80 %) are safe in what the short shows."""
        self._safe_area = visible
        self.update()

    def set_caption(self, caption: ShownCaption | None) -> None:
        """Shows a caption over the picture, where it stands in the short; None for none."""
        if caption != self._caption:
            self._caption = caption
            self.update()

    @property
    def caption(self) -> ShownCaption | None:
        """The caption over the picture."""
        return self._caption

    def set_message(self, text: str) -> None:
        """What to say in place of a picture, as long as there is none."""
        self._message = text
        self.update()

    def show_frame(self, frame: QVideoFrame) -> None:
        """Shows a picture of QtMultimedia. It is converted only when it is painted."""
        self._frame = frame
        self.update()

    def show_image(self, image: QImage) -> None:
        """Shows a picture."""
        self._frame = None
        self._image = image
        self.update()

    def image(self) -> QImage:
        """The picture on show, without guides; null if there is none."""
        if self._frame is not None:
            self._image = self._frame.toImage()
            self._frame = None
        return self._image

    def picture_height(self) -> int:
        """Pixels that a picture of the present size of the view can show."""
        return round(self.height() * self.devicePixelRatioF())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.let_go()
            self.full_screen_wanted.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._over_window(event.position()):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.window_grabbed.emit()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None:
            super().mouseMoveEvent(event)
            return
        place, way = self.place(), event.position() - self._grabbed
        self.window_dragged.emit(way.x() / place.width(), way.y() / place.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and event.button() == Qt.MouseButton.LeftButton:
            self.let_go()
        else:
            super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y() and self._over_window(event.position()):
            self.window_zoomed.emit(event.angleDelta().y() / _WHEEL_STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.STAGE))
        image = self.image()
        if image.isNull():
            if self._message:
                guides.paint_message(painter, QRectF(self.rect()), self._message)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self.place()
        painter.drawImage(place, image)
        windows = [guides.in_picture(place, window) for window in self._windows]
        if windows:
            guides.paint_windows(painter, place, windows)
        if self._caption is not None:
            paint_caption(painter, self._caption, windows[-1] if windows else place, place)
        if self._safe_area:
            for shown in windows or [place]:
                guides.paint_safe_areas(painter, shown)

    def _over_window(self, position: QPointF) -> bool:
        place = self.place()
        return self._movable and any(
            guides.in_picture(place, window).contains(position) for window in self._windows
        )
