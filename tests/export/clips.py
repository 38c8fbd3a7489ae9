"""Clips as the tests of the export need them."""

from __future__ import annotations

from collections.abc import Sequence

from core.media.clip import Clip
from core.media.probe import MediaInfo
from core.time import Span
from tests.synthetic import read_frames


def clips_of(media: MediaInfo, cuts: Sequence[Span]) -> list[Clip]:
    """Several stretches of one video."""
    return [Clip(media, cut) for cut in cuts]


def frame_spans(media: MediaInfo, stretches: Sequence[tuple[int, int]]) -> list[Span]:
    """Spans on the media axis from the time of one frame to that of another."""
    times = [frame.time - media.origin for frame in read_frames(media.path)]
    times.append(times[-1] + 1 / media.video.frame_rate)
    return [Span(times[first], times[last]) for first, last in stretches]
