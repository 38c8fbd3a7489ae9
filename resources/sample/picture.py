"""Drawing for the sample: gradients, ridges, clouds, smooth shapes, lights, the camera.

A canvas is a PIL RGB image that is a little larger than the frame, so that the camera can move.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 720
MARGIN = 40
CANVAS = (WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
Colour = tuple[int, int, int]
Point = tuple[float, float]
Floats = NDArray[np.float32]
_SMOOTHING = 3


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """The colour that lies `share` (0 to 1) of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def gradient(size: tuple[int, int], stops: Sequence[tuple[float, Colour]], seed: int) -> Floats:
    """A vertical gradient through `stops`, dithered so that it shows no bands: `(H, W, 3)`."""
    width, height = size
    places = np.linspace(0.0, 1.0, height)
    channels = [
        np.interp(places, [s for s, _ in stops], [c[i] for _, c in stops]) for i in range(3)
    ]
    dither = np.random.default_rng(seed).uniform(-0.5, 0.5, (height, width, 1))
    return (np.stack(channels, axis=-1)[:, None, :] + dither).astype(np.float32)


def add_glow(picture: Floats, centre: Point, radius: float, colour: Colour, power: float) -> None:
    """Add the soft light of a sun or a moon to `picture` in place."""
    height, width = picture.shape[:2]
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(x - centre[0], y - centre[1]) / radius
    light = power * np.exp(-(distance**1.2)).astype(np.float32)
    picture += light[..., None] * (np.array(colour, np.float32) - picture * 0.35)


def to_image(picture: Floats) -> Image.Image:
    """Round a float picture `(H, W, 3)` to an RGB image."""
    return Image.fromarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8))


def fractal_noise(size: tuple[int, int], scale: tuple[int, int], seed: int) -> Floats:
    """Smooth cloudy noise `(H, W)` between 0 and 1; `scale` is the cells of the coarsest layer."""
    random = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0]), np.float32)
    for octave in range(5):
        cells = (scale[1] * 2**octave + 3, scale[0] * 2**octave + 3)
        grid = Image.fromarray(random.random(cells, dtype=np.float32))
        total += np.asarray(grid.resize(size, Image.Resampling.BICUBIC)) * 0.5**octave
    low, high = np.percentile(total, (1, 99))
    return np.clip((total - low) / (high - low), 0, 1)


def clouds(size: tuple[int, int], colour: Colour, cover: float, seed: int) -> Image.Image:
    """An RGBA layer of clouds; `cover` is the share of the sky that they hide."""
    noise = fractal_noise(size, (5, 6), seed)
    height = np.linspace(0.0, 1.0, size[1], dtype=np.float32)[:, None]
    thick = np.clip((noise - (1.0 - cover)) * 2.6, 0, 1) * np.sin(np.pi * np.clip(height, 0, 1))
    lit = np.clip(noise - np.roll(noise, 9, axis=0), -0.2, 0.2)[..., None] * 150
    layer = np.empty((size[1], size[0], 4), np.uint8)
    layer[..., :3] = np.clip(np.array(colour, np.float32) + lit, 0, 255)
    layer[..., 3] = 235 * thick
    return Image.fromarray(layer)


def ridge(
    width: int, height: int, rough: float, top: Colour, foot: Colour, seed: int
) -> Image.Image:
    """An RGBA layer with a range of hills that fades into haze at its foot."""
    random = np.random.default_rng(seed)
    x = np.linspace(0.0, width / 400.0, 2 * width)
    line = np.zeros(2 * width)
    for octave in range(7):
        phase = random.uniform(0, 2 * np.pi, 2)
        wave = np.sin(x * 2**octave * 1.1 + phase[0]) + np.sin(x * 2**octave * 1.73 + phase[1])
        line += wave * rough**octave
    line = (line - line.min()) / (line.max() - line.min())
    crest = 2 * height * (0.78 - 0.74 * line)
    mask = np.clip(np.arange(2 * height)[:, None] - crest[None, :] + 0.5, 0, 1)
    alpha = Image.fromarray((255 * mask).astype(np.uint8)).reduce(2)
    layer = to_image(gradient((width, height), [(0.0, top), (1.0, foot)], seed)).convert("RGBA")
    layer.putalpha(alpha)
    return layer


def place(canvas: Image.Image, layer: Image.Image, x: float, y: float) -> None:
    """Lay an RGBA layer on the canvas at a position that need not be whole pixels."""
    size = canvas.size
    if float(x).is_integer() and float(y).is_integer():
        canvas.paste(layer, (int(x), int(y)), layer)
        return
    box_top = int(np.floor(y))
    height = min(layer.height + 1, size[1] - box_top)
    shift = (1, 0, -x, 0, 1, box_top - y)
    moved = layer.transform(
        (size[0], height), Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR
    )
    canvas.paste(moved, (0, box_top), moved)


