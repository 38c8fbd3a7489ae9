"""Which encoder writes the pictures, and the words that tell ffmpeg how."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import av.error
import numpy as np

from core.errors import ExportError
from core.export.encoding import SPEEDS, Encoding
from core.export.estimate import usual_bits
from core.export.ffmpeg import HARDWARE_FAILED, ffmpeg_program

_SOFTWARE = {"h264": "libx264", "hevc": "libx265"}
_KINDS = {
    "darwin": ("videotoolbox",),
    "win32": ("nvenc", "qsv", "amf", "mf"),
    "linux": ("nvenc", "qsv", "amf"),
}
_PATIENCE = 10.0
_TRIED_SIZE = (1080, 1920)
_TRIED_FRAMES = 10
_TRIED_GREY = 150


@dataclass(frozen=True)
class EncoderChoice:
    """The encoder that an export uses.

    Attributes:
        name: As ffmpeg knows it.
        hardware: Whether it is one of this machine's own.
        reason: Why this one, as a sentence for people.
    """

    name: str
    hardware: bool
    reason: str


def chosen_encoder(encoding: Encoding) -> EncoderChoice:
    """The encoder of this machine that works, or the software encoder.

    Whether one works is found out by encoding ten frames of 1080x1920 and decoding them again, once
    per process: an encoder that ffmpeg lists needs a graphics card, a driver, and a free session.
    VAAPI is not among those tried: its pictures would have to be moved by filters of their own.

    Args:
        encoding: What is asked for.

    Raises:
        ExportError: There is no ffmpeg for this machine.
    """
    software = _SOFTWARE[encoding.codec]
    if not encoding.hardware:
        return EncoderChoice(software, False, "The software encoder gives the best picture.")
    if encoding.crf == 0:
        return EncoderChoice(software, False, "Only the software encoder writes without any loss.")
    name = _working_hardware(ffmpeg_program(), encoding.codec)
    if name is None:
        return EncoderChoice(software, False, "No encoder of this machine's own works.")
    return EncoderChoice(name, True, f"The encoder {name} of this machine works and is faster.")


def encoder_words(encoding: Encoding, frame_rate: Fraction, size: tuple[int, int]) -> list[str]:
    """Everything that ffmpeg is told about the stream of pictures.

    A key frame comes every two seconds at the latest and no frame refers over it (closed GOP), as
    platforms ask; parts that are written with the same words can be joined without encoding.

    Args:
        encoding: How the short is written.
        frame_rate: Frames per second of the short.
        size: Its width and height in pixels.

    Raises:
        ExportError: There is no ffmpeg for this machine.
    """
    return _words(chosen_encoder(encoding).name, encoding, frame_rate, size)


def is_hardware_failure(error: Exception) -> bool:
    """Whether an encoder of the machine's own failed, so that software may still manage."""
    return isinstance(error, ExportError) and error.happened == HARDWARE_FAILED


def _words(name: str, encoding: Encoding, frame_rate: Fraction, size: tuple[int, int]) -> list[str]:
    words = ["-c:v", name, *_quality(name, encoding, frame_rate, size)]
    if encoding.codec == "hevc":
        words += ["-profile:v", "main", "-tag:v", "hvc1"]
    elif encoding.crf > 0:
        words += ["-profile:v", "high"]
    words += ["-pix_fmt", "nv12" if name.endswith(("_qsv", "_mf")) else "yuv420p"]
    words += ["-flags", "+cgop", "-g", str(max(1, round(2 * frame_rate)))]
    return [*words, "-fps_mode", "passthrough"]


def _quality(
    name: str, encoding: Encoding, frame_rate: Fraction, size: tuple[int, int]
) -> list[str]:
    """Speed, quality and limit in the words of each encoder."""
    crf, step = str(encoding.crf), SPEEDS.index(encoding.speed)
    most = encoding.most_bits if encoding.crf > 0 else None
    limit = [] if most is None else ["-maxrate", str(most), "-bufsize", str(most)]
    bits = usual_bits(encoding, frame_rate, size)
    match name.partition("_")[2] or name:
        case "libx264":
            return ["-preset", encoding.speed, "-crf", crf, *limit]
        case "libx265":
            quiet = "open-gop=0:log-level=error" + (":lossless=1" if encoding.crf == 0 else "")
            return ["-preset", encoding.speed, "-crf", crf, *limit, "-x265-params", quiet]
        case "nvenc":
            preset = f"p{max(1, min(7, step))}"
            words = ["-preset", preset, "-rc", "vbr", "-cq", crf, "-b:v", "0", *limit]
            return [*words, "-spatial-aq", "1"]
        case "qsv":
            preset = encoding.speed if step >= SPEEDS.index("veryfast") else "veryfast"
            if most is not None:
                return ["-preset", preset, "-b:v", str(bits), *limit]
            return ["-preset", preset, "-global_quality", crf]
        case "amf":
            quality = "speed" if step < 3 else "balanced" if step < 6 else "quality"
            words = ["-usage", "transcoding", "-quality", quality]
            if most is not None:
                return [*words, "-rc", "vbr_peak", "-b:v", str(bits), *limit]
            return [*words, "-rc", "cqp", "-qp_i", crf, "-qp_p", crf]
        case "mf":
            return ["-hw_encoding", "1", "-b:v", str(bits)]
        case _:
            return ["-allow_sw", "0", "-b:v", str(bits), *limit]


@cache
def _working_hardware(program: str, codec: str) -> str | None:
    """Name of the first encoder of this machine that works with this ffmpeg."""
    kinds = _KINDS.get(sys.platform, ())
    listed = _listed_encoders(program) if kinds else ""
    for name in (f"{codec}_{kind}" for kind in kinds):
        if f" {name} " in listed and _works(program, name, codec):
            return name
    return None


def _listed_encoders(program: str) -> str:
    words = [program, "-hide_banner", "-encoders"]
    try:
        ran = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.decode("utf-8", "replace")


def _works(program: str, name: str, codec: str) -> bool:
    """Whether an encoder writes frames that can be read again and show what they should."""
    width, height = _TRIED_SIZE
    asked = Encoding(codec="hevc" if codec == "hevc" else "h264", hardware=True)
    grey = f"color=0x{_TRIED_GREY:02x}{_TRIED_GREY:02x}{_TRIED_GREY:02x}:s={width}x{height}:r=30"
    with tempfile.TemporaryDirectory(prefix="emotionshortform-") as folder:
        written = Path(folder) / "tried.mp4"
        words = [program, "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"{grey},format=yuv420p"]
        words += ["-frames:v", str(_TRIED_FRAMES), *_words(name, asked, Fraction(30), _TRIED_SIZE)]
        try:
            subprocess.run(
                [*words, str(written)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                check=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            with av.open(str(written)) as container:
                pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        except (OSError, subprocess.SubprocessError, av.error.FFmpegError):
            return False
    return len(pictures) == _TRIED_FRAMES and all(
        picture.shape == (height, width, 3)
        and np.abs(picture.astype(np.int16) - _TRIED_GREY).mean() < 12
        for picture in pictures
    )
