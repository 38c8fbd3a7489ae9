"""From the highlight curve to the cuts of a short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS
from core.cutting.cut import Cut
from core.cutting.duplicates import repetition
from core.cutting.reasons import reasons_for
from core.cutting.selection import select
from core.cutting.snapping import Place, SnapPoints
from core.errors import UsageError
from core.media.frames import exact_change, frame_times
from core.time import Span, exact, total_duration

POSITION = 0.5
"""Seconds per position that cuts are chosen on, before they are snapped."""

_USUAL_QUANTILE = 0.4
_PRICE_OF_A_CUT = 0.4
_WORTH_OF_A_PLACE = 0.25
_GAP = 1.0
_MOST_ROUNDS = 6


@dataclass(frozen=True)
class CuttingRules:
    """What the creator asked for.

    Attributes:
        length: Target length of the short in seconds; the cuts never exceed it.
        shortest: Seconds that one cut lasts at least.
        longest: Seconds that one cut lasts at most; by default two fifths of the length, but 6 to
            15 s.

    Raises:
        UsageError: The numbers contradict each other.
    """

    length: float = 30.0
    shortest: float = 2.5
    longest: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.length <= 3600:
            raise UsageError(
                f"a short of {self.length:g} s is not possible", remedy="Choose 1 to 3600 seconds."
            )
        if self.shortest <= 0 or self.most < self.shortest:
            raise UsageError(
                f"cuts of {self.shortest:g} to {self.most:g} s are not possible",
                remedy="The shortest cut must be positive and no longer than the longest.",
            )

    @property
    def most(self) -> float:
        """Seconds that one cut lasts at most."""
        if self.longest is not None:
            return min(self.longest, self.length)
        return min(self.length, float(np.clip(0.4 * self.length, 6.0, 15.0)))


@dataclass
class _Draft:
    """A cut whose boundaries still move."""

    begin: Place
    end: Place

    @property
    def length(self) -> float:
        return self.end.seconds - self.begin.seconds


def suggest(
    analysis: Analysis,
    rules: CuttingRules | None = None,
    *,
    exclude: Sequence[Span] = (),
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

    Returns:
        Cuts whose durations add up to at most the target length; none for an empty curve. A video
        that is not longer than the target is kept whole.
    """
    rules = rules or CuttingRules()
    score = analysis.highlight.score
    if score.size == 0:
        return []
    duration = float(analysis.info.duration)
    if analysis.complete and duration <= rules.length and not exclude:
        whole = Span(Fraction(0), analysis.info.duration)
        return [_cut(analysis, whole, None, None)]
    points = SnapPoints(analysis)
    forbidden = list(exclude)
    drafts: list[_Draft] = []
    for _ in range(_MOST_ROUNDS):
        drafts = _choose(analysis, rules, points, forbidden)
        repeated = _repetition(analysis, drafts) if analysis.complete else None
        if repeated is None:
            break
        forbidden.append(repeated)
    _fit(drafts, rules)
    return _on_frames(analysis, drafts, rules)


def _choose(
    analysis: Analysis, rules: CuttingRules, points: SnapPoints, forbidden: Sequence[Span]
) -> list[_Draft]:
    step = float(analysis.grid.step)
    score = analysis.highlight.score.astype(np.float64)
    known = min(len(score) * step, float(analysis.info.duration))
    count = int(known / POSITION)
    if count == 0:
        return []
    middles = (np.arange(count) + 0.5) * POSITION
    curve = score[np.minimum((middles / step).astype(int), len(score) - 1)]
    gain = (curve - np.quantile(curve, _USUAL_QUANTILE)) * POSITION
    for span in forbidden:
        gain[
            (middles >= float(span.start) - POSITION) & (middles < float(span.end) + POSITION)
        ] = -1e6
    height = float(np.quantile(curve, 0.98) - np.quantile(curve, _USUAL_QUANTILE)) + 1e-3
    times = np.arange(count + 1) * POSITION
    stretches = select(
        gain,
        _worth(times, points.shot_begins, points.speech_begins, height) - _PRICE_OF_A_CUT * height,
        _worth(times, points.shot_ends, points.speech_ends, height) - _PRICE_OF_A_CUT * height,
        budget=max(1, int(rules.length / POSITION)),
        shortest=int(np.ceil(min(rules.shortest, known) / POSITION - 1e-9)),
        longest=max(1, int(rules.most / POSITION)),
        gap=int(_GAP / POSITION),
    )
    return [
        _Draft(points.begin(begin * POSITION), points.end(end * POSITION))
        for begin, end in stretches
    ]


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


