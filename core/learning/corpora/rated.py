"""Clips with arousal and valence rated by people, and nothing else."""

from __future__ import annotations

from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, number, read_each, refuse, sounds
from core.learning.corpora.utterance import Utterance, dimensions

_DIMENSIONS = ("arousal", "valence")


def recognises(path: Path) -> bool:
    """Whether the folder has a table for each of the dimensions."""
    return all((path / f"{name}.csv").is_file() for name in _DIMENSIONS)


def read_rated(folder: Path, report: Report = refuse) -> list[Utterance]:
    """Clips with ratings by people: ``arousal.csv`` and ``valence.csv``, ``file,value`` each.

    Who speaks is not told: all clips count as one speaker.

    Args:
        folder: Holds the sounds and the tables.
        report: Takes the problems of single utterances.

    Raises:
        CorpusError: A table is missing or cannot be read.
    """
    files = {file.stem: file for file in sounds(folder, "rated")}
    arousal, valence = (_ratings(folder / f"{name}.csv", report) for name in _DIMENSIONS)

    def utterance(stem: str) -> Utterance:
        if stem not in files:
            raise CorpusError(f"the sound of {stem} is missing", path=folder)
        known = dimensions((arousal.get(stem), valence.get(stem)), None)
        return Utterance(
            "rated", stem, files[stem], 0.0, None, "rated-all", "rated-all", None, None,
            *known, "Apache-2.0",
        )  # fmt: skip

    return read_each(sorted({*files, *arousal, *valence}), utterance, report)


def _ratings(table: Path, report: Report) -> dict[str, float]:
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"the ratings cannot be read ({error})", path=table) from error
    result = {}
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        name, _, value = text.partition(",")
        try:
            rating = number(value, -1.0, 1.0, table, f"line {line}")
            if rating is None:
                raise CorpusError(f"line {line} has no rating", path=table)
        except CorpusError as problem:
            report(problem)
        else:
            result[Path(name.strip()).stem] = rating
    return result
