"""People from afar: a cheering crowd, two friends who sit side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from picture import CANVAS, Colour, Point, disc, draw_line, draw_polygon, mixed, smooth_curve
from PIL import Image, ImageDraw


@dataclass(frozen=True)
class Fan:
    """One person of the crowd: where, how tall, and how he or she jumps."""

    x: float
    size: float
    beat: float
    phase: float
    flag: Colour | None


def fans(row: int, count: int, size: float, seed: int, flags_share: float) -> list[Fan]:
    """A row of people across the canvas; `flags_share` of them wave a flag."""
    random = np.random.default_rng(seed + row)
    flags: list[Colour] = [(226, 58, 62), (250, 198, 60), (250, 250, 250), (60, 130, 220)]
    places = np.linspace(-40, CANVAS[0] + 40, count) + random.normal(0, 12, count)
    return [
        Fan(
            float(x),
            size * float(random.uniform(0.88, 1.12)),
            float(random.uniform(1.7, 2.5)),
            float(random.uniform(0, 6.28)),
            flags[int(random.integers(4))] if random.random() < flags_share else None,
        )
        for x in places
    ]


def draw_fans(
    canvas: Image.Image, row: Sequence[Fan], ground: float, colour: Colour, time: float
) -> None:
    """Draw a row of people with raised arms; `ground` is the canvas row of their shoulders."""
    mask = Image.new("L", (CANVAS[0] * 2, CANVAS[1] * 2))
    pen = ImageDraw.Draw(mask)

    def limb(points: Sequence[Point], width: float) -> None:
        path = [(2 * x, 2 * y) for x, y in points]
        pen.line(path, fill=255, width=round(2 * width), joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - width, y - width, x + width, y + width), fill=255)

    for fan in row:
        swing = 2 * np.pi * fan.beat * time + fan.phase
        s = fan.size
        x, y = (
            fan.x + 0.04 * s * float(np.sin(swing / 2)),
            ground - 0.22 * s * abs(np.sin(swing / 2)),
        )
        y = float(y)
        hands = []
        for side in (-1, 1):
            wave = float(np.sin(swing + side))
            elbow = (x + side * s * (0.52 + 0.08 * wave), y - s * 0.32)
            hand = (elbow[0] + side * s * (0.02 + 0.16 * wave), elbow[1] - s * 0.62)
            limb([(x + side * 0.34 * s, y + 0.08 * s), elbow, hand], 0.17 * s)
            hands.append(hand)
        head = (x + 0.02 * s * float(np.cos(swing)), y - 0.42 * s)
        pen.polygon([(2 * a, 2 * b) for a, b in disc(head, 0.25 * s, 1.16)], fill=255)
        body = [(-0.12, -0.22), (0.12, -0.22), (0.42, 0.0), (0.46, 0.4), (0.4, 3.0), (-0.4, 3.0)]
        torso = [*body, (-0.46, 0.4), (-0.42, 0.0)]
        pen.polygon([(2 * (x + a * s), 2 * (y + b * s)) for a, b in torso], fill=255)
        if fan.flag is not None:
            _draw_flag(canvas, hands[1], s, fan.flag, colour, swing)
    canvas.paste(colour, (0, 0, *CANVAS), mask.reduce(2))


def _draw_flag(
    canvas: Image.Image, hand: Point, size: float, cloth: Colour, shade: Colour, swing: float
) -> None:
    lean = 0.35 * float(np.sin(0.5 * swing))
    top = (hand[0] + lean * size, hand[1] - 1.1 * size)
    draw_line(canvas, hand, top, 0.06 * size, shade)
    along = np.linspace(0, 1, 9)
    flutter = 0.08 * size * np.sin(5 * along - 2 * swing) * along
    upper = [(top[0] + a * size, top[1] + f) for a, f in zip(along, flutter, strict=True)]
    lower = [(x - 0.25 * lean * size, y + 0.6 * size) for x, y in reversed(upper)]
    draw_polygon(
        canvas, [(float(x), float(y)) for x, y in [*upper, *lower]], mixed(cloth, shade, 0.2)
    )


def draw_pair(canvas: Image.Image, seat: Point, size: float, colour: Colour, lean: float) -> None:
    """Two people who sit side by side, from behind."""
    for number, side in enumerate((-1, 1)):
        x = seat[0] + side * 0.36 * size + 0.02 * size * float(np.sin(lean + number))
        y, s = seat[1], size * (1.0 if side < 0 else 0.9)
        back = [
            (-0.34, 0.08),
            (-0.33, -0.3),
            (-0.4, -0.62),
            (-0.33, -0.8),
            (-0.1, -0.9),
            (-0.08, -1.05),
        ]
        back += [(-a, b) for a, b in reversed(back)]
        draw_polygon(canvas, smooth_curve([(x + a * s, y + b * s) for a, b in back]), colour)
        head = (x + 0.06 * s * -side, y - 1.13 * s)
        draw_polygon(canvas, disc(head, 0.19 * s, 1.15), colour)
        if side > 0:
            draw_polygon(canvas, disc((head[0], head[1] - 0.2 * s), 0.09 * s), colour)


def draw_umbrella(canvas: Image.Image, top: Point, radius: float, colour: Colour) -> None:
    """Draw an open umbrella whose cloth begins at `top`."""
    """Draw an open umbrella; `top` is the tip of its handle."""
    x, y = top
    draw_line(canvas, (x, y), (x, y + 0.9 * radius), 5, (30, 30, 40))
    angles = np.linspace(np.pi, 2 * np.pi, 40)
    dome = [
        (x + radius * float(np.cos(a)), y + 66 + 0.62 * radius * float(np.sin(a))) for a in angles
    ]
    edge = [
        (x + radius * float(u), y + 66 - 13 * abs(float(np.sin(2.5 * np.pi * (u + 1)))))
        for u in np.linspace(1, -1, 60)
    ]
    draw_polygon(canvas, [*dome, *edge], colour)
    for share in (0.2, 0.6):
        panel = [(x, y + 66 - 0.62 * radius)]
        panel += [
            (x + radius * u, y + 66 - 0.62 * radius * float(np.sqrt(1 - u * u)))
            for u in (share, share + 0.2)
        ]
        panel += [(x + radius * (share + 0.2), y + 64), (x + radius * share, y + 64)]
        draw_polygon(canvas, panel, (60, 20, 36), 0.22)
