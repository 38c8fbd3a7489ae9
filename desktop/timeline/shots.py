"""The shots: one after the other in two shades, with the changes between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from core.analysis.analysis import Analysis
from core.signals.shots import COLUMNS
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight

_ENDS, _BEGINS = COLUMNS.index("ends"), COLUMNS.index("begins")
_LEAST_DISSOLVE = 0.1
"""Seconds; frames left out between two pictures are no dissolve."""
_LEAST_RAMP = 4
_LEAST_SHOT = 6
"""Pixels; where shots have less on average, their changes are a shade."""
_INSET = 3


class ShotsLane(Lane):
    """Hard changes are lines, dissolves ramps from one shot to the next."""

    track = "shots"

    def __init__(self) -> None:
        super().__init__(
            tr("Shots"),
            20,
            0.0,
            1.0,
            tr("Shots: hard changes are lines, dissolves ramps"),
        )
        self._changes: NDArray[np.float64] = np.zeros((0, len(COLUMNS)))
        self._rows: NDArray[np.float64] = np.zeros((0, 1, len(COLUMNS)))
        colours = theme.palette()
        self._shades = np.array(
            [QColor(colours.raised).rgba(), QColor(colours.hairline).rgba()], np.uint32
        )
        self._line = np.uint32(QColor(colours.secondary).rgba())
        self._crowd = np.uint32(QColor(colours.disabled).rgba())

    def open(self, duration: float) -> None:
        self._changes, self._rows = self._changes[:0], self._rows[:0]
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get("shots")
        if rows is None or len(rows) == 0:
            return
        if len(rows) < len(self._rows) or not np.may_share_memory(rows, self._rows):
            self._changes, self._rows = self._changes[:0], self._rows[:0]
        if len(rows) == len(self._rows):
            return
        new = rows[len(self._rows) :].reshape(-1, len(COLUMNS))
        new = new[np.isfinite(new[:, _BEGINS])]
        self._rows = rows
        self._changes = np.concatenate((self._changes, new))
        self.redraw()

    def draw(self, painter: QPainter, sight: Sight) -> None:
        known = min(len(self._rows) and self.known, self.duration)
        edges = sight.columns()
        edges = edges[: int(np.searchsorted(edges, known, side="right")) + 1]
        if len(edges) < 2 or not known:
            return
        passed = np.searchsorted(self._changes[:, _BEGINS], edges[1:], side="right")
        before = np.searchsorted(self._changes[:, _BEGINS], edges[0], side="right")
        colours = self._shades[passed % 2]
        changes = np.diff(passed, prepend=before) > 0
        crowded = changes.sum() * _LEAST_SHOT > len(changes)
        colours[changes] = self._crowd if crowded else self._line
        image = QImage(colours.data, len(colours), 1, 4 * len(colours), QImage.Format.Format_ARGB32)
        inside = QRectF(0, _INSET, len(colours), sight.height - 2 * _INSET)
        painter.drawImage(inside, image)
        self._draw_dissolves(painter, sight, inside)

    def _draw_dissolves(self, painter: QPainter, sight: Sight, inside: QRectF) -> None:
        ends, begins = self._changes[:, _ENDS], self._changes[:, _BEGINS]
        least = max(_LEAST_DISSOLVE, _LEAST_RAMP * sight.pixel)
        first, last = np.searchsorted(begins, (sight.low, sight.high + 4.0))
        painter.setPen(QColor(theme.palette().secondary))
        for index in first + np.flatnonzero((begins - ends)[first:last] >= least):
            left, right = sight.x(ends[index]), sight.x(begins[index])
            painter.fillRect(
                QRectF(left, inside.top(), right - left, inside.height()),
                QColor.fromRgba(int(self._shades[index % 2])),
            )
            painter.setBrush(QColor.fromRgba(int(self._shades[(index + 1) % 2])))
            corners = (
                QPointF(left, inside.bottom() - 1),
                QPointF(right, inside.top()),
                QPointF(right, inside.bottom() - 1),
            )
            painter.drawPolygon(QPolygonF(corners))

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        # A hidden lane is not told of analyses.
        self.show_analysis(analysis)
        if seconds >= len(self._rows) * float(analysis.grid.step):
            return ""
        place = int(np.searchsorted(self._changes[:, _BEGINS], seconds, side="right"))
        if place < len(self._changes) and seconds > self._changes[place, _ENDS]:
            return tr("dissolve to shot {number}", number=place + 2)
        return tr("shot {number}", number=place + 1)
