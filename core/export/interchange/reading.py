"""Reads the cuts of a timeline that was written here or by another editor."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from core.errors import ExportError, UsageError
from core.export.interchange.naming import path_of_url
from core.export.interchange.otio_file import KEY
from core.export.source_frames import standard_rate
from core.time import Span, exact

_LARGEST_FILE = 64 << 20
_FINEST = 1 << 20


@dataclass(frozen=True)
class ReadClip:
    """A clip of a timeline that was read.

    Attributes:
        source: Its video: where the file says, or beside the timeline where it was found again.
        found: Whether there is such a file.
        span: The stretch of the media time axis, in seconds.
        name: What the clip is called.
    """

    source: Path
    found: bool
    span: Span
    name: str


def read_timeline(path: Path) -> list[ReadClip]:
    """The clips of the first picture lane of an OpenTimelineIO file, in playing order.

    A video that is not where the file says is looked for on the way from the timeline's folder,
    then by its name beside the timeline.

    Raises:
        UsageError: The file is of another kind.
        ExportError: It cannot be read, or is no timeline.
    """
    path = Path(path)
    if path.suffix.lower() != ".otio":
        raise UsageError(
            "only OpenTimelineIO files can be read", path=path, remedy="Choose an .otio file."
        )
    return list(_clips(_read(path), path.parent))


def _read(path: Path) -> otio.schema.Timeline:
    damaged = "Export it again from the other editor."
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ExportError("this timeline is too large", path=path, remedy=damaged)
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError("the timeline cannot be read", path=path, remedy=damaged) from error
    try:
        found = otio.core.deserialize_json_from_string(text)
    except Exception as error:  # the library raises its own, and what its parser raises
        raise ExportError("this is not a timeline", path=path, remedy=damaged) from error
    if not isinstance(found, otio.schema.Timeline):
        raise ExportError("this is not a timeline", path=path, remedy=damaged)
    return found


def _clips(timeline: otio.schema.Timeline, folder: Path) -> Iterator[ReadClip]:
    for track in timeline.video_tracks()[:1]:
        for clip in track:
            if not isinstance(clip, otio.schema.Clip):
                continue
            reference = clip.media_reference
            if not isinstance(reference, otio.schema.ExternalReference):
                continue
            span = _span(clip, reference)
            if span is None:
                continue
            source, found = _find(reference, folder)
            yield ReadClip(source, found, span, clip.name)


def _span(clip: otio.schema.Clip, reference: otio.schema.ExternalReference) -> Span | None:
    """Where the clip lies in its video; None where nobody can say."""
    shown = clip.source_range or reference.available_range
    if shown is None:
        return None
    begin = _seconds(shown.start_time)
    length = _seconds(shown.duration)
    zero = Fraction(0)
    if reference.available_range is not None:
        zero = _seconds(reference.available_range.start_time) or zero
    if begin is None or length is None or length <= 0:
        return None
    start = begin - zero + _first_picture(reference)
    return Span(start, start + length)


def _seconds(time: otio.opentime.RationalTime) -> Fraction | None:
    if not (math.isfinite(time.value) and math.isfinite(time.rate) and time.rate >= 1):
        return None
    # Editors round 30000/1001 in many ways.
    rate = standard_rate(Fraction(time.rate))
    return Fraction(time.value).limit_denominator(_FINEST) / rate


def _own(reference: otio.schema.ExternalReference) -> dict[str, Any]:
    own = reference.metadata.get(KEY)
    return {str(key): own[key] for key in own} if hasattr(own, "keys") else {}


def _first_picture(reference: otio.schema.ExternalReference) -> Fraction:
    try:
        return max(Fraction(0), exact(str(_own(reference).get("first_picture", "0"))))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _find(reference: otio.schema.ExternalReference, folder: Path) -> tuple[Path, bool]:
    said = path_of_url(reference.target_url)
    if not said.is_absolute():
        said = folder / said
    relative = _own(reference).get("relative")
    places = [said]
    if isinstance(relative, str) and relative:
        places.append(folder / relative)
    # The other editor may have run on Windows and written a plain path.
    places.append(folder / said.name.rsplit("\\", 1)[-1])
    for place in places:
        with contextlib.suppress(OSError, ValueError):
            if place.is_file():
                return Path(os.path.normpath(place)), True
    return said, False
