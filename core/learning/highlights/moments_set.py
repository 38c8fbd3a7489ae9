"""Makes a set of composed videos from corpora of speech: the files, their labels, their truth."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core import __version__
from core.errors import Cancelled, CorpusError, UsageError
from core.files import replace_file
from core.learning.augmentation import Samples
from core.learning.corpora import Utterance, read_corpus
from core.learning.emotion_features import read_samples
from core.learning.highlights.moments import plan_videos
from core.learning.highlights.moments_plan import Take, VideoPlan
from core.learning.highlights.moments_recipe import USUAL, Recipe
from core.learning.highlights.moments_sound import compose_sound, speech_level
from core.learning.highlights.moments_video import footage_lengths, write_video, written_digest
from core.signals.framing import SAMPLE_RATE

LABELS, TRUTH = "labels.csv", "truth.json"
COLUMNS = ("video", "start", "end", "label", "annotator", "domain", "group")

_BEFORE, _AFTER = 0.05, 0.10
_SHARE_OF_READING = 0.05


def make_moments(
    corpora: Mapping[str, Path],
    out: Path,
    *,
    footage: Path | None = None,
    videos: int = 4,
    minutes: float = 8.0,
    seed: int = 0,
    speakers: Sequence[str] | None = None,
    recipe: Recipe = USUAL,
    progress: Callable[[float, str], None] = lambda share, message: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Composes videos with emotional moments of real speech, and writes their truth.

    A finished video is kept if its plan is still the same, so an interrupted run goes on where it
    ended; more videos, or more corpora, add to those that are there.

    Args:
        corpora: Folder or table by name, of :data:`core.learning.corpora.READERS`.
        out: Folder for the videos, ``labels.csv`` and ``truth.json``; made if there is none.
        footage: Folder with films for the pictures; None for made pictures only.
        videos: Number of videos of each corpus.
        minutes: Length of each video.
        seed: Decides everything that the corpora and the footage do not.
        speakers: Who may speak, of any of the corpora; None for all.
        recipe: What the videos are like.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each utterance and each second of video.

    Returns:
        The table of labels. Its rows are the runs of positive cells of 1 s, in whole seconds.

    Raises:
        UsageError: The request makes no sense, or names speakers whom no corpus has.
        CorpusError: A corpus cannot be read, or has too little calm or emotional speech.
        MediaError: Footage cannot be read, or a video cannot be encoded.
        Cancelled: ``cancelled()`` returned true; finished videos stay.
    """
    if seed < 0:
        raise UsageError(f"a seed of {seed} is below 0")
    if not 0 < minutes <= 600:
        raise UsageError(f"videos of {minutes:g} minutes cannot be made")

    def stage(first: float, last: float, message: str) -> Callable[[float], None]:
        def report(share: float) -> None:
            if cancelled():
                raise Cancelled
            progress(first + (last - first) * share, message)

        return report

    lengths = footage_lengths(footage)
    chosen = _chosen(corpora, speakers)
    plans: list[VideoPlan] = []
    step = _SHARE_OF_READING / len(chosen)
    for number, (name, rows) in enumerate(chosen.items()):
        reading = stage(step * number, step * (number + 1), f"reading {name}")
        plans += plan_videos(
            measured(rows, reading), videos=videos, seconds=round(60 * minutes, 3), seed=seed,
            footage=lengths, recipe=recipe,
        )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    step = (1 - _SHARE_OF_READING) / len(plans)
    for number, plan in enumerate(plans):
        begin = _SHARE_OF_READING + step * number
        _make(plan, chosen[plan.corpus], footage, out, stage(begin, begin + step, plan.name))
    facts = {
        "emotion-shortform": __version__,
        "command": _command(corpora, out, footage, videos, minutes, seed, speakers, recipe),
        "seed": seed,
        "recipe": recipe.as_json(),
        "footage": lengths,
        "corpora": {name: _described(rows) for name, rows in chosen.items()},
    }
    _write_truth(out, plans, facts)
    progress(1.0, "done")
    return out / LABELS


