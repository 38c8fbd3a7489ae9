"""Videos of coloured subjects whose way is known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (320, 180)
RATE = 25
_RED, _YELLOW = (210, 40, 40), (230, 210, 40)


def draw_subject(
    places: list[tuple[float, float]], ground: tuple[int, int, int] = (60, 80, 90)
) -> NDArray[np.uint8]:
    """Figures, 24 pixels wide, whose middles are at parts of the picture's width and height."""
    width, height = SIZE
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = ground
    # A ground that is not quite even, as in real pictures.
    picture[::8, :, :] += 6
    y, x = np.mgrid[:height, :width]
    for place, (across, down) in enumerate(places):
        away = ((x - across * width) / 12) ** 2 + ((y - down * height) / 30) ** 2
        picture[away < 1] = _YELLOW if place else _RED
    return picture


def film(
    path: Path,
    seconds: float,
    picture: Callable[[float], NDArray[np.uint8]],
    *,
    b_frames: int = 0,
    start: float = 0.0,
) -> Path:
    """Writes what ``picture`` gives for each time as H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, RATE)
        stream.codec_context.max_b_frames = b_frames
        stream.options = {"preset": "ultrafast", "crf": "18", "bf": str(b_frames)}
        stream.options |= {"x264-params": "scenecut=0:keyint=250"}
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(picture(number / RATE), format="rgb24")
            frame.pts = number + round(start * RATE)
            frame.time_base = Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
