"""Paints the rows of the list of cuts and knows where their buttons are."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.project.document import Decision, EditedCut
from desktop import theme
from desktop.i18n import tr
from desktop.panels.cuts_model import CUT, length_text, reasons_text
from desktop.panels.glyphs import paint_glyph

ROW_HEIGHT = 88
FOLD_HEIGHT = 34
_EDGE = 10
_BUTTON = QSize(24, 22)
_MARK = 18
_WIDE = 360
_FAINT = 0.45
_MOST_PICTURES = 1024
Index = QModelIndex | QPersistentModelIndex
Thumbnail = Callable[[str, float], QPixmap]


class RowButton(StrEnum):
    """The buttons of a row, from the left."""

    KEEP = "keep"
    ASIDE = "aside"
    REJECT = "reject"
    LOCK = "lock"
    MENU = "menu"


_GLYPHS = {
    RowButton.KEEP: "check",
    RowButton.ASIDE: "question",
    RowButton.REJECT: "cross",
    RowButton.LOCK: "lock",
    RowButton.MENU: "dots",
}
_DECISIONS = {
    Decision.KEPT: RowButton.KEEP,
    Decision.MAYBE: RowButton.ASIDE,
    Decision.REJECTED: RowButton.REJECT,
}


def button_name(button: RowButton, edited: EditedCut) -> str:
    """What a button of a row does to its cut as it is now."""
    if button is RowButton.LOCK:
        return tr("Unlock cut") if edited.locked else tr("Lock cut")
    if button is RowButton.MENU:
        return tr("More")
    if _DECISIONS.get(edited.decision) is button:
        return tr("Bring back") if button is RowButton.REJECT else tr("Undecide")
    return {
        RowButton.KEEP: tr("Keep cut"),
        RowButton.ASIDE: tr("Set cut aside"),
        RowButton.REJECT: tr("Reject cut"),
    }[button]


class CutDelegate(QStyledItemDelegate):
    """A row: picture, times, length, decision, reasons, what the score is made of, buttons.

    Args:
        thumbnail: Gives the small picture of a video at a time in seconds, a null one if there is
            none yet.
        medium_name: Names a video; empty where the project has only one.
        parent: Owner.
    """

    def __init__(
        self, thumbnail: Thumbnail, medium_name: Callable[[str], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._medium_name = medium_name
        self._pictures: dict[tuple[str, float, int, float], QPixmap] = {}
        self._lines = lru_cache(maxsize=1024)(_wrapped)
        self.hovered: tuple[str, RowButton] | None = None
        colours = theme.palette()
        self._text = QColor(colours.text)
        self._secondary = QColor(colours.secondary)
        self._raised = QColor(colours.raised)
        self._hairline = QColor(colours.hairline)
        self._accent = QColor(colours.accent)
        self._danger = QColor(colours.danger)

    def button_at(self, row: QRect, place: QPoint) -> RowButton | None:
        """The button under a point of the view."""
        return next((b for b in RowButton if self.button_rect(row, b).contains(place)), None)

    @staticmethod
    def button_rect(row: QRect, button: RowButton) -> QRect:
        """Where a button is."""
        after = len(RowButton) - list(RowButton).index(button)
        left = row.right() - _EDGE + 5 - after * _BUTTON.width()
        return QRect(QPoint(left, row.bottom() - 6 - _BUTTON.height()), _BUTTON)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, FOLD_HEIGHT if index.data(CUT) is None else ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edited = index.data(CUT)
        row = QRect(option.rect)
        state = option.state
        font = QFont(option.font)
        if edited is None:
            self._paint_fold(
                painter, row, index.data(), bool(state & QStyle.StateFlag.State_HasFocus)
            )
        else:
            self._paint_ground(painter, row, state)
            self._paint_cut(painter, row, edited, font)
            if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
                self._paint_buttons(painter, row, edited)
            else:
                self._paint_button(painter, row, edited, RowButton.MENU)
        painter.restore()

    def _paint_ground(self, painter: QPainter, row: QRect, state: QStyle.StateFlag) -> None:
        ground = QRectF(row).adjusted(2.5, 2.5, -2.5, -2.5)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            fill = QColor(self._raised)
            fill.setAlphaF(1.0 if selected else 0.5)
            painter.setBrush(fill)
            painter.drawRoundedRect(ground, 4, 4)
        if selected:
            painter.setBrush(self._accent)
            painter.drawRoundedRect(QRectF(ground.left(), ground.top(), 3, ground.height()), 1, 1)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, 4, 4)

    def _paint_cut(self, painter: QPainter, row: QRect, edited: EditedCut, font: QFont) -> None:
        wide = row.width() >= _WIDE
        picture = QRect(row.left() + _EDGE, row.top() + 10, 88 if wide else 64, 50 if wide else 36)
        text = QRect(picture.right() + 11, row.top() + 8, 0, 20)
        text.setRight(row.right() - _EDGE)
        painter.setOpacity(1.0 if edited.in_short else _FAINT)
        self._paint_picture(painter, picture, edited)
        name = self._medium_name(edited.medium)
        if name:
            beneath = QRect(picture.left(), picture.bottom() + 4, picture.width(), 18)
            middle = Qt.TextElideMode.ElideMiddle
            self._paint_text(painter, beneath, name, font, self._secondary, middle)
        self._paint_times(painter, text.adjusted(0, 0, -2 * _MARK, 0), edited, font)
        lines = self._lines(reasons_text(edited), font.toString(), text.width())
        for number, line in enumerate(lines):
            place = QRect(text.left(), text.top() + 21 + 17 * number, text.width(), 17)
            self._paint_text(painter, place, line, font, self._secondary)
        room = text.width() - len(RowButton) * _BUTTON.width() - 8
        self._paint_contributions(painter, QRectF(text.left(), row.bottom() - 19, room, 4), edited)
        painter.setOpacity(1.0)
        self._paint_marks(painter, text, edited)

    def _paint_times(self, painter: QPainter, place: QRect, edited: EditedCut, font: QFont) -> None:
        fixed = theme.tabular(font)
        length = length_text(edited)
        reach = QFontMetrics(fixed).horizontalAdvance(length) + 1
        behind = QRect(place.right() - 6 - reach, place.top(), reach, place.height())
        self._paint_text(painter, behind, length, fixed, self._secondary)
        fixed.setStrikeOut(edited.decision is Decision.REJECTED)
        before = place.adjusted(0, 0, -12 - reach, 0)
        self._paint_text(painter, before, str(edited.span), fixed, self._text)

    def _paint_marks(self, painter: QPainter, place: QRect, edited: EditedCut) -> None:
        slot = QRectF(place.right() - _MARK + 3, place.top() + 3, _MARK - 4, _MARK - 4)
        if edited.decision is not Decision.OPEN:
            glyph = _GLYPHS[_DECISIONS[edited.decision]]
            paint_glyph(painter, glyph, slot, self._mark_colour(edited))
        if edited.locked:
            paint_glyph(painter, "lock", slot.translated(-_MARK, 0), self._text)

    def _paint_picture(self, painter: QPainter, place: QRect, edited: EditedCut) -> None:
        picture = self._picture(painter, place, edited)
        if picture.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._hairline)
            painter.drawRoundedRect(place, 3, 3)
            return
        size = picture.deviceIndependentSize().toSize()
        at = place.topLeft() + QPoint(
            (place.width() - size.width()) // 2, (place.height() - size.height()) // 2
        )
        painter.fillRect(place, QColor(theme.STAGE))
        painter.drawPixmap(at, picture)

    def _picture(self, painter: QPainter, place: QRect, edited: EditedCut) -> QPixmap:
        scale = painter.device().devicePixelRatioF()
        key = (edited.medium, float(edited.span.middle), place.width(), scale)
        if key not in self._pictures:
            taken = self._thumbnail(edited.medium, key[1])
            if taken.isNull():
                return taken
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            scaled = taken.scaled(
                place.size() * scale,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            scaled.setDevicePixelRatio(scale)
            self._pictures[key] = scaled
        return self._pictures[key]

    @staticmethod
    def _paint_contributions(painter: QPainter, place: QRectF, edited: EditedCut) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        left = place.left()
        for name, colour in theme.CONTRIBUTION_COLOURS.items():
            width = place.width() * min(1.0, max(0.0, edited.cut.contributions.get(name, 0.0)))
            if width >= 1:
                painter.setBrush(QColor(colour))
                painter.drawRoundedRect(QRectF(left, place.top(), width - 1, place.height()), 1, 1)
                left += width

    def _paint_buttons(self, painter: QPainter, row: QRect, edited: EditedCut) -> None:
        for button in RowButton:
            self._paint_button(painter, row, edited, button)

    def _paint_button(
        self, painter: QPainter, row: QRect, edited: EditedCut, button: RowButton
    ) -> None:
        place = QRectF(self.button_rect(row, button))
        if self.hovered == (edited.identifier, button):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._hairline)
            painter.drawRoundedRect(place.adjusted(1, 0, -1, 0), 4, 4)
        active = _DECISIONS.get(edited.decision) is button
        colour = self._mark_colour(edited) if active else self._secondary
        glyph = _GLYPHS[button]
        if button is RowButton.LOCK:
            glyph = "lock" if edited.locked else "unlocked"
            colour = self._text if edited.locked else self._secondary
        paint_glyph(painter, glyph, place.adjusted(4, 4, -4, -4), colour)

    def _paint_fold(self, painter: QPainter, row: QRect, text: str, focused: bool) -> None:
        painter.setPen(QPen(self._hairline, 1))
        painter.drawLine(row.left() + _EDGE, row.top() + 2, row.right() - _EDGE, row.top() + 2)
        place = row.adjusted(_EDGE, 4, -_EDGE, 0)
        painter.setPen(self._accent if focused else self._secondary)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _mark_colour(self, edited: EditedCut) -> QColor:
        if edited.decision is Decision.KEPT:
            return self._accent
        return self._danger if edited.decision is Decision.REJECTED else self._text

    @staticmethod
    def _paint_text(
        painter: QPainter,
        place: QRect,
        text: str,
        font: QFont,
        colour: QColor,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        shown = QFontMetrics(font).elidedText(text, elide, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _wrapped(text: str, font_text: str, width: int) -> tuple[str, ...]:
    """A text on two lines at most; the second ends in an ellipsis where it is too long."""
    font = QFont()
    font.fromString(font_text)
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(width)
    layout.endLayout()
    first = line.textLength()
    if first >= len(text):
        return (text,)
    rest = QFontMetrics(font).elidedText(text[first:], Qt.TextElideMode.ElideRight, width)
    return (text[:first].rstrip(), rest)
