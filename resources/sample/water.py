"""Water with moving reflections and glitter."""

import numpy as np
from picture import CANVAS, Colour, Floats, gradient, mixed, to_image
from PIL import Image
from scipy import ndimage


class Water:
    """A water surface in perspective that mirrors what is above it, in moving ripples."""

    def __init__(
        self,
        horizon: int,
        far: Colour,
        near: Colour,
        mirror: float,
        choppiness: float,
        light: tuple[float, Colour, float] | None = None,
    ) -> None:
        """Prepare a surface.

        Args:
            horizon: Canvas row at which the water begins.
            far: Colour of the water at the horizon.
            near: Colour of the water at the feet of the viewer.
            mirror: How much of the reflection is seen, 0 to 1.
            choppiness: Height of the ripples; 1 is a light breeze.
            light: Canvas column, colour and strength of a sun or moon that glitters.
        """
        width, height = CANVAS[0], CANVAS[1] - horizon
        rows = np.arange(height, dtype=np.float32)[:, None]
        columns = np.arange(width, dtype=np.float32)[None, :]
        self.horizon, self._choppiness, self._light = horizon, choppiness, light
        self._depth: Floats = 2600.0 / (rows + 14.0)
        self._across: Floats = (columns - width / 2) * self._depth / 260.0
        self._near: Floats = np.clip(rows / height, 0, 1)
        self._rows, self._columns = rows, columns.astype(np.int32)
        self._tint = gradient(
            (width, height), [(0, far), (0.5, mixed(far, near, 0.7)), (1, near)], 5
        )
        random = np.random.default_rng(6)
        texture = ndimage.gaussian_filter(random.normal(size=(512, 512)), (2.4, 9.0), mode="wrap")
        self._texture = (texture / texture.std()).astype(np.float32)
        self._mirror = (mirror * (1.0 - 0.55 * self._near))[..., None]

    def _glints(self, across: Floats, move: float) -> Floats:
        """Where facets of the water face the light, from a texture laid on the water."""
        column = (33.0 * across + move).astype(np.int32) & 511
        row = (46.0 * self._depth + 0.8 * move).astype(np.int32) & 511
        glints: Floats = self._texture[row, column]
        return glints

    def mirrored(self, canvas: Image.Image) -> Image.Image:
        """The water of a canvas before it ripples: what stands above it, upside down."""
        width, height = CANVAS[0], CANVAS[1] - self.horizon
        above = canvas.crop((0, 0, width, self.horizon)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        seen = np.asarray(above.resize((width, height), Image.Resampling.BILINEAR), np.float32)
        water: Floats = self._tint + (seen - self._tint) * self._mirror
        return to_image(water)

    def pour(
        self, canvas: Image.Image, surface: Image.Image, time: float, drift: float = 0.0
    ) -> None:
        """Put `surface` (from `mirrored`, perhaps drawn upon) on the canvas with its ripples.

        `drift` moves the ripples to the left, for a camera that follows a boat.
        """
        across: Floats = self._across + drift
        depth = self._depth
        swell = np.sin(0.11 * across + 0.315 * depth + 1.3 * time)
        ripple = np.sin(0.55 * across + 0.16 * depth - 1.9 * time + 1.5 * swell)
        fine = np.sin(-0.9 * across + 0.62 * depth - 2.6 * time + 2.0 * ripple)
        wave = 0.5 * swell + 0.6 * ripple + 0.45 * fine
        reach = self._choppiness * (1.5 + 26.0 * self._near)
        source = np.clip(self._rows + reach * wave, 0, self._rows.size - 1.001)
        whole = source.astype(np.int32)
        part = (source - whole)[..., None]
        flat = np.asarray(surface, np.float32).reshape(-1, 3)
        index = whole * CANVAS[0] + self._columns
        water = np.take(flat, index, axis=0)
        water += part * (np.take(flat, index + CANVAS[0], axis=0) - water)
        shade = 10.0 * self._choppiness * self._near * (ripple + 0.6 * fine)
        water += shade[..., None]
        if self._light is not None:
            column, colour, strength = self._light
            beam = np.exp(-(((self._columns - column) / (34.0 + 150.0 * self._near)) ** 2))
            glints = self._glints(across, 34.0 * time) + self._glints(-1.3 * across, 21.0 * time)
            glitter = np.clip(glints + 0.5 * fine - 1.5, 0, 1) * beam * strength
            water += glitter[..., None] * np.array(colour, np.float32)
        canvas.paste(to_image(water), (0, self.horizon))
