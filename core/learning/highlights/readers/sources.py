"""What the readers share: JSON files, and videos of a folder."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from core.errors import CorpusError
from core.learning.corpora.tables import Report

VIDEO_ENDINGS = (
    ".mp4", ".mov", ".mkv", ".webm", ".m4v", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".wmv", ".flv",
)  # fmt: skip
ENCODINGS = ("utf-8-sig", "cp949")
"""What Korean corpora are written in, tried in this order."""

LONGEST = 1_000_000
"""Seconds; a video that lasts longer is a mistake."""

_LOOKED_AT = 20
"""JSON files of a folder that are opened to guess what it holds."""

Item = TypeVar("Item")
Row = TypeVar("Row")


def collect(items: Iterable[Item], read: Callable[[Item], Row], report: Report) -> list[Row]:
    """Reads item by item, and reports those that cannot be read.

    Args:
        items: Files or rows.
        read: Gives what an item holds; raises CorpusError.
        report: Takes the problems.
    """
    result = []
    for item in items:
        try:
            result.append(read(item))
        except CorpusError as problem:
            report(problem)
    return result


def load_object(file: Path) -> dict[str, Any]:
    """The object that a JSON file holds, in UTF-8 or cp949.

    Raises:
        CorpusError: It cannot be read, or is no JSON object.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CorpusError(f"the file cannot be read ({error.strerror})", path=file) from error
    for encoding in ENCODINGS:
        try:
            found = json.loads(data.decode(encoding))
        except UnicodeDecodeError:
            continue
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"this is not JSON ({error})", path=file) from error
        if not isinstance(found, dict):
            raise CorpusError("this JSON file holds no object", path=file)
        return found
    raise CorpusError(f"the file is neither in {' nor in '.join(ENCODINGS)}", path=file)


def json_files(folder: Path, *, recursive: bool = False) -> Iterator[Path]:
    """The JSON files of a folder without the hidden ones that archives leave, in no order."""
    found = folder.rglob("*.json") if recursive else folder.glob("*.json")
    return (file for file in found if not file.name.startswith("."))


def some_json_has(files: Iterable[Path], *keys: str) -> bool:
    """Whether one of the first files is a JSON object with all these keys."""
    for file in islice(files, _LOOKED_AT):
        try:
            if load_object(file).keys() >= set(keys):
                return True
        except CorpusError:
            continue
    return False


def normal(name: str) -> str:
    """A name as it is compared: file systems write the same Hangul in different ways."""
    return unicodedata.normalize("NFC", name)


def video_files(files: Iterable[Path]) -> dict[str, Path]:
    """Videos by name with and without ending; the first in the order of the paths counts."""
    result: dict[str, Path] = {}
    for file in sorted(files):
        if file.suffix.lower() in VIDEO_ENDINGS and not file.name.startswith("."):
            result.setdefault(normal(file.name), file)
            result.setdefault(normal(file.stem), file)
    return result
