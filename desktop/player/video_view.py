"""Paints the frames of the player, with the outline of the chosen shape over them."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtMultimedia import QVideoFrame, QVideoSink
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme

_SHADE = QColor(0, 0, 0, 150)


class VideoView(QWidget):
    """The picture. QVideoWidget cannot be grabbed or painted over, so frames come by a sink."""

    frame_shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sink = QVideoSink(self)
        self.sink.videoFrameChanged.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._image = QImage()
        self._aspect: Fraction | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 135)
        self.setAccessibleName("Video")

    def sizeHint(self) -> QSize:
        return QSize(854, 480)

    def clear(self) -> None:
        """Forgets the picture of the video before."""
        self._image = QImage()
        self.update()

    def set_aspect(self, aspect: Fraction | None) -> None:
        """Shades what the short will not show; None shows all."""
        self._aspect = aspect
        self.update()

    def has_picture(self) -> bool:
        """Whether a frame is shown."""
        return not self._image.isNull()

    def _take(self, frame: QVideoFrame) -> None:
        if frame.isValid():
            self._image = frame.toImage()
            self.update()
            self.frame_shown.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.STAGE))
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        place = QRectF(left, top, size.width(), size.height())
        painter.drawImage(place, self._image)
        if self._aspect is not None:
            self._shade(painter, place, float(self._aspect))

    def _shade(self, painter: QPainter, place: QRectF, aspect: float) -> None:
        width = min(place.width(), place.height() * aspect)
        height = min(place.height(), place.width() / aspect)
        inner = QRectF(0, 0, width, height)
        inner.moveCenter(place.center())
        for outer in (
            QRectF(place.left(), place.top(), inner.left() - place.left(), place.height()),
            QRectF(inner.right(), place.top(), place.right() - inner.right(), place.height()),
            QRectF(inner.left(), place.top(), inner.width(), inner.top() - place.top()),
            QRectF(inner.left(), inner.bottom(), inner.width(), place.bottom() - inner.bottom()),
        ):
            painter.fillRect(outer, _SHADE)
        painter.setPen(QColor(theme.palette().accent))
        painter.drawRect(inner)
