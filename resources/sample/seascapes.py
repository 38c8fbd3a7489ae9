"""The quiet scenes on the water; each draws any of its moments."""

import numpy as np
from boats import BLUE, RED, draw_boat, draw_buoy, draw_torn_sail
from effects import draw_jetty, draw_rain, rain_layer
from people import draw_pair, draw_umbrella
from picture import (
    CANVAS,
    Colour,
    add_glow,
    clouds,
    disc,
    draw_polygon,
    film,
    gradient,
    mixed,
    place,
    ridge,
    smooth_curve,
    to_image,
    vignette,
    vignetted,
)
from PIL import Image, ImageDraw, ImageFilter
from water import Water


class Harbour:
    """Hills, a low sun, still water and one small boat: the beginning and, in red, the end."""

    def __init__(self, evening: bool) -> None:
        """Prepare the place in the light of the morning or of the evening."""
        self._evening = evening
        self._horizon = 440
        self._sun = (880.0, 372.0) if not evening else (520.0, 392.0)
        if evening:
            stops = [
                (0, (46, 38, 92)),
                (0.28, (128, 66, 122)),
                (0.46, (232, 112, 96)),
                (0.56, (255, 188, 120)),
            ]
            far, near, light = (236, 142, 108), (44, 34, 84), (255, 196, 130)
            hills = [
                ((150, 84, 118), (226, 128, 112)),
                ((98, 54, 100), (168, 88, 108)),
                ((52, 32, 72), (98, 54, 88)),
            ]
        else:
            stops = [
                (0, (98, 134, 190)),
                (0.25, (168, 178, 208)),
                (0.45, (246, 204, 180)),
                (0.56, (255, 228, 188)),
            ]
            far, near, light = (240, 208, 190), (58, 88, 132), (255, 226, 176)
            hills = [
                ((178, 172, 200), (238, 206, 196)),
                ((124, 136, 178), (206, 190, 200)),
                ((70, 92, 138), (140, 150, 176)),
            ]
        seed = 40 if evening else 10
        sky = gradient(CANVAS, stops, seed)
        add_glow(sky, self._sun, 330, light, 0.75)
        self._sky = to_image(sky)
        draw_polygon(self._sky, disc(self._sun, 44, steps=60), (255, 244, 220))
        self._clouds = clouds(
            (CANVAS[0] + 200, 330), mixed(light, (255, 255, 255), 0.55), 0.38, seed + 1
        )
        heights = (190, 140, 84)
        self._hills = [
            (ridge(CANVAS[0] + 160, height, 0.5, top, foot, seed + 3 + i), height)
            for i, (height, (top, foot)) in enumerate(zip(heights, hills, strict=True))
        ]
        self._water = Water(self._horizon, far, near, 0.72, 0.55, (self._sun[0], light, 0.75))
        self._mask = vignette(0.34)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame: slow parallax, ripples, a boat that rocks, birds."""
        canvas = self._sky.copy()
        place(canvas, self._clouds, -60 - 5.0 * time, 6)
        for number, (layer, height) in enumerate(self._hills):
            place(canvas, layer, -40 - (1.2 + 2.4 * number) * time, self._horizon - height + 1)
        surface = self._water.mirrored(canvas)
        rock = 0.035 * float(np.sin(1.3 * time))
        x = 470 + 4 * time if not self._evening else 860 - 13 * time
        size = 150.0 if not self._evening else 158.0 - 3.5 * time
        keel = (x, 596.0 + 2.0 * float(np.sin(1.1 * time)))
        draw_boat(surface, (keel[0], keel[1] - self._horizon), size, rock, RED, mirrored=True)
        self._water.pour(canvas, surface, time)
        draw_boat(canvas, keel, size, rock, RED)
        self._draw_birds(canvas, time)
        draw_jetty(canvas, (34, 26, 52) if self._evening else (44, 52, 84), -6.0 * time)
        return vignetted(film(canvas, (0.0, 4.0), 1.0 + 0.006 * time), self._mask)

    def _draw_birds(self, canvas: Image.Image, time: float) -> None:
        colour = (60, 40, 80) if self._evening else (74, 84, 120)
        for number in range(5):
            x = 1000 + 46 * number - 26 * time + 12 * float(np.sin(time + number))
            y = 150 + 26 * (number % 3) + 6 * float(np.sin(0.8 * time + 2 * number))
            flap = 7.0 * float(np.sin(6.5 * time + 1.9 * number))
            for side in (-1, 1):
                tip = (x + side * 17, y - 5 - flap)
                wing = [
                    (x, y),
                    (x + side * 8, y - 6 - 0.4 * flap),
                    tip,
                    (x + side * 8, y - 2 - 0.4 * flap),
                ]
                draw_polygon(canvas, wing, colour)


class Storm:
    """A grey sea in the rain: the boat without its sail, two people under an umbrella."""

    def __init__(self) -> None:
        """Prepare the clouds and the rain."""
        self._horizon = 400
        sky = gradient(
            CANVAS, [(0, (58, 68, 84)), (0.35, (104, 116, 130)), (0.5, (150, 160, 168))], 30
        )
        self._sky = to_image(sky)
        self._clouds = [
            clouds((CANVAS[0] + 400, 400), tone, cover, 31 + i)
            for i, (tone, cover) in enumerate((((74, 84, 100), 0.7), ((48, 56, 72), 0.45)))
        ]
        self._hills = ridge(CANVAS[0] + 100, 96, 0.45, (92, 106, 120), (140, 150, 158), 33)
        self._water = Water(self._horizon, (140, 152, 160), (34, 48, 62), 0.4, 1.15)
        self._rain = [rain_layer(260, 34, 70, 34), rain_layer(110, 78, 120, 35)]
        self._mask = vignette(0.5)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        canvas = self._sky.copy()
        place(canvas, self._clouds[0], -30 - 9.0 * time, -30)
        place(canvas, self._clouds[1], -160 + 14.0 * time, -90)
        place(canvas, self._hills, -50.0 - time, self._horizon - 95)
        surface = self._water.mirrored(canvas)
        heave, rock = 7.0 * float(np.sin(1.5 * time)), 0.10 * float(np.sin(1.5 * time + 0.8))
        keel = (440.0, 560.0 + heave)
        draw_boat(
            surface,
            (keel[0], keel[1] - self._horizon),
            210,
            rock,
            RED,
            (196, 192, 188),
            True,
            False,
        )
        self._water.pour(canvas, surface, 1.5 * time)
        draw_boat(canvas, keel, 210, rock, RED, (196, 192, 188), False, False)
        draw_torn_sail(canvas, keel, 210, rock, time)
        dark = (24, 30, 42)
        draw_polygon(canvas, [(760, 668), (CANVAS[0], 640), (CANVAS[0], 672), (760, 690)], dark)
        for post in (800, 960, 1120, 1280):
            draw_polygon(
                canvas,
                [(post, 630), (post + 20, 630), (post + 22, CANVAS[1]), (post - 2, CANVAS[1])],
                dark,
            )
        draw_pair(canvas, (1030.0, 652.0), 96.0, dark, 0.6 * time)
        draw_umbrella(canvas, (1040.0, 500.0), 190.0, (132, 52, 62))
        draw_rain(canvas, self._rain[0], 900, time)
        draw_rain(canvas, self._rain[1], 1500, time)
        return vignetted(film(canvas, (-10 + 2.0 * time, 0), 1.03), self._mask)


class MoonNight:
    """The moon above a calm bay, a lighthouse that turns: the silent moment."""

    def __init__(self) -> None:
        """Prepare the sky with its stars."""
        self._horizon, self._moon = 452, (440.0, 170.0)
        sky = gradient(CANVAS, [(0, (8, 12, 38)), (0.35, (20, 34, 78)), (0.58, (62, 88, 138))], 50)
        add_glow(sky, self._moon, 240, (206, 220, 250), 0.6)
        self._sky = to_image(sky)
        random = np.random.default_rng(51)
        for _ in range(150):
            spot = float(random.uniform(0, CANVAS[0])), float(random.uniform(0, 330))
            bright = float(random.uniform(0.2, 0.9))
            draw_polygon(
                self._sky,
                disc(spot, float(random.uniform(0.7, 1.7)), steps=8),
                (230, 236, 255),
                bright,
            )
        draw_polygon(self._sky, disc(self._moon, 58, steps=70), (246, 244, 230))
        for x, y, radius in ((-18, -12, 13), (14, 8, 17), (20, -24, 8), (-22, 20, 9)):
            spot = (self._moon[0] + x, self._moon[1] + y)
            draw_polygon(self._sky, disc(spot, radius), (224, 224, 216), 0.8)
        self._far = ridge(CANVAS[0] + 60, 80, 0.45, (38, 56, 104), (60, 84, 132), 52)
        self._water = Water(
            self._horizon,
            (66, 92, 142),
            (8, 14, 40),
            0.6,
            0.5,
            (self._moon[0], (220, 230, 250), 0.8),
        )
        self._mask = vignette(0.4)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        canvas = self._sky.copy()
        place(canvas, self._far, -20.0 - 0.8 * time, self._horizon - 79)
        self._draw_beam(canvas, time)
        shift = -1.6 * time
        cape = [
            (760, 453),
            (850, 436),
            (930, 425),
            (1010, 396),
            (1080, 374),
            (1150, 366),
            (1230, 374),
        ]
        crest = smooth_curve([*cape, (1300, 350), (1400, 340)], closed=False)
        outline = [(x + shift, y) for x, y in [*crest, (1420, 453), (760, 453)]]
        draw_polygon(canvas, outline, (15, 22, 50))
        self._draw_tower(canvas, 1126.0 - 1.6 * time)
        surface = self._water.mirrored(canvas)
        self._water.pour(canvas, surface, 0.55 * time)
        return vignetted(film(canvas, (-6 + 1.5 * time, 2), 1.01 + 0.003 * time), self._mask)

    def _draw_tower(self, canvas: Image.Image, x: float) -> None:
        body = [(x - 15, 372), (x - 10, 256), (x + 10, 256), (x + 15, 372)]
        draw_polygon(canvas, body, (196, 204, 224))
        for top in (276, 318):
            stripe = [(x - 11.5, top), (x + 11.5, top), (x + 13, top + 20), (x - 13, top + 20)]
            draw_polygon(canvas, stripe, (150, 50, 70))
        draw_polygon(
            canvas, [(x - 15, 256), (x + 15, 256), (x + 15, 251), (x - 15, 251)], (30, 36, 66)
        )
        draw_polygon(
            canvas, [(x - 8, 251), (x + 8, 251), (x + 8, 234), (x - 8, 234)], (255, 236, 170)
        )
        draw_polygon(canvas, [(x - 12, 234), (x, 220), (x + 12, 234)], (150, 50, 70))

    def _draw_beam(self, canvas: Image.Image, time: float) -> None:
        x, y = 1126.0 - 1.6 * time, 243.0
        turn = float(np.cos(0.8 * time + 2.4))
        beam = Image.new("L", (CANVAS[0] // 4, CANVAS[1] // 4))
        far, spread = 900 * turn, 60 + 60 * abs(turn)
        cone = [(x, y), (x - far, y - spread + 10), (x - far, y + spread + 10)]
        ImageDraw.Draw(beam).polygon([(a / 4, b / 4) for a, b in cone], fill=58)
        glare = 26 + 30 * (1 - abs(turn))
        ImageDraw.Draw(beam).ellipse(
            [(x - glare) / 4, (y - glare) / 4, (x + glare) / 4, (y + glare) / 4], fill=120
        )
        soft = beam.filter(ImageFilter.GaussianBlur(5)).resize(CANVAS, Image.Resampling.BILINEAR)
        canvas.paste((255, 240, 190), (0, 0), soft)


class StartLine:
    """Noon: nine boats wait in a light breeze."""

    _SAILS: tuple[Colour, ...] = (
        (250, 250, 246),
        BLUE,
        (246, 178, 60),
        (250, 250, 246),
        RED,
        (70, 170, 150),
        (250, 250, 246),
        (240, 120, 90),
        (120, 110, 190),
    )

    def __init__(self) -> None:
        """Prepare a bright day."""
        self._horizon = 380
        sky = gradient(
            CANVAS, [(0, (54, 132, 206)), (0.3, (124, 190, 232)), (0.5, (214, 236, 242))], 60
        )
        add_glow(sky, (1050, 40), 380, (255, 250, 226), 0.6)
        self._sky = to_image(sky)
        self._clouds = clouds((CANVAS[0] + 260, 380), (250, 251, 253), 0.5, 66)
        self._hills = [
            (ridge(CANVAS[0] + 160, 120, 0.46, (134, 172, 190), (196, 222, 226), 62), 120),
            (ridge(CANVAS[0] + 160, 66, 0.5, (74, 134, 122), (142, 182, 164), 63), 66),
        ]
        self._water = Water(
            self._horizon, (150, 212, 218), (10, 98, 132), 0.45, 0.8, (1050, (255, 255, 240), 0.35)
        )
        self._mask = vignette(0.26)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        canvas = self._sky.copy()
        place(canvas, self._clouds, -100.0 - 6.0 * time, -20)
        for number, (layer, height) in enumerate(self._hills):
            place(canvas, layer, -60 - (1.0 + 2 * number) * time, self._horizon - height + 1)
        surface = self._water.mirrored(canvas)
        fleet = sorted(
            (454.0 + 58.0 * ((number * 4) % 9) / 8 + (46 if sail == RED else 0), number, sail)
            for number, sail in enumerate(self._SAILS)
        )
        ready = []
        for y, number, sail in fleet:
            size = 46.0 + 0.72 * (y - 430)
            x = 96 + 146 * number + 9.0 * float(np.sin(0.5 * time + number)) + 3.0 * time
            rock = 0.05 + 0.035 * float(np.sin(1.2 * time + 1.7 * number))
            keel = (x, y + 2.0 * float(np.sin(1.4 * time + number)))
            ready.append((keel, size, rock, sail))
            draw_boat(surface, (x, keel[1] - self._horizon), size, rock, sail, mirrored=True)
        self._water.pour(canvas, surface, 1.1 * time)
        for keel, size, rock, sail in ready:
            draw_boat(canvas, keel, size, rock, sail)
        for buoy in (170.0, 1180.0):
            bob = 4.0 * float(np.sin(1.6 * time + buoy))
            draw_buoy(canvas, (buoy, 640 + bob), 34, 0.08 * float(np.sin(1.3 * time + buoy)))
        return vignetted(film(canvas, (-8 + 2.0 * time, 0), 1.02), self._mask)
