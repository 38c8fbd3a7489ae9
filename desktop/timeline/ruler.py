"""The ruler: times along the upper edge, and the place to scrub."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont

from core.time import format_timecode
from desktop import theme
from desktop.timeline.lane import RULER_HEIGHT

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_LEAST_PIXELS = 90


class Ruler(pg.AxisItem):
    """Times in minutes and seconds; a press or a drag on it moves the playhead."""

    scrubbed = Signal(float)

    def __init__(self) -> None:
        super().__init__(
            "top", pen=theme.palette().hairline, textPen=theme.palette().secondary, maxTickLength=-5
        )
        font = QFont()
        font.setPixelSize(11)
        self.setStyle(tickFont=font, tickTextOffset=3)
        self.setHeight(RULER_HEIGHT)

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Round steps that leave room for the numbers."""
        wanted = (high - low) / max(size, 1) * _LEAST_PIXELS
        major = next((step for step in _STEPS if step >= wanted), _STEPS[-1])
        return [(major, 0), (major / 5, 0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Timecodes, with hundredths only where the steps need them."""
        texts = [format_timecode(value) for value in values]
        return texts if spacing < 1 else [text[:-3] for text in texts]

    def mouseDragEvent(self, event: pg.GraphicsScene.mouseEvents.MouseDragEvent) -> None:
        """Scrubs."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self._scrub(event)

    def mouseClickEvent(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Jumps."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self._scrub(event)

    def _scrub(self, event: pg.GraphicsScene.mouseEvents.MouseEvent) -> None:
        view = self.linkedView()
        if view is not None:
            self.scrubbed.emit(view.mapSceneToView(event.scenePos()).x())
