"""What a version learned, in words: which moments count more now than with the shipped weights.

Only what the signals measure is named. There is no detector of laughter or of music, so nothing is
ever said of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.learning.metrics import over_speakers
from core.learning.personal.lessons import Lesson
from core.learning.personal.versions import Learnt
from core.networks.emotion_classes import EMOTIONS

PHRASES: Mapping[str, str] = {
    "neutral": "neutral voices",
    "happy": "happy voices",
    "sad": "sad voices",
    "angry": "angry voices",
    "fear": "frightened voices",
    "disgust": "disgusted voices",
    "surprise": "surprised voices",
    "excited": "excited voices",
    "pleasant": "pleasant voices",
    "speech": "moments with speech",
    "loud": "loud moments",
    "sharp": "sharp sounds",
    "restless": "restless sounds",
    "moving": "moving pictures",
    "changing": "changes of the picture",
    "bright": "bright pictures",
    "colourful": "colourful pictures",
    "beginning": "beginnings",
    "end": "ends",
}
"""What each subject is called in a sentence."""

_COLUMNS: Mapping[str, tuple[str, int]] = {
    **{name: ("emotion", index) for index, name in enumerate(EMOTIONS)},
    "excited": ("emotion", 7),
    "pleasant": ("emotion", 8),
    "loud": ("sound", 0),
    "sharp": ("sound", 4),
    "restless": ("sound", 6),
    "moving": ("picture", 0),
    "changing": ("picture", 1),
    "bright": ("picture", 2),
    "colourful": ("picture", 3),
}
"""Group and column of :func:`core.analysis.fusion_features.fusion_features`."""

_EDGE = 0.1
"""Share of a video that is its beginning, or its end."""
_LEAST_CELLS = 20
_LEAST_CHANGE = 0.1
_LEAST_AGREEMENT = 0.3
"""Mean correlation under which a change is no more than a trace."""
_CERTAIN = 3
"""Videos that an interval over videos needs."""
_LEAST_SHARE = 1 / 3
"""Of the largest change; what is smaller may only go along with it."""
_MOST = 3

Curves = Mapping[str, NDArray[np.float32]]


def what_was_learnt(
    lessons: Sequence[Lesson], before: Curves, after: Curves, *, seed: int = 0
) -> tuple[Learnt, ...]:
    """What moves together with the change of the curves, within each video.

    A subject's change is the slope of the curve's change over the subject's measure, both in
    deviations within the video: 0.5 says that moments with one deviation more of it have risen by
    half a deviation of the curve. It is named only where it is large, also beside the largest, and
    where the videos agree: the 95 % interval over them leaves out 0, or, of one or two, each says
    the same.

    Args:
        lessons: The corrected videos.
        before: ``(T,)`` by video, of the shipped weights.
        after: ``(T,)`` by video, of the version.
        seed: Of the bootstrap over videos.

    Returns:
        The largest changes first.
    """
    found = []
    for subject in PHRASES:
        slopes, agreements = [], []
        for lesson in lessons:
            measure, known = _measure(lesson, subject)
            told = _told(measure, known, before[lesson.video], after[lesson.video])
            if told is not None:
                slopes.append(told[0])
                agreements.append(told[1])
        if _clear(np.array(slopes), np.array(agreements), seed):
            found.append(Learnt(subject, round(float(np.mean(slopes)), 3)))
    largest = max((abs(one.change) for one in found), default=0.0)
    named = [one for one in found if abs(one.change) >= _LEAST_SHARE * largest]
    return tuple(sorted(named, key=lambda one: (-abs(one.change), one.subject)))


def sentence(learnt: Sequence[Learnt]) -> str:
    """What was learned, for the user; empty where nothing is clear.

    Args:
        learnt: The largest changes first.
    """
    kept = [PHRASES[one.subject] for one in learnt if one.change > 0 and one.subject in PHRASES]
    dropped = [PHRASES[one.subject] for one in learnt if one.change < 0 and one.subject in PHRASES]
    parts = [
        f"you {verb} {_listed(names[:_MOST])}"
        for verb, names in (("keep", kept), ("drop", dropped))
        if names
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _measure(lesson: Lesson, subject: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How much of a subject each cell has, and where that is known."""
    everywhere = np.ones(lesson.cells, bool)
    if subject in ("beginning", "end"):
        place = (np.arange(lesson.cells) + 0.5) / lesson.cells
        edge = place < _EDGE if subject == "beginning" else place > 1 - _EDGE
        return edge.astype(np.float64), everywhere
    if subject == "speech":
        heard = lesson.present.get("emotion", ~everywhere)
        return heard.astype(np.float64), everywhere
    group, column = _COLUMNS[subject]
    rows = lesson.groups.get(group)
    if rows is None or column >= rows.shape[1]:
        return np.zeros(lesson.cells), ~everywhere
    return rows[:, column].astype(np.float64), lesson.present[group]


def _told(
    measure: NDArray[np.float64],
    known: NDArray[np.bool_],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
) -> tuple[float, float] | None:
    """Slope and correlation in one video; None where it has nothing to say."""
    if known.sum() < _LEAST_CELLS:
        return None
    change = after[known].astype(np.float64) - before[known]
    values = measure[known]
    spread, moved, usual = float(values.std()), float(change.std()), float(before.std())
    if spread < 1e-9 or usual < 1e-9:
        return None
    if moved < 1e-9:
        return 0.0, 0.0
    together = float(np.mean((values - values.mean()) * (change - change.mean())))
    return together / (spread * usual), together / (spread * moved)


def _clear(slopes: NDArray[np.float64], agreements: NDArray[np.float64], seed: int) -> bool:
    if not len(slopes) or abs(slopes.mean()) < _LEAST_CHANGE:
        return False
    if abs(agreements.mean()) < _LEAST_AGREEMENT:
        return False
    if len(slopes) < _CERTAIN:
        sign = np.sign(agreements.mean())
        return bool((sign * agreements >= _LEAST_AGREEMENT).all())
    videos = [str(number) for number in range(len(slopes))]
    interval = over_speakers(lambda picked: float(slopes[picked].mean()), videos, seed=seed)
    return interval.low > 0 or interval.high < 0


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
