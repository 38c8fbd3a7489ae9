"""Readers of corpora of emotional speech: one table of utterances, whatever the source."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import CorpusError
from core.networks.emotion_classes import EMOTIONS

AROUSAL_VALENCE: Mapping[str, tuple[float, float]] = {
    "neutral": (0.0, 0.0),
    "happy": (0.6, 0.8),
    "surprise": (0.7, 0.2),
    "angry": (0.8, -0.7),
    "fear": (0.6, -0.6),
    "sad": (-0.5, -0.7),
    "disgust": (0.2, -0.6),
    "boredom": (-0.6, -0.3),
}
"""Arousal and valence, -1 to 1, that stand in for a category where nobody rated them.

The quadrants and the order are those of Russell's circumplex (1980); the numbers are a rounded
convention of this project, not measurements. Boredom has a place here but is none of the classes.
"""

INTENDED_SHARE = 0.5
"""Weight of the acted emotion in CREMA-D; the listeners' most frequent votes share the rest."""

Distribution = tuple[float, ...]


@dataclass(frozen=True)
class Utterance:
    """A stretch of speech with what is known of it.

    Args:
        corpus: Name of the corpus.
        name: Unique within the corpus.
        file: Sound file.
        start: Seconds.
        end: Seconds, None for the end of the file.
        speaker: Unique over all corpora.
        session: Recording session, the speaker if there is no other.
        emotion: The category it was acted or labelled as, None if none; may be ``boredom``.
        distribution: Seven probabilities in the order of EMOTIONS, None if it has no class.
        arousal: -1 to 1, None if unknown.
        valence: -1 to 1, None if unknown.
        rated: True if people rated arousal and valence, false if they follow from the category.
        licence: SPDX identifier, or a sentence.
    """

    corpus: str
    name: str
    file: Path
    start: float
    end: float | None
    speaker: str
    session: str
    emotion: str | None
    distribution: Distribution | None
    arousal: float | None
    valence: float | None
    rated: bool
    licence: str


def one_hot(emotion: str) -> Distribution:
    """A distribution that is certain of one class."""
    return tuple(1.0 if name == emotion else 0.0 for name in EMOTIONS)


def expected_dimensions(distribution: Distribution) -> tuple[float, float]:
    """Arousal and valence that a distribution over the classes stands for."""
    points = [AROUSAL_VALENCE[name] for name in EMOTIONS]
    arousal = sum(share * point[0] for share, point in zip(distribution, points, strict=True))
    valence = sum(share * point[1] for share, point in zip(distribution, points, strict=True))
    return arousal, valence


def read_emodb(folder: Path) -> list[Utterance]:
    """EMO-DB (Burkhardt et al. 2005): 10 German speakers, ``SSTTTEV.flac`` or ``.wav``.

    Boredom is none of the seven classes. Its utterances keep arousal and valence, and have no
    class: calling them neutral or sad would teach the network something that nobody said.

    Raises:
        CorpusError: The folder does not hold EMO-DB.
    """
    letters = {
        "W": "angry", "L": "boredom", "E": "disgust", "A": "fear", "F": "happy", "T": "sad",
        "N": "neutral",
    }  # fmt: skip
    result = []
    for file in _sounds(folder, "EMO-DB", (".flac", ".wav")):
        name = file.stem
        if len(name) != 7 or not name[:2].isdigit() or name[5] not in letters:
            raise CorpusError("the file name is not one of EMO-DB (03a01Fa.wav)", path=file)
        emotion = letters[name[5]]
        distribution = None if emotion == "boredom" else one_hot(emotion)
        arousal, valence = AROUSAL_VALENCE[emotion]
        speaker = f"emodb-{name[:2]}"
        result.append(
            Utterance("emodb", name, file, 0.0, None, speaker, speaker, emotion, distribution,
                      arousal, valence, False, "CC0-1.0")
        )  # fmt: skip
    return result


