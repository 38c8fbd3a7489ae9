"""Moves a trained fusion network a little, towards what an editor wants, and no further.

What the network knew is guarded in four ways. Weights that matter to it are held by elastic
weight consolidation (Kirkpatrick et al. 2017), so that the videos it learned from need not be at
hand. Where the editor said nothing, it should go on saying what it said (learning without
forgetting, Li and Hoiem 2016). Few videos count little against both. And whatever was learned, the
weights go only so far from where they were towards it as leaves the editor's own videos with
nearly the same curve (along the line between both, as Wortsman et al. 2022).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Cancelled, UsageError
from core.learning.personal.lesson_pieces import Piece, PiecedLesson
from core.learning.personal.lessons import Lesson
from core.networks.one_thread import one_thread

if TYPE_CHECKING:
    import torch

    from core.networks.fusion import FusionNetwork

VIDEOS = 8
"""The most videos of a step: its time has a limit."""
_EDGE = 1e-3
_HALVINGS = 6


@dataclass(frozen=True)
class TuningSettings:
    """How far, and how fast, a network is moved.

    Attributes:
        steps: Updates of the weights.
        rate: Highest learning rate (Adam), if there were very many corrected videos.
        half: Corrected videos at which both the rate and what the wishes count for are half of
            that.
        consolidation: What a nat counts that the network would differ from the shipped one by, in
            each cell of the videos that that one learned from.
        distillation: The same in the cells of the user's videos that he said nothing of.
        leash: The most nats that the network may differ by from the shipped one, mean over the
            cells of the user's videos, if there were very many of them; of few, the same share as
            of the rate.

    Raises:
        UsageError: A number makes no sense.
    """

    steps: int = 30
    rate: float = 4e-3
    half: float = 3.0
    consolidation: float = 100.0
    distillation: float = 1.0
    leash: float = 0.03

    def __post_init__(self) -> None:
        if self.steps < 1 or not 0 < self.rate <= 1:
            raise UsageError(
                f"nothing can be tuned in {self.steps} steps with a rate of {self.rate:g}",
                remedy="Choose 1 step or more, and a rate above 0 and up to 1.",
            )
        for name in ("half", "consolidation", "distillation", "leash"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(
                    f"the {name} cannot be {getattr(self, name):g}", remedy="Choose 0 or more."
                )


def tune_network(
    network: FusionNetwork,
    importance: Mapping[str, torch.Tensor],
    lessons: Sequence[Lesson],
    share: float,
    *,
    settings: TuningSettings,
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> FusionNetwork:
    """A moved copy of a network; the same lessons and seed give the same weights.

    A moment that is wanted more than another of the same video should score higher: the logistic
    loss of pairs (Burges et al. 2005), each weighted by how much both count and by how different
    the wishes are. The score is the whole curve: what the network does not decide, such as the
    picture's share, is not learned a second time.

    Args:
        network: Is left as it is.
        importance: By parameter, of :func:`core.learning.highlights.fusion_importance
            .measure_importance`.
        lessons: That teach, of different videos; groups that the network does not look at are
            ignored, and of those that a video does not have nothing is learned.
        share: Of the network in the curve, above 0 and up to 1.
        settings: How far it is moved.
        seed: Of the order in which videos and their parts are looked at.
        progress: Receives the share that is done, 0…1.
        cancelled: Asked at every step.

    Raises:
        UsageError: There is no lesson, or one has other columns than the network.
        Cancelled: ``cancelled()`` returned true.
    """
    import copy

    import torch

    if not lessons:
        raise UsageError("there is nothing to tune a network on")
    ordered = sorted(lessons, key=lambda lesson: lesson.video)
    random = np.random.default_rng(seed)
    with one_thread():
        videos = [PiecedLesson(number, lesson, network) for number, lesson in enumerate(ordered)]
        tuned = copy.deepcopy(network).eval()
        anchors = {name: tensor.detach().clone() for name, tensor in tuned.named_parameters()}
        optimizer = torch.optim.Adam(tuned.parameters(), lr=settings.rate)
        counts = len(videos) / (len(videos) + settings.half)
        for step in range(settings.steps):
            if cancelled():
                raise Cancelled
            progress(step / settings.steps)
            for group in optimizer.param_groups:
                group["lr"] = counts * settings.rate * _height((step + 1) / (settings.steps + 1))
            chosen = random.permutation(len(videos))[:VIDEOS]
            parts = [part for index in chosen for part in videos[index].drawn(random)]
            wishes, kept = _losses(tuned, parts, share)
            held = sum(
                (importance[name] * (tensor - anchors[name]).square()).sum()
                for name, tensor in tuned.named_parameters()
            )
            loss = counts * wishes + settings.distillation * kept
            loss = loss + settings.consolidation * held / 2
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tuned.parameters(), 1.0)
            optimizer.step()
        some = random.permutation(len(videos))[:VIDEOS]
        parts = [part for index in some for part in videos[index].drawn(random)]
        _hold(tuned, anchors, parts, counts * settings.leash)
    progress(1.0)
    return tuned


def _losses(
    network: FusionNetwork, parts: Sequence[Piece], share: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """How far the curve is from the wishes, and how far the network is from the shipped one."""
    import torch

    found: dict[int, list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]] = {}
    apart = []
    for now, part in zip(_logits(network, parts), parts, strict=True):
        chance, before = torch.sigmoid(now), torch.sigmoid(part.shipped)
        score = part.base + torch.where(part.asked, share * (chance - before), 0.0)
        known = part.inner & (part.weight > 0)
        found.setdefault(part.video, []).append(
            (score[known], part.wanted[known], part.weight[known])
        )
        silent = part.inner & part.asked & (part.weight == 0)
        apart.append(_divergence(part.shipped, now)[silent])
    wishes = [
        _pairs(*(torch.cat(column) for column in zip(*pieces, strict=True)))
        for pieces in found.values()
    ]
    silence = torch.cat(apart)
    return torch.stack(wishes).mean(), silence.sum() / max(1, len(silence))


def _logits(network: FusionNetwork, parts: Sequence[Piece]) -> list[torch.Tensor]:
    """What a network says of the cells of each piece."""
    import torch

    pad = torch.nn.utils.rnn.pad_sequence
    lengths = [len(part.features) for part in parts]
    logits = network(
        pad([part.features for part in parts], True),
        torch.tensor(lengths),
        pad([part.present for part in parts], True),
    ).logits
    return [row[:length] for row, length in zip(logits, lengths, strict=True)]


def _divergence(before: torch.Tensor, now: torch.Tensor) -> torch.Tensor:
    """Of Kullback and Leibler, in nats, between probabilities given as logits."""
    import torch
    from torch.nn import functional

    chance = torch.sigmoid(before)
    cost = functional.binary_cross_entropy_with_logits
    return cost(now, chance, reduction="none") - cost(before, chance, reduction="none")


def _hold(
    network: FusionNetwork,
    anchors: Mapping[str, torch.Tensor],
    parts: Sequence[Piece],
    limit: float,
) -> None:
    """Pulls weights back towards where they were until the network differs by no more."""
    import torch

    moves = {name: now.detach() - anchors[name] for name, now in network.named_parameters()}

    def difference(share: float) -> float:
        for name, parameter in network.named_parameters():
            parameter.copy_(anchors[name] + share * moves[name])
        apart = [
            _divergence(part.shipped, now)[part.inner & part.asked]
            for now, part in zip(_logits(network, parts), parts, strict=True)
        ]
        return float(torch.cat(apart).mean())

    with torch.no_grad():
        if difference(1.0) <= limit:
            return
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if difference(middle) <= limit else (low, middle)
        difference(low)


def _pairs(score: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted mean over pairs of cells with different wishes; 0 if there are none."""
    import torch
    from torch.nn import functional

    logits = torch.logit(score, eps=_EDGE)
    counts = (wanted[:, None] - wanted).clamp(min=0) * weight[:, None] * weight
    cost = counts * functional.softplus(logits - logits[:, None])
    return cost.sum() / counts.sum().clamp(min=1e-9)


def _height(share: float) -> float:
    """Of the learning rate: it rises and falls, so that neither end is abrupt."""
    return math.sin(math.pi * share)
