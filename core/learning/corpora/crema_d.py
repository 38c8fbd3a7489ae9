"""CREMA-D: acted emotions with votes of listeners, English."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, first_sound, read_each, refuse, rows, sounds
from core.learning.corpora.utterance import Utterance, expected_dimensions
from core.networks.emotion_classes import EMOTIONS

INTENDED_SHARE = 0.5
"""Weight of the acted emotion; the listeners' most frequent votes share the rest."""

_CODES = {
    "ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral",
    "SAD": "sad",
}  # fmt: skip
_LETTERS = {code[0]: emotion for code, emotion in _CODES.items()}
_NAME = re.compile(r"(\d+)_[A-Z]+_(ANG|DIS|FEA|HAP|NEU|SAD)_[A-Z]+")


def recognises(path: Path) -> bool:
    """Whether a sound of the folder is named like those of CREMA-D."""
    return _NAME.fullmatch(first_sound(path)) is not None


def read_crema_d(folder: Path, report: Report = refuse) -> list[Utterance]:
    """CREMA-D (Cao et al. 2014): ``ACTOR_SENTENCE_EMO_LEVEL`` sounds and ``votes.csv``.

    The label is soft: one half for the emotion that was acted, one half shared by the emotions
    that most listeners chose from the voice alone (``VoiceVote``, several at a tie). How many
    chose them is not in that table.

    Args:
        folder: Holds the sounds and the table.
        report: Takes the problems of single utterances.

    Raises:
        CorpusError: The folder does not hold CREMA-D.
    """
    files = sounds(folder, "CREMA-D")
    table = folder / "votes.csv"
    votes = {
        row["FileName"]: row["VoiceVote"]
        for _, row in rows(table, ("FileName", "VoiceVote"), report)
    }

    def utterance(file: Path) -> Utterance:
        parts = _NAME.fullmatch(file.stem)
        if parts is None:
            raise CorpusError(
                "the file name is not one of CREMA-D (1001_IEO_HAP_HI.wav)", path=file
            )
        if file.stem not in votes:
            raise CorpusError(f"votes.csv does not know {file.stem}", path=table)
        chosen = votes[file.stem].split(":")
        if any(letter not in _LETTERS for letter in chosen):
            raise CorpusError(
                f"the vote {votes[file.stem]!r} on {file.stem} is not known", path=table
            )
        emotion = _CODES[parts[2]]
        shares = {_LETTERS[letter]: (1 - INTENDED_SHARE) / len(chosen) for letter in chosen}
        shares[emotion] = shares.get(emotion, 0.0) + INTENDED_SHARE
        distribution = tuple(shares.get(name, 0.0) for name in EMOTIONS)
        speaker = f"crema-d-{parts[1]}"
        return Utterance(
            "crema-d", file.stem, file, 0.0, None, speaker, speaker, emotion, distribution,
            *expected_dimensions(distribution), (), "ODbL-1.0",
        )  # fmt: skip

    return read_each(files, utterance, report)
