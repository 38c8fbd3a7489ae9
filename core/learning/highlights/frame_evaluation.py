"""How good frame heads are on videos that they never saw, beside what knows nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.learning.highlights.comparison import compare
from core.learning.highlights.frame_rows import UNKNOWN, DescribedFrames, FrameSource, Parts
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.systems import Key, System
from core.learning.highlights.tables import MEASURES, resampled
from core.learning.highlights.trivial import trivial_systems
from core.learning.metrics import Interval, expected_calibration_error
from core.networks.frame_heads import HEADS, FrameScorer, FrameTagger

HEADLINE = "ap"
"""The measure that says whether a scorer beats what knows nothing."""

_SHOWN = ("ap", "auc", "f1", "precision", "recall", "accuracy", "pooled_ap", "pooled_auc")
_BLOCK = 4096


def frame_scores(network: FrameScorer, rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Probabilities of frames.

    Args:
        network: In evaluation mode.
        rows: ``(N, F)``, NaN where a frame is not known.

    Returns:
        ``(N,) float32``, 0 for frames that are not known.
    """
    scores = np.zeros(len(rows), np.float32)
    known = np.flatnonzero(np.isfinite(rows).all(axis=1))
    with torch.inference_mode():
        for begin in range(0, len(known), _BLOCK):
            part = known[begin : begin + _BLOCK]
            fed = torch.from_numpy(rows[part].astype(np.float32))
            scores[part] = torch.sigmoid(network(fed)).numpy()
    return scores


def scorer_results(
    network: FrameScorer,
    source: FrameSource,
    parts: Parts,
    threshold: float,
    *,
    combination: str,
    rounds: int,
    seed: int,
) -> dict[str, Any]:
    """Measures of a frame scorer on the test videos, beside all-positive, random and centre.

    Cells without a frame score 0.

    Args:
        network: In evaluation mode.
        source: Gives the features.
        parts: The test part is looked at here for the first time.
        threshold: Chosen on the validation part.
        combination: How one label is made of several annotators'.
        rounds: How often the videos are resampled for the intervals.
        seed: Of the resampling.

    Returns:
        ``results`` by system and measure, ``beats_trivial``, and what is to know about them.

    Raises:
        UsageError: All labelled cells of the test videos are alike.
    """
    scores: dict[Key, NDArray[np.float32]] = {
        video.key: frame_scores(network, source.rows(video)) for video in parts.test
    }
    ours = System(
        "frame scorer",
        "Video",
        [scores],
        [dict.fromkeys(scores, threshold)],
        trivial=False,
        choice="Epoch by the loss on the validation videos, threshold by their best F1.",
    )
    trivial, _ = trivial_systems(
        parts.test,
        dict.fromkeys(scores, parts.validation),
        {},
        combination=combination,
        seed=seed,
    )
    found = compare(
        parts.test,
        [ours, *trivial],
        headline=HEADLINE,
        combination=combination,
        split=dict.fromkeys(scores, parts.fold),
        rounds=rounds,
        seed=seed,
    )
    return {
        "beats_trivial": found.rows[0].findings[HEADLINE].beats_trivial,
        "headline": MEASURES[HEADLINE].title,
        "results": [
            {
                "system": row.system.label,
                "measures": {name: row.findings[name].as_json() for name in _SHOWN},
            }
            for row in found.rows
        ],
        "test_cells": found.cells,
        "prevalence": round(found.prevalence, 4),
        "notes": list(found.notes),
    }


@dataclass(frozen=True, eq=False)
class Tellings:
    """What a tagger tells of moments.

    Attributes:
        moments: By head ``(M, K) float32``, mean of the probabilities over a moment's cells, as
            the words of a cut are made.
        middles: By head ``(M, K) float32``, the probabilities of the middle frame.
    """

    moments: Mapping[str, NDArray[np.float32]]
    middles: Mapping[str, NDArray[np.float32]]


