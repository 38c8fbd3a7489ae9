"""KEMDy20: spontaneous dialogues, Korean, with emotions and ratings by ten listeners."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, number, read_each, refuse, sounds
from core.learning.corpora.utterance import (
    Distribution,
    Utterance,
    dimensions,
    expected_dimensions,
)
from core.networks.emotion_classes import EMOTIONS

_SPELLINGS = {**{name: name for name in EMOTIONS}, "disqust": "disgust"}
_SEGMENT = re.compile(r"(?P<rest>script\d+_(?P<user>User\d+[FM])_\d+)$", re.IGNORECASE)
_TABLE = re.compile(r"Sess(\d+)_", re.IGNORECASE)
_COLUMNS = {
    "segment": ("segment id", ""),
    "emotion": ("total evaluation", "emotion"),
    "valence": ("total evaluation", "valence"),
    "arousal": ("total evaluation", "arousal"),
}


def recognises(path: Path) -> bool:
    """Whether the folder has sounds by session, and annotations."""
    return (path / "wav").is_dir() and (path / "annotation").is_dir()


def read_kemdy20(folder: Path, report: Report = refuse) -> list[Utterance]:
    """KEMDy20 (Noh and Jeong 2021): 40 sessions of two speakers. On request from ETRI.

    ``annotation/SessNN_eval.csv`` lists the segments of ``wav/SessionNN``, one sound each (the
    times in the table are those of the whole recording, and not needed). The label is that of all
    listeners together: the emotions that the ``;`` joins share it equally, and an empty cell is
    no class. Valence and arousal, 1 to 5, are moved to -1 to 1; where one is missing it follows
    from the emotions. The transcripts beside the sounds are not read.

    The ids of session 17 lack the prefix that the names of its sounds have. Such an id, and one
    whose prefix names another session, stands for the one sound of the session that ends with its
    ``scriptNN_UserNNNX_NNN``.

    Args:
        folder: Holds ``wav`` and ``annotation``.
        report: Takes the problems of single tables and segments.

    Raises:
        CorpusError: The folder does not hold KEMDy20.
    """
    if not recognises(folder):
        raise CorpusError(
            "there is no KEMDy20", path=folder,
            remedy="Give the folder that holds 'wav' and 'annotation'.",
        )  # fmt: skip
    tables = sorted(
        file
        for file in (folder / "annotation").glob("*.csv")
        if _TABLE.match(file.name) and not file.name.startswith(".")
    )
    if not tables:
        raise CorpusError("there are no tables SessNN_eval.csv", path=folder / "annotation")
    result = []
    for table in tables:
        try:
            session = _Session(folder, table)
        except CorpusError as problem:
            report(problem)
            continue
        result += read_each(session.lines, session.utterance, report)
    return result


class _Session:
    """The table of one session and its sounds."""

    def __init__(self, folder: Path, table: Path) -> None:
        match = _TABLE.match(table.name)
        assert match is not None
        self._number = f"{int(match[1]):02}"
        self._table = table
        self._folder = folder / "wav" / f"Session{self._number}"
        self._files = {file.stem: file for file in sounds(self._folder, "KEMDy20", (".wav",))}
        lines = _cells(table)
        if len(lines) < 2:
            raise CorpusError("the table has not its two rows of headers", path=table)
        self._columns = _find_columns(lines[0], lines[1], table)
        self.lines = [
            (line, cells)
            for line, cells in enumerate(lines[2:], start=3)
            if any(cell.strip() for cell in cells)
        ]

    def utterance(self, item: tuple[int, list[str]]) -> Utterance:
        """The segment of one line."""
        line, cells = item
        where = f"line {line}"
        if len(cells) <= max(self._columns.values()):
            raise CorpusError(f"{where} is too short", path=self._table)
        found = {name: cells[column].strip() for name, column in self._columns.items()}
        file = self._sound(found["segment"], where)
        parts = _SEGMENT.search(file.stem)
        if parts is None:
            raise CorpusError("the file name is not one of KEMDy20", path=file)
        named = self._emotions(found["emotion"], where)
        distribution: Distribution | None = None
        if named:
            distribution = tuple((name in named) / len(named) for name in EMOTIONS)
        arousal, valence, rated = dimensions(
            (self._rating(found["arousal"], where), self._rating(found["valence"], where)),
            None if distribution is None else expected_dimensions(distribution),
        )
        session = f"kemdy20-Sess{self._number}"
        return Utterance(
            "kemdy20", file.stem, file, 0.0, None, f"{session}-{parts['user']}", session,
            next(iter(named)) if len(named) == 1 else None, distribution, arousal, valence, rated,
            "ETRI, on request",
        )  # fmt: skip

    def _sound(self, segment: str, where: str) -> Path:
        if not segment:
            raise CorpusError(f"{where} has no segment id", path=self._table)
        if segment in self._files:
            return self._files[segment]
        parts = _SEGMENT.search(segment)
        rest = parts["rest"] if parts else segment
        fitting = [stem for stem in self._files if stem == rest or stem.endswith(f"_{rest}")]
        if len(fitting) > 1:
            raise CorpusError(
                f"{where}: {segment} could be any of {', '.join(sorted(fitting))}",
                path=self._table,
            )
        if not fitting:
            raise CorpusError(
                f"{where}: the sound {self._folder.name}/{segment}.wav is missing",
                path=self._table,
            )
        return self._files[fitting[0]]

    def _emotions(self, cell: str, where: str) -> set[str]:
        words = {word.strip().lower() for word in cell.split(";")} - {""}
        if unknown := sorted(words - _SPELLINGS.keys()):
            raise CorpusError(
                f"{where}: {', '.join(unknown)} is none of the seven emotions", path=self._table
            )
        return {_SPELLINGS[word] for word in words}

    def _rating(self, cell: str, where: str) -> float | None:
        rating = number(cell, 1.0, 5.0, self._table, where)
        return None if rating is None else (rating - 3.0) / 2.0


def _cells(table: Path) -> list[list[str]]:
    try:
        data = table.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp949")
        return list(csv.reader(text.splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"the table cannot be read ({error})", path=table) from error


def _find_columns(upper: Sequence[str], lower: Sequence[str], table: Path) -> dict[str, int]:
    """Where the columns are: a heading of the upper row spans the blank cells that follow it."""
    places: dict[tuple[str, str], int] = {}
    group = ""
    for column in range(max(len(upper), len(lower))):
        group = _heading(upper, column) or group
        places.setdefault((group, _heading(lower, column)), column)
    missing = [" ".join(heading).strip() for heading in _COLUMNS.values() if heading not in places]
    if missing:
        raise CorpusError(f"columns are missing ({', '.join(missing)})", path=table)
    return {name: places[heading] for name, heading in _COLUMNS.items()}


def _heading(row: Sequence[str], column: int) -> str:
    return " ".join(row[column].lower().split()) if column < len(row) else ""
