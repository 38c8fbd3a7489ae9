"""From the highlight curve to the cuts of a short."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS
from core.cutting.boundaries import Draft, fitted, on_frames, snapped
from core.cutting.cut import Cut
from core.cutting.duplicates import Repetitions
from core.cutting.reasons import reasons_for
from core.cutting.selection import select
from core.cutting.snapping import Place, SnapPoints
from core.errors import Cancelled, UsageError
from core.time import Span, exact

SHORTEST = 2.5
"""Seconds that one cut lasts at least, if nothing else is asked for."""

SHORTEST_TARGET, LONGEST_TARGET = 1.0, 3600.0
"""Seconds that a short can be asked to last."""

POSITION = 0.5
"""Seconds per position that cuts are chosen on, before they are snapped; more in long shorts."""

_MOST_POSITIONS = 400

_USUAL_QUANTILE = 0.4
_WORTHLESS_QUANTILE = 0.1
_PRICE_OF_A_CUT = 0.4
_WORTH_OF_A_PLACE = 0.25
_GAP = 1.0
_MOST_ROUNDS = 6
_FORBIDDEN = -1e6


@dataclass(frozen=True)
class CuttingRules:
    """What the creator asked for.

    Attributes:
        length: Target length of the short in seconds; the cuts never exceed it.
        shortest: Seconds that one cut lasts at least; 2.5 by default, less for a very short short.
        longest: Seconds that one cut lasts at most; by default two fifths of the length, but 6 to
            15 s.
        threshold: Highlight score below which nothing is kept; None leaves it to the curve.

    Raises:
        UsageError: The numbers contradict each other.
    """

    length: float = 30.0
    shortest: float | None = None
    longest: float | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        check_target(self.length)
        if not 0 < self.least <= self.most < math.inf:
            raise UsageError(
                f"cuts of {self.least:g} to {self.most:g} s are not possible",
                remedy="The shortest cut must be positive and no longer than the longest.",
            )

    @property
    def least(self) -> float:
        """Seconds that one cut lasts at least."""
        return min(SHORTEST, self.length) if self.shortest is None else self.shortest

    @property
    def most(self) -> float:
        """Seconds that one cut lasts at most."""
        if self.longest is not None:
            return min(self.longest, self.length)
        return min(self.length, float(np.clip(0.4 * self.length, 6.0, 15.0)))


def check_target(length: float) -> None:
    """Refuses a target length that no short can have.

    Raises:
        UsageError: It is not between :data:`SHORTEST_TARGET` and :data:`LONGEST_TARGET`.
    """
    if not SHORTEST_TARGET <= length <= LONGEST_TARGET:
        raise UsageError(
            f"a short of {length:g} s is not possible",
            remedy=f"Choose {SHORTEST_TARGET:g} to {LONGEST_TARGET:g} seconds.",
        )


def suggest(
    analysis: Analysis,
    rules: CuttingRules | None = None,
    *,
    exclude: Sequence[Span] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Cut]:
    """Chooses the cuts that keep most of the highlight curve, in source order.

    The choice is the optimum of :func:`core.cutting.selection.select` on half-second positions;
    boundaries then move to shot changes and speech pauses within 0.75 s and end up on exact frames.
    Where a cut shows again what an earlier one shows, that stretch is left out and the choice made
    again.

    Args:
        analysis: As much of the analysis as there is; only cells with a curve are considered.
        rules: Length and limits.
        exclude: Stretches that must not be kept, as those that the editor rejected.
        cancelled: Asked several times a second.

    Returns:
        Cuts whose durations add up to at most the target length; none for an empty curve. A video
        that is not longer than the target is kept whole.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    rules = rules or CuttingRules()
    score = analysis.highlight.score
    if score.size == 0:
        return []
    duration = float(analysis.info.duration)
    free = rules.threshold is None and not exclude
    if analysis.complete and duration <= rules.length and free:
        whole = Span(Fraction(0), analysis.info.duration)
        return [describe(analysis, Cut(whole))]
    points = SnapPoints(analysis)
    repetitions = Repetitions(analysis) if analysis.complete else None
    forbidden = list(exclude)
    drafts: list[Draft] = []
    for _ in range(_MOST_ROUNDS):
        drafts = _choose(analysis, rules, points, forbidden, cancelled)
        repeated = [] if repetitions is None else _repeated(repetitions, drafts, cancelled)
        if not repeated:
            break
        forbidden.extend(repeated)
    return [
        describe(analysis, Cut(span), draft.begin, draft.end)
        for span, draft in on_frames(
            analysis, fitted(drafts, rules.least, rules.length), rules.length
        )
    ]


