"""The verb that composes videos with known emotional moments: moments."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from core.cli.console import counted, say, say_json, show_progress
from core.cli.learning import named_paths


def add_moments_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds moments."""
    moments = verbs.add_parser(
        "moments", help="compose videos with known emotional moments from corpora of speech"
    )
    moments.add_argument(
        "--corpus", action="append", required=True, metavar="NAME=PATH", help="may be repeated"
    )
    moments.add_argument(
        "--speakers", metavar="A,B,…", help="who may speak, as in nemo-SB0; everyone by default"
    )
    moments.add_argument(
        "--footage", type=Path, metavar="DIR", help="films for the pictures; made ones by default"
    )
    moments.add_argument("--out", type=Path, required=True, metavar="DIR")
    moments.add_argument("--videos", type=int, default=4, metavar="N", help="of each corpus")
    moments.add_argument("--minutes", type=float, default=8.0, metavar="M", help="of each video")
    moments.add_argument("--seed", type=int, default=0)
    moments.add_argument(
        "--effort",
        action="store_true",
        help="give the emotions usual levels, for corpora whose files were brought to one peak",
    )
    moments.add_argument("--json", action="store_true", help="print machine-readable results")
    moments.set_defaults(run=_moments)


def _moments(options: argparse.Namespace) -> None:
    from core.learning.highlights.moments_recipe import EFFORT, USUAL, Recipe
    from core.learning.highlights.moments_set import TRUTH, make_moments

    corpora = named_paths(options.corpus)
    named = None
    if options.speakers is not None:
        named = [name.strip() for name in options.speakers.split(",") if name.strip()]
    with show_progress(options.json, "Composing") as progress:
        labels = make_moments(
            corpora,
            options.out,
            footage=options.footage,
            videos=options.videos,
            minutes=options.minutes,
            seed=options.seed,
            speakers=named,
            recipe=Recipe(effort=EFFORT) if options.effort else USUAL,
            progress=progress,
        )
    with labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    videos = len({row["video"] for row in rows})
    seconds = sum(int(row["end"]) - int(row["start"]) for row in rows)
    if options.json:
        say_json(
            {
                "labels": str(labels),
                "truth": str(labels.with_name(TRUTH)),
                "videos": videos,
                "moments": len(rows),
                "seconds in moments": seconds,
            }
        )
        return
    share = seconds / (60 * options.minutes * videos)
    say(f"{counted(videos, 'video')} of {options.minutes:g} minutes, {share:.1%} in moments")
    say(f"Labels are in {labels}, the whole truth is in {labels.with_name(TRUTH)}")
