"""Suggestions for what the editor has left open."""

from __future__ import annotations

from collections.abc import Callable

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut
from core.cutting.suggest import SHORTEST, CuttingRules, suggest
from core.project.document import Edit
from core.project.emotion_corrections import corrected_analysis
from core.time import total_duration


def suggest_around(
    analysis: Analysis,
    edit: Edit,
    length: float,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Cut]:
    """Cuts that fill what the editor's own cuts leave of a length.

    Where to cut follows the highlight curve as it was computed; the reasons of the cuts name the
    emotions as the editor corrected them.

    Args:
        analysis: As much of the analysis as there is.
        edit: Its touched cuts keep their place, its rejected stretches stay out, its corrected
            emotions count.
        length: Target length of the whole short in seconds.
        cancelled: Asked several times a second.

    Returns:
        Cuts beside the touched ones; none if less than the shortest cut is left.
    """
    touched = [edited.span for edited in edit.cuts if edited.touched]
    room = length - float(total_duration(touched))
    if room < min(SHORTEST, length):
        return []
    exclude = [*touched, *edit.rejected]
    told = corrected_analysis(analysis, edit.emotion_corrections)
    return suggest(told, CuttingRules(room), exclude=exclude, cancelled=cancelled)
