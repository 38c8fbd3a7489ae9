"""The pictures of a composed video, and its file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.errors import MediaError
from core.learning.augmentation import Samples
from core.learning.highlights.moments import MADE_PICTURES, PICTURES_PER_SECOND
from core.learning.highlights.moments_plan import Shot, VideoPlan
from core.media.frames import read_pictures
from core.media.probe import open_media, probe
from core.media.sound import FULL_RATE
from core.signals.framing import SAMPLE_RATE

WIDTH, HEIGHT = 320, 180
FOOTAGE_ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts")

_VIDEO = {"preset": "ultrafast", "crf": "31", "x264-params": "keyint=75:threads=2"}
_SOUND = {"aac_coder": "fast"}
_SOUND_BITS = 64_000
_BLOCK = 1024
_SHORTEST = 1.0

Pixels = NDArray[np.uint8]


def footage_lengths(folder: Path | None) -> dict[str, float]:
    """Seconds of the films of a folder by file name; no files are made pictures only.

    Args:
        folder: Holds films; files with other endings are passed over. None for no footage.

    Raises:
        MediaError: There is no such folder, no film in it, or one of them cannot be read.
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise MediaError("there is no folder with footage", path=folder)
    files = sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() in FOOTAGE_ENDINGS and not file.name.startswith(".")
    )
    lengths = {file.name: round(float(probe(file).duration), 3) for file in files}
    usable = {name: seconds for name, seconds in lengths.items() if seconds >= _SHORTEST}
    if not usable:
        raise MediaError(
            "the folder holds no films of a second or more", path=folder,
            remedy="Name another folder, or leave the footage out.",
        )  # fmt: skip
    return usable


def write_video(
    plan: VideoPlan,
    sound: Samples,
    footage: Path | None,
    path: Path,
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Writes H.264 and AAC at 320×180, 15 pictures a second, 48 kHz mono.

    Args:
        plan: The video; its digest is written into the file.
        sound: (n,) float32, mono, 16 kHz, as long as the video.
        footage: Folder with the files that the shots name.
        path: The file, an mp4 whatever it is called.
        progress: Called each second of video with the share that is done; what it raises ends
            the work, and leaves an unfinished file.

    Raises:
        MediaError: Footage cannot be read, or FFmpeg refuses to encode.
    """
    try:
        with av.open(str(path), "w", format="mp4") as container:
            container.metadata["comment"] = plan.digest()
            video = container.add_stream("libx264", rate=PICTURES_PER_SECOND, options=_VIDEO)
            assert isinstance(video, av.VideoStream)
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            audio = container.add_stream("aac", rate=FULL_RATE, layout="mono", options=_SOUND)
            assert isinstance(audio, av.AudioStream)
            audio.bit_rate = _SOUND_BITS
            converter = VideoReformatter()
            blocks = _blocks(sound)
            for number, picture in enumerate(pictures(plan, footage)):
                if number % PICTURES_PER_SECOND == 0:
                    progress(min(1.0, number / PICTURES_PER_SECOND / plan.seconds))
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame = converter.reformat(frame, format="yuv420p", threads=1)
                frame.pts, frame.time_base = number, Fraction(1, PICTURES_PER_SECOND)
                container.mux(video.encode(frame))
                for block in blocks:
                    container.mux(audio.encode(block))
                    if (block.time or 0.0) > number / PICTURES_PER_SECOND:
                        break
            for block in blocks:
                container.mux(audio.encode(block))
            container.mux(video.encode(None))
            container.mux(audio.encode(None))
    except av.error.FFmpegError as error:
        raise MediaError(f"the video cannot be encoded ({error})", path=path) from error


def written_digest(path: Path) -> str:
    """The digest of the plan that a video was written by; empty for any other file."""
    try:
        with open_media(path) as container:
            return str(container.metadata.get("comment", ""))
    except MediaError:
        return ""


def pictures(plan: VideoPlan, footage: Path | None) -> Iterator[Pixels]:
    """All pictures of a planned video, ``(180, 320, 3) uint8`` RGB each.

    Raises:
        MediaError: Footage cannot be read.
    """
    for shot in plan.shots:
        count = round((shot.end - shot.start) * PICTURES_PER_SECOND)
        if shot.source in MADE_PICTURES or footage is None:
            drawn = _made(shot, count)
        else:
            drawn = _filmed(footage / shot.source, shot.offset, count)
        for picture in drawn:
            yield np.ascontiguousarray(picture[:, ::-1]) if shot.mirrored else picture


def _filmed(file: Path, offset: float, count: int) -> Iterator[Pixels]:
    """Pictures of a film that fill the frame; the last is held where the film ends early."""
    info = probe(file)
    scale = max(WIDTH / info.video.width, HEIGHT / info.video.height)
    width = max(WIDTH, math.ceil(info.video.width * scale))
    height = max(HEIGHT, math.ceil(info.video.height * scale))
    left, top = (width - WIDTH) // 2, (height - HEIGHT) // 2
    source = read_pictures(info, Fraction(offset))
    now = next(source, None)
    if now is None:
        raise MediaError(f"there is no picture at {offset:g} s", path=file)
    following = next(source, None)
    pixels: Pixels | None = None
    for number in range(count):
        time = offset + number / PICTURES_PER_SECOND
        while following is not None and following.seconds <= time:
            now, following, pixels = following, next(source, None), None
        if pixels is None:
            pixels = now.rgb(width, height)[top : top + HEIGHT, left : left + WIDTH]
            pixels = np.ascontiguousarray(pixels)
        yield pixels


def _made(shot: Shot, count: int) -> Iterator[Pixels]:
    random = np.random.default_rng(shot.seed)
    colours = random.uniform(20, 235, (2, 3))
    if shot.source == "noise":
        for _ in range(count):
            grain = random.integers(0, 256, (HEIGHT // 4, WIDTH // 4, 1))
            mixed = colours[0] + (colours[1] - colours[0]) * grain / 255
            yield mixed.astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)
        return
    if shot.source == "title":
        picture = _title(f"PART {random.integers(1, 100)}", colours)
        for _ in range(count):
            yield picture
        return
    across, down = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    angle, speed = random.uniform(0, 2 * np.pi), random.uniform(0.05, 0.4)
    slope = np.cos(angle) * across + np.sin(angle) * down
    for number in range(count):
        phase = slope + speed * number / PICTURES_PER_SECOND
        share = 0.5 + 0.5 * np.sin(2 * np.pi * phase)[..., None]
        yield (colours[0] + (colours[1] - colours[0]) * share).astype(np.uint8)


def _title(text: str, colours: NDArray[np.float64]) -> Pixels:
    red, green, blue = (int(value) for value in colours[0])
    picture = Image.new("RGB", (WIDTH, HEIGHT), (red, green, blue))
    fill = "black" if colours[0].mean() > 128 else "white"
    place = WIDTH / 2, HEIGHT / 2
    ImageDraw.Draw(picture).text(
        place, text, fill=fill, font=ImageFont.load_default(36), anchor="mm"
    )
    return np.asarray(picture)


def _blocks(sound: Samples) -> Iterator[av.AudioFrame]:
    from scipy.signal import resample_poly

    full = resample_poly(sound, FULL_RATE // SAMPLE_RATE, 1).astype(np.float32)
    full = np.clip(full, -1.0, 1.0)
    for start in range(0, len(full), _BLOCK):
        samples = np.ascontiguousarray(full[np.newaxis, start : start + _BLOCK])
        block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        block.sample_rate, block.pts = FULL_RATE, start
        block.time_base = Fraction(1, FULL_RATE)
        yield block