def measured(
    utterances: Sequence[Utterance], progress: Callable[[float], None] = lambda share: None
) -> list[Take]:
    """The utterances without the silence around their speech, and how loud they are.

    Args:
        utterances: Whose sounds are read.
        progress: Called before each with the share that is done; what it raises ends the work.

    Raises:
        CorpusError: A sound cannot be read, or is silent.
    """
    takes = []
    for number, row in enumerate(utterances):
        progress(number / len(utterances))
        samples = read_samples(row)
        try:
            level, first, last = speech_level(samples)
        except UsageError as problem:
            raise CorpusError(f"{row.name} is silent", path=row.file) from problem
        begin = max(0.0, first / SAMPLE_RATE - _BEFORE)
        end = min(len(samples) / SAMPLE_RATE, last / SAMPLE_RATE + _AFTER)
        takes.append(Take(row, round(begin, 3), round(end - begin, 3), level))
    return takes


def _chosen(
    corpora: Mapping[str, Path], speakers: Sequence[str] | None
) -> dict[str, list[Utterance]]:
    """The utterances of those who may speak, by the name of their corpus."""
    if not corpora:
        raise UsageError("no corpus is named", remedy="Add --corpus nemo=PATH.")
    chosen: dict[str, list[Utterance]] = {}
    known: set[str] = set()
    for reader in sorted(corpora):
        for row in read_corpus(reader, Path(corpora[reader])):
            known.add(row.speaker)
            if speakers is None or row.speaker in speakers:
                chosen.setdefault(row.corpus, []).append(row)
    if missing := sorted(set(speakers or ()) - known):
        raise UsageError(
            f"no corpus has the speakers {', '.join(missing)}",
            remedy=f"There are {', '.join(sorted(known)[:8])} and so on.",
        )
    return chosen


def _make(
    plan: VideoPlan,
    utterances: Sequence[Utterance],
    footage: Path | None,
    out: Path,
    progress: Callable[[float], None],
) -> None:
    target = out / f"{plan.name}.mp4"
    if target.is_file() and written_digest(target) == plan.digest():
        return
    rows = {row.name: row for row in utterances}

    def read(name: str) -> Samples:
        return read_samples(rows[name])

    sound = compose_sound(plan, read, progress=lambda share: progress(0.2 * share))
    unfinished = out / f".{plan.name}.part"
    try:
        write_video(
            plan, sound, footage, unfinished, progress=lambda share: progress(0.2 + 0.8 * share)
        )
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _described(rows: Sequence[Utterance]) -> dict[str, Any]:
    return {
        "utterances": len(rows),
        "speakers": sorted({row.speaker for row in rows}),
        "licences": sorted({row.licence for row in rows}),
    }


def _write_truth(out: Path, plans: Sequence[VideoPlan], facts: Mapping[str, Any]) -> None:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for plan in plans:
        who = "+".join(plan.speakers)
        for start, end in plan.positive_spans():
            row = (f"{plan.name}.mp4", start, end, 1, "truth", plan.corpus, who)
            writer.writerow(row)
    truth = {**facts, "videos": [plan.as_json() for plan in plans]}
    text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    replace_file(out / TRUTH, text.encode())
    replace_file(out / LABELS, table.getvalue().encode())


def _command(
    corpora: Mapping[str, Path],
    out: Path,
    footage: Path | None,
    videos: int,
    minutes: float,
    seed: int,
    speakers: Sequence[str] | None,
    recipe: Recipe,
) -> str:
    words = ["emotion-shortform", "moments"]
    for name, path in corpora.items():
        words += ["--corpus", f"{name}={path}"]
    if speakers is not None:
        words += ["--speakers", ",".join(speakers)]
    if footage is not None:
        words += ["--footage", str(footage)]
    words += ["--out", str(out), "--videos", str(videos), "--minutes", f"{minutes:g}"]
    words += ["--seed", str(seed)]
    if recipe.effort:
        words.append("--effort")
    return shlex.join(words)
