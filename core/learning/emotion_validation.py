"""Cross-validation of recognisers of emotion, beside the references, speaker by speaker."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files import replace_file
from core.learning.checkpoints import training_key
from core.learning.corpora import Utterance
from core.learning.emotion_evaluation import LoudnessBaseline
from core.learning.emotion_features import CellFrames
from core.learning.emotion_report import Run, report_rows
from core.learning.encoder_training import EncoderRecogniser
from core.learning.metrics import expected_calibration_error, fit_temperature
from core.learning.recogniser import CLAIMS, Claimant, Recogniser
from core.learning.references import GradientBoosting, LoudnessAlone, Majority, MeanMfccPerceptron
from core.learning.splits import check_disjoint, group_folds, groups_of
from core.learning.targets import label_distribution, utterance_key
from core.networks.emotion_classes import LABELS


class Validation:
    """Cross-validation of a recogniser beside the references, keeping the results of its folds."""

    def __init__(
        self,
        utterances: Sequence[Utterance],
        recorded: Sequence[CellFrames],
        level: NDArray[np.float64],
        beside: Path,
        cancelled: Callable[[], bool],
    ) -> None:
        self._utterances = utterances
        self._spoken = [cells.spoken for cells in recorded]
        self._level = level
        self._beside = beside
        self._cancelled = cancelled

    def measured(
        self,
        recogniser: Recogniser,
        *,
        folds: int,
        seeds: int,
        progress: Callable[[float], None],
    ) -> tuple[dict[str, Any], float, dict[str, float]]:
        """The report, the temperature, and how well calibrated the probabilities are by it.

        Args:
            recogniser: What is measured, once per seed.
            folds: Parts, as many as a corpus has speakers at the most.
            seeds: How often to measure; the references are measured once.
            progress: Called with the share that is done, 0 to 1.

        Raises:
            Cancelled: Finished folds are kept.
        """
        table = self._utterances, self._spoken
        references: list[Recogniser] = [
            Majority(*table),
            LoudnessAlone(*table),
            MeanMfccPerceptron(*table, resampled=True),
            GradientBoosting(*table),
        ]
        shares = 0.1 / len(references)
        others = {}
        for index, reference in enumerate(references):
            part = _within(progress, index * shares, (index + 1) * shares)
            others[reference.name] = self._run(reference, folds, 0, part).claims
        runs = []
        for seed in range(seeds):
            low, high = (0.1 + 0.9 * (seed + offset) / seeds for offset in (0, 1))
            part = _within(progress, low, high)
            runs.append(self._run(recogniser, folds, seed, part))
        temperature, calibration = _calibrated(self._utterances, runs[0])
        return report_rows(self._utterances, runs, others), temperature, calibration

    def _run(
        self, recogniser: Recogniser, folds: int, seed: int, progress: Callable[[float], None]
    ) -> Run:
        parts = []
        splits = corpus_folds(self._utterances, folds, seed)
        for number, (rows, test) in enumerate(splits):
            part = _within(progress, number / len(splits), (number + 1) / len(splits))
            claims = self._claims(recogniser, rows, test, seed, part)
            baseline = LoudnessBaseline.fit(
                [self._utterances[row] for row in rows], self._level[rows]
            )
            parts.append(Run(test, claims, *baseline.run(self._level[test])))
        return Run.joined(parts)

    def _claims(
        self,
        recogniser: Recogniser,
        rows: NDArray[np.int64],
        test: NDArray[np.int64],
        seed: int,
        progress: Callable[[float], None],
    ) -> NDArray[np.float32]:
        """Of a recogniser that never heard the speakers of the test rows."""
        told = [[utterance_key(self._utterances[row]) for row in part] for part in (rows, test)]
        key = training_key("fold-1", recogniser.identity(), seed, told)
        place = self._beside / f"fold-{key[:24]}.npy"
        if (kept := _kept(place, len(test))) is not None:
            progress(1.0)
            return kept
        claimant: Claimant = recogniser.fit(
            rows, seed=seed, progress=progress, cancelled=self._cancelled
        )
        claims = claimant(test)
        place.parent.mkdir(parents=True, exist_ok=True)
        data = io.BytesIO()
        np.save(data, claims, allow_pickle=False)
        replace_file(place, data.getvalue())
        if isinstance(recogniser, EncoderRecogniser):
            # The claims are kept; the state of a large encoder takes a gigabyte a fold.
            recogniser.remove_checkpoints()
        return claims


def _kept(place: Path, rows: int) -> NDArray[np.float32] | None:
    """The claims of a finished fold; None if there are none, or they are damaged."""
    try:
        claims = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(claims, np.ndarray) or claims.shape != (rows, CLAIMS):
        return None
    return claims.astype(np.float32)


def corpus_folds(
    utterances: Sequence[Utterance], folds: int, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Folds that part each corpus by its own speakers and sessions."""
    groups = np.array(groups_of(utterances))
    corpora = np.array([row.corpus for row in utterances])
    tests: list[list[NDArray[np.int64]]] = [[] for _ in range(folds)]
    for corpus in sorted(set(corpora)):
        rows = np.flatnonzero(corpora == corpus)
        own = groups[rows].tolist()
        for number, (_, test) in enumerate(group_folds(own, min(folds, len(set(own))), seed=seed)):
            tests[number].append(rows[test])
    result = []
    for parts in tests:
        if parts:
            test = np.sort(np.concatenate(parts))
            rows = np.setdiff1d(np.arange(len(utterances)), test)
            check_disjoint(groups.tolist(), rows, test)
            result.append((rows, test))
    return result


def _calibrated(utterances: Sequence[Utterance], run: Run) -> tuple[float, dict[str, float]]:
    """The temperature (Guo et al. 2017) that suits the claims about held-out speakers."""
    known = [
        (index, LABELS.index(emotion))
        for index, row in enumerate(run.rows)
        if (emotion := utterances[row].emotion) in LABELS
        and label_distribution(utterances[row]) is not None
        and np.isfinite(run.claims[index, 0])
    ]
    if not known:
        return 1.0, {}
    at, truth = (np.array(column, np.int64) for column in zip(*known, strict=True))
    shares = run.claims[at, : len(LABELS)].astype(np.float64)
    logits = np.log(np.maximum(shares, 1e-6))
    temperature = fit_temperature(logits, truth)
    cooled = np.exp(logits / temperature)
    cooled /= cooled.sum(axis=1, keepdims=True)
    right = shares.argmax(axis=1) == truth
    return round(temperature, 3), {
        "error_before": round(expected_calibration_error(shares.max(axis=1), right), 3),
        "error_after": round(expected_calibration_error(cooled.max(axis=1), right), 3),
    }


def _within(progress: Callable[[float], None], low: float, high: float) -> Callable[[float], None]:
    return lambda done: progress(min(high, low + (high - low) * done))
