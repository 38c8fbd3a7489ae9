"""The scenes of people and of the race; each draws any of its moments."""

import numpy as np
from boats import BLUE, RED, draw_boat, draw_buoy, draw_spray, draw_wake
from effects import (
    Burst,
    draw_bunting,
    draw_confetti,
    draw_lanterns,
    draw_rain,
    fireworks_light,
    rain_layer,
    shore_lamps,
)
from people import draw_fans, draw_pair, fans
from picture import (
    CANVAS,
    Colour,
    add_glow,
    add_light,
    clouds,
    draw_polygon,
    film,
    gradient,
    mixed,
    place,
    ridge,
    shaken,
    soft_light,
    to_image,
    vignette,
    vignetted,
)
from PIL import Image, ImageChops, ImageFilter
from portrait import Portrait
from seascapes import Harbour, Storm
from water import Water

FINALE = (
    Burst(0.15, 0.24, 0.22, 0.62, (255, 120, 90)),
    Burst(0.70, 0.74, 0.18, 0.70, (120, 190, 255)),
    Burst(1.35, 0.58, 0.22, 0.78, (255, 210, 110)),
    Burst(2.05, 0.15, 0.30, 0.55, (190, 140, 255)),
    Burst(2.55, 0.83, 0.27, 0.66, (255, 110, 150)),
    Burst(3.15, 0.33, 0.20, 0.74, (130, 240, 190)),
    Burst(3.80, 0.64, 0.24, 0.84, (255, 220, 140)),
    Burst(4.45, 0.20, 0.20, 0.66, (255, 130, 110)),
    Burst(5.05, 0.78, 0.22, 0.72, (150, 180, 255)),
)


