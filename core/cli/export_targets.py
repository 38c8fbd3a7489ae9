"""Where the shorts that a terminal asks for go, and what must not be written over."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ExportError, UsageError

if TYPE_CHECKING:
    from core.export.presets import Preset


@dataclass(frozen=True)
class Target:
    """A short that is going to be written.

    Attributes:
        preset: What it is meant for, if that is known.
        output: The file.
    """

    preset: Preset | None
    output: Path


def targets_of(
    presets: Sequence[Preset | None], options: argparse.Namespace
) -> dict[Path, list[Target]]:
    """The shorts of each input, one for each preset.

    Raises:
        UsageError: One would take the place of another.
    """
    targets = {
        source: [Target(preset, _output(source, preset, options)) for preset in presets]
        for source in dict.fromkeys(options.input)
    }
    seen: set[Path] = set()
    for output in (target.output for each in targets.values() for target in each):
        folded = output.with_name(unicodedata.normalize("NFC", output.name).casefold())
        if folded in seen:
            raise UsageError(
                "two of the videos would get a short of this name",
                path=output,
                remedy="Export them one by one, into different folders.",
            )
        seen.add(folded)
    return targets


def check_target(target: Target, options: argparse.Namespace) -> None:
    """Refuses to write over what was given to be read, and over what is there without leave.

    Raises:
        UsageError: Shorts are not written as files of this kind.
        ExportError: Something is there, or the folder is not.
    """
    from core.export.target import already_exists, check_output

    check_output(target.output, options.input, options.overwrite)
    sidecar = sidecar_of(target.output, options)
    if sidecar is None or not sidecar.exists():
        return
    read = options.caption_file
    if read is not None and read.exists() and sidecar.samefile(read):
        raise ExportError(
            "the captions of the short would replace those of the video",
            path=sidecar,
            remedy="Choose another name for the short.",
        )
    if not options.overwrite:
        raise already_exists(sidecar)


def sidecar_of(output: Path, options: argparse.Namespace) -> Path | None:
    """The caption file that is written beside a short, if one is."""
    if options.captions not in ("sidecar", "both"):
        return None
    return output.with_suffix(f".{options.sidecar}")


def _output(source: Path, preset: Preset | None, options: argparse.Namespace) -> Path:
    if options.output is not None:
        return Path(options.output)
    word, suffix = ("short", ".mp4") if preset is None else (preset.name, preset.suffix)
    folder: Path = options.to
    return folder / f"{source.stem}-{word}{suffix}"
