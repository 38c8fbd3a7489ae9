"""What the readers share: sound files of a folder, rows of a table, and where problems go."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from core.errors import CorpusError
from core.learning.corpora.utterance import Utterance

SOUND_ENDINGS = (".wav", ".flac", ".ogg")

Report = Callable[[CorpusError], None]
"""Takes the problem of one utterance; if it returns, the utterance is left out."""

Item = TypeVar("Item")


def refuse(problem: CorpusError) -> None:
    """The strict report: the first problem ends the reading.

    Raises:
        CorpusError: Always.
    """
    raise problem


def read_each(
    items: Iterable[Item], read: Callable[[Item], Utterance | None], report: Report
) -> list[Utterance]:
    """Reads item by item, and reports what cannot be read.

    Args:
        items: Files or rows.
        read: Gives the utterance, or None if the item is none; raises CorpusError.
        report: Takes the problems.
    """
    result = []
    for item in items:
        try:
            utterance = read(item)
        except CorpusError as problem:
            report(problem)
            continue
        if utterance is not None:
            result.append(utterance)
    return result


def sounds(
    folder: Path, corpus: str, endings: Sequence[str] = SOUND_ENDINGS, *, recursive: bool = False
) -> list[Path]:
    """The sound files of a folder in the order of their paths.

    Raises:
        CorpusError: There is no such folder, or no sound in it.
    """
    if not folder.is_dir():
        raise CorpusError(f"there is no folder with {corpus}", path=folder)
    found = sorted(_visible(folder.rglob("*") if recursive else folder.iterdir(), endings))
    if not found:
        raise CorpusError(
            f"the folder holds no sounds of {corpus}",
            path=folder,
            remedy=f"Give the folder that the {' or '.join(endings)} files lie in.",
        )
    return found


def first_sound(folder: Path, *, depth: int = 1) -> str:
    """Name without ending of some sound in a folder, or up to so many levels down; or nothing."""
    for level in range(depth):
        found = _visible(folder.glob("*/" * level + "*"), SOUND_ENDINGS)
        if (file := min(found, default=None)) is not None:
            return file.stem
    return ""


def rows(
    table: Path, needed: Sequence[str], report: Report, *, delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table by column name, each with the number of its line.

    Raises:
        CorpusError: The table cannot be read or has not the columns needed.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, delimiter=delimiter)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise CorpusError(
                    f"columns are missing ({', '.join(missing)})",
                    path=table,
                    remedy="Name them in the first line, divided by commas.",
                )
            for row in reader:
                if any(row[name] is None for name in needed):
                    report(CorpusError(f"line {reader.line_num} is too short", path=table))
                    continue
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(
            f"the table cannot be read ({error})",
            path=table,
            remedy="Save it as CSV in UTF-8, with commas.",
        ) from error


def number(
    text: str | None, lowest: float, highest: float, table: Path, where: str
) -> float | None:
    """The number of a cell, None if the cell is empty.

    Raises:
        CorpusError: It is no number, or outside of the limits.
    """
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise CorpusError(f"{where}: {text!r} is not a number", path=table) from None
    if not lowest <= value <= highest:
        raise CorpusError(f"{where}: {text} is not between {lowest:g} and {highest:g}", path=table)
    return value


def _visible(files: Iterable[Path], endings: Sequence[str]) -> Iterator[Path]:
    """Sounds only, without the hidden files that archives leave."""
    return (
        file for file in files if file.suffix.lower() in endings and not file.name.startswith(".")
    )
