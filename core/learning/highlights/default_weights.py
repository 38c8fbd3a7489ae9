"""Makes the fusion weights that come with the application, from corpora of speech alone.

Nobody labelled raw videos that could be had, so what is learned is the emotional half: moments of
emotional speech in composed videos, whose truth is known. The speech emotion network that hears the
composed videos of some speakers was trained on the other speakers, so that the fusion learns from
claims as good, or as bad, as those about strangers. Pictures and position keep their shares of the
transparent baseline: the footage says nothing about the truth.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.analysis.emotion_track import DEFAULT_WEIGHTS as EMOTION_WEIGHTS
from core.errors import UsageError
from core.learning.corpora import Utterance, read_corpus
from core.learning.emotion_card import ATTRIBUTION
from core.learning.emotion_training import Plan, train_emotion
from core.learning.highlights.feature_extraction import extract_features
from core.learning.highlights.fusion_plan import FusionPlan, LabelledStore
from core.learning.highlights.fusion_training import train_fusion
from core.learning.highlights.moments import speaker_parts
from core.learning.highlights.moments_recipe import EFFORT, Recipe
from core.learning.highlights.moments_set import make_moments
from core.learning.highlights.readers import read_videos

TRAINED_ON = ("crema-d", "emodb")
"""Corpora whose licences allow weights that are given away."""
TESTED_ON = "nemo"
HALVES = ("a", "b")

CAUTIONS = (
    "They have seen no labels of people. A highlight is, for them, a stretch of excited speech.",
    "Excited is anger, fear, happiness, surprise and disgust; calm is neutral, bored and sad.",
    "So what is quiet and moving, crying for instance, is calm to them.",
    "All speech is acted, and a program composed the videos.",
    "The measures say how well such moments are found, not what an audience would keep.",
    "The footage knows nothing of the truth, so in the measures the picture is mere noise.",
    "It keeps its share, for where people label videos visual energy is better than chance.",
    "'nemo' has the levels of its files, which were brought close together.",
    "'nemo-effort' has levels by a convention, with which loudness tells as much as in life.",
    (
        "Of two settings of the training, the second was chosen by learning from one of EMO-DB and "
        "CREMA-D and testing on the other, after both sets had been looked at with the first."
    ),
    "Six speakers share the test videos: over strangers, intervals would be wider.",
)

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class MomentSet:
    """One set of composed videos.

    Attributes:
        name: Of its folder.
        corpus: Of the speech.
        half: Whose speakers talk, one of :data:`HALVES`; empty for all.
        videos: How many.
        minutes: Of each.
        seed: Of the composition.
        recipe: What they are like.
    """

    name: str
    corpus: str
    half: str
    videos: int
    minutes: float
    seed: int
    recipe: Recipe


SETS = (
    MomentSet("crema-a", "crema-d", "a", 6, 6.0, 0, Recipe(speakers=(2, 8))),
    MomentSet("emodb-a", "emodb", "a", 2, 6.0, 1, Recipe()),
    MomentSet("emodb-effort-a", "emodb", "a", 2, 6.0, 2, Recipe(effort=EFFORT)),
    MomentSet("crema-b", "crema-d", "b", 6, 6.0, 3, Recipe(speakers=(2, 8))),
    MomentSet("emodb-b", "emodb", "b", 2, 6.0, 4, Recipe()),
    MomentSet("emodb-effort-b", "emodb", "b", 2, 6.0, 5, Recipe(effort=EFFORT)),
    MomentSet("nemo", TESTED_ON, "", 6, 8.0, 6, Recipe()),
    MomentSet("nemo-effort", TESTED_ON, "", 6, 8.0, 7, Recipe(effort=EFFORT)),
)


def make_default_weights(
    corpora: Mapping[str, Path],
    footage: Path,
    work: Path,
    out: Path,
    *,
    command: str = "",
    progress: Progress = lambda fraction, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Composes, hears, learns and measures; what is finished in ``work`` is not made again.

    Args:
        corpora: Folders of :data:`TRAINED_ON` and :data:`TESTED_ON`, by the names of the readers.
        footage: Folder of videos whose pictures are shown.
        work: Folder for the composed videos, their features and the networks of the halves; 1 GB.
        out: Folder of the weights.
        command: What makes them again, for the reports.
        progress: Receives the fraction that is done, 0…1, and what is being done.
        cancelled: Asked at every step.

    Returns:
        The card of the fusion weights.

    Raises:
        UsageError: A corpus is not named.
        Cancelled: ``cancelled()`` returned true.
    """
    if missing := sorted({*TRAINED_ON, TESTED_ON} - set(corpora)):
        raise UsageError(
            f"the corpora {', '.join(missing)} are missing",
            remedy=f"Add --corpus {missing[0]}=PATH.",
        )
    rows = [row for name in TRAINED_ON for row in read_corpus(name, Path(corpora[name]))]
    halves = speaker_parts(rows, dict.fromkeys(HALVES, 1 / len(HALVES)), 0)
    networks = {
        half: _network_without(half, halves, rows, work, _part(progress, 0.0, 0.2, half), cancelled)
        for half in HALVES
    }
    sets = {}
    for number, item in enumerate(SETS):
        begin, width = 0.2 + 0.7 * number / len(SETS), 0.7 / len(SETS)
        own = {row.speaker for row in rows if row.corpus == item.corpus}
        speakers = sorted(own & set(halves[item.half])) if item.half else None
        labels = make_moments(
            {item.corpus: Path(corpora[item.corpus])},
            work / item.name,
            footage=footage,
            videos=item.videos,
            minutes=item.minutes,
            seed=item.seed,
            speakers=speakers,
            recipe=item.recipe,
            progress=_part(progress, begin, 0.6 * width, item.name),
            cancelled=cancelled,
        )
        store = extract_features(
            work / item.name,
            work / "store" / item.name,
            progress=_part(progress, begin + 0.6 * width, 0.4 * width, item.name),
            cancelled=cancelled,
            emotion_weights=networks[item.half] if item.half else EMOTION_WEIGHTS,
        )
        sets[item.name] = LabelledStore(item.name, read_videos("table", labels), store)
    return train_fusion(
        [sets[item.name] for item in SETS if item.half],
        out,
        FusionPlan(
            name="composed moments of EMO-DB and CREMA-D",
            cautions=CAUTIONS,
            credits=tuple(ATTRIBUTION[name] for name in ("emodb", "crema-d", "nemo")),
        ),
        tests=[sets[item.name] for item in SETS if not item.half],
        command=command,
        progress=_part(progress, 0.9, 0.1, ""),
        cancelled=cancelled,
    )


def _network_without(
    half: str,
    halves: Mapping[str, Sequence[str]],
    rows: Sequence[Utterance],
    work: Path,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Path:
    """The folder of a speech emotion network that has not heard the speakers of a half."""
    other = next(name for name in HALVES if name != half)
    out = work / f"emotion-{other}"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("file", "speaker", "emotion"))
    for row in rows:
        if row.speaker in halves[other]:
            writer.writerow((row.file.absolute(), row.speaker, row.emotion))
    table = work / f"half-{other}.csv"
    same = table.is_file() and table.read_bytes() == text.getvalue().encode()
    if same and (out / "card.json").exists():
        return out
    work.mkdir(parents=True, exist_ok=True)
    table.write_bytes(text.getvalue().encode())
    train_emotion({"table": table}, out, Plan(folds=0), progress=progress, cancelled=cancelled)
    return out


def _part(progress: Progress, begin: float, width: float, name: str) -> Progress:
    def step(fraction: float, message: str) -> None:
        progress(begin + width * fraction, f"{name}: {message}" if name else message)

    return step
