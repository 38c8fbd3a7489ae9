"""The lane of cuts: blocks that are selected, moved and trimmed with the pointer."""

from __future__ import annotations

from fractions import Fraction
from math import inf

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsSceneHoverEvent, QGraphicsSceneMouseEvent, QMenu

from core.analysis.analysis import Analysis
from core.project.document import Cuts, Decision, EditedCut
from core.project.magnets import Landmarks, Magnets
from core.time import exact
from desktop.editor import Editor
from desktop.i18n import tr, tr_message
from desktop.timeline.cut_blocks import CutBlocks, Hit, Look
from desktop.timeline.cut_drag import CutDrag, Part, Preview
from desktop.timeline.cut_menu import fill_cut_menu
from desktop.timeline.drag_keys import DragKeys
from desktop.timeline.lane import Lane, Sight
from desktop.timeline.snap_marks import REACH_PIXELS, draw_snap_marks

SNAP_PIXELS = 8
"""A magnet pulls from that far."""

_DRAG_PIXELS = 3
_ZOOM_MARGIN = 0.15
_CURSORS = {
    Part.BEGIN: Qt.CursorShape.SizeHorCursor,
    Part.END: Qt.CursorShape.SizeHorCursor,
    Part.BODY: Qt.CursorShape.OpenHandCursor,
}


