"""Which systems find highlights better than what knows nothing, on the same videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.measures import Counts, Sweep, all_positive_f1
from core.learning.highlights.systems import Fold, Key, System, check_systems, checked_folds
from core.learning.highlights.tables import MEASURES, Table, resampled
from core.learning.metrics import Interval

__all__ = ("Comparison", "Finding", "Fold", "Key", "Row", "System", "compare")


@dataclass(frozen=True)
class Finding:
    """One measure of one system.

    Args:
        interval: Mean over the seeds, and the 95 % interval over resampled videos.
        seeds: The value of each seed.
        against: Label of the trivial system that is best in this measure.
        difference: How far this system is above that one, on the same resampled videos.
        p: Two-sided, of no difference.
        beats_trivial: The whole interval of the difference is above 0.
    """

    interval: Interval
    seeds: tuple[float, ...]
    against: str
    difference: Interval
    p: float
    beats_trivial: bool

    def as_json(self) -> dict[str, Any]:
        """Plain data; null where there is no value."""
        return {
            **self.interval.as_json(),
            "seeds": [_number(value) for value in self.seeds],
            "against": self.against,
            "difference": self.difference.as_json(),
            "p": _number(self.p),
            "beats_trivial": self.beats_trivial,
        }


@dataclass(frozen=True, eq=False)
class Row:
    """Everything that was found about one system.

    Args:
        system: What was measured.
        findings: By the names of :data:`MEASURES`.
        counts: Claims on all cells, one per seed.
        domains: The headline measure by domain, mean over the seeds.
        sweep: Over thresholds, the cells of all seeds together.
        roc: ``(201,) float64`` true positive rates at :data:`FALSE_ALARMS`, mean over the seeds.
    """

    system: System
    findings: Mapping[str, Finding]
    counts: tuple[Counts, ...]
    domains: Mapping[str, float]
    sweep: Sweep
    roc: NDArray[np.float64]

    def as_json(self) -> dict[str, Any]:
        """Plain data; null where there is no value."""
        system = self.system
        return {
            "label": system.label,
            "name": system.name,
            "features": system.features,
            "trivial": system.trivial,
            "choice": system.choice,
            "measures": {name: found.as_json() for name, found in self.findings.items()},
            "thresholds": [
                [_number(value) for value in sorted(set(chosen.values()))]
                for chosen in system.thresholds
            ],
            "claims": [asdict(counts) for counts in self.counts],
            "by_domain": {name: _number(value) for name, value in self.domains.items()},
            "sweep": {
                name: [_number(value) for value in getattr(self.sweep, name)]
                for name in ("precision", "recall", "f1")
            },
            "roc": [_number(value) for value in self.roc],
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """Systems on identical rows.

    Args:
        headline: The measure that decides, a name of :data:`MEASURES`.
        combination: How one label was made of several annotators'.
        rows: One per system, in the order that they were given in.
        domains: Videos by domain.
        cells: Labelled cells.
        prevalence: Share of them that is positive.
        folds: The split, where one was given.
        rounds: How often the videos were resampled.
        notes: What was done otherwise than usual, and why; sentences.
    """

    headline: str
    combination: str
    rows: tuple[Row, ...]
    domains: Mapping[str, int]
    cells: int
    prevalence: float
    folds: tuple[Fold, ...]
    rounds: int
    notes: tuple[str, ...]

    def losing(self, measure: str | None = None) -> list[str]:
        """Labels of the models that do not beat the best trivial system in a measure."""
        return [
            row.system.label
            for row in self.rows
            if not row.system.trivial
            and not row.findings[measure or self.headline].beats_trivial
        ]  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Plain data; null where there is no value."""
        return {
            "headline": self.headline,
            "combination": self.combination,
            "videos": sum(self.domains.values()),
            "domains": dict(self.domains),
            "cells": self.cells,
            "prevalence": _number(self.prevalence),
            "all_positive_f1": _number(all_positive_f1(self.prevalence)),
            "rounds": self.rounds,
            "notes": list(self.notes),
            "does_not_beat_trivial": self.losing(),
            "systems": [row.as_json() for row in self.rows],
            "split": [
                {
                    "name": fold.name,
                    **{
                        part: sorted(list(key) for key in getattr(fold, part))
                        for part in ("train", "validation", "test")
                    },
                }
                for fold in self.folds
            ],
        }


