"""The verbs about networks that find highlights: train highlights, evaluate highlights."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.console import counted, say, say_json, show_progress
from core.errors import CorpusError, UsageError

if TYPE_CHECKING:
    from core.learning.highlights.comparison import Comparison
    from core.learning.highlights.fusion_plan import LabelledStore
    from core.learning.highlights.labelled_video import LabelledVideo

_TRAINING = ("name", "feature_set", "network")
_COMPARING = ("protocol", "models", "folds", "headline")
_BOTH = ("labels", "fusion", "loss", "positive_weight", "epochs", "seeds")
"""Options that a command must repeat to make the same numbers."""


def add_highlight_training(networks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds highlights to train."""
    train = networks.add_parser(
        "highlights",
        help="what fuses sound, emotion and picture into the highlight curve",
        description="Trains fusion weights on labelled videos and measures the application's own "
        "curve on the test sets. It is used only where it beats the transparent baseline there. "
        "READER is aihub616, corrections or table; STORE comes from emotion-shortform features.",
    )
    _set_option(train, "--corpus", required=True, text="to learn from; may be repeated")
    _set_option(train, "--test", required=False, text="to measure on only; may be repeated")
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    train.add_argument(
        "--feature-set", default="Audio+Emotion", metavar="SET", help="what the network looks at"
    )
    train.add_argument("--name", default="your labels", help="what it learned from, in a few words")
    train.add_argument("--network", default="gru", help="none, gru, lstm or attention")
    _network_options(train, loss="bce")
    train.add_argument("--seeds", type=int, default=3, help="trainings to compare; the first stays")
    train.add_argument("--labels", default="mean", help="mean, majority, union or an annotator")
    train.add_argument("--json", action="store_true", help="print the card as JSON")
    train.set_defaults(run=_train)


