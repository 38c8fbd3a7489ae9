"""Frame numbers as timecode of SMPTE ST 12-1, and where the timecode of a video begins."""

from __future__ import annotations

import contextlib
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

from core.errors import MediaError
from core.media.probe import open_media

_NTSC = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60))
TIMECODE_RATES = tuple(sorted((*map(Fraction, (24, 25, 30, 48, 50, 60)), *_NTSC)))
"""Frames per second in which editors count."""

_TIMECODE = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")


def timecode_rate(rate: Fraction) -> Fraction:
    """The rate that timecode counts in where a rate has none of its own.

    It is the lowest that is a multiple, so that every frame has its exact timecode; or else the
    lowest that is not slower.
    """
    for candidate in TIMECODE_RATES:
        if (candidate / rate).denominator == 1:
            return candidate
    return next((known for known in TIMECODE_RATES if known >= rate), TIMECODE_RATES[-1])


def drops_frames(rate: Fraction) -> bool:
    """Whether timecode at this rate leaves out numbers, so that it keeps to the clock."""
    return rate.denominator == 1001 and round(rate) % 30 == 0


def format_frames(frames: int, rate: Fraction, drop: bool) -> str:
    """Timecode of a frame number: ``01:00:00:00``, or ``01:00:00;00`` in drop-frame counting."""
    nominal = round(rate)
    if drop:
        skipped = nominal // 15
        per_minute = nominal * 60 - skipped
        tens, rest = divmod(frames, nominal * 600 - 9 * skipped)
        frames += 9 * skipped * tens + skipped * max(0, (rest - skipped) // per_minute)
    seconds, frame = divmod(frames, nominal)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    mark = ";" if drop else ":"
    return f"{hours % 24:02d}:{minute:02d}:{second:02d}{mark}{frame:02d}"


def parse_frames(text: str, rate: Fraction) -> tuple[int, bool] | None:
    """Frame number of a timecode, and whether it is counted in drop-frame; None if it is none."""
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, frame = (int(match[group]) for group in (1, 2, 3, 5))
    nominal = round(rate)
    if hours > 23 or minutes > 59 or seconds > 59 or frame >= nominal:
        return None
    drop = match[4] != ":" and drops_frames(rate)
    minutes += 60 * hours
    number = (60 * minutes + seconds) * nominal + frame
    if drop:
        number -= nominal // 15 * (minutes - minutes // 10)
    return number, drop


def timecode_start(path: Path, rate: Fraction) -> tuple[int, bool]:
    """Frame number of a video's first picture by its own timecode, and whether it is drop-frame.

    0 without a timecode, and for a file that is not there: another editor finds it by its name.
    """
    with contextlib.suppress(MediaError, OSError):
        stat = path.stat()
        return _read_start(path, rate, stat.st_mtime_ns, stat.st_size)
    return 0, False


@cache
def _read_start(path: Path, rate: Fraction, changed: int, size: int) -> tuple[int, bool]:
    with open_media(path) as container:
        texts = [container.metadata.get("timecode", "")]
        texts += [stream.metadata.get("timecode", "") for stream in container.streams]
    for text in filter(None, texts):
        found = parse_frames(text, rate)
        if found is not None:
            return found
    return 0, False