def smooth_curve(points: Sequence[Point], closed: bool = True, steps: int = 8) -> list[Point]:
    """Points of the Catmull-Rom curve through `points`."""
    knots = np.asarray(points, np.float64)
    if closed:
        knots = np.vstack([knots[-1:], knots, knots[:2]])
    else:
        knots = np.vstack([knots[:1], knots, knots[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    curve = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        cubic = 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
        curve.append(0.5 * (2 * b + (c - a) * t + cubic[0] * t**2 + cubic[1] * t**3))
    return [(float(x), float(y)) for x, y in np.vstack(curve)]


def draw_polygon(
    canvas: Image.Image, points: Sequence[Point], colour: Colour, opacity: float = 1.0
) -> None:
    """Fill a polygon with smooth edges."""
    outline = np.asarray(points, np.float64)
    left, top = np.floor(outline.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(outline.max(axis=0)).astype(int) + 2
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, canvas.width), min(bottom, canvas.height)
    if right <= left or bottom <= top:
        return
    mask = Image.new("L", ((right - left) * _SMOOTHING, (bottom - top) * _SMOOTHING))
    local = (outline - (left, top)) * _SMOOTHING
    ImageDraw.Draw(mask).polygon([(x, y) for x, y in local], fill=round(255 * opacity))
    canvas.paste(colour, (left, top, right, bottom), mask.reduce(_SMOOTHING))


def draw_line(
    canvas: Image.Image,
    start: Point,
    end: Point,
    width: float,
    colour: Colour,
    opacity: float = 1.0,
) -> None:
    """Draw a straight line with smooth edges."""
    along = np.array(end) - np.array(start)
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6) * width / 2
    corners = (start + across, end + across, end - across, start - across)
    draw_polygon(canvas, [(float(x), float(y)) for x, y in corners], colour, opacity)


def disc(centre: Point, radius: float, flat: float = 1.0, steps: int = 28) -> list[Point]:
    """Outline of a disc; `flat` is its height relative to its width."""
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return [
        (centre[0] + radius * float(np.cos(a)), centre[1] + radius * flat * float(np.sin(a)))
        for a in angles
    ]


def soft_light(radius: int, edge: float) -> Image.Image:
    """A light seen out of focus: an L mask with a bright rim; `edge` is its softness."""
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    distance = np.hypot(x, y) / radius
    body = 0.72 + 0.28 * np.clip(distance, 0, 1) ** 4
    return Image.fromarray((255 * body * np.clip((1 - distance) / edge, 0, 1)).astype(np.uint8))


def add_light(canvas: Image.Image, light: Image.Image) -> Image.Image:
    """Add an RGB image of lights, of any smaller size, to the canvas with a bloom."""
    bloom = light.filter(ImageFilter.GaussianBlur(light.width / 80))
    both = ImageChops.screen(light, bloom.point(lambda value: value * 9 // 10))
    return ImageChops.add(canvas, both.resize(canvas.size, Image.Resampling.BILINEAR))


def film(
    canvas: Image.Image, shift: Point = (0.0, 0.0), zoom: float = 1.0, turn: float = 0.0
) -> Image.Image:
    """Take the frame from the canvas.

    Args:
        canvas: What is filmed.
        shift: How far the camera looks to the right and down, in pixels within `MARGIN`.
        zoom: Magnification, at least 1.
        turn: Rotation of the camera in radians.
    """
    cosine, sine = float(np.cos(turn)) / zoom, float(np.sin(turn)) / zoom
    x, y = CANVAS[0] / 2 + shift[0], CANVAS[1] / 2 + shift[1]
    middle = WIDTH / 2, HEIGHT / 2
    view = (
        cosine, -sine, x - cosine * middle[0] + sine * middle[1],
        sine, cosine, y - sine * middle[0] - cosine * middle[1],
    )  # fmt: skip
    return canvas.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, view, Image.Resampling.BICUBIC)


def shaken(time: float, strength: float) -> Point:
    """Offset of a hand-held camera at a time, in pixels."""
    x = np.sin(7.3 * time) + 0.7 * np.sin(17.1 * time + 1.0) + 0.4 * np.sin(31.0 * time)
    y = np.sin(8.9 * time + 2.0) + 0.7 * np.sin(19.7 * time) + 0.4 * np.sin(27.0 * time + 4.0)
    return strength * float(x) / 2, strength * float(y) / 2


def vignetted(frame: Image.Image, mask: Image.Image) -> Image.Image:
    """Darken the corners of a frame by `mask` (see `vignette`)."""
    return ImageChops.multiply(frame, mask)


def vignette(strength: float) -> Image.Image:
    """An RGB mask for `vignetted`; `strength` is the darkening in the corners, 0 to 1."""
    y, x = np.ogrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    fall = 255 * (1 - strength * np.clip((x**2 + y**2) / 2, 0, 1) ** 1.5)
    mask = Image.fromarray(fall.astype(np.uint8))
    return Image.merge("RGB", (mask, mask, mask))
