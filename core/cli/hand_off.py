"""The verb that hands a short to another editor, as a timeline instead of a video."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.analysis import add_analysis_options, add_cutting_options, analysis_of, cuts_of
from core.cli.console import counted, say, say_json
from core.cli.given_cuts import CUTS_HELP, given_cuts

if TYPE_CHECKING:
    from core.export.interchange.timeline import Timeline


def add_hand_off_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds hand-off."""
    hand_off = verbs.add_parser(
        "hand-off",
        help="write the short as a timeline for another editor",
        description="Writes the cuts as a timeline, with markers that carry emotion and reasons. "
        "The end of the name says for whom: .otio, .fcpxml, .edl, .mlt, .csv, .chapters.txt or "
        ".ffmetadata.",
    )
    hand_off.add_argument("input", type=Path, metavar="VIDEO_OR_PROJECT")
    hand_off.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.fcpxml")
    hand_off.add_argument("--cuts", type=Path, metavar="FILE", help=CUTS_HELP)
    hand_off.add_argument("--overwrite", action="store_true", help="replace an existing file")
    add_analysis_options(hand_off)
    add_cutting_options(hand_off)
    hand_off.set_defaults(run=_hand_off)


def _hand_off(options: argparse.Namespace) -> None:
    from core.export.interchange.writing import write_timeline
    from core.project.project_file import ENDING

    if options.input.suffix.casefold() == ENDING:
        timeline = _of_project(options)
    else:
        timeline = _of_video(options)
    made = write_timeline(timeline, options.output, overwrite=options.overwrite)
    if options.json:
        say_json(
            {
                "path": str(made.path),
                "clips": len(timeline.clips),
                "frame_rate": float(timeline.frame_rate),
                "notices": list(made.notices),
            }
        )
        return
    say(f"{made.path}: {counted(len(timeline.clips), 'cut')}")
    for notice in made.notices:
        say(f"  {notice}")


def _of_project(options: argparse.Namespace) -> Timeline:
    from core.project.hand_off import hand_off_project
    from core.project.opening import open_media
    from core.project.project_file import read_project

    media = open_media(read_project(options.input), options.input)
    shown = dict.fromkeys(edited.medium for edited in media.project.short)
    analyses = {
        identifier: analysis_of(media.infos[identifier].path, options)
        for identifier in shown
        if identifier in media.infos
    }
    return hand_off_project(options.input.stem, media.project, media.infos, analyses)


def _of_video(options: argparse.Namespace) -> Timeline:
    from core.export.clip import Clip
    from core.export.look import Look
    from core.project.hand_off import notes_of, timeline_of

    analysis = analysis_of(options.input, options)
    cuts = (
        cuts_of(analysis, options)
        if options.cuts is None
        else given_cuts(options.cuts, options.input)
    )
    clips = [Clip(analysis.info, cut.span) for cut in cuts]
    notes = [notes_of(cut, analysis) for cut in cuts]
    return timeline_of(options.input.stem, clips, notes, Look())