def compare(
    videos: Sequence[LabelledVideo],
    systems: Sequence[System],
    *,
    headline: str,
    combination: str = "mean",
    split: Mapping[Key, Fold] | None = None,
    rounds: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Measures systems on the same cells and tells which beat the best trivial one.

    Intervals are over videos: those of one group are drawn together, and those of each domain by
    themselves where there are enough. Seeds are averaged before, so an interval does not hold
    what another seed would change; the seeds' values stand beside it.

    Args:
        videos: The test videos, in any order.
        systems: Models and trivial systems, among them :data:`ALWAYS`.
        headline: The measure that decides, a name of :data:`MEASURES`.
        combination: How one label is made of several annotators'; agreement and top-5 mAP are
            always with each annotator.
        split: The fold that tested each video.
        rounds: How often the videos are resampled.
        seed: Of the resampling.

    Raises:
        UsageError: The systems did not score exactly the cells of the videos, with numbers from
            0 to 1; a fold learned from, or chose by, what it tested; a trivial system is missing;
            or all cells are alike.
    """
    if headline not in MEASURES:
        raise UsageError(
            f"there is no measure {headline!r}", remedy=f"Choose out of {', '.join(MEASURES)}."
        )
    videos = sorted(videos, key=lambda video: video.key)
    check_systems(videos, systems)
    folds = checked_folds(videos, split) if split is not None else ()
    table = Table(videos, systems, combination)
    draws, notes = resampled(videos, rounds, seed)
    of_seeds = {
        (index, name): [table.draws(name, run, draws) for run in table.runs_of(index)]
        for index in range(len(systems))
        for name in MEASURES
    }
    means = {key: np.mean(values, axis=0) for key, values in of_seeds.items()}
    rivals = {name: _best_trivial(systems, name, means) for name in MEASURES}
    domains = sorted({video.domain for video in videos})
    members = np.array([[video.domain == name for video in videos] for name in domains], float)
    rows = []
    for index, system in enumerate(systems):
        findings = {
            name: _finding(
                means[index, name], [float(values[0]) for values in of_seeds[index, name]],
                means[rivals[name], name], systems[rivals[name]].label,
                len(videos),
            )
            for name in MEASURES
        }  # fmt: skip
        runs = table.runs_of(index)
        parts = np.mean([table.draws(headline, run, members) for run in runs], axis=0)
        rows.append(
            Row(
                system, findings, tuple(table.counts(run) for run in runs),
                dict(zip(domains, parts.tolist(), strict=True)), *table.curves(runs),
            )
        )  # fmt: skip
    sizes = {name: int(row.sum()) for name, row in zip(domains, members, strict=True)}
    return Comparison(
        headline, combination, tuple(rows), sizes, len(table.positive),
        float(table.positive.mean()), folds, rounds, notes,
    )  # fmt: skip


def _best_trivial(
    systems: Sequence[System], measure: str, means: Mapping[tuple[int, str], NDArray[np.float64]]
) -> int:
    trivial = [index for index, system in enumerate(systems) if system.trivial]
    return max(trivial, key=lambda index: np.nan_to_num(means[index, measure][0], nan=-np.inf))


def _finding(
    draws: NDArray[np.float64],
    seeds: Sequence[float],
    rival: NDArray[np.float64],
    against: str,
    videos: int,
) -> Finding:
    difference = _interval(draws - rival)
    known = (draws - rival)[1:]
    known = known[np.isfinite(known)]
    tail = min(np.sum(known <= 0), np.sum(known >= 0))
    p = min(1.0, 2 * (1 + tail) / (1 + len(known))) if len(known) else float("nan")
    # No test of signs can be surer with so few videos.
    p = max(p, 2.0 ** (1 - videos))
    return Finding(
        _interval(draws), tuple(seeds), against, difference, float(p), bool(difference.low > 0)
    )


def _interval(draws: NDArray[np.float64]) -> Interval:
    """The first is the value, the others are resampled."""
    known = draws[1:][np.isfinite(draws[1:])]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return Interval(float(draws[0]), float(low), float(high))


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
