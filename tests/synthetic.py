"""Makes small videos whose truth is known, and reads that truth back from any copy of them.

Every frame carries its number as a square of 4 x 4 blocks, a disc above it, and a band below it
that is white during a flash; all of it lies in the middle, so that it survives a centred crop to
9:16, scaling and compression. The background changes its colour at each shot.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

BEEP_SECONDS = Fraction(1, 10)
"""Length of a beep and of its flash."""

BEEP_HZ = 1000

_BITS = 12
_GRID = 4
_CODE_SIDE = 0.5
_DISC = (0.125, 0.2)
_BAND = (0.80, 0.96)
_COLOURS = ((60, 60, 130), (150, 70, 40), (40, 120, 60), (130, 50, 120), (110, 110, 30))
_VIDEO_CODECS = {".webm": "libvpx-vp9"}
_AUDIO_CODECS = {".webm": "libopus"}
_COARSE_CODECS = ("mpeg2video", "mpeg4")
_TRANSFERS = {"pq": 16, "hlg": 18}
_BT2020 = 9
_LAYOUTS = {"mono": 1, "stereo": 2, "5.1": 6}


@dataclass(frozen=True)
class ReadFrame:
    """What one decoded frame shows.

    Attributes:
        time: Presentation time in the file, in seconds.
        number: Its number, or None if the code cannot be read.
        flash: Whether the band is white.
    """

    time: Fraction
    number: int | None
    flash: bool


def make_video(
    path: Path,
    *,
    seconds: float = 4,
    fps: Fraction | int = 25,
    size: tuple[int, int] = (320, 180),
    shots: Sequence[float] = (),
    beeps: Sequence[float | Fraction] = (),
    audio: str | None = "stereo",
    sample_rate: int = 48_000,
    tone: float = 0.0,
    times: Sequence[Fraction] | None = None,
    start: Fraction | float = 0,
    audio_start: Fraction | float = 0,
    audio_seconds: float | None = None,
    rotation: int = 0,
    sample_aspect: Fraction = Fraction(1),
    codec: str | None = None,
    b_frames: int = 0,
    keyint: int = 50,
    ten_bit: bool = False,
    transfer: str = "",
    interlaced: bool = False,
    hidden: float = 0,
    cut_off_bytes: int = 0,
) -> Path:
    """Writes a video with numbered frames.

    Args:
        path: The file; its suffix chooses the container (mp4, mov, mkv, webm, ts, avi).
        seconds: Length of the pictures, if ``times`` does not say it.
        fps: Frames per second.
        size: Width and height as shown: upright and in square pixels.
        shots: Times of hard cuts, in seconds after the first picture.
        beeps: Times of beeps with flashes, in seconds after the first picture; exact frame times.
        audio: ``mono``, ``stereo``, ``5.1``, or None for no sound stream.
        sample_rate: Samples per second.
        tone: Amplitude of a steady 220 Hz tone under the beeps.
        times: Presentation times of the frames after the first, for a variable frame rate.
        start: Presentation time of the first picture, in seconds.
        audio_start: Presentation time of the first sample, in seconds.
        audio_seconds: Length of the sound instead of that of the pictures.
        rotation: Clockwise turn in degrees that the metadata asks players for.
        sample_aspect: Width of a coded pixel by its height.
        codec: Name of the video encoder.
        b_frames: B-frames in a row at most (H.264).
        keyint: Distance of key frames in frames.
        ten_bit: Whether the pictures have 10 bits per sample.
        transfer: ``pq`` or ``hlg`` for a file that says that its pictures are of a high dynamic
            range; they are drawn with the same samples as all others.
        interlaced: Frame n holds picture n in its lower field, which comes first, and picture n + 1
            in its upper field (H.264).
        hidden: Seconds at the begin that an edit list hides (mp4, mov), as trimming without
            encoding leaves them; the numbers of the frames then begin higher.
        cut_off_bytes: Number of bytes to take away from the end of the file.

    Returns:
        The path.
    """
    rate = Fraction(fps)
    if times is None:
        times = [Fraction(number) / rate for number in range(round(Fraction(seconds) * rate))]
    length = times[-1] + 1 / rate
    copied = bool(rotation or hidden)
    written = path.with_name(f"original-{path.name}") if copied else path
    with av.open(str(written), "w") as container:
        codec = codec or _VIDEO_CODECS.get(path.suffix, "libx264")
        video = container.add_stream(codec, rate=rate)
        assert isinstance(video, av.VideoStream)
        turned = rotation in (90, 270)
        shown = (size[0], size[1])
        video.width = round((size[1] if turned else size[0]) / sample_aspect)
        video.height = size[0] if turned else size[1]
        odd = video.width % 2 or video.height % 2
        video.pix_fmt = "yuv420p10le" if ten_bit else "yuv444p" if odd else "yuv420p"
        finer = 1 if codec in _COARSE_CODECS or path.suffix == ".avi" else 1000
        tick = 1 / (rate * finer)
        video.codec_context.time_base = tick
        video.codec_context.sample_aspect_ratio = sample_aspect
        video.codec_context.gop_size = keyint
        video.codec_context.color_range = 1
        if transfer:
            video.codec_context.color_trc = _TRANSFERS[transfer]
            video.codec_context.color_primaries = video.codec_context.colorspace = _BT2020
        if codec == "libx264":
            video.codec_context.max_b_frames = b_frames
            video.options = {"preset": "ultrafast", "crf": "16", "bf": str(b_frames)}
            fields = ":bff=1" if interlaced else ""
            video.options |= {"x264-params": f"scenecut=0:keyint={keyint}{fields}"}
        elif codec == "libvpx-vp9":
            video.options = {"cpu-used": "8", "deadline": "realtime", "crf": "20", "b": "0"}
        sound: av.AudioStream | None = None
        if audio is not None:
            encoder = _AUDIO_CODECS.get(path.suffix, "aac")
            stream = container.add_stream(encoder, rate=sample_rate, layout=audio)
            assert isinstance(stream, av.AudioStream)
            sound = stream
        for number, time in enumerate(times):
            flash = any(beep <= time < beep + BEEP_SECONDS for beep in beeps)
            shot = sum(1 for cut in shots if cut <= time)
            drawn = draw_frame(number, shown, shot=shot, flash=flash)
            if interlaced:
                later = draw_frame(number + 1, shown, shot=shot, flash=flash)
                drawn = np.where(np.arange(size[1])[:, None, None] % 2, drawn, later)
            if rotation:
                drawn = np.ascontiguousarray(np.rot90(drawn, rotation // 90))
            if (drawn.shape[1], drawn.shape[0]) != (video.width, video.height):
                resized = Image.fromarray(drawn).resize((video.width, video.height))
                drawn = np.asarray(resized)
            frame = av.VideoFrame.from_ndarray(drawn, format="rgb24")
            frame.pts = round((Fraction(start) + time) / tick)
            frame.time_base = tick
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None:
            sound_length = audio_seconds if audio_seconds is not None else length
            samples = draw_sound(
                [Fraction(start) + Fraction(beep) - Fraction(audio_start) for beep in beeps],
                Fraction(sound_length),
                sample_rate,
                tone,
            )
            for piece in _audio_frames(samples, audio or "", sample_rate, Fraction(audio_start)):
                container.mux(sound.encode(piece))
            container.mux(sound.encode(None))
    if copied:
        _copy(written, path, rotation, hidden)
    if cut_off_bytes:
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - cut_off_bytes)
    return path


def draw_frame(
    number: int, size: tuple[int, int], *, shot: int = 0, flash: bool = False
) -> NDArray[np.uint8]:
    """One numbered picture, (height, width, 3) uint8, RGB."""
    width, height = size
    picture = Image.new("RGB", size, _COLOURS[shot % len(_COLOURS)])
    draw = ImageDraw.Draw(picture)
    centre, radius = _DISC[0] * height, _DISC[1] * height / 2
    draw.ellipse(
        (width / 2 - radius, centre - radius, width / 2 + radius, centre + radius), fill="white"
    )
    side = _CODE_SIDE * height
    left, top, block = (width - side) / 2, (height - side) / 2, side / _GRID
    for place, bit in enumerate(_code(number)):
        x, y = left + place % _GRID * block, top + place // _GRID * block
        shade = (235,) * 3 if bit else (20,) * 3
        draw.rectangle((x, y, x + block - 1, y + block - 1), fill=shade)
    band = (left, _BAND[0] * height, left + side, _BAND[1] * height)
    draw.rectangle(band, fill=(240,) * 3 if flash else (15,) * 3)
    return np.asarray(picture)


def draw_sound(
    beeps: Sequence[Fraction], seconds: Fraction, sample_rate: int, tone: float = 0.0
) -> NDArray[np.float32]:
    """Silence or a tone with beeps, (N,) float32."""
    clock = np.arange(round(seconds * sample_rate)) / sample_rate
    sound = tone * np.sin(2 * np.pi * 220 * clock)
    for beep in beeps:
        first, length = round(beep * sample_rate), round(BEEP_SECONDS * sample_rate)
        begin, end = max(0, first), max(0, min(len(sound), first + length))
        phase = (np.arange(begin, end) - first) / sample_rate
        sound[begin:end] += 0.5 * np.sin(2 * np.pi * BEEP_HZ * phase + np.pi / 2)
    return sound.astype(np.float32)


def read_frames(path: Path, *, code_side: float = _CODE_SIDE) -> list[ReadFrame]:
    """Decodes all frames and reads what they show.

    Args:
        path: A copy of a video made here: cropped around the centre, scaled, cut, joined.
        code_side: Side of the code as a fraction of the picture's height; 0.5 in any copy that
            shows the full height.
    """
    return [_read_frame(picture, time, code_side) for time, picture in read_pictures(path)]


def read_pictures(path: Path) -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
    """Presentation times and upright RGB pictures in square pixels, in presentation order."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            picture = frame.to_ndarray(format="rgb24")
            aspect = stream.codec_context.sample_aspect_ratio or Fraction(1)
            if aspect != 1:
                shown = (round(picture.shape[1] * aspect), picture.shape[0])
                picture = np.asarray(Image.fromarray(picture).resize(shown))
            turns = round(frame.rotation / 90) % 4
            yield (frame.pts or 0) * Fraction(frame.time_base or 1), np.rot90(picture, turns)


