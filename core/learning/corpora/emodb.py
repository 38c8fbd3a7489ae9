"""EMO-DB: acted emotions, German."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, first_sound, read_each, refuse, sounds
from core.learning.corpora.utterance import AROUSAL_VALENCE, Utterance, one_hot

_NAME = re.compile(r"\d\d[ab]\d\d[WLEAFTN][a-z]")
_LETTERS = {
    "W": "angry", "L": "boredom", "E": "disgust", "A": "fear", "F": "happy", "T": "sad",
    "N": "neutral",
}  # fmt: skip


def recognises(path: Path) -> bool:
    """Whether a sound of the folder is named like those of EMO-DB."""
    return _NAME.fullmatch(first_sound(path)) is not None


def read_emodb(folder: Path, report: Report = refuse) -> list[Utterance]:
    """EMO-DB (Burkhardt et al. 2005): 10 German speakers, ``SSTTTEV.flac`` or ``.wav``.

    Boredom is none of the seven classes. Its utterances keep arousal and valence, and have no
    class: calling them neutral or sad would teach the network something that nobody said.

    Args:
        folder: Holds the sounds.
        report: Takes the problems of single utterances.

    Raises:
        CorpusError: The folder does not hold EMO-DB.
    """
    return read_each(sounds(folder, "EMO-DB", (".flac", ".wav")), _utterance, report)


def _utterance(file: Path) -> Utterance:
    name = file.stem
    if not _NAME.fullmatch(name):
        raise CorpusError("the file name is not one of EMO-DB (03a01Fa.wav)", path=file)
    emotion = _LETTERS[name[5]]
    distribution = None if emotion == "boredom" else one_hot(emotion)
    speaker = f"emodb-{name[:2]}"
    return Utterance(
        "emodb", name, file, 0.0, None, speaker, speaker, emotion, distribution,
        *AROUSAL_VALENCE[emotion], (), "CC0-1.0",
    )  # fmt: skip
