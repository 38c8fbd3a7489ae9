"""How a short is written to a file: what a platform or a person asks of the file itself."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from core.errors import UsageError
from core.export.framing import HIGHEST, LOWEST

SPEEDS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower")
_FEWEST_BITS, _MOST_SOUND_BITS = 8_000, 512_000
WAYS = ("auto", "composed", "fast", "lossless")


@dataclass(frozen=True)
class Encoding:
    """How a short is written.

    Attributes:
        codec: Kind of picture stream.
        hardware: Use an encoder of this machine's own if one works; else the software encoder.
        height: Height of the picture in pixels instead of the usual one for the aspect.
        frame_rate: Frames per second at most; the short has the rate that most of it was filmed in.
        crf: Constant rate factor: 0 is lossless, 51 the worst.
        speed: Speed of the encoder, ``ultrafast`` to ``slower``.
        most_bits: Bits per second of the picture at most; None for no limit.
        sound_bits: Bits per second of the sound.
        loudness: Integrated loudness in LUFS that the sound is brought to; None leaves it.
        peak: True peak in dBTP that the written sound does not pass.
        way: ``composed`` with layers, ``fast`` for plain cuts, ``lossless`` copies all but the
            edges of the cuts; ``auto`` picks.

    Raises:
        UsageError: A value is not possible.
    """

    codec: Literal["h264", "hevc"] = "h264"
    hardware: bool = False
    height: int | None = None
    frame_rate: Fraction = Fraction(60)
    crf: int = 20
    speed: str = "veryfast"
    most_bits: int | None = None
    sound_bits: int = 192_000
    loudness: float | None = None
    peak: float = -1.0
    way: Literal["auto", "composed", "fast", "lossless"] = "auto"

    def __post_init__(self) -> None:
        if self.codec not in ("h264", "hevc"):
            raise UsageError(f"'{self.codec}' is not a codec", remedy="Choose h264 or hevc.")
        if not 0 <= self.crf <= 51:
            raise UsageError(f"a rate factor of {self.crf} is not possible", remedy="Use 0 to 51.")
        if self.speed not in SPEEDS:
            raise UsageError(
                f"'{self.speed}' is not a speed", remedy=f"Choose one of {', '.join(SPEEDS)}."
            )
        if self.way not in WAYS:
            raise UsageError(
                f"'{self.way}' is not a way to write", remedy=f"Choose one of {', '.join(WAYS)}."
            )
        if self.height is not None and not LOWEST <= self.height <= HIGHEST:
            raise UsageError(
                f"a height of {self.height} pixels is not possible",
                remedy=f"Use {LOWEST} to {HIGHEST}.",
            )
        if self.most_bits is not None and self.most_bits < _FEWEST_BITS:
            raise UsageError(
                f"{self.most_bits} bits per second are not enough for a picture",
                remedy=f"Use {_FEWEST_BITS} or more.",
            )
        if not _FEWEST_BITS <= self.sound_bits <= _MOST_SOUND_BITS:
            raise UsageError(
                f"a sound of {self.sound_bits} bits per second is not possible",
                remedy=f"Use {_FEWEST_BITS} to {_MOST_SOUND_BITS}.",
            )
        if not 1 <= self.frame_rate <= 120:
            raise UsageError(
                f"{float(self.frame_rate):g} frames per second are not possible",
                remedy="Use 1 to 120.",
            )
        if self.loudness is not None and not -40 <= self.loudness <= -5:
            raise UsageError(
                f"a loudness of {self.loudness:g} LUFS is not possible", remedy="Use -40 to -5."
            )
        if not -20 <= self.peak <= 0:
            raise UsageError(
                f"a peak of {self.peak:g} dBTP is not possible", remedy="Use -20 to 0."
            )