def _repetition(analysis: Analysis, drafts: Sequence[_Draft]) -> Span | None:
    """The stretch of a draft that shows again what an earlier one shows, if there is one."""
    spans = [Span(exact(d.begin.seconds), exact(d.end.seconds)) for d in drafts]
    for i, first in enumerate(spans):
        for second in spans[i + 1 :]:
            repeated = repetition(analysis, first, second)
            if repeated is not None:
                return repeated
    return None


def _fit(drafts: list[_Draft], rules: CuttingRules) -> None:
    """Takes back snaps, and then time, until neighbours are apart and the length is kept."""
    for before, after in pairwise(drafts):
        if after.begin.seconds < before.end.seconds + 0.2:
            middle = (after.begin.seconds + before.end.seconds) / 2
            before.end = Place(middle - 0.1, "free", 0.0)
            after.begin = Place(middle + 0.1, "free", 0.0)
    for draft in drafts:
        if draft.length > rules.most:
            draft.end = Place(draft.begin.seconds + rules.most, "free", 0.0)
    excess = sum(draft.length for draft in drafts) - rules.length
    for draft in sorted(drafts, key=lambda d: (d.end.kind != "free", -d.length)):
        if excess <= 0:
            break
        spare = min(excess, max(0.0, draft.length - rules.shortest))
        if spare > 0:
            draft.end = Place(draft.end.seconds - spare, "free", 0.0)
            excess -= spare
    while excess > 1e-6 and len(drafts) > 1:
        excess -= drafts.pop(min(range(len(drafts)), key=lambda i: drafts[i].length)).length


def _on_frames(analysis: Analysis, drafts: Sequence[_Draft], rules: CuttingRules) -> list[Cut]:
    info = analysis.info
    wanted = [_exact_time(analysis, place) for d in drafts for place in (d.begin, d.end)]
    times = frame_times(info, [max(Fraction(0), min(t, info.duration)) for t in wanted])
    frame = 1 / info.video.frame_rate
    spans = [
        (begin, max(end, begin + frame))
        for begin, end in zip(times[0::2], times[1::2], strict=True)
    ]
    limit = exact(rules.length)
    for index in range(len(spans) - 1, -1, -1):
        excess = sum((end - begin for begin, end in spans), Fraction(0)) - limit
        if excess <= 0:
            break
        begin, end = spans[index]
        earlier = frame_times(info, [max(begin + frame, end - excess - frame / 2)])[0]
        spans[index] = (begin, max(begin + frame, earlier))
    cuts = [
        _cut(analysis, Span(begin, end), draft.begin, draft.end)
        for (begin, end), draft in zip(spans, drafts, strict=True)
    ]
    assert total_duration(cut.span for cut in cuts) <= limit + frame
    return cuts


def _exact_time(analysis: Analysis, place: Place) -> Fraction:
    """The time of a place, to the frame for shot changes once the analysis is whole."""
    if place.not_before is None or not analysis.complete:
        return exact(place.seconds)
    around = [exact(place.not_before), exact(place.seconds)]
    return exact_change(analysis.info, *frame_times(analysis.info, around))


def _cut(analysis: Analysis, span: Span, begin: Place | None, end: Place | None) -> Cut:
    return describe(analysis, Cut(span), begin, end)


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
