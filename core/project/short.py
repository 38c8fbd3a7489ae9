"""The short of a project as what is played and exported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import ProjectError
from core.export.captions.caption import Captions, captions_within
from core.export.clip import Clip
from core.media.probe import MediaInfo
from core.project.document import Project
from core.project.finishing import playable_join
from core.project.opening import open_media
from core.project.project_file import read_project


def clips_of(project: Project, infos: Mapping[str, MediaInfo]) -> list[Clip]:
    """The cuts of the short in playing order, with all that was decided about how they look.

    Args:
        project: The project.
        infos: Its videos that are at hand, by identifier.

    Raises:
        ProjectError: A video of the short is not at hand.
    """
    said = _said_in(project)
    clips: list[Clip] = []
    for edited in project.short:
        medium = project.medium(edited.medium)
        if medium is None or edited.medium not in infos:
            raise ProjectError(
                "a video of the short is missing",
                path=None if medium is None else medium.path,
                remedy="Put it back beside the project, or reject its cuts.",
            )
        before = clips[-1].span if clips else None
        clips.append(
            Clip(
                infos[edited.medium],
                edited.span,
                playable_join(edited.join, edited.span, before),
                edited.camera,
                said[edited.identifier],
            )
        )
    return clips


def _said_in(project: Project) -> dict[str, Captions]:
    """The captions around each cut of the short, by its identifier."""
    said: dict[str, Captions] = {}
    for medium in project.media:
        cuts = [edited for edited in project.short if edited.medium == medium.identifier]
        within = captions_within(medium.captions, [edited.span for edited in cuts])
        said |= zip((edited.identifier for edited in cuts), within, strict=True)
    return said


def read_short(path: Path) -> tuple[Project, list[Clip]]:
    """A project's file and the clips of its short.

    Raises:
        ProjectError: The file cannot be read, or a video of the short is missing.
        MediaError: A video cannot be read.
    """
    media = open_media(read_project(path), path)
    return media.project, clips_of(media.project, media.infos)
