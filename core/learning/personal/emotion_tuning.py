"""Tunes the weights that hear emotion on what a user says is heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.errors import Cancelled, UsageError
from core.learning.emotion_replay import load_replay
from core.learning.personal.emotion_lessons import EmotionLesson, tunable
from core.learning.personal.emotion_moving import Wanted, moved
from core.learning.personal.emotion_settings import GENTLE, EmotionTuning
from core.networks.emotion_classes import EMOTIONS, LABELS
from core.networks.emotion_statistics import StatisticsNetwork
from core.networks.emotion_weights import load_emotion_network
from core.networks.weights import save_weights
from core.signals.speech_emotion import emotion_contract

YOURS = "your corrections"
"""In the place of a corpus, in the data of a card."""


def tune_emotion(
    lessons: Sequence[EmotionLesson],
    shipped: Path,
    out: Path,
    *,
    settings: EmotionTuning = GENTLE,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Weights that were moved towards corrections, in a folder of their own.

    The same lessons and seed give the same bytes, in whatever order the lessons come. Nothing is
    written before everything is computed.

    Args:
        lessons: One for each video, described by the shipped weights.
        shipped: Folder of the weights to begin with; is left as it is.
        out: Folder that the tuned ones go to.
        settings: How far they are moved.
        seed: Of the replay.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked at every step.

    Returns:
        The card: all that the shipped one says of network and features; ``shipped`` its checksum;
        in ``data`` the corrected videos beside what the shipped weights learned from; ``unlearned``
        the corrections, by emotion, that were too few for an emotion that the shipped network
        never learned (of those only arousal and valence are learned), and ``notes`` that say so.
        The temperature is the shipped one: a few corrections, which were trained on at that, cannot
        measure it anew.

    Raises:
        UsageError: Nothing can be learned from the lessons, two are of one video, the weights are
            of a kind that cannot be tuned, or ``out`` is their own folder.
        ModelError: The weights or the statistics beside them are missing or damaged, or the tuned
            ones cannot be saved.
        Cancelled: ``cancelled()`` returned true.
    """
    if out.resolve() == shipped.resolve():
        raise UsageError(
            "the weights cannot be tuned in their own folder",
            path=out,
            remedy="Name another folder for the tuned ones.",
        )
    # Networks are filled with random numbers before their weights come.
    with torch.random.fork_rng(devices=[]):
        tunable(shipped)
        network, card = load_emotion_network(shipped, contract=emotion_contract())
    assert isinstance(network, StatisticsNetwork)
    replay = load_replay(shipped, network)
    ordered = _checked(lessons, network)
    counts = _counts(ordered)
    learned, unlearned = _learned(ordered, network.learned_labels, settings)
    wanted = Wanted.of(ordered, learned)
    if not wanted.corrections:
        raise UsageError(
            "nothing can be learned of what is heard: "
            + (_unlearned_note(unlearned, settings) or "no speech is heard where it was corrected"),
            remedy="Correct what is heard in some more places where somebody speaks.",
        )
    tuned = moved(network, learned, replay, wanted, settings, seed, progress, cancelled)
    if cancelled():
        raise Cancelled
    notes = [note for note in [_unlearned_note(unlearned, settings)] if note]
    kept = (
        "contract", "labels", "emotions", "network", "temperature", "calibration", "baselines",
    )  # fmt: skip
    trained = [name for name, known in zip(LABELS, learned.tolist(), strict=True) if known]
    written = save_weights(
        out,
        tuned.state_dict(),
        {
            **{name: card[name] for name in kept if name in card},
            "name": f"{card.get('name', 'speech-emotion')}, tuned on your corrections",
            "shipped": card["sha256"],
            "trained_emotions": [name for name in EMOTIONS if name in trained],
            "data": [*(card.get("data") or []), {"corpus": YOURS, **counts}],
            "tuning": {**asdict(settings), "seed": seed},
            "unlearned": unlearned,
            "notes": notes,
        },
    )
    progress(1.0)
    return written


def _checked(lessons: Sequence[EmotionLesson], network: StatisticsNetwork) -> list[EmotionLesson]:
    ordered = sorted(lessons, key=lambda lesson: lesson.video)
    for lesson in ordered:
        if lesson.windows.shape[1] != network.settings.statistics:
            raise UsageError(
                f"the speech of the video {lesson.video} was described for another network",
                remedy="Make the lessons with the weights that are to be tuned.",
            )
    if len({lesson.video for lesson in ordered}) != len(ordered):
        raise UsageError(
            "the corrections of a video are there twice",
            remedy="Give the corrections of one video as one lesson.",
        )
    return ordered


def _counts(lessons: Sequence[EmotionLesson]) -> dict[str, Any]:
    """How many corrections there are, by video and by what they say."""
    emotions = {
        name: sum(_naming(lesson, index) for lesson in lessons)
        for index, name in enumerate(EMOTIONS)
    }
    return {
        "videos": {lesson.video: lesson.corrections for lesson in lessons},
        "emotions": {name: count for name, count in emotions.items() if count},
        **{
            name: sum(
                len(np.unique(lesson.spans[~np.isnan(getattr(lesson, name))])) for lesson in lessons
            )
            for name in ("arousal", "valence")
        },
        "silent": sum(lesson.silent for lesson in lessons),
    }


def _naming(lesson: EmotionLesson, emotion: int) -> int:
    """Corrections that name an emotion."""
    return len(np.unique(lesson.spans[lesson.emotions == emotion]))


def _learned(
    lessons: Sequence[EmotionLesson], known: torch.Tensor, settings: EmotionTuning
) -> tuple[torch.Tensor, dict[str, int]]:
    """The labels of the tuned network, and the corrections by emotion that are none of them."""
    learned, unlearned = known.clone(), {}
    for index, name in enumerate(EMOTIONS):
        counts = [count for lesson in lessons if (count := _naming(lesson, index))]
        if known[index] or not counts:
            continue
        if sum(counts) >= settings.least_new and len(counts) >= settings.least_videos:
            learned[index] = True
        else:
            unlearned[name] = sum(counts)
    return learned, unlearned


def _unlearned_note(unlearned: Mapping[str, int], settings: EmotionTuning) -> str:
    """What the user is told of them; empty if there are none."""
    if not unlearned:
        return ""
    told = ", ".join(f"{name} ({count})" for name, count in unlearned.items())
    return (
        f"{told} was never learned before, and is learned from {settings.least_new} corrections "
        f"in {settings.least_videos} videos on"
    )
