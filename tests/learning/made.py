"""Made corpora: voices on disk, and tables of frames where sounds are not needed."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile

from core.learning.corpora import AROUSAL_VALENCE, Utterance, one_hot
from core.learning.emotion_features import CellFrames
from core.networks.emotion_classes import EMOTIONS
from core.signals.speech_frames import DIMENSION, VOICING

RATE = 16_000
LETTERS = {"happy": "F", "sad": "T", "boredom": "L", "neutral": "N", "angry": "W"}
SPEAKERS = ("03", "08", "09", "10", "11", "12")
TAKES = {"happy": 3, "sad": 2, "boredom": 2, "neutral": 5}
"""Utterances of each speaker; 12 or more of each class."""

_MANNERS = {  # pitch, vibrato in shares, slope of the spectrum, syllables per second, level
    "happy": (1.4, 0.10, 1.0, 6.0, 0.10),
    "angry": (1.3, 0.02, 0.8, 5.0, 0.15),
    "neutral": (1.0, 0.05, 1.4, 4.0, 0.04),
    "sad": (0.9, 0.08, 1.9, 3.0, 0.02),
    "boredom": (0.8, 0.01, 1.6, 2.0, 0.02),
}


def voice(
    emotion: str, base: float, random: np.random.Generator, seconds: float = 1.4
) -> np.ndarray:
    """A buzz whose pitch, colour, rhythm and level follow from the emotion."""
    pitch, vibrato, slope, rhythm, level = _MANNERS[emotion]
    time = np.arange(round(seconds * RATE)) / RATE
    tone = base * pitch * random.uniform(0.93, 1.07)
    tones = tone * (1 + vibrato * np.sin(2 * np.pi * 3 * time))
    phase = 2 * np.pi * np.cumsum(tones) / RATE
    slope *= random.uniform(0.93, 1.07)
    sound = sum(np.sin(k * phase) / k**slope for k in range(1, 16))
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * (rhythm * time + random.random()))
    voiced = level * random.uniform(0.8, 1.25) * syllables * sound
    return (voiced + random.normal(0, 1e-3, len(time))).astype(np.float32)


def make_emodb(
    folder: Path,
    speakers: Sequence[str] = SPEAKERS,
    takes: Mapping[str, int] = TAKES,
) -> Path:
    """Utterances named like those of EMO-DB."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for number, speaker in enumerate(speakers):
        for emotion, count in takes.items():
            for take in range(count):
                sound = voice(emotion, 110.0 + 20 * number, random)
                name = f"{speaker}a{take + 1:02d}{LETTERS[emotion]}a.wav"
                soundfile.write(folder / name, sound, RATE)
    return folder


def make_table(
    file: Path,
    sessions: Mapping[str, str],
    emotions: Sequence[str] = ("happy", "sad", "happy", "sad"),
    order: Sequence[int] | None = None,
    relabelled: Mapping[str, str] | None = None,
    sounds: str = "sounds",
) -> Path:
    """A table of utterances of the reader ``table``.

    Args:
        file: The table.
        sessions: For each speaker the sessions, divided by spaces; empty for none.
        emotions: Of the utterances of each speaker.
        order: Of the lines.
        relabelled: For each of these speakers, the emotion that the table says instead.
        sounds: Folder beside the table.
    """
    random = np.random.default_rng(1)
    lines = []
    (file.parent / sounds).mkdir(parents=True, exist_ok=True)
    for number, (speaker, names) in enumerate(sessions.items()):
        own = names.split() or [""]
        for take, emotion in enumerate(emotions):
            place = file.parent / sounds / f"{speaker}-{take}.wav"
            sound = voice(emotion, 110.0 + 25 * number, random, 1.0)
            if not place.exists():
                soundfile.write(place, sound, RATE)
            said = (relabelled or {}).get(speaker, emotion)
            lines.append((f"{sounds}/{place.name}", speaker, own[take % len(own)], said))
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("file", "speaker", "session", "emotion"))
        writer.writerows(lines[index] for index in (order or range(len(lines))))
    return file


def made_utterance(
    name: str, speaker: str, emotion: str | None, corpus: str = "made", session: str = ""
) -> Utterance:
    """An utterance without a sound."""
    arousal, valence = (None, None) if emotion is None else AROUSAL_VALENCE[emotion]
    return Utterance(
        corpus, name, Path(f"{name}.wav"), 0.0, None, speaker, session or speaker, emotion,
        one_hot(emotion) if emotion in EMOTIONS else None, arousal, valence, (), "CC0-1.0",
    )  # fmt: skip


def made_cells(
    emotion: str | None, random: np.random.Generator, cells: int = 2, copies: int = 1
) -> list[CellFrames]:
    """Frames whose level follows the arousal and whose colour the class; copies are noisier."""
    frames = random.normal(0, 1, (cells, 50, DIMENSION)).astype(np.float32)
    frames[..., VOICING] = 0.9
    if emotion is not None:
        frames[..., 0] += 2 * AROUSAL_VALENCE[emotion][0]
        frames[..., 2 + sorted(AROUSAL_VALENCE).index(emotion)] += 1.5
    frames[-1, 30:] = np.nan
    speech = np.isfinite(frames[..., 0]).astype(np.float32)
    noise = [random.normal(0, 0.1, frames.shape).astype(np.float32) for _ in range(copies)]
    return [CellFrames(frames, speech), *(CellFrames(frames + more, speech) for more in noise)]


def made_table(
    speakers: int = 6,
    emotions: Sequence[str | None] = ("happy",) * 3 + ("sad",) * 3 + ("neutral",) * 6,
) -> tuple[list[Utterance], list[list[CellFrames]]]:
    """A table of utterances and the frames of each."""
    random = np.random.default_rng(0)
    rows = [
        made_utterance(f"{speaker}-{take:02d}", f"s{speaker}", emotion)
        for speaker in range(speakers)
        for take, emotion in enumerate(emotions)
    ]
    return rows, [made_cells(row.emotion, random) for row in rows]


def kept_folders(out: Path) -> list[Path]:
    """Where interrupted trainings of these weights keep what they have finished."""
    return sorted(out.parent.glob(f"{out.name}.training-*"))
