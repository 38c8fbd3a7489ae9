"""What falls, glows and hangs: rain, confetti, fireworks, lamps, lanterns, bunting, a jetty."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from boats import BLUE, RED
from picture import CANVAS, Colour, disc, draw_line, draw_polygon, mixed
from PIL import Image, ImageChops, ImageDraw, ImageFilter

_BURST_SECONDS = 1.9


@dataclass(frozen=True)
class Burst:
    """One firework: when and where it opens, on a canvas of 1 by 1, and how."""

    start: float
    x: float
    y: float
    size: float
    colour: Colour


def fireworks_light(bursts: Sequence[Burst], time: float, seed: int) -> Image.Image:
    """The light of fireworks at a time, as an RGB image of half the canvas size."""
    width, height = CANVAS[0] // 2, CANVAS[1] // 2
    light = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(light)
    for number, burst in enumerate(bursts):
        age = time - burst.start
        if not 0.0 <= age < _BURST_SECONDS:
            continue
        random = np.random.default_rng(seed + number)
        angles = random.uniform(0, 2 * np.pi, 150)
        speeds = burst.size * height * random.uniform(0.2, 1.0, 150) ** 0.5
        fade = float(np.clip(1.0 - age / _BURST_SECONDS, 0, 1)) ** 0.75

        moments = np.array([[max(0.0, age - 0.19)], [age]])
        reach = speeds * (1 - np.exp(-2.6 * moments)) / 2.1
        tails_x, heads_x = burst.x * width + reach * np.cos(angles)
        tails_y, heads_y = burst.y * height + reach * np.sin(angles) + 22.0 * moments**2
        spark = mixed(
            (0, 0, 0), mixed(burst.colour, (255, 250, 230), max(0.0, 0.6 - 2.5 * age)), fade
        )
        for x0, y0, x1, y1 in zip(tails_x, tails_y, heads_x, heads_y, strict=True):
            pen.line((x0, y0, x1, y1), fill=spark, width=2)
        if age < 0.16:
            flash = 40 * (1 - age / 0.16)
            x, y = burst.x * width, burst.y * height
            pen.ellipse((x - flash, y - flash, x + flash, y + flash), fill=(255, 240, 210))
    return light


def draw_confetti(canvas: Image.Image, time: float, count: int, seed: int) -> None:
    """Draw coloured paper that whirls down."""
    random = np.random.default_rng(seed)
    colours: list[Colour] = [
        (240, 76, 84),
        (252, 200, 66),
        (72, 160, 236),
        (250, 250, 246),
        (92, 200, 140),
    ]
    for _ in range(count):
        x, y, fall, size, phase, spin = random.random(6)
        colour = colours[int(random.integers(len(colours)))]
        near = 5.0 + 9.0 * size**2
        top = (y * 1.3 - 0.3) * CANVAS[1] + (110 + 240 * fall + 12 * near) * time
        middle = (
            x * CANVAS[0] + 34 * float(np.sin(2.2 * time + 6.28 * phase)),
            top % (1.2 * CANVAS[1]) - 0.1 * CANVAS[1],
        )
        turn = 6.28 * phase + (3 + 6 * spin) * time
        flat = float(np.cos(1.7 * turn))
        tilt = np.array([np.cos(turn), np.sin(turn)]) * near
        other = np.array([-np.sin(turn), np.cos(turn)]) * near * 0.62 * flat
        corners = [middle + tilt + other, middle + tilt - other, middle - tilt - other]
        corners.append(middle - tilt + other)
        lit = mixed(colour, (30, 20, 50), 0.35 * (flat < 0))
        draw_polygon(canvas, [(float(a), float(b)) for a, b in corners], lit)


def rain_layer(count: int, length: float, brightness: int, seed: int) -> Image.Image:
    """An L mask of slanting rain that repeats every canvas height."""
    random = np.random.default_rng(seed)
    mask = Image.new("L", CANVAS)
    pen = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y = random.uniform(-100, CANVAS[0]), random.uniform(0, CANVAS[1])
        reach, glow = length * random.uniform(0.6, 1.3), int(brightness * random.uniform(0.4, 1))
        for shift in (0, -CANVAS[1]):
            pen.line((x, y + shift, x - 0.16 * reach, y + shift + reach), fill=glow, width=1)
    return mask


def draw_rain(canvas: Image.Image, layer: Image.Image, speed: float, time: float) -> None:
    """Let a `rain_layer` fall at `speed` pixels a second."""
    height = CANVAS[1]
    fallen = int(speed * time) % height
    for top in (fallen - height, fallen):
        canvas.paste((214, 224, 236), (0, top), layer)


def shore_lamps(seed: int) -> Image.Image:
    """An L mask of small lamps along a distant shore, 60 rows high."""
    random = np.random.default_rng(seed)
    mask = Image.new("L", (CANVAS[0], 60))
    pen = ImageDraw.Draw(mask)
    for _ in range(60):
        x, y, r = (
            float(random.uniform(0, CANVAS[0])),
            float(random.uniform(18, 38)),
            float(random.uniform(1, 2.6)),
        )
        pen.ellipse((x - r, y - r, x + r, y + r), fill=int(random.uniform(120, 255)))
    return mask.filter(ImageFilter.GaussianBlur(1.0))


def draw_lanterns(canvas: Image.Image, time: float) -> None:
    """Paper lanterns on a string across the picture, with their light."""
    colours: Sequence[Colour] = ((255, 170, 80), (255, 110, 84), (255, 210, 120))
    places = np.linspace(-30, CANVAS[0] + 30, 60)
    wire = 70 + 92 * np.sin(np.pi * (places / CANVAS[0])) + 2 * np.sin(0.9 * time + places / 200)
    string = list(zip(places.tolist(), wire.tolist(), strict=True))
    for start, end in pairwise(string):
        draw_line(canvas, start, end, 2.4, (18, 16, 34))
    glow = Image.new("RGB", (CANVAS[0] // 4, CANVAS[1] // 4))
    pen = ImageDraw.Draw(glow)
    ready = []
    for number, index in enumerate(range(4, 60, 7)):
        x, y = string[index]
        lean = 5 * float(np.sin(1.1 * time + number))
        colour = colours[number % 3]
        ready.append((x, y, lean, colour))
        pen.ellipse(
            [(x + lean - 74) / 4, (y - 22) / 4, (x + lean + 74) / 4, (y + 126) / 4],
            fill=mixed((0, 0, 0), colour, 0.4),
        )
    halo = glow.filter(ImageFilter.GaussianBlur(11)).resize(CANVAS, Image.Resampling.BILINEAR)
    canvas.paste(ImageChops.add(canvas, halo))
    for x, y, lean, colour in ready:
        middle = (x + lean, y + 52)
        draw_line(canvas, (x, y), (middle[0], middle[1] - 34), 2, (18, 16, 34))
        draw_polygon(canvas, disc(middle, 31, 1.16, 40), colour)
        draw_polygon(
            canvas,
            disc((middle[0], middle[1] + 4), 20, 1.2, 30),
            mixed(colour, (255, 250, 225), 0.75),
            0.75,
        )
        for rib in (-18, 0, 18):
            half = 31 * float(np.sqrt(1 - (rib / 36) ** 2))
            draw_line(
                canvas,
                (middle[0] - half, middle[1] + rib),
                (middle[0] + half, middle[1] + rib),
                1.2,
                (180, 70, 40),
                0.5,
            )
        for edge in (-36, 34):
            cap = [
                (middle[0] - 13, middle[1] + edge),
                (middle[0] + 13, middle[1] + edge),
                (middle[0] + 13, middle[1] + edge + 5),
                (middle[0] - 13, middle[1] + edge + 5),
            ]
            draw_polygon(canvas, cap, (60, 26, 30))


def draw_bunting(canvas: Image.Image, time: float) -> None:
    """Draw two strings of small flags that flutter."""
    colours: Sequence[Colour] = (RED, (250, 250, 246), BLUE, (246, 200, 70))
    for line, (height, sag) in enumerate(((70.0, 90.0), (20.0, 120.0))):
        places = np.linspace(-20, CANVAS[0] + 20, 25)
        drop = height + sag * np.sin(np.pi * ((places / CANVAS[0] * 2 + 0.5 * line) % 1.0))
        drop += 5 * np.sin(3 * time + places / 130)
        for number, (x, y) in enumerate(zip(places, drop, strict=True)):
            swing = 7 * float(np.sin(5 * time + number))
            flag = [(x - 19, y), (x + 19, y), (x + swing, y + 46)]
            draw_polygon(
                canvas,
                [(float(a), float(b)) for a, b in flag],
                mixed(colours[number % 4], (255, 190, 90), 0.2),
            )


def draw_jetty(canvas: Image.Image, colour: Colour, shift: float) -> None:
    """Draw the end of a jetty at the right, moved by `shift` pixels."""
    x = 1010 + shift
    draw_polygon(canvas, [(x, 690), (CANVAS[0] + 60, 664), (CANVAS[0] + 60, 700), (x, 712)], colour)
    for number in range(4):
        left = x + 36 + 112 * number
        draw_polygon(
            canvas,
            [(left, 640), (left + 20, 639), (left + 23, CANVAS[1]), (left - 3, CANVAS[1])],
            colour,
        )
        draw_polygon(canvas, disc((left + 10, 640), 10, 0.35), mixed(colour, (255, 220, 190), 0.3))
