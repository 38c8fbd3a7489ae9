"""Where a short is written: what must not be replaced, and a folder that leaves no trace."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import ExportError, UsageError
from core.export.ffmpeg import os_export_error

SUFFIXES = (".mp4", ".m4v", ".mov")
"""Kinds of files that can be written."""


def check_output(output: Path, sources: Sequence[Path], overwrite: bool) -> None:
    """Refuses a file that cannot or must not be written.

    Args:
        output: The file to write.
        sources: The videos that it is made of.
        overwrite: Whether an existing file may be replaced.

    Raises:
        UsageError: Its name ends in something else than mp4, m4v or mov.
        ExportError: The folder is missing, or the file exists, or is a source itself.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"shorts are not written as '{output.suffix}'",
            path=output,
            remedy=f"Choose a name that ends in {', '.join(SUFFIXES)}.",
        )
    if not output.parent.is_dir():
        raise ExportError(
            "the folder does not exist",
            path=output.parent,
            remedy="Create it or choose another one.",
        )
    if not output.exists():
        return
    if output.is_dir():
        raise ExportError("this is a folder", path=output, remedy="Choose another name.")
    if any(source.exists() and output.samefile(source) for source in sources):
        raise ExportError(
            "the short would replace its own source", path=output, remedy="Choose another name."
        )
    if not overwrite:
        raise already_exists(output)


def already_exists(output: Path) -> ExportError:
    """The error for a file that would have to be replaced without leave."""
    return ExportError(
        "there is already a file of this name",
        path=output,
        remedy="Choose another name, or allow it to be replaced.",
    )


@contextmanager
def work_folder(output: Path) -> Iterator[Path]:
    """A hidden folder on the output's own disk; it goes away with everything in it.

    Raises:
        ExportError: It cannot be made, or what is done in it fails for want of space or rights.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".emotionshortform-", dir=output.parent.absolute()))
    except OSError as error:
        raise os_export_error(error, output) from error
    try:
        yield folder
    except OSError as error:
        raise os_export_error(error, output) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
