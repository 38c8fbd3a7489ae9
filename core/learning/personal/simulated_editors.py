"""Editors made of a public benchmark: what corrected videos of an unseen kind are worth.

Each domain is unseen in turn. The shipped weights are learned from the published training parts of
all others; an editor corrects some videos of the unseen domain's training part; what is gained is
measured on its published test part. The penalty is chosen without the unseen domain: each of the
others plays the unseen one in turn, on its training part, beside weights that know neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from core.analysis.taste import Taste
from core.errors import Cancelled, UsageError
from core.learning.highlights.measures import published_average_precision
from core.learning.highlights.ranker import Ranker, RankerSettings, fit_ranker
from core.learning.highlights.sequences import VideoSequence
from core.learning.personal.left_out import left_out_gains, precision_gain, supported
from core.learning.personal.lessons import Lesson
from core.learning.personal.metric import FeatureMetric, Moments, fit_metric, moments
from core.learning.personal.taste_fitting import TasteSettings, fit_taste, gathered

BOLD, CAREFUL, GATED, USED, GENTLE = (
    "taste",
    "taste, careful",
    "taste, gated",
    "taste, as in the application",
    "gentle fine-tuning",
)
"""Ways of learning that are compared."""
METHODS = (BOLD, CAREFUL, GATED, USED, GENTLE)
SHARES = {"sound": 0.1, "picture": 0.8, "position": 0.01}
"""How much each group is believed to say: the benchmark's sound says little about its labels."""
LEAST_GAIN = -0.5
"""Points that a careful penalty may cost at most one draw in twenty, where it was chosen."""

_STEPS = 10
_RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
"""Of the steps of fine-tuning, over the largest curvature; larger ones hurt."""


@dataclass(frozen=True)
class SimulationPlan:
    """What is simulated.

    Attributes:
        videos: How many videos an editor corrects, each measured by itself.
        draws: Of the corrected videos, by domain and seed.
        seeds: How often all draws are made.
        penalties: To choose from.
        inner_draws: Of corrected videos, by domain, to choose a penalty by.

    Raises:
        UsageError: Nothing can be simulated so.
    """

    videos: tuple[int, ...] = (1, 3, 5, 10)
    draws: int = 10
    seeds: int = 3
    penalties: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
    inner_draws: int = 4

    def __post_init__(self) -> None:
        counts = (*self.videos, self.draws, self.seeds, self.inner_draws)
        if not self.videos or min(counts) < 1 or not self.penalties or min(self.penalties) <= 0:
            raise UsageError(
                f"no editors can be simulated by {self}",
                remedy="Ask for one video, draw and seed or more.",
            )


@dataclass(frozen=True)
class Draw:
    """One editor: some videos of one domain, and what correcting them gained.

    Attributes:
        domain: The unseen one.
        videos: Corrected.
        gains: Points of mAP on the test part over the shipped weights, by method.
    """

    domain: str
    videos: tuple[str, ...]
    gains: Mapping[str, float]


@dataclass(frozen=True)
class Simulation:
    """Everything that was found.

    Attributes:
        plan: What was asked for.
        shipped: mAP of the shipped weights on the test part, 0 to 100, by domain.
        penalties: That were chosen, by domain, method and number of videos; of fine-tuning, the
            rate of its steps.
        draws: All editors.
        everything: Points that correcting the whole training part gains, by domain.
    """

    plan: SimulationPlan
    shipped: Mapping[str, float]
    penalties: Mapping[str, Mapping[str, Mapping[int, float]]]
    draws: Sequence[Draw]
    everything: Mapping[str, float]

    def of(self, videos: int) -> list[Draw]:
        """The editors who corrected this many videos."""
        return [draw for draw in self.draws if len(draw.videos) == videos]


@dataclass(frozen=True, eq=False)
class _Shipped:
    """What is known before an editor corrects anything."""

    ranker: Ranker
    metric: FeatureMetric

    def lessons(self, sequences: Sequence[VideoSequence]) -> list[Lesson]:
        return [
            Lesson(
                video=sequence.video.name,
                groups=sequence.groups,
                present=sequence.present,
                base=self.ranker.score(sequence),
                wanted=sequence.relevance,
                weight=np.ones(sequence.video.cells, np.float32),
            )
            for sequence in sequences
        ]


