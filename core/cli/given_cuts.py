"""Cuts that a file names: a list of our own, or a timeline that came back from another editor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError

if TYPE_CHECKING:
    from core.cutting.cut import Cut

CUTS_HELP = "cuts to use instead: a list as suggest prints it, or a timeline (.otio)"


def given_cuts(file: Path, video: Path) -> list[Cut]:
    """The cuts of a video that a file names, in playing order.

    Args:
        file: JSON as ``suggest --json`` prints it, or OpenTimelineIO.
        video: The video that is cut; other videos of a timeline are left out.

    Raises:
        ProjectError: The list cannot be read.
        ExportError: The timeline cannot be read.
        UsageError: Nothing in the timeline is of the video.
    """
    from core.cutting.cut import Cut
    from core.export.interchange.reading import read_timeline
    from core.project.cuts_file import read_cuts

    if file.suffix.lower() != ".otio":
        return list(read_cuts(file))
    clips = read_timeline(file)
    cuts = [Cut(clip.span) for clip in clips if clip.found and clip.source.samefile(video)]
    if not cuts:
        raise UsageError(
            "nothing in this timeline is of the video",
            path=file,
            remedy=f"Export the video that it was made for, not {video.name}.",
        )
    return cuts
