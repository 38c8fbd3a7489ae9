"""What a speech emotion network is worth, beside what knows nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.corpora import AROUSAL_VALENCE, Utterance, read_corpora
from core.learning.emotion_features import CellFrames, read_cells
from core.learning.metrics import (
    Interval,
    area_under_curve,
    concordance,
    macro_f1,
    over_speakers,
    unweighted_recall,
)
from core.networks.emotion_classes import EMOTIONS
from core.signals.mfcc import DIMENSION, LOUDNESS_COLUMN
from core.signals.speech_emotion import BEFORE, Normalisation, SpeechEmotion

HIGH_AROUSAL = 0.3
"""Arousal from which speech counts as excited: midway between the places of calm categories
(neutral 0) and of excited ones (fear and happiness 0.6). Fixed beforehand."""

LEAST_OF_CLASS = 10
"""Utterances that a class needs to count in the recall of the classes."""

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


@dataclass(frozen=True)
class LoudnessBaseline:
    """Arousal from nothing but how loud an utterance is beside the others of its speaker.

    Args:
        slope: Arousal per deviation of the speaker's loudness.
        intercept: Arousal at the speaker's usual loudness.
        threshold: Loudness that told high from low arousal best in the training part.
    """

    slope: float
    intercept: float
    threshold: float

    @classmethod
    def fit(cls, utterances: Sequence[Utterance], cells: Sequence[CellFrames]) -> LoudnessBaseline:
        """Least squares on training utterances that have an arousal; zeros if none has."""
        known = [index for index, row in enumerate(utterances) if row.arousal is not None]
        if len(known) < 2:
            return cls(0.0, 0.0, 0.0)
        level = loudness(utterances, cells)[known]
        arousal = np.array([utterances[index].arousal for index in known], float)
        slope, intercept = np.polyfit(level, arousal, 1)
        high = (arousal > HIGH_AROUSAL).astype(np.int64)
        candidates = np.quantile(level, np.linspace(0.05, 0.95, 37))
        recalls = [unweighted_recall(high, (level > c).astype(np.int64)) for c in candidates]
        return cls(float(slope), float(intercept), float(candidates[int(np.argmax(recalls))]))

    def as_json(self) -> dict[str, float]:
        """Plain numbers for the card."""
        return {key: round(value, 4) for key, value in vars(self).items()}


@dataclass(frozen=True)
class Claims:
    """What was said of utterances that the network had not heard, row by row.

    Args:
        rows: (N,) int64, which utterance of the table.
        claims: (N, 9) float32: mean of the claims about its cells, as of SpeechEmotion.
        silent: (N,) bool: no cell had enough speech, the claim is neutral.
        loudness: (N,) float64: arousal that the loudness alone stands for.
        loud: (N,) bool: whether the loudness alone calls the arousal high.
    """

    rows: NDArray[np.int64]
    claims: NDArray[np.float32]
    silent: NDArray[np.bool_]
    loudness: NDArray[np.float64]
    loud: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[Claims]) -> Claims:
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
            np.concatenate([part.silent for part in parts])[order],
            np.concatenate([part.loudness for part in parts])[order],
            np.concatenate([part.loud for part in parts])[order],
        )


def evaluate_emotion(
    weights: str | os.PathLike[str] | None,
    corpora: Mapping[str, Path],
    *,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Measures a folder of weights on corpora, through the same signal that tags videos.

    The result is only as honest as the corpora are strange to the weights: it says which of them
    the card names as training data.

    Args:
        weights: Folder, the shipped weights if None.
        corpora: Folder or table of each corpus by its name.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each file.

    Returns:
        ``results`` (each beside its trivial baselines), ``warnings``, ``version``.

    Raises:
        CorpusError: A corpus cannot be read.
        ModelError: The weights cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    signal = SpeechEmotion(weights)
    utterances = read_corpora(corpora)

    def reading(done: float) -> None:
        if progress is not None:
            progress(0.8 * done, "reading the corpora")

    cells = [
        versions[0] for versions in read_cells(utterances, progress=reading, cancelled=cancelled)
    ]
    baseline = LoudnessBaseline(**signal.card["loudness_baseline"])
    claims = claims_of(signal, utterances, cells, baseline, rows=np.arange(len(utterances)))
    trained = {entry["corpus"] for entry in signal.card.get("data", [])}
    warnings = [
        f"{name} was trained on: its rows say nothing about new speakers"
        for name in sorted(trained & {row.corpus for row in utterances})
    ]
    if progress is not None:
        progress(1.0, "done")
    return {
        "version": signal.version,
        "warnings": warnings,
        "results": report_rows(utterances, [claims]),
    }


def claims_of(
    signal: SpeechEmotion,
    utterances: Sequence[Utterance],
    cells: Sequence[CellFrames],
    baseline: LoudnessBaseline,
    *,
    rows: NDArray[np.int64],
) -> Claims:
    """Tags each speaker's utterances like one video with silence between them.

    Args:
        signal: With the weights to measure.
        utterances: N of them.
        cells: Of each utterance, as recorded.
        baseline: Fitted on the training part.
        rows: (N,) int64, kept in the result.
    """
    blank_cells = -(-BEFORE // 50)
    claims = np.full((len(utterances), signal.dimension), np.nan, np.float32)
    for speaker in sorted({row.speaker for row in utterances}):
        own = [index for index, row in enumerate(utterances) if row.speaker == speaker]
        blank = np.full((blank_cells, *cells[own[0]].mfcc.shape[1:]), np.nan, np.float32)
        mfcc = np.concatenate([part for i in own for part in (cells[i].mfcc, blank)])
        silence = np.zeros(blank.shape[:2], np.float32)
        speech = np.concatenate([part for i in own for part in (cells[i].speech, silence)])
        track = signal.tag(mfcc, speech)
        start = 0
        for index in own:
            said = track[start : start + len(cells[index].mfcc)]
            said = said[np.isfinite(said[:, 0])]
            if len(said):
                claims[index] = said.mean(axis=0)
            start += len(cells[index].mfcc) + blank_cells
    silent = np.isnan(claims[:, 0])
    claims[silent] = 0.0
    claims[silent, 0] = 1.0
    level = loudness(utterances, cells)
    return Claims(
        rows, claims, silent, baseline.slope * level + baseline.intercept,
        level > baseline.threshold,
    )  # fmt: skip


def loudness(utterances: Sequence[Utterance], cells: Sequence[CellFrames]) -> NDArray[np.float64]:
    """(N,) float64: mean level of each utterance's speech, in deviations of its speaker's."""
    flat = Normalisation(np.zeros(DIMENSION, np.float32), np.ones(DIMENSION, np.float32))
    result = np.zeros(len(utterances))
    for speaker in {row.speaker for row in utterances}:
        own = [index for index, row in enumerate(utterances) if row.speaker == speaker]
        usual = Normalisation.of(np.concatenate([cells[index].spoken for index in own]), flat)
        for index in own:
            level = cells[index].spoken[:, LOUDNESS_COLUMN]
            if len(level):
                result[index] = (level.mean() - usual.mean[LOUDNESS_COLUMN]) / usual.deviation[
                    LOUDNESS_COLUMN
                ]
    return result


def report_rows(utterances: Sequence[Utterance], runs: Sequence[Claims]) -> list[dict[str, Any]]:
    """One row per corpus and measure: the value with its interval, and the trivial values.

    Args:
        utterances: The table that the claims' rows point into.
        runs: One per seed, all about the same rows. The interval is that of the first; the mean
            over the seeds and their deviation stand beside it.
    """
    result = []
    for corpus in sorted({utterances[row].corpus for row in runs[0].rows}):
        inside = np.array([utterances[row].corpus == corpus for row in runs[0].rows])
        chosen = np.flatnonzero(inside)
        own = [utterances[runs[0].rows[index]] for index in chosen]
        parts = [
            Claims(run.rows[chosen], run.claims[chosen], run.silent[chosen],
                   run.loudness[chosen], run.loud[chosen])
            for run in runs
        ]  # fmt: skip
        result += [{"corpus": corpus, **row} for row in _corpus_rows(own, parts)]
    return result


Measure = Callable[[Claims, NDArray[np.int64]], float]


def _corpus_rows(own: Sequence[Utterance], runs: Sequence[Claims]) -> list[dict[str, Any]]:
    rows = []
    truth = np.array(
        [EMOTIONS.index(row.emotion) if row.emotion in EMOTIONS else -1 for row in own]
    )
    sizes = np.bincount(truth[truth >= 0], minlength=len(EMOTIONS))
    truth = np.where((truth >= 0) & (sizes[truth] >= LEAST_OF_CLASS), truth, -1)
    present = sorted(set(truth[truth >= 0].tolist()))
    if len(present) > 2:
        rows += _class_rows(own, runs, truth, len(present))
    pair = np.flatnonzero((truth == HAPPY) | (truth == SAD))
    if {HAPPY, SAD} <= set(present):

        def happier(run: Claims, at: NDArray[np.int64]) -> float:
            said = np.where(run.claims[at, HAPPY] > run.claims[at, SAD], HAPPY, SAD)
            return unweighted_recall(truth[at], said)

        rows.append(_row("UAR happy/sad", own, runs, pair, happier, {"majority": 0.5}))
    named = np.flatnonzero([row.emotion is not None for row in own])
    places = [AROUSAL_VALENCE[row.emotion][0] if row.emotion else 0.0 for row in own]
    high = np.array(places) > HIGH_AROUSAL
    if len(set(high[named].tolist())) == 2:
        rows += _arousal_rows(own, runs, named, high)
    return rows + _dimension_rows(own, runs)


def _class_rows(
    own: Sequence[Utterance], runs: Sequence[Claims], truth: NDArray[np.int64], classes: int
) -> list[dict[str, Any]]:
    at = np.flatnonzero(truth >= 0)
    most = int(np.bincount(truth[at]).argmax())

    def recall(run: Claims, at: NDArray[np.int64]) -> float:
        return unweighted_recall(truth[at], run.claims[at, :7].argmax(axis=1))

    def f1(run: Claims, at: NDArray[np.int64]) -> float:
        return macro_f1(truth[at], run.claims[at, :7].argmax(axis=1))

    always = macro_f1(truth[at], np.full(len(at), most))
    return [
        _row(f"UAR of {classes} classes", own, runs, at, recall, {"majority": 1 / classes}),
        _row(f"macro F1 of {classes} classes", own, runs, at, f1, {"majority": always}),
    ]


def _arousal_rows(
    own: Sequence[Utterance],
    runs: Sequence[Claims],
    at: NDArray[np.int64],
    high: NDArray[np.bool_],
) -> list[dict[str, Any]]:
    truth = high.astype(np.int64)

    def recall(run: Claims, at: NDArray[np.int64]) -> float:
        return unweighted_recall(truth[at], (run.claims[at, 7] > HIGH_AROUSAL).astype(np.int64))

    def area(run: Claims, at: NDArray[np.int64]) -> float:
        return area_under_curve(high[at], run.claims[at, 7])

    loud = unweighted_recall(truth[at], runs[0].loud[at].astype(np.int64))
    loud_area = area_under_curve(high[at], runs[0].loudness[at])
    return [
        _row("UAR high/low arousal", own, runs, at, recall, {"majority": 0.5, "loudness": loud}),
        _row("AUC high/low arousal", own, runs, at, area, {"constant": 0.5, "loudness": loud_area}),
    ]


def _dimension_rows(own: Sequence[Utterance], runs: Sequence[Claims]) -> list[dict[str, Any]]:
    rows = []
    source = "ratings" if own[0].rated else "places of the categories"
    for column, name in ((7, "arousal"), (8, "valence")):
        values = [getattr(row, name) for row in own]
        at = np.flatnonzero([value is not None for value in values])
        if len(at) < 3:
            continue
        truth = np.array([np.nan if value is None else value for value in values])

        def agreement(
            run: Claims,
            at: NDArray[np.int64],
            truth: NDArray[np.float64] = truth,
            column: int = column,
        ) -> float:
            return concordance(truth[at], run.claims[at, column])

        trivial = {"constant": 0.0}
        if name == "arousal":
            trivial["loudness"] = concordance(truth[at], runs[0].loudness[at])
        rows.append(_row(f"CCC {name} ({source})", own, runs, at, agreement, trivial))
    return rows


def _row(
    measure: str,
    own: Sequence[Utterance],
    runs: Sequence[Claims],
    at: NDArray[np.int64],
    value: Measure,
    trivial: Mapping[str, float],
) -> dict[str, Any]:
    speakers = [own[index].speaker for index in at]
    interval: Interval = over_speakers(lambda rows: value(runs[0], at[rows]), speakers)
    seeds = [value(run, at) for run in runs]
    return {
        "measure": measure,
        **interval.as_json(),
        "trivial": {name: round(number, 3) for name, number in trivial.items()},
        "utterances": len(at),
        "speakers": len(set(speakers)),
        "silent": int(runs[0].silent[at].sum()),
        "seeds": [round(number, 3) for number in seeds],
    }
