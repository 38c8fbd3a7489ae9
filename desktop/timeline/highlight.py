"""The highlight curve, stacked from its contributions, with the threshold of suggestions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS
from core.cutting.suggest import usual_threshold
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight, VisibleCells, cells_between
from desktop.timeline.threshold import ThresholdLine

_LEAST_SHOWN = 0.005
"""What is smaller would read as 0.00."""

_LEAST_TOP = 0.2
_HEADROOM = 1.05
_VEIL = 0.6
_ROUNDING = 1e-6


class HighlightLane(Lane):
    """One area per contribution; their sum is the score.

    A contribution below zero, as some networks give them, has no area: the line of the score then
    runs below the upper edge. Stretches below the threshold are dim.

    Args:
        editor: Its wishes have the threshold.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__(
            tr("Highlight"), 76, 0.0, 1.0, tr("What speaks for each moment; the line is the least")
        )
        self._editor = editor
        self._analysis: Analysis | None = None
        self._top = 1.0
        background = QColor(theme.palette().background)
        bright = [QColor(theme.CONTRIBUTION_COLOURS[name]).darker(150) for name in CONTRIBUTIONS]
        dim = [_mixed(colour, background) for colour in bright]
        clear = QColor(0, 0, 0, 0)
        self._colours = np.array([c.rgba() for c in (*bright, clear, *dim, clear)], np.uint32)
        self._line_colour = np.uint32(QColor(theme.palette().text).rgba())
        self.line = ThresholdLine(editor, self)
        editor.project_changed.connect(self._threshold_changed)

    def open(self, duration: float) -> None:
        self._analysis = None
        self.line.set_curve(None, 1.0)
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        self._analysis = analysis
        score = analysis.highlight.score
        if score.size:
            self._top = max(_LEAST_TOP, float(score.max()) * _HEADROOM)
            self.setYRange(0.0, self._top, padding=0)
            self.line.set_curve(usual_threshold(score), self._top)
        self.redraw()

    def draw(self, painter: QPainter, sight: Sight) -> None:
        if self._analysis is None or self._analysis.highlight.score.size == 0:
            return
        curve = self._analysis.highlight
        step = float(self._analysis.grid.step)
        cells = cells_between(sight.low, sight.high, sight.width, step, len(curve.score))
        scale = painter.device().devicePixelRatio()
        columns, height = round(sight.width * scale), round(sight.height * scale)
        if cells.count == 0 or columns < 1 or height < 1:
            return
        scores = cells.means(curve.score)
        levels = np.cumsum(np.maximum(cells.means(curve.contributions), 0.0), axis=1)
        # Columns lie on multiples of their time, so that the curve keeps its shape while it moves.
        width = sight.pixel / scale
        times = (np.floor(sight.low / width) + np.arange(columns + 1) + 0.5) * width
        up = height / self._top
        stacked = np.stack([_at(times, cells, level) * up for level in levels.T])
        line = _at(times, cells, scores) * up
        threshold = self.line.value
        below = scores < (0.0 if threshold is None else threshold) - _ROUNDING
        place = ((times / step - cells.first) / cells.size).astype(np.int64)
        known = (place >= 0) & (place < cells.count)
        dim = below[np.clip(place, 0, cells.count - 1)]
        pixels = self._pixels(height, stacked[:, :-1], line, dim[:-1])
        pixels[:, ~known[:-1]] = 0
        image = QImage(pixels.data, columns, height, 4 * columns, QImage.Format.Format_ARGB32)
        painter.drawImage(QRectF(0, 0, columns / scale, height / scale), image)

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        curve = analysis.highlight
        index = analysis.grid.index(seconds)
        if index >= len(curve.score):
            return ""
        names = contribution_names()
        parts = ", ".join(
            f"{names[name]} {part:.2f}"
            for name, part in zip(CONTRIBUTIONS, curve.contributions[index], strict=True)
            if abs(part) >= _LEAST_SHOWN
        )
        said = tr("highlight {score}", score=f"{curve.score[index]:.2f}")
        return f"{said} ({parts})" if parts else said

    def _pixels(
        self,
        height: int,
        stacked: NDArray[np.float64],
        line: NDArray[np.float64],
        dim: NDArray[np.bool_],
    ) -> NDArray[np.uint32]:
        """The picture of the curve, ``(height, columns)``, from the upper left corner.

        Filling jagged outlines takes Qt a hundred times as long.
        """
        rise = np.arange(height)[::-1, None] + 0.5
        layer = np.zeros((height, stacked.shape[1]), np.uint8)
        for level in stacked:
            layer += rise >= level
        layer += np.where(dim, np.uint8(len(stacked) + 1), np.uint8(0))
        pixels = self._colours[layer]
        rounded = np.minimum(np.floor(line), height - 1)
        low, high = np.minimum(rounded[:-1], rounded[1:]), np.maximum(rounded[:-1], rounded[1:])
        pixels[(rise >= low) & (rise <= high + 1)] = self._line_colour
        return pixels

    def _threshold_changed(self) -> None:
        self.line.settle()
        self.redraw()


def _at(
    times: NDArray[np.float64], cells: VisibleCells, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values at times, straight between the middles of cells."""
    return np.interp(times, cells.middles, values)


def _mixed(colour: QColor, background: QColor) -> QColor:
    def part(one: int, other: int) -> int:
        return round(one * (1 - _VEIL) + other * _VEIL)

    return QColor(
        part(colour.red(), background.red()),
        part(colour.green(), background.green()),
        part(colour.blue(), background.blue()),
    )


def contribution_names() -> dict[str, str]:
    """What the contributions are called in the language of the window."""
    return {
        "emotion": tr("emotion"),
        "sound": tr("sound"),
        "picture": tr("picture"),
        "position": tr("position"),
    }