def simulate_editors(
    sequences: Sequence[VideoSequence],
    plan: SimulationPlan,
    settings: TasteSettings | None = None,
    *,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Simulation:
    """Simulates editors on a benchmark with a published split.

    Args:
        sequences: All videos of the benchmark.
        plan: What is simulated.
        settings: Of the taste; the penalty is chosen here.
        progress: Receives the fraction that is done, 0…1, and the domain.
        cancelled: Asked before each draw.

    Raises:
        UsageError: There are not three domains with training and test parts, or none of them has
            enough videos for an editor.
        Cancelled: ``cancelled()`` returned true.
    """
    benchmark = _Benchmark(sequences, plan, settings or TasteSettings(shares=SHARES), cancelled)
    shipped, penalties, everything = {}, {}, {}
    draws: list[Draw] = []
    for number, domain in enumerate(benchmark.domains):
        progress(number / len(benchmark.domains), domain)
        chosen = benchmark.chosen(domain)
        known = benchmark.shipped(domain)
        test = known.lessons(benchmark.test[domain])
        shipped[domain] = 100 * float(np.mean([_precision(lesson) for lesson in test]))
        penalties[domain] = chosen
        progress((number + 0.5) / len(benchmark.domains), domain)
        draws += benchmark.editors(domain, known, test, chosen)
        largest = max(plan.videos)
        whole = known.lessons(benchmark.training[domain])
        evidence = gathered(whole, benchmark.settings, known.metric)
        taste = evidence.taste(chosen[BOLD][largest])
        everything[domain] = float(np.mean([_gain(lesson, taste) for lesson in test]))
    return Simulation(plan, shipped, penalties, draws, everything)


class _Benchmark:
    """The videos of a benchmark by domain and part, and what is learned without some domains."""

    def __init__(
        self,
        sequences: Sequence[VideoSequence],
        plan: SimulationPlan,
        settings: TasteSettings,
        cancelled: Callable[[], bool],
    ) -> None:
        self.plan, self.settings, self._cancelled = plan, settings, cancelled
        ordered = sorted(sequences, key=lambda sequence: sequence.video.key)
        self.training = _by_domain(ordered, "train")
        self.test = _by_domain(ordered, "test")
        self.domains = sorted(self.training.keys() & self.test.keys())
        fewest = min((len(self.training[name]) for name in self.domains), default=0)
        if len(self.domains) < 3 or fewest <= max(plan.videos):
            raise UsageError(
                f"{len(self.domains)} domains with {fewest} training videos or more are not enough "
                "to simulate editors",
                remedy="Use a benchmark of three domains or more with a published split, and let "
                "editors correct fewer videos.",
            )
        self._moments = {name: self._moments_of(name) for name in self.domains}
        self._shipped: dict[frozenset[str], _Shipped] = {}

    def _moments_of(self, domain: str) -> dict[str, Moments]:
        self._check()
        return moments((one.groups, one.present) for one in self.training[domain])

    def _check(self) -> None:
        if self._cancelled():
            raise Cancelled

    def shipped(self, *unseen: str) -> _Shipped:
        """What the training parts of all other domains teach."""
        key = frozenset(unseen)
        if key not in self._shipped:
            self._check()
            others = [name for name in self.domains if name not in key]
            learned = [one for name in others for one in self.training[name]]
            ranker = fit_ranker(learned, sorted(learned[0].groups), RankerSettings())
            sums = {
                group: reduce(lambda one, other: one + other, found)
                for group in sorted(learned[0].groups)
                if (found := [self._moments[name][group] for name in others])
            }
            self._shipped[key] = _Shipped(ranker, fit_metric(sums))
        return self._shipped[key]

    def chosen(self, unseen: str) -> dict[str, dict[int, float]]:
        """Penalties by method and number of videos, from editors in the other domains."""
        found: dict[tuple[int, float], list[float]] = {}
        means: dict[tuple[int, float], list[float]] = {}
        rates: dict[tuple[int, float], list[float]] = {}
        for domain in self.domains:
            if domain == unseen:
                continue
            known = self.shipped(unseen, domain)
            lessons = known.lessons(self.training[domain])
            by_name = {one.video.name: one for one in self.training[domain]}
            for videos in self.plan.videos:
                here: dict[float, list[float]] = {}
                for corrected in _draws(lessons, videos, self.plan.inner_draws, domain, 0):
                    self._check()
                    evidence = gathered(corrected, self.settings, known.metric)
                    drawn = {lesson.video for lesson in corrected}
                    rest = [lesson for lesson in lessons if lesson.video not in drawn]
                    step = _step(known.ranker, [by_name[name] for name in sorted(drawn)])
                    for rate in _RATES:
                        tuned = _tuned_gain(step(rate), rest, by_name)
                        rates.setdefault((videos, rate), []).append(tuned)
                    for penalty in self.plan.penalties:
                        taste = evidence.taste(penalty)
                        gain = float(np.mean([_gain(lesson, taste) for lesson in rest]))
                        here.setdefault(penalty, []).append(gain)
                for penalty, gains in here.items():
                    found.setdefault((videos, penalty), []).extend(gains)
                    means.setdefault((videos, penalty), []).append(float(np.mean(gains)))
        bold, careful, gentle = {}, {}, {}
        for videos in self.plan.videos:
            value = {one: float(np.mean(means[videos, one])) for one in self.plan.penalties}
            low = {one: np.percentile(found[videos, one], 5) for one in self.plan.penalties}
            bold[videos] = max(value, key=lambda one: value[one])
            safe = [one for one in self.plan.penalties if low[one] >= LEAST_GAIN]
            careful[videos] = max(safe or [max(value)], key=lambda one: value[one])
            gentle[videos] = max(_RATES, key=lambda one: float(np.mean(rates[videos, one])))
        return {BOLD: bold, CAREFUL: careful, GATED: bold, GENTLE: gentle}

    def editors(
        self,
        domain: str,
        known: _Shipped,
        test: Sequence[Lesson],
        chosen: Mapping[str, Mapping[int, float]],
    ) -> Iterator[Draw]:
        """All editors of an unseen domain."""
        lessons = known.lessons(self.training[domain])
        by_name = {one.video.name: one for one in self.training[domain]}
        tested = {one.video.name: one for one in self.test[domain]}
        for seed in range(self.plan.seeds):
            for videos in self.plan.videos:
                for corrected in _draws(lessons, videos, self.plan.draws, domain, 1 + seed):
                    self._check()
                    evidence = gathered(corrected, self.settings, known.metric)
                    gains = {
                        name: float(
                            np.mean(
                                [_gain(one, evidence.taste(chosen[name][videos])) for one in test]
                            )
                        )
                        for name in (BOLD, CAREFUL)
                    }
                    kept = supported(
                        [
                            *left_out_gains(
                                corrected,
                                replace(self.settings, penalty=chosen[GATED][videos], bolder=()),
                                known.metric,
                                cancelled=self._cancelled,
                            ).values()
                        ]
                    )
                    gains[GATED] = gains[BOLD] if kept else 0.0
                    used = fit_taste(corrected, self.settings)
                    gains[USED] = float(np.mean([_gain(one, used) for one in test]))
                    names = tuple(lesson.video for lesson in corrected)
                    step = _step(known.ranker, [by_name[name] for name in names])
                    tuned = step(chosen[GENTLE][videos])
                    gains[GENTLE] = _tuned_gain(tuned, test, tested)
                    yield Draw(domain, names, gains)


def _by_domain(sequences: Sequence[VideoSequence], part: str) -> dict[str, list[VideoSequence]]:
    found: dict[str, list[VideoSequence]] = {}
    for sequence in sequences:
        if sequence.video.split == part and (part == "test" or sequence.teaches):
            found.setdefault(sequence.video.domain, []).append(sequence)
    return found


def _draws(
    lessons: Sequence[Lesson], videos: int, draws: int, domain: str, seed: int
) -> Iterator[list[Lesson]]:
    random = np.random.default_rng([seed, videos, *domain.encode()])
    for _ in range(draws):
        yield [lessons[index] for index in sorted(random.permutation(len(lessons))[:videos])]


def _gain(lesson: Lesson, taste: Taste) -> float:
    return precision_gain(lesson, taste.apply(lesson.groups, lesson.present, lesson.base))


def _precision(lesson: Lesson) -> float:
    known = lesson.known
    return published_average_precision(lesson.wanted[known] > 0.5, lesson.base[known])


def _tuned_gain(
    ranker: Ranker, lessons: Sequence[Lesson], sequences: Mapping[str, VideoSequence]
) -> float:
    return float(
        np.mean([precision_gain(one, ranker.score(sequences[one.video])) for one in lessons])
    )


def _step(ranker: Ranker, sequences: Sequence[VideoSequence]) -> Callable[[float], Ranker]:
    """Small steps of gradient descent from the shipped weights, by their rate."""
    matrix, right = np.zeros((len(ranker.shared),) * 2), np.zeros(len(ranker.shared))
    for sequence in sequences:
        parts = [
            share * sequence.groups[name] @ ranker.bases[name]
            for name, share in ranker.shares.items()
        ]
        rows = np.concatenate(parts, axis=1)[sequence.known].astype(np.float64)
        rows -= rows.mean(axis=0)
        matrix += rows.T @ rows / (len(rows) * len(sequences))
        right += rows.T @ sequence.relevance[sequence.known] / (len(rows) * len(sequences))
    curvature = max(float(np.linalg.eigvalsh(matrix)[-1]), 1e-12)

    def tuned(rate: float) -> Ranker:
        weights = ranker.shared.copy()
        for _ in range(_STEPS):
            weights += rate / curvature * (right - matrix @ weights)
        return replace(ranker, shared=weights, domains={})

    return tuned
