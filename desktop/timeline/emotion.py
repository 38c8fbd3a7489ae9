"""The emotion ribbon: colour and letter say which, height how sure; a thin line says silence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QGraphicsSceneMouseEvent, QMenu

from core.analysis.analysis import EMOTION_COLUMNS, EMOTION_TRACK, Analysis
from core.networks.emotion_classes import EMOTIONS
from core.time import Span
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.timeline.emotion_menu import corrections_of, emotion_names, fill_emotion_menu
from desktop.timeline.lane import Lane, Sight, cells_between

SILENCE_COLOUR = "#9aa3af"

_CONFIDENCE = EMOTION_COLUMNS.index("confidence")
_LEVELS = 24
_SILENCE_LEVEL = _LEVELS // 2
_LEAST_LETTER_PIXELS = 14
_STRIP = 4.0
_LEAST_PENCIL_PIXELS = 14


class EmotionRibbon(Lane):
    """The strongest emotion of each cell, as high as it is sure.

    A line at half height, where no colour ever begins, says that nobody speaks; what is not
    analysed yet stays empty. What the editor corrected is underlined with a hatch and has a pencil.

    Args:
        editor: Has the corrections, and takes new ones.

    Signals:
        numbers_wanted: The stretch that is marked now should get arousal and valence.
    """

    track = EMOTION_TRACK
    numbers_wanted = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(
            tr("Emotion"),
            32,
            0.0,
            1.0,
            tr("The emotion that is heard, as high as it is sure; right click to correct it"),
        )
        self._editor = editor
        self._analysis: Analysis | None = None
        self.menu: QMenu | None = None
        self._colours = np.array(
            [QColor(theme.EMOTION_COLOURS[name]).rgba() for name in EMOTIONS], np.uint32
        )
        self._silence = np.uint32(QColor(SILENCE_COLOUR).rgba())
        self._font = QFont()
        self._font.setPixelSize(11)
        self._font.setBold(True)
        self._metrics = QFontMetricsF(self._font)
        self._outline = QPen(QColor(theme.palette().background), 3.0)
        self._outline.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        editor.project_changed.connect(self.redraw)

    def open(self, duration: float) -> None:
        self._analysis = None
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self.redraw()

    def draw(self, painter: QPainter, sight: Sight) -> None:
        rows = None if self._analysis is None else self._analysis.tracks.get(EMOTION_TRACK)
        if self._analysis is not None and rows is not None and len(rows):
            step = float(self._analysis.grid.step)
            cells = cells_between(sight.low, sight.high, sight.width, step, len(rows))
            if cells.count:
                edges = (cells.first + np.arange(cells.count + 1) * cells.size) * step
                strongest = _strongest(means := cells.means(rows))
                x = sight.x(edges)
                self._draw_claims(painter, sight, x, strongest, means[:, _CONFIDENCE])
                self._draw_letters(painter, sight, x, strongest)
        self._draw_corrections(painter, sight)

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        rows = analysis.tracks.get(EMOTION_TRACK)
        index = analysis.grid.index(seconds)
        if rows is None or index >= len(rows):
            return ""
        said = tr("no speech")
        if np.isfinite(rows[index, 0]):
            strongest = int(rows[index, : len(EMOTIONS)].argmax())
            said = tr(
                "{emotion}, {percent} % sure",
                emotion=emotion_names()[EMOTIONS[strongest]],
                percent=f"{rows[index, _CONFIDENCE] * 100:.0f}",
            )
        corrected = any(seconds in one.span for one in corrections_of(self._editor))
        return tr("{value} (corrected)", value=said) if corrected else said

    def stretch_at(self, seconds: float) -> Span | None:
        """What a correction at a time is about: the marked stretch, or the run of one emotion.

        None where nothing is known and nothing is marked.
        """
        mark = self._editor.mark
        if mark is not None and seconds in mark:
            return mark
        rows = None if self._analysis is None else self._analysis.tracks.get(EMOTION_TRACK)
        if self._analysis is None or rows is None or seconds < 0:
            return None
        index = self._analysis.grid.index(seconds)
        if index >= len(rows):
            return None
        strongest = _strongest(rows)
        others = np.flatnonzero(strongest != strongest[index])
        place = int(np.searchsorted(others, index))
        first = int(others[place - 1]) + 1 if place else 0
        last = int(others[place]) if place < len(others) else len(rows)
        step = self._analysis.grid.step
        return Span(first * step, min(last * step, self._analysis.info.duration))

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        event.setAccepted(event.button() == Qt.MouseButton.RightButton)

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        sight = self.sight()
        span = self.stretch_at(sight.low + event.pos().x() * sight.pixel)
        if event.button() == Qt.MouseButton.RightButton and span is not None:
            self._open_menu(span, event.screenPos())

    def _open_menu(self, span: Span, screen: QPoint) -> None:
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self.getViewWidget())
        self.menu.setAccessibleName(tr("Emotion"))
        fill_emotion_menu(self.menu, self._editor, span, lambda: self._ask_for_numbers(span))
        self.menu.popup(screen)

    def _ask_for_numbers(self, span: Span) -> None:
        self._editor.set_mark(span)
        self.numbers_wanted.emit()

    def _draw_claims(
        self,
        painter: QPainter,
        sight: Sight,
        x: NDArray[np.float64],
        strongest: NDArray[np.int64],
        confidence: NDArray[np.float64],
    ) -> None:
        claimed = strongest >= 0
        # A claim that is hardly sure still shows its colour.
        height = np.where(claimed, np.maximum(1, np.rint(np.nan_to_num(confidence) * _LEVELS)), 0)
        upwards = np.arange(_LEVELS)[::-1, None]
        pixels = np.where(upwards < height, self._colours[strongest], np.uint32(0))
        pixels[_LEVELS - 1 - _SILENCE_LEVEL, ~claimed] = self._silence
        pixels = np.ascontiguousarray(pixels, np.uint32)
        count = len(strongest)
        image = QImage(pixels.data, count, _LEVELS, 4 * count, QImage.Format.Format_ARGB32)
        painter.drawImage(QRectF(x[0], 0, x[-1] - x[0], sight.height), image)

    def _draw_letters(
        self,
        painter: QPainter,
        sight: Sight,
        x: NDArray[np.float64],
        strongest: NDArray[np.int64],
    ) -> None:
        """One letter per run of an emotion, where there is room; outlined, as it may be low."""
        turns = np.concatenate(([0], np.flatnonzero(np.diff(strongest)) + 1, [len(strongest)]))
        borders = np.clip(x[turns], 0.0, sight.width)
        letters = QPainterPath()
        for run in np.flatnonzero(np.diff(borders) >= _LEAST_LETTER_PIXELS):
            emotion = int(strongest[turns[run]])
            if emotion < 0:
                continue
            letter = theme.EMOTION_LETTERS[EMOTIONS[emotion]]
            letters.addText(
                (borders[run] + borders[run + 1] - self._metrics.horizontalAdvance(letter)) / 2,
                sight.height * 0.72 + self._metrics.capHeight() / 2,
                self._font,
                letter,
            )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(letters, self._outline)
        painter.fillPath(letters, QColor(theme.palette().text))
        painter.restore()

    def _draw_corrections(self, painter: QPainter, sight: Sight) -> None:
        colour, background = QColor(theme.palette().text), QColor(theme.palette().background)
        for one in corrections_of(self._editor):
            left, right = (
                min(max(sight.x(float(t)), -_STRIP), sight.width + _STRIP)
                for t in (one.span.start, one.span.end)
            )
            if right <= 0 or left >= sight.width:
                continue
            strip = QRectF(left, sight.height - _STRIP, max(1.0, right - left), _STRIP)
            painter.fillRect(strip, background)
            painter.fillRect(strip, QBrush(colour, Qt.BrushStyle.FDiagPattern))
            painter.fillRect(QRectF(left, 0, 1, sight.height), colour)
            if right - left >= _LEAST_PENCIL_PIXELS:
                _draw_pencil(painter, QPointF(max(left, 0.0) + 3, 2), colour, background)


def _strongest(rows: NDArray[np.floating]) -> NDArray[np.int64]:
    """The strongest emotion of each row of the track, ``(T,)``; −1 where nobody speaks."""
    claimed = np.isfinite(rows[:, 0])
    chances = np.where(claimed[:, None], rows[:, : len(EMOTIONS)], 0.0)
    return np.where(claimed, chances.argmax(axis=1), -1)


def _draw_pencil(painter: QPainter, corner: QPointF, colour: QColor, outline: QColor) -> None:
    shape = QPolygonF([QPointF(0, 9), QPointF(1, 6), QPointF(7, 0), QPointF(9, 2), QPointF(3, 8)])
    path = QPainterPath()
    path.addPolygon(shape.translated(corner))
    path.closeSubpath()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(path, QPen(outline, 3))
    painter.fillPath(path, colour)
    painter.restore()
