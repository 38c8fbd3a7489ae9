"""Captions as a layer over the short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.errors import Cancelled
from core.export.captions.breaking import ShownText, ShownWord, break_caption, frames_of
from core.export.captions.caption import Captions
from core.export.captions.retime import without_overlaps
from core.export.captions.styles import (
    LETTERINGS,
    Colour,
    Lettering,
    TextArea,
    font_size_of,
    text_area,
)
from core.export.layers.layer import Layer, TimedPicture
from core.export.layers.lettering import width_of
from core.export.layers.painting import coverage, line_height, picture_at, soft_box, write_png
from core.export.look import CaptionStyle
from core.time import Span

_SHORT_SILENCE = Fraction(2, 5)
"""A word keeps its colour through a silence of so many seconds, else the picture flickers."""

_PADDING = 0.4
_CORNERS = 0.3
_REACH = 0.25
"""How far outline and shadow reach beyond the letters, as a fraction of the font size."""

_SHADOW_DROP = 0.04
_SHADOW_BLUR = 0.1


@dataclass(frozen=True)
class _State:
    """What one picture shows: lines, and the places in them that are being said."""

    lines: tuple[str, ...]
    spoken: tuple[tuple[int, int, int], ...] = ()


def render_captions(
    captions: Captions,
    style: CaptionStyle,
    folder: Path,
    *,
    size: tuple[int, int],
    frames: int,
    frame_rate: Fraction,
    cancelled: Callable[[], bool] = lambda: False,
) -> Layer | None:
    """Draws captions into pictures, each state once.

    A caption is shown from the first frame that begins within its span; a word has its colour from
    the first frame that begins after the word. Signs that the font does not have (emoji) are left
    out.

    Args:
        captions: What is said, in seconds of the short.
        style: How it looks.
        folder: The folder for the pictures, ``caption-*.png``.
        size: Width and height of the short in pixels.
        frames: Number of frames of the short.
        frame_rate: Frames per second of the short.
        cancelled: Asked before every picture.

    Returns:
        The layer, or None if there is nothing to show.

    Raises:
        ExportError: The font is missing or a picture cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    lettering = LETTERINGS[style]
    font_size = font_size_of(lettering, size)
    area = text_area(size)
    around = 2 * _PADDING if lettering.box else _REACH
    width = area.width - 2 * round(around * font_size)
    timed: list[tuple[_State, int, int]] = []
    for caption in without_overlaps(captions):
        if cancelled():
            raise Cancelled
        for text in break_caption(caption, font_size, width):
            timed += _states(text, lettering, frame_rate, frames)
    if not timed:
        return None
    x, y, width, height = _place({state.lines for state, _, _ in timed}, font_size, size, area)
    paths = _draw(
        list(dict.fromkeys(state for state, _, _ in timed)),
        lettering,
        font_size,
        (width, height),
        folder,
        cancelled,
    )
    pictures = tuple(TimedPicture(paths[state], first, count) for state, first, count in timed)
    return Layer(x, y, width, height, pictures)


def _states(
    text: ShownText, lettering: Lettering, frame_rate: Fraction, frames: int
) -> Iterator[tuple[_State, int, int]]:
    """States of a text with their first frames and numbers of frames."""
    within = frames_of(text.span, frame_rate, frames)
    reached = within.start
    if lettering.spoken is not None:
        for word, span in _told(text):
            place = frames_of(span, frame_rate, frames)
            first, last = max(place.start, reached), min(place.stop, within.stop)
            if first >= last:
                continue
            if first > reached:
                yield _State(text.lines), reached, first - reached
            yield _State(text.lines, word.places), first, last - first
            reached = last
    if reached < within.stop:
        yield _State(text.lines), reached, within.stop - reached


def _told(text: ShownText) -> Iterator[tuple[ShownWord, Span]]:
    """Words with the time that they have their colour."""
    for index, word in enumerate(text.words):
        following = [later.span.start for later in text.words[index + 1 : index + 2]]
        after = following[0] if following else text.span.end
        silence = after - word.span.end
        if after <= word.span.start:
            continue
        end = after if silence <= _SHORT_SILENCE else word.span.end
        yield word, Span(word.span.start, end)


def _place(
    texts: set[tuple[str, ...]], font_size: int, size: tuple[int, int], area: TextArea
) -> tuple[int, int, int, int]:
    """Left and upper edge, width and height in pixels, all even, that hold any of the texts."""
    margin = round(2 * _PADDING * font_size)
    widest = max(width_of(line, font_size) for lines in texts for line in lines)
    most = max(len(lines) for lines in texts)
    width = min(size[0], round(widest) + 2 * margin) // 2 * 2
    height = min(area.bottom, most * line_height(font_size) + margin) // 2 * 2
    return (size[0] - width) // 4 * 2, (area.bottom - height) // 2 * 2, width, height