class CutsLane(Lane):
    """All cuts of the video on show.

    A press on empty space clears the selection and stays with the timeline, which pans or moves
    the playhead.

    Args:
        editor: The document.

    Signals:
        activated: A cut was double-clicked: its identifier.
        scrubbed: A boundary is being dragged: seconds, half-way through the frame that shows what
            the drag does.
        zoom_wanted: A stretch should fill the timeline: its first and last second.
    """

    activated = Signal(str)
    scrubbed = Signal(float)
    zoom_wanted = Signal(float, float)

    def __init__(self, editor: Editor) -> None:
        super().__init__(tr("Cuts"), 40, 0.0, 1.0, tr("Drag a cut to move it, its ends to trim it"))
        self._editor = editor
        self._blocks = CutBlocks()
        self._shown: tuple[Cuts | None, str] = (None, "")
        self._hovered = ""
        self._playhead = Fraction(0)
        self._snapping = True
        self._landmarks: tuple[Analysis | None, Landmarks] = (None, Landmarks(None))
        self._pressed: tuple[Hit, float] | None = None
        self._narrows = False
        self._drag: CutDrag | None = None
        self._alt = self._pulling = False
        self._magnets: Magnets | None = None
        self._preview: Preview | None = None
        self._pointer = QPointF()
        self.menu: QMenu | None = None
        self._keys = DragKeys(self)
        self._keys.cancelled.connect(self._cancel)
        self._keys.alt_changed.connect(self._alt_changed)
        self.setAcceptHoverEvents(True)
        editor.project_changed.connect(self._show)
        editor.media_changed.connect(self._show)
        editor.selection_changed.connect(self.redraw)
        self._show()

    @property
    def dragging(self) -> bool:
        """Whether a cut is under way with the pointer."""
        return self._drag is not None

    @property
    def snapping(self) -> bool:
        """Whether dragged boundaries hold on to shot changes, pauses and other cuts."""
        return self._snapping

    def set_snapping(self, wanted: bool) -> None:
        """Lets boundaries snap, or not; Alt turns it round during a drag."""
        self._snapping = wanted

    def place_of(self, identifier: str) -> QRectF:
        """Where the block of a cut is, in coordinates of the scene; empty if it has none."""
        block = self._blocks.block(identifier)
        if block is None:
            return QRectF()
        return self.mapRectToScene(self._blocks.place(block, self.sight(), self._look()))

    def set_playhead(self, seconds: float) -> None:
        super().set_playhead(seconds)
        self._playhead = exact(float(seconds))

    def show_analysis(self, analysis: Analysis) -> None:
        """Cuts come from the editor, not from the analysis."""

    def known_until(self, analysis: Analysis) -> float:
        return inf

    def value_at(self, analysis: Analysis, seconds: float) -> str:
        here = self._blocks.at(seconds)
        block = next((b for b in here if b.edited.in_short), here[0] if here else None)
        if block is None:
            return ""
        names = {
            Decision.OPEN: tr("cut {number}, suggested", number=block.number),
            Decision.KEPT: tr("cut {number}, kept", number=block.number),
            Decision.MAYBE: tr("cut set aside"),
            Decision.REJECTED: tr("rejected cut"),
        }
        reasons = ", ".join(tr_message(reason.text) for reason in block.edited.cut.reasons)
        name = names[block.edited.decision]
        return f"{name}: {reasons}" if reasons else name

    def draw(self, painter: QPainter, sight: Sight) -> None:
        self._blocks.draw(painter, sight, self._look())
        if self._preview is None:
            return
        near = []
        if self._pulling and self._magnets is not None:
            reach = exact(REACH_PIXELS * sight.pixel)
            near = self._magnets.within(self._preview.edge - reach, self._preview.edge + reach)
        draw_snap_marks(painter, sight, self._preview, near)

    def _look(self) -> Look:
        preview = None if self._preview is None else self._preview.spans
        return Look(self._editor.selection, self._hovered, preview)

    def _show(self) -> None:
        project = self._editor.project
        if self._drag is not None and any(
            project.find(cut.identifier) != cut for cut in self._drag.moving
        ):
            self._cancel()
        now = (project.cuts, self._editor.medium)
        if now[0] is self._shown[0] and now[1] == self._shown[1]:
            return
        self._shown = now
        numbers = {edited.identifier: n for n, edited in enumerate(project.short, 1)}
        self._blocks.set_cuts(
            (edited, numbers.get(edited.identifier, 0))
            for edited in project.cuts_of(self._editor.medium)
        )
        self.redraw()

    # The pointer

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        hit = self._hit(event.pos())
        self._hover("" if hit is None else hit.identifier)
        if hit is None:
            self.unsetCursor()
        elif self._movable(hit.identifier) is None:
            self.setCursor(Qt.CursorShape.ArrowCursor)
        else:
            self.setCursor(_CURSORS[hit.part])

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hover("")
        self.unsetCursor()

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        hit = self._hit(event.pos())
        keys = event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
        left = event.button() == Qt.MouseButton.LeftButton
        if hit is None or not (left or event.button() == Qt.MouseButton.RightButton):
            if left and not keys:
                self._editor.select("")
            event.ignore()
            return
        event.accept()
        if self.dragging:
            return
        self._alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        known = hit.identifier in self._editor.selection
        self._narrows = left and known and not keys
        if left and keys & Qt.KeyboardModifier.ShiftModifier:
            self._editor.select(hit.identifier, range_=True)
        elif left and keys:
            self._editor.select(hit.identifier, extend=True)
        elif not known:
            self._editor.select(hit.identifier)
        self._pressed = (hit, self._seconds(event.pos())) if left and not keys else None

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._pointer = event.pos()
        if self._drag is None and self._pressed is not None:
            start = self.sight().x(self._pressed[1])
            if abs(event.pos().x() - start) >= _DRAG_PIXELS:
                self._begin()
        self._drag_on()

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            if not self.dragging:
                self._open_menu(event.pos(), event.screenPos())
            return
        pressed, self._pressed = self._pressed, None
        if self._drag is not None:
            self._finish()
        elif pressed is not None and self._narrows:
            self._editor.select(pressed[0].identifier)

    def ungrabMouseEvent(self, event: QEvent) -> None:
        """A drag whose end nobody tells, as when another window comes up, changes nothing."""
        if self.dragging:
            self._cancel()

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        hit = self._hit(event.pos())
        if hit is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        self.activated.emit(hit.identifier)

    def _hit(self, point: QPointF) -> Hit | None:
        return self._blocks.hit(point, self.sight(), self._look())

    def _seconds(self, point: QPointF) -> float:
        sight = self.sight()
        return sight.low + point.x() * sight.pixel

    def _hover(self, identifier: str) -> None:
        if identifier != self._hovered:
            self._hovered = identifier
            self.redraw()

    def _movable(self, identifier: str) -> EditedCut | None:
        """The cut, if the pointer may change it."""
        edited = self._editor.project.find(identifier)
        if edited is None or edited.locked or edited.decision is Decision.REJECTED:
            return None
        return None if self._editor.read_only else edited

    # A drag

    def _begin(self) -> None:
        if self._pressed is None:
            return
        hit, _ = self._pressed
        editor = self._editor
        grabbed = self._movable(hit.identifier)
        if grabbed is None or editor.frames is None or editor.info is None:
            self._pressed = None
            return
        chosen = [c for i in editor.selection if (c := self._movable(i)) is not None]
        moving = [c for c in chosen if c.medium == editor.medium] or [grabbed]
        duration = editor.info.duration
        self._drag = CutDrag(editor.project, grabbed, hit.part, moving, editor.frames, duration)
        if self._landmarks[0] is not editor.analysis:
            self._landmarks = (editor.analysis, Landmarks(editor.analysis))
        dragged = [cut.identifier for cut in self._drag.moving]
        self._magnets = Magnets(
            self._landmarks[1], editor.project, editor.medium, self._playhead, editor.mark, dragged
        )
        self._keys.start()
        if hit.part is Part.BODY:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag_on(self) -> None:
        if self._drag is None or self._pressed is None:
            return
        self._pulling = self._snapping != self._alt
        before = self._preview
        self._preview = self._drag.to(
            exact(self._seconds(self._pointer) - self._pressed[1]),
            self._magnets if self._pulling else None,
            exact(SNAP_PIXELS * self.sight().pixel),
        )
        self.redraw()
        frames = self._editor.frames
        if frames is not None and (before is None or before.frame != self._preview.frame):
            self.scrubbed.emit(float(frames.middle(self._preview.frame)))

    def _alt_changed(self, down: bool) -> None:
        self._alt = down
        self._drag_on()

    def _finish(self) -> None:
        preview = self._preview
        self._cancel()
        if preview is None:
            return
        if len(preview.spans) == 1:
            ((identifier, span),) = preview.spans.items()
            self._editor.change_cut(identifier, span)
        else:
            self._editor.change_cuts(preview.spans)

    def _cancel(self) -> None:
        """Ends the drag; nothing has changed yet."""
        self._keys.stop()
        self._drag = self._magnets = self._preview = self._pressed = None
        self.unsetCursor()
        self.redraw()

    # The menu

    def _open_menu(self, point: QPointF, screen: QPoint) -> None:
        hit = self._hit(point)
        edited = None if hit is None else self._editor.project.find(hit.identifier)
        if edited is None:
            return
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self.getViewWidget())
        self.menu.setAccessibleName(tr("Cut"))
        fill_cut_menu(
            self.menu, self._editor, edited, self._playhead, lambda: self._zoom_to(edited)
        )
        self.menu.popup(screen)

    def _zoom_to(self, edited: EditedCut) -> None:
        margin = _ZOOM_MARGIN * float(edited.span.duration)
        low, high = float(edited.span.start) - margin, float(edited.span.end) + margin
        self.zoom_wanted.emit(max(0.0, low), min(self.duration, high))