def add_default_training(networks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds default-highlights to train."""
    train = networks.add_parser(
        "default-highlights",
        help="make the fusion weights that come with the application",
        description="Composes moments of emotional speech, hears them by networks that do not know "
        "their speakers, learns, and measures on a corpus that nothing was learned from. What is "
        "finished in --work is not made again.",
    )
    train.add_argument(
        "--corpus",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="emodb, crema-d (learned from) and nemo (measured on)",
    )
    train.add_argument("--footage", type=Path, required=True, metavar="DIR", help="for the picture")
    train.add_argument("--work", type=Path, required=True, metavar="DIR", help="1 GB")
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    train.add_argument("--json", action="store_true", help="print the card as JSON")
    train.set_defaults(run=_train_default)


def add_highlight_evaluation(
    networks: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    """Adds highlights to evaluate."""
    evaluate = networks.add_parser(
        "highlights",
        help="compare feature sets and models on labelled videos, honestly",
        description="Learns by every feature set, tests every video by what was not learned from "
        "it, and writes one page with all rows, trivial ones among them. READER is aihub616, "
        "benchmark (TVSum, YouTube Highlights), h5, corrections or table.",
    )
    evaluate.add_argument(
        "--corpus",
        required=True,
        metavar="READER=PATH[@STORE]",
        help="labels, by the features that they bring or by those of a store",
    )
    evaluate.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    evaluate.add_argument(
        "--protocol", default="folds", help="published (split), folds or domains (leave one out)"
    )
    evaluate.add_argument(
        "--models", default="ranker,gru", help="out of ranker, none, gru, lstm, attention"
    )
    evaluate.add_argument(
        "--splits", type=Path, metavar="FILE", help="JSON of train_keys and test_keys, for h5"
    )
    evaluate.add_argument("--split", type=int, default=1, metavar="N", help="which of the splits")
    evaluate.add_argument("--folds", type=int, default=5)
    evaluate.add_argument("--seeds", type=int, default=3, help="repetitions")
    evaluate.add_argument("--headline", help="measure that decides: map, top5, ap, f1 …")
    evaluate.add_argument("--labels", default="mean", help="mean, majority, union or an annotator")
    _network_options(evaluate, loss="pairwise")
    evaluate.add_argument("--json", action="store_true", help="print the measures as JSON")
    evaluate.set_defaults(run=_evaluate)


def _network_options(parser: argparse.ArgumentParser, *, loss: str) -> None:
    parser.add_argument("--fusion", default="gated", help="early or gated")
    parser.add_argument("--loss", default=loss, help="bce, pairwise or listwise")
    parser.add_argument(
        "--positive-weight",
        type=float,
        default=1.0,
        help="how much a highlight counts against another cell in bce",
    )
    parser.add_argument("--epochs", type=int, default=12, help="the most passes")


def _set_option(parser: argparse.ArgumentParser, name: str, *, required: bool, text: str) -> None:
    parser.add_argument(
        name,
        action="append",
        required=required,
        default=None if required else [],
        metavar="READER=PATH@STORE",
        help=text,
    )


def _train(options: argparse.Namespace) -> None:
    from core.learning.highlights.fusion_plan import FUSION_NETWORK, FusionPlan
    from core.learning.highlights.fusion_training import train_fusion

    plan = FusionPlan(
        name=options.name,
        features=options.feature_set,
        network=replace(
            FUSION_NETWORK,
            temporal=options.network,
            fusion=options.fusion,
            loss=options.loss,
            positive_weight=options.positive_weight,
            epochs=options.epochs,
        ),
        seeds=options.seeds,
        combination=options.labels,
    )
    training, tests = _sets(options.corpus), _sets(options.test)
    with show_progress(options.json, "Training") as progress:
        card = train_fusion(
            training, options.out, plan, tests=tests, command=_command(options), progress=progress
        )
    _show_card(card, options)


def _train_default(options: argparse.Namespace) -> None:
    from core.cli.learning import named_paths
    from core.learning.highlights.default_weights import make_default_weights

    corpora = named_paths(options.corpus)
    named = " ".join(f"--corpus {name}=PATH" for name in sorted(corpora))
    with show_progress(options.json, "Training") as progress:
        card = make_default_weights(
            corpora,
            options.footage,
            options.work,
            options.out,
            command=f"emotion-shortform train default-highlights {named} --footage DIR --work DIR "
            "--out FOLDER",
            progress=progress,
        )
    _show_card(card, options)


def _show_card(card: Mapping[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        say_json(card)
        return
    for name, result in card["results"].items():
        difference = result["difference_to_best_trivial"]
        ours = result["average_precision"]["fusion"]
        say(
            f"{name}: average precision {ours['value']:.3f}{_ends(ours)}, "
            f"{difference['value']:+.3f}{_ends(difference)} against {result['best_trivial']}"
        )
    if not card["beats_baseline"]:
        tested = bool(card["results"])
        reason = "it did not beat the baseline" if tested else "it was not tested (--test)"
        say(f"The application will not use these weights: {reason}.")
    say(f"Weights, card and reports are in {options.out}")
    if card["beats_baseline"]:
        say(f"Use them: emotion-shortform suggest VIDEO --fusion-model {options.out}")


def _ends(interval: Mapping[str, float | None]) -> str:
    low, high = interval["low"], interval["high"]
    return "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"


def _evaluate(options: argparse.Namespace) -> None:
    from core.learning.highlights.evaluation import EvaluationPlan, evaluate_highlights
    from core.learning.highlights.feature_store import FeatureStore
    from core.learning.highlights.network_training import NetworkSettings
    from core.learning.highlights.readers import with_split
    from core.learning.highlights.report import verdict, write_report
    from core.learning.highlights.sequences import read_sequences

    plan = EvaluationPlan(
        protocol=options.protocol,
        models=tuple(name.strip() for name in options.models.split(",")),
        folds=options.folds,
        seeds=options.seeds,
        headline=options.headline or "ap",
        combination=options.labels,
        network=NetworkSettings(
            fusion=options.fusion,
            loss=options.loss,
            positive_weight=options.positive_weight,
            epochs=options.epochs,
        ),
    )
    videos, store = _labels(options.corpus)
    if options.splits is not None:
        videos = with_split(videos, options.splits, options.split)
        plan = replace(plan, protocol="published")
    if options.headline is None and _reader_of(options.corpus) == "benchmark":
        graded = any(video.graded for video in videos)
        plan = replace(plan, headline="top5" if graded else "map")
    plan.check(videos)
    options.out.mkdir(parents=True, exist_ok=True)
    with show_progress(options.json, "Comparing") as progress:
        sequences = read_sequences(
            videos,
            None if store is None else FeatureStore(store),
            combination=plan.combination,
            progress=lambda share, name: progress(0.05 * share, name),
        )
        comparison, absent = evaluate_highlights(
            sequences, plan, progress=lambda share, name: progress(0.05 + 0.95 * share, name)
        )
    corpora = sorted({video.corpus for video in videos})
    write_report(
        options.out,
        comparison,
        title=f"Highlights of {' and '.join(corpora)}",
        command=_command(options),
        facts={
            "corpus": ", ".join(corpora),
            "videos": str(len(videos)),
            "features": "given with the corpus" if store is None else "our own signals",
            "labels": plan.combination,
        },
        protocol=[*plan.sentences(), *absent],
    )
    if options.json:
        say_json(comparison.as_json())
        return
    say(verdict(comparison))
    _show(comparison)
    say(f"The report is {options.out / 'report.html'}")


def _show(comparison: Comparison) -> None:
    for row in comparison.rows:
        found = row.findings[comparison.headline]
        mark = "" if row.system.trivial or found.beats_trivial else "  does not beat it"
        rival = "" if row.system.trivial else f"  ({found.difference} against {found.against})"
        say(f"{row.system.label}: {comparison.headline} {found.interval}{rival}{mark}")
    say(f"{counted(sum(comparison.domains.values()), 'test video')}")


def _sets(items: Sequence[str]) -> list[LabelledStore]:
    from core.learning.highlights.feature_store import FeatureStore
    from core.learning.highlights.fusion_plan import LabelledStore

    sets = []
    for item in items:
        videos, store = _labels(item)
        if store is None:
            raise UsageError(
                f"'{item}' names no features",
                remedy="Write table=LABELS.csv@STORE; emotion-shortform features makes the store.",
            )
        stored = FeatureStore(store)
        sets.append(LabelledStore(store.resolve().name, videos, stored))
    return sets


def _labels(item: str) -> tuple[list[LabelledVideo], Path | None]:
    from core.learning.highlights.readers import read_videos

    reader, labels, store = _parts(item)
    videos = read_videos(reader, labels)
    if not videos:
        raise CorpusError("there are no labelled videos", path=labels)
    return videos, store


def _parts(item: str) -> tuple[str, Path, Path | None]:
    """Reader, labels and store of ``READER=PATH@STORE``; folders may have an @ in their names."""
    reader, separator, rest = item.partition("=")
    path, at, store = rest.rpartition("@")
    if not at or Path(rest).exists():
        path, store = rest, ""
    if not separator or not reader or not path:
        raise UsageError(
            f"'{item}' does not name labels", remedy="Write table=LABELS.csv@STORE, for instance."
        )
    return reader, Path(path), Path(store) if store else None


def _reader_of(item: str) -> str:
    return item.partition("=")[0]


def _command(options: argparse.Namespace) -> str:
    """The command as it can be run elsewhere: names of files without where they lie here."""
    training = options.run is _train
    words = ["emotion-shortform", "train" if training else "evaluate", "highlights"]
    corpora = options.corpus if training else [options.corpus]
    for flag, items in (("--corpus", corpora), ("--test", options.test if training else [])):
        for item in items:
            reader, labels, store = _parts(item)
            place = f"@{_name(store)}" if store is not None else ""
            words += [flag, f"{reader}={_name(labels)}{place}"]
    names = _TRAINING if training else _COMPARING
    for name in (*names, *_BOTH):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join([*words, "--out", _name(options.out)])


def _name(path: Path) -> str:
    return path.absolute().name
