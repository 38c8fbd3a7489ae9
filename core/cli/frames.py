"""The verbs that train heads on frames, train scorer and train tagger, and what uses them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.console import counted, say, say_json, show_progress

if TYPE_CHECKING:
    from core.analysis.analysis import Analysis
    from core.analysis.tags import FrameScores, Tag
    from core.networks.vision import Backbone

_FROZEN = (
    "The head is trained on the features that are in the store, of the embedded network or of "
    "any Vision Transformer; the network below it is not fine-tuned."
)
_BEATEN = "The frame scorer did not beat what knows nothing on videos that it never saw."


def add_frame_training(
    networks: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    """Adds scorer and tagger to train."""
    scorer = networks.add_parser(
        "scorer",
        help="how much a frame looks like a highlight",
        description=f"Learns highlights from single frames. {_FROZEN}",
    )
    _training_options(scorer, "corpus of highlights; may be repeated")
    scorer.add_argument(
        "--label",
        default="mean",
        metavar="HOW",
        help="of several annotators: mean, majority, union, or the name of one",
    )
    scorer.set_defaults(run=_train_scorer)

    tagger = networks.add_parser(
        "tagger",
        help="place, action, emotion and relationship of a frame",
        description=f"Learns words for frames from described moments (AI Hub 616). {_FROZEN}",
    )
    _training_options(tagger, "aihub616=PATH")
    tagger.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help='JSON with the names of the codes, {"place": ["kitchen", …], …}; numbers by default',
    )
    tagger.add_argument(
        "--frames",
        default="middle",
        metavar="WHICH",
        help="of a moment: middle (as the original), or all",
    )
    tagger.set_defaults(run=_train_tagger)


def add_tag_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option that gives cuts words."""
    parser.add_argument(
        "--tags", type=Path, metavar="FOLDER", help="weights of a frame tagger of your own"
    )


def add_scorer_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option that scores every cell by its frame."""
    parser.add_argument(
        "--scorer", type=Path, metavar="FOLDER", help="weights of a frame scorer of your own"
    )


def frame_scores_of(options: argparse.Namespace, backbone: Backbone) -> FrameScores | None:
    """The frame scorer that was asked for.

    Raises:
        ModelError: It is damaged, or was trained on the features of another backbone.
    """
    if options.scorer is None:
        return None
    from core.analysis.tags import FrameScores

    return FrameScores(options.scorer, backbone.version, backbone.dimension)


def frame_curves(analysis: Analysis, scores: FrameScores | None) -> dict[str, Any]:
    """What frame heads say of each cell, as plain data: ``frame_score``, ``tags``, and notices."""
    from core.analysis.tags import TaggedAnalysis

    found: dict[str, Any] = {}
    if scores is not None:
        found["frame_score"] = [
            None if value != value else round(value, 4) for value in scores.of(analysis).tolist()
        ]
        found["frame_threshold"] = round(scores.threshold, 4)
        if not scores.beats_trivial:
            found["notices"] = [*analysis.notices, _BEATEN]
    if isinstance(analysis, TaggedAnalysis):
        found["tags"] = [[_tag_as_json(tag) for tag in tags] for tags in analysis.cell_tags()]
    return found


def frame_words(curves: Mapping[str, Any], cell: int) -> list[str]:
    """What frame heads say of a cell, for people, out of :func:`frame_curves`."""
    words = []
    if curves.get("frame_score") and (score := curves["frame_score"][cell]) is not None:
        words.append(f"frame score {score:.2f}")
    if curves.get("tags"):
        words += [f"{tag['head']} {tag['label']}" for tag in curves["tags"][cell]]
    return words


def _tag_as_json(tag: Tag) -> dict[str, Any]:
    return {"head": tag.head, "label": tag.label, "probability": round(tag.probability, 4)}


def _training_options(parser: argparse.ArgumentParser, corpus: str) -> None:
    parser.add_argument(
        "--corpus", action="append", required=True, metavar="READER=PATH", help=corpus
    )
    parser.add_argument(
        "--features", type=Path, required=True, metavar="STORE", help="of the verb features"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=0, help="of the split and the first weights")
    parser.add_argument(
        "--hidden", type=int, default=0, metavar="N", help="units of a hidden layer, 0 for none"
    )
    parser.add_argument(
        "--centre", action="store_true", help="take the mean of each video off its features"
    )
    parser.add_argument("--json", action="store_true", help="print the card as JSON")


def _train_scorer(options: argparse.Namespace) -> None:
    from core.cli.learning import named_paths
    from core.learning.highlights.frame_fitting import FramePlan
    from core.learning.highlights.frame_training import train_scorer

    plan = FramePlan(
        hidden=options.hidden,
        centred=options.centre,
        combination=options.label,
        seed=options.seed,
    )
    corpora = named_paths(options.corpus)
    with show_progress(options.json, "Training") as progress:
        card = train_scorer(corpora, options.features, options.out, plan, progress=progress)
    if options.json:
        say_json(card)
        return
    if not card["beats_trivial"]:
        say(f"The frame scorer does not beat what knows nothing ({card['headline']}).")
    for row in card["results"]:
        found = row["measures"]
        say(
            f"{row['system']}: AP {_interval(found['ap'])}, AUC {_interval(found['auc'])}, "
            f"F1 {_interval(found['f1'])}"
        )
    _say_end(card, options.out)


def _train_tagger(options: argparse.Namespace) -> None:
    from core.cli.learning import named_paths
    from core.learning.highlights.frame_fitting import FramePlan
    from core.learning.highlights.frame_training import train_tagger

    plan = FramePlan(
        hidden=options.hidden, centred=options.centre, frames=options.frames, seed=options.seed
    )
    corpora = named_paths(options.corpus)
    with show_progress(options.json, "Training") as progress:
        card = train_tagger(
            corpora, options.features, options.out, plan, names=options.names, progress=progress
        )
    if options.json:
        say_json(card)
        return
    losing = [head for head, row in card["heads"].items() if not row["beats_trivial"]]
    if losing:
        say(f"No words for {', '.join(losing)}: not better than the majority class.")
    for head, row in card["heads"].items():
        say(f"{head}: {_measured(row)}")
    _say_end(card, options.out)


def _measured(row: dict[str, Any]) -> str:
    moments = counted(row["test_moments"], "test moment")
    if "accuracy" not in row:
        return f"{moments}, not measured"
    majority = row["majority"]
    return (
        f"{moments}, accuracy {_interval(row['accuracy'])} (majority class "
        f"{majority['accuracy']:.3f}), macro F1 {_interval(row['macro_f1'])} "
        f"({majority['macro_f1']:.3f})"
    )


def _interval(found: dict[str, float | None]) -> str:
    value, low, high = (found[name] for name in ("value", "low", "high"))
    if value is None:
        return "–"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _say_end(card: dict[str, Any], out: Path) -> None:
    for note in card["notes"]:
        say(note)
    split, left = card["split"], card["left_out"]
    say(
        f"{counted(len(split['test']), 'test video')}, {len(split['train'])} to learn from, "
        f"{len(split['validation'])} to choose by"
    )
    if left["without_features"]:
        say(f"{counted(len(left['without_features']), 'video')} left out: no features")
    for problem in left["problems"]:
        say(f"  left out: {problem}")
    say(f"Weights and card are in {out}")
