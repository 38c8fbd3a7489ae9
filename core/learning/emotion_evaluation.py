"""What speech emotion weights are worth on corpora, beside what knows nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError, ModelError
from core.learning.corpora import Utterance, read_corpora
from core.learning.emotion_features import CellFrames, read_cells
from core.learning.emotion_report import HIGH_AROUSAL, Run, report_rows, write_report
from core.learning.metrics import unweighted_recall
from core.learning.recogniser import CLAIMS
from core.networks.weights import load_card
from core.places import MODELS
from core.signals.framing import FRAMES_PER_SECOND
from core.signals.mfcc import LOUDNESS_COLUMN
from core.signals.speech_emotion import BEFORE, SpeechEmotion

BLANK_CELLS = -(-BEFORE // FRAMES_PER_SECOND)
"""Cells of silence between two utterances, so that no claim hears the one before."""


@dataclass(frozen=True)
class LoudnessBaseline:
    """Arousal from nothing but how loud an utterance is beside the others of its speaker.

    Args:
        slope: Arousal per deviation of the speaker's loudness.
        intercept: Arousal at the speaker's usual loudness.
        threshold: Loudness that told high from low arousal best in the training part.
    """

    slope: float
    intercept: float
    threshold: float

    @classmethod
    def fit(cls, utterances: Sequence[Utterance], level: NDArray[np.float64]) -> LoudnessBaseline:
        """Least squares on training utterances that have an arousal; zeros if none has."""
        known = [index for index, row in enumerate(utterances) if row.arousal is not None]
        if len(known) < 2:
            return cls(0.0, 0.0, 0.0)
        level = level[known]
        arousal = np.array([utterances[index].arousal for index in known], float)
        slope, intercept = np.polyfit(level, arousal, 1) if np.ptp(level) else (0.0, arousal.mean())
        high = (arousal > HIGH_AROUSAL).astype(np.int64)
        candidates = np.quantile(level, np.linspace(0.05, 0.95, 37))
        recalls = [unweighted_recall(high, (level > c).astype(np.int64)) for c in candidates]
        return cls(float(slope), float(intercept), float(candidates[int(np.argmax(recalls))]))

    def as_json(self) -> dict[str, float]:
        """Plain numbers for the card."""
        return {key: round(value, 4) for key, value in vars(self).items()}

    def run(self, level: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """(N,) arousal, and (N,) whether it counts as high."""
        return self.slope * level + self.intercept, level > self.threshold


def evaluate_emotion(
    weights: str | os.PathLike[str] | None,
    corpora: Mapping[str, Path],
    *,
    out: Path | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Measures a folder of weights on corpora, through the same signal that tags videos.

    The result is only as honest as the corpora are strange to the weights: it says which of them
    the card names as training data.

    Args:
        weights: Folder, of frame networks or of a fine-tuned encoder; the shipped one if None.
        corpora: Folder or table of each corpus by its name.
        out: Folder for ``report.json``, ``report.md`` and the confusion matrices; None for none.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each file.

    Returns:
        ``results`` (each beside its trivial baselines), ``confusion`` by corpus, ``warnings``,
        ``version``.

    Raises:
        CorpusError: A corpus cannot be read.
        ModelError: The weights cannot be read.
        Cancelled: ``cancelled()`` returned true.
    """
    place = Path(weights) if weights is not None else MODELS / SpeechEmotion.name
    card = load_card(place)
    try:
        baseline = LoudnessBaseline(**card["baselines"]["loudness"])
        constant = np.array(card["baselines"]["constant"], np.float32).reshape(CLAIMS)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            "the card of the weights has no trivial baselines to compare with",
            path=place,
            remedy="Use weights of `emotion-shortform train emotion`.",
        ) from error
    utterances = read_corpora(corpora)

    def reading(done: float) -> None:
        if progress is not None:
            progress(0.8 * done, "reading the corpora")

    cells = [
        versions[0] for versions in read_cells(utterances, progress=reading, cancelled=cancelled)
    ]
    claims, version = _claims(place, card, utterances, cells)
    level = loudness(utterances, cells)
    arousal, loud = baseline.run(level)
    run = Run(np.arange(len(utterances)), claims, arousal, loud)
    trained = {entry["corpus"] for entry in card.get("data") or []}
    report = {
        "version": version,
        "warnings": [
            f"{name} was trained on: its rows say nothing about new speakers"
            for name in sorted(trained & {row.corpus for row in utterances})
        ],
        **report_rows(utterances, [run], {"constant": np.tile(constant, (len(utterances), 1))}),
    }
    if out is not None:
        write_report(out, report)
    if progress is not None:
        progress(1.0, "done")
    return report


def _claims(
    place: Path,
    card: Mapping[str, Any],
    utterances: Sequence[Utterance],
    cells: Sequence[CellFrames],
) -> tuple[NDArray[np.float32], str]:
    if card["contract"].get("front_end") != "waveform":
        signal = SpeechEmotion(place)
        return claims_of(signal, utterances, cells), signal.version
    from core.learning.emotion_features import read_samples
    from core.learning.encoder_training import EncoderClaimant
    from core.networks.speech_encoder import load_speech_encoder

    network, card = load_speech_encoder(place)
    claimant = EncoderClaimant(network, [read_samples(row) for row in utterances])
    return claimant(np.arange(len(utterances))), f"encoder-{card['sha256'][:12]}"


def claims_of(
    signal: SpeechEmotion, utterances: Sequence[Utterance], cells: Sequence[CellFrames]
) -> NDArray[np.float32]:
    """Tags each speaker's utterances like one video with silence between them.

    Args:
        signal: With the weights to measure.
        utterances: N of them.
        cells: Of each utterance, as recorded.

    Returns:
        (N, CLAIMS) float32: the mean of the claims about an utterance's cells; NaN without speech.
    """
    if not len(utterances):
        raise CorpusError("there are no utterances to hear")
    claims = np.full((len(utterances), CLAIMS), np.nan, np.float32)
    for speaker in sorted({row.speaker for row in utterances}):
        own = [index for index, row in enumerate(utterances) if row.speaker == speaker]
        blank = np.full((BLANK_CELLS, *cells[own[0]].frames.shape[1:]), np.nan, np.float32)
        silence = np.zeros(blank.shape[:2], np.float32)
        frames = np.concatenate([part for i in own for part in (cells[i].frames, blank)])
        speech = np.concatenate([part for i in own for part in (cells[i].speech, silence)])
        track = signal.hear(frames, speech)
        start = 0
        for index in own:
            said = track[start : start + len(cells[index].frames)]
            said = said[np.isfinite(said[:, 0])]
            if len(said):
                claims[index] = said.mean(axis=0)
            start += len(cells[index].frames) + BLANK_CELLS
    return claims


def loudness(utterances: Sequence[Utterance], cells: Sequence[CellFrames]) -> NDArray[np.float64]:
    """(N,) float64: mean level of each utterance's speech, in deviations of its speaker's."""
    levels = [own.spoken[:, LOUDNESS_COLUMN].astype(np.float64) for own in cells]
    result = np.zeros(len(utterances))
    speakers = np.array([row.speaker for row in utterances])
    for speaker in sorted(set(speakers)):
        indices = np.flatnonzero(speakers == speaker)
        all_frames = np.concatenate([levels[index] for index in indices])
        if not len(all_frames):
            continue
        mean, deviation = all_frames.mean(), all_frames.std() + 1e-3
        for index in indices:
            if len(levels[index]):
                result[index] = (levels[index].mean() - mean) / deviation
    return result
