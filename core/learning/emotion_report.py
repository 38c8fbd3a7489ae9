"""The measures of speech emotion, corpus by corpus, each beside its trivial baselines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.files import replace_file
from core.learning import pictures
from core.learning.corpora import AROUSAL_VALENCE, Utterance
from core.learning.metrics import (
    area_under_curve,
    concordance,
    confusion_matrix,
    macro_f1,
    mean_absolute_error,
    over_speakers,
    paired_difference,
    pearson,
    recalls,
    unweighted_recall,
)
from core.learning.recogniser import AROUSAL, VALENCE
from core.networks.emotion_classes import EMOTIONS, LABELS

HIGH_AROUSAL = 0.3
"""Arousal from which speech counts as excited: midway between the places of calm categories
(neutral 0) and of excited ones (fear and happiness 0.6). Fixed beforehand."""

LEAST_OF_CLASS = 10
"""Utterances that a class needs to count in the recall of the classes."""

HAPPY, SAD, NEUTRAL = (LABELS.index(name) for name in ("happy", "sad", "neutral"))
BOREDOM = LABELS.index("boredom")

Measure = Callable[["Run", NDArray[np.int64]], float]


@dataclass(frozen=True)
class Run:
    """What was said of utterances that the network had not heard, row by row.

    Args:
        rows: (N,) int64, which utterance of the table.
        claims: (N, CLAIMS) float32; NaN where nothing was heard.
        loudness: (N,) float64: arousal that the loudness alone stands for.
        loud: (N,) bool: whether the loudness alone calls the arousal high.
    """

    rows: NDArray[np.int64]
    claims: NDArray[np.float32]
    loudness: NDArray[np.float64]
    loud: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[Run]) -> Run:
        """The folds of a cross-validation as one, in the order of the table.

        Raises:
            UsageError: An utterance was claimed twice.
        """
        rows = np.concatenate([part.rows for part in parts])
        if len(set(rows.tolist())) != len(rows):
            raise UsageError("an utterance was tested twice")
        order = np.argsort(rows)
        return cls(
            rows[order],
            np.concatenate([part.claims for part in parts])[order],
            np.concatenate([part.loudness for part in parts])[order],
            np.concatenate([part.loud for part in parts])[order],
        )

    def among(self, chosen: NDArray[np.int64]) -> Run:
        """Some of the rows; what was not heard counts as neutral."""
        claims = self.claims[chosen].copy()
        silent = np.isnan(claims[:, 0])
        claims[silent] = 0.0
        claims[silent, NEUTRAL] = 1.0
        return Run(self.rows[chosen], claims, self.loudness[chosen], self.loud[chosen])


def report_rows(
    utterances: Sequence[Utterance],
    runs: Sequence[Run],
    references: Mapping[str, NDArray[np.float32]],
) -> dict[str, Any]:
    """One row per corpus and measure: the value with its interval, and the references' values.

    Args:
        utterances: The table that the claims' rows point into.
        runs: One per seed, all about the same rows. The interval is that of the first; the mean
            over the seeds stands beside it.
        references: Claims (N, CLAIMS) about the rows of the runs by the name of who made them.

    Returns:
        ``results``: rows; ``confusion``: for each corpus with classes ``labels``, ``matrix`` and
        ``recalls``.
    """
    results: list[dict[str, Any]] = []
    confusion: dict[str, Any] = {}
    first = runs[0]
    corpora = np.array([utterances[row].corpus for row in first.rows])
    for corpus in sorted(set(corpora.tolist())):
        chosen = np.flatnonzero(corpora == corpus)
        part = _Corpus(
            [utterances[first.rows[index]] for index in chosen],
            [run.among(chosen) for run in runs],
            {
                name: Run(first.rows, claims, first.loudness, first.loud).among(chosen)
                for name, claims in references.items()
            },
            silent=int(np.isnan(first.claims[chosen, 0]).sum()),
        )
        results += [{"corpus": corpus, **row} for row in part.measured()]
        if part.classes:
            confusion[corpus] = part.confusion()
    return {"results": results, "confusion": confusion}


class _Corpus:
    """The measures of one corpus."""

    def __init__(
        self,
        own: Sequence[Utterance],
        runs: Sequence[Run],
        references: Mapping[str, Run],
        *,
        silent: int,
    ) -> None:
        self._own = own
        self._runs = runs
        self._references = references
        self._silent = silent
        named = [LABELS.index(row.emotion) if row.emotion in LABELS else -1 for row in own]
        truth = np.array(named, np.int64)
        sizes = np.bincount(truth[truth >= 0], minlength=len(LABELS))
        self._truth = np.where((truth >= 0) & (sizes[truth] >= LEAST_OF_CLASS), truth, -1)
        self.classes: list[int] = sorted(set(self._truth[self._truth >= 0].tolist()))
        # A corpus without boredom is judged by what the application shows.
        self._shown = len(LABELS) if BOREDOM in self.classes else len(EMOTIONS)

    def measured(self) -> list[dict[str, Any]]:
        """All rows."""
        rows = self._class_rows() if len(self.classes) > 2 else []
        rows += self._pair_rows()
        rows += self._arousal_rows()
        return (
            rows
            + self._dimension_rows("arousal", AROUSAL)
            + self._dimension_rows("valence", VALENCE)
        )

    def confusion(self) -> dict[str, Any]:
        """What was heard as what, over the classes that occur or are claimed; the first seed."""
        at = np.flatnonzero(self._truth >= 0)
        claimed = self._class(self._runs[0], at)
        shown = sorted({*self.classes, *claimed.tolist()})
        matrix = confusion_matrix(self._truth[at], claimed, len(LABELS))
        recall = recalls(self._truth[at], claimed, LABELS)
        return {
            "labels": [LABELS[index] for index in shown],
            "matrix": matrix[np.ix_(shown, shown)].tolist(),
            "recalls": {name: round(share, 3) for name, share in recall.items()},
        }

    def _class(self, run: Run, at: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(run.claims[at, : self._shown].argmax(axis=1))

    def _class_rows(self) -> list[dict[str, Any]]:
        at, truth = np.flatnonzero(self._truth >= 0), self._truth
        most = int(np.bincount(truth[at]).argmax())
        always = np.full(len(at), most)

        def recall(run: Run, at: NDArray[np.int64]) -> float:
            return unweighted_recall(truth[at], self._class(run, at))

        def f1(run: Run, at: NDArray[np.int64]) -> float:
            return macro_f1(truth[at], self._class(run, at))

        count = len(self.classes)
        return [
            self._row(f"UAR of {count} classes", at, recall, {"majority": 1 / count}),
            self._row(f"macro F1 of {count} classes", at, f1,
                      {"majority": macro_f1(truth[at], always)}),
        ]  # fmt: skip

    def _pair_rows(self) -> list[dict[str, Any]]:
        if not {HAPPY, SAD} <= set(self.classes):
            return []
        truth = self._truth
        at = np.flatnonzero((truth == HAPPY) | (truth == SAD))

        def happier(run: Run, at: NDArray[np.int64]) -> float:
            said = np.where(run.claims[at, HAPPY] > run.claims[at, SAD], HAPPY, SAD)
            return unweighted_recall(truth[at], said)

        def livelier(run: Run, at: NDArray[np.int64]) -> float:
            said = np.where(run.claims[at, AROUSAL] > HIGH_AROUSAL, HAPPY, SAD)
            return unweighted_recall(truth[at], said)

        loud = np.where(self._runs[0].loud[at], HAPPY, SAD)
        return [
            self._row("UAR happy/sad", at, happier, {"majority": 0.5}),
            self._row("UAR happy/sad by arousal", at, livelier,
                      {"majority": 0.5, "loudness": unweighted_recall(truth[at], loud)}),
        ]  # fmt: skip

    def _arousal_rows(self) -> list[dict[str, Any]]:
        at = np.flatnonzero([row.emotion is not None for row in self._own])
        places = [AROUSAL_VALENCE[row.emotion][0] if row.emotion else 0.0 for row in self._own]
        high = np.array(places) > HIGH_AROUSAL
        if len(set(high[at].tolist())) != 2:
            return []
        truth, first = high.astype(np.int64), self._runs[0]

        def recall(run: Run, at: NDArray[np.int64]) -> float:
            said = run.claims[at, AROUSAL] > HIGH_AROUSAL
            return unweighted_recall(truth[at], said.astype(np.int64))

        def area(run: Run, at: NDArray[np.int64]) -> float:
            return area_under_curve(high[at], run.claims[at, AROUSAL])

        loud = unweighted_recall(truth[at], first.loud[at].astype(np.int64))
        loud_area = area_under_curve(high[at], first.loudness[at])
        return [
            self._row("UAR high/low arousal", at, recall, {"majority": 0.5, "loudness": loud}),
            self._row("AUC high/low arousal", at, area, {"constant": 0.5, "loudness": loud_area}),
        ]

    def _dimension_rows(self, name: str, column: int) -> list[dict[str, Any]]:
        values = [getattr(row, name) for row in self._own]
        at = np.flatnonzero([value is not None for value in values])
        if len(at) < 3:
            return []
        truth = np.array([np.nan if value is None else value for value in values])
        rated = all(name in self._own[index].rated for index in at.tolist())
        source = "ratings" if rated else "places of the categories"
        level = self._runs[0].loudness[at]
        # No constant is nearer to these rows than their median; their mean can be farther.
        nearest = np.full(len(at), np.median(truth[at]))
        rows = []
        for title, value in (
            ("CCC", concordance), ("Pearson", pearson), ("MAE", mean_absolute_error)
        ):  # fmt: skip

            def measure(
                run: Run,
                at: NDArray[np.int64],
                value: Callable[..., float] = value,
            ) -> float:
                return value(truth[at], run.claims[at, column].astype(np.float64))

            trivial = {"constant": value(truth[at], nearest)}
            if name == "arousal":
                trivial["loudness"] = value(truth[at], level)
            lower = title == "MAE"
            rows.append(self._row(f"{title} {name} ({source})", at, measure, trivial, lower=lower))
        return rows

    def _row(
        self,
        measure: str,
        at: NDArray[np.int64],
        value: Measure,
        trivial: Mapping[str, float],
        *,
        lower: bool = False,
    ) -> dict[str, Any]:
        first = self._runs[0]
        speakers = [self._own[index].speaker for index in at]
        interval = over_speakers(lambda rows: value(first, at[rows]), speakers)
        seeds = [value(run, at) for run in self._runs]
        compared = dict(trivial)
        for name, run in self._references.items():
            if name not in compared and np.isfinite(known := value(run, at)):
                compared[name] = known
        best = (min if lower else max)(compared, key=lambda name: compared[name])
        row = {
            "measure": measure,
            **interval.as_json(),
            "lower_is_better": lower,
            "trivial": {name: round(number, 3) for name, number in compared.items()},
            "utterances": len(at),
            "speakers": len(set(speakers)),
            "silent": self._silent,
            "seeds": [round(number, 3) for number in seeds],
            "mean": round(float(np.mean(seeds)), 3),
        }
        if best in self._references and best not in trivial:
            other = self._references[best]
            difference = paired_difference(
                lambda rows: value(first, at[rows]), lambda rows: value(other, at[rows]), speakers
            )
            bound = -difference.high if lower else difference.low
            row["beats_trivial"] = bool(bound > 0)
        else:
            bound = compared[best] - interval.high if lower else interval.low - compared[best]
            row["beats_trivial"] = bool(bound > 0)
        return row


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a Markdown table of result rows; ✗ marks those that do not beat the trivial."""
    lines = [
        "| corpus | measure | value | 95 % | trivial, references | utterances / speakers | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        trivial = ", ".join(f"{name} {value:.3f}" for name, value in row["trivial"].items())
        value = f"{row['value']:.3f}"
        if len(row["seeds"]) > 1:
            value += f" (seeds {', '.join(f'{seed:.3f}' for seed in row['seeds'])})"
        lines.append(
            f"| {row['corpus']} | {row['measure']} | {value} | {row['low']} to {row['high']} | "
            f"{trivial} | {row['utterances']} / {row['speakers']} | "
            f"{'' if row['beats_trivial'] else '✗'} |"
        )
    return lines


def write_report(out: Path, report: Mapping[str, Any]) -> None:
    """Writes ``report.json``, ``report.md`` and a picture of each confusion matrix.

    Raises:
        OSError: The folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    replace_file(out / "report.json", json.dumps(report, indent=2).encode())
    lines = ["# Speech emotion, measured", ""]
    failing = [
        f"{row['measure']} on {row['corpus']}"
        for row in report["results"]
        if not row["beats_trivial"]
    ]
    if failing:
        lines += [f"Does not beat its best trivial value: {'; '.join(failing)}.", ""]
    lines += [f"Warning: {warning}." for warning in report.get("warnings", [])]
    lines += ["", *table(report["results"]), ""]
    for corpus, found in report["confusion"].items():
        name = f"confusion-{corpus}.png"
        matrix = np.array(found["matrix"], np.int64)
        picture = pictures.confusion(matrix, found["labels"], f"{corpus}: what is heard as what")
        replace_file(out / name, picture)
        heard = ", ".join(f"{label} {share:.2f}" for label, share in found["recalls"].items())
        lines += [f"Recalls on {corpus}: {heard}.", "", f"![{corpus}]({name})", ""]
    replace_file(out / "report.md", "\n".join(lines).encode())
