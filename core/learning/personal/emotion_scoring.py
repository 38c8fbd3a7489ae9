"""How well weights hear what the user said is heard, video by video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UsageError
from core.learning.personal.emotion_lessons import UNSAID, EmotionLesson
from core.networks.emotion import EmotionNetwork
from core.networks.emotion_classes import EMOTIONS
from core.networks.emotion_weights import load_emotion_network
from core.signals.speech_emotion import emotion_contract, shown_claims, temperature_of

CLASSES, AROUSAL, VALENCE = "classes", "arousal", "valence"
"""Names of the measures."""


def score_emotion(weights: Path, lessons: Sequence[EmotionLesson]) -> dict[str, dict[str, float]]:
    """Measures of weights on corrections; honest on videos that they were not tuned on.

    ``classes`` is the share of the corrected speech that is heard as the user says, ``arousal`` and
    ``valence`` are 1 − half the mean absolute error: all are 0 to 1, and more is better. Every
    correction of a video counts the same, however long it is.

    Args:
        weights: Their folder: the shipped ones, or ones that were tuned from them.
        lessons: One for each video, described by the shipped weights.

    Returns:
        By video, the measures by name; those that a video has no correction for are left out, and
        so are videos without any.

    Raises:
        ModelError: The weights are missing or damaged.
        UsageError: They are of another kind than those that described the lessons.
    """
    # Networks are filled with random numbers before their weights come.
    with torch.random.fork_rng(devices=[]):
        network, card = load_emotion_network(weights, contract=emotion_contract())
    temperature = temperature_of(card)
    scores = {}
    for lesson in sorted(lessons, key=lambda lesson: lesson.video):
        if lesson.windows.shape[1] != len(network.training_mean) or network.rows_per_second != 1:
            raise UsageError(
                f"the speech of the video {lesson.video} was described for another network",
                path=weights,
                remedy="Make the lessons with the weights that are to be compared.",
            )
        if len(lesson.windows):
            found = _scores(lesson, heard_windows(network, lesson.windows, temperature))
            scores[lesson.video] = found
    return scores


def heard_windows(
    network: EmotionNetwork, windows: NDArray[np.float32], temperature: float
) -> NDArray[np.float32]:
    """What the application shows of windows of speech.

    Args:
        network: Over statistics.
        windows: ``(N, S) float32``, normalised descriptions.
        temperature: Of the network's card.

    Returns:
        ``(N, 10) float32``, the columns of :class:`core.signals.speech_emotion.SpeechEmotion`.
    """
    mask = torch.ones(len(windows), 1, dtype=torch.bool)
    with torch.inference_mode():
        output = network(torch.from_numpy(windows), mask)
        shares = torch.softmax(output.logits, dim=1)
        claims = torch.cat([shares, output.arousal[:, None], output.valence[:, None]], dim=1)
    return shown_claims(claims.numpy(), temperature)


def _scores(lesson: EmotionLesson, heard: NDArray[np.float32]) -> dict[str, float]:
    right = heard[:, : len(EMOTIONS)].argmax(axis=1) == lesson.emotions
    named = lesson.emotions != UNSAID
    found = {}
    for name, values, known in (
        (CLASSES, right.astype(np.float64), named),
        (AROUSAL, *_closeness(heard[:, -3], lesson.arousal)),
        (VALENCE, *_closeness(heard[:, -2], lesson.valence)),
    ):
        if known.any():
            spans = lesson.spans[known]
            own = [values[known][spans == span].mean() for span in np.unique(spans)]
            found[name] = float(np.mean(own))
    return found


def _closeness(
    heard: NDArray[np.float32], said: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return 1 - np.abs(heard - said).astype(np.float64) / 2, ~np.isnan(said)
