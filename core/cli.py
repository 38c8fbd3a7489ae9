"""The same verbs from a terminal: analyse, suggest, export, train, demo, doctor."""

from __future__ import annotations

import argparse
import io
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.errors import Cancelled, EmotionShortFormError, ProjectError, UsageError
from core.places import SAMPLE_VIDEO, cache_folder
from core.time import Grid, exact, format_timecode

if TYPE_CHECKING:
    from core.analysis.analysis import Analysis
    from core.cutting.cut import Cut

Progress = Callable[[float, str], None]

VERBS = ("analyze", "suggest", "export", "train", "evaluate", "demo", "doctor")

_STOPPING = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
_EXIT_DONE, _EXIT_ERROR, _EXIT_USAGE, _EXIT_INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a verb; prints results to standard output and problems to standard error.

    Returns:
        0 if all went well, 1 for a problem with a file or a model, 2 for a wrong request.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    previous = {number: signal.signal(number, _interrupt) for number in _STOPPING}
    # A name that is not UTF-8 must not keep a message from being read.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result: int | None = options.run(options)
        return _EXIT_DONE if result is None else result
    except UsageError as error:
        return _fail(error, _EXIT_USAGE)
    except EmotionShortFormError as error:
        return _fail(error, _EXIT_ERROR)
    except (KeyboardInterrupt, Cancelled):
        print("Stopped; what was analysed is kept.", file=sys.stderr)  # noqa: T201
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        return _EXIT_ERROR
    except OSError as error:
        what = error.strerror or str(error)
        return _fail(EmotionShortFormError(what, path=error.filename), _EXIT_ERROR)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _fail(error: EmotionShortFormError, code: int) -> int:
    message = " ".join(str(error).split())
    print(f"emotion-shortform: {message}", file=sys.stderr)  # noqa: T201
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emotion-shortform",
        description="Finds the moments of a video that move people, and cuts the short. "
        "Without a verb it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"emotion-shortform {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    analyze = verbs.add_parser("analyze", help="measure emotion, sound and picture of a video")
    _analysis_options(analyze)
    analyze.add_argument("--out", type=Path, metavar="FILE", help="write the curves as JSON")
    analyze.add_argument("--overwrite", action="store_true", help="replace an existing file")
    analyze.set_defaults(run=_analyze)

    suggest = verbs.add_parser("suggest", help="propose the cuts of a short")
    _analysis_options(suggest)
    _cutting_options(suggest)
    suggest.set_defaults(run=_suggest)

    export = verbs.add_parser("export", help="write the short")
    _analysis_options(export)
    _cutting_options(export)
    export.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.mp4")
    export.add_argument("--cuts", type=Path, metavar="FILE.json", help="cuts to use instead")
    export.add_argument("--aspect", default="source", metavar="9:16", help="shape of the picture")
    export.add_argument("--title", default="", help="text shown over the first seconds")
    export.add_argument("--overwrite", action="store_true", help="replace an existing file")
    export.set_defaults(run=_export)

    train = verbs.add_parser("train", help="train a network of your own")
    networks = train.add_subparsers(required=True, metavar="NETWORK")
    emotion = networks.add_parser("emotion", help="speech emotion, arousal and valence")
    _corpus_option(emotion)
    emotion.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    emotion.add_argument("--seeds", type=int, default=1, help="networks to train and compare")
    emotion.add_argument("--epochs", type=int, help="passes over the corpora")
    emotion.add_argument(
        "--test",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="corpus to measure on only; may be repeated",
    )
    emotion.add_argument("--json", action="store_true", help="print the report as JSON")
    emotion.set_defaults(run=_train_emotion)

    evaluate = verbs.add_parser("evaluate", help="measure a network on corpora it never heard")
    measured = evaluate.add_subparsers(required=True, metavar="NETWORK")
    emotion = measured.add_parser("emotion", help="speech emotion, arousal and valence")
    _corpus_option(emotion)
    emotion.add_argument("--weights", type=Path, metavar="FOLDER")
    emotion.add_argument("--json", action="store_true", help="print the report as JSON")
    emotion.set_defaults(run=_evaluate_emotion)

    demo = verbs.add_parser("demo", help="analyse the sample video and write its short")
    demo.add_argument("--output", type=Path, help="sample-short.mp4 with a free number by default")
    demo.add_argument("--json", action="store_true", help="print machine-readable results")
    demo.set_defaults(run=_demo)

    doctor = verbs.add_parser("doctor", help="what is installed, what is missing, how to get it")
    doctor.add_argument("--json", action="store_true", help="print machine-readable results")
    doctor.set_defaults(run=_doctor)
    return parser


def _analysis_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO")
    parser.add_argument("--grid", default="1", metavar="S", help="seconds per cell, 0.5 to 2")
    parser.add_argument("--tier", choices=("embedded", "full"), default="embedded")
    parser.add_argument("--visual-model", metavar="FOLDER_OR_ID", help="ViT of the full tier")
    parser.add_argument(
        "--allow-download", action="store_true", help="fetch the full tier's model if it is missing"
    )
    parser.add_argument("--json", action="store_true", help="print machine-readable results")


def _cutting_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--length", type=float, default=30.0, metavar="S", help="of the short")
    parser.add_argument("--shortest", type=float, metavar="S", help="of a cut")
    parser.add_argument("--longest", type=float, metavar="S", help="of a cut")


def _corpus_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", action="append", required=True, metavar="NAME=PATH", help="may be repeated"
    )