def tell(network: FrameTagger, frames: DescribedFrames) -> Tellings:
    """What a tagger, in evaluation mode, tells of moments; NaN in heads that learned nothing."""
    count = len(frames.targets)
    sums = {head: np.zeros((count, classes)) for head, classes in HEADS.items()}
    middles = {
        head: np.zeros((count, classes), np.float32) for head, classes in HEADS.items()
    }  # fmt: skip
    with torch.inference_mode():
        for begin in range(0, len(frames.moment), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            logits = network(torch.from_numpy(frames.features[part].astype(np.float32)))
            moment, middle = frames.moment[part], frames.is_middle[part]
            for head in HEADS:
                shares = torch.softmax(logits[head], dim=1).numpy()
                np.add.at(sums[head], moment, shares)
                middles[head][moment[middle]] = shares[middle]
    cells = np.maximum(1, np.bincount(frames.moment, minlength=count))[:, None]
    means = {head: (total / cells).astype(np.float32) for head, total in sums.items()}
    return Tellings(means, middles)


def tagger_results(
    told: Tellings,
    frames: DescribedFrames,
    videos: Sequence[LabelledVideo],
    names: Mapping[str, Sequence[str]],
    *,
    rounds: int,
    seed: int,
) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Measures of each head on the moments of the test videos, beside their majority class.

    The majority class is that of the test moments themselves: no constant does better on them.
    A head beats it if the whole interval of the difference in accuracy is above 0.

    Args:
        told: Of the moments.
        frames: The moments with their classes.
        videos: The test videos, as ``frames.owner`` counts them.
        names: Of the classes by head.
        rounds: How often the videos are resampled for the intervals.
        seed: Of the resampling.

    Returns:
        Measures by head, and sentences about what is unusual.
    """
    draws, notes = resampled(videos, rounds, seed)
    results: dict[str, dict[str, Any]] = {}
    for place, head in enumerate(HEADS):
        known = frames.targets[:, place] != UNKNOWN
        truth, owner = frames.targets[known, place], frames.owner[known]
        shares = told.moments[head][known]
        middle = told.middles[head][known].argmax(axis=1)
        if not len(truth) or not np.isfinite(shares).all():
            results[head] = {"test_moments": len(truth), "beats_trivial": False}
            continue
        predicted = shares.argmax(axis=1)
        common = int(np.bincount(truth).argmax())
        constant = np.full_like(truth, common)
        ours, theirs = (
            _measures(truth, said, owner, draws, HEADS[head]) for said in (predicted, constant)
        )
        difference = _interval(ours["accuracy"] - theirs["accuracy"])
        results[head] = {
            "test_moments": len(truth),
            "test_classes": len(np.unique(truth)),
            **{name: _interval(values).as_json() for name, values in ours.items()},
            "middle_frame_accuracy": round(float(np.mean(middle == truth)), 3),
            "calibration_error": round(
                expected_calibration_error(shares.max(axis=1), predicted == truth), 3
            ),
            "majority": {
                "class": names[head][common],
                **{name: round(float(values[0]), 3) for name, values in theirs.items()},
            },
            "difference": difference.as_json(),
            "beats_trivial": bool(difference.low > 0),
        }
    return results, notes


def _measures(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    owner: NDArray[np.int64],
    draws: NDArray[np.float64],
    classes: int,
) -> dict[str, NDArray[np.float64]]:
    """Accuracy and macro F1 of each draw of the videos, ``(1 + rounds,)``."""

    def counted(which: NDArray[np.int64], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        table = np.zeros((draws.shape[1], classes))
        np.add.at(table, (owner[rows], which[rows]), 1)
        return draws @ table

    everything = np.ones(len(truth), bool)
    hits = counted(truth, truth == predicted)
    true, said = counted(truth, everything), counted(predicted, everything)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(true > 0, 2 * hits / (true + said), np.nan)
        accuracy = hits.sum(axis=1) / true.sum(axis=1)
        occurring = np.isfinite(each).sum(axis=1)
        macro = np.nansum(each, axis=1) / occurring
    return {"accuracy": accuracy, "macro_f1": macro}


def _interval(draws: NDArray[np.float64]) -> Interval:
    """The first is the value, the others are resampled."""
    known = draws[1:][np.isfinite(draws[1:])]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return Interval(float(draws[0]), float(low), float(high))
