"""What jobs do: core functions with the controls of a job."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.errors import MediaError, ProjectError
from core.export.camera import Camera
from core.media.frame_index import FrameIndex
from core.media.probe import MediaInfo
from core.places import cache_folder
from core.project.document import Medium, Project
from core.project.project_file import ENDING, read_project
from core.project.recovery import Recoverable
from core.project.session import ProjectSession, projects_folder, working_path
from core.time import Span
from desktop.jobs.job import JobControls, Work
from desktop.jobs.warm_up import load_libraries


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
        from core.project.opening import open_media

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
            opened = ProjectSession.open(path, cancelled=controls.cancelled)
        else:
            opened = ProjectSession.working(medium.identifier, path, cancelled=controls.cancelled)
        try:
            project = opened.project
            if medium is not None:
                known = project.medium(medium.identifier)
                project = project.with_medium(
                    medium if known is None else replace(known, path=medium.path)
                )
            place = opened.session.path
            saved = open_media(project, place, cancelled=controls.cancelled)
            infos, missing = dict(saved.infos), {m.identifier: m for m in saved.missing}
            recovered = opened.recovered
            if recovered is not None:
                back = open_media(recovered, place, known=infos, cancelled=controls.cancelled)
                recovered = back.project
                infos.update(back.infos)
                missing.update((m.identifier, m) for m in back.missing)
            controls.check()
        except BaseException:
            opened.session.close()
            raise
        return OpenedProject(
            opened.session, saved.project, recovered, opened.edits, infos,
            tuple(missing.values()), medium.identifier if medium else "", opened.problem,
        )  # fmt: skip

    return work


@dataclass(frozen=True)
class LeftOver:
    """What can be gone on with.

    Attributes:
        recent: What was open lately, the latest first, each with its name for people and when it
            was worked on last; None if it is gone.
        broken: Projects with edits that were never saved.
    """

    recent: Sequence[tuple[Path, str, datetime | None]]
    broken: Sequence[Recoverable]


def save_project(session: ProjectSession, project: Project, edits: int, *, anyway: bool) -> Work:
    """Saves a project; the result says why not if another program changed the file.

    Args:
        session: Keeps the project.
        project: Its state.
        edits: How many edits led to that state.
        anyway: Also if another program changed the file.
    """

    def work(controls: JobControls) -> str:
        from core.errors import ProjectChanged

        try:
            session.save(project, edits=edits, anyway=anyway)
        except ProjectChanged as changed:
            return str(changed)
        return ""

    return work


def leave_session(session: ProjectSession, project: Project, edits: int) -> Work:
    """Saves a project and lets go of it; it stays open if it cannot be saved.

    What cannot be saved because another program changed the file stays in the journal.
    """

    def work(controls: JobControls) -> None:
        from core.errors import ProjectChanged

        if session.unsaved() and not session.read_only:
            with contextlib.suppress(ProjectChanged):
                session.save(project, edits=edits)
        session.close()

    return work


def look_at_file(session: ProjectSession) -> Work:
    """Whether another program changed the file of a project."""

    def work(controls: JobControls) -> bool:
        return session.changed_on_disk()

    return work


@dataclass(frozen=True)
class EarlierVersion:
    """A state of a project that was saved.

    Attributes:
        project: The state.
        infos: Its videos that are at hand, by identifier.
    """

    project: Project
    infos: Mapping[str, MediaInfo]


def read_version(path: Path, place: Path) -> Work:
    """Reads a version of the project that belongs to a place."""

    def work(controls: JobControls) -> EarlierVersion:
        from core.project.opening import open_media
        from core.project.project_file import read_project

        found = open_media(read_project(path), place, cancelled=controls.cancelled)
        return EarlierVersion(found.project, found.infos)

    return work


def reload_project(session: ProjectSession) -> Work:
    """Reads what another program wrote into the file of a project."""

    def work(controls: JobControls) -> EarlierVersion:
        from core.project.opening import open_media

        found = open_media(session.reload(), session.path, cancelled=controls.cancelled)
        return EarlierVersion(found.project, found.infos)

    return work


def discard_edits(path: Path) -> Work:
    """Gives up the edits of a project that were never saved."""

    def work(controls: JobControls) -> None:
        from core.project.recovery import discard

        discard(path)

    return work


def find_left_over(recent: Sequence[str]) -> Work:
    """Looks at what was open lately, and for sessions that broke off."""

    def work(controls: JobControls) -> LeftOver:
        from core.project.recovery import recoverable

        paths = [path for path in map(Path, recent) if path.exists() or not _is_working(path)]
        return LeftOver([(p, _name(p), _last_work(p)) for p in paths], recoverable())

    return work


def _is_working(path: Path) -> bool:
    """Whether the user gave a project no name; one that was never edited leaves no file."""
    return path.parent == projects_folder().absolute()


def _name(path: Path) -> str:
    """That of the first video for a project to which the user gave none."""
    if _is_working(path):
        with contextlib.suppress(ProjectError, IndexError):
            return read_project(path).media[0].path.name
    return path.stem if path.suffix.lower() == ENDING else path.name


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


def find_video(project: Project, medium: Medium, path: Path) -> Work:
    """Looks whether a file is a video that a project misses."""

    def work(controls: JobControls) -> AddedVideo:
        from core.media.probe import probe
        from core.project.relink import relinked

        found = relinked(project, medium, path).medium(medium.identifier)
        assert found is not None
        return AddedVideo(found, probe(found.path))

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


def follow_in_clip(info: MediaInfo, span: Span, aspect: str, layout: str) -> Work:
    """Looks for the subject in a stretch of a video; the result is a camera for each window."""

    def work(controls: JobControls) -> tuple[Camera, ...]:
        load_libraries(controls)
        from core.export.framing import frame_pictures
        from core.export.reframe.follow import follow_subject

        [framing] = frame_pictures([info.video], aspect, layout=layout)
        return follow_subject(
            info,
            span,
            framing,
            layout,
            progress=controls.progress,
            cancelled=controls.cancelled,
        )

    return work
