"""The report on corrections within one video: what they gain, and whether asking pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.learning.highlights.page import Command, Heading, Page, Part, Table, Text
from core.learning.highlights.readers import read_benchmark
from core.learning.highlights.sequences import read_sequences
from core.learning.personal.propagation import PropagationSettings
from core.learning.personal.simulated_questions import ASKED, ASKING, measure_asking
from core.learning.personal.simulated_video import BOTH, NEAREST, ONE_BY_ONE, Kinds, Options
from core.learning.personal.within_measuring import Gains, WithinPlan, measure_following, pick

AIM = 4.0
"""Points on the rest of a video of which a fifth was corrected, that were aimed at."""
REPORT = "within-video"


@dataclass(frozen=True, eq=False)
class Within:
    """What was measured.

    Attributes:
        following: The gains of every way to follow decisions.
        chosen: The settings that the other kinds chose, by the kind left out.
        asking: By how much is asked, the gain of each way of asking on its own rest.
        asking_common: The same on what no way has asked about.
        plan: How it was measured.
    """

    following: Sequence[Gains]
    chosen: Mapping[str, PropagationSettings]
    asking: Mapping[str, Sequence[Gains]]
    asking_common: Mapping[str, Sequence[Gains]]
    plan: WithinPlan


def run_within(
    corpus: Path,
    plan: WithinPlan | None = None,
    *,
    options: Options | None = None,
    published: bool | None = None,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Within:
    """Measures on a benchmark what corrections within a video are worth.

    Args:
        corpus: Folder of a benchmark, as YouTube Highlights.
        plan: How.
        options: The ways to follow decisions; by default all of them.
        published: By the published split, or on all videos of a kind; by default on all where
            labels are grades: TVSum's split tests one video of each kind.
        progress: Receives the fraction that is done, 0…1, and what is being done.
        cancelled: Asked often.

    Raises:
        CorpusError: The folder holds no benchmark.
        UsageError: It has no published split, or too few kinds of videos.
        Cancelled: ``cancelled()`` returned true.
    """
    plan = plan or WithinPlan()

    def part(begin: float, end: float) -> Callable[[float, str], None]:
        return lambda fraction, message: progress(begin + (end - begin) * fraction, message)

    videos = read_benchmark(corpus)
    if published is None:
        published = not any(video.graded for video in videos)
    sequences = read_sequences(videos, progress=part(0.0, 0.05), cancelled=cancelled)
    kinds = Kinds(sequences, published=published, progress=part(0.05, 0.2), cancelled=cancelled)
    following, chosen = measure_following(
        kinds, plan, options=options, progress=part(0.2, 0.85), cancelled=cancelled
    )
    own, common = measure_asking(kinds, chosen, plan, progress=part(0.85, 1.0), cancelled=cancelled)
    return Within(following, chosen, own, common, plan)


def write_within(within: Within, folder: Path, *, command: str = "") -> list[Path]:
    """Writes ``within-video.html`` and ``within-video.md``.

    Args:
        within: What was measured.
        folder: Made if there is none.
        command: What was typed to measure it.

    Returns:
        The files.

    Raises:
        ExportError: The folder cannot be written.
    """
    return within_page(within, command=command).write(folder, REPORT)


def within_page(within: Within, *, command: str = "") -> Page:
    """The page of the report."""
    share = max(within.plan.shares)
    headline = pick(within.following, share=share, apart=0)
    nearest = pick(within.following, system=NEAREST, share=share, apart=0)
    parts: list[Part] = [Text(_METHOD), *([Command(command)] if command else [])]
    for apart in dict.fromkeys((0, within.plan.apart)):
        parts.append(
            Heading(
                "Points of mean average precision gained on the rest of the video"
                + (f", {apart} clip beside every decided one left out" if apart else "")
            )
        )
        if apart:
            parts.append(Text(_APART))
        parts.append(_gains([one for one in within.following if one.apart == apart]))
    parts += [
        Heading("By kind of videos: time and features"),
        _kinds(within),
        Heading("The settings that the other kinds chose"),
        _chosen(within.chosen),
        Heading("Does asking pay? The same number of answers, on what no way has asked about"),
        Text(_ASKING),
        _asking(within),
    ]
    verdict = (
        f"{share:.0%} of a video corrected: {headline.mean:+.1f} points on the rest "
        f"({AIM:+.0f} were aimed at; {nearest.mean:+.1f} by the nearest decided clip alone)."
    )
    return Page(verdict, headline.mean >= AIM, "Corrections within one video", parts)


_METHOD = (
    "Simulated editors on videos of a kind that nothing was learned from. The curve is that of the "
    "ranker of all other kinds; its settings and those that decisions spread with were chosen by "
    "the same simulation among the other kinds only. A video whose rest holds no positive or no "
    "negative clip is left out. Means over draws, then videos, then kinds; the intervals (95 %) "
    'resample the videos of each kind. Only "as shipped" was not chosen so: these settings were '
    "looked for on the videos of two benchmarks, of which this may be one."
)
_APART = (
    "Neighbouring clips of YouTube Highlights share half of their frames, and their labels follow "
    "one another: much of what is gained one by one is that. Here, the clips that share frames "
    "with a decided one are left out of the rest."
)
_ASKING = (
    "Asked moments are those whose answers tell most about all others, promising ones first; how "
    "much first was chosen by the other kinds. Clips one by one, or spans of several clips."
)


def _gains(gains: Sequence[Gains]) -> Table:
    rows = [
        [
            one.way, f"{one.share:.0%}", one.system, _interval(one),
            f"{one.better:.0%}", f"{one.worse:.0%}",
            "{} {:+.1f}".format(*min(one.of_kinds.items(), key=lambda pair: pair[1])),
            f"{one.worst_draw:+.1f}",
        ]
        for one in sorted(gains, key=lambda one: (one.way, one.share))
    ]  # fmt: skip
    muted = frozenset(index for index, row in enumerate(rows) if row[2] != BOTH)
    header = (
        "decided", "share", "followed by", "gain", "videos better", "videos worse",
        "worst kind", "worst draw",
    )  # fmt: skip
    return Table(header, rows, words=3, muted=muted)


def _interval(gains: Gains) -> str:
    found = gains.interval()
    return f"{found.value:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"


def _kinds(within: Within) -> Table:
    shown = [pick(within.following, share=share, apart=0) for share in within.plan.shares]
    names = sorted(shown[0].of_kinds)
    rows = [[name, *(f"{one.of_kinds.get(name, 0.0):+.1f}" for one in shown)] for name in names]
    return Table(("kind", *(f"{ONE_BY_ONE}, {one.share:.0%}" for one in shown)), rows)


def _chosen(chosen: Mapping[str, PropagationSettings]) -> Table:
    rows = [
        [
            kind, f"{settings.prior:g}", f"{settings.noise:g}",
            ", ".join(f"{name} {reach.weight:g}" for name, reach in settings.alike.items()),
        ]
        for kind, settings in sorted(chosen.items())
    ]  # fmt: skip
    return Table(("kind left out", "prior", "noise", "likeness"), rows)


def _asking(within: Within) -> Table:
    rows = [
        [title, own.system, _interval(common), _interval(own), f"{own.better:.0%}"]
        for title in within.asking
        if title in within.asking_common
        for own, common in zip(within.asking[title], within.asking_common[title], strict=True)
    ]
    muted = frozenset(index for index, row in enumerate(rows) if row[1] != ASKED)
    header = ("answers", f"chosen ({len(ASKING)} ways)", "gain on what none asked about",
              "gain on its own rest", "videos better")  # fmt: skip
    return Table(header, rows, words=2, muted=muted)
