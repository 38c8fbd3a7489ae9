"""Follows the pointer over the lanes and keeps the card beside it, at most once per frame."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from core.cutting.cut import Cut
from desktop.editor import Editor
from desktop.timeline.filmstrip import thumbnail_at
from desktop.timeline.hover import HoverCard, Moment
from desktop.timeline.lane import Lane
from desktop.timeline.lane_stack import LaneStack
from desktop.widgets import single_timer

_DELAY = 16
_ABOVE, _BELOW = 10, 16


class HoverGuide(QObject):
    """Shows what is under the pointer.

    Args:
        owner: The timeline; where it is part of a window, the card is above it.
        editor: Has the video, the analysis and the cuts.
        stack: The lanes on the screen.
        cuts: The lane on which a cut says why it is one.
    """

    def __init__(self, owner: QWidget, editor: Editor, stack: LaneStack, cuts: Lane) -> None:
        super().__init__(owner)
        self._owner = owner
        self._editor = editor
        self._stack = stack
        self._cuts = cuts
        self._card: HoverCard | None = None
        self._pointer = QPointF()
        self._soon = single_timer(owner, _DELAY)
        self._soon.timeout.connect(self._show)
        stack.view.hovered.connect(self._hovered)
        stack.view.left.connect(self.hide)

    def hide(self) -> None:
        """Takes the card away until the pointer moves again."""
        self._soon.stop()
        if self._card is not None:
            self._card.hide()

    def thumbnail(self, seconds: float) -> QPixmap:
        """The small picture at a time, null if not known."""
        if self._editor.analysis is None:
            return QPixmap()
        return QPixmap.fromImage(thumbnail_at(self._editor.analysis, seconds))

    def _hovered(self, place: QPointF) -> None:
        self._pointer = place
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        info = self._editor.info
        seconds = self._stack.seconds_at(self._pointer.x())
        if info is None or not 0 <= seconds < float(info.duration):
            self.hide()
            return
        window = self._owner.window()
        if self._card is None:
            self._card = HoverCard(window)
            self._owner.destroyed.connect(self._card.deleteLater)
        pointer = self._stack.view.mapTo(window, self._pointer.toPoint())
        top = pointer.y() - _ABOVE
        if window is not self._owner:
            top = self._owner.mapTo(window, QPoint(0, 0)).y()
        beside = QRect(pointer.x(), top, 1, pointer.y() + _BELOW - top)
        self._card.show_moment(self._moment(seconds), beside, window.rect())

    def _moment(self, seconds: float) -> Moment:
        frames, analysis = self._editor.frames, self._editor.analysis
        cut = self._cut(seconds)
        lanes = [lane for lane in self._stack.lanes if cut is None or lane is not self._cuts]
        said = [] if analysis is None else [lane.value_at(analysis, seconds) for lane in lanes]
        return Moment(
            seconds,
            None if frames is None else frames.number(seconds),
            self.thumbnail(seconds),
            [text for text in dict.fromkeys(said) if text],
            cut,
        )

    def _cut(self, seconds: float) -> Cut | None:
        """The cut that the pointer is on, the selected or else the shortest of several."""
        if not self._cuts.isVisible() or not self._cuts.geometry().contains(self._pointer):
            return None
        editor = self._editor
        here = [c for c in editor.project.cuts_of(editor.medium) if seconds in c.span]
        here.sort(key=lambda c: (c.identifier not in editor.selection, c.span.duration))
        return here[0].cut if here else None
