"""Sailing dinghies, and what the water does around them."""

from collections.abc import Sequence

import numpy as np
from picture import Colour, Point, disc, draw_line, draw_polygon, mixed, smooth_curve
from PIL import Image

RED: Colour = (222, 52, 56)
BLUE: Colour = (44, 104, 196)

_HULL = [(-0.5, 0.13), (-0.47, -0.02), (-0.2, -0.08), (0.3, -0.07), (0.5, 0.03), (0.62, 0.17)]
_RAIL = [(-0.5, 0.13), (-0.49, 0.09), (0.57, 0.125), (0.62, 0.17)]
_MAIN = [(0.05, 1.5), (-0.16, 1.16), (-0.37, 0.72), (-0.52, 0.27), (-0.2, 0.24), (0.09, 0.26)]
_JIB = [(0.1, 1.28), (0.27, 0.84), (0.44, 0.46), (0.58, 0.21), (0.34, 0.24), (0.15, 0.28)]


def draw_boat(
    canvas: Image.Image,
    keel: Point,
    length: float,
    heel: float,
    sail: Colour,
    hull: Colour = (246, 244, 238),
    mirrored: bool = False,
    sails_set: bool = True,
) -> None:
    """Draw a sailing dinghy.

    Args:
        canvas: Where it is drawn.
        keel: Middle of the boat on the waterline.
        length: Length of the hull in pixels.
        heel: How far it leans, in radians.
        sail: Colour of the sails.
        hull: Colour of the hull.
        mirrored: Draw its reflection below the waterline.
        sails_set: Whether it carries its sails.
    """
    cosine, sine = np.cos(heel), np.sin(heel)
    updown = 1.0 if mirrored else -1.0
    opacity = 0.55 if mirrored else 1.0

    def at(points: Sequence[Point]) -> list[Point]:
        return [
            (
                keel[0] + length * float(x * cosine + y * sine),
                keel[1] + updown * length * float(y * cosine - x * sine),
            )
            for x, y in points
        ]

    shade = mixed(sail, (20, 20, 60), 0.25)
    mast_foot, mast_top = at([(0.1, 0.1), (0.055, 1.55)])
    if sails_set:
        draw_polygon(canvas, at(_JIB), mixed(sail, (255, 255, 255), 0.55), opacity)
        draw_polygon(canvas, at([*_JIB[:1], (0.2, 0.7), *_JIB[4:]]), shade, 0.22 * opacity)
        draw_polygon(canvas, at(_MAIN), sail, opacity)
        draw_polygon(canvas, at([_MAIN[0], (-0.05, 0.8), (-0.12, 0.24), _MAIN[-1]]), shade, 0.5)
        stripe = [(-0.27, 0.93), (-0.32, 0.82), (0.078, 0.74), (0.072, 0.86)]
        draw_polygon(canvas, at(stripe), (255, 255, 255), 0.75 * opacity)
    draw_line(canvas, mast_foot, mast_top, max(1.5, 0.022 * length), (70, 56, 50), opacity)
    boom = at([(0.1, 0.25), (-0.54, 0.255)])
    draw_line(canvas, boom[0], boom[1], max(1.2, 0.018 * length), (70, 56, 50), opacity)
    if length > 60:
        for seat in (-0.3, -0.08):
            draw_polygon(canvas, at(disc((seat, 0.21), 0.07, 1.3, 16)), (38, 44, 66), opacity)
            draw_polygon(
                canvas, at(disc((seat + 0.02, 0.35), 0.05, 1.0, 16)), (214, 150, 116), opacity
            )
    draw_polygon(canvas, at(smooth_curve(_HULL)), hull, opacity)
    draw_polygon(
        canvas, at([(-0.47, -0.02), *_HULL[2:5], (0.3, 0.01)]), (30, 40, 70), 0.55 * opacity
    )
    draw_polygon(canvas, at(_RAIL), shade, opacity)


def draw_torn_sail(
    canvas: Image.Image, keel: Point, length: float, heel: float, time: float
) -> None:
    """Draw the rag that is left of a sail at the top of the mast of a boat."""
    along = np.linspace(0, 1, 12)
    top = keel[0] + length * (0.07 + 1.3 * heel), keel[1] - 1.35 * length
    flap = 16 * np.sin(6 * along - 9 * time) * along
    upper = [(top[0] - 120 * a, top[1] + 40 * a + f) for a, f in zip(along, flap, strict=True)]
    lower = [(x + 26, y + 62 - 46 * a) for (x, y), a in zip(upper[::-1], along[::-1], strict=True)]
    draw_polygon(canvas, [(float(x), float(y)) for x, y in [*upper, *lower]], (160, 50, 56))


def draw_wake(canvas: Image.Image, keel: Point, length: float) -> None:
    """Draw the foam behind a boat."""
    x, y = keel
    for reach, thick, drop in (
        (2.4, 0.05, 0.06),
        (1.8, 0.07, 0.03),
        (1.3, 0.06, 0.1),
        (0.8, 0.08, 0.05),
    ):
        head = (x + 0.5 * length, y + 0.2 * drop * length)
        tail = (x - reach * length, y + 1.4 * drop * length)
        upper = (x - 0.3 * length, y + (drop - thick) * length)
        lower = (x - 0.3 * length, y + (drop + thick) * length)
        draw_polygon(canvas, smooth_curve([head, upper, tail, lower]), (250, 252, 255), 0.26)


def draw_spray(canvas: Image.Image, keel: Point, length: float, time: float, seed: int) -> None:
    """Draw the drops that fly at the bow of a boat."""
    random = np.random.default_rng(seed)
    for _ in range(80):
        phase, speed, rise, size = random.random(4)
        age = (1.7 * time + phase) % 1.0
        x = keel[0] + 0.56 * length + (0.12 - 0.95 * speed * age) * length * (0.3 + age)
        y = keel[1] + 0.08 * length - length * ((0.3 + 0.8 * rise) * age - 1.0 * age**2)
        radius = (2.0 + 7.0 * size * (1 - age)) * length / 300
        draw_polygon(canvas, disc((x, y), radius, steps=10), (255, 255, 255), 0.75 * (1 - age))


def draw_buoy(canvas: Image.Image, foot: Point, size: float, lean: float) -> None:
    """Draw a buoy that stands at `foot` and leans by `lean` radians."""
    x, y = foot
    tip = (x + 1.6 * size * lean, y - 1.5 * size)
    body = [
        (x - 0.62 * size, y),
        (tip[0] - 0.3 * size, tip[1]),
        (tip[0] + 0.3 * size, tip[1]),
        (x + 0.62 * size, y),
    ]
    draw_polygon(canvas, [*body, (x, y + 0.2 * size)], (244, 116, 40))
    band = [_between(body[0], body[1], 0.35), _between(body[0], body[1], 0.62)]
    band += [_between(body[3], body[2], 0.62), _between(body[3], body[2], 0.35)]
    draw_polygon(canvas, band, (250, 246, 238))
    draw_polygon(
        canvas, [(x + 0.1 * size, y + 0.15 * size), tip, body[2], body[3]], (60, 20, 40), 0.22
    )
    draw_polygon(canvas, disc(tip, 0.3 * size, 0.6), (255, 214, 150))


def _between(first: Point, second: Point, share: float) -> Point:
    """The point that lies `share` of the way from `first` to `second`."""
    return first[0] + (second[0] - first[0]) * share, first[1] + (second[1] - first[1]) * share