def read_number(picture: NDArray[np.uint8]) -> int | None:
    """Number of one frame from its upright picture, (height, width, 3) uint8, RGB."""
    return _read_frame(picture, Fraction(0), _CODE_SIDE).number


def read_frame_numbers(path: Path) -> list[int | None]:
    """Numbers of all frames in presentation order."""
    return [frame.number for frame in read_frames(path)]


def read_beeps_and_flashes(path: Path) -> tuple[list[Fraction], list[Fraction]]:
    """Presentation times, in seconds, at which beeps and flashes begin."""
    sample_rate, first, sound = read_sound(path)
    loud = np.abs(sound) > 0.2
    quiet = round(sample_rate / 50)
    beeps: list[Fraction] = []
    last = -quiet - 1
    for place in np.flatnonzero(loud).tolist():
        if place - last > quiet:
            beeps.append(first + Fraction(place, sample_rate))
        last = place
    frames = read_frames(path)
    before = [False, *(frame.flash for frame in frames)]
    flashes = [frame.time for frame, was in zip(frames, before, strict=False) if frame.flash > was]
    return beeps, flashes


def read_sound(path: Path) -> tuple[int, Fraction, NDArray[np.float32]]:
    """Sample rate, presentation time of the first sample, and the first channel, (N,) float32."""
    pieces: list[NDArray[np.float32]] = []
    first = Fraction(0)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        for frame in container.decode(stream):
            if not pieces and frame.pts is not None:
                first = frame.pts * Fraction(frame.time_base or 1)
            pieces += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
        return stream.codec_context.sample_rate, first, np.concatenate(pieces)


