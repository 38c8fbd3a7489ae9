"""A stretch of a video."""

from __future__ import annotations

from dataclasses import dataclass

from core.media.probe import MediaInfo
from core.time import Span


@dataclass(frozen=True)
class Clip:
    """What is played or written of a video.

    Attributes:
        info: The video.
        span: The stretch of its media time axis, in seconds.
    """

    info: MediaInfo
    span: Span
