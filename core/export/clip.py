"""A stretch of a video, and how it is shown in a short."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.export.camera import Camera
from core.export.captions.caption import Captions
from core.media.probe import MediaInfo
from core.time import Span


@dataclass(frozen=True)
class Join:
    """How a clip follows the one before it; the length of the short is the same in any case.

    Attributes:
        crossfade: Seconds at the begin of the clip in which the picture before goes on and fades
            over into it, and its sound with it; 0 is a hard cut.
        sound: Seconds by which the sound changes later than the picture (L-cut); negative if it
            changes earlier (J-cut).
    """

    crossfade: Fraction = Fraction(0)
    sound: Fraction = Fraction(0)


@dataclass(frozen=True)
class Clip:
    """What is played or written of a video.

    Attributes:
        info: The video.
        span: The stretch of its media time axis, in seconds.
        join: How it follows the clip before; the first clip's is ignored.
        camera: Where the editor put the window; empty leaves it to the look of the short.
        captions: What is said in the video around the span, in media time.
    """

    info: MediaInfo
    span: Span
    join: Join = Join()
    camera: Camera = ()
    captions: Captions = ()