def measure_disc(picture: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height in pixels of the disc in a picture that shows the full height."""
    height = picture.shape[0]
    top = picture[: round((0.5 - _CODE_SIDE / 2) * height)].min(axis=2) > 170
    return int(top.any(axis=0).sum()), int(top.any(axis=1).sum())


def _code(number: int) -> list[int]:
    bits = [number >> place & 1 for place in range(_BITS)]
    # The first check bit is never equal to the second: a black or white picture is no number.
    parity = sum(bits) % 2
    odd = sum(bits[::2]) % 2
    return [*bits, parity, 1 - parity, odd, 1 - odd]


def _read_frame(picture: NDArray[np.uint8], time: Fraction, code_side: float) -> ReadFrame:
    grey = picture.mean(axis=2)
    height, width = grey.shape
    side = code_side * height
    left, top, block = (width - side) / 2, (height - side) / 2, side / _GRID
    bits = [
        int(_patch(grey, left + (x + 0.5) * block, top + (y + 0.5) * block, block / 4) > 128)
        for y in range(_GRID)
        for x in range(_GRID)
    ]
    number = sum(bit << place for place, bit in enumerate(bits[:_BITS]))
    scale = code_side / _CODE_SIDE
    band = 0.5 + ((_BAND[0] + _BAND[1]) / 2 - 0.5) * scale
    flash = _patch(grey, width / 2, band * height, block / 4) > 128
    return ReadFrame(time, number if _code(number) == bits else None, bool(flash))


def _patch(grey: NDArray[np.float64], x: float, y: float, reach: float) -> float:
    rows = slice(round(y - reach), round(y + reach) + 1)
    columns = slice(round(x - reach), round(x + reach) + 1)
    return float(grey[rows, columns].mean())


def _audio_frames(
    samples: NDArray[np.float32], layout: str, sample_rate: int, start: Fraction
) -> Iterator[av.AudioFrame]:
    for first in range(0, len(samples), 1024):
        channel = samples[first : first + 1024]
        planes = np.repeat(channel[np.newaxis], _LAYOUTS[layout], axis=0)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), "fltp", layout)
        frame.sample_rate = sample_rate
        frame.pts = round(start * sample_rate) + first
        frame.time_base = Fraction(1, sample_rate)
        yield frame


def _copy(source: Path, target: Path, rotation: int, hidden: float) -> None:
    """Moves a video without encoding, for what PyAV cannot write: turns and edit lists."""
    words = ["-y", "-v", "error", "-display_rotation", str(-rotation), "-ss", str(hidden)]
    words += ["-i", str(source), "-map", "0", "-c", "copy", str(target)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], check=True)
    source.unlink()
