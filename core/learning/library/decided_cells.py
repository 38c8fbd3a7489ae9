"""What the decisions about the cuts of a video say of each of its cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.learning.coverage import covered, touched, without
from core.learning.library.records import CutCorrection, Kind, StoredCorrection
from core.time import Span


class Said(IntEnum):
    """What is said of a cell.

    ``NOTHING``: no cut reaches into it. ``TOUCHED``: one does, and says nothing. ``UNSURE``: it is
    set aside as perhaps wanted. ``CUT_OFF``: it was suggested within a cut that the editor changed
    so that it is not in it any more. ``REJECTED``. ``KEPT``: as it was suggested. ``MADE``: wanted
    within a cut of the editor's own, or one that the editor changed.
    """

    NOTHING = 0
    TOUCHED = 1
    UNSURE = 2
    CUT_OFF = 3
    REJECTED = 4
    KEPT = 5
    MADE = 6


WANTED = (Said.KEPT, Said.MADE)
UNWANTED = (Said.CUT_OFF, Said.REJECTED)

_MADE = (Kind.MOVED, Kind.TRIMMED, Kind.ADDED)


def decided_cells(
    corrections: Iterable[StoredCorrection], cells: int, step: Fraction, duration: Fraction
) -> NDArray[np.int8]:
    """What is said of each cell of one video.

    A cut speaks of a cell that it covers at least half of; the last cell is as long as the video.
    Within a project what is wanted counts before all else, then what is perhaps wanted. Of several
    projects the one that was collected last counts, in every cell of which it says something.

    Args:
        corrections: Of this video, from one project or several; those of what is heard say nothing.
        cells: Number of cells.
        step: Seconds per cell.
        duration: Seconds that the video lasts.

    Returns:
        ``(T,) int8`` of :class:`Said`.
    """
    cuts: defaultdict[str, list[CutCorrection]] = defaultdict(list)
    collected: dict[str, datetime] = {}
    for one in corrections:
        if isinstance(one.correction, CutCorrection):
            cuts[one.project].append(one.correction)
            latest = collected.get(one.project, one.collected)
            collected[one.project] = max(latest, one.collected)
    said = np.zeros(cells, np.int8)
    for project in sorted(cuts, key=lambda project: (collected[project], project)):
        layer = _said(cuts[project], cells, step, duration)
        said = np.where(layer > Said.TOUCHED, layer, np.maximum(said, layer))
    return said


def _said(
    cuts: Sequence[CutCorrection], cells: int, step: Fraction, duration: Fraction
) -> NDArray[np.int8]:
    """What one project says."""
    suggested = [cut.suggestion.span for cut in cuts if cut.suggestion is not None]
    kept, made, rejected, maybe = (
        [cut.span for cut in cuts if cut.kind in kinds]
        for kinds in ((Kind.KEPT, *_MADE), _MADE, (Kind.REJECTED,), (Kind.MAYBE,))
    )
    changed = [
        cut.suggestion.span
        for cut in cuts
        if cut.suggestion is not None and cut.kind in (*_MADE, Kind.REJECTED)
    ]
    said = np.zeros(cells, np.int8)
    said[touched([*(cut.span for cut in cuts), *suggested], cells, step)] = Said.TOUCHED
    layers: tuple[tuple[Said, Iterable[Span]], ...] = (
        (Said.CUT_OFF, without(changed, kept)),
        (Said.REJECTED, rejected),
        (Said.UNSURE, maybe),
        (Said.KEPT, kept),
        (Said.MADE, made),
    )
    for what, spans in layers:
        said[covered(((span.start, span.end) for span in spans), cells, step, duration)] = what
    return said
