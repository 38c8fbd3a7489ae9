"""Arousal and valence as curves."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter

from core.analysis.analysis import EMOTION_COLUMNS, EMOTION_TRACK, Analysis
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight, VisibleCells, cells_between

AROUSAL_COLOUR = "#ff8f5e"
VALENCE_COLOUR = "#7fd1c7"

_COLUMNS = [EMOTION_COLUMNS.index(name) for name in ("arousal", "valence")]
_DASH, _PERIOD = 4, 7


class AffectLane(Lane):
    """Arousal solid, valence dashed, a line at zero; gaps where nobody speaks."""

    track = EMOTION_TRACK

    def __init__(self) -> None:
        super().__init__(
            tr("Arousal\nValence"),
            52,
            -1.0,
            1.0,
            tr("How excited (solid) and how pleasant (dashed) speech sounds"),
        )
        self._analysis: Analysis | None = None

    def open(self, duration: float) -> None:
        self._analysis = None
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self.redraw()

    def draw(self, painter: QPainter, sight: Sight) -> None:
        painter.setPen(QColor(theme.palette().hairline))
        painter.drawLine(0, int(sight.height / 2), int(sight.width), int(sight.height / 2))
        rows = None if self._analysis is None else self._analysis.tracks.get(EMOTION_TRACK)
        if self._analysis is None or rows is None or len(rows) == 0:
            return
        step = float(self._analysis.grid.step)
        cells = cells_between(sight.low, sight.high, sight.width, step, len(rows))
        if cells.count == 0:
            return
        times = sight.columns()
        values = _between(cells, cells.means(rows[:, _COLUMNS[0] : _COLUMNS[1] + 1]), step, times)
        x, y = sight.x(times), (1 - values) / 2 * (sight.height - 1)
        # Dashes go with the video, not with the window.
        gap = np.rint(times / sight.pixel) % _PERIOD >= _DASH
        y[gap, 1] = np.nan
        for column, colour in ((1, VALENCE_COLOUR), (0, AROUSAL_COLOUR)):
            painter.setPen(QColor(colour))
            painter.drawPath(pg.arrayToQPath(x, y[:, column], connect="finite"))

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        rows = analysis.tracks.get(EMOTION_TRACK)
        index = analysis.grid.index(seconds)
        if rows is None or index >= len(rows) or not np.isfinite(rows[index, _COLUMNS]).all():
            return ""
        arousal, valence = (f"{value:+.2f}" for value in rows[index, _COLUMNS])
        return tr("arousal {arousal}, valence {valence}", arousal=arousal, valence=valence)


def _between(
    cells: VisibleCells, values: NDArray[np.float64], step: float, times: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values at times, straight between the middles of cells; a known cell is whole."""
    place = times / (step * cells.size) - 0.5 - cells.first / cells.size
    before = np.floor(place).astype(np.int64)
    share = (place - before)[:, None]
    inside = (before >= -1) & (before < cells.count)
    left = values[np.clip(before, 0, cells.count - 1)]
    right = values[np.clip(before + 1, 0, cells.count - 1)]
    left, right = (
        np.where(np.isnan(left) & (share >= 0.5), right, left),
        np.where(np.isnan(right) & (share < 0.5), left, right),
    )
    return np.where(inside[:, None], left * (1 - share) + right * share, np.nan)
