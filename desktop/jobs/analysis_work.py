"""What jobs do with analyses: make them, let curves follow decisions, choose cuts, tidy up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.analysis.analysis import Analysis
from core.analysis.highlight import Highlight
from core.cutting.cut import Cut
from core.places import cache_folder
from core.project.document import Decision, Project
from desktop.jobs.job import JobControls, Work
from desktop.jobs.warm_up import load_libraries

if TYPE_CHECKING:
    from core.learning.personal.questions import Question


@dataclass(frozen=True)
class Models:
    """The networks that analyse; empty for the shipped ones.

    Attributes:
        emotion: Folder of weights that hear emotion.
        fusion: Folder of weights that find highlights.
        visual: Folder or name of a Vision Transformer.
        allow_download: The user agreed that a missing one is fetched.
        profile: Name of the profile whose corrections count; empty for the usual one.
    """

    emotion: str = ""
    fusion: str = ""
    visual: str = ""
    allow_download: bool = False
    profile: str = ""


def analyse_video(path: Path, models: Models) -> Work:
    """Analyses a video; updates are views of the growing analysis."""

    def work(controls: JobControls) -> Analysis:
        load_libraries(controls)
        from core.analysis.pipeline import analyse
        from core.analysis.store import Store
        from core.learning.personal.weights_in_use import weights_in_use
        from core.networks.vision import TransformerBackbone

        weights = weights_in_use(
            models.profile,
            emotion=Path(models.emotion) if models.emotion else None,
            fusion=Path(models.fusion) if models.fusion else None,
        )
        analysis = analyse(
            path,
            store=Store(cache_folder() / "analysis"),
            backbone=TransformerBackbone(models.visual, allow_download=models.allow_download)
            if models.visual
            else None,
            emotion_weights=weights.emotion,
            fusion_weights=weights.fusion,
            taste=weights.taste,
            on_update=controls.update,
            progress=controls.progress,
            cancelled=controls.cancelled,
        )
        if not weights.problem:
            return analysis
        return replace(analysis, notices=(weights.problem, *analysis.notices))

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


@dataclass(frozen=True, eq=False)
class Followed:
    """What follows from what was decided in the videos of a project.

    Attributes:
        curves: Of each video, by its identifier.
        questions: The moments of each video to ask about; none where that is not wanted.
        cuts: Suggestions for each video; None if no others are wanted.
    """

    curves: Mapping[str, Highlight]
    questions: Mapping[str, Sequence[Question]]
    cuts: Mapping[str, Sequence[Cut]] | None


def follow_decisions(
    analyses: Mapping[str, Analysis],
    project: Project,
    *,
    suggest: bool,
    ask: bool,
    held: Collection[str] = (),
) -> Work:
    """Lets the curves follow what was decided, and chooses cuts by them.

    A curve that still grows follows nothing yet.

    Args:
        analyses: What was measured of each video, by its identifier.
        project: The decisions.
        suggest: Whether to choose cuts.
        ask: Whether to look for moments to ask about.
        held: Open cuts that stay, where cuts are chosen.
    """

    def work(controls: JobControls) -> Followed:
        load_libraries(controls)
        from core.learning.personal.within_video import propagated, questions_about
        from core.project.suggesting import suggest_around

        following = {i: propagated(a, project, i) if a.complete else a for i, a in analyses.items()}
        questions = {
            i: questions_about(a, project, i) for i, a in following.items() if ask and a.complete
        }
        cuts = (
            suggest_around(
                {i: following[i] if _rejects(project, i) else a for i, a in analyses.items()},
                project,
                held=held,
                cancelled=controls.cancelled,
            )
            if suggest
            else None
        )
        curves = {i: a.highlight for i, a in following.items()}
        return Followed(curves, questions, cuts)

    return work


def _rejects(project: Project, identifier: str) -> bool:
    """Whether anything was rejected in a video.

    Kept cuts alone lift what is like them above all else, and nothing else would be worth a cut.
    """
    return any(c.decision is Decision.REJECTED for c in project.cuts_of(identifier))
