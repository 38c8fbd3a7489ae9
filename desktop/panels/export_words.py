"""What exports are called in the window: sizes, times, presets and ways."""

from __future__ import annotations

from fractions import Fraction

from core.export.look import Look
from core.export.presets import PRESETS, Preset
from core.export.target import PREVIEW_SUFFIXES
from desktop.i18n import tr

_MINUTES_FROM = 90
_MEGABYTE = 1e6
_GIGABYTE = 1e9


def size_text(size: float) -> str:
    """A size in bytes."""
    if size >= _GIGABYTE:
        return tr("{size} GB", size=f"{size / _GIGABYTE:.1f}".removesuffix(".0"))
    megabytes = size / _MEGABYTE
    return tr("{size} MB", size=f"{megabytes:.0f}" if megabytes >= 10 else f"{megabytes:.1f}")


def time_text(seconds: float) -> str:
    """A time that something takes."""
    if seconds < _MINUTES_FROM:
        return tr("{seconds} s", seconds=f"{max(1.0, seconds):.0f}")
    return tr("{minutes} min", minutes=f"{seconds / 60:.0f}")


def left_text(seconds: float) -> str:
    """A time that is left."""
    if seconds < _MINUTES_FROM:
        return tr("{seconds} s left", seconds=f"{max(1.0, seconds):.0f}")
    return tr("{minutes} min left", minutes=f"{seconds / 60:.0f}")


def preset_title(name: str) -> str:
    """What people call a preset; nothing for one that is not known."""
    titles = {
        "shorts": tr("YouTube Shorts"),
        "reels": tr("Instagram Reels"),
        "tiktok": tr("TikTok"),
        "square": tr("Square"),
        "source": tr("Like the source"),
        "gif": tr("GIF preview"),
        "webp": tr("WebP preview"),
    }
    known = PRESETS.get(name)
    return titles.get(name, known.title if known else "")


def preset_line(preset: Preset, look: Look) -> str:
    """Shape, limits and loudness of a preset on one line.

    Args:
        preset: The preset.
        look: That of the project, which gives the shape where the preset has none.
    """
    aspect = preset.aspect or look.aspect
    parts = [tr("as filmed") if aspect == "source" else aspect]
    limits = preset.limits
    if limits.longest is not None:
        parts.append(tr("up to {time}", time=_length_text(limits.longest)))
    if limits.most_bytes is not None:
        parts.append(tr("up to {size}", size=size_text(limits.most_bytes)))
    if preset.suffix in PREVIEW_SUFFIXES:
        parts.append(tr("no sound"))
    elif preset.encoding.loudness is not None:
        parts.append(loudness_text(preset.encoding.loudness))
    return " · ".join(parts)


def loudness_text(loudness: float) -> str:
    """A loudness, with a true minus sign."""
    return tr("{value} LUFS", value=f"{loudness:g}".replace("-", "−"))


def way_text(name: str) -> str:
    """What a way to write does, in one sentence."""
    return {
        "auto": tr("Copies or encodes: whatever keeps most and takes least."),
        "composed": tr("Encodes everything, with titles, captions and crossfades."),
        "fast": tr("Encodes plain cuts only: no titles, captions or crossfades."),
        "lossless": tr("Copies all but the edges of the cuts: no other shape, nothing over it."),
    }.get(name, "")


def written_text(name: str) -> str:
    """How a short was written, as the end of a sentence."""
    return {
        "composed": tr("composed with its layers"),
        "fast": tr("encoded anew"),
        "lossless": tr("copied without loss"),
    }.get(name, "")


def _length_text(seconds: Fraction) -> str:
    if seconds >= 60:
        return tr("{minutes} min", minutes=f"{float(seconds / 60):g}")
    return tr("{seconds} s", seconds=f"{float(seconds):g}")
