"""What jobs do: core functions with the controls of a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.export.render import ExportSettings
from core.media.probe import MediaInfo
from core.places import cache_folder
from core.project.document import Edit
from core.time import Span
from desktop.jobs.job import JobControls, Work


@dataclass(frozen=True)
class Opened:
    """A video that can be shown."""

    info: MediaInfo
    fingerprint: str
    edit: Edit | None
    problem: str


def open_video(path: Path) -> Work:
    """Looks at a video and finds the edit that was left of it."""

    def work(controls: JobControls) -> Opened:
        from core.errors import ProjectError
        from core.media.fingerprint import fingerprint
        from core.media.probe import probe
        from core.project.session import load_session

        info = probe(path)
        name = fingerprint(path)
        try:
            return Opened(info, name, load_session(name), "")
        except ProjectError as error:
            return Opened(info, name, None, str(error))

    return work


def analyse_video(path: Path) -> Work:
    """Analyses a video; updates are views of the growing analysis."""

    def work(controls: JobControls) -> Analysis:
        from core.analysis.pipeline import analyse
        from core.analysis.store import Store

        return analyse(
            path,
            store=Store(cache_folder() / "analysis"),
            on_update=controls.update,
            progress=controls.progress,
            cancelled=controls.cancelled,
        )

    return work


def suggest_cuts(analysis: Analysis, edit: Edit, length: float) -> Work:
    """Chooses cuts by what is known so far."""

    def work(controls: JobControls) -> list[Cut]:
        from core.project.suggesting import suggest_around

        return suggest_around(analysis, edit, length, cancelled=controls.cancelled)

    return work


def export_cuts(
    info: MediaInfo, spans: Sequence[Span], output: Path, settings: ExportSettings
) -> Work:
    """Writes the short."""

    def work(controls: JobControls) -> object:
        from core.export.render import export_short

        return export_short(
            info,
            spans,
            output,
            settings,
            progress=controls.progress,
            cancelled=controls.cancelled,
        )

    return work
