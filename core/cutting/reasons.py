"""Says in words and numbers why a stretch of the video is worth keeping."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.analysis.analysis import Analysis
from core.analysis.highlight import CONTRIBUTIONS, LEAST_DEVIATION, robust_deviation
from core.analysis.tags import TaggedAnalysis
from core.cutting.cut import Reason
from core.cutting.snapping import Place
from core.networks.emotion_classes import EMOTIONS
from core.time import Span

_NOTABLE_DEVIATION = 0.5
_NOTABLE_LOUDNESS = 2.0
_NOTABLE_SHARE = 0.3
_NOTABLE_LIFT = 0.02
_NOTABLE_PART = 0.05

_BEGINS = {"shot": "starts on a shot change", "pause": "starts as somebody begins to speak"}
_ENDS = {"shot": "ends on a shot change", "pause": "ends in a pause of speech"}


def reasons_for(
    analysis: Analysis, span: Span, begin: Place | None = None, end: Place | None = None
) -> tuple[Reason, ...]:
    """What lifts the curve over a stretch, what was measured of that, and what is heard and seen.

    The first reason is the curve's own: the parts of the score that are above their means over
    the video. Measured signals follow only where their part lifts it, the largest first; then what
    is heard (the strongest emotion) and seen, which describe the stretch.

    Args:
        analysis: The whole analysis; the words for what is seen come from a
            :class:`core.analysis.tags.TaggedAnalysis`.
        span: The stretch.
        begin: The place that its begin was snapped to.
        end: The place that its end was snapped to.
    """
    cells = analysis.grid.cells(span, analysis.cells)
    lifts = _lifts(analysis, cells)
    found = [_curve(analysis, cells, lifts)]
    for name in (name for name, lift in lifts.items() if lift > 0):
        for evidence in _EVIDENCE.get(name, ()):
            found += evidence(analysis, cells)
    found += _emotion(analysis, cells)
    found += _tags(analysis, span)
    if begin is not None and begin.kind in _BEGINS:
        found.append(Reason("start", 0.0, _BEGINS[begin.kind]))
    if end is not None and end.kind in _ENDS:
        found.append(Reason("end", 0.0, _ENDS[end.kind]))
    return tuple(found)


def _mean(values: np.ndarray, cells: slice) -> float:
    known = values[cells][np.isfinite(values[cells])]
    return float(known.mean()) if known.size else float("nan")


def _arousal(analysis: Analysis, cells: slice) -> list[Reason]:
    arousal = analysis.column("speech-emotion", 7)
    value = _mean(robust_deviation(arousal, LEAST_DEVIATION["arousal"]), cells)
    if not value >= _NOTABLE_DEVIATION:
        return []
    return [Reason("arousal", value, f"arousal {value:.1f} above this video's usual")]


def _emotion(analysis: Analysis, cells: slice) -> list[Reason]:
    rows = analysis.tracks.get("speech-emotion")
    if rows is None:
        return []
    spoken = rows[cells][np.isfinite(rows[cells, 0])]
    if not len(spoken):
        return []
    shares = spoken[:, : len(EMOTIONS)].mean(axis=0)
    strongest = 1 + int(shares[1:].argmax())
    share = float(shares[strongest])
    if share < _NOTABLE_SHARE:
        return []
    return [Reason("emotion", share, f"{EMOTIONS[strongest]} {100 * share:.0f}\u00a0%")]


def _loudness(analysis: Analysis, cells: slice) -> list[Reason]:
    level = analysis.column("loudness", 0)
    if not np.isfinite(level).any():
        return []
    value = _mean(level, cells) - float(np.nanmedian(level))
    if not value >= _NOTABLE_LOUDNESS:
        return []
    return [Reason("loudness", value, f"{value:.0f} LU louder than usual")]


def _motion(analysis: Analysis, cells: slice) -> list[Reason]:
    motion = analysis.column("motion", 0)
    value = _mean(robust_deviation(motion, LEAST_DEVIATION["motion"]), cells)
    if not value >= _NOTABLE_DEVIATION:
        return []
    return [Reason("motion", value, f"movement {value:.1f} above this video's usual")]


def _tags(analysis: Analysis, span: Span) -> list[Reason]:
    if not isinstance(analysis, TaggedAnalysis):
        return []
    return [
        Reason("tag", tag.probability, f"{tag.text} ({100 * tag.probability:.0f}\u00a0%)")
        for tag in analysis.tags(span)
    ]


def _lifts(analysis: Analysis, cells: slice) -> dict[str, float]:
    """How far each part of the score is from its mean over the video, the highest first."""
    parts = analysis.highlight.contributions
    if not parts[cells].size:
        return {}
    above = parts[cells].mean(axis=0) - parts.mean(axis=0)
    least = max(_NOTABLE_LIFT, _NOTABLE_PART * float(np.abs(above).sum()))
    order = np.argsort(-above, kind="stable")
    return {
        CONTRIBUTIONS[index]: float(above[index]) for index in order if abs(above[index]) >= least
    }


def _curve(analysis: Analysis, cells: slice, lifts: Mapping[str, float]) -> Reason:
    score = analysis.highlight.score
    value = float(score[cells].mean()) if score[cells].size else 0.0
    usual = float(score.mean()) if score.size else 0.0
    text = f"curve {value:.2f}, {usual:.2f} on average"
    if lifts:
        text += f": {', '.join(f'{name} {lift:+.2f}' for name, lift in lifts.items())}"
    return Reason("curve", value, text)


_EVIDENCE: Mapping[str, tuple[Callable[[Analysis, slice], list[Reason]], ...]] = {
    "emotion": (_arousal,),
    "sound": (_loudness,),
    "picture": (_motion,),
}
"""What was measured, by the part of the score that it speaks for."""
