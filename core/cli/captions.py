"""The verb of captions: writes down what is said, and changes one kind of file into another."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import counted, say, say_json, show_progress
from core.errors import UsageError

if TYPE_CHECKING:
    from core.export.captions.caption import Captions


def add_captions_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds captions."""
    captions = verbs.add_parser(
        "captions",
        help="write down what is said in a video, or convert a caption file",
        description="Writes captions of a video with a Whisper model (needs the extra "
        "'captions'), or reads a caption file and writes it as another kind.",
    )
    captions.add_argument("input", type=Path, metavar="VIDEO_OR_CAPTIONS")
    captions.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.srt")
    captions.add_argument(
        "--model", metavar="FOLDER_OR_NAME", help="a Whisper model for CTranslate2"
    )
    captions.add_argument("--language", metavar="ko", help="what is spoken; heard by itself if not")
    captions.add_argument(
        "--allow-download", action="store_true", help="fetch the model if it is missing"
    )
    captions.add_argument("--overwrite", action="store_true", help="replace an existing file")
    captions.add_argument("--json", action="store_true", help="print machine-readable results")
    captions.set_defaults(run=_captions)


def _captions(options: argparse.Namespace) -> None:
    from core.export.captions.files import READ_SUFFIXES, read_captions, write_captions

    _check_output(options)
    if options.input.suffix.lower() in READ_SUFFIXES:
        known = read_captions(options.input)
    else:
        known = _heard(options)
    write_captions(known, options.output)
    if options.json:
        say_json(
            [
                {"start": float(c.span.start), "end": float(c.span.end), "text": c.text}
                for c in known
            ]
        )
    else:
        say(f"{options.output}: {counted(len(known), 'caption')}")


def _check_output(options: argparse.Namespace) -> None:
    """Refuses what cannot or must not be written before anything is heard."""
    from core.export.captions.files import WRITTEN_SUFFIXES
    from core.export.target import check_place

    output: Path = options.output
    if output.suffix.lower() not in WRITTEN_SUFFIXES:
        raise UsageError(
            f"captions are not written as '{output.suffix}'",
            path=output,
            remedy=f"Choose a name that ends in {', '.join(WRITTEN_SUFFIXES)}.",
        )
    check_place(output, [], options.overwrite)


def _heard(options: argparse.Namespace) -> Captions:
    from core.export.captions.transcribe import transcribe
    from core.media.probe import probe

    if options.model is None:
        raise UsageError(
            "no speech model was named",
            remedy="Name a folder or a model with --model, as 'small' with --allow-download.",
        )
    folder = Path(options.model)
    with show_progress(options.json, f"Listening to {options.input.name}") as progress:
        return transcribe(
            probe(options.input),
            folder if folder.exists() else options.model,
            language=options.language,
            allow_download=options.allow_download,
            progress=progress,
        )
