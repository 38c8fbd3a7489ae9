"""Whether asked moments teach more than drawn ones or the curve's suggestions: simulated editors.

All ways get the same number of answers about the same video. What is left of a video differs by
way, so that the gain is also told on what none of the ways has asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.learning.personal.propagation import Kernel, PropagationSettings, standing
from core.learning.personal.questions import most_telling
from core.learning.personal.simulated_video import (
    Kinds,
    ScoredVideo,
    decided_cells,
    follows,
    gain,
    generator,
)
from core.learning.personal.within_measuring import Gains, WithinPlan

DRAWN, SUGGESTED, ASKED = "drawn at random", "first suggestions", "asked"
ASKING = (DRAWN, SUGGESTED, ASKED)
PROMISES = (0.0, 0.5, 1.0)
"""How much promising moments are preferred; chosen out of these by the other kinds."""
SPAN = 3
"""Clips of a question of several clips."""


@dataclass(frozen=True)
class Asking:
    """How much is asked.

    Attributes:
        share: Of the clips, one by one; 0 for a number of spans.
        spans: Of :data:`SPAN` clips each; 0 for a share.
    """

    share: float = 0.0
    spans: int = 0

    def answers(self, video: ScoredVideo) -> int:
        """How many clips are answered."""
        return self.spans * SPAN if self.spans else max(1, round(self.share * len(video.base)))

    @property
    def width(self) -> int:
        """Clips of one question."""
        return SPAN if self.spans else 1

    @property
    def title(self) -> str:
        return f"{self.spans} spans of {SPAN} clips" if self.spans else f"{self.share:.0%} of clips"


ASKINGS = (Asking(share=0.1), Asking(share=0.2), Asking(spans=3), Asking(spans=5))
_LEAST_REST = 3
"""Spans are asked about where they are a third of the video at the most."""


def asked_cells(
    video: ScoredVideo, asking: Asking, promise: float, settings: PropagationSettings
) -> NDArray[np.bool_]:
    """The clips that are asked about when nothing was decided yet, ``(T,) bool``."""
    width = asking.width
    starts = np.arange(0, len(video.base) - width + 1)
    kernel = Kernel(len(video.base), video.groups, video.present, video.step, settings)
    covariance = kernel.between(starts + width // 2)
    height = np.convolve(standing(video.base), np.ones(width) / width, mode="valid")
    chosen = most_telling(
        covariance,
        settings.noise / width,
        np.exp(promise * height),
        asking.answers(video) // width,
        starts,
        width,
    )
    asked = np.zeros(len(video.base), bool)
    for index, _ in chosen:
        asked[starts[index] : starts[index] + width] = True
    return asked


def measure_asking(
    kinds: Kinds,
    settings: dict[str, PropagationSettings],
    plan: WithinPlan | None = None,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, list[Gains]], dict[str, list[Gains]]]:
    """The gain by way of asking and by how much is asked.

    Args:
        kinds: The videos.
        settings: How decisions spread, by the kind that is left out.
        plan: How many draws.
        progress: Receives the fraction that is done, 0…1, and the kind that is left out.
        cancelled: Asked before each video.

    Returns:
        On the rest of each way, and on what no way has asked about; each by the title of
        :data:`ASKINGS`, in the order of :data:`ASKING`; without those that no video is long
        enough for.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    plan = plan or WithinPlan()
    own: dict[tuple[str, str], dict[str, NDArray[np.float64]]] = {}
    common: dict[tuple[str, str], dict[str, NDArray[np.float64]]] = {}
    for index, kind in enumerate(kinds.names):
        progress(index / len(kinds.names), kind)
        inside = [video for videos in kinds.inside(kind).values() for video in videos]
        for asking in ASKINGS:
            promise = max(PROMISES, key=_worth(inside, asking, settings[kind], cancelled))
            rows = _asked(kinds.tested(kind), asking, promise, settings[kind], plan, cancelled)
            for place, way in enumerate(ASKING):
                own.setdefault((asking.title, way), {})[kind] = rows[0, place]
                common.setdefault((asking.title, way), {})[kind] = rows[1, place]
    return _listed(own), _listed(common)


def _listed(
    found: dict[tuple[str, str], dict[str, NDArray[np.float64]]],
) -> dict[str, list[Gains]]:
    listed = {
        asking.title: [
            Gains(way, asking.title, asking.share, 0, found[asking.title, way]) for way in ASKING
        ]
        for asking in ASKINGS
    }
    return {title: gains for title, gains in listed.items() if all(one.known for one in gains)}


def _worth(
    inside: Sequence[ScoredVideo],
    asking: Asking,
    settings: PropagationSettings,
    cancelled: Callable[[], bool],
) -> Callable[[float], float]:
    def worth(promise: float) -> float:
        if cancelled():
            raise Cancelled
        values: dict[str, list[float]] = {}
        for video in _askable(inside, asking):
            asked = asked_cells(video, asking, promise, settings)
            scores = follows(settings)(video, video.wanted(asked))
            values.setdefault(video.domain, []).append(gain(video, scores, ~asked))
        known = [np.asarray(one)[np.isfinite(one)] for one in values.values()]
        return float(np.mean([one.mean() for one in known if one.size] or [0.0]))

    return worth


def _asked(
    videos: Sequence[ScoredVideo],
    asking: Asking,
    promise: float,
    settings: PropagationSettings,
    plan: WithinPlan,
    cancelled: Callable[[], bool],
) -> NDArray[np.float64]:
    """``(2, 3, V, D)``: on its own rest and on the common one, by way, video and draw."""
    scorer = follows(settings)
    draws = list(product(plan.seeds, range(plan.draws)))
    there = _askable(videos, asking)
    found = np.full((2, len(ASKING), len(there), len(draws)), np.nan)
    for row, video in enumerate(there):
        if cancelled():
            raise Cancelled
        answers = asking.answers(video)
        share = answers / len(video.base)
        fixed = {
            SUGGESTED: decided_cells(video, "suggestions", share, generator(video, 0, 0)),
            ASKED: asked_cells(video, asking, promise, settings),
        }
        scores = {way: scorer(video, video.wanted(cells)) for way, cells in fixed.items()}
        for column, (seed, draw) in enumerate(draws):
            drawn = _drawn(video, asking, generator(video, seed, draw))
            cells = {DRAWN: drawn, **fixed}
            told = {DRAWN: scorer(video, video.wanted(drawn)), **scores}
            common = ~np.any([*cells.values()], axis=0)
            for place, way in enumerate(ASKING):
                found[0, place, row, column] = 100 * gain(video, told[way], ~cells[way])
                found[1, place, row, column] = 100 * gain(video, told[way], common)
    return found


def _askable(videos: Sequence[ScoredVideo], asking: Asking) -> list[ScoredVideo]:
    if not asking.spans:
        return list(videos)
    return [v for v in videos if len(v.base) >= _LEAST_REST * asking.answers(v)]


def _drawn(video: ScoredVideo, asking: Asking, random: np.random.Generator) -> NDArray[np.bool_]:
    """As many spans as are asked about, none over another."""
    width, cells = asking.width, len(video.base)
    count = asking.answers(video) // width
    # Spans without room between them, drawn, and the room given back.
    begins = np.sort(random.permutation(cells - count * (width - 1))[:count])
    begins += np.arange(count) * (width - 1)
    drawn = np.zeros(cells, bool)
    for begin in begins:
        drawn[begin : begin + width] = True
    return drawn
