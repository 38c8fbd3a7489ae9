"""The videos of a project as they are found when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from core.errors import Cancelled
from core.media.probe import MediaInfo, probe
from core.project.document import Medium, Project
from core.project.relink import find_media


@dataclass(frozen=True)
class Media:
    """A project with what is known of its videos.

    Attributes:
        project: The project, with its videos where they are now.
        infos: The videos that are at hand, by identifier.
        missing: Those that are not.
    """

    project: Project
    infos: Mapping[str, MediaInfo]
    missing: tuple[Medium, ...]


def open_media(
    project: Project,
    path: Path,
    *,
    known: Mapping[str, MediaInfo] = MappingProxyType({}),
    cancelled: Callable[[], bool] = lambda: False,
) -> Media:
    """Finds and looks at the videos of a project.

    Args:
        project: The project.
        path: Its file.
        known: Videos that were looked at just now, by identifier: they are where they were found.
        cancelled: Asked before each file that is looked at.

    Raises:
        MediaError: A video that is there cannot be understood.
        Cancelled: ``cancelled()`` was true.
    """
    for medium in project.media:
        if medium.identifier in known:
            place = known[medium.identifier].path
            project = project.with_medium(replace(medium, path=place))
    found, missing = find_media(project, path, cancelled=cancelled)
    gone = {medium.identifier for medium in missing}
    infos: dict[str, MediaInfo] = {}
    for medium in found.media:
        if medium.identifier in gone:
            continue
        if cancelled():
            raise Cancelled
        info = known.get(medium.identifier)
        if info is None or info.path != medium.path:
            info = probe(medium.path)
        infos[medium.identifier] = info
    return Media(found, infos, tuple(missing))