def read_crema_d(folder: Path) -> list[Utterance]:
    """CREMA-D (Cao et al. 2014): ``ACTOR_SENTENCE_EMO_LEVEL`` sounds and ``votes.csv``.

    The label is soft: one half for the emotion that was acted, one half shared by the emotions
    that most listeners chose from the voice alone (``VoiceVote``, several at a tie). How many
    chose them is not in that table.

    Raises:
        CorpusError: The folder does not hold CREMA-D, or a sound has no votes.
    """
    codes = {
        "ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral",
        "SAD": "sad",
    }  # fmt: skip
    letters = {code[0]: emotion for code, emotion in codes.items()}
    files = _sounds(folder, "CREMA-D", (".ogg", ".wav", ".flac"))
    votes: dict[str, list[str]] = {}
    table = folder / "votes.csv"
    for row in _rows(table, ("FileName", "VoiceVote")):
        chosen = row["VoiceVote"].split(":")
        if any(letter not in letters for letter in chosen):
            raise CorpusError(f"the vote {row['VoiceVote']!r} is not known", path=table)
        votes[row["FileName"]] = [letters[letter] for letter in chosen]
    result = []
    for file in files:
        parts = file.stem.split("_")
        if len(parts) != 4 or parts[2] not in codes:
            raise CorpusError(
                "the file name is not one of CREMA-D (1001_IEO_HAP_HI.wav)", path=file
            )
        if file.stem not in votes:
            raise CorpusError(f"votes.csv does not know {file.stem}", path=table)
        emotion, chosen = codes[parts[2]], votes[file.stem]
        shares = {name: (1 - INTENDED_SHARE) / len(chosen) for name in chosen}
        shares[emotion] = shares.get(emotion, 0.0) + INTENDED_SHARE
        distribution = tuple(shares.get(name, 0.0) for name in EMOTIONS)
        arousal, valence = expected_dimensions(distribution)
        speaker = f"crema-d-{parts[0]}"
        result.append(
            Utterance("crema-d", file.stem, file, 0.0, None, speaker, speaker, emotion,
                      distribution, arousal, valence, False, "ODbL-1.0")
        )  # fmt: skip
    return result


def read_nemo(folder: Path) -> list[Utterance]:
    """nEMO (Christop 2024): Polish, ``data.tsv`` beside the sounds. Never for shipped weights.

    Raises:
        CorpusError: The folder does not hold nEMO, or a sound of the table is missing.
    """
    names = {
        "anger": "angry", "fear": "fear", "happiness": "happy", "neutral": "neutral",
        "sadness": "sad", "surprised": "surprise", "surprise": "surprise",
    }  # fmt: skip
    files = {file.stem: file for file in _sounds(folder, "nEMO", (".ogg", ".wav", ".flac"))}
    table = folder / "data.tsv"
    result = []
    for row in _rows(table, ("file_id", "emotion", "speaker_id"), delimiter="\t"):
        stem = Path(row["file_id"]).stem
        if stem not in files:
            raise CorpusError(f"the sound of {stem} is missing", path=folder)
        if row["emotion"] not in names:
            raise CorpusError(f"the emotion {row['emotion']!r} is not known", path=table)
        emotion = names[row["emotion"]]
        speaker = f"nemo-{row['speaker_id']}"
        result.append(
            Utterance("nemo", stem, files[stem], 0.0, None, speaker, speaker, emotion,
                      one_hot(emotion), *AROUSAL_VALENCE[emotion], False, "CC-BY-NC-SA-4.0")
        )  # fmt: skip
    return result


def read_rated(folder: Path) -> list[Utterance]:
    """Clips with ratings by people: ``arousal.csv`` and ``valence.csv``, ``file,value`` each.

    Who speaks is not told: all clips count as one speaker.

    Raises:
        CorpusError: A table or a sound is missing, or a rating is not between -1 and 1.
    """
    files = {file.stem: file for file in _sounds(folder, "rated", (".flac", ".wav", ".ogg"))}
    arousal, valence = (_ratings(folder / f"{name}.csv") for name in ("arousal", "valence"))
    for stem in sorted({*arousal, *valence}):
        if stem not in files:
            raise CorpusError(f"the sound of {stem} is missing", path=folder)
    return [
        Utterance("rated", stem, file, 0.0, None, "rated-all", "rated-all", None, None,
                  arousal.get(stem), valence.get(stem), True, "Apache-2.0")
        for stem, file in files.items()
    ]  # fmt: skip


