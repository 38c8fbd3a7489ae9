"""The verbs about corpora and networks: corpus, train, evaluate."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli.console import say, say_json, show_progress
from core.cli.corpus import check_corpus
from core.cli.frames import add_frame_training
from core.cli.highlights import (
    add_default_training,
    add_highlight_evaluation,
    add_highlight_training,
)
from core.cli.simulated_editors import add_simulated_editors
from core.errors import UsageError


def add_learning_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds corpus, train and evaluate."""
    corpus = verbs.add_parser("corpus", help="what a corpus of your own holds, and what is wrong")
    tasks = corpus.add_subparsers(required=True, metavar="TASK")
    check = tasks.add_parser(
        "check",
        help="count what a corpus of speech or of highlights holds, and list the problems",
        description="Opens every sound of a corpus of speech, or reads every label and feature of "
        "a corpus of highlights, counts, and lists the problems.",
    )
    check.add_argument("path", type=Path, metavar="PATH", help="folder or file of the corpus")
    check.add_argument("--reader", metavar="NAME", help="of the corpus; guessed by default")
    check.add_argument("--out", type=Path, metavar="FOLDER", help="write pictures and the report")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    check.set_defaults(run=check_corpus)

    train = verbs.add_parser("train", help="train a network of your own")
    networks = train.add_subparsers(required=True, metavar="NETWORK")
    emotion = networks.add_parser("emotion", help="speech emotion, arousal and valence")
    _corpus_option(emotion)
    emotion.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    emotion.add_argument(
        "--network",
        default="statistics",
        help="statistics (the shipped kind), lstm, gru or encoder",
    )
    emotion.add_argument(
        "--encoder", metavar="FOLDER_OR_ID", help="wav2vec 2.0, HuBERT or WavLM to fine-tune"
    )
    emotion.add_argument("--adapters", action="store_true", help="train the encoder by LoRA")
    emotion.add_argument(
        "--allow-download", action="store_true", help="fetch the encoder if it is missing"
    )
    emotion.add_argument("--seeds", type=int, default=1, help="cross-validations to compare")
    emotion.add_argument("--epochs", type=int, help="passes over the corpora")
    emotion.add_argument(
        "--folds", type=int, default=10, help="parts of the cross-validation, 0 for none"
    )
    emotion.add_argument(
        "--balance",
        default="drawing",
        help="against rare classes: drawing, weights or smote",
    )
    emotion.add_argument(
        "--thin-neutral", action="store_true", help="leave out neutral utterances in training"
    )
    emotion.add_argument(
        "--test",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="corpus to measure on only; may be repeated",
    )
    emotion.add_argument(
        "--statistics-only",
        action="store_true",
        help="train nothing: measure the weights in FOLDER on what they were trained on again, "
        "for tuning on corrections",
    )
    emotion.add_argument("--json", action="store_true", help="print the report as JSON")
    emotion.set_defaults(run=_train_emotion)

    voices = networks.add_parser("voices", help="what tells a low voice from a high one")
    _corpus_option(voices)
    voices.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    voices.add_argument("--json", action="store_true", help="print the card as JSON")
    voices.set_defaults(run=_train_voices)
    add_frame_training(networks)
    add_highlight_training(networks)
    add_default_training(networks)

    evaluate = verbs.add_parser("evaluate", help="measure a network on corpora it never heard")
    measured = evaluate.add_subparsers(required=True, metavar="NETWORK")
    emotion = measured.add_parser("emotion", help="speech emotion, arousal and valence")
    _corpus_option(emotion)
    emotion.add_argument("--weights", type=Path, metavar="FOLDER")
    emotion.add_argument("--out", type=Path, metavar="FOLDER", help="write pictures and the report")
    emotion.add_argument("--json", action="store_true", help="print the report as JSON")
    emotion.set_defaults(run=_evaluate_emotion)
    add_highlight_evaluation(measured)
    add_simulated_editors(measured)


def _corpus_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", action="append", required=True, metavar="NAME=PATH", help="may be repeated"
    )


def named_paths(items: Sequence[str]) -> dict[str, Path]:
    """Paths by name from ``NAME=PATH``.

    Raises:
        UsageError: One is not of that form, or a name is there twice.
    """
    corpora = {}
    for item in items:
        name, separator, path = item.partition("=")
        if not separator or not name or not path:
            raise UsageError(f"'{item}' does not name a corpus", remedy="Write emodb=PATH.")
        if name in corpora:
            raise UsageError(f"the corpus {name} is named twice", remedy="Put two tables into one.")
        corpora[name] = Path(path)
    return corpora


def _given(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options that were given, so that the others keep the defaults of the function."""
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _train_emotion(options: argparse.Namespace) -> None:
    from core.learning.emotion_training import Plan, train_emotion

    corpora, tests = named_paths(options.corpus), named_paths(options.test)
    if options.statistics_only:
        _renew_replay(options, corpora)
        return
    plan = Plan(
        network=options.network,
        seeds=options.seeds,
        folds=options.folds,
        epochs=options.epochs,
        balance=options.balance,
        thin_neutral=options.thin_neutral,
        encoder=options.encoder,
        adapters=options.adapters,
        allow_download=options.allow_download,
    )
    with show_progress(options.json, "Training") as progress:
        card = train_emotion(corpora, options.out, plan, tests=tests, progress=progress)
    if options.json:
        say_json(card)
        return
    for row in [*card.get("other_corpora", []), *card["results"]]:
        trivial = ", ".join(f"{name} {value:.3f}" for name, value in row["trivial"].items())
        mark = "" if row["beats_trivial"] else "  does not beat it"
        say(
            f"{row['corpus']}: {row['measure']} {row['mean']:.3f} "
            f"[{row['low']}, {row['high']}] ({trivial}){mark}"
        )
    with_report = ", card and report are" if options.folds or tests else " and card are"
    say(f"Weights{with_report} in {options.out}")


def _renew_replay(options: argparse.Namespace, corpora: dict[str, Path]) -> None:
    from core.learning.replay_measuring import renew_replay

    with show_progress(options.json, "Measuring") as progress:
        card = renew_replay(options.out, corpora, progress=progress)
    if options.json:
        say_json(card)
    else:
        say(f"Statistics of {sum(card['replay']['rows'].values())} windows are in {options.out}")


def _train_voices(options: argparse.Namespace) -> None:
    from core.learning.corpora import read_corpora
    from core.learning.emotion_features import read_cells
    from core.learning.voice_registers import voice_registers
    from core.learning.voices_training import train_voices

    corpora = named_paths(options.corpus)
    registers = voice_registers(corpora)
    with show_progress(options.json, "Training") as progress:
        utterances = read_corpora(corpora)
        cells = read_cells(
            utterances, progress=lambda done: progress(0.9 * done, "reading the corpora")
        )
        spoken = [versions[0].spoken for versions in cells]
        card = train_voices(utterances, spoken, registers, options.out)
    if options.json:
        say_json(card)
        return
    for row in card["results"]:
        say(
            f"{row['test']}, {row['corpus']}, {row['videos of']}: two voices heard in "
            f"{row['two voices heard']:.1%} of {row['videos']} videos"
        )
    say(f"Weights and card are in {options.out}")


def _evaluate_emotion(options: argparse.Namespace) -> None:
    from core.learning.emotion_evaluation import evaluate_emotion

    corpora = named_paths(options.corpus)
    with show_progress(options.json, "Evaluating") as progress:
        report = evaluate_emotion(
            options.weights, corpora, progress=progress, **_given(options, "out")
        )
    say_json(report)
