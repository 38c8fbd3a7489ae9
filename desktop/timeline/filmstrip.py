"""Small pictures along the timeline."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from core.analysis.analysis import Analysis
from desktop.timeline.lane import Lane


def thumbnail_at(analysis: Analysis, seconds: float) -> QImage:
    """The thumbnail of the cell that a time falls into; a null image if not known."""
    rows = analysis.tracks.get("thumbnails")
    if rows is None or len(rows) == 0:
        return QImage()
    index = analysis.grid.index(max(0.0, seconds))
    if index >= len(rows):
        return QImage()
    picture = np.ascontiguousarray(rows[index])
    height, width, _ = picture.shape
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()


class Filmstrip(Lane):
    """As many thumbnails side by side as there is room for."""

    def __init__(self, axis: pg.AxisItem) -> None:
        super().__init__("", 40, 0.0, 1.0, axis)
        self.box.invertY(True)
        self._pictures = _Pictures()
        self.addItem(self._pictures, ignoreBounds=True)

    def open(self, duration: float) -> None:
        super().open(duration)
        self._pictures.forget()

    def show_analysis(self, analysis: Analysis) -> None:
        self._pictures.set_analysis(analysis, self.duration)


class _Pictures(pg.GraphicsObject):
    def __init__(self) -> None:
        super().__init__()
        self._analysis: Analysis | None = None
        self._duration = 0.0
        self._known = 0

    def set_analysis(self, analysis: Analysis, duration: float) -> None:
        known = len(analysis.tracks.get("thumbnails", ()))
        if duration != self._duration:
            self.prepareGeometryChange()
        changed = self._analysis is None or known != self._known or duration != self._duration
        self._analysis, self._duration, self._known = analysis, duration, known
        if changed:
            self.update()

    def forget(self) -> None:
        self._analysis, self._known = None, 0
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._duration, 1)

    def viewRangeChanged(self) -> None:
        """The view moved or zoomed."""
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        box = self.getViewBox()
        if self._analysis is None or box is None or not self._known:
            return
        (low, high), _ = box.viewRange()
        first = self._analysis.tracks["thumbnails"][0]
        pixels = max(box.width(), 1.0)
        tile = box.height() * first.shape[1] / first.shape[0] * (high - low) / pixels
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        end = min(high, self._known * float(self._analysis.grid.step))
        index = int(low / tile)
        while index * tile < end:
            image = thumbnail_at(self._analysis, (index + 0.5) * tile)
            painter.drawImage(QRectF(index * tile, 0, tile, 1), image)
            index += 1