def _draw(
    states: list[_State],
    lettering: Lettering,
    font_size: int,
    size: tuple[int, int],
    folder: Path,
    cancelled: Callable[[], bool],
) -> dict[_State, Path]:
    paths: dict[_State, Path] = {}
    block: _Block | None = None
    for state in states:
        if cancelled():
            raise Cancelled
        if block is None or block.lines != state.lines:
            block = _Block(state.lines, lettering, font_size, size)
        path = folder / f"caption-{len(paths):05d}.png"
        paths[state] = write_png(block.picture(state.spoken), path)
    return paths


class _Block:
    """One text in its place; its states differ only in the colours of its letters.

    Args:
        lines: The text.
        lettering: How it looks.
        font_size: Size of the font in pixels.
        size: Width and height of the layer in pixels.
    """

    def __init__(
        self, lines: tuple[str, ...], lettering: Lettering, font_size: int, size: tuple[int, int]
    ) -> None:
        self.lines = lines
        self._lettering = lettering
        self._font_size = font_size
        self._layer_size = size
        margin = round(2 * _PADDING * font_size)
        width = round(max(width_of(line, font_size) for line in lines)) + 2 * margin
        height = len(lines) * line_height(font_size) + margin
        self._size = min(size[0], width) // 2 * 2, min(size[1], height) // 2 * 2
        weight = round(lettering.weight * font_size)
        letters = coverage(lines, font_size, self._size, weight)
        self._letters = np.asarray(letters, np.float64) / 255
        self._behind = self._draw_behind(weight)
        self._silent = self._composed((slice(None), slice(None)), lettering.colour)

    def picture(self, spoken: tuple[tuple[int, int, int], ...]) -> Image.Image:
        """The layer's picture while these places of the text are being said."""
        drawn = self._silent.copy()
        if self._lettering.spoken is not None:
            for rectangle in (self._rectangle(*place) for place in spoken):
                rows, columns = rectangle
                coloured = self._composed(rectangle, self._lettering.spoken)
                drawn.paste(coloured, (columns.start, rows.start))
        whole = Image.new("RGBA", self._layer_size)
        left = (self._layer_size[0] - self._size[0]) // 2
        whole.paste(drawn, (left, self._layer_size[1] - self._size[1]))
        return whole

    def _composed(self, rectangle: tuple[slice, slice], colour: Colour) -> Image.Image:
        """A part of the text in one colour over what is behind it."""
        from moviepy import CompositeVideoClip, ImageClip

        letters, behind = self._letters[rectangle], self._behind[rectangle]
        plain = np.empty((*letters.shape, 3), np.uint8)
        plain[:] = colour
        front = ImageClip(plain).with_mask(ImageClip(letters, is_mask=True))
        clips = [ImageClip(behind, transparent=True), front]
        size = letters.shape[::-1]
        clip = CompositeVideoClip(clips, size=size, bg_color=None).with_duration(1)
        try:
            return picture_at(clip, 0)
        finally:
            clip.close()

    def _draw_behind(self, weight: int) -> NDArray[np.uint8]:
        """Box, shadow and outline, (height, width, 4) uint8."""
        lettering, font_size = self._lettering, self._font_size
        behind = Image.new("RGBA", self._size)
        if lettering.box:
            box = (0, 0, 0, round(255 * lettering.box))
            behind = Image.fromarray(soft_box(*self._size, round(_CORNERS * font_size), box))
        outline = weight + max(1, round(lettering.outline * font_size))
        if lettering.shadow:
            edge = coverage(self.lines, font_size, self._size, outline)
            soft = Image.new("L", self._size)
            soft.paste(edge, (0, round(_SHADOW_DROP * font_size)))
            soft = soft.filter(ImageFilter.GaussianBlur(_SHADOW_BLUR * font_size))
            shadow = Image.new("RGBA", self._size, (0, 0, 0, 0))
            shadow.putalpha(soft.point([round(lettering.shadow * level) for level in range(256)]))
            behind = Image.alpha_composite(behind, shadow)
        if lettering.outline:
            line = Image.new("RGBA", self._size, lettering.outline_colour)
            line.putalpha(coverage(self.lines, font_size, self._size, outline))
            behind = Image.alpha_composite(behind, line)
        return np.asarray(behind)

    def _rectangle(self, number: int, begin: int, end: int) -> tuple[slice, slice]:
        """Rows and columns of a place in the text, half of the spaces around it included."""
        line, font_size = self.lines[number], self._font_size
        left = (self._size[0] - width_of(line, font_size)) / 2
        space = width_of(" ", font_size) / 2
        first = (
            left
            + width_of(line[:begin], font_size)
            - space * (begin == 0 or line[begin - 1] == " ")
        )
        last = (
            left + width_of(line[:end], font_size) + space * (end == len(line) or line[end] == " ")
        )
        step = line_height(font_size)
        top = (self._size[1] - step * len(self.lines)) / 2 + step * number
        rows = slice(max(0, round(top)), min(self._size[1], round(top + step)))
        columns = slice(max(0, round(first)), min(self._size[0], round(last)))
        return rows, columns