def usual_threshold(score: NDArray[np.floating]) -> float:
    """The score below which keeping a moment is worth nothing, if nobody sets a threshold.

    Args:
        score: ``(T,)`` the highlight curve, not empty.
    """
    return float(np.quantile(score, _WORTHLESS_QUANTILE))


def _choose(
    analysis: Analysis,
    rules: CuttingRules,
    points: SnapPoints,
    forbidden: Sequence[Span],
    cancelled: Callable[[], bool],
) -> list[Draft]:
    step = float(analysis.grid.step)
    score = analysis.highlight.score.astype(np.float64)
    known = min(len(score) * step, float(analysis.info.duration))
    width = max(POSITION, rules.length / _MOST_POSITIONS)
    count = int(known / width)
    if count == 0:
        return []
    middles = (np.arange(count) + 0.5) * width
    curve = score[np.minimum((middles / step).astype(int), len(score) - 1)]
    # Nearly everything is worth a little, so that the length that was asked for is used.
    gain = (curve - usual_threshold(curve)) * width
    if rules.threshold is not None:
        gain = np.where(curve < rules.threshold, _FORBIDDEN, (curve - rules.threshold) * width)
    for span in forbidden:
        covered = (middles > float(span.start) - width) & (middles < float(span.end) + width)
        gain[covered] = _FORBIDDEN
    height = float(np.quantile(curve, 0.98) - np.quantile(curve, _USUAL_QUANTILE)) + 1e-3
    times = np.arange(count + 1) * width
    price = _PRICE_OF_A_CUT * height
    stretches = select(
        gain,
        _worth(times, points.shot_begins, points.speech_begins, height) - price,
        _worth(times, points.shot_ends, points.speech_ends, height) - price,
        budget=max(1, int(rules.length / width)),
        shortest=int(np.ceil(min(rules.least, known) / width - 1e-9)),
        longest=max(1, int(rules.most / width)),
        gap=max(1, int(_GAP / width)),
        cancelled=cancelled,
    )
    walls = [(float(span.start), float(span.end)) for span in forbidden]
    limits = (rules.least, rules.most)
    return [snapped(points, begin * width, end * width, limits, walls) for begin, end in stretches]


def _worth(
    times: NDArray[np.floating],
    shots: NDArray[np.float64],
    speech: NDArray[np.float64],
    height: float,
) -> NDArray[np.float64]:
    """What each position is worth as a boundary, by how near the next good place is."""
    worth = np.zeros(len(times))
    for places, share in ((shots, 1.0), (speech, 0.8)):
        if len(places):
            after = np.searchsorted(places, times)
            right = np.abs(places[np.minimum(after, len(places) - 1)] - times)
            left = np.abs(times - places[np.maximum(after - 1, 0)])
            near = np.maximum(0.0, 1.0 - np.minimum(left, right) / POSITION)
            worth = np.maximum(worth, share * near)
    return _WORTH_OF_A_PLACE * height * worth


def _repeated(
    repetitions: Repetitions, drafts: Sequence[Draft], cancelled: Callable[[], bool]
) -> list[Span]:
    """The stretches of drafts that show again what earlier ones show."""
    spans = [Span(exact(d.begin.seconds), exact(d.end.seconds)) for d in drafts]
    found = []
    for second in range(1, len(spans)):
        if cancelled():
            raise Cancelled
        for first in spans[:second]:
            repeated = repetitions.find(first, spans[second])
            if repeated is not None:
                found.append(repeated)
                break
    return found


def describe(
    analysis: Analysis, cut: Cut, begin: Place | None = None, end: Place | None = None
) -> Cut:
    """The same cut with its score, contributions and reasons by an analysis."""
    cells = analysis.grid.cells(cut.span, analysis.cells)
    parts = analysis.highlight.contributions[cells]
    means = parts.mean(axis=0) if len(parts) else np.zeros(len(CONTRIBUTIONS))
    return Cut(
        cut.span,
        round(_mean_score(analysis, cut.span), 4),
        {name: round(float(value), 4) for name, value in zip(CONTRIBUTIONS, means, strict=True)},
        reasons_for(analysis, cut.span, begin, end),
    )


def _mean_score(analysis: Analysis, span: Span) -> float:
    score = analysis.highlight.score[analysis.grid.cells(span, analysis.cells)]
    return float(score.mean()) if score.size else 0.0
