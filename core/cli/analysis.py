"""The verbs about one video: analyze, suggest, demo."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import counted, say, say_json, show_progress, warn
from core.cli.frames import (
    add_scorer_option,
    add_tag_option,
    frame_curves,
    frame_scores_of,
    frame_words,
)
from core.errors import ProjectError, UsageError
from core.places import SAMPLE_VIDEO, cache_folder
from core.time import Grid, exact, format_timecode

if TYPE_CHECKING:
    from core.analysis.analysis import Analysis
    from core.cutting.cut import Cut
    from core.learning.personal.weights_in_use import WeightsInUse
    from core.networks.vision import Backbone

SAMPLE_LENGTH = 30.0
"""Seconds of the short that the demo makes."""


def add_analysis_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds analyze and suggest."""
    analyze = verbs.add_parser("analyze", help="measure emotion, sound and picture of a video")
    _video_argument(analyze)
    add_analysis_options(analyze)
    add_tag_option(analyze)
    add_scorer_option(analyze)
    analyze.add_argument("--out", type=Path, metavar="FILE", help="write the curves as JSON")
    analyze.add_argument("--overwrite", action="store_true", help="replace an existing file")
    analyze.set_defaults(run=_analyze)

    suggest = verbs.add_parser("suggest", help="propose the cuts of a short")
    _video_argument(suggest)
    add_analysis_options(suggest)
    add_tag_option(suggest)
    add_cutting_options(suggest)
    suggest.set_defaults(run=_suggest)


def add_demo_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds demo."""
    demo = verbs.add_parser("demo", help="analyse the sample video and write its short")
    demo.add_argument("--output", type=Path, help="sample-short.mp4 with a free number by default")
    demo.add_argument("--json", action="store_true", help="print machine-readable results")
    demo.set_defaults(run=_demo)


def _video_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO")


def add_analysis_options(parser: argparse.ArgumentParser) -> None:
    """Adds what says how videos are analysed."""
    parser.add_argument("--grid", default="1", metavar="S", help="seconds per cell, 0.5 to 2")
    parser.add_argument("--tier", choices=("embedded", "full"), default="embedded")
    parser.add_argument("--visual-model", metavar="FOLDER_OR_ID", help="ViT of the full tier")
    parser.add_argument(
        "--profile", default="", metavar="NAME", help="whose corrections count; the usual one's"
    )
    parser.add_argument(
        "--emotion-model",
        type=Path,
        metavar="FOLDER",
        help="weights of a network of your own, in place of the profile's",
    )
    parser.add_argument(
        "--fusion-model",
        type=Path,
        metavar="FOLDER",
        help="weights of train highlights, in place of all that the profile learned about "
        "highlights; used if they beat the baseline",
    )
    parser.add_argument(
        "--allow-download", action="store_true", help="fetch the full tier's model if it is missing"
    )
    parser.add_argument("--json", action="store_true", help="print machine-readable results")


def add_cutting_options(parser: argparse.ArgumentParser) -> None:
    """Adds what says how long the short and its cuts are."""
    parser.add_argument("--length", type=float, default=30.0, metavar="S", help="of the short")
    parser.add_argument("--shortest", type=float, metavar="S", help="of a cut")
    parser.add_argument("--longest", type=float, metavar="S", help="of a cut")


def _backbone(video: Path, options: argparse.Namespace) -> Backbone:
    from core.networks.vision import DEFAULT_TRANSFORMER, EmbeddedBackbone

    if options.tier == "full":
        from core.media.probe import probe
        from core.networks.vision import TransformerBackbone

        probe(video)
        return TransformerBackbone(
            options.visual_model or DEFAULT_TRANSFORMER, allow_download=options.allow_download
        )
    if options.visual_model:
        raise UsageError("a visual model belongs to the full tier", remedy="Add --tier full.")
    return EmbeddedBackbone()


def analysis_of(
    video: Path,
    options: argparse.Namespace,
    backbone: Backbone | None = None,
    tags: Path | None = None,
) -> Analysis:
    """Analyses a video as the options say; what was analysed before is there at once."""
    grid = _grid(options.grid)
    from core.analysis.pipeline import analyse
    from core.analysis.store import Store
    from core.analysis.tags import Tagger, tagged

    weights = _weights(options)
    backbone = backbone or _backbone(video, options)
    # Weights that do not fit are refused before the video is looked at.
    tagger = None if tags is None else Tagger(tags, backbone.version, backbone.dimension)
    with show_progress(options.json, f"Analysing {video.name}") as progress:
        analysis = analyse(
            video,
            store=Store(cache_folder() / "analysis"),
            grid=grid,
            backbone=backbone,
            emotion_weights=weights.emotion,
            fusion_weights=weights.fusion,
            taste=weights.taste,
            progress=progress,
        )
    return analysis if tagger is None else tagged(analysis, tagger)


def _weights(options: argparse.Namespace) -> WeightsInUse:
    from core.learning.personal.profiles import Profile
    from core.learning.personal.weights_in_use import weights_in_use
    from core.networks.weights import load_card

    if options.fusion_model is not None:
        load_card(options.fusion_model)
    found = weights_in_use(
        Profile.named(options.profile), emotion=options.emotion_model, fusion=options.fusion_model
    )
    if found.problem:
        warn(found.problem)
    return found


def _grid(text: str) -> Grid:
    try:
        return Grid(exact(text))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"'{text}' is not a grid", remedy="Choose 0.5 to 2 seconds.") from None


def cuts_of(analysis: Analysis, options: argparse.Namespace) -> list[Cut]:
    """The cuts that are suggested for an analysed video."""
    from core.cutting.suggest import CuttingRules, suggest

    return suggest(analysis, CuttingRules(options.length, options.shortest, options.longest))


def _analyze(options: argparse.Namespace) -> None:
    from core.analysis.report import curves

    if options.out is not None:
        _check_new(options.out, options.video, options.overwrite)
    backbone = _backbone(options.video, options)
    scores = frame_scores_of(options, backbone)
    analysis = analysis_of(options.video, options, backbone, options.tags)
    data = {**curves(analysis), **frame_curves(analysis, scores)}
    if options.out is not None:
        from core.project.cuts_file import write_json

        write_json(options.out, data)
    if options.json:
        say_json(data)
        return
    say(f"{options.video.name}: {format_timecode(analysis.info.duration)}, {analysis.cells} cells")
    for notice in data["notices"]:
        say(f"  {notice}")
    peaks = sorted(enumerate(analysis.highlight.score), key=lambda pair: -pair[1])[:5]
    for index, score in sorted(peaks):
        words = ", ".join((f"highlight {score:.2f}", *frame_words(data, index)))
        say(f"  {format_timecode(analysis.grid.start(index))}  {words}")
    if options.out is not None:
        say(f"Curves written to {options.out}")


def _check_new(output: Path, source: Path, overwrite: bool) -> None:
    if output.exists() and source.exists() and output.samefile(source):
        raise UsageError("this would replace the video", path=output, remedy="Name another file.")
    if output.exists() and not overwrite:
        raise ProjectError(
            "there is already a file of this name", path=output, remedy="Add --overwrite."
        )
    if not output.parent.is_dir():
        raise ProjectError("the folder does not exist", path=output.parent, remedy="Create it.")


def _suggest(options: argparse.Namespace) -> None:
    from core.cutting.suggest import CuttingRules
    from core.project.cuts_file import suggestion_to_json

    CuttingRules(options.length, options.shortest, options.longest)
    analysis = analysis_of(options.video, options, tags=options.tags)
    cuts = cuts_of(analysis, options)
    if options.json:
        say_json(suggestion_to_json(analysis, cuts, options.length))
    else:
        _print_cuts(analysis, cuts, options.length)


def _demo(options: argparse.Namespace) -> None:
    from core.analysis.pipeline import analyse
    from core.analysis.store import Store
    from core.cli.export import export_to_json
    from core.cutting.suggest import CuttingRules, suggest
    from core.export.clip import Clip
    from core.export.look import Look
    from core.export.render import ExportSettings, export_short
    from core.export.target import check_output

    output = options.output or _free_name(Path("sample-short.mp4"))
    check_output(output, [SAMPLE_VIDEO], overwrite=False)
    with show_progress(options.json, "Analysing the sample") as progress:
        analysis = analyse(
            SAMPLE_VIDEO, store=Store(cache_folder() / "analysis"), progress=progress
        )
    cuts = suggest(analysis, CuttingRules(SAMPLE_LENGTH))
    if not options.json:
        _print_cuts(analysis, cuts, SAMPLE_LENGTH)
    with show_progress(options.json, "Writing the short") as progress:
        made = export_short(
            [Clip(analysis.info, cut.span) for cut in cuts],
            output,
            ExportSettings(Look(aspect="9:16", title="EmotionShortForm")),
            progress=progress,
        )
    if options.json:
        say_json(export_to_json(made, cuts))
    else:
        say(f"The short is {made.path.resolve()} ({format_timecode(made.duration)}, 9:16).")


def _free_name(wanted: Path) -> Path:
    """The name itself, or with the lowest number that makes it new."""
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_stem(f"{wanted.stem}-{number}")
    return path


def _print_cuts(analysis: Analysis, cuts: Sequence[Cut], length: float) -> None:
    total = sum(float(cut.span.duration) for cut in cuts)
    say(f"{analysis.info.path.name}: {counted(len(cuts), 'cut')}, {total:.1f} s of {length:g} s")
    for number, cut in enumerate(cuts, start=1):
        say(f"{number:3}. {cut.span}  {float(cut.span.duration):5.1f} s  score {cut.score:.2f}")
        say(f"     {', '.join(reason.text for reason in cut.reasons)}")
    for notice in analysis.notices:
        say(notice)
