"""Paints the picture of the player, with guides over it."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtMultimedia import QVideoFrame
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme
from desktop.i18n import tr
from desktop.player import guides


class VideoView(QWidget):
    """The picture. QVideoWidget cannot be grabbed or painted over, so pictures are handed in.

    Signals:
        full_screen_wanted: The view was double-clicked.
    """

    full_screen_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: QVideoFrame | None = None
        self._image = QImage()
        self._shape = QSize()
        self._message = ""
        self._aspect: Fraction | None = None
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

    def set_aspect(self, aspect: Fraction | None) -> None:
        """Shades what the short will not show; None shows all."""
        self._aspect = aspect
        self.update()

    def set_safe_area(self, visible: bool) -> None:
        """Outlines where action (90 %) and titles (80 %) are safe in what the short shows."""
        self._safe_area = visible
        self.update()

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
            self.full_screen_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.STAGE))
        image = self.image()
        if image.isNull():
            if self._message:
                guides.paint_message(painter, QRectF(self.rect()), self._message)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = self._shape if not self._shape.isEmpty() else image.size()
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        place = QRectF(left, top, size.width(), size.height())
        painter.drawImage(place, image)
        kept = place
        if self._aspect is not None:
            kept = guides.kept_area(place, float(self._aspect))
            guides.paint_kept_area(painter, place, kept)
        if self._safe_area:
            guides.paint_safe_areas(painter, kept)
