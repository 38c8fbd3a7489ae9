"""Reference recognisers: what a network must beat on the same rows before it is worth anything."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.balance import smote, thin
from core.learning.corpora import Utterance
from core.learning.recogniser import AROUSAL, CLAIMS, VALENCE, Claimant, Recogniser, digest
from core.networks.emotion_classes import EMOTIONS, LABELS
from core.signals.mfcc import COEFFICIENTS, LOUDNESS_COLUMN
from core.signals.speech_emotion import Normalisation

EPOCHS = 60
"""Passes of the perceptrons; fixed beforehand, so that no test part chooses when to stop."""
BATCH = 32
"""Utterances of one step of theirs."""
HIDDEN = 128
"""Units of their one hidden layer."""
PENALTY = 0.1
"""Weight of their squared weights in the loss."""
ROUNDS = 100
"""Trees of each class and dimension; fixed beforehand."""
ROUNDS_AT_ONCE = 10
"""Trees between two looks at ``cancelled()``."""
PRIOR_FRAMES = 150
"""Frames (3 s) that the training data's statistics weigh against those of a speaker."""
QUINTILES = (0.2, 0.4, 0.6, 0.8)

Learned = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From features (N, 2 · COEFFICIENTS) to claims (N, CLAIMS)."""
Predict = Callable[[NDArray[np.float32]], NDArray[np.floating]]
Step = Callable[[float], None]
"""Says what share is done, and raises Cancelled."""


class Reference(Recogniser):
    """Learns from two rows of numbers per utterance: the mean and the deviation of its MFCC.

    The frames are normalised per speaker over all utterances of that speaker, whose labels are
    not needed for that, like those of a video.

    Args:
        utterances: The table, N rows.
        spoken: Speech frames of each utterance, (n, C) float32 with the MFCC in the first
            columns; n may be 0.

    Raises:
        UsageError: The frames do not fit the table.
    """

    def __init__(
        self, utterances: Sequence[Utterance], spoken: Sequence[NDArray[np.float32]]
    ) -> None:
        if len(utterances) != len(spoken):
            raise UsageError(f"{len(spoken)} sounds do not fit {len(utterances)} utterances")
        for frames in spoken:
            if frames.ndim != 2 or frames.shape[1] < COEFFICIENTS:
                raise UsageError(f"frames of shape {frames.shape} hold no {COEFFICIENTS} MFCC")
        self._spoken = [frames[:, :COEFFICIENTS] for frames in spoken]
        self._heard = np.array([len(frames) > 0 for frames in spoken], bool)
        self._speakers = np.array([row.speaker for row in utterances])
        self._classes = np.array([_class_of(row) for row in utterances], np.int64)
        ratings = [[row.arousal, row.valence] for row in utterances]
        self._dimensions = np.array(ratings, np.float64).reshape(-1, 2)

    def identity(self) -> Any:
        sizes = EPOCHS, BATCH, HIDDEN, PENALTY, ROUNDS, PRIOR_FRAMES
        return self.name, sizes, digest(self._spoken)

    def fit(
        self,
        rows: NDArray[np.int64],
        *,
        seed: int,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Claimant:
        """Learns from the labels of these rows alone.

        Raises:
            CorpusError: None of the rows has both speech and a class.
            Cancelled: ``cancelled()`` returned true.
        """
        rows = rows[self._heard[rows]]
        if not (self._classes[rows] >= 0).any():
            raise CorpusError("no utterance has an emotion to learn from")

        def step(done: float) -> None:
            progress(done)
            if cancelled():
                raise Cancelled

        features = self._features(rows, _part(step, 0.0, 0.1))
        learned = self._learn(
            features[rows],
            self._classes[rows],
            self._dimensions[rows],
            seed,
            _part(step, 0.1, 1.0),
        )
        progress(1.0)

        def claim(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            claims = np.full((len(rows), CLAIMS), np.nan, np.float32)
            heard = self._heard[rows]
            if heard.any():
                claims[heard] = learned(features[rows[heard]])
                claims[:, AROUSAL:] = np.clip(claims[:, AROUSAL:], -1.0, 1.0)
            return claims

        return claim

    @abstractmethod
    def _learn(
        self,
        features: NDArray[np.float32],
        classes: NDArray[np.int64],
        dimensions: NDArray[np.float64],
        seed: int,
        step: Step,
    ) -> Learned:
        """From training rows alone: classes are -1, dimensions NaN where unknown."""

    def _features(self, rows: NDArray[np.int64], step: Step) -> NDArray[np.float32]:
        """(N, 2 · COEFFICIENTS) float32 of the whole table; 0 without speech."""
        frames = np.concatenate([self._spoken[row] for row in rows])
        mean, deviation = frames.mean(0, np.float64), frames.std(0, np.float64) + 1e-3
        prior = Normalisation(mean.astype(np.float32), deviation.astype(np.float32))
        result = np.zeros((len(self._spoken), 2 * COEFFICIENTS), np.float32)
        speakers = np.unique(self._speakers)
        for number, speaker in enumerate(speakers):
            step(number / len(speakers))
            own = np.flatnonzero((self._speakers == speaker) & self._heard)
            if not len(own):
                continue
            spoken = np.concatenate([self._spoken[row] for row in own])
            usual = Normalisation.of(spoken, prior, prior=PRIOR_FRAMES)
            for row in own:
                normal = usual.apply(self._spoken[row])
                result[row] = np.concatenate([normal.mean(axis=0), normal.std(axis=0)])
        return result


class Majority(Reference):
    """Always says the shares of the classes and the mean arousal and valence of the training."""

    name = "majority"

    def _learn(
        self,
        features: NDArray[np.float32],
        classes: NDArray[np.int64],
        dimensions: NDArray[np.float64],
        seed: int,
        step: Step,
    ) -> Learned:
        claim = np.concatenate([_shares(classes), _means(dimensions)]).astype(np.float32)
        return lambda features: np.tile(claim, (len(features), 1))


class LoudnessAlone(Reference):
    """Knows nothing but how loud an utterance is beside the others of its speaker.

    Arousal is a line through the level, the classes have their shares in each fifth of the
    levels, and valence is constant.
    """

    name = "loudness alone"

    def _learn(
        self,
        features: NDArray[np.float32],
        classes: NDArray[np.int64],
        dimensions: NDArray[np.float64],
        seed: int,
        step: Step,
    ) -> Learned:
        level = features[:, LOUDNESS_COLUMN].astype(np.float64)
        constant_arousal, valence = _means(dimensions)
        known = np.isfinite(dimensions[:, 0])
        away = level[known] - level[known].mean() if known.any() else np.zeros(0)
        spread = float(np.sum(np.square(away)))
        slope = float(away @ dimensions[known, 0]) / spread if spread > 0 else 0.0
        usual = float(level[known].mean()) if known.any() else 0.0
        classed = classes >= 0
        edges = np.quantile(level[classed], QUINTILES)
        fifth = np.searchsorted(edges, level, side="right")
        overall = _shares(classes)
        shares = []
        for index in range(len(QUINTILES) + 1):
            inside = classes[classed & (fifth == index)]
            counts = np.bincount(inside, minlength=len(LABELS)) + overall
            shares.append(counts / counts.sum())
        table = np.array(shares)

        def claim(features: NDArray[np.float32]) -> NDArray[np.float32]:
            level = features[:, LOUDNESS_COLUMN].astype(np.float64)
            claims = np.empty((len(features), CLAIMS), np.float32)
            claims[:, : len(LABELS)] = table[np.searchsorted(edges, level, side="right")]
            claims[:, AROUSAL] = constant_arousal + slope * (level - usual)
            claims[:, VALENCE] = valence
            return claims

        return claim


class PerTarget(Reference):
    """One model for the classes, one for arousal, one for valence, each on the rows that know it.

    Where fewer than two classes or two values are known, the claim is their share or mean.
    """

    columns: slice
    """Of the features that the models see."""

    @abstractmethod
    def _fit_classes(
        self, features: NDArray[np.float32], classes: NDArray[np.int64], seed: int, step: Step
    ) -> Predict:
        """Probabilities (N, K) of the K classes that occur, in ascending order."""

    @abstractmethod
    def _fit_values(
        self, features: NDArray[np.float32], values: NDArray[np.float64], seed: int, step: Step
    ) -> Predict:
        """Values (N,)."""

    def _learn(
        self,
        features: NDArray[np.float32],
        classes: NDArray[np.int64],
        dimensions: NDArray[np.float64],
        seed: int,
        step: Step,
    ) -> Learned:
        features = features[:, self.columns]
        models: list[tuple[NDArray[np.int64], Predict]] = []
        classed = classes >= 0
        present = np.unique(classes[classed])
        if len(present) > 1:
            within = _part(step, 0.0, 0.8)
            model = self._fit_classes(features[classed], classes[classed], seed, within)
            models.append((present, model))
        for index, column in enumerate((AROUSAL, VALENCE)):
            known = np.isfinite(dimensions[:, index])
            if known.sum() > 1:
                within = _part(step, 0.8 + 0.1 * index, 0.9 + 0.1 * index)
                model = self._fit_values(features[known], dimensions[known, index], seed, within)
                models.append((np.array([column]), model))
        constant = np.concatenate([_shares(classes), _means(dimensions)]).astype(np.float32)

        def claim(features: NDArray[np.float32]) -> NDArray[np.float32]:
            claims = np.tile(constant, (len(features), 1))
            for columns, model in models:
                predicted = model(features[:, self.columns])
                claims[:, columns] = predicted.reshape(len(features), len(columns))
            return claims

        return claim


class MeanMfccPerceptron(PerTarget):
    """The original system's classical row: a perceptron on the mean MFCC of an utterance.

    Args:
        utterances: The table.
        spoken: Speech frames of each utterance.
        resampled: As the original did, neutral is thinned out to the second largest class and
            SMOTE fills the others up, among the training rows alone.

    Raises:
        UsageError: The frames do not fit the table.
    """

    columns = slice(0, COEFFICIENTS)

    def __init__(
        self,
        utterances: Sequence[Utterance],
        spoken: Sequence[NDArray[np.float32]],
        *,
        resampled: bool = False,
    ) -> None:
        super().__init__(utterances, spoken)
        self._resampled = resampled
        self.name = "MLP on mean MFCC" + (", thinned and SMOTE" if resampled else "")

    def _fit_classes(
        self, features: NDArray[np.float32], classes: NDArray[np.int64], seed: int, step: Step
    ) -> Predict:
        from sklearn.neural_network import MLPClassifier

        scale = _scale(features)
        shown = scale(features)
        if self._resampled:
            kept = thin([LABELS[index] for index in classes], seed=seed)
            shown, classes = smote(shown[kept], classes[kept], seed)
        model = MLPClassifier(**_perceptron(len(shown), seed))
        for order in _epochs(len(classes), seed, step):
            model.partial_fit(shown[order], classes[order], classes=np.unique(classes))
        return lambda features: np.asarray(model.predict_proba(scale(features)))

    def _fit_values(
        self, features: NDArray[np.float32], values: NDArray[np.float64], seed: int, step: Step
    ) -> Predict:
        from sklearn.neural_network import MLPRegressor

        scale = _scale(features)
        shown = scale(features)
        usual = values.mean()
        model = MLPRegressor(**_perceptron(len(shown), seed))
        for order in _epochs(len(values), seed, step):
            model.partial_fit(shown[order], values[order] - usual)
        return lambda features: usual + np.asarray(model.predict(scale(features)))


class GradientBoosting(PerTarget):
    """Boosted trees on the mean and the deviation of the MFCC, in histograms (Ke et al. 2017)."""

    name = "gradient boosting"
    columns = slice(0, 2 * COEFFICIENTS)

    def _fit_classes(
        self, features: NDArray[np.float32], classes: NDArray[np.int64], seed: int, step: Step
    ) -> Predict:
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(
            early_stopping=False, warm_start=True, random_state=seed
        )
        for rounds in _rounds(step):
            model.set_params(max_iter=rounds).fit(features, classes)
        return lambda features: np.asarray(model.predict_proba(features))

    def _fit_values(
        self, features: NDArray[np.float32], values: NDArray[np.float64], seed: int, step: Step
    ) -> Predict:
        from sklearn.ensemble import HistGradientBoostingRegressor

        model = HistGradientBoostingRegressor(
            early_stopping=False, warm_start=True, random_state=seed
        )
        for rounds in _rounds(step):
            model.set_params(max_iter=rounds).fit(features, values)
        return lambda features: np.asarray(model.predict(features))


def _part(step: Step, low: float, high: float) -> Step:
    """The steps of a part of the work, 0 to 1, as those of the whole."""
    return lambda done: step(low + (high - low) * done)


def _perceptron(rows: int, seed: int) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": (HIDDEN,),
        "alpha": PENALTY,
        "batch_size": min(BATCH, rows),
        "random_state": seed,
    }


def _epochs(rows: int, seed: int, step: Step) -> Iterator[NDArray[np.int64]]:
    """The rows in another order for each pass."""
    random = np.random.default_rng(seed)
    for epoch in range(EPOCHS):
        step(epoch / EPOCHS)
        yield random.permutation(rows)


def _rounds(step: Step) -> Iterator[int]:
    for rounds in range(0, ROUNDS, ROUNDS_AT_ONCE):
        step(rounds / ROUNDS)
        yield rounds + ROUNDS_AT_ONCE


def _scale(features: NDArray[np.float32]) -> Predict:
    centre, spread = features.mean(axis=0), features.std(axis=0) + np.float32(1e-3)
    return lambda features: (features - centre) / spread


def _class_of(utterance: Utterance) -> int:
    """Index into LABELS; -1 without a class."""
    if utterance.emotion == "boredom":
        return LABELS.index("boredom")
    if utterance.distribution is None:
        return -1
    return LABELS.index(EMOTIONS[int(np.argmax(utterance.distribution))])


def _shares(classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """(len(LABELS),) float64, of the rows that have a class."""
    counts = np.bincount(classes[classes >= 0], minlength=len(LABELS))
    return np.asarray(counts / counts.sum())


def _means(dimensions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2,) float64: mean arousal and valence; 0, as of neutral speech, where none is known."""
    known = np.isfinite(dimensions)
    sums = np.where(known, dimensions, 0.0).sum(axis=0)
    return np.asarray(sums / np.maximum(1, known.sum(axis=0)))