def read_table(file: Path) -> list[Utterance]:
    """Anyone's own labels: CSV ``file,speaker,emotion,arousal,valence``, optional ``start,end``.

    Files are relative to the table. An empty cell is an unknown; arousal and valence are -1 to 1,
    and follow from the emotion where they are not given.

    Raises:
        CorpusError: A column or sound is missing, or a value is none.
    """
    result = []
    for number, row in enumerate(_rows(file, ("file", "speaker")), start=2):
        sound = file.parent / row["file"]
        where = f"line {number}"
        if not sound.is_file():
            raise CorpusError(f"{where}: there is no {row['file']}", path=file)
        emotion = (row.get("emotion") or "").strip() or None
        if emotion is not None and emotion not in AROUSAL_VALENCE:
            raise CorpusError(
                f"{where}: {emotion!r} is no emotion", path=file,
                remedy=f"Choose out of {', '.join(AROUSAL_VALENCE)}.",
            )  # fmt: skip
        arousal = _number(row.get("arousal"), -1.0, 1.0, file, where)
        valence = _number(row.get("valence"), -1.0, 1.0, file, where)
        rated = arousal is not None or valence is not None
        if emotion is not None and not rated:
            arousal, valence = AROUSAL_VALENCE[emotion]
        start = _number(row.get("start"), 0.0, 1e7, file, where) or 0.0
        end = _number(row.get("end"), 0.0, 1e7, file, where)
        if end is not None and end <= start:
            raise CorpusError(f"{where}: the utterance ends before it starts", path=file)
        speaker = f"{file.stem}-{row['speaker'].strip()}"
        known = one_hot(emotion) if emotion in EMOTIONS else None
        name = f"{row['file']}@{start:g}"
        result.append(
            Utterance(file.stem, name, sound, start, end, speaker, speaker, emotion, known,
                      arousal, valence, rated, "unknown")
        )  # fmt: skip
    if not result:
        raise CorpusError("the table has no utterances", path=file)
    return result


READERS: Mapping[str, Callable[[Path], list[Utterance]]] = {
    "emodb": read_emodb,
    "crema-d": read_crema_d,
    "nemo": read_nemo,
    "rated": read_rated,
    "table": read_table,
}
"""By the name that ``--corpus NAME=PATH`` uses."""


def read_corpora(corpora: Mapping[str, Path]) -> list[Utterance]:
    """All utterances of the named corpora, in an order that the file system does not change.

    Raises:
        CorpusError: A name is not known, or a corpus cannot be read.
    """
    result = []
    for name in sorted(corpora):
        if name not in READERS:
            raise CorpusError(
                f"there is no reader for the corpus {name!r}",
                remedy=f"Choose out of {', '.join(READERS)}.",
            )
        result += READERS[name](Path(corpora[name]))
    return sorted(result, key=lambda utterance: (utterance.corpus, utterance.name))


def _sounds(folder: Path, corpus: str, endings: Sequence[str]) -> list[Path]:
    if not folder.is_dir():
        raise CorpusError(f"there is no folder with {corpus}", path=folder)
    found = sorted(file for file in folder.iterdir() if file.suffix.lower() in endings)
    if not found:
        raise CorpusError(
            f"the folder holds no sounds of {corpus}",
            path=folder,
            remedy=f"Give the folder that the {' or '.join(endings)} files lie in.",
        )
    return found


def _rows(table: Path, needed: Sequence[str], *, delimiter: str = ",") -> Iterator[dict[str, str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, delimiter=delimiter)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise CorpusError(f"columns are missing ({', '.join(missing)})", path=table)
            for row in reader:
                if any(row[name] is None for name in needed):
                    raise CorpusError(f"line {reader.line_num} is too short", path=table)
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"the table cannot be read ({error})", path=table) from error


def _ratings(table: Path) -> dict[str, float]:
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"the ratings cannot be read ({error})", path=table) from error
    result = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            name, _, value = line.partition(",")
            rating = _number(value, -1.0, 1.0, table, f"line {number}")
            if rating is None:
                raise CorpusError(f"line {number} has no rating", path=table)
            result[Path(name.strip()).stem] = rating
    return result


def _number(
    text: str | None, lowest: float, highest: float, table: Path, where: str
) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise CorpusError(f"{where}: {text!r} is not a number", path=table) from None
    if not lowest <= value <= highest:
        raise CorpusError(f"{where}: {text} is not between {lowest} and {highest}", path=table)
    return value
