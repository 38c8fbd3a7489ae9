"""The verb evaluate editors: what the corrections of simulated editors are worth."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from core.cli.console import say, say_json, say_table, show_progress
from core.errors import UsageError


def add_simulated_editors(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds editors to evaluate."""
    editors = verbs.add_parser(
        "editors",
        help="simulate editors on a benchmark: what a few corrected videos are worth",
        description="Leaves each kind of videos out of what is learned, lets simulated editors "
        "correct some videos of it, and measures what that gains on others of this kind.",
    )
    editors.add_argument(
        "--corpus", required=True, metavar="youtube=DIR", help="a benchmark with a published split"
    )
    editors.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    editors.add_argument("--draws", type=int, default=10, help="editors by kind of videos and seed")
    editors.add_argument("--seeds", type=int, default=3, help="repetitions")
    editors.add_argument(
        "--videos", default="1,3,5,10", metavar="K,K", help="how many videos an editor corrects"
    )
    editors.add_argument(
        "--within",
        action="store_true",
        help="what corrections in a part of a video are worth for the rest of it, instead",
    )
    editors.add_argument("--json", action="store_true", help="print the measures as JSON")
    editors.set_defaults(run=_simulate)


def _simulate(options: argparse.Namespace) -> None:
    _, separator, path = options.corpus.partition("=")
    if not separator or not path:
        raise UsageError(f"'{options.corpus}' names no benchmark", remedy="Write youtube=DIR.")
    if options.within:
        _within(options, Path(path))
    else:
        _between(options, Path(path))


def _between(options: argparse.Namespace, corpus: Path) -> None:
    from core.learning.personal.editors_report import (
        as_json,
        mean_gain,
        run_editors,
        summary,
        write_editors,
    )
    from core.learning.personal.simulated_editors import METHODS, SimulationPlan

    plan = SimulationPlan(videos=_counts(options.videos), draws=options.draws, seeds=options.seeds)
    with show_progress(options.json, "Simulating") as progress:
        simulation = run_editors(corpus, plan, progress=progress)
    files = write_editors(simulation, options.out, command=_command(options))
    if options.json:
        say_json(as_json(simulation))
        return
    rows: list[tuple[str, ...]] = []
    for count in plan.videos:
        draws = simulation.of(count)
        for name in METHODS:
            found, gain = summary(draws, name), mean_gain(draws, name)
            rows.append(
                (
                    f"{count} {name}", f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]",
                    f"{found['better']:.0%}", f"{found['worst']:+.1f}",
                )
            )  # fmt: skip
    say_table(("videos, learned by", "points of mAP", "better", "worst"), rows)
    say(f"The report is {files[0]}")


def _within(options: argparse.Namespace, corpus: Path) -> None:
    from core.learning.personal.within_report import run_within, write_within

    with show_progress(options.json, "Simulating") as progress:
        within = run_within(corpus, progress=progress)
    files = write_within(within, options.out, command=_command(options))
    if options.json:
        say_json({"reports": [str(file) for file in files]})
        return
    say(f"The report is {files[0]}")


def _counts(text: str) -> tuple[int, ...]:
    try:
        counts = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError as error:
        raise UsageError(f"'{text}' is no list of numbers", remedy="Write 1,3,5,10.") from error
    return counts


def _command(options: argparse.Namespace) -> str:
    """The command as it can be run elsewhere: names of folders without where they lie here."""
    name, _, path = options.corpus.partition("=")
    words = ["emotion-shortform", "evaluate", "editors"]
    words += ["--corpus", f"{name}={Path(path).absolute().name}"]
    if options.within:
        words.append("--within")
    else:
        for option in ("draws", "seeds", "videos"):
            words += [f"--{option}", str(getattr(options, option))]
    return shlex.join([*words, "--out", options.out.absolute().name])
