"""A picture on which the place of a window can be measured, and layouts drawn of it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.export.camera import Camera
from core.export.ffmpeg import ffmpeg_program
from core.export.framing import Framing
from core.export.layout import layout_filters
from core.media.probe import VideoStream

RATE = Fraction(30)
WAVE = 24.0
"""Length of a wave of the picture in source pixels."""


def stream(
    width: int, height: int, *, pixel: Fraction = Fraction(1), rotation: int = 0
) -> VideoStream:
    """A stream whose picture has this many pixels after it was turned upright."""
    coded = (height, width) if rotation in (90, 270) else (width, height)
    shown = (round(coded[0] * pixel), coded[1])
    if rotation in (90, 270):
        shown = (shown[1], shown[0])
    return VideoStream(
        index=0,
        codec="h264",
        width=shown[0],
        height=shown[1],
        coded_width=coded[0],
        coded_height=coded[1],
        rotation=rotation,
        frame_rate=RATE,
        time_base=1 / RATE,
        start=Fraction(0),
    )


def waves(width: int, height: int) -> NDArray[np.uint8]:
    """Grey waves across and down, (height, width) uint8."""
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    across, down = np.sin(2 * np.pi * x / WAVE), np.sin(2 * np.pi * y / WAVE)
    return np.round(128 + 50 * across[None, :] + 50 * down[:, None]).astype(np.uint8)


def write_pictures(path: Path, pictures: Sequence[NDArray[np.uint8]]) -> Path:
    """Pictures, RGB or grey, that ffmpeg reads as the frames of a video without loss."""
    path.mkdir()
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(path / f"{number:05d}.png", compress_level=1)
    return path


def draw_layout(
    pictures: Path,
    framing: Framing,
    layout: str,
    cameras: Sequence[Camera],
    frames: int,
    *,
    origin: Fraction = Fraction(0),
    rate: Fraction = RATE,
    source_format: str = "yuv420p",
) -> NDArray[np.uint8]:
    """Frames as the short shows them, (frames, height, width, 3) uint8 RGB; one picture rests."""
    graph = layout_filters(
        framing,
        layout,
        cameras,
        origin=origin,
        frame_rate=rate,
        frames=frames,
        in_matrix="bt709",
        source="s",
        result="v",
    )
    several = len(list(pictures.iterdir())) > 1
    to_video = "scale=out_color_matrix=bt709:out_range=limited"
    graph = f"[0:v]{to_video},format={source_format}[s];{graph};[v]"
    graph += "scale=in_color_matrix=bt709:in_range=limited,format=rgb24[rgb]"
    script = pictures.with_suffix(".graph")
    script.write_text(graph, encoding="utf-8")
    words = [
        *("-v", "error", "-nostdin", *(() if several else ("-loop", "1"))),
        *("-framerate", str(rate), "-i", str(pictures / "%05d.png")),
        *("-/filter_complex", str(script), "-map", "[rgb]", "-frames:v", str(frames)),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"),
    ]
    raw = subprocess.run([ffmpeg_program(), *words], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(frames, framing.height, framing.width, 3)


def measure_window(
    shown: NDArray[np.uint8], left: float, top: float, width: float, height: float
) -> tuple[float, float]:
    """How far a drawn window of waves lies from where it should, in its pixels, across and down.

    Args:
        shown: What is shown of the window, (h, w, 3) uint8.
        left: Where its left edge should be, in source pixels; so for the others.
        top: Upper edge.
        width: Width.
        height: Height.
    """
    grey = shown.mean(axis=2)
    errors = []
    for axis, start, length in ((0, left, width), (1, top, height)):
        line = grey.mean(axis=axis)
        places = start + (np.arange(len(line)) + 0.5) * length / len(line)
        turns = 2 * np.pi * places / WAVE
        columns = np.stack([np.sin(turns), np.cos(turns), np.ones(len(line))], axis=1)
        sine, cosine, _ = np.linalg.lstsq(columns, line, rcond=None)[0]
        phase = np.arctan2(cosine, sine) / (2 * np.pi) * WAVE
        errors.append(float(phase * len(line) / length))
    return errors[0], errors[1]
