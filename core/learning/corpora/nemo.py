"""The corpus nEMO: acted emotions, Polish."""

from __future__ import annotations

from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, read_each, refuse, rows, sounds
from core.learning.corpora.utterance import AROUSAL_VALENCE, Utterance, one_hot

_NAMES = {
    "anger": "angry", "fear": "fear", "happiness": "happy", "neutral": "neutral",
    "sadness": "sad", "surprised": "surprise", "surprise": "surprise",
}  # fmt: skip


def recognises(path: Path) -> bool:
    """Whether the folder has the table of nEMO."""
    return (path / "data.tsv").is_file()


def read_nemo(folder: Path, report: Report = refuse) -> list[Utterance]:
    """The corpus nEMO (Christop 2024): ``data.tsv`` beside the sounds. Never for shipped weights.

    Args:
        folder: Holds the sounds and the table.
        report: Takes the problems of single utterances.

    Raises:
        CorpusError: The folder does not hold nEMO.
    """
    files = {file.stem: file for file in sounds(folder, "nEMO")}
    table = folder / "data.tsv"

    def utterance(item: tuple[int, dict[str, str]]) -> Utterance:
        line, row = item
        stem = Path(row["file_id"]).stem
        if stem not in files:
            raise CorpusError(f"line {line}: the sound of {stem} is missing", path=table)
        if row["emotion"] not in _NAMES:
            raise CorpusError(
                f"line {line}: the emotion {row['emotion']!r} is not known", path=table
            )
        emotion = _NAMES[row["emotion"]]
        speaker = f"nemo-{row['speaker_id']}"
        return Utterance(
            "nemo", stem, files[stem], 0.0, None, speaker, speaker, emotion, one_hot(emotion),
            *AROUSAL_VALENCE[emotion], (), "CC-BY-NC-SA-4.0",
        )  # fmt: skip

    needed = ("file_id", "emotion", "speaker_id")
    return read_each(rows(table, needed, report, delimiter="\t"), utterance, report)
