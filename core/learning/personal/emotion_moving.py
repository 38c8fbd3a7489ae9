"""How the network that hears emotion is moved: a few small steps, with replay beside them.

All layers are moved. What the network knew is guarded by windows drawn from the statistics of its
training data (:mod:`core.learning.emotion_replay`), and by speech of the user's videos that he
did not correct: both are to be heard as before (learning without forgetting, Li and Hoiem 2016).
Without the latter, a voice that is unlike the training data would soon be heard as what was
corrected, whatever it says. A few corrections count little against that, many count
much. To move the last layer alone forgets more for the same gain.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from core.errors import Cancelled
from core.learning.emotion_replay import Replay
from core.learning.personal.emotion_lessons import UNSAID, EmotionLesson
from core.learning.personal.emotion_settings import EmotionTuning
from core.networks.emotion import EmotionOutput
from core.networks.emotion_classes import LABELS
from core.networks.emotion_statistics import StatisticsNetwork
from core.networks.one_thread import one_thread

_NEW_BIAS = -4.0
"""Logit that an emotion begins with that the shipped network never learned."""
_NEW_PULL = 1e-2
_DRAWN_TO_BEGIN = 50
_MOST_OTHERS = 96
_MOST_WINDOWS = 512
"""That are looked at in one step, so that the time of a step has a limit."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Windows, what they should be heard as, and how much each of them counts.

    The windows of a correction count as much as one, however long it is.

    Attributes:
        windows: ``(N, S) float32``.
        emotions: ``(N,) int64``, UNSAID for none.
        dimensions: ``(N, 2) float32``, arousal and valence; NaN for none.
        weight: ``(N,) float32``.
        corrections: How many there are.
        others: ``(K, S) float32``, windows that are to be heard as before.
    """

    windows: torch.Tensor
    emotions: torch.Tensor
    dimensions: torch.Tensor
    weight: torch.Tensor
    corrections: int
    others: torch.Tensor

    @classmethod
    def of(cls, lessons: Sequence[EmotionLesson], learned: torch.Tensor) -> Wanted:
        """What lessons want.

        Args:
            lessons: Each of another video.
            learned: ``(8,) bool``, the labels that are learned; others are not wanted.
        """
        weight, corrections = [], 0
        parts = []
        for lesson in lessons:
            known = learned.numpy()[lesson.emotions] & (lesson.emotions != UNSAID)
            said = known | np.isfinite(lesson.arousal) | np.isfinite(lesson.valence)
            part = lesson.only(said)
            parts.append((part, np.where(known, lesson.emotions, UNSAID)[said]))
            _, own, counts = np.unique(part.spans, return_inverse=True, return_counts=True)
            weight.append(1 / counts[own] if len(own) else np.zeros(0))
            corrections += len(counts)
        if not corrections:
            empty = torch.zeros(0)
            return cls(empty, empty, empty, empty, 0, empty)
        columns = parts[0][0].windows.shape[1]
        others = np.concatenate([lesson.others.reshape(-1, columns) for lesson in lessons])
        dimensions = [np.stack([part.arousal, part.valence], axis=1) for part, _ in parts]
        return cls(
            torch.from_numpy(np.concatenate([part.windows for part, _ in parts])),
            torch.from_numpy(np.concatenate([emotions for _, emotions in parts])),
            torch.from_numpy(np.concatenate(dimensions)),
            torch.from_numpy(np.concatenate(weight).astype(np.float32)),
            corrections,
            torch.from_numpy(others),
        )

    def some(self, random: np.random.Generator) -> Wanted:
        """No more windows than a step looks at, which count for all of them."""
        count = len(self.windows)
        others = self.others[torch.from_numpy(random.permutation(len(self.others))[:_MOST_OTHERS])]
        if count <= _MOST_WINDOWS:
            return replace(self, others=others)
        chosen = torch.from_numpy(np.sort(random.permutation(count)[:_MOST_WINDOWS]))
        return Wanted(
            self.windows[chosen],
            self.emotions[chosen],
            self.dimensions[chosen],
            self.weight[chosen] * count / _MOST_WINDOWS,
            self.corrections,
            others,
        )

    def cost(self, network: StatisticsNetwork, index: int, settings: EmotionTuning) -> torch.Tensor:
        """How far one of the averaged networks is from what is wanted, in nats."""
        output = network.member(index, self.windows)
        named = self.emotions != UNSAID
        right = _levels(output)[named, self.emotions[named]]
        where = torch.stack([output.arousal, output.valence], 1)
        told = torch.isfinite(self.dimensions)
        away = torch.where(told, where - torch.nan_to_num(self.dimensions), 0.0).square()
        away = (self.weight[:, None] * away).sum()
        return settings.dimensions * away - (self.weight[named] * right).sum()


def moved(
    network: StatisticsNetwork,
    learned: torch.Tensor,
    replay: Replay,
    wanted: Wanted,
    settings: EmotionTuning,
    seed: int,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> StatisticsNetwork:
    """A copy whose averaged networks were moved, each by itself as they were trained.

    Args:
        network: Is left as it is.
        learned: ``(8,) bool``, the labels of the copy.
        replay: Of the network's training data.
        wanted: At least one correction.
        settings: How far it is moved.
        seed: Of the replay.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked at every step.

    Raises:
        Cancelled: ``cancelled()`` returned true.
    """
    tuned = copy.deepcopy(network).eval()
    new = learned & ~network.learned_labels
    tuned.learned_labels.copy_(learned)
    total = settings.steps * len(tuned.members)
    with one_thread():
        for index, member in enumerate(tuned.members):
            assert isinstance(member, nn.Sequential)
            random = np.random.default_rng([seed, index])
            if new.any():
                _begin_labels(member, new, replay, wanted, random)
            member.requires_grad_(True)
            optimiser = torch.optim.Adam(member.parameters(), lr=settings.rate)
            for step in range(settings.steps):
                if cancelled():
                    raise Cancelled
                progress((index * settings.steps + step) / total)
                for group in optimiser.param_groups:
                    group["lr"] = settings.rate * math.sin(
                        math.pi * (step + 1) / (settings.steps + 1)
                    )
                drawn = torch.from_numpy(replay.drawn(settings.drawn, random))
                some = wanted.some(random)
                loss = some.cost(tuned, index, settings)
                loss = loss + settings.replay * _apart(tuned, network, index, drawn, settings)
                if len(some.others):
                    kept = _apart(tuned, network, index, some.others, settings)
                    loss = loss + settings.others * kept
                loss = loss / (wanted.corrections + settings.replay + settings.others)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            member.requires_grad_(False)
    return tuned


def _begin_labels(
    member: nn.Sequential,
    new: torch.Tensor,
    replay: Replay,
    wanted: Wanted,
    random: np.random.Generator,
) -> None:
    """Lets labels that were never learned begin where a logistic regression puts them.

    Small steps would not bring them from nothing to where they are ever heard. What the other
    labels say stays as it is.
    """
    last = member[-1]
    assert isinstance(last, nn.Linear)
    named = wanted.emotions != UNSAID
    with torch.no_grad():
        learned = member[:-1](wanted.windows[named])
        drawn = member[:-1](torch.from_numpy(replay.drawn(_DRAWN_TO_BEGIN, random)))
        levels = [last(hidden)[:, : len(LABELS)] for hidden in (learned, drawn)]
    known_labels = torch.from_numpy(replay.rows > 0)
    places = torch.flatten(torch.nonzero(new))
    weight = torch.zeros(len(places), last.in_features, requires_grad=True)
    bias = torch.full((len(places),), _NEW_BIAS, requires_grad=True)
    known = torch.softmax(levels[1].masked_fill(new | ~known_labels, -torch.inf), 1)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=40, line_search_fn="strong_wolfe")

    def said(hidden: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        own = level.index_copy(1, places, functional.linear(hidden, weight, bias))
        silent = ~(known_labels | new)
        return torch.log_softmax(own.masked_fill(silent, -1e9), 1)

    def cost() -> torch.Tensor:
        optimiser.zero_grad()
        now = said(learned, levels[0])
        right = now[torch.arange(len(now)), wanted.emotions[named]]
        wishes = -(wanted.weight[named] * right).sum() / wanted.weight[named].sum()
        kept = functional.kl_div(said(drawn, levels[1]), known, reduction="batchmean")
        loss = wishes + kept + _NEW_PULL * weight.square().sum()
        loss.backward()
        return loss

    optimiser.step(cost)
    with torch.no_grad():
        last.weight[places] = weight
        last.bias[places] = bias


def _apart(
    tuned: StatisticsNetwork,
    network: StatisticsNetwork,
    index: int,
    windows: torch.Tensor,
    settings: EmotionTuning,
) -> torch.Tensor:
    """How differently the two hear windows, in nats of the classes."""
    now, before = tuned.member(index, windows), network.member(index, windows)
    chances = torch.softmax(before.logits, 1)
    apart = functional.kl_div(_levels(now), chances, reduction="none").sum(1)
    away = (now.arousal - before.arousal).square() + (now.valence - before.valence).square()
    return (apart + settings.dimensions * away).mean()


def _levels(output: EmotionOutput) -> torch.Tensor:
    """Logarithms of the probabilities; finite, so that what has none has a gradient of 0."""
    return torch.log_softmax(output.logits.clamp(min=-1e9), 1)
