"""What jobs do: core functions with the controls of a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.errors import MediaError
from core.export.render import Export, ExportSettings
from core.media.clip import Clip
from core.media.frame_index import FrameIndex
from core.media.probe import MediaInfo
from core.places import cache_folder
from core.project.document import Medium, Project
from core.project.project_file import ENDING
from core.project.recovery import Recoverable
from core.project.session import ProjectSession, working_path
from desktop.jobs.job import JobControls, Work


@dataclass(frozen=True)
class OpenedProject:
    """A project that can be shown.

    Attributes:
        session: Keeps its edits; None if it is open already in this window.
        project: Its state as it was saved.
        recovered: Its state after edits that were never saved, if there are any.
        edits: How many of them.
        infos: Its videos that are at hand, by identifier.
        missing: Its videos that are not.
        shown: Identifier of the video to show first; empty for any.
        problem: What the user should know; empty for nothing.
    """

    session: ProjectSession | None
    project: Project
    recovered: Project | None
    edits: int
    infos: Mapping[str, MediaInfo]
    missing: Sequence[Medium]
    shown: str
    problem: str


def open_path(path: Path, current: Path | None) -> Work:
    """Opens a project, or a video with the project that keeps its edits.

    Args:
        path: A project file or a video.
        current: The project that this window has open.
    """

    def work(controls: JobControls) -> OpenedProject:
        from core.media.probe import probe
        from core.project.relink import find_media

        medium: Medium | None = None
        if path.suffix.lower() == ENDING:
            place = path
        else:
            medium = _medium(path)
            place = working_path(medium.identifier)
        if current is not None and place.resolve() == current.resolve():
            shown = medium.identifier if medium else ""
            return OpenedProject(None, Project(), None, 0, {}, (), shown, "")
        if medium is None:
            opened = ProjectSession.open(path)
        else:
            opened = ProjectSession.working(medium.identifier, path)
        try:
            project = opened.project
            if medium is not None:
                known = project.medium(medium.identifier)
                project = project.with_medium(
                    medium if known is None else replace(known, path=medium.path)
                )
            project, missing = find_media(project, opened.session.path)
            gone = {m.identifier for m in missing}
            infos = {m.identifier: probe(m.path) for m in project.media if m.identifier not in gone}
            recovered = opened.recovered
            if recovered is not None:
                recovered, _ = find_media(recovered, opened.session.path)
            controls.check()
        except BaseException:
            opened.session.close()
            raise
        return OpenedProject(
            opened.session, project, recovered, opened.edits, infos, missing,
            medium.identifier if medium else "", opened.problem,
        )  # fmt: skip

    return work


@dataclass(frozen=True)
class LeftOver:
    """What can be gone on with.

    Attributes:
        recent: What was open lately, the latest first, each with when it was worked on last; None
            if it is gone.
        broken: Projects with edits that were never saved.
    """

    recent: Sequence[tuple[Path, datetime | None]]
    broken: Sequence[Recoverable]


def save_project(session: ProjectSession, project: Project, *, anyway: bool) -> Work:
    """Saves a project; the result says why not if another program changed the file."""

    def work(controls: JobControls) -> str:
        from core.errors import ProjectChanged

        try:
            session.save(project, anyway=anyway)
        except ProjectChanged as changed:
            return str(changed)
        return ""

    return work


def find_left_over(recent: Sequence[str]) -> Work:
    """Looks at what was open lately, and for sessions that broke off."""

    def work(controls: JobControls) -> LeftOver:
        from core.project.recovery import recoverable

        paths = [Path(name) for name in recent]
        return LeftOver([(path, _last_work(path)) for path in paths], recoverable())

    return work


def _last_work(path: Path) -> datetime | None:
    """When a project was saved last, or that of a video; None if the file is gone."""
    from core.media.fingerprint import fingerprint

    try:
        seconds = path.stat().st_mtime
        if path.suffix.lower() != ENDING:
            working = working_path(fingerprint(path))
            seconds = working.stat().st_mtime if working.exists() else seconds
    except (OSError, MediaError):
        return None
    return datetime.fromtimestamp(seconds)


@dataclass(frozen=True)
class AddedVideo:
    """A video that can be taken into a project."""

    medium: Medium
    info: MediaInfo


def add_video(path: Path) -> Work:
    """Looks at a video."""

    def work(controls: JobControls) -> AddedVideo:
        from core.media.probe import probe

        info = probe(path)
        return AddedVideo(_medium(path), info)

    return work


def _medium(path: Path) -> Medium:
    from core.media.fingerprint import fingerprint
    from core.media.probe import probe

    probe(path)  # a file that is no video has an error of its own
    return Medium(fingerprint(path), path.resolve())


def read_frames(info: MediaInfo, identifier: str) -> Work:
    """Reads the exact frame times of a video, or finds them in the cache."""

    def work(controls: JobControls) -> FrameIndex:
        from core.media.frame_index import stored_frame_index

        file = cache_folder() / "frames" / f"{identifier}.npy"
        return stored_frame_index(
            info, file, progress=controls.progress, cancelled=controls.cancelled
        )

    return work


@dataclass(frozen=True)
class Models:
    """The networks that analyse; empty for the shipped ones.

    Attributes:
        emotion: Folder of weights that hear emotion.
        fusion: Folder of weights that find highlights.
        visual: Folder or name of a Vision Transformer.
        allow_download: The user agreed that a missing one is fetched.
    """

    emotion: str = ""
    fusion: str = ""
    visual: str = ""
    allow_download: bool = False


def analyse_video(path: Path, models: Models) -> Work:
    """Analyses a video; updates are views of the growing analysis."""

    def work(controls: JobControls) -> Analysis:
        from core.analysis.emotion_track import DEFAULT_WEIGHTS as EMOTION_WEIGHTS
        from core.analysis.fusion import DEFAULT_WEIGHTS as FUSION_WEIGHTS
        from core.analysis.pipeline import analyse
        from core.analysis.store import Store
        from core.networks.vision import TransformerBackbone

        return analyse(
            path,
            store=Store(cache_folder() / "analysis"),
            backbone=TransformerBackbone(models.visual, allow_download=models.allow_download)
            if models.visual
            else None,
            emotion_weights=Path(models.emotion) if models.emotion else EMOTION_WEIGHTS,
            fusion_weights=Path(models.fusion) if models.fusion else FUSION_WEIGHTS,
            on_update=controls.update,
            progress=controls.progress,
            cancelled=controls.cancelled,
        )

    return work


def tidy_cache(limit: float, open_now: Collection[str]) -> Work:
    """Removes the analyses that were not used for longest, down to a size.

    Args:
        limit: Size in GB.
        open_now: Identifiers of the videos that are open: these stay.
    """

    def work(controls: JobControls) -> None:
        from core.analysis.cache import evict, mark_used

        folder = cache_folder() / "analysis"
        for identifier in open_now:
            mark_used(folder, identifier)
        evict(folder, round(limit * 1e9), keep=open_now, cancelled=controls.cancelled)

    return work


def suggest_cuts(analyses: Mapping[str, Analysis], project: Project, held: Collection[str]) -> Work:
    """Chooses cuts by what is known so far."""

    def work(controls: JobControls) -> dict[str, list[Cut]]:
        from core.project.suggesting import suggest_around

        return suggest_around(analyses, project, held=held, cancelled=controls.cancelled)

    return work


def export_clips(clips: Sequence[Clip], output: Path, settings: ExportSettings) -> Work:
    """Writes the short."""

    def work(controls: JobControls) -> Export:
        from core.export.render import export_short

        return export_short(
            clips,
            output,
            settings,
            progress=controls.progress,
            cancelled=controls.cancelled,
        )

    return work
