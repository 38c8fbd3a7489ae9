"""Suggestions for what the editor has left open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.cutting.suggest import SHORTEST, CuttingRules, suggest
from core.project.document import Project
from core.project.emotion_corrections import corrected_analysis
from core.time import total_duration


def suggest_around(
    analyses: Mapping[str, Analysis],
    project: Project,
    *,
    held: Collection[str] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, list[Cut]]:
    """Cuts that fill what the editor's own decisions leave of the target length.

    What is left is shared evenly among the analysed videos of the project. Where to cut follows
    the highlight curve as it was computed; the reasons of the cuts name the emotions as the editor
    corrected them.

    Args:
        analyses: As much of each video's analysis as there is, by the identifier of the video.
        project: Its settled cuts keep their place, its rejected ones stay out, its corrected
            emotions count.
        held: Open cuts that stay as well, because the editor has a hand on them.
        cancelled: Asked several times a second.

    Returns:
        Cuts for each of the videos, beside those that stay; none where less than the shortest cut
        is left.
    """
    staying = [c for c in project.cuts if c.settled or c.identifier in held]
    elsewhere = [c for c in project.short if c.medium not in analyses and c not in staying]
    taken = total_duration(c.span for c in (*staying, *elsewhere) if c.in_short)
    wishes = project.wishes
    room = (wishes.length - float(taken)) / max(1, len(analyses))
    made: dict[str, list[Cut]] = {}
    for identifier, analysis in analyses.items():
        medium = project.medium(identifier)
        if medium is None or room < min(SHORTEST, wishes.length):
            made[identifier] = []
            continue
        made[identifier] = suggest(
            corrected_analysis(analysis, medium.emotion_corrections),
            CuttingRules(room, threshold=wishes.threshold),
            exclude=[c.span for c in staying if c.medium == identifier],
            cancelled=cancelled,
        )
    return made
