"""What is painted over the picture: the shape of the short and its safe areas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from desktop import theme

ACTION_SAFE, TITLE_SAFE = 0.9, 0.8
"""Shares of width and height (SMPTE RP 218, the areas before 2009, still those of editors)."""

_SHADE = QColor(0, 0, 0, 150)
_LINE = QColor(255, 255, 255, 190)
_LINE_EDGE = QColor(0, 0, 0, 110)
_STAGE_TEXT = QColor(theme.DARK.secondary)


def in_picture(place: QRectF, window: tuple[float, float, float, float]) -> QRectF:
    """Where a part of a picture lies that is given as fractions of it.

    Args:
        place: Where the picture lies.
        window: Left and upper edge, width and height of the part.
    """
    left, top, width, height = window
    return QRectF(
        place.left() + left * place.width(),
        place.top() + top * place.height(),
        width * place.width(),
        height * place.height(),
    )


def paint_windows(painter: QPainter, place: QRectF, windows: Sequence[QRectF]) -> None:
    """Shades what the short will not show, and outlines what it will."""
    shown, all_of_it = QPainterPath(), QPainterPath()
    for window in windows:
        part = QPainterPath()
        part.addRect(window)
        shown = shown.united(part)
    all_of_it.addRect(place)
    painter.fillPath(all_of_it.subtracted(shown), _SHADE)
    painter.setPen(QColor(theme.palette().accent))
    for window in windows:
        painter.drawRect(window.adjusted(0, 0, -1, -1))


def paint_safe_areas(painter: QPainter, kept: QRectF) -> None:
    """Outlines the action-safe (solid) and the title-safe (dashed) area."""
    for share, style in (
        (ACTION_SAFE, Qt.PenStyle.SolidLine),
        (TITLE_SAFE, Qt.PenStyle.DashLine),
    ):
        area = QRectF(0, 0, kept.width() * share, kept.height() * share)
        area.moveCenter(kept.center())
        # A dark line under the light one: seen on snow as well.
        painter.setPen(QPen(_LINE_EDGE, 3))
        painter.drawRect(area)
        painter.setPen(QPen(_LINE, 1, style))
        painter.drawRect(area)


def paint_message(painter: QPainter, place: QRectF, text: str) -> None:
    """A sentence in place of a picture."""
    margin = 3 * theme.SPACING
    painter.setPen(_STAGE_TEXT)
    painter.drawText(
        place.adjusted(margin, margin, -margin, -margin),
        Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
        text,
    )
