"""Fusion weights of one editor: the shipped ones, moved a little by his corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis.fusion import LEARNED
from core.errors import ModelError, UsageError
from core.learning.highlights.fusion_importance import load_importance
from core.learning.personal.lesson_pieces import asked
from core.learning.personal.lessons import Lesson, teaching
from core.learning.personal.network_tuning import TuningSettings, tune_network
from core.networks.fusion_design import FusionDesign
from core.networks.weights import load_card, load_weights, save_weights

GENTLE = TuningSettings()
_KEPT = ("contract", "design", "mixture", "beats_baseline", "cautions", "credits")
"""Entries of the shipped card that are true of the tuned weights as well."""

Progress = Callable[[float, str], None]


def tune_fusion(
    lessons: Sequence[Lesson],
    shipped: Path,
    out: Path,
    *,
    settings: TuningSettings = GENTLE,
    seed: int = 0,
    progress: Progress = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Moves the shipped weights towards the corrections and writes what comes of it.

    Nothing is written before all is learned, and the card goes last.

    Args:
        lessons: The corrected videos, in any order; those that teach nothing are left out.
        shipped: Folder of weights that the application uses, with their importance.
        out: Folder of the tuned weights, which :class:`core.analysis.fusion.Fusion` loads.
        settings: How far they are moved.
        seed: Of the order in which videos and their parts are looked at; the same lessons,
            settings and seed give the same bytes.
        progress: Receives the fraction that is done, 0…1, and what is being done.
        cancelled: Asked at every step.

    Returns:
        The card as written: what the shipped one says of the network, ``shipped`` (the
        checksum of the weights that they come from), ``data`` (fingerprint of each video, how
        many of its cells were decided, and of those kept), ``tuning`` and ``seed``.

    Raises:
        UsageError: Nothing can be learned from the lessons, or they have other columns.
        ModelError: The shipped weights or their importance are damaged, or are such that the
            application does not use them, or the folder cannot be written.
        Cancelled: ``cancelled()`` returned true; nothing was written.
    """
    import torch

    from core.networks.fusion import FusionNetwork

    progress(0.0, "reading the shipped weights")
    card = load_card(shipped)
    tensors, _ = load_weights(shipped, contract=card["contract"])
    design, share = _plan(card, shipped)
    # What the network is filled with before its weights are loaded is drawn from global numbers.
    with torch.random.fork_rng(devices=[]):
        network = FusionNetwork(design)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise _misfit(shipped) from error
    importance = load_importance(shipped, card, network.eval())
    chosen = _heard(lessons, tuple(design.columns))
    tuned = tune_network(
        network,
        importance,
        chosen,
        share,
        settings=settings,
        seed=seed,
        progress=lambda done: progress(done, "learning from your corrections"),
        cancelled=cancelled,
    )
    written = save_weights(out, tuned.state_dict(), _tuned_card(card, chosen, settings, seed))
    progress(1.0, "done")
    return written


def _plan(card: Mapping[str, Any], shipped: Path) -> tuple[FusionDesign, float]:
    """The network's shape, and its share of the curve."""
    if not card.get("beats_baseline"):
        raise ModelError(
            "the application does not use these fusion weights, so there is nothing to tune",
            path=shipped,
            remedy="Choose weights that beat the transparent baseline.",
        )
    mixture = card.get("mixture")
    try:
        design = FusionDesign.from_json(card.get("design"))
        share = mixture[LEARNED] / sum(mixture.values())  # type: ignore[index, union-attr]
    except (ModelError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise _misfit(shipped) from error
    if not 0 < share <= 1:
        raise _misfit(shipped)
    return design, share


def _heard(lessons: Sequence[Lesson], groups: tuple[str, ...]) -> list[Lesson]:
    """The lessons that the network has a say in: one of two wishes at least is about its cells."""
    chosen = [
        lesson for lesson in teaching(lessons) if (lesson.known & asked(lesson, groups)).any()
    ]
    if not chosen:
        raise UsageError(
            "the fusion network cannot learn from these corrections: it knows nothing of the "
            "moments that were kept or rejected",
            remedy="Correct videos in which somebody speaks.",
        )
    return chosen


def _tuned_card(
    card: Mapping[str, Any], lessons: Sequence[Lesson], settings: TuningSettings, seed: int
) -> dict[str, Any]:
    name = str(card.get("name", "shipped weights"))
    return {
        "name": f"{name}, tuned on your corrections",
        **{key: card[key] for key in _KEPT if key in card},
        "shipped": card["sha256"],
        "data": [
            {
                "video": lesson.video,
                "cells": lesson.cells,
                "decided": int(lesson.known.sum()),
                "kept": int((lesson.known & (np.nan_to_num(lesson.wanted) > 0.5)).sum()),
            }
            for lesson in lessons
        ],
        "tuning": asdict(settings),
        "seed": seed,
    }


def _misfit(shipped: Path) -> ModelError:
    return ModelError(
        "the fusion weights do not fit their card",
        path=shipped,
        remedy="Install the application again, or choose another folder of weights.",
    )
