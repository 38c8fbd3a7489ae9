"""Where somebody speaks, and where the pauses are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from core.analysis.analysis import Analysis
from core.signals.speech_activity import FRAMES_PER_SECOND
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.lane import Lane, Sight

_SPOKEN = 0.5
_BAR = 0.5


class SpeechLane(Lane):
    """A bar where somebody speaks, as opaque as the share of speech in it; pauses are empty."""

    track = "speech-activity"

    def __init__(self) -> None:
        super().__init__(
            tr("Speech"), 18, 0.0, 1.0, tr("Where somebody speaks; gaps are pauses of speech")
        )
        self._rows: NDArray[np.float16] = np.zeros((0, FRAMES_PER_SECOND), np.float16)
        self._spoken_before: NDArray[np.int32] = np.zeros(1, np.int32)
        self._counted = 0
        self._colour = QColor(theme.palette().secondary)

    def open(self, duration: float) -> None:
        self._forget()
        super().open(duration)

    def show_analysis(self, analysis: Analysis) -> None:
        rows = analysis.tracks.get("speech-activity")
        if rows is None or len(rows) == 0:
            return
        if len(rows) < len(self._rows) or not np.may_share_memory(rows, self._rows):
            self._forget()
        if len(rows) == len(self._rows):
            return
        most = analysis.cells * rows.shape[1]
        if len(self._spoken_before) != most + 1:
            self._spoken_before = np.zeros(most + 1, np.int32)
            self._counted = 0
        new = rows[self._counted // rows.shape[1] :].reshape(-1) >= _SPOKEN
        counted = self._counted
        self._counted += len(new)
        sums = self._spoken_before[counted + 1 : self._counted + 1]
        np.cumsum(new, out=sums, dtype=np.int32)
        sums += self._spoken_before[counted]
        self._rows = rows
        self.redraw()

    def _forget(self) -> None:
        self._rows = self._rows[:0]
        self._counted = 0

    def draw(self, painter: QPainter, sight: Sight) -> None:
        places = (sight.columns() * FRAMES_PER_SECOND).astype(np.int64)
        places = places[: int(np.searchsorted(places, self._counted, side="right"))]
        if len(places) < 2:
            return
        begins = np.minimum(places[:-1], self._counted - 1)
        ends = np.maximum(np.minimum(places[1:], self._counted), begins + 1)
        share = (self._spoken_before[ends] - self._spoken_before[begins]) / (ends - begins)
        alpha = (share * 255).astype(np.uint32)
        colours = (alpha << 24) | np.uint32(self._colour.rgb() & 0xFFFFFF)
        image = QImage(colours.data, len(colours), 1, 4 * len(colours), QImage.Format.Format_ARGB32)
        height = max(2.0, sight.height * _BAR)
        top = round((sight.height - height) / 2)
        painter.drawImage(QRectF(0, top, len(colours), round(height)), image)

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        # A hidden lane is not told of analyses.
        self.show_analysis(analysis)
        place = int(seconds * FRAMES_PER_SECOND)
        if not 0 <= place < self._counted:
            return ""
        spoken = self._spoken_before[place + 1] > self._spoken_before[place]
        return tr("speech") if spoken else tr("no speech")
