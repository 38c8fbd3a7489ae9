"""The network that hears emotion in statistics of a window of speech."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn

from core.errors import ModelError
from core.networks.emotion import EmotionNetwork, EmotionOutput, speech_first
from core.networks.emotion_classes import LABELS

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of every column."""
PITCH_SHARES = (0.05, 0.2, 0.5, 0.8, 0.95)
"""Quantiles of the pitch, over the voiced frames alone."""
VOICED = 0.6
"""Voicing from which a frame has a pitch."""
LEAST_VOICED = 5
"""Voiced frames that a window needs for anything to be said of its pitch."""
RISE = 0.1
"""Semitones from one frame to the next that count as rising pitch."""
FRAMES_PER_SECOND = 50
_BEYOND = 1e4


@dataclass(frozen=True)
class StatisticsSettings:
    """The shape of a :class:`StatisticsNetwork`, stored in the card of its weights.

    Args:
        inputs: Columns of a frame.
        pitch: Column of the pitch.
        voicing: Column of the voicing.
        kind: ``statistics``.
        hidden: Units of each of the two hidden layers.
        members: Networks whose claims are averaged.
        dropout: Share of hidden units that are silent in training, 0 to 1.
        input_dropout: Share of statistics that are silent in training, 0 to 1.

    Raises:
        ModelError: A value is outside of what makes a network.
    """

    inputs: int
    pitch: int
    voicing: int
    kind: str = "statistics"
    hidden: int = 384
    members: int = 3
    dropout: float = 0.5
    input_dropout: float = 0.1

    def __post_init__(self) -> None:
        whole = (self.inputs, self.pitch, self.voicing, self.hidden, self.members)
        shares = (self.dropout, self.input_dropout)
        if (
            self.kind != "statistics"
            or not all(type(value) is int for value in whole)
            or not all(isinstance(value, int | float) and 0 <= value < 1 for value in shares)
            or not (2 <= self.inputs <= 1024 and 1 <= self.hidden <= 4096)
            or not (0 <= self.pitch < self.inputs and 0 <= self.voicing < self.inputs)
            or not 1 <= self.members <= 32
        ):
            raise ModelError(
                f"no network over statistics has the shape {asdict(self)}",
                remedy="Choose sizes that are positive.",
            )

    @property
    def statistics(self) -> int:
        """Numbers that describe a window."""
        return (len(SHARES) + 5) * (self.inputs - 1) + len(PITCH_SHARES) + 6


