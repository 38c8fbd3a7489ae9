"""The short of a project as what is played and exported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import ProjectError
from core.export.clip import Clip
from core.media.probe import MediaInfo
from core.project.document import Project
from core.project.opening import open_media
from core.project.project_file import read_project


def clips_of(project: Project, infos: Mapping[str, MediaInfo]) -> list[Clip]:
    """The cuts of the short in playing order.

    Args:
        project: The project.
        infos: Its videos that are at hand, by identifier.

    Raises:
        ProjectError: A video of the short is not at hand.
    """
    clips = []
    for edited in project.short:
        if edited.medium not in infos:
            medium = project.medium(edited.medium)
            raise ProjectError(
                "a video of the short is missing",
                path=None if medium is None else medium.path,
                remedy="Put it back beside the project, or reject its cuts.",
            )
        clips.append(Clip(infos[edited.medium], edited.span))
    return clips


def read_short(path: Path) -> tuple[Project, list[Clip]]:
    """A project's file and the clips of its short.

    Raises:
        ProjectError: The file cannot be read, or a video of the short is missing.
        MediaError: A video cannot be read.
    """
    media = open_media(read_project(path), path)
    return media.project, clips_of(media.project, media.infos)
