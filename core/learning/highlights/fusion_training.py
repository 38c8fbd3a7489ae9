"""Trains fusion weights for the application, and lets them ship only if they beat the baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.analysis.fusion_features import feature_contract
from core.errors import ModelError
from core.files import replace_file
from core.learning.highlights.fusion_card import human_card
from core.learning.highlights.fusion_importance import measure_importance, save_importance
from core.learning.highlights.fusion_measuring import (
    Split,
    Trained,
    heard_sounds,
    measured,
    summary,
    train_originals,
)
from core.learning.highlights.fusion_plan import FusionPlan, LabelledStore, check_sets
from core.learning.highlights.network_training import TrainedNetwork, train_network
from core.learning.highlights.protocols import VALIDATION_SHARE, split_off
from core.learning.highlights.report import write_report
from core.learning.highlights.sequences import VideoSequence, read_sequences
from core.networks.weights import save_weights

__all__ = ("FusionPlan", "LabelledStore", "train_fusion")

Progress = Callable[[float, str], None]


def train_fusion(
    training: Sequence[LabelledStore],
    out: Path,
    plan: FusionPlan,
    *,
    tests: Sequence[LabelledStore] = (),
    command: str = "",
    progress: Progress = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Trains, measures on videos of other corpora or people, and writes weights, card and reports.

    Beside the weights goes how much each of them matters, for learning from corrections later.

    All that can be wrong with the sets is found before anything is trained.

    Args:
        training: What is learned from; one in five groups of videos tells when to stop.
        out: Folder of the weights; a report for each test set lies in ``out/reports``.
        plan: What to train.
        tests: What is measured on, and never learned from.
        command: What makes these weights again, for the reports.
        progress: Receives the fraction that is done, 0…1, and what is being done.
        cancelled: Asked at every step.

    Returns:
        The card. ``beats_baseline`` is true only if the application's curve is better than the
        transparent baseline, and than all else that learns nothing, beyond the interval in every
        test set; weights without it are never used by the application.

    Raises:
        UsageError: There is too little to learn from, or a video is learned from and tested.
        CorpusError: Features are missing, or were not made as those of the application.
        MediaError: A video whose sound the original design needs cannot be read.
        ModelError: The folder cannot be written.
        Cancelled: ``cancelled()`` returned true.
    """
    check_sets(training, tests, plan)
    progress(0.0, "reading the features")
    material, *tested = [
        [row for part in parts for row in _read(part, plan, cancelled)]
        for parts in (training, *([test] for test in tests))
    ]
    splits = [_split(material, seed) for seed in range(plan.seeds)]
    heard = {}
    if tests:
        heard = heard_sounds(
            [row.video for rows in (material, *tested) for row in rows],
            progress=lambda share: progress(0.05 + 0.1 * share, "hearing mean MFCC"),
            cancelled=cancelled,
        )
    _make(out)
    networks = []
    for seed, (learned, held) in enumerate(splits):

        def step(share: float, first: int = seed) -> None:
            progress(0.15 + 0.55 * (first + share) / plan.seeds, f"training {first + 1}")

        networks.append(
            train_network(
                learned, held, plan.groups, plan.network, combination=plan.combination,
                seed=seed, progress=step, cancelled=cancelled,
            )
        )  # fmt: skip
    card = _card(training, plan, networks, command)
    originals = train_originals(
        splits,
        heard,
        plan.combination,
        progress=lambda share: progress(0.7 + 0.1 * share, "training the original design"),
        cancelled=cancelled,
    )
    stores = {video.key: part.store for part in training for video in part.videos}
    trained = Trained(plan, card, stores, splits, networks, originals)
    results = {}
    for number, (test, rows) in enumerate(zip(tests, tested, strict=True)):
        progress(0.8 + 0.15 * number / len(tests), f"measuring on {test.name}")
        comparison, sentences = measured(test, rows, trained, heard)
        results[test.name] = summary(comparison)
        write_report(
            out / "reports" / test.name,
            comparison,
            title=f"Fusion weights on {test.name}",
            command=command,
            facts={"learned from": plan.name, "test videos": str(len(test.videos))},
            protocol=sentences,
        )
    card["results"] = results
    card["beats_baseline"] = bool(results) and all(
        row["beats_baseline"] for row in results.values()
    )
    importance = measure_importance(
        networks[0],
        material,
        progress=lambda share: progress(0.95 + 0.05 * share, "weighing what was learned"),
        cancelled=cancelled,
    )
    card["importance"] = save_importance(out, importance)
    written = save_weights(out, networks[0].network.state_dict(), card)
    replace_file(out / "CARD.md", human_card(written).encode())
    progress(1.0, "done")
    return written


def _read(
    part: LabelledStore, plan: FusionPlan, cancelled: Callable[[], bool]
) -> list[VideoSequence]:
    return read_sequences(
        part.videos,
        part.store,
        groups=plan.groups,
        combination=plan.combination,
        cancelled=cancelled,
    )


def _split(material: Sequence[VideoSequence], seed: int) -> Split:
    by_key = {sequence.video.key: sequence for sequence in material}
    learned, held = split_off(
        [sequence.video for sequence in material], VALIDATION_SHARE, seed=seed
    )
    return [by_key[video.key] for video in learned], [by_key[video.key] for video in held]


def _make(out: Path) -> None:
    """Finds out before the training whether its results can be saved."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"the weights cannot be saved ({error.strerror or error})",
            path=out,
            remedy="Choose a folder that you may write to.",
        ) from error


def _card(
    training: Sequence[LabelledStore],
    plan: FusionPlan,
    networks: Sequence[TrainedNetwork],
    command: str,
) -> dict[str, Any]:
    store = training[0].store
    width = len(store.columns("visual-features"))
    return {
        "name": plan.name,
        "contract": feature_contract(store.versions("visual-features"), width, plan.groups),
        "design": networks[0].network.design.as_json(),
        "mixture": plan.mixture,
        "data": [
            {
                "set": part.name,
                "videos": len(part.videos),
                "hours": round(sum(float(v.step) * v.cells for v in part.videos) / 3600, 2),
            }
            for part in training
        ],
        "training": asdict(plan.network),
        "command": command,
        "cautions": list(plan.cautions),
        "credits": list(plan.credits),
        "epochs": [network.epochs for network in networks],
        "validation_average_precision": [round(network.validation, 3) for network in networks],
    }
