"""The page that says which models find highlights, and which do not beat what is trivial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from core.learning.highlights import pictures
from core.learning.highlights.comparison import Comparison, Finding, Row
from core.learning.highlights.measures import all_positive_f1
from core.learning.highlights.page import (
    BAD,
    GOOD,
    Command,
    Folded,
    Heading,
    Page,
    Part,
    Picture,
    Table,
    Text,
)
from core.learning.highlights.systems import FEATURE_SETS
from core.learning.highlights.tables import BINS, MEASURES, Measure
from core.learning.metrics import Interval

MOST_CURVES = 7
"""Models whose curves one picture shows."""


def write_report(
    out: Path,
    comparison: Comparison,
    *,
    title: str,
    command: str,
    facts: Mapping[str, str],
    protocol: Sequence[str],
) -> None:
    """Writes ``report.html``, ``report.md`` with its pictures, and ``report.json``.

    Args:
        out: A folder; it is made if there is none.
        comparison: What was measured.
        title: What it is about.
        command: What makes this report again.
        facts: What the corpora are, by the name of the fact.
        protocol: How it was measured, sentences.

    Raises:
        ExportError: The folder cannot be written.
    """
    page = report_page(comparison, title=title, command=command, facts=facts, protocol=protocol)
    data = {
        "title": title, "verdict": page.verdict, "command": command, "facts": dict(facts),
        "protocol": list(protocol), **comparison.as_json(),
    }  # fmt: skip
    page.write(out, "report", data)


def report_page(
    comparison: Comparison,
    *,
    title: str,
    command: str,
    facts: Mapping[str, str],
    protocol: Sequence[str],
) -> Page:
    """The report before it is written; the arguments are those of :func:`write_report`."""
    rows = _ordered(comparison.rows)
    parts: list[Part] = [
        Heading("What was measured on"),
        _facts(comparison, facts),
        *_headline(comparison, rows),
    ]
    for group in dict.fromkeys(measure.group for measure in MEASURES.values()):
        parts += _group(group, rows)
    parts += [*_curves(comparison, rows), *_domains(comparison, rows), *_seeds(comparison, rows)]
    parts += [Heading("How it was measured"), *map(Text, (*protocol, *_method(comparison)))]
    if comparison.folds:
        parts.append(_split(comparison))
    parts += [Heading("The command"), Command(command)]
    models = [row for row in rows if not row.system.trivial]
    return Page(verdict(comparison), bool(models) and not comparison.losing(), title, parts)


def verdict(comparison: Comparison) -> str:
    """Which models do not beat the best trivial row, by name, in plain words."""
    models = [row for row in comparison.rows if not row.system.trivial]
    if not models:
        return "No model was measured: all that is here learns nothing."
    sentences = [_verdict(comparison, models, comparison.headline)]
    if comparison.headline != "f1":
        sentences.append(_verdict(comparison, models, "f1"))
    return " ".join(sentences)


def _verdict(comparison: Comparison, models: Sequence[Row], name: str) -> str:
    losing, measure = comparison.losing(name), MEASURES[name]
    against = models[0].findings[name].against
    best = next(row for row in comparison.rows if row.system.label == against)
    rival = f"the best trivial row, {against} ({_value(best.findings[name].interval, measure)})"
    if not losing:
        return f"In {measure.title}, every model row beats {rival}."
    who = "no model row beats" if len(losing) == len(models) else "these model rows do not beat"
    others = len(models) - len(losing)
    rest = f" The other {others} do{'es' if others == 1 else ''}." if others else ""
    return f"In {measure.title}, {who} {rival}: {'; '.join(losing)}.{rest}"


def _ordered(rows: Sequence[Row]) -> list[Row]:
    """Models by feature set, then what is trivial."""
    places = {name: place for place, name in enumerate(FEATURE_SETS)}
    return sorted(rows, key=lambda row: places.get(row.system.features, len(places)))


def _facts(comparison: Comparison, facts: Mapping[str, str]) -> Table:
    domains = ", ".join(f"{name} {size}" for name, size in comparison.domains.items())
    p = comparison.prevalence
    known = {
        "videos": f"{sum(comparison.domains.values())} ({domains})",
        "labelled cells": f"{comparison.cells}, the same for every row",
        "natural prevalence": f"{p:.1%} of the cells are positive; claiming everything has "
        f"F1 2p / (1 + p) = {all_positive_f1(p):.1%}",
        "label": f"{comparison.combination} of the annotators",
    }
    return Table(("", ""), list({**facts, **known}.items()), words=2)


def _headline(comparison: Comparison, rows: Sequence[Row]) -> list[Part]:
    name, measure = comparison.headline, MEASURES[comparison.headline]
    unit = " %" if measure.share else ""
    lines = []
    for row in rows:
        found = row.findings[name]
        mark = "" if row.system.trivial else (GOOD if found.beats_trivial else BAD)
        compared = [_value(found.difference, measure, sign=True), _ends(found.difference, measure)]
        if row.system.label == found.against:
            compared, mark = ["best trivial", ""], ""
        lines.append([
            row.system.name, row.system.features, _value(found.interval, measure),
            _ends(found.interval, measure), *compared,
            "" if row.system.label == found.against else _p(found), mark,
        ])  # fmt: skip
    best = rows[0].findings[name].against
    value = next(row.findings[name].interval.value for row in rows if row.system.label == best)
    picture = pictures.intervals(
        {row.system.label: (row.findings[name].interval, row.system.trivial) for row in rows},
        value, measure.title, share=measure.share,
    )  # fmt: skip
    parts: list[Part] = [
        Heading(f"{measure.title}: the five feature sets on identical rows"),
        Text(
            f"{measure.title} is {measure.meaning}. {GOOD} is a row whose difference to the best "
            f"trivial row ({best}), on the same resampled videos, has its whole 95 % interval "
            "above 0."
        ),
        Table(
            ("system", "features", f"{measure.title}{unit}", "95 %", "difference", "95 %", "p",
             "beats trivial"),
            lines, words=2, muted=_trivial(rows),
        ),
    ]  # fmt: skip
    measured = {row.system.features for row in rows}
    if lacking := [features for features in FEATURE_SETS if features not in measured]:
        parts.append(Text(f"Not measured here: {', '.join(lacking)}."))
    return [*parts, Picture("intervals.png", picture, f"{measure.title} with 95 % intervals.")]


def _group(group: str, rows: Sequence[Row]) -> list[Part]:
    names = [name for name, measure in MEASURES.items() if measure.group == group]
    lines = [
        [
            row.system.name,
            row.system.features,
            *(_cell(row, name) for name in names),
        ]
        for row in rows
    ]
    titles = [f"{MEASURES[name].title}{' %' if MEASURES[name].share else ''}" for name in names]
    meanings = "; ".join(f"{MEASURES[name].title}: {MEASURES[name].meaning}" for name in names)
    return [
        Heading(group),
        Text(f"{meanings}."),
        Table(("system", "features", *titles), lines, words=2, muted=_trivial(rows)),
    ]


def _cell(row: Row, name: str) -> str:
    found, measure = row.findings[name], MEASURES[name]
    text = f"{_value(found.interval, measure)} ({_ends(found.interval, measure)})"
    if row.system.trivial or not measure.decides:
        return text
    return f"{text} {GOOD if found.beats_trivial else BAD}"


def _curves(comparison: Comparison, rows: Sequence[Row]) -> list[Part]:
    name = comparison.headline
    models = [row for row in rows if not row.system.trivial]
    best = sorted(models, key=lambda row: -np.nan_to_num(row.findings[name].interval.value))
    drawn = {row.system.label for row in best[:MOST_CURVES]} | {rows[0].findings[name].against}
    curves = [
        pictures.Curves(row.system.label, row.system.trivial, row.sweep, row.roc)
        for row in rows
        if row.system.label in drawn
    ]
    p = comparison.prevalence
    all_positive = all_positive_f1(p)
    parts: list[Part] = [
        Heading("Over all thresholds"),
        Text("All cells at their natural prevalence, over all seeds; grey is the trivial row."),
        Picture("roc.png", pictures.roc(curves, "ROC"), "Receiver operating characteristic."),
        Picture(
            "precision-recall.png",
            pictures.precision_recall(curves, p, "Precision and recall"),
            "Precision against recall over the thresholds.",
        ),
        Picture(
            "f1.png",
            pictures.f1_over_thresholds(curves, all_positive, "F1 by threshold"),
            "F1 over the thresholds; the threshold of a row was chosen on validation videos.",
        ),
    ]
    if len(models) > MOST_CURVES:
        parts.append(
            Text(f"Curves of the {MOST_CURVES} models with the highest {MEASURES[name].title}.")
        )
    return parts


def _domains(comparison: Comparison, rows: Sequence[Row]) -> list[Part]:
    measure = MEASURES[comparison.headline]
    if len(comparison.domains) < 2:
        return []
    header = [f"{name} ({size})" for name, size in comparison.domains.items()]
    lines = [
        [
            row.system.name,
            row.system.features,
            *(_shown(row.domains[name], measure) for name in comparison.domains),
        ]
        for row in rows
    ]
    return [
        Heading(f"{measure.title} by domain"),
        Table(("system", "features", *header), lines, words=2, muted=_trivial(rows)),
    ]


def _seeds(comparison: Comparison, rows: Sequence[Row]) -> list[Part]:
    measure = MEASURES[comparison.headline]
    lines = []
    for row in rows:
        seeds = row.findings[comparison.headline].seeds
        chosen = [value for part in row.system.thresholds for value in part.values()]
        lines.append([
            row.system.name, row.system.features, row.system.choice,
            ", ".join(_shown(value, measure) for value in seeds),
            _shown(float(np.std(seeds, ddof=1)), measure) if len(seeds) > 1 else "–",
            f"{min(chosen):.2f} to {max(chosen):.2f}",
        ])  # fmt: skip
    return [
        Heading("Seeds, thresholds and how settings were chosen"),
        Table(
            ("system", "features", "choice", f"{measure.title} of each seed", "spread",
             "thresholds"),
            lines, words=4, muted=_trivial(rows),
        ),
    ]  # fmt: skip


def _method(comparison: Comparison) -> list[str]:
    resampling = (
        f"Intervals and p are from {comparison.rounds} resamplings of whole videos, the same for "
        "every row. They hold what other videos would change, not what other seeds would; p is "
        "not corrected for the number of rows. Values are means of the seeds."
    )
    sentences = [
        "Thresholds came with the scores, chosen on validation videos; here nothing is chosen.",
        resampling,
        "In mAP, top-5 mAP and the hits equal scores keep the order of time.",
        f"Pooled AP and AUC are exact; their intervals see scores in {BINS} steps.",
    ]
    if not comparison.folds:
        sentences.append("No split was given, so nobody checked who was learned from.")
    return [*sentences, *comparison.notes]


def _split(comparison: Comparison) -> Folded:
    lines = [
        [
            fold.name,
            str(len(fold.train)),
            str(len(fold.validation)),
            str(len(fold.test)),
            ", ".join(sorted(name for _, name in fold.test)),
        ]
        for fold in comparison.folds
    ]
    header = ("fold", "learned from", "chosen by", "tested", "tested videos")
    return Folded(
        f"The split: {len(lines)} fold{'' if len(lines) == 1 else 's'}",
        [Table(header, lines, words=5)],
    )


def _trivial(rows: Sequence[Row]) -> frozenset[int]:
    return frozenset(number for number, row in enumerate(rows) if row.system.trivial)


def _value(interval: Interval, measure: Measure, *, sign: bool = False) -> str:
    return _shown(interval.value, measure, sign=sign)


def _ends(interval: Interval, measure: Measure) -> str:
    return f"{_shown(interval.low, measure)} to {_shown(interval.high, measure)}"


def _shown(value: float, measure: Measure, *, sign: bool = False) -> str:
    if not np.isfinite(value):
        return "–"
    plus = "+" if sign else ""
    return f"{100 * value:{plus}.1f}" if measure.share else f"{value:{plus}.3f}"


def _p(found: Finding) -> str:
    return f"{found.p:.3f}" if np.isfinite(found.p) else "–"