@contextmanager
def _progress(quiet: bool, title: str) -> Iterator[Progress]:
    """A progress bar on standard error, or nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda fraction, message: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[message]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0, message="")
        yield lambda fraction, message: bar.update(task, completed=fraction, message=message)


def _analysis(options: argparse.Namespace) -> Analysis:
    grid = _grid(options.grid)
    from core.analysis.pipeline import analyse
    from core.analysis.store import Store
    from core.networks.vision import DEFAULT_TRANSFORMER, Backbone, EmbeddedBackbone

    backbone: Backbone = EmbeddedBackbone()
    if options.tier == "full":
        from core.media.probe import probe
        from core.networks.vision import TransformerBackbone

        probe(options.video)
        backbone = TransformerBackbone(
            options.visual_model or DEFAULT_TRANSFORMER, allow_download=options.allow_download
        )
    elif options.visual_model:
        raise UsageError("a visual model belongs to the full tier", remedy="Add --tier full.")
    with _progress(options.json, f"Analysing {options.video.name}") as progress:
        return analyse(
            options.video,
            store=Store(cache_folder() / "analysis"),
            grid=grid,
            backbone=backbone,
            progress=progress,
        )


def _grid(text: str) -> Grid:
    try:
        return Grid(exact(text))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"'{text}' is not a grid", remedy="Choose 0.5 to 2 seconds.") from None


def _cuts(analysis: Analysis, options: argparse.Namespace) -> list[Cut]:
    from core.cutting.suggest import CuttingRules, suggest

    return suggest(analysis, CuttingRules(options.length, options.shortest, options.longest))


def _analyze(options: argparse.Namespace) -> None:
    from core.analysis.report import curves

    if options.out is not None:
        _check_new(options.out, options.video, options.overwrite)
    analysis = _analysis(options)
    data = curves(analysis)
    if options.out is not None:
        from core.project.cuts_file import write_json

        write_json(options.out, data)
    if options.json:
        _print_json(data)
        return
    _print(
        f"{options.video.name}: {format_timecode(analysis.info.duration)}, {analysis.cells} cells"
    )
    for notice in analysis.notices:
        _print(f"  {notice}")
    peaks = sorted(enumerate(analysis.highlight.score), key=lambda pair: -pair[1])[:5]
    for index, score in sorted(peaks):
        _print(f"  {format_timecode(analysis.grid.start(index))}  highlight {score:.2f}")
    if options.out is not None:
        _print(f"Curves written to {options.out}")


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
    analysis = _analysis(options)
    cuts = _cuts(analysis, options)
    if options.json:
        _print_json(suggestion_to_json(analysis, cuts, options.length))
    else:
        _print_cuts(analysis, cuts, options.length)


def _export(options: argparse.Namespace) -> None:
    from core.cutting.suggest import CuttingRules
    from core.export.render import ExportSettings, check_output, export_short
    from core.media.probe import probe
    from core.project.cuts_file import read_cuts

    settings = ExportSettings(
        aspect=options.aspect, title=options.title, overwrite=options.overwrite
    )
    CuttingRules(options.length, options.shortest, options.longest)
    info = probe(options.video)
    check_output(options.output, options.video, options.overwrite)
    if options.cuts is not None:
        cuts = read_cuts(options.cuts)
    else:
        cuts = _cuts(_analysis(options), options)
    with _progress(options.json, f"Writing {options.output.name}") as progress:
        made = export_short(
            info, [cut.span for cut in cuts], options.output, settings, progress=progress
        )
    if options.json:
        _print_json(_export_to_json(made, cuts))
    else:
        _print(
            f"{made.path}: {format_timecode(made.duration)}, {_counted(cuts)}, "
            f"{made.width} × {made.height}, {made.size_bytes / 1e6:.1f} MB"
        )


def _demo(options: argparse.Namespace) -> None:
    from core.analysis.pipeline import analyse
    from core.analysis.store import Store
    from core.cutting.suggest import CuttingRules, suggest
    from core.export.render import ExportSettings, check_output, export_short

    length = 30.0
    output = options.output or _free_name(Path("sample-short.mp4"))
    check_output(output, SAMPLE_VIDEO, overwrite=False)
    with _progress(options.json, "Analysing the sample") as progress:
        analysis = analyse(
            SAMPLE_VIDEO, store=Store(cache_folder() / "analysis"), progress=progress
        )
    cuts = suggest(analysis, CuttingRules(length))
    if not options.json:
        _print_cuts(analysis, cuts, length)
    with _progress(options.json, "Writing the short") as progress:
        made = export_short(
            analysis.info,
            [cut.span for cut in cuts],
            output,
            ExportSettings(aspect="9:16", title="EmotionShortForm"),
            progress=progress,
        )
    if options.json:
        _print_json(_export_to_json(made, cuts))
    else:
        _print(f"The short is {made.path.resolve()} ({format_timecode(made.duration)}, 9:16).")


def _free_name(wanted: Path) -> Path:
    """The name itself, or with the lowest number that makes it new."""
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_stem(f"{wanted.stem}-{number}")
    return path


def _export_to_json(made: Any, cuts: Sequence[Cut]) -> dict[str, Any]:
    from core.project.cuts_file import cut_to_json

    return {
        "path": str(made.path),
        "duration": float(made.duration),
        "width": made.width,
        "height": made.height,
        "frame_rate": float(made.frame_rate),
        "frames": made.frames,
        "size_bytes": made.size_bytes,
        "cuts": [cut_to_json(cut) for cut in cuts],
    }


def _print_cuts(analysis: Analysis, cuts: Sequence[Cut], length: float) -> None:
    total = sum(float(cut.span.duration) for cut in cuts)
    _print(f"{analysis.info.path.name}: {_counted(cuts)}, {total:.1f} s of {length:g} s")
    for number, cut in enumerate(cuts, start=1):
        _print(f"{number:3}. {cut.span}  {float(cut.span.duration):5.1f} s  score {cut.score:.2f}")
        _print(f"     {', '.join(reason.text for reason in cut.reasons)}")
    for notice in analysis.notices:
        _print(notice)


def _counted(cuts: Sequence[Cut]) -> str:
    return "1 cut" if len(cuts) == 1 else f"{len(cuts)} cuts"


def _corpora(items: Sequence[str]) -> dict[str, Path]:
    corpora = {}
    for item in items:
        name, separator, path = item.partition("=")
        if not separator or not name or not path:
            raise UsageError(f"'{item}' does not name a corpus", remedy="Write emodb=PATH.")
        corpora[name] = Path(path)
    return corpora


def _train_emotion(options: argparse.Namespace) -> None:
    from core.learning.emotion_training import train_emotion

    corpora, tests = _corpora(options.corpus), _corpora(options.test)
    chosen = {} if options.epochs is None else {"epochs": options.epochs}
    with _progress(options.json, "Training") as progress:
        report = train_emotion(
            corpora, options.out, seeds=options.seeds, tests=tests, progress=progress, **chosen
        )
    _print_json(report)
    if not options.json:
        _print(f"Weights, card and report are in {options.out}")


def _evaluate_emotion(options: argparse.Namespace) -> None:
    from core.learning.emotion_evaluation import evaluate_emotion

    with _progress(options.json, "Evaluating") as progress:
        report = evaluate_emotion(options.weights, _corpora(options.corpus), progress=progress)
    _print_json(report)


def _doctor(options: argparse.Namespace) -> int:
    from core.doctor import examine

    findings = examine()
    if options.json:
        _print_json([finding.__dict__ for finding in findings])
    else:
        for finding in findings:
            mark = "ok     " if finding.good else "MISSING" if finding.needed else "absent "
            _print(f"{mark}  {finding.name}: {finding.found}")
            if finding.remedy:
                _print(f"         {finding.remedy}")
    return int(any(finding.needed and not finding.good for finding in findings))


def _print(text: str) -> None:
    print(text)  # noqa: T201


def _print_json(data: Any) -> None:
    _print(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))
