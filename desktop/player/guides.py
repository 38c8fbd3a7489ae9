"""What is painted over the picture: the shape of the short and its safe areas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop import theme

ACTION_SAFE, TITLE_SAFE = 0.9, 0.8
"""Shares of width and height (SMPTE RP 218, the areas before 2009, still those of editors)."""

_SHADE = QColor(0, 0, 0, 150)
_LINE = QColor(255, 255, 255, 190)
_LINE_EDGE = QColor(0, 0, 0, 110)
_STAGE_TEXT = QColor(theme.DARK.secondary)


def kept_area(place: QRectF, aspect: float) -> QRectF:
    """The largest rectangle of a shape in the middle of a picture."""
    width, height = place.width(), place.height()
    kept = QRectF(0, 0, min(width, height * aspect), min(height, width / aspect))
    kept.moveCenter(place.center())
    return kept


def paint_kept_area(painter: QPainter, place: QRectF, kept: QRectF) -> None:
    """Shades what the short will not show, and outlines what it will."""
    for outer in (
        QRectF(place.left(), place.top(), kept.left() - place.left(), place.height()),
        QRectF(kept.right(), place.top(), place.right() - kept.right(), place.height()),
        QRectF(kept.left(), place.top(), kept.width(), kept.top() - place.top()),
        QRectF(kept.left(), kept.bottom(), kept.width(), place.bottom() - kept.bottom()),
    ):
        painter.fillRect(outer, _SHADE)
    painter.setPen(QColor(theme.palette().accent))
    painter.drawRect(kept)


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
