"""Small pictures along the timeline."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from core.analysis.analysis import Analysis
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight

_MOST_KEPT = 512


def thumbnail_at(analysis: Analysis, seconds: float) -> QImage:
    """The thumbnail of the cell that a time falls into; a null image if not known."""
    return _thumbnail(analysis, analysis.grid.index(max(0.0, seconds)))


def _thumbnail(analysis: Analysis, cell: int) -> QImage:
    rows = analysis.tracks.get("thumbnails", ())
    if cell >= len(rows):
        return QImage()
    picture = np.ascontiguousarray(rows[cell])
    height, width, _ = picture.shape
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()


class Filmstrip(Lane):
    """As many thumbnails side by side as there is room for."""

    track = "thumbnails"

    def __init__(self) -> None:
        super().__init__(tr("Frames"), 44, 0.0, 1.0, tr("Pictures of the video"))
        self._analysis: Analysis | None = None
        self._pixels = 0
        self._kept: dict[int, QPixmap] = {}

    def open(self, duration: float) -> None:
        self._analysis = None
        self._kept.clear()
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        before = self._analysis
        self._analysis = analysis
        if before is None or len(before.tracks.get("thumbnails", ())) != len(
            analysis.tracks.get("thumbnails", ())
        ):
            self.redraw()

    def draw(self, painter: QPainter, sight: Sight) -> None:
        rows = None if self._analysis is None else self._analysis.tracks.get("thumbnails")
        if self._analysis is None or rows is None or len(rows) == 0:
            return
        wide = sight.height * rows.shape[2] / rows.shape[1]
        tile = wide * sight.pixel
        step = float(self._analysis.grid.step)
        end = min(sight.high, self.duration, len(rows) * step)
        pixels = round(sight.height * painter.device().devicePixelRatioF())
        if pixels != self._pixels:
            self._kept.clear()
            self._pixels = pixels
        painter.save()
        known = sight.x(min(self.duration, len(rows) * step))
        painter.setClipRect(QRectF(0, 0, min(known, sight.width), sight.height))
        for index in range(int(sight.low / tile), int(end / tile) + 1):
            cell = min(int((index + 0.5) * tile / step), len(rows) - 1)
            painter.drawPixmap(round(sight.x(index * tile)), 0, self._picture(cell, painter))
        painter.restore()

    def _picture(self, cell: int, painter: QPainter) -> QPixmap:
        found = self._kept.get(cell)
        if found is None and self._analysis is not None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            small = _thumbnail(self._analysis, cell)
            # A pixel more than is needed, so that rounding leaves no gap to the next.
            width = ceil(small.width() * self._pixels / small.height()) + 1
            image = small.scaled(
                width,
                self._pixels,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            found = QPixmap.fromImage(image)
            found.setDevicePixelRatio(painter.device().devicePixelRatioF())
            self._kept[cell] = found
        return found or QPixmap()
