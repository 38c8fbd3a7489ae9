"""Clips as the tests of the export need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from core.export.clip import Clip
from core.export.encoding import Encoding
from core.export.look import Look
from core.export.render import ExportSettings
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


def settings_of(*, overwrite: bool = False, **options: Any) -> ExportSettings:
    """Settings from the names of what look and encoding hold."""
    looks = {field.name for field in fields(Look)}
    look = {name: value for name, value in options.items() if name in looks}
    encoding = {name: value for name, value in options.items() if name not in looks}
    return ExportSettings(Look(**look), Encoding(**encoding), overwrite)
