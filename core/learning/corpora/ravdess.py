"""RAVDESS: acted emotions, North American English."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import CorpusError
from core.learning.corpora.tables import Report, first_sound, read_each, refuse, sounds
from core.learning.corpora.utterance import AROUSAL_VALENCE, Utterance, one_hot
from core.networks.emotion_classes import EMOTIONS

SPEECH_CHANNEL, SONG_CHANNEL = "01", "02"

_NAME = re.compile(r"\d\d-(\d\d)-(\d\d)-\d\d-\d\d-\d\d-(\d\d)")
_CODES = {
    "01": "neutral", "02": "calm", "03": "happy", "04": "sad", "05": "angry", "06": "fear",
    "07": "disgust", "08": "surprise",
}  # fmt: skip


def recognises(path: Path) -> bool:
    """Whether a sound of the folder, or up to two below it, is named like those of RAVDESS."""
    return _NAME.fullmatch(first_sound(path, depth=3)) is not None


def read_ravdess(folder: Path, report: Report = refuse) -> list[Utterance]:
    """RAVDESS (Livingstone and Russo 2018): 24 actors, speech only. Never for shipped weights.

    A name is ``modality-channel-emotion-intensity-statement-repetition-actor``, two digits each;
    the sounds lie in ``Actor_NN`` folders or in one. Songs are left out. Calm is none of the seven
    classes: its utterances keep arousal and valence, and have no class.

    Args:
        folder: Holds the sounds, or the folders of the actors.
        report: Takes the problems of single utterances.

    Raises:
        CorpusError: The folder does not hold RAVDESS.
    """
    return read_each(sounds(folder, "RAVDESS", recursive=True), _utterance, report)


def _utterance(file: Path) -> Utterance | None:
    parts = _NAME.fullmatch(file.stem)
    if parts is None:
        raise CorpusError(
            "the file name is not one of RAVDESS (03-01-06-01-02-01-12.wav)", path=file
        )
    channel, code, actor = parts.groups()
    if channel == SONG_CHANNEL:
        return None
    if channel != SPEECH_CHANNEL or code not in _CODES:
        raise CorpusError("the file name has codes that RAVDESS does not know", path=file)
    emotion = _CODES[code]
    speaker = f"ravdess-{actor}"
    return Utterance(
        "ravdess", file.stem, file, 0.0, None, speaker, speaker, emotion,
        one_hot(emotion) if emotion in EMOTIONS else None, *AROUSAL_VALENCE[emotion], (),
        "CC-BY-NC-SA-4.0",
    )  # fmt: skip
