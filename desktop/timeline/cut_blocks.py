"""The blocks of the lane of cuts: where each lies, what is under the pointer, how it looks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from core.project.document import Decision, EditedCut
from core.time import Span
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.cut_drag import Part
from desktop.timeline.lane import Sight

_TOP, _STRIP, _ROW_GAP = 3.0, 7.0, 2.0
_GRIP, _REACH = 7.0, 4.0
_TEXT_MARGIN = 8.0
_LEAST_ROUNDED = 10.0
_BEYOND = 50.0
"""Pixels that a block is drawn beyond the edges of the view: enough for its outline."""

_EASE = 1e-6


@dataclass(frozen=True)
class Block:
    """A cut and its place among those that it overlaps.

    Attributes:
        edited: The cut.
        number: Its place in the short, from 1; 0 for one that is not played.
        row: From the top.
        rows: How many rows the cuts around it need.
    """

    edited: EditedCut
    number: int
    row: int
    rows: int

    @property
    def rejected(self) -> bool:
        return self.edited.decision is Decision.REJECTED


@dataclass(frozen=True)
class Hit:
    """What is under the pointer."""

    identifier: str
    part: Part


@dataclass(frozen=True)
class Look:
    """What changes the look of blocks.

    Attributes:
        selection: Cuts that are selected.
        hovered: The cut under the pointer.
        preview: Where cuts that are being dragged would be.
    """

    selection: Collection[str] = ()
    hovered: str = ""
    preview: Mapping[str, Span] | None = None


def stacked(cuts: Iterable[tuple[EditedCut, int]]) -> list[Block]:
    """Blocks of cuts and their numbers: those that overlap lie in rows, all others have one.

    Rejected cuts take no row.
    """
    blocks: list[Block] = []
    group: list[tuple[EditedCut, int, int]] = []
    ends: list[float] = []

    def close() -> None:
        blocks.extend(Block(edited, number, row, len(ends)) for edited, number, row in group)
        group.clear()
        ends.clear()

    for edited, number in sorted(cuts, key=lambda pair: pair[0].span):
        if edited.decision is Decision.REJECTED:
            blocks.append(Block(edited, number, 0, 1))
            continue
        start, end = float(edited.span.start), float(edited.span.end)
        if all(other <= start + _EASE for other in ends):
            close()
        row = next((n for n, other in enumerate(ends) if other <= start + _EASE), len(ends))
        ends[row : row + 1] = [end]
        group.append((edited, number, row))
    close()
    return blocks


class CutBlocks:
    """All blocks of a video, drawn at once."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._by_name: dict[str, Block] = {}
        colours = theme.palette()
        self._accent, self._text = QColor(colours.accent), QColor(colours.text)
        self._on_accent, self._quiet = QColor(colours.on_accent), QColor(colours.secondary)
        self._background = QColor(colours.background)
        self._font = QFont()
        self._font.setPixelSize(11)
        self._font = theme.tabular(self._font)
        self._metrics = QFontMetricsF(self._font)

    def set_cuts(self, cuts: Iterable[tuple[EditedCut, int]]) -> None:
        """Takes the cuts of the video on show, each with its number in the short."""
        self._blocks = stacked(cuts)
        self._by_name = {block.edited.identifier: block for block in self._blocks}

    def block(self, identifier: str) -> Block | None:
        """The block of a cut."""
        return self._by_name.get(identifier)

    def at(self, seconds: float) -> list[Block]:
        """The blocks over a time."""
        return [block for block in self._blocks if seconds in block.edited.span]

    def place(self, block: Block, sight: Sight, look: Look | None = None) -> QRectF:
        """Where a block is drawn, in pixels of the lane."""
        span = block.edited.span
        if look is not None and look.preview:
            span = look.preview.get(block.edited.identifier, span)
        left, right = sight.x(float(span.start)), sight.x(float(span.end))
        if block.rejected:
            return QRectF(left, sight.height - _STRIP + 2, right - left, _STRIP - 3)
        room = (sight.height - _TOP - _STRIP) / block.rows
        top = _TOP + block.row * room
        return QRectF(left, top, right - left, room - (_ROW_GAP if block.rows > 1 else 0.0))

    def hit(self, point: QPointF, sight: Sight, look: Look) -> Hit | None:
        """What is under a point of the lane; next to a block are its ends."""
        best: tuple[tuple[bool, bool], Hit] | None = None
        for block in self._blocks:
            rect = self.place(block, sight)
            name = block.edited.identifier
            fixed = block.rejected or block.edited.locked
            reach = 1.0 if fixed else _REACH
            if not rect.adjusted(-reach, -2, reach, 2).contains(point):
                continue
            grip = 0.0 if fixed else min(_GRIP, rect.width() / 3)
            part = Part.BODY
            if point.x() < rect.left() + grip:
                part = Part.BEGIN
            elif point.x() > rect.right() - grip:
                part = Part.END
            rank = (rect.left() <= point.x() < rect.right(), name in look.selection)
            if best is None or rank > best[0]:
                best = (rank, Hit(name, part))
        return None if best is None else best[1]

    def draw(self, painter: QPainter, sight: Sight, look: Look) -> None:
        """Draws the blocks that are in view, the selected ones over the others."""
        shown: list[tuple[Block, QRectF]] = []
        for block in self._blocks:
            rect = self.place(block, sight, look)
            if rect.right() < -_REACH or rect.left() > sight.width + _REACH:
                continue
            left = max(rect.left(), -_BEYOND)
            right = max(left + 1, min(rect.right(), sight.width + _BEYOND))
            shown.append((block, QRectF(left, rect.top(), right - left, rect.height())))
        painter.save()
        painter.setFont(self._font)
        self._draw_rejected(painter, shown)
        for decision in (Decision.OPEN, Decision.KEPT, Decision.MAYBE):
            self._draw_bodies(
                painter, decision, [r for b, r in shown if b.edited.decision is decision]
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, rect in shown:
            name = block.edited.identifier
            if name in look.selection:
                self._draw_selected(painter, block, rect)
            elif name == look.hovered and not block.rejected:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._text, 1))
                painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            if not block.rejected:
                self._draw_label(painter, block, rect, sight)
        painter.restore()

    def _draw_bodies(self, painter: QPainter, decision: Decision, rects: list[QRectF]) -> None:
        brush, pen = QBrush(self._accent), QPen(self._accent, 1)
        if decision is Decision.OPEN:
            brush = QBrush(_faded(self._accent, 70))
        elif decision is Decision.MAYBE:
            brush = QBrush(_faded(self._accent, 130), Qt.BrushStyle.BDiagPattern)
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setBrush(brush)
        painter.setPen(pen)
        painter.drawRects([_inner(r) for r in rects if r.width() < _LEAST_ROUNDED])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect in rects:
            if rect.width() >= _LEAST_ROUNDED:
                painter.drawRoundedRect(_inner(rect), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_rejected(self, painter: QPainter, shown: list[tuple[Block, QRectF]]) -> None:
        rects = [rect for block, rect in shown if block.rejected]
        painter.setPen(QPen(self._quiet, 1))
        marks = QPainterPath()
        for rect in rects:
            y, x = rect.center().y(), rect.center().x()
            marks.moveTo(rect.left(), y)
            marks.lineTo(rect.right(), y)
            for rise in (-2, 2):
                marks.moveTo(x - 2, y - rise)
                marks.lineTo(x + 2, y + rise)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(marks)

    def _draw_selected(self, painter: QPainter, block: Block, rect: QRectF) -> None:
        """A thick outline, and grips where the ends can be taken."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._background, 4))
        painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)
        painter.setPen(QPen(self._text, 2))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3)
        if block.edited.locked or block.rejected or rect.width() < 3 * _GRIP:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._text)
        for left in (rect.left(), rect.right() - 5):
            painter.drawRoundedRect(QRectF(left, rect.top(), 5, rect.height()), 2, 2)
        painter.setBrush(self._background)
        for left in (rect.left() + 2, rect.right() - 3):
            painter.drawRect(QRectF(left, rect.center().y() - 4, 1, 8))

    def _draw_label(self, painter: QPainter, block: Block, rect: QRectF, sight: Sight) -> None:
        edited = block.edited
        left = max(rect.left(), 0.0) + _TEXT_MARGIN
        room = min(rect.right(), sight.width) - _TEXT_MARGIN - left
        height = self._metrics.capHeight()
        if rect.height() < height + 2 or room < 6:
            return
        kept = edited.decision is Decision.KEPT
        colour = self._on_accent if kept else self._text
        baseline = rect.center().y() + height / 2
        if edited.locked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.fillPath(_lock(left, rect.center().y()), colour)
            left, room = left + 12, room - 12
        length = tr("{seconds} s", seconds=f"{float(edited.span.duration):.1f}")
        head = "?" if edited.decision is Decision.MAYBE else f"{block.number}"
        for text in (f"{head} · {length}", head):
            if self._metrics.horizontalAdvance(text) <= room:
                painter.setPen(colour)
                painter.drawText(QPointF(left, baseline), text)
                return


def _inner(rect: QRectF) -> QRectF:
    return rect.adjusted(0.5, 0.5, -0.5, -0.5)


def _lock(left: float, middle: float) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    path.addRoundedRect(QRectF(left + 1, middle - 5.5, 6, 9), 3, 3)
    path.addRoundedRect(QRectF(left + 2.5, middle - 4, 3, 6), 1.5, 1.5)
    body = QPainterPath()
    body.addRoundedRect(QRectF(left, middle - 1, 8, 6), 1, 1)
    return path.united(body)


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded
