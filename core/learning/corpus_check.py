"""Whether a corpus can be trained on, and what is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import Cancelled, CorpusError
from core.files import replace_file
from core.learning.corpora import AROUSAL_VALENCE, Utterance, read_corpus
from core.learning.emotion_features import SHORTEST
from core.learning.pictures import arousal_valence, class_balance
from core.learning.splits import groups_of

SEVERAL, NOTHING = "several emotions", "no emotion"
"""Categories of utterances that more than one emotion was heard in, or none was named for."""
TOLERANCE = 0.01
"""Seconds that an utterance may end after its file: tables round."""


@dataclass(frozen=True)
class CorpusReport:
    """What a corpus holds and what is wrong with it.

    Args:
        reader: Name of the reader.
        path: Folder or table.
        utterances: Number of utterances that can be used.
        seconds: Their duration.
        categories: Utterances by emotion, then of several emotions and of none; none is zero.
        neutral_share: Of the utterances with an emotion or several; None if there are none.
        speakers: Number of speakers.
        sessions: Number of sessions.
        groups: Number of groups of speakers whom no session links: the most folds that a
            cross-validation can have.
        sample_rates: Utterances by Hz.
        rated: Utterances with arousal or valence rated by people.
        mapped: Utterances whose arousal and valence follow from the category.
        licences: All that the utterances name.
        problems: Each names the file it is about.
    """

    reader: str
    path: Path
    utterances: int
    seconds: float
    categories: Mapping[str, int]
    neutral_share: float | None
    speakers: int
    sessions: int
    groups: int
    sample_rates: Mapping[int, int]
    rated: int
    mapped: int
    licences: Sequence[str]
    problems: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "path": str(self.path), "seconds": round(self.seconds, 3)}


def check_corpus(
    name: str,
    path: Path,
    out: Path | None = None,
    *,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> CorpusReport:
    """Reads a corpus, opens every sound, and lists everything that is wrong.

    Args:
        name: One of :data:`core.learning.corpora.READERS`.
        path: Folder or table.
        out: Folder for ``report.json``, ``class-balance.png`` and ``arousal-valence.png``; it is
            made if there is none. None to write nothing.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each sound.

    Raises:
        CorpusError: The path does not hold this corpus at all.
        Cancelled: ``cancelled()`` returned true.
    """
    problems: list[CorpusError] = []
    rows = read_corpus(name, path, problems.append)
    good: list[Utterance] = []
    seconds, rates = 0.0, Counter[int]()
    first: dict[tuple[str, str], Utterance] = {}
    for index, row in enumerate(rows):
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(index / len(rows), row.name)
        known = first.setdefault((row.corpus, row.name), row)
        if known is not row:
            problems.append(
                CorpusError(f"{row.name} is there twice, also as {known.file}", path=row.file)
            )
            continue
        try:
            duration, rate = _measure(row)
        except CorpusError as problem:
            problems.append(problem)
            continue
        good.append(row)
        seconds += duration
        rates[rate] += 1
    report = _report(name, path, good, seconds, rates, [str(problem) for problem in problems])
    if out is not None:
        _write(report, good, out)
    if progress is not None:
        progress(1.0, "done")
    return report


def _measure(row: Utterance) -> tuple[float, int]:
    """Seconds and Hz of an utterance."""
    import soundfile

    try:
        with soundfile.SoundFile(row.file) as file:
            rate, frames = int(file.samplerate), len(file)
            if frames:
                file.seek(frames - 1)
                frames = frames if len(file.read(1)) else 0
    except (OSError, soundfile.SoundFileError) as error:
        raise CorpusError(
            f"the sound cannot be read to its end ({error})", path=row.file,
            remedy="Get the file anew, or leave the utterance out.",
        ) from error  # fmt: skip
    length = frames / rate
    end = length if row.end is None else row.end
    if row.start > length or end > length + TOLERANCE:
        raise CorpusError(
            f"{row.name} lasts from {row.start:g} to {end:g} s, but the sound ends at "
            f"{length:.3f} s", path=row.file,
        )  # fmt: skip
    if end - row.start < SHORTEST:
        raise CorpusError(f"{row.name} is shorter than {SHORTEST} s", path=row.file)
    return end - row.start, rate


def _report(
    name: str,
    path: Path,
    rows: Sequence[Utterance],
    seconds: float,
    rates: Counter[int],
    problems: Sequence[str],
) -> CorpusReport:
    counted = Counter(_category(row) for row in rows)
    categories = {
        category: counted[category]
        for category in (*AROUSAL_VALENCE, SEVERAL, NOTHING)
        if counted[category]
    }
    named = len(rows) - counted[NOTHING]
    rated = sum(bool(row.rated) for row in rows)
    mapped = sum(not row.rated and row.arousal is not None for row in rows)
    return CorpusReport(
        reader=name,
        path=path,
        utterances=len(rows),
        seconds=seconds,
        categories=categories,
        neutral_share=counted["neutral"] / named if named else None,
        speakers=len({row.speaker for row in rows}),
        sessions=len({row.session for row in rows}),
        groups=len(set(groups_of(rows))),
        sample_rates=dict(sorted(rates.items())),
        rated=rated,
        mapped=mapped,
        licences=sorted({row.licence for row in rows}),
        problems=problems,
    )


def _category(row: Utterance) -> str:
    if row.emotion is not None:
        return row.emotion
    return NOTHING if row.distribution is None else SEVERAL


def _write(report: CorpusReport, rows: Sequence[Utterance], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
    replace_file(out / "report.json", text.encode())
    title = report.path.resolve().name
    if rows:
        picture = class_balance(report.categories, f"{title}: {len(rows)} utterances")
        replace_file(out / "class-balance.png", picture)
    placed = np.array(
        [(row.arousal, row.valence) for row in rows if None not in (row.arousal, row.valence)],
        np.float64,
    ).reshape(-1, 2)
    if len(placed):
        source = f"{report.rated} rated, {report.mapped} from their category"
        picture = arousal_valence(placed[:, 0], placed[:, 1], f"{title}: {source}")
        replace_file(out / "arousal-valence.png", picture)