class CloseUp:
    """The sailor talks to the camera: calm in the harbour, or angry in the storm."""

    def __init__(self, angry: bool) -> None:
        """Prepare the light of the mood."""
        self._angry = angry
        self._portrait = Portrait(
            "angry" if angry else "calm", (70, 20, 50) if angry else (96, 66, 110)
        )
        if angry:
            stops = [(0, (30, 14, 34)), (0.5, (104, 26, 44)), (1, (44, 14, 34))]
            glow, colours = (255, 84, 60), [(230, 60, 50), (255, 130, 60), (160, 30, 60)]
        else:
            stops = [(0, (64, 122, 160)), (0.55, (226, 190, 160)), (1, (60, 96, 120))]
            glow, colours = (255, 226, 180), [(255, 236, 200), (255, 210, 150), (200, 232, 236)]
        behind = (Storm() if angry else Harbour(evening=False)).draw(2.0, 0.0)
        blurred = behind.filter(ImageFilter.GaussianBlur(17)).resize(CANVAS)
        back = gradient(CANVAS, stops, 21)
        back += 0.6 * (np.asarray(blurred, np.float32) - back)
        add_glow(back, (330, 260), 430, glow, 0.4 if angry else 0.16)
        self._back = to_image(back)
        random = np.random.default_rng(22)
        for _ in range(34):
            radius = int(random.uniform(18, 62))
            mask = soft_light(radius, 0.12).point(lambda v: int(v * 0.26))
            colour = colours[int(random.integers(3))]
            spot = int(random.uniform(0, CANVAS[0])) - radius, int(random.uniform(60, 620)) - radius
            self._back.paste(colour, spot, mask)
        self._rain = rain_layer(230, 60, 88, 23)
        self._mask = vignette(0.6 if angry else 0.32)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame; the head nods with the voice."""
        canvas = self._back.copy()
        lightning = 0.0
        if self._angry:
            for strike in (0.35, 2.7, 5.2):
                age = time - strike
                if 0 <= age < 0.5:
                    lightning = max(
                        lightning, (1 - 2 * age) * (0.5 + 0.5 * float(np.cos(60 * age)))
                    )
            canvas = ImageChops.add(
                canvas, Image.new("RGB", CANVAS, mixed((0, 0, 0), (120, 130, 170), lightning))
            )
        layer = self._portrait.draw(time, mouth)
        sway = 4.0 if not self._angry else 15.0
        x = (
            CANVAS[0] / 2
            - Portrait.SIZE[0] / 2
            + 60
            + sway * float(np.sin((0.7 if not self._angry else 3.1) * time))
        )
        y = (
            56.0
            + 9.0 * float(np.sin(0.9 * time)) * (not self._angry)
            - (16 if self._angry else 7) * mouth
        )
        place(canvas, layer, x + 0.01, y)
        if not self._angry:
            return vignetted(
                film(canvas, (6 * float(np.sin(0.4 * time)), 0), 1.02 + 0.006 * time), self._mask
            )
        draw_rain(canvas, self._rain, 1500, time)
        jerk = shaken(time, 12.0)
        zoom = 1.14 + 0.05 * float(np.sin(1.4 * time)) + 0.03 * mouth
        return vignetted(film(canvas, jerk, zoom, 0.02 * float(np.sin(2.3 * time))), self._mask)


class Race:
    """Two boats at full speed, seen from a boat beside them; the red one comes up."""

    def __init__(self) -> None:
        """Prepare a warm afternoon."""
        self._horizon = 330
        sky = gradient(
            CANVAS, [(0, (70, 116, 190)), (0.28, (160, 176, 206)), (0.44, (255, 214, 160))], 70
        )
        add_glow(sky, (240, 250), 380, (255, 222, 150), 0.75)
        self._sky = to_image(sky)
        self._clouds = clouds((2400, 330), (255, 232, 214), 0.48, 71)
        self._hills = [
            (ridge(2400, 130, 0.5, (148, 138, 172), (226, 190, 176), 72), 130, 90.0),
            (ridge(3400, 84, 0.55, (82, 90, 120), (150, 132, 138), 73), 84, 330.0),
        ]
        self._water = Water(
            self._horizon, (220, 190, 164), (12, 66, 110), 0.4, 1.25, (240, (255, 230, 180), 0.5)
        )
        self._mask = vignette(0.36)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        canvas = self._sky.copy()
        place(canvas, self._clouds, -40.0 - 55.0 * time, -20)
        for layer, height, speed in self._hills:
            place(canvas, layer, -40 - speed * time, self._horizon - height + 1)
        surface = self._water.mirrored(canvas)
        gain = float(np.clip(time / 4.5, 0, 1)) ** 1.3
        boats = [
            ((880 - 60 * gain + 14 * float(np.sin(2.1 * time)), 500.0), 250.0, BLUE, 0.0),
            ((330 + 470 * gain + 10 * float(np.sin(2.7 * time)), 640.0), 360.0, RED, 1.3),
        ]
        ready = []
        for (x, y), size, sail, phase in boats:
            heel = 0.27 + 0.06 * float(np.sin(3.4 * time + phase))
            keel = (x, y + 11.0 * float(np.sin(4.4 * time + phase)))
            ready.append((keel, size, heel, sail))
            draw_boat(surface, (x, keel[1] - self._horizon), size, heel, sail, mirrored=True)
        self._water.pour(canvas, surface, 2.2 * time, drift=26.0 * time)
        for number, (keel, size, heel, sail) in enumerate(ready):
            draw_wake(canvas, keel, size)
            draw_boat(canvas, keel, size, heel, sail)
            draw_spray(canvas, keel, size, time, 74 + number)
        jerk = shaken(1.6 * time, 15.0)
        return vignetted(film(canvas, jerk, 1.05, 0.025 * float(np.sin(2.6 * time))), self._mask)


class Crowd:
    """The people on the quay, against the light, who jump and cheer."""

    def __init__(self) -> None:
        """Prepare the light and three rows of people."""
        sky = gradient(
            CANVAS, [(0, (250, 132, 70)), (0.45, (255, 196, 96)), (1, (255, 232, 176))], 80
        )
        add_glow(sky, (700, 300), 420, (255, 250, 220), 0.9)
        self._sky = to_image(sky)
        random = np.random.default_rng(81)
        for _ in range(26):
            radius = int(random.uniform(14, 46))
            mask = soft_light(radius, 0.12).point(lambda v: int(v * 0.24))
            spot = int(random.uniform(0, CANVAS[0])) - radius, int(random.uniform(0, 420)) - radius
            self._sky.paste((255, 246, 214), spot, mask)
        self._rows = [
            (fans(0, 23, 76, 82, 0.22), 470.0, (206, 104, 70)),
            (fans(1, 17, 112, 83, 0.12), 590.0, (138, 52, 58)),
            (fans(2, 12, 164, 84, 0.0), 740.0, (52, 20, 42)),
        ]
        self._mask = vignette(0.36)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        canvas = self._sky.copy()
        draw_bunting(canvas, time)
        for row, ground, colour in self._rows:
            draw_fans(canvas, row, ground, colour, time)
        draw_confetti(canvas, time + 1.0, 90, 85)
        return vignetted(film(canvas, shaken(1.3 * time, 13.0), 1.05), self._mask)


class Finish:
    """The red boat crosses the line under fireworks, in a rain of paper."""

    def __init__(self) -> None:
        """Prepare the evening sky."""
        self._horizon = 430
        sky = gradient(
            CANVAS, [(0, (22, 16, 62)), (0.3, (74, 38, 106)), (0.54, (214, 96, 104))], 90
        )
        self._sky = to_image(sky)
        self._hills = ridge(CANVAS[0] + 400, 92, 0.5, (40, 24, 66), (92, 48, 92), 91)
        self._lamps = shore_lamps(92)
        self._water = Water(self._horizon, (204, 98, 112), (18, 14, 52), 0.85, 0.9)
        self._rows = [
            (fans(3, 19, 66, 93, 0.0), 738.0, (34, 16, 44)),
            (fans(4, 14, 92, 94, 0.0), 782.0, (12, 6, 22)),
        ]
        self._mask = vignette(0.4)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        canvas = self._sky.copy()
        place(canvas, self._hills, -100.0 - 20.0 * time, self._horizon - 91)
        canvas.paste((255, 214, 140), (0, self._horizon - 40), self._lamps)
        canvas = add_light(canvas, fireworks_light(FINALE, time, 95))
        surface = self._water.mirrored(canvas)
        x = 380 + 92 * time
        heel = 0.16 + 0.04 * float(np.sin(2.6 * time))
        keel = (x, 612 + 6 * float(np.sin(3.1 * time)))
        draw_boat(surface, (x, keel[1] - self._horizon), 270, heel, RED, mirrored=True)
        self._water.pour(canvas, surface, 1.6 * time)
        draw_buoy(
            canvas, (1010, 560 + 4 * float(np.sin(2 * time))), 40, 0.1 * float(np.sin(1.7 * time))
        )
        draw_wake(canvas, keel, 270)
        draw_boat(canvas, keel, 270, heel, RED)
        draw_spray(canvas, keel, 200, time, 96)
        for row, ground, colour in self._rows:
            draw_fans(canvas, row, ground, colour, time)
        draw_confetti(canvas, time, 100, 97)
        return vignetted(film(canvas, shaken(time, 10.0), 1.04 + 0.006 * time), self._mask)


class Quay:
    """Night on the quay: lights out of focus, paper lanterns, two people who rest."""

    def __init__(self) -> None:
        """Prepare the lights of the town."""
        back = gradient(
            CANVAS,
            [(0, (10, 12, 34)), (0.5, (28, 26, 60)), (0.75, (50, 34, 64)), (1, (12, 12, 32))],
            100,
        )
        self._back = to_image(back)
        random = np.random.default_rng(101)
        warm: list[Colour] = [
            (255, 190, 96),
            (255, 150, 70),
            (255, 222, 160),
            (240, 96, 90),
            (110, 190, 220),
        ]
        self._lights = []
        for _ in range(58):
            radius = int(random.uniform(14, 50))
            power = float(random.uniform(0.18, 0.6))
            mask = soft_light(radius, 0.1).point(lambda v, power=power: int(v * power))
            x, y = float(random.uniform(-60, CANVAS[0] + 60)), float(random.normal(330, 62))
            speed, phase = float(random.uniform(-7, 7)), float(random.uniform(0, 6.28))
            self._lights.append((mask, warm[int(random.integers(5))], x, y, speed, phase))
        self._mask = vignette(0.45)

    def draw(self, time: float, mouth: float) -> Image.Image:
        """Draw the frame."""
        light = Image.new("RGB", CANVAS)
        for mask, colour, x, y, speed, phase in self._lights:
            glow = 0.85 + 0.15 * float(np.sin(1.1 * time + phase))
            spot = Image.new("RGB", mask.size, mixed((0, 0, 0), colour, glow))
            spot = ImageChops.multiply(spot, Image.merge("RGB", (mask, mask, mask)))
            left, top = round(x + speed * time) - mask.width // 2, round(y) - mask.height // 2
            box = (left, top, left + mask.width, top + mask.height)
            light.paste(ImageChops.add(light.crop(box), spot), box)
        glimmer = light.crop((0, 190, CANVAS[0], 490)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        glimmer = glimmer.resize((CANVAS[0] // 8, 18), Image.Resampling.BOX).filter(
            ImageFilter.GaussianBlur(2)
        )
        glimmer = glimmer.resize((CANVAS[0], 270), Image.Resampling.BICUBIC)
        mirror = Image.new("RGB", CANVAS)
        shore = np.clip(np.arange(270) / 70, 0, 1)[:, None] * np.full((1, CANVAS[0]), 255)
        mirror.paste(glimmer, (0, 480), Image.fromarray(shore.astype(np.uint8)))
        canvas = ImageChops.add(ImageChops.add(self._back, light), mirror)
        draw_lanterns(canvas, time)
        dark = (8, 8, 20)
        draw_polygon(
            canvas, [(0, 690), (CANVAS[0], 676), (CANVAS[0], CANVAS[1]), (0, CANVAS[1])], dark
        )
        draw_pair(canvas, (470.0, 690.0), 148.0, dark, 0.5 * time)
        return vignetted(film(canvas, (-14 + 3.0 * time, 0), 1.02), self._mask)
