"""The cuts: blocks that can be selected, moved and trimmed."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor

from core.analysis.analysis import Analysis
from core.project.document import Cuts, EditedCut
from core.time import Span, exact
from desktop import theme
from desktop.timeline.lane import Lane


class CutBlock(pg.LinearRegionItem):
    """One cut: its body moves it, its ends trim it."""

    pressed = Signal(str)

    def __init__(self, edited: EditedCut, duration: float) -> None:
        self.identifier = edited.identifier
        span = (float(edited.span.start), float(edited.span.end))
        colour = QColor(theme.palette().accent)
        super().__init__(
            span,
            brush=_faded(colour, 90 if edited.touched else 60),
            hoverBrush=_faded(colour, 120),
            pen=pg.mkPen(theme.palette().accent, width=2),
            hoverPen=pg.mkPen(theme.palette().text, width=3),
            bounds=(0, duration),
            swapMode="block",
        )
        self._plain = _faded(colour, 90 if edited.touched else 60)
        self.setZValue(10)

    def set_selected(self, selected: bool) -> None:
        """Shows whether this cut is the selected one."""
        self.setBrush(_faded(QColor(theme.palette().accent), 170) if selected else self._plain)

    def mouseClickEvent(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Selects the cut."""
        if event.button() == Qt.MouseButton.LeftButton and not self.moving:
            event.accept()
            self.pressed.emit(self.identifier)
        else:
            super().mouseClickEvent(event)

    def mouseDragEvent(self, event: pg.GraphicsScene.mouseEvents.MouseDragEvent) -> None:
        """Moves the cut, and selects it."""
        if event.isStart():
            self.pressed.emit(self.identifier)
        super().mouseDragEvent(event)


class CutsLane(Lane):
    """All cuts of the short.

    Signals:
        selected: The user pressed a cut: its identifier.
        changed: The user dragged a cut: its identifier and the new span.
    """

    selected = Signal(str)
    changed = Signal(str, object)

    def __init__(self) -> None:
        super().__init__("Cuts", 40, 0.0, 1.0)
        self._blocks: dict[str, CutBlock] = {}

    def open(self, duration: float) -> None:
        super().open(duration)
        self.show_cuts(())

    def show_analysis(self, analysis: Analysis) -> None:
        """Cuts come from the editor, not from the analysis."""

    def show_cuts(self, cuts: Cuts) -> None:
        """Draws the cuts anew; a block that is being dragged stays under the pointer."""
        wanted = {edited.identifier: edited for edited in cuts}
        for identifier in [i for i in self._blocks if i not in wanted]:
            self.removeItem(self._blocks.pop(identifier))
        for identifier, edited in wanted.items():
            block = self._blocks.get(identifier)
            if block is None:
                block = CutBlock(edited, self.duration)
                block.pressed.connect(self.selected)
                block.sigRegionChangeFinished.connect(self._moved)
                self._blocks[identifier] = block
                self.addItem(block, ignoreBounds=True)
            elif not (block.moving or any(line.moving for line in block.lines)):
                block.blockSignals(True)
                block.setRegion((float(edited.span.start), float(edited.span.end)))
                block.blockSignals(False)

    @property
    def dragging(self) -> bool:
        """Whether a cut is under way with the pointer."""
        return any(
            block.moving or any(line.moving for line in block.lines)
            for block in self._blocks.values()
        )

    def select(self, identifier: str) -> None:
        """Shows which cut is selected."""
        for block in self._blocks.values():
            block.set_selected(block.identifier == identifier)

    def block(self, identifier: str) -> CutBlock:
        """The block of a cut."""
        return self._blocks[identifier]

    def _moved(self, block: CutBlock) -> None:
        begin, end = block.getRegion()
        if end > begin:
            self.changed.emit(block.identifier, Span(exact(float(begin)), exact(float(end))))


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded
