"""The verb that writes shorts: of a video, of a saved project, of many, to one or more presets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.analysis import add_analysis_options, add_cutting_options, analysis_of, cuts_of
from core.cli.console import counted, fail, say, say_json, show_progress
from core.cli.export_options import (
    add_encoding_options,
    add_look_options,
    crossfade_from,
    encoding_from,
    look_from,
)
from core.cli.export_targets import Target, check_target, sidecar_of, targets_of
from core.cli.given_cuts import CUTS_HELP, given_cuts
from core.errors import EmotionShortFormError, UsageError
from core.time import format_timecode

if TYPE_CHECKING:
    from core.cutting.cut import Cut
    from core.export.clip import Clip
    from core.export.look import Look
    from core.export.presets import Preset
    from core.export.render import Export, ExportSettings

_EXIT_ERROR = 1


def add_export_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds export."""
    export = verbs.add_parser(
        "export",
        help="write the short of a video or a saved project, or of many",
        description="Writes the short of a video, with the cuts that are suggested or those of a "
        "file, or of a saved project. With several inputs or presets each gets a file of its own.",
    )
    export.add_argument("input", type=Path, nargs="+", metavar="VIDEO_OR_PROJECT")
    where = export.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT.mp4")
    where.add_argument("--to", type=Path, metavar="FOLDER", help="for files named like the inputs")
    export.add_argument(
        "--preset",
        action="append",
        metavar="NAME",
        help="shorts, reels, tiktok, square, source, gif or webp; more than one is possible",
    )
    export.add_argument("--cuts", type=Path, metavar="FILE", help=CUTS_HELP)
    export.add_argument(
        "--caption-file", type=Path, metavar="FILE", help="srt, vtt or ass of the whole video"
    )
    export.add_argument(
        "--sidecar", default="srt", choices=("srt", "vtt", "ass"), help="kind of caption file"
    )
    export.add_argument("--overwrite", action="store_true", help="replace existing files")
    export.add_argument(
        "--dry-run", action="store_true", help="say what would be written, and write nothing"
    )
    export.add_argument(
        "--skip-existing", action="store_true", help="leave out what is there already"
    )
    add_analysis_options(export)
    add_cutting_options(export)
    add_look_options(export)
    add_encoding_options(export)
    export.set_defaults(run=_export)


def export_to_json(made: Export, cuts: Sequence[Cut]) -> dict[str, Any]:
    """A finished short as plain data."""
    from core.project.cuts_file import cut_to_json

    return {
        "path": str(made.path),
        "duration": float(made.duration),
        "width": made.width,
        "height": made.height,
        "frame_rate": float(made.frame_rate),
        "frames": made.frames,
        "size_bytes": made.size_bytes,
        "way": made.way.name,
        "loudness": made.loudness,
        "peak": made.peak,
        "notices": list(made.notices),
        "cuts": [cut_to_json(cut) for cut in cuts],
    }


@dataclass(frozen=True)
class _Short:
    """What an input asks to be written.

    Attributes:
        clips: What is shown.
        cuts: The same with their reasons.
        look: The look of the project, or the usual one.
    """

    clips: list[Clip]
    cuts: list[Cut]
    look: Look


def _export(options: argparse.Namespace) -> int:
    presets = _presets(options)
    single = len(options.input) == 1 and len(presets) == 1
    if options.output is not None and not single:
        raise UsageError("several shorts cannot have one name", remedy="Use --to FOLDER.")
    if options.caption_file is not None and len(options.input) > 1:
        raise UsageError(
            "one caption file belongs to one video", remedy="Export the videos one by one."
        )
    _check_options(options)
    targets = targets_of(presets, options)
    if options.to is not None and not options.dry_run:
        options.to.mkdir(parents=True, exist_ok=True)
    done: list[dict[str, Any]] = []
    failed = [
        source
        for source, wanted in targets.items()
        if not _export_input(source, wanted, options, single, done)
    ]
    if options.json:
        say_json(done[0] if single and done else done)
    if failed:
        print(  # noqa: T201
            f"{len(failed)} of {counted(len(targets), 'input')} could not be exported.",
            file=sys.stderr,
        )
    return _EXIT_ERROR if failed else 0


def _presets(options: argparse.Namespace) -> list[Preset | None]:
    from core.export.presets import PRESETS

    for name in options.preset or ():
        if name not in PRESETS:
            raise UsageError(
                f"there is no preset '{name}'", remedy=f"Choose one of {', '.join(PRESETS)}."
            )
    return [PRESETS[name] for name in dict.fromkeys(options.preset or ())] or [None]


def _check_options(options: argparse.Namespace) -> None:
    """Refuses what is not possible before anything is analysed."""
    from core.cutting.suggest import CuttingRules
    from core.export.encoding import Encoding
    from core.export.look import Look

    CuttingRules(options.length, options.shortest, options.longest)
    look_from(options, Look())
    encoding_from(options, Encoding())
    crossfade_from(options)


def _export_input(
    source: Path,
    targets: Sequence[Target],
    options: argparse.Namespace,
    single: bool,
    done: list[dict[str, Any]],
) -> bool:
    """Writes the shorts of one input and notes them down; false if one could not be written."""
    if options.skip_existing:
        for target in targets:
            if target.output.exists() and not options.json:
                say(f"{target.output}: there already")
        targets = [target for target in targets if not target.output.exists()]
    if not targets:
        return True
    try:
        for target in targets:
            if options.to is None or not options.dry_run:
                check_target(target, options)
        short = _short(source, options)
    except EmotionShortFormError as error:
        if single:
            raise
        fail(error, _EXIT_ERROR)
        return False
    whole = True
    for target in targets:
        try:
            work = _foretell if options.dry_run else _write
            done.append(work(short, target, options))
        except EmotionShortFormError as error:
            if single:
                raise
            fail(error, _EXIT_ERROR)
            whole = False
    return whole


def _short(source: Path, options: argparse.Namespace) -> _Short:
    from core.export.captions.caption import captions_within
    from core.export.captions.files import read_captions
    from core.export.clip import Join
    from core.project.project_file import ENDING

    if source.suffix.casefold() == ENDING:
        short = _project_short(source)
    else:
        short = _video_short(source, options)
    clips = short.clips
    if options.caption_file is not None:
        captions = read_captions(options.caption_file)
        within = captions_within(captions, [clip.span for clip in clips])
        clips = [replace(clip, captions=said) for clip, said in zip(clips, within, strict=True)]
    crossfade = crossfade_from(options)
    if crossfade is not None:
        clips = [replace(clip, join=Join(crossfade, clip.join.sound)) for clip in clips]
    if options.captions not in (None, "none") and not any(clip.captions for clip in clips):
        raise UsageError(
            "no captions are known",
            path=source,
            remedy="Name a file with --caption-file, or write them down with "
            "'emotion-shortform captions'.",
        )
    return replace(short, clips=clips)


def _project_short(source: Path) -> _Short:
    from core.project.short import read_short

    project, clips = read_short(source)
    return _Short(clips, [edited.cut for edited in project.short], project.wishes.look)


def _video_short(source: Path, options: argparse.Namespace) -> _Short:
    from core.export.clip import Clip
    from core.export.look import Look
    from core.media.probe import probe

    info = probe(source)
    if options.cuts is not None:
        cuts = given_cuts(options.cuts, source)
    else:
        cuts = cuts_of(analysis_of(source, options), options)
    return _Short([Clip(info, cut.span) for cut in cuts], cuts, Look())


def _settings(look: Look, preset: Preset | None, options: argparse.Namespace) -> ExportSettings:
    from core.export.encoding import Encoding
    from core.export.render import ExportSettings

    base = (
        ExportSettings(look, Encoding())
        if preset is None
        else preset.settings(look, options.overwrite)
    )
    return ExportSettings(
        look_from(options, base.look), encoding_from(options, base.encoding), options.overwrite
    )


def _write(short: _Short, target: Target, options: argparse.Namespace) -> dict[str, Any]:
    from core.export.captions.files import write_captions
    from core.export.render import export_short

    settings = _settings(short.look, target.preset, options)
    with show_progress(options.json, f"Writing {target.output.name}") as progress:
        made = export_short(short.clips, target.output, settings, progress=progress)
    sidecar = sidecar_of(target.output, options)
    if sidecar is not None:
        write_captions(made.captions, sidecar)
    beyond = _beyond_limits(made, target.preset)
    if not options.json:
        loud = "" if made.loudness is None else f", {made.loudness:.1f} LUFS"
        say(
            f"{made.path}: {format_timecode(made.duration)}, {counted(len(short.cuts), 'cut')}, "
            f"{made.width} × {made.height}, {made.size_bytes / 1e6:.1f} MB{loud}"
        )
        for sentence in (*made.notices, *beyond):
            say(f"  {sentence}")
    return {
        **export_to_json(made, short.cuts),
        "captions": None if sidecar is None else str(sidecar),
        "beyond_limits": beyond,
    }


def _foretell(short: _Short, target: Target, options: argparse.Namespace) -> dict[str, Any]:
    from core.export.foresight import foresee
    from core.export.limits import Limits

    settings = _settings(short.look, target.preset, options)
    limits = Limits() if target.preset is None else target.preset.limits
    suffix = target.output.suffix.lower()
    expected = foresee(short.clips, settings.look, settings.encoding, suffix, limits)
    guess = expected.guess
    if not options.json:
        size = "" if guess is None else f", about {guess.bytes / 1e6:.1f} MB, {expected.way}"
        say(
            f"{target.output}: {format_timecode(expected.duration)}, "
            f"{expected.width} × {expected.height}{size}"
        )
        for sentence in filter(None, (expected.refusal, *expected.warnings)):
            say(f"  {sentence}")
    return {
        "path": str(target.output),
        "duration": float(expected.duration),
        "width": expected.width,
        "height": expected.height,
        "frame_rate": float(expected.frame_rate),
        "way": expected.way,
        "size_bytes": None if guess is None else guess.bytes,
        "seconds": None if guess is None else guess.seconds,
        "refusal": expected.refusal,
        "beyond_limits": list(expected.warnings),
    }


def _beyond_limits(made: Export, preset: Preset | None) -> list[str]:
    """What the place that the preset is for does not take, a sentence each."""
    from core.export.limits import check_file

    if preset is None:
        return []
    found = check_file(
        preset.limits,
        duration=made.duration,
        size=(made.width, made.height),
        frame_rate=made.frame_rate,
        size_bytes=made.size_bytes,
    )
    stated = f" ({preset.limits.stated})" if preset.limits.stated else ""
    return [f"{preset.title}: {sentence}{stated}" for sentence in found]
