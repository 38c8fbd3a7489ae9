"""What is drawn while a boundary is dragged: what could hold it, what holds it, and its time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from core.project.magnets import Magnet
from core.time import format_timecode
from desktop import theme
from desktop.i18n import tr
from desktop.timeline.cut_drag import Preview
from desktop.timeline.lane import Sight

REACH_PIXELS = 90
"""Marks are drawn that far from the boundary."""

_PADDING = 5.0


def magnet_name(kind: str) -> str:
    """What a magnet is, in words."""
    return {
        "shot": tr("shot change"),
        "speech": tr("speech pause"),
        "playhead": tr("playhead"),
        "cut": tr("other cut"),
        "mark": tr("marked stretch"),
    }[kind]


def drag_text(preview: Preview) -> str:
    """Time and frame of the dragged boundary, and what holds it."""
    words = [format_timecode(preview.edge), tr("frame {number}", number=preview.frame + 1)]
    if preview.held is not None:
        words.append(magnet_name(preview.held.kind))
    return " · ".join(words)


def draw_snap_marks(
    painter: QPainter, sight: Sight, preview: Preview, magnets: Sequence[Magnet]
) -> None:
    """Draws the magnets near a dragged boundary, the one that holds, and the text beside it.

    Args:
        painter: On the lane, in pixels.
        sight: What the lane shows.
        preview: What the drag does at the moment.
        magnets: Those near the boundary; none where snapping is off.
    """
    colours = theme.palette()
    painter.save()
    painter.setPen(QPen(QColor(colours.secondary), 1, Qt.PenStyle.DotLine))
    painter.drawLines([_line(sight, magnet) for magnet in magnets])
    if preview.held is not None:
        held = _line(sight, preview.held)
        painter.setPen(QPen(QColor(colours.danger), 2))
        painter.drawLine(held)
        painter.setBrush(QColor(colours.danger))
        x = held.x1()
        painter.drawPolygon([QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, 6)])
    font = QFont()
    font.setPixelSize(11)
    font = theme.tabular(font)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    text = drag_text(preview)
    width = metrics.horizontalAdvance(text) + 2 * _PADDING
    edge = sight.x(float(preview.edge))
    # Beside the cut, not over it, where there is room.
    before, after = edge - 10 - width, edge + 10
    begins = any(span.start == preview.edge for span in preview.spans.values())
    left = before if (begins and before >= 0) or after + width > sight.width else after
    box = QRectF(left, (sight.height - 18) / 2, width, 18)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colours.hairline), 1))
    painter.setBrush(QColor(colours.raised))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(colours.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()


def _line(sight: Sight, magnet: Magnet) -> QLineF:
    x = sight.x(float(magnet.seconds))
    return QLineF(x, 0, x, sight.height)
