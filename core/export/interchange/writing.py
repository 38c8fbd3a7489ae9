"""Writes the short for other editors: the kind of file follows from its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.export.ffmpeg import os_export_error
from core.export.interchange.chapters import chapters_notices, chapters_text, ffmetadata_text
from core.export.interchange.conform import CutList, conform
from core.export.interchange.edl import edl_notices, edl_text
from core.export.interchange.fcpxml import fcpxml_text
from core.export.interchange.mlt import mlt_notices, mlt_text
from core.export.interchange.otio_file import otio_text
from core.export.interchange.table import csv_text
from core.export.interchange.timeline import Timeline
from core.export.target import check_place
from core.files import replace_file


@dataclass(frozen=True)
class Kind:
    """A kind of file that can be written.

    Attributes:
        name: For people.
        write: Gives the text of the file; its folder is told, for addresses from there.
        notices: What the file cannot say of a timeline, in sentences.
    """

    name: str
    write: Callable[[CutList, Path], str]
    notices: Callable[[CutList], list[str]] = lambda cuts: []


KINDS = {
    ".otio": Kind("OpenTimelineIO (Resolve, Kdenlive, Avid)", otio_text),
    ".fcpxml": Kind("FCPXML (Final Cut, Resolve)", lambda cuts, folder: fcpxml_text(cuts)),
    ".edl": Kind("EDL, CMX 3600", lambda cuts, folder: edl_text(cuts), edl_notices),
    ".mlt": Kind("MLT (Shotcut, melt)", lambda cuts, folder: mlt_text(cuts), mlt_notices),
    ".csv": Kind("table", lambda cuts, folder: csv_text(cuts)),
    ".chapters.txt": Kind(
        "chapters for YouTube", lambda cuts, folder: chapters_text(cuts), chapters_notices
    ),
    ".ffmetadata": Kind("chapters for FFmpeg", lambda cuts, folder: ffmetadata_text(cuts)),
}
"""What can be written, by the end of the file's name."""


@dataclass(frozen=True)
class HandOff:
    """A file that was handed over.

    Attributes:
        path: The file.
        notices: What another editor will not show exactly like the short, in sentences.
    """

    path: Path
    notices: tuple[str, ...]


def write_timeline(timeline: Timeline, path: Path, *, overwrite: bool = False) -> HandOff:
    """Writes a timeline as a whole file or not at all.

    Args:
        timeline: What to write.
        path: The file; its name ends in one of :data:`KINDS`.
        overwrite: Whether an existing file may be replaced.

    Raises:
        UsageError: The name ends in something else, or a clip lies outside its video.
        ExportError: The folder is missing, the file exists or is one of the videos, or it cannot
            be written.
    """
    path = Path(path)
    kind = _kind_of(path)
    check_place(path, [clip.info.path for clip in timeline.clips], overwrite)
    cuts = conform(timeline)
    data = kind.write(cuts, path.parent).encode()
    try:
        replace_file(path, data)
    except OSError as error:
        raise os_export_error(error, path) from error
    return HandOff(path, (*cuts.notices, *kind.notices(cuts)))


def _kind_of(path: Path) -> Kind:
    name = path.name.lower()
    for suffix, kind in KINDS.items():
        if name.endswith(suffix):
            return kind
    raise UsageError(
        "this kind of file is not written for other editors",
        path=path,
        remedy=f"Choose a name that ends in {', '.join(KINDS)}.",
    )
