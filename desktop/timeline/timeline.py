"""The timeline: composes the lanes over one axis of time."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from core.analysis.analysis import Analysis
from core.time import format_timecode
from desktop import theme
from desktop.editor import Editor
from desktop.timeline.affect import AffectLane
from desktop.timeline.cuts import CutsLane
from desktop.timeline.emotion import EmotionRibbon
from desktop.timeline.filmstrip import Filmstrip, thumbnail_at
from desktop.timeline.highlight import HighlightLane
from desktop.timeline.lane import Lane
from desktop.timeline.legend import Legend
from desktop.timeline.minimap import MiniMap
from desktop.timeline.ruler import Ruler
from desktop.timeline.waveform import WaveformLane

_GUTTER = 80
_LANE_GAP = 3


class Timeline(QWidget):
    """All lanes under one ruler; one playhead crosses them.

    Signals:
        sought: The user pointed at a time, in seconds.
    """

    sought = Signal(float)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._view = pg.GraphicsLayoutWidget()
        self._view.setBackground(QColor(theme.palette().background))
        self._view.ci.layout.setSpacing(_LANE_GAP)
        self._view.ci.setContentsMargins(0, 0, theme.SPACING, 0)
        self.ruler = Ruler()
        self.minimap = MiniMap()
        self.cuts = CutsLane()
        self.emotion = EmotionRibbon()
        self.lanes: list[Lane] = [
            Filmstrip(self.ruler),
            WaveformLane(),
            self.emotion,
            AffectLane(),
            HighlightLane(),
            self.cuts,
        ]
        for row, lane in enumerate((self.minimap, *self.lanes)):
            self._view.addItem(_name(lane.name), row=row, col=0)
            self._view.addItem(lane, row=row, col=1)
            self._view.ci.layout.setRowFixedHeight(row, lane.height_wanted)
            lane.box.clicked.connect(self._sought)
        for lane in self.lanes[1:]:
            lane.setXLink(self.lanes[0])
        self._hover = QLabel(self)
        self._hover.setObjectName("panel")
        self._hover.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hover.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._view)
        column.addWidget(Legend())
        height = sum(lane.height_wanted + _LANE_GAP for lane in (self.minimap, *self.lanes))
        self._view.setFixedHeight(height + 4 * _LANE_GAP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ruler.scrubbed.connect(self._sought)
        self.lanes[0].box.sigXRangeChanged.connect(
            lambda box, span: self.minimap.show_window(*span)
        )
        self.minimap.window_moved.connect(self.show_range)
        self.cuts.selected.connect(editor.select)
        self.cuts.changed.connect(editor.change_cut)
        editor.media_changed.connect(self._open)
        editor.analysis_changed.connect(self._show_analysis)
        editor.edit_changed.connect(self._show_cuts)
        editor.selection_changed.connect(self.cuts.select)
        self._view.scene().sigMouseMoved.connect(self._hovered)
        self._open()

    def set_playhead(self, seconds: float) -> None:
        """Moves the playhead of all lanes, and follows it out of the view."""
        for lane in (self.minimap, *self.lanes):
            lane.playhead.setPos(seconds)
        low, high = self.range()
        if not low <= seconds <= high:
            width = high - low
            self.show_range(
                max(0.0, seconds - 0.1 * width), max(0.0, seconds - 0.1 * width) + width
            )

    def range(self) -> tuple[float, float]:
        """The shown stretch in seconds."""
        low, high = self.lanes[0].box.viewRange()[0]
        return float(low), float(high)

    def show_range(self, low: float, high: float) -> None:
        """Shows a stretch, in seconds."""
        self.lanes[0].setXRange(low, high, padding=0)

    def zoom(self, factor: float) -> None:
        """Zooms around the playhead if it is in view, else around the middle."""
        low, high = self.range()
        centre = self.lanes[0].playhead.value()
        if not low <= centre <= high:
            centre = (low + high) / 2
        self.show_range(centre - (centre - low) * factor, centre + (high - centre) * factor)

    def fit(self) -> None:
        """Shows the whole video."""
        if self._editor.info is not None:
            self.show_range(0.0, float(self._editor.info.duration))

    def leaveEvent(self, event: object) -> None:
        self._hover.hide()

    def _open(self) -> None:
        info = self._editor.info
        duration = float(info.duration) if info is not None else 1.0
        for lane in (self.minimap, *self.lanes):
            lane.open(duration)

    def _show_analysis(self) -> None:
        analysis = self._editor.analysis
        if analysis is None:
            return
        step = float(analysis.grid.step)
        known = min(len(analysis.highlight.score) * step, float(analysis.info.duration))
        for lane in (self.minimap, *self.lanes):
            lane.show_analysis(analysis)
            lane.set_known(known)

    def _show_cuts(self) -> None:
        self.cuts.show_cuts(self._editor.edit.cuts)
        self.cuts.select(self._editor.selected)
        self.minimap.show_cuts(self._editor.edit.cuts)

    def _sought(self, seconds: float) -> None:
        if self._editor.info is not None:
            self.sought.emit(min(max(0.0, seconds), float(self._editor.info.duration)))

    def _hovered(self, place: QPointF) -> None:
        analysis = self._editor.analysis
        lane = next((r for r in self.lanes if _scene_rect(r).contains(place)), None)
        if analysis is None or lane is None:
            self._hover.hide()
            return
        seconds = lane.box.mapSceneToView(place).x()
        self._hover.setText(self._description(analysis, seconds))
        self._hover.adjustSize()
        pointer = self._view.mapTo(self, self._view.mapFromScene(place))
        x = min(max(0, pointer.x() + 16), self.width() - self._hover.width())
        top = self._view.mapFromScene(_scene_rect(lane).topLeft()).y() - self._hover.height() - 6
        self._hover.move(QPoint(x, max(0, top)))
        self._hover.show()

    def _description(self, analysis: Analysis, seconds: float) -> str:
        values = [text for lane in self.lanes if (text := lane.value_at(analysis, seconds))]
        return f"<b>{format_timecode(seconds)}</b> &nbsp; {' · '.join(values)}"

    def thumbnail(self, seconds: float) -> QPixmap:
        """The small picture at a time, null if not known."""
        if self._editor.analysis is None:
            return QPixmap()
        return QPixmap.fromImage(thumbnail_at(self._editor.analysis, seconds))


def _name(text: str) -> pg.LabelItem:
    label = pg.LabelItem(
        text.replace("\n", "<br>"), color=theme.palette().secondary, size="11px", justify="right"
    )
    label.setFixedWidth(_GUTTER)
    return label


def _scene_rect(lane: Lane) -> QRectF:
    return lane.box.sceneBoundingRect()
