"""The caption over the picture of the player, drawn about as the export draws it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QImage, QPainter, QPainterPath, QPen

from core.export.layers.lettering import FONT, width_of

if TYPE_CHECKING:
    from core.export.captions.styles import Lettering

_LINE = 1.28
_MIDDLE = 0.35
_PADDING = 0.4
_BOX_SIDE = 0.8
_CORNERS = 0.3
_SHADOW_DROP = 0.04
_SHADOW_WIDTHS = (0.1, 0.06, 0.02)

Part = tuple[float, float, float, float]
"""Left and upper edge, width and height, as fractions of the picture of the short."""


@dataclass(frozen=True)
class ShownCaption:
    """A caption as it stands in the picture of the short; lengths are pixels of the short.

    Attributes:
        lines: The text.
        spoken: Line, begin and end of the places that are being said.
        lettering: How it looks.
        font_size: Size of the bundled font.
        bottom: Lower edge of the text with its margin.
        size: Width and height of the short.
        part: Where the last window of the short stands in its picture.
    """

    lines: tuple[str, ...]
    spoken: tuple[tuple[int, int, int], ...]
    lettering: Lettering
    font_size: int
    bottom: int
    size: tuple[int, int]
    part: Part = (0.0, 0.0, 1.0, 1.0)


def paint_caption(
    painter: QPainter, caption: ShownCaption, window: QRectF, picture: QRectF
) -> None:
    """Paints a caption where it stands in the short.

    Args:
        painter: Of the view.
        caption: What to paint.
        window: Where the last window of the short lies in the view.
        picture: Where the whole picture lies; a caption that stands below it in the short is
            moved up to its lower edge.
    """
    left, top, width, height = caption.part
    scale = window.width() / width / caption.size[0]
    if scale <= 0:
        return
    upper = window.top() - top * window.height() / height
    lowest = picture.bottom() - _PADDING * caption.font_size * scale
    bottom = min(upper + caption.bottom * scale, lowest)
    middle = window.left() + (0.5 - left) * window.width() / width
    ratio = painter.device().devicePixelRatioF()
    image = _image(replace(caption, bottom=0, size=(0, 0), part=(0, 0, 1, 1)), scale * ratio)
    image.setDevicePixelRatio(ratio)
    across, down = image.width() / ratio, image.height() / ratio
    painter.drawImage(QPointF(middle - across / 2, bottom - down), image)


@lru_cache(maxsize=8)
def _image(caption: ShownCaption, scale: float) -> QImage:
    """A picture of a caption, its lower edge at the middle; to stroke letters takes too long."""
    widest = max(_letters(line, caption.font_size).boundingRect().width() for line in caption.lines)
    width = math.ceil((widest + 2 * _BOX_SIDE * caption.font_size) * scale)
    height = math.ceil((_LINE * len(caption.lines) + 2 * _PADDING) * caption.font_size * scale)
    if caption.spoken:
        image = _image(replace(caption, spoken=()), scale).copy()
    else:
        image = QImage(max(1, width), max(1, height), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(width / 2, height)
    painter.scale(scale, scale)
    if caption.spoken:
        _paint_spoken(painter, caption)
    else:
        _paint(painter, caption)
    painter.end()
    return image


def _paint(painter: QPainter, caption: ShownCaption) -> None:
    """Paints it around the middle of its lower edge, in pixels of the short."""
    style, size = caption.lettering, caption.font_size
    paths = [_letters(line, size) for line in caption.lines]
    text = QPainterPath()
    for number, path in enumerate(paths):
        text.addPath(path.translated(0, _base_line(caption, number)))
    if style.box:
        side = max(path.boundingRect().width() for path in paths) / 2 + _BOX_SIDE * size
        height = (_LINE * len(paths) + 2 * _PADDING) * size
        box = QRectF(-side, -height, 2 * side, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, round(255 * style.box)))
        painter.drawRoundedRect(box, _CORNERS * size, _CORNERS * size)
    edge = 2 * (style.weight + style.outline) * size
    if style.shadow:
        shade = QColor(0, 0, 0, round(255 * style.shadow / len(_SHADOW_WIDTHS)))
        low = text.translated(0, _SHADOW_DROP * size)
        for more in _SHADOW_WIDTHS:
            painter.strokePath(low, _round_pen(shade, edge + 2 * more * size))
    if style.outline:
        painter.strokePath(text, _round_pen(QColor(*style.outline_colour), edge))
    _fill(painter, text, style, style.colour, size)


def _paint_spoken(painter: QPainter, caption: ShownCaption) -> None:
    """Paints the word that is being said over the text."""
    style, size = caption.lettering, caption.font_size
    for number, begin, end in caption.spoken:
        word = _letters(caption.lines[number], size, begin, end)
        down = _base_line(caption, number)
        _fill(painter, word.translated(0, down), style, style.spoken or style.colour, size)


def _base_line(caption: ShownCaption, number: int) -> float:
    """Height of the base line of a line of text; the lower edge of all is at 0."""
    lines = number + 0.5 - len(caption.lines)
    return (lines * _LINE + _MIDDLE - _PADDING) * caption.font_size


def _fill(
    painter: QPainter, path: QPainterPath, style: Lettering, colour: tuple[int, int, int], size: int
) -> None:
    if style.weight:
        painter.strokePath(path, _round_pen(QColor(*colour), 2 * style.weight * size))
    painter.fillPath(path, QColor(*colour))


def _round_pen(colour: QColor, width: float) -> QPen:
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    return QPen(colour, width, Qt.PenStyle.SolidLine, cap, join)


@lru_cache(maxsize=64)
def _letters(line: str, size: int, begin: int = 0, end: int | None = None) -> QPainterPath:
    """The outlines of a part of a line that is centred on 0, with the base line at 0."""
    path = QPainterPath()
    left = width_of(line[:begin], size) - width_of(line, size) / 2
    path.addText(left, 0, _font(size), line[begin:end])
    return path


def _font(size: int) -> QFont:
    made = QFont(_family())
    made.setBold(True)
    made.setPixelSize(size)
    return made


@lru_cache(maxsize=1)
def _family() -> str:
    loaded = QFontDatabase.addApplicationFont(str(FONT))
    return next(iter(QFontDatabase.applicationFontFamilies(loaded)), "")
