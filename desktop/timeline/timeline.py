"""The timeline: composes the lanes over one axis of time."""

from __future__ import annotations

from math import inf

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from core.time import Span, exact
from desktop import theme
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.settings import SettingsStore
from desktop.timeline.affect import AffectLane
from desktop.timeline.cuts import CutsLane
from desktop.timeline.emotion import EmotionRibbon
from desktop.timeline.filmstrip import Filmstrip
from desktop.timeline.highlight import HighlightLane
from desktop.timeline.hover_guide import HoverGuide
from desktop.timeline.lane import Lane
from desktop.timeline.lane_header import HEADER_WIDTH
from desktop.timeline.lane_stack import LaneStack
from desktop.timeline.lanes_view import wheel_meaning
from desktop.timeline.legend import Legend
from desktop.timeline.minimap import MiniMap
from desktop.timeline.questions import QuestionsLane
from desktop.timeline.ruler import Ruler
from desktop.timeline.shots import ShotsLane
from desktop.timeline.speech import SpeechLane
from desktop.timeline.waveform import WaveformLane

_FRAME_PIXELS = 14
_LEAST_FRAMES = 10
_CUT_MARGIN = 0.15
_PAGE_LEAD = 0.1
_EDGE_SCROLL = 0.2


class Timeline(QWidget):
    """All lanes under one ruler; one playhead crosses them.

    Args:
        editor: What is shown and edited.
        store: Keeps which lanes are shown, in which order and how high.
        parent: Owner.

    Signals:
        sought: The user pointed at a time, in seconds.
        range_changed: Another stretch is shown: its begin and end in seconds.
    """

    sought = Signal(float)
    range_changed = Signal(float, float)

    def __init__(
        self, editor: Editor, store: SettingsStore | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._range = (0.0, 1.0)
        self._playhead = 0.0
        self._playing = False
        self._scrolled_away = False
        self.ruler = Ruler()
        self.minimap = MiniMap()
        self.cuts = CutsLane(editor)
        self.emotion = EmotionRibbon(editor)
        by_key: dict[str, Lane] = {
            "frames": Filmstrip(),
            "sound": WaveformLane(),
            "emotion": self.emotion,
            "affect": AffectLane(),
            "highlight": HighlightLane(editor),
            "shots": ShotsLane(),
            "speech": SpeechLane(),
            "questions": QuestionsLane(editor),
            "cuts": self.cuts,
        }
        self.lanes: list[Lane] = list(by_key.values())
        for key, lane in by_key.items():
            lane.key = key
            lane.clicked.connect(self._clicked)
            lane.panned.connect(lambda seconds: self._pan(-seconds))
        self._stack = LaneStack(self.lanes, store)
        self._view = self._stack.view
        self._guide = HoverGuide(self, editor, self._stack, self.cuts)
        self._compose()
        self._connect()
        self._open()
        self._show_analysis()
        self._show_cuts()
        self._show_mark(editor.mark)

    def _compose(self) -> None:
        self._lanes_button = QToolButton()
        self._lanes_button.setObjectName("flat")
        self._lanes_button.setText(tr("Lanes"))
        self._lanes_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lanes_button.setAccessibleName(tr("Lanes"))
        self._lanes_button.setToolTip(tr("Show, hide and arrange the lanes"))
        self._lanes_button.clicked.connect(self._show_lanes_menu)
        above = QGridLayout()
        above.setContentsMargins(0, 0, theme.SPACING, 0)
        above.setSpacing(0)
        above.setColumnMinimumWidth(0, HEADER_WIDTH)
        above.setColumnStretch(1, 1)
        above.addWidget(self.minimap, 0, 1)
        above.addWidget(self._lanes_button, 1, 0, Qt.AlignmentFlag.AlignCenter)
        above.addWidget(self.ruler, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self._stack, 1)
        column.addWidget(Legend())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def _connect(self) -> None:
        self.ruler.scrubbed.connect(self._scrubbed)
        self.minimap.window_moved.connect(self._look_at)
        self._view.panned.connect(lambda pixels: self._pan(-pixels * self._pixel()))
        self._view.zoomed.connect(
            lambda x, factor: self._zoom_at(self._stack.seconds_at(x), factor)
        )
        self._view.marked.connect(self._mark)
        self._stack.arranged.connect(self._arranged)
        self.cuts.zoom_wanted.connect(self._look_at)
        editor = self._editor
        editor.media_changed.connect(self._open)
        editor.analysis_changed.connect(self._show_analysis)
        editor.frames_changed.connect(self._show_frames)
        editor.project_changed.connect(self._show_cuts)
        editor.marked.connect(self._show_mark)

    # Playhead

    def set_playing(self, playing: bool) -> None:
        """Says whether the playhead runs; while it does, the view follows it page by page."""
        self._playing = playing
        self._scrolled_away = False

    def set_playhead(self, seconds: float) -> None:
        """Moves the playhead of all lanes, and follows it out of the view."""
        self._playhead = seconds
        shown = self._editor.info is not None
        self._stack.set_playhead(seconds, shown=shown)
        for lane in self.lanes:
            lane.set_playhead(seconds)
        self.ruler.set_playhead(seconds)
        self.minimap.set_playhead(seconds)
        low, high = self._range
        if low <= seconds <= high:
            self._scrolled_away = False
        elif not (self._held() or (self._playing and self._scrolled_away)):
            begin = seconds - _PAGE_LEAD * (high - low)
            self.show_range(begin, begin + high - low)

    def _held(self) -> bool:
        return self._view.pressed or self.ruler.scrubbing

    # What is shown

    def range(self) -> tuple[float, float]:
        """The shown stretch in seconds."""
        return self._range

    def show_range(self, low: float, high: float) -> None:
        """Shows a stretch, in seconds; within the video, and no less than ten frames of it."""
        least, duration = self._limits()
        width = min(max(high - low, least), duration)
        begin = max(0.0, min((low + high - width) / 2, duration - width))
        self._range = (begin, begin + width)
        self._stack.set_range(*self._range)
        self.ruler.set_range(*self._range)
        self.minimap.show_window(*self._range)
        self.range_changed.emit(*self._range)

    def fit(self) -> None:
        """Shows the whole video."""
        info = self._editor.info
        if info is not None:
            self._look_at(0.0, float(info.duration))

    def zoom(self, factor: float) -> None:
        """Shows that many times as much, around the playhead if it is in view."""
        low, high = self._range
        inside = low <= self._playhead <= high
        self._zoom_at(self._playhead if inside else (low + high) / 2, factor)

    def zoom_to_cut(self) -> None:
        """Shows the selected cuts with a margin; all of this video if none is selected."""
        editor = self._editor
        here = list(editor.project.cuts_of(editor.medium))
        wanted = [c for c in here if c.identifier in editor.selection] or here
        if wanted:
            low = float(min(c.span.start for c in wanted))
            high = float(max(c.span.end for c in wanted))
            margin = _CUT_MARGIN * (high - low)
            self._look_at(low - margin, high + margin)

    def zoom_to_frames(self) -> None:
        """Shows single frames around the playhead."""
        frames = self._editor.frames
        if frames is None:
            return
        count = max(_LEAST_FRAMES, self._view.width() // _FRAME_PIXELS)
        first = max(0, min(frames.number(self._playhead) - count // 2, len(frames) - count))
        self._look_at(float(frames.time(first)), float(frames.time(first + count)))

    def _limits(self) -> tuple[float, float]:
        """The least and the most seconds that can be shown."""
        info = self._editor.info
        if info is None:
            return 1.0, 1.0
        duration = float(info.duration)
        return min(float(_LEAST_FRAMES / info.video.frame_rate), duration), duration

    def _pixel(self) -> float:
        low, high = self._range
        return (high - low) / max(1, self._view.width())

    def _look_at(self, low: float, high: float) -> None:
        """Shows a stretch by the user's wish, which counts more than the running playhead."""
        if self._editor.info is None:
            return
        self.show_range(low, high)
        low, high = self._range
        self._scrolled_away = self._playing and not low <= self._playhead <= high
        self._guide.hide()

    def _pan(self, seconds: float) -> None:
        low, high = self._range
        self._look_at(low + seconds, high + seconds)

    def _zoom_at(self, seconds: float, factor: float) -> None:
        low, high = self._range
        least, most = self._limits()
        # At a limit the time under the pointer must stay there too.
        factor = min(max(factor, least / (high - low)), most / (high - low))
        self._look_at(seconds - (seconds - low) * factor, seconds + (high - seconds) * factor)

    def _arranged(self) -> None:
        self._show_analysis()
        self.updateGeometry()

    # From the editor

    def _open(self) -> None:
        info = self._editor.info
        duration = float(info.duration) if info is not None else 0.0
        for lane in self.lanes:
            lane.open(duration)
        self.cuts.set_known(inf)
        self.minimap.open(duration)
        self.ruler.open(duration)
        self.ruler.set_frames(self._editor.frames)
        self.show_range(0.0, max(duration, 1e-6))
        self.set_playhead(0.0)

    def _show_analysis(self) -> None:
        analysis = self._editor.analysis
        if analysis is None:
            return
        for lane in self._stack.shown:
            lane.show_analysis(analysis)
            lane.set_known(lane.known_until(analysis))
        self.minimap.show_analysis(analysis)

    def _show_frames(self) -> None:
        self.ruler.set_frames(self._editor.frames)

    def _show_cuts(self) -> None:
        self.minimap.show_cuts(tuple(self._editor.project.cuts_of(self._editor.medium)))

    def _show_mark(self, span: Span | None) -> None:
        self._stack.show_mark(None if span is None else (float(span.start), float(span.end)))

    # The pointer and keys

    def _clicked(self, seconds: float) -> None:
        self._editor.set_mark(None)
        self._seek(seconds)

    def _seek(self, seconds: float) -> None:
        if self._editor.info is not None:
            self.sought.emit(min(max(0.0, seconds), float(self._editor.info.duration)))

    def _scrubbed(self, seconds: float) -> None:
        low, high = self._range
        beyond = seconds - high if seconds > high else min(0.0, seconds - low)
        if beyond:
            self._pan(_EDGE_SCROLL * beyond)
            low, high = self._range
        self._seek(min(max(low, seconds), high))

    def _mark(self, begin: float, end: float) -> None:
        info = self._editor.info
        if info is None:
            return
        times = sorted(self._stack.seconds_at(x) for x in (begin, end))
        first, last = (exact(max(0.0, min(t, float(info.duration)))) for t in times)
        if last > first:
            self._editor.set_mark(Span(first, last))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Over ruler and mini-map the wheel does what it does over the lanes."""
        event.accept()
        pixels, factor = wheel_meaning(event)
        if pixels:
            self._pan(-pixels * self._pixel())
        if factor != 1.0:
            x = event.position().x() - HEADER_WIDTH
            self._zoom_at(self._stack.seconds_at(x), factor)

    def event(self, event: QEvent) -> bool:
        """Escape is for the mark before it is for the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._editor.mark is not None
        ):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._editor.mark is not None:
            self._editor.set_mark(None)
        else:
            event.ignore()

    def _show_lanes_menu(self) -> None:
        menu = self._stack.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._lanes_button.mapToGlobal(QPoint(0, self._lanes_button.height())))

    def thumbnail(self, seconds: float) -> QPixmap:
        """The small picture at a time, null if not known."""
        return self._guide.thumbnail(seconds)
