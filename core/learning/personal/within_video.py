"""The first decisions in a video improve the curve of the rest of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.fusion_features import fusion_features
from core.analysis.highlight import CONTRIBUTIONS, Highlight
from core.learning.coverage import without
from core.learning.personal.lesson_building import LessonSettings
from core.learning.personal.propagation import TIME, PropagationSettings, Rows, Spread, spread
from core.learning.personal.questions import Question, questions
from core.project.document import Decision, EditedCut, Project
from core.signals.visual_features import VisualFeatures

EDITED = PropagationSettings(beside=False)
"""How decisions spread in an edited video: the edges of a cut are a decision, too."""

CUT_OFF = LessonSettings.cut_off
"""How much it counts that a suggested stretch was cut off, where a rejected one counts 1."""
_MOST_COLUMNS = 320
"""Of the visual features: some, taken evenly, tell what looks alike as well as all, and sooner."""


@dataclass(frozen=True, eq=False)
class Decided:
    """What the editor decided in one video, cell by cell.

    Attributes:
        wanted: ``(T,) float32``: 1 for kept, 0 for rejected, NaN for nothing.
        weight: ``(T,) float32``: 1 where something was decided, :data:`CUT_OFF` where it was cut
            off, else 0.
        decisions: How many cuts that was.
    """

    wanted: Rows
    weight: Rows
    decisions: int


def speaks(edited: EditedCut) -> bool:
    """Whether a cut says what its editor wants.

    One that was kept, rejected, made or changed does; one that is perhaps wanted, or that nobody
    has looked at, does not.
    """
    if edited.decision is Decision.OPEN:
        return edited.touched or edited.locked
    return edited.decision is not Decision.MAYBE


def decided_in(analysis: Analysis, project: Project, medium: str) -> Decided:
    """What a project says about the cells of a video that have a curve.

    Args:
        analysis: Of the video, as far as it has come.
        project: With the cuts.
        medium: Identifier of the video in the project.
    """
    cells, grid = len(analysis.highlight.score), analysis.grid
    wanted, weight = np.full(cells, np.nan, np.float32), np.zeros(cells, np.float32)
    cuts = [edited for edited in project.cuts_of(medium) if speaks(edited)]
    kept = [edited.span for edited in cuts if edited.in_short]
    cut_off = without(
        [
            edited.suggestion.span
            for edited in cuts
            if edited.suggestion is not None and edited.in_short
        ],
        kept,
    )
    rejected = [edited.span for edited in cuts if not edited.in_short]
    said = 0
    # What is kept wins over what is rejected.
    for spans, wish, counts in ((cut_off, 0, CUT_OFF), (rejected, 0, 1), (kept, 1, 1)):
        for span in spans:
            if span.start < grid.start(cells) and span.end > 0:
                wanted[grid.cells(span, cells)] = wish
                weight[grid.cells(span, cells)] = counts
                said += spans is not cut_off
    return Decided(wanted, weight, said)


def propagated(analysis: Analysis, project: Project, medium: str) -> Analysis:
    """The analysis of a video with a curve that follows what was decided in it.

    The parts of the curve still add up to it: what lifts a cell is added to the parts that it comes
    from, nearness in time to the position; what lowers it lowers all of its parts alike.

    Args:
        analysis: Of the video, as far as it has come.
        project: With the editor's decisions.
        medium: Identifier of the video in the project.

    Returns:
        The same object where nothing was decided that says anything.
    """
    decided = decided_in(analysis, project, medium)
    if not decided.decisions:
        return analysis
    groups, present = _features(analysis)
    found = spread(
        analysis.highlight.score, groups, present, decided.wanted, decided.weight,
        step=float(analysis.grid.step), settings=EDITED,
    )  # fmt: skip
    many = "s" * (decided.decisions != 1)
    source = (
        f"{analysis.highlight.source}, and by your {decided.decisions} decision{many} in this video"
    )
    return replace(analysis, highlight=_moved(analysis.highlight, found, source))


def questions_about(
    analysis: Analysis, project: Project, medium: str, count: int = 3
) -> list[Question]:
    """Moments of a video to ask the editor about, apart from all cuts that are there already.

    Args:
        analysis: Of the video, with its present curve.
        project: With the editor's cuts.
        medium: Identifier of the video in the project.
        count: How many are wished for.
    """
    decided = decided_in(analysis, project, medium)
    groups, present = _features(analysis)
    return questions(
        analysis.highlight.score, groups, present, decided.wanted, decided.weight,
        [edited.span for edited in project.cuts_of(medium)], analysis.grid, count=count,
    )  # fmt: skip


def _features(analysis: Analysis) -> tuple[dict[str, Rows], dict[str, NDArray[np.bool_]]]:
    tracks = dict(analysis.tracks)
    pictures = tracks.get(VisualFeatures.name)
    columns = 0
    if pictures is not None:
        some = pictures[:, :: -(-pictures.shape[1] // _MOST_COLUMNS)]
        tracks[VisualFeatures.name], columns = some, some.shape[1]
    count = len(analysis.highlight.score)
    features, parts, present = fusion_features(tracks, count, analysis.cells, columns)
    groups = {name: features[:, part] for name, part in parts.items()}
    return groups, {name: present[:, index] for index, name in enumerate(parts)}


def _moved(curve: Highlight, found: Spread, source: str) -> Highlight:
    shift = (found.score - curve.score)[:, None]
    lifting = np.maximum(found.parts, 0.0)
    lifting[lifting.sum(axis=1) == 0, CONTRIBUTIONS.index(TIME)] = 1.0
    lifted = curve.contributions + shift * lifting / lifting.sum(axis=1, keepdims=True)
    lowered = curve.contributions * (found.score / np.maximum(curve.score, 1e-9))[:, None]
    parts = np.where(shift > 0, lifted, np.where(shift < 0, lowered, curve.contributions))
    return replace(curve, score=found.score, contributions=parts.astype(np.float32), source=source)
