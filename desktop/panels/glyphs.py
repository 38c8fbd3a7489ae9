"""Small marks that lists and bars paint themselves, sharp at every size."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

_EDGE = 16.0
_STROKE = 1.8
_DENSITY = 3.0


def paint_glyph(painter: QPainter, name: str, place: QRectF, colour: QColor) -> None:
    """Paints a mark into the middle of a place.

    Args:
        painter: Where to.
        name: ``check``, ``question``, ``cross``, ``lock``, ``unlocked``, ``dots`` or ``menu``.
        place: The mark is as large as its smaller edge allows.
        colour: Of its strokes.
    """
    edge = min(place.width(), place.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(place.center() - QPointF(edge / 2, edge / 2))
    painter.scale(edge / _EDGE, edge / _EDGE)
    pen = QPen(colour, _STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_path(name))
    painter.restore()


def glyph_icon(name: str, colour: str) -> QIcon:
    """A mark as the icon of a button."""
    made = QPixmap(round(_EDGE * _DENSITY), round(_EDGE * _DENSITY))
    made.setDevicePixelRatio(_DENSITY)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_glyph(painter, name, QRectF(0, 0, _EDGE, _EDGE), QColor(colour))
    painter.end()
    return QIcon(made)


def _path(name: str) -> QPainterPath:
    path = QPainterPath()
    for line in _LINES.get(name, ()):
        path.moveTo(*line[0])
        for point in line[1:]:
            path.lineTo(*point)
    if name in ("lock", "unlocked"):
        path.addRoundedRect(QRectF(3.5, 7.5, 9, 6), 1, 1)
        path.moveTo(5.3, 7.2)
        path.lineTo(5.3, 5.2)
        path.arcTo(QRectF(5.3, 2.5, 5.4, 5.4), 180, -180 if name == "lock" else -130)
        if name == "lock":
            path.lineTo(10.7, 7.2)
    if name == "question":
        path.moveTo(5.2, 5.6)
        path.cubicTo(5.2, 1.6, 11, 1.9, 10.9, 5.5)
        path.cubicTo(10.8, 7.6, 8, 7.4, 8, 10)
        path.addEllipse(QPointF(8, 13.2), 0.3, 0.3)
    if name == "dots":
        for x in (3.2, 8.0, 12.8):
            path.addEllipse(QPointF(x, 8), 0.5, 0.5)
    return path


_LINES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "check": (((3, 8.6), (6.5, 12), (13, 4.6)),),
    "cross": (((4, 4), (12, 12)), ((12, 4), (4, 12))),
    "menu": (((2.5, 4), (13.5, 4)), ((2.5, 8), (13.5, 8)), ((2.5, 12), (13.5, 12))),
}
