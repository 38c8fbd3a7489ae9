"""The face of the sailor, who talks."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from picture import Colour, Point, disc, mixed, smooth_curve
from PIL import Image, ImageDraw

Mood = Literal["calm", "angry"]


class Portrait:
    """A young sailor in a knitted cap and a raincoat, who talks."""

    SIZE = (860, 800)
    _UNIT = 116.0
    _SCALE = 2

    def __init__(self, mood: Mood, shade: Colour) -> None:
        """Choose the mood of the face and the colour of the light on its dark side."""
        self._mood: Mood = mood
        angry = mood == "angry"
        self._skin: Colour = (232, 150, 118) if angry else (240, 184, 150)
        self._dark = mixed(self._skin, shade, 0.45)
        self._coat: Colour = (224, 166, 40) if angry else (247, 194, 62)
        self._cap: Colour = (178, 48, 56) if angry else (214, 74, 72)
        self._hair: Colour = (44, 28, 34)
        self._sheen: Colour = (86, 58, 62)
        self._shade = shade

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the face as an RGBA layer of `SIZE`; `mouth` is how far it is open, 0 to 1."""
        size = (self.SIZE[0] * self._SCALE, self.SIZE[1] * self._SCALE)
        layer = Image.new("RGBA", size, (*self._hair, 0))
        pen = ImageDraw.Draw(layer)
        self._draw_body(pen)
        self._draw_head(pen)
        self._draw_eyes(pen, time, mouth)
        self._draw_mouth(pen, mouth)
        self._draw_cap(pen)
        return layer.reduce(self._SCALE)

    def _fill(self, pen: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour) -> None:
        unit = self._UNIT * self._SCALE
        middle = self.SIZE[0] / 2 * self._SCALE, 3.1 * unit
        pen.polygon([(middle[0] + x * unit, middle[1] + y * unit) for x, y in points], fill=colour)

    def _curve(self, pen: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour) -> None:
        self._fill(pen, smooth_curve(points), colour)

    def _stroke(
        self, pen: ImageDraw.ImageDraw, points: Sequence[Point], width: float, colour: Colour
    ) -> None:
        path = np.array([*smooth_curve(points, closed=False), points[-1]])
        along = np.gradient(path, axis=0)
        across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
        taper = width / 2 * np.sin(np.pi * np.linspace(0.12, 0.88, len(path)))[:, None]
        outline = np.vstack([path + taper * across, (path - taper * across)[::-1]])
        self._fill(pen, [(float(x), float(y)) for x, y in outline], colour)

    def _draw_body(self, pen: ImageDraw.ImageDraw) -> None:
        hair = [(-1.3, -0.9), (-1.42, 0.2), (-1.5, 1.2), (-1.3, 2.0), (-0.6, 2.25)]
        self._curve(pen, [*hair, *[(-x, y) for x, y in reversed(hair)]], self._hair)
        coat = [(-3.2, 4.4), (-2.75, 2.75), (-1.1, 2.15), (1.1, 2.15), (2.75, 2.75), (3.2, 4.4)]
        self._curve(pen, coat, self._coat)
        dark_coat = mixed(self._coat, self._shade, 0.42)
        side = [(1.3, 2.25), (2.75, 2.75), (3.2, 4.4), (1.2, 4.4), (1.35, 3.2)]
        self._curve(pen, side, dark_coat)
        neck = [(-0.44, 1.0), (-0.5, 2.3), (0.0, 2.8), (0.5, 2.3), (0.44, 1.0)]
        self._fill(pen, neck, self._dark)
        self._fill(pen, [(-0.62, 2.0), (-1.35, 2.2), (-0.9, 3.1), (0.0, 2.85)], self._coat)
        self._fill(pen, [(0.62, 2.0), (1.35, 2.2), (0.9, 3.1), (0.0, 2.85)], dark_coat)
        self._fill(pen, [(-0.035, 2.85), (0.035, 2.85), (0.035, 4.5), (-0.035, 4.5)], dark_coat)
        for button in (3.3, 3.85):
            self._fill(pen, disc((0.22, button), 0.07), mixed(self._coat, (90, 50, 20), 0.6))

    def _draw_head(self, pen: ImageDraw.ImageDraw) -> None:
        for side in (-1, 1):
            self._fill(pen, disc((1.24 * side, 0.02), 0.2, 1.35), self._dark)
        right = [(1.2, -0.6), (1.17, 0.3), (0.86, 1.1), (0.34, 1.55)]
        left = [(-x, y) for x, y in reversed(right)]
        self._curve(
            pen, [(0.0, -1.7), (0.9, -1.4), *right, (0, 1.62), *left, (-0.9, -1.4)], self._skin
        )
        shade = [(0.95, -1.3), *right, (0.2, 1.58), (0.62, 0.95), (0.86, 0.1), (0.8, -0.7)]
        self._curve(pen, shade, mixed(self._skin, self._dark, 0.6))
        for side in (-1, 1):
            blush = mixed(self._skin, (226, 84, 80), 0.34 if side < 0 else 0.45)
            self._fill(pen, disc((0.72 * side, 0.46), 0.22, 0.62), blush)
        nose = [(0.02, -0.1), (0.17, 0.33), (0.1, 0.45), (-0.1, 0.42), (0.04, 0.33)]
        self._curve(pen, nose, mixed(self._skin, self._dark, 0.8))
        for x, y in ((-1.18, 0.1), (1.2, 0.1)):
            bend = 0.14 if x < 0 else -0.14
            lock = [
                (x, -1.2),
                (x + bend, -0.1),
                (x + 0.9 * bend, y + 0.9),
                (x - 0.3 * bend, y + 1.9),
            ]
            self._curve(pen, [*lock, (x - 2 * bend, y + 1.2), (x - 1.6 * bend, -0.4)], self._hair)
            self._stroke(
                pen, [(x - bend, -0.6), (x - 1.1 * bend, 0.5), (x - bend, 1.6)], 0.05, self._sheen
            )

    def _draw_eyes(self, pen: ImageDraw.ImageDraw, time: float, mouth: float) -> None:
        angry = self._mood == "angry"
        blink = 0.12 if (time % 3.1) > 2.97 else 1.0
        opened = blink * (0.8 + 0.12 * mouth if angry else 1.0)
        look = 0.03 * float(np.sin(0.9 * time))
        for side in (-1, 1):
            x, y = 0.5 * side, -0.22
            self._fill(pen, disc((x, y), 0.245, 0.66 * opened), (250, 248, 244))
            if blink == 1.0:
                self._fill(pen, disc((x + look, y + 0.01), 0.15, opened), (66, 96, 110))
                self._fill(pen, disc((x + look, y + 0.01), 0.08, opened), (18, 18, 26))
                self._fill(pen, disc((x + look + 0.05, y - 0.06), 0.035), (255, 255, 255))
            lid = [(x - 0.26, y + 0.02), (x, y - 0.2 * opened), (x + 0.26, y + 0.02)]
            self._stroke(pen, lid, 0.075, self._hair)
            inner, outer, lift = x - 0.3 * side, x + 0.32 * side, 0.05 * mouth
            if angry:
                brow = [(inner, -0.42 + lift), (x, -0.6 + lift), (outer, -0.72)]
            else:
                brow = [(inner, -0.55 - lift), (x, -0.63 - lift), (outer, -0.52 - lift)]
            self._stroke(pen, brow, 0.15 if angry else 0.12, self._hair)

    def _draw_mouth(self, pen: ImageDraw.ImageDraw, mouth: float) -> None:
        angry = self._mood == "angry"
        lip = mixed(self._skin, (176, 44, 58), 0.62)
        y = 0.93
        if mouth < 0.08:
            bend = -0.07 if angry else 0.09
            self._stroke(pen, [(-0.3, y), (0.0, y + bend), (0.3, y)], 0.085, lip)
            return
        wide = (0.4 if angry else 0.33) - 0.05 * mouth
        tall = (0.36 if angry else 0.24) * mouth + 0.05
        self._fill(pen, disc((0, y), wide + 0.05, (tall + 0.05) / (wide + 0.05)), lip)
        self._fill(pen, disc((0, y), wide, tall / wide), (86, 20, 32))
        self._fill(pen, disc((0, y + 0.55 * tall), 0.62 * wide, 0.5 * tall / wide), (206, 84, 92))
        teeth = [p for p in disc((0, y), 0.86 * wide, 0.9 * tall / wide) if p[1] < y - 0.35 * tall]
        if len(teeth) > 3:
            self._fill(pen, teeth, (250, 246, 240))

    def _draw_cap(self, pen: ImageDraw.ImageDraw) -> None:
        dome = [(-1.36, -0.95), (-1.3, -1.8), (-0.75, -2.4), (0, -2.58), (0.75, -2.4), (1.3, -1.8)]
        self._curve(pen, [*dome, (1.36, -0.95)], self._cap)
        dark = mixed(self._cap, self._shade, 0.4)
        self._curve(pen, [(0.5, -2.45), (1.3, -1.8), (1.36, -0.95), (0.95, -1.2)], dark)
        band = [
            (-1.44, -0.78),
            (-1.42, -1.36),
            (-0.7, -1.6),
            (0, -1.66),
            (0.7, -1.6),
            (1.42, -1.36),
        ]
        rim = [(1.44, -0.78), (0.7, -1.0), (0.0, -1.06), (-0.7, -1.0)]
        self._curve(pen, [*band, *rim], mixed(self._cap, (255, 255, 255), 0.16))
        for step in np.linspace(-1.25, 1.25, 17):
            x, arch = float(step), 0.2 * float(step / 1.3) ** 2
            self._stroke(pen, [(x, -1.54 + arch), (1.01 * x, -1.14 + arch)], 0.045, self._cap)
        self._fill(pen, disc((0, -2.62), 0.3), mixed(self._cap, (255, 255, 255), 0.3))