class StatisticsNetwork(EmotionNetwork):
    """Statistics of a window → two hidden layers → three outputs; the mean of a few such networks.

    A fixed set of functionals over low-level descriptors, as openSMILE made usual (Eyben et al.
    2010; Schuller et al. 2013), in place of a learned pooling: with a few thousand utterances
    there is too little to learn one from. Statistics and not frames are normalised, so that a
    voice is heard beside its own usual pitch *range*, not only its usual pitch.

    Args:
        settings: The shape of the network.
    """

    prior = 10
    rows_per_second = 1

    def __init__(self, settings: StatisticsSettings) -> None:
        super().__init__(settings.statistics)
        self.settings = settings
        self.members = nn.ModuleList(
            nn.Sequential(
                nn.Dropout(settings.input_dropout),
                nn.Linear(settings.statistics, settings.hidden),
                nn.GELU(),
                nn.Dropout(settings.dropout),
                nn.Linear(settings.hidden, settings.hidden),
                nn.GELU(),
                nn.Dropout(settings.dropout),
                nn.Linear(settings.hidden, len(LABELS) + 2),
            )
            for _ in range(settings.members)
        )

    def describe(self, frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        settings = self.settings
        frames, lengths = speech_first(frames, mask, settings.inputs)
        return window_statistics(frames, lengths, pitch=settings.pitch, voicing=settings.voicing)

    def usual(self, described: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return described

    def forward(self, described: torch.Tensor, mask: torch.Tensor) -> EmotionOutput:
        if described.ndim != 2 or described.shape[1] != self.settings.statistics:
            raise ModelError(
                f"the emotion network reads {self.settings.statistics} statistics, "
                f"not an array of shape {tuple(described.shape)}"
            )
        outputs = [self.member(index, described) for index in range(len(self.members))]
        shares = torch.stack([torch.softmax(output.logits, dim=1) for output in outputs])
        return EmotionOutput(
            torch.log(shares.mean(dim=0)),
            torch.stack([output.arousal for output in outputs]).mean(dim=0),
            torch.stack([output.valence for output in outputs]).mean(dim=0),
        )

    def member(self, index: int, described: torch.Tensor) -> EmotionOutput:
        """What one of the averaged networks says."""
        values = self.members[index](described)
        logits = values[:, : len(LABELS)].masked_fill(~self.learned_labels, -torch.inf)
        dimensions = torch.tanh(values[:, len(LABELS) :])
        return EmotionOutput(logits, dimensions[:, 0], dimensions[:, 1])


def window_statistics(
    frames: torch.Tensor, lengths: torch.Tensor, *, pitch: int, voicing: int
) -> torch.Tensor:
    """Functionals of the first frames of each window; the others change nothing.

    Of every column but the pitch: mean, deviation, five quantiles, mean and root mean square of
    the steps between frames, mean over the voiced frames. Of the pitch, over voiced frames: mean,
    deviation, five quantiles, mean step, share of rising steps. Then voiced stretches per second
    and the share of voiced frames.

    Args:
        frames: (B, F, C) float32.
        lengths: (B,) frames of each row, 1 or more.
        pitch: Column of the pitch.
        voicing: Column of the voicing.

    Returns:
        (B, S) float32; NaN where a window has fewer than 5 voiced frames to measure them on.
    """
    valid = torch.arange(frames.shape[1], device=frames.device) < lengths[:, None]
    frames = torch.where(valid.unsqueeze(2), frames, 0.0)
    count = valid.sum(dim=1, keepdim=True).float()
    inside = valid.unsqueeze(2)
    others = [column for column in range(frames.shape[2]) if column != pitch]
    values = frames[..., others]
    mean = values.sum(dim=1) / count
    spread = torch.where(inside, (values - mean[:, None]).square(), 0.0).sum(dim=1) / count
    ordered = torch.where(inside, values, _BEYOND).sort(dim=1).values
    quantiles = [_at(ordered, count, share) for share in SHARES]
    steps = torch.where(inside[:, 1:], values[:, 1:] - values[:, :-1], 0.0)
    between = (count - 1).clamp(min=1)
    voiced = valid & (frames[..., voicing] > VOICED)
    voiced_count = voiced.sum(dim=1, keepdim=True).float()
    some = voiced_count.clamp(min=1)
    voiced_mean = torch.where(voiced.unsqueeze(2), values, 0.0).sum(dim=1) / some
    tones = _pitch_statistics(frames[..., pitch], voiced, some)
    begins = voiced & ~torch.nn.functional.pad(voiced[:, :-1], (1, 0), value=False)
    rate = begins.sum(dim=1, keepdim=True) / count * FRAMES_PER_SECOND
    enough = voiced_count >= LEAST_VOICED
    return torch.cat(
        [
            mean,
            spread.sqrt(),
            *quantiles,
            steps.abs().sum(dim=1) / between,
            (steps.square().sum(dim=1) / between).sqrt(),
            torch.where(enough, voiced_mean, torch.nan),
            torch.where(enough, tones, torch.nan),
            rate,
            voiced_count / count,
        ],
        dim=1,
    )


def _pitch_statistics(
    tones: torch.Tensor, voiced: torch.Tensor, count: torch.Tensor
) -> torch.Tensor:
    """(B, 9): mean, deviation, quantiles, mean step, share of rising steps."""
    mean = torch.where(voiced, tones, 0.0).sum(dim=1, keepdim=True) / count
    spread = torch.where(voiced, (tones - mean).square(), 0.0).sum(dim=1, keepdim=True) / count
    ordered = torch.where(voiced, tones, _BEYOND).sort(dim=1).values.unsqueeze(2)
    both = voiced[:, 1:] & voiced[:, :-1]
    steps = torch.where(both, tones[:, 1:] - tones[:, :-1], 0.0)
    pairs = both.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.cat(
        [
            mean,
            spread.sqrt(),
            *(_at(ordered, count, share) for share in PITCH_SHARES),
            steps.abs().sum(dim=1, keepdim=True) / pairs,
            (steps > RISE).sum(dim=1, keepdim=True) / pairs,
        ],
        dim=1,
    )


def _at(ordered: torch.Tensor, count: torch.Tensor, share: float) -> torch.Tensor:
    """(B, C): the nearest value to a quantile of the first ``count`` of each sorted row."""
    place = ((count - 1) * share).round().long()
    return ordered.gather(1, place.unsqueeze(2).expand(-1, -1, ordered.shape[2])).squeeze(1)
