"""The emotion ribbon: colour and letter say which, height how sure; a thin line says silence."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from core.analysis.analysis import EMOTION_COLUMNS, EMOTION_TRACK, Analysis
from core.networks.emotion_classes import EMOTIONS
from desktop import theme
from desktop.timeline.lane import Lane

SILENCE_COLOUR = "#9aa3af"

_CONFIDENCE = EMOTION_COLUMNS.index("confidence")
_LEVELS = 24
_SILENCE_LEVEL = _LEVELS // 2
_LEAST_LETTER_PIXELS = 14


class EmotionRibbon(Lane):
    """The strongest emotion of each cell, as high as it is sure.

    A line at half height, where no colour ever begins, says that nobody speaks; what is not
    analysed yet stays empty.
    """

    def __init__(self) -> None:
        super().__init__("Emotion", 32, 0.0, 1.0)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._letters = _Letters()
        self.addItem(self._image, ignoreBounds=True)
        self.addItem(self._letters, ignoreBounds=True)
        self._colours = np.array(
            [QColor(theme.EMOTION_COLOURS[name]).getRgb() for name in EMOTIONS], np.uint8
        )
        self._silence = np.array(QColor(SILENCE_COLOUR).getRgb(), np.uint8)

    def open(self, duration: float) -> None:
        super().open(duration)
        self._image.clear()
        self._letters.set_runs([], duration)

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get(EMOTION_TRACK)
        if rows is None or len(rows) == 0:
            return
        claimed = np.isfinite(rows[:, 0])
        strongest = np.nan_to_num(rows[:, : len(EMOTIONS)]).argmax(axis=1)
        # A claim that is hardly sure still shows its colour.
        height = np.where(claimed, np.maximum(1, np.rint(rows[:, _CONFIDENCE] * _LEVELS)), 0)
        image = self._colours[strongest][None].repeat(_LEVELS, axis=0)
        image[:, :, 3] = np.where(np.arange(_LEVELS)[:, None] < height, 255, 0)
        image[_SILENCE_LEVEL, ~claimed] = self._silence
        self._image.setImage(image, autoLevels=False)
        step = float(analysis.grid.step)
        self._image.setRect(QRectF(0, 0, len(rows) * step, 1))
        spoken = np.where(claimed, strongest, -1)
        borders = np.flatnonzero(np.diff(spoken)) + 1
        starts = np.concatenate(([0], borders))
        ends = np.concatenate((borders, [len(spoken)]))
        runs = [
            (float(a) * step, float(b) * step, theme.EMOTION_LETTERS[EMOTIONS[spoken[a]]])
            for a, b in zip(starts, ends, strict=True)
            if spoken[a] >= 0
        ]
        self._letters.set_runs(runs, self.duration)

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        rows = analysis.tracks.get(EMOTION_TRACK)
        index = analysis.grid.index(seconds)
        if rows is None or index >= len(rows):
            return ""
        if not np.isfinite(rows[index, 0]):
            return "no speech"
        strongest = int(rows[index, : len(EMOTIONS)].argmax())
        return f"{EMOTIONS[strongest]}, {rows[index, _CONFIDENCE] * 100:.0f} % sure"


class _Letters(pg.GraphicsObject):
    """One letter per run of an emotion, where there is room; outlined, as the ribbon may be low."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[tuple[float, float, str]] = []
        self._borders = np.zeros((0, 2))
        self._duration = 0.0
        self._font = QFont()
        self._font.setPixelSize(11)
        self._font.setBold(True)
        self._outline = QPen(QColor(theme.palette().background), 3.0)
        self._outline.setJoinStyle(Qt.PenJoinStyle.RoundJoin)

    def set_runs(self, runs: list[tuple[float, float, str]], duration: float) -> None:
        if duration != self._duration:
            self.prepareGeometryChange()
        if runs != self._runs or duration != self._duration:
            self._runs, self._duration = runs, duration
            self._borders = np.array([run[:2] for run in runs], np.float64).reshape(-1, 2)
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
        if box is None:
            return
        (low, high), _ = box.viewRange()
        transform = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self._font)
        letters = QPainterPath()
        shown = np.clip(self._borders, low, high)
        least = _LEAST_LETTER_PIXELS * (high - low) / max(1.0, box.width())
        for index in np.flatnonzero(shown[:, 1] - shown[:, 0] >= least):
            begin, end, letter = self._runs[index]
            left = transform.map(QPointF(max(begin, low), 0.0))
            right = transform.map(QPointF(min(end, high), 0.55))
            middle = (left + right) / 2
            letters.addText(
                middle.x() - metrics.horizontalAdvance(letter) / 2,
                middle.y() + metrics.capHeight() / 2,
                self._font,
                letter,
            )
        painter.strokePath(letters, self._outline)
        painter.fillPath(letters, QColor(theme.palette().text))
        painter.restore()
