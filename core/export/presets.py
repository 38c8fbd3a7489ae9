"""Where a short is meant to go, and what that asks of the file.

What the platforms state in public, looked up in November 2026 in stored copies. YouTube's own
pages were read; of Meta's and TikTok's only parts were at hand, and the other numbers are those
that guides of third parties give as theirs, so they may be out of date:

- YouTube Help, "Understand three-minute YouTube Shorts": square or taller, three minutes at most.
  "Recommended upload encoding settings": MP4 with the index in front, H.264 high profile,
  progressive, 4:2:0, closed GOP, AAC at 48 kHz, 8 Mbit/s at 1080p (12 at 48 frames and more) as a
  recommendation.
- Meta for Developers, "IG User Media", reel specifications: MOV or MP4 with the index in front,
  H.264 or HEVC, progressive, 4:2:0, closed GOP, 23 to 60 frames per second, 1,920 columns at most,
  9:16 recommended, 25 Mbit/s at most, AAC at 48 kHz at most and 128 kbit/s, 3 s to 15 minutes,
  300 MB (some copies say 1 GB; the smaller number is kept).
- TikTok for Developers, "Media Transfer Guide", video restrictions: MP4 recommended, H.264
  recommended, 23 to 60 frames per second, each side 360 to 4,096 pixels, 4 GB at most, ten minutes
  at most (some accounts less). Its users are told 3 s as the least.

Our own choices: the rate factors and speeds, the bit rates that the picture does not pass, the
1,080 columns, -14 LUFS and -1 dBTP everywhere (to about that level YouTube turns louder videos
down), and everything about previews, whose limits are advice: what chats and forums usually take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from core.export.encoding import Encoding
from core.export.framing import Aspect
from core.export.limits import Limits
from core.export.look import Look
from core.export.render import ExportSettings

_LOUDNESS = -14.0
_PEAK = -1.0
_NONE = Limits()


@dataclass(frozen=True)
class Preset:
    """A kind of short.

    Attributes:
        name: What it is called on the command line and in files.
        title: What people read.
        encoding: How the file is written.
        aspect: Shape of the picture that it needs; None keeps the project's own.
        suffix: How the name of the file ends.
        limits: What is accepted where it goes.
    """

    name: str
    title: str
    encoding: Encoding
    aspect: Aspect | None = None
    suffix: str = ".mp4"
    limits: Limits = _NONE

    def settings(self, look: Look, overwrite: bool = False) -> ExportSettings:
        """What is exported: the project's own look in the shape and encoding of this preset.

        Args:
            look: Title, captions, music and layout of the project.
            overwrite: Whether an existing file may be replaced.
        """
        shown = look if self.aspect is None else replace(look, aspect=self.aspect)
        return ExportSettings(shown, self.encoding, overwrite)


def _for_platform(most_bits: int, height: int = 1920, sound_bits: int = 192_000) -> Encoding:
    return Encoding(
        height=height,
        crf=19,
        speed="fast",
        most_bits=most_bits,
        sound_bits=sound_bits,
        loudness=_LOUDNESS,
        peak=_PEAK,
    )


def _for_preview(height: int, frame_rate: int) -> Encoding:
    return Encoding(height=height, frame_rate=Fraction(frame_rate), crf=14, speed="veryfast")


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="shorts",
            title="YouTube Shorts",
            aspect="9:16",
            encoding=_for_platform(16_000_000, sound_bits=256_000),
            limits=Limits(
                longest=Fraction(180),
                widest_shape=Fraction(1),
                stated="YouTube Help, November 2026",
            ),
        ),
        Preset(
            name="reels",
            title="Instagram Reels",
            aspect="9:16",
            encoding=_for_platform(16_000_000, sound_bits=128_000),
            limits=Limits(
                shortest=Fraction(3),
                longest=Fraction(900),
                most_bytes=300_000_000,
                widest=1920,
                slowest=Fraction(23),
                fastest=Fraction(60),
                stated="guides to Instagram, November 2026",
            ),
        ),
        Preset(
            name="tiktok",
            title="TikTok",
            aspect="9:16",
            encoding=_for_platform(16_000_000),
            limits=Limits(
                shortest=Fraction(3),
                longest=Fraction(600),
                most_bytes=4_000_000_000,
                shortest_side=360,
                widest=4096,
                tallest=4096,
                slowest=Fraction(23),
                fastest=Fraction(60),
                stated="guides to TikTok, November 2026",
            ),
        ),
        Preset(
            name="square",
            title="Square",
            aspect="1:1",
            encoding=_for_platform(12_000_000, height=1080),
        ),
        Preset(
            name="source",
            title="Like the source",
            aspect="source",
            encoding=Encoding(crf=17, speed="fast", loudness=_LOUDNESS, peak=_PEAK),
        ),
        Preset(
            name="gif",
            title="GIF preview",
            encoding=_for_preview(height=360, frame_rate=12),
            suffix=".gif",
            limits=Limits(longest=Fraction(20), most_bytes=10_000_000),
        ),
        Preset(
            name="webp",
            title="WebP preview",
            encoding=_for_preview(height=480, frame_rate=30),
            suffix=".webp",
            limits=Limits(longest=Fraction(60), most_bytes=10_000_000),
        ),
    )
}
"""Every preset by its name, in the order in which they are offered."""
